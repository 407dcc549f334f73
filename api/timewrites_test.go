package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/fixture"
)

// drafted is an hour of Ann's on a draft.
func drafted(t *testing.T, w *world) (entry, invoice string) {
	t.Helper()
	entry = "/time-entries/" + w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 60})[0].String()
	return entry, w.draft(t)
}

// draft is where a new draft through the 15th is.
func (w *world) draft(t *testing.T) string {
	t.Helper()
	return "/invoices/" + w.as(w.AM).must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []uuid.UUID{w.Project}, "through": "2026-03-15"}).str("id")
}

func TestTimeIsCorrectedByWhoRecordedIt(t *testing.T) { // S1.21, N.14
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann)
	path := "/time-entries/" + ann.must("POST", timeOn(w.Task), session(object{"remaining_minutes": 60})).str("id")
	changed := ann.must("PATCH", path, object{"minutes": 30, "description": "Less", "remaining_minutes": 0, "billing": "internal", "work_date": "2026-03-18", "start": "2026-03-18T09:00:00Z"})
	has(t, changed.body, object{"minutes": 30, "description": "Less", "remaining_minutes": 0, "billing": "internal", "work_date": "2026-03-18", "start": "2026-03-18T09:00:00Z", "version": 2})
	has(t, ann.must("PATCH", path, object{}).body, object{"version": 2})
	ann.with("If-Match", `"1"`).refused(412, "stale", "PATCH", path, object{"minutes": 5})
	ann.refused(422, "future_date", "PATCH", path, object{"work_date": "2026-03-21"})
	for _, body := range []object{{"minutes": 0}, {"description": " "}, {"billing": "x"}, {"remaining_minutes": -1}, {"user_id": w.Bob}, {"project_id": w.Task}, {"task_id": nil}} {
		ann.refused(422, "invalid", "PATCH", path, body)
	}
	w.as(w.Bob).refused(403, "not_author", "PATCH", path, object{"minutes": 5})
	w.as(w.Bob).refused(403, "not_author", "DELETE", path, nil)
	w.as(w.AM).must("PATCH", path, object{"minutes": 45})
	w.as(w.admin).must("PATCH", path, object{"minutes": 50})
	ann.with("If-Match", `"1"`).refused(412, "stale", "DELETE", path, nil)
	ann.must("DELETE", path, nil)
	ann.refused(404, "not_found", "GET", path, nil)
	ann.refused(404, "not_found", "DELETE", path, nil)
	ann.refused(404, "not_found", "PATCH", path, object{"minutes": 5})
	if n := fixture.One[int](t, w.Pool, `SELECT (SELECT count(*) FROM audit_event WHERE entity_kind = 'time_entry') * 10 + (SELECT count(*) FROM outbox)`); n != 50 {
		t.Errorf("audited and told: %d, want 5 times, and no process", n)
	}
}

func TestADraftFollowsItsTime(t *testing.T) { // S1.75, billing, "Void and credit"
	t.Parallel()
	w := newWorld(t)
	entry, invoice := drafted(t, w)
	ann, am := w.as(w.Ann), w.as(w.AM)
	has(t, am.must("GET", invoice, nil).body, object{"subtotal": "100.00"})
	has(t, ann.must("PATCH", entry, object{"minutes": 90}).body, object{"invoice_id": invoice[len("/invoices/"):]})
	has(t, am.must("GET", invoice, nil).body, object{"subtotal": "150.00", "tax": "30.00", "total": "180.00"})
	ann.must("PATCH", entry, object{"billing": "no_charge"})
	has(t, am.must("GET", invoice, nil).body, object{"subtotal": "0.00"})
	has(t, ann.must("PATCH", entry, object{"billing": "internal"}).body, object{"invoice_id": nil})
	has(t, am.must("GET", invoice, nil).body, object{"subtotal": "0.00", "lines": []any{}})
	ann.must("PATCH", entry, object{"billing": "billable"}) // on no draft any more: collecting finds it
	has(t, am.must("POST", invoice+"/collect", object{}).body, object{"subtotal": "150.00"})
	has(t, ann.must("PATCH", entry, object{"work_date": day(16)}).body, object{"invoice_id": nil}) // after the draft's end
	has(t, am.must("GET", invoice, nil).body, object{"subtotal": "0.00"})
	has(t, am.must("POST", invoice+"/collect", object{"through": "2026-03-31"}).body, object{"subtotal": "150.00"})
	ann.must("DELETE", entry, nil)
	has(t, am.must("GET", invoice, nil).body, object{"subtotal": "0.00"})
}

func TestTimeOnACompletedInvoiceIsLocked(t *testing.T) { // S1.77, billing lesson 8
	t.Parallel()
	w := newWorld(t)
	entry, invoice := drafted(t, w)
	w.Exec(t, `UPDATE invoice SET state = 'complete', series = 'INV', year = 2026, sequence = 1, number = 'INV-2026-00001', issued_on = '2026-04-01', due_on = '2026-05-01', snapshot = '{}', completed_at = now() WHERE id = $1`, uuid.MustParse(invoice[len("/invoices/"):]))
	for _, who := range []uuid.UUID{w.Ann, w.AM, w.admin} {
		w.as(who).refused(409, "time_invoiced", "PATCH", entry, object{"minutes": 5})
		w.as(who).refused(409, "time_invoiced", "DELETE", entry, nil)
	}
	has(t, w.as(w.Ann).must("GET", entry, nil).body, object{"minutes": 60, "version": 1})
	has(t, w.as(w.AM).must("GET", invoice, nil).body, object{"total": "120.00"})
}

// What was invoiced once is kept with what it was then: the time may be changed when
// it was released, and not deleted.
func TestReleasedTimeIsChangedAndNotDeleted(t *testing.T) { // S1.21, N.04, billing "Void and credit"
	t.Parallel()
	w := newWorld(t).inEarnest(t)
	am, ann := w.as(w.AM), w.as(w.Ann)
	line := func(invoice string) string {
		return am.must("GET", "/invoices/"+invoice, nil).body["lines"].([]any)[0].(object)["id"].(string)
	}
	first := w.invoice(t, 60)
	entry := "/time-entries/" + fixture.One[uuid.UUID](t, w.Pool, `SELECT id FROM time_entry`).String()
	kept := func(what string) {
		t.Helper()
		a := ann.refused(409, "time_invoiced", "DELETE", entry, nil)
		if !strings.Contains(a.text, "internal") {
			t.Errorf("%s: no way out of %s", what, a.text)
		}
	}
	am.must("POST", "/invoices/"+first+"/void", object{"reason": "wrong client"})
	kept("of a void invoice")
	second := w.invoice(t, 30)
	am.must("POST", "/invoices/"+second+"/credit", object{"lines": []any{object{"line_id": line(second), "treatment": "release"}}})
	kept("of a credit note")
	ann.must("PATCH", entry, object{"minutes": 45, "billing": "internal"})
	if e := am.must("GET", "/invoices/"+second+"/lines/"+line(second)+"/explain", nil); !strings.Contains(e.text, `"minutes":60`) {
		t.Errorf("the line forgot what it was: %s", e.text)
	}
}

func TestTimeWithoutARateStaysOffADraftThatItWasOn(t *testing.T) { // S1.13
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `UPDATE rate SET valid = '[2026-03-01,)' WHERE person_id = $1`, w.Ann)
	entry, invoice := drafted(t, w)
	w.as(w.Ann).refused(409, "missing_rate", "PATCH", entry, object{"work_date": "2026-02-27"})
	has(t, w.as(w.Ann).must("GET", entry, nil).body, object{"work_date": "2026-03-03", "version": 1})
	has(t, w.as(w.AM).must("GET", invoice, nil).body, object{"subtotal": "100.00"})
}

func TestTimeChangedWhileItIsCollectedIsNeitherLostNorDoubled(t *testing.T) { // S1.74, S1.75
	t.Parallel()
	w := newWorld(t)
	entry, invoice := drafted(t, w)
	ann, am := w.as(w.Ann), w.as(w.AM)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if a := ann.send("PATCH", entry, object{"minutes": 60 + i}); a.status != 200 {
				t.Errorf("changing: %d %s", a.status, a.text)
			}
		})
		wg.Go(func() {
			if a := am.send("POST", invoice+"/collect", object{}); a.status != 200 {
				t.Errorf("collecting: %d %s", a.status, a.text)
			}
		})
	}
	wg.Wait()
	minutes := fixture.One[int](t, w.Pool, `SELECT minutes FROM time_entry`)
	lines := fixture.One[string](t, w.Pool, `SELECT string_agg(l.minutes::text, ' ') FROM invoice_line l JOIN time_entry e ON e.invoice_line_id = l.id`)
	if lines != fmt.Sprint(minutes) {
		t.Errorf("the entry has %d minutes, its line %s", minutes, lines)
	}
}

// Both have locked their own project when they are about to bring the draft up to
// date, unless they lock all that is on it in one order.
func TestTwoWhoChangeTimeOfOneDraftDoNotWaitInACircle(t *testing.T) { // S1.75
	t.Parallel()
	w := newWorld(t)
	other := w.as(w.AM).must("POST", "/projects", w.project(object{"code": "OTHER"})).str("id")
	w.Exec(t, `UPDATE project SET status = 'active' WHERE id = $1`, other)
	mine := w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: civil.Of(2026, 3, 10), Minutes: 60})[0]
	task := w.store.NewID()
	w.Exec(t, `INSERT INTO task (id, project_id, number, title, owner_id, assignee_person_id) VALUES ($1, $2, 1, 'More', $3, $3)`, task, other, w.Ann)
	theirs := w.store.NewID()
	w.Exec(t, `INSERT INTO time_entry (id, task_id, project_id, person_id, work_date, minutes, description) VALUES ($1, $2, $3, $4, '2026-03-10', 60, 'more')`, theirs, task, other, w.Ann)
	w.as(w.AM).must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []any{w.Project, other}, "through": "2026-03-31"})
	m := fixture.NewMeeting(t, w.Pool, `SELECT FROM time_entry WHERE id = $1 FOR UPDATE`, theirs)
	change := func(id uuid.UUID) func() answer {
		return func() answer { return w.as(w.Ann).send("PATCH", "/time-entries/"+id.String(), object{"minutes": 90}) }
	}
	first := fixture.Do(t, m, change(theirs))
	second := fixture.Do(t, m, change(mine))
	w.Exec(t, `SELECT FROM time_entry WHERE id = $1 FOR UPDATE NOWAIT`, mine) // who waits for the first holds nothing yet
	m.Release(t)
	for _, a := range []answer{<-first, <-second} {
		if a.status != http.StatusOK {
			t.Errorf("answered %s", a.text)
		}
	}
}
