package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/fixture"
)

// day is a day of March 2026; the clock stands at noon of the 20th.
func day(d int) civil.Date { return civil.Of(2026, time.March, d) }

// time is where time is recorded on a task.
func timeOn(task uuid.UUID) string { return "/tasks/" + task.String() + "/time" }

func session(more object) object {
	body := object{"work_date": "2026-03-19", "minutes": 90, "description": "Callbacks that come twice"}
	for k, v := range more {
		body[k] = v
	}
	return body
}

func TestTimeIsRecordedPerSession(t *testing.T) { // S1.21, S1.22, S1.82, N.14
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann)
	made := ann.must("POST", timeOn(w.Task), session(object{"remaining_minutes": 240, "billing": "no_charge"}))
	has(t, made.body, object{"task_id": w.Task, "project_id": w.Project, "user_id": w.Ann, "work_date": "2026-03-19", "start": nil, "minutes": 90,
		"description": "Callbacks that come twice", "billing": "no_charge", "remaining_minutes": 240, "invoice_id": nil, "version": 1})
	if made.status != http.StatusCreated || made.header.Get("ETag") != `"1"` {
		t.Errorf("got %d %s", made.status, made.header.Get("ETag"))
	}
	has(t, w.as(w.Bob).must("GET", "/time-entries/"+made.str("id"), nil).body, made.body) // all staff may see hours
	has(t, ann.must("GET", "/tasks/"+w.Task.String(), nil).body, object{"worked_minutes": 90, "remaining_minutes": 240})
	if n := fixture.One[int](t, w.Pool, `SELECT (SELECT count(*) FROM outbox WHERE entity_kind = 'task' AND entity_id = $1) * 10 + (SELECT count(*) FROM audit_event WHERE entity_kind = 'time_entry' AND verb = 'record' AND actor_id = $2 AND source = '127.0.0.1')`, w.Task, w.Ann); n != 1 {
		t.Errorf("told × 10 + audited: %d, want 1: no process waits for time", n)
	}
}

func TestAnExplicitZeroIsNotNone(t *testing.T) { // S1.23
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann)
	has(t, ann.must("POST", timeOn(w.Task), session(nil)).body, object{"remaining_minutes": nil})
	has(t, ann.must("GET", "/tasks/"+w.Task.String(), nil).body, object{"remaining_minutes": nil})
	has(t, ann.must("POST", timeOn(w.Task), session(object{"remaining_minutes": 0})).body, object{"remaining_minutes": 0})
	ann.must("POST", timeOn(w.Task), session(nil))
	has(t, ann.must("GET", "/tasks/"+w.Task.String(), nil).body, object{"remaining_minutes": 0, "estimate_minutes": nil})
}

func TestWrongTimeIsRefused(t *testing.T) { // S1.21, S1.22
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann)
	for _, c := range []struct {
		field string
		value any
	}{
		{"minutes", 0}, {"minutes", -5}, {"minutes", 1441}, {"minutes", 7.5}, {"minutes", "90"}, {"minutes", nil}, {"minutes", 1e300}, {"description", ""}, {"description", " \n"}, {"description", nil},
		{"description", "nul \x00"}, {"description", strings.Repeat("x", 10001)}, {"billing", "maybe"}, {"remaining_minutes", -1}, {"remaining_minutes", 10_000_001}, {"work_date", "2026-02-30"}, {"work_date", "20.3.2026"},
		{"work_date", "0001-01-01"}, {"work_date", nil}, {"start", "noon"}, {"user_id", "me"}, {"task_id", w.Task}, {"invoice_id", w.Task},
	} {
		ann.refused(422, "invalid", "POST", timeOn(w.Task), session(object{c.field: c.value}))
	}
	ann.refused(404, "not_found", "POST", timeOn(w.Project), session(nil))
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM time_entry`); n != 0 {
		t.Errorf("%d refused entries are stored", n)
	}
}

func TestADateToComeIsRefusedWhereThePersonIs(t *testing.T) { // S1.21
	t.Parallel()
	w := newWorld(t)
	for zone, today := range map[string]int{"UTC": 20, "Pacific/Kiritimati": 21, "Pacific/Pago_Pago": 20, "Europe/Berlin": 20} {
		w.Exec(t, `UPDATE person SET time_zone = $2 WHERE id = $1`, w.Ann, zone)
		ann := w.as(w.Ann)
		ann.must("POST", timeOn(w.Task), session(object{"work_date": day(today)}))
		ann.refused(422, "future_date", "POST", timeOn(w.Task), session(object{"work_date": day(today + 1)}))
	}
	w.as(w.Bob).refused(422, "future_date", "POST", timeOn(w.Task), session(object{"start": noon.Add(time.Minute)}))
}

func TestASessionOverMidnightBelongsToTheDayItBegan(t *testing.T) { // S1.21, billing, "Which time is billed"
	t.Parallel()
	w := newWorld(t)
	for zone, want := range map[string]string{"Europe/London": "2026-03-18", "Asia/Tokyo": "2026-03-19", "America/Juneau": "2026-03-18"} {
		w.Exec(t, `UPDATE person SET time_zone = $2 WHERE id = $1`, w.Ann, zone)
		body := session(object{"start": "2026-03-18T23:30:00Z"})
		delete(body, "work_date")
		made := w.as(w.Ann).must("POST", timeOn(w.Task), body)
		has(t, made.body, object{"work_date": want, "start": "2026-03-18T23:30:00Z"})
		has(t, w.as(w.Ann).must("GET", "/time-entries/"+made.str("id"), nil).body, made.body)
	}
	body := session(nil)
	delete(body, "work_date")
	w.as(w.Ann).refused(422, "invalid", "POST", timeOn(w.Task), body)
}

func TestOnlyAnOpenTaskOfAnActiveProjectTakesTime(t *testing.T) { // S1.06, S1.33
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann)
	ann.refused(409, "task_not_open", "POST", timeOn(w.NewTask(t, "planned")), session(nil))
	for _, status := range []string{"draft", "awaiting_clearance", "on_hold", "complete", "cancelled"} {
		w.Exec(t, `UPDATE project SET status = $2 WHERE id = $1`, w.Project, status)
		ann.refused(409, "project_not_active", "POST", timeOn(w.Task), session(nil))
	}
	if n := fixture.One[int](t, w.Pool, `SELECT (SELECT count(*) FROM time_entry) + (SELECT count(*) FROM outbox) + (SELECT count(*) FROM audit_event) + (SELECT count(*) FROM command_log)`); n != 0 {
		t.Errorf("refused time left %d rows behind", n)
	}
}

func TestTimeComesLateOnAProjectThatIsNotWorkedOnAnyMore(t *testing.T) { // S1.06, S1.74
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann)
	for _, status := range []string{"on_hold", "complete", "cancelled"} {
		w.Exec(t, `UPDATE project SET status = $2, left_at = '2026-03-18T17:00:00Z' WHERE id = $1`, w.Project, status)
		made := ann.must("POST", timeOn(w.Task), session(object{"work_date": day(18)}))
		ann.refused(409, "project_not_active", "POST", timeOn(w.Task), session(object{"work_date": day(19)}))
		ann.must("PATCH", "/time-entries/"+made.str("id"), object{"work_date": day(2)})
		ann.refused(409, "project_not_active", "PATCH", "/time-entries/"+made.str("id"), object{"work_date": day(19)})
	}
}

func TestASessionIsOfTheDayItBegan(t *testing.T) { // S1.21, billing, "Which time is billed"
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `UPDATE person SET time_zone = 'Asia/Tokyo' WHERE id = $1`, w.Ann)
	ann := w.as(w.Ann)
	ann.refused(422, "invalid", "POST", timeOn(w.Task), session(object{"work_date": day(18), "start": "2026-03-18T16:00:00Z"})) // the 19th in Tokyo
	path := "/time-entries/" + ann.must("POST", timeOn(w.Task), session(object{"work_date": day(19), "start": "2026-03-18T16:00:00Z"})).str("id")
	ann.refused(422, "invalid", "PATCH", path, object{"work_date": day(18)})
	has(t, ann.must("PATCH", path, object{"start": "2026-03-18T14:00:00Z"}).body, object{"work_date": day(18)})
	w.Exec(t, `UPDATE person SET time_zone = 'UTC' WHERE id = $1`, w.Ann)
	has(t, ann.must("PATCH", path, object{"minutes": 5}).body, object{"work_date": day(18)}) // wherever she has gone since
	has(t, ann.must("PATCH", path, ann.must("GET", path, nil).body).body, object{"work_date": day(18), "start": "2026-03-18T14:00:00Z"})
}

func TestAStartIsALocalTimeToo(t *testing.T) { // S1.21
	t.Parallel()
	w := newWorld(t)
	w.at(time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC))
	for _, c := range []struct{ zone, day, clock, want string }{
		{"Europe/Berlin", "2026-03-19", "09:30", "2026-03-19T08:30:00Z"}, {"Asia/Tokyo", "2026-03-19", "00:00", "2026-03-18T15:00:00Z"},
		{"Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:00:00Z"}, // skipped: when clocks go on
		{"Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30:00Z"}, // twice: the first
	} {
		w.Exec(t, `UPDATE person SET time_zone = $2 WHERE id = $1`, w.Ann, c.zone)
		ann := w.as(w.Ann)
		made := ann.must("POST", timeOn(w.Task), session(object{"work_date": c.day, "start": c.clock}))
		has(t, made.body, object{"work_date": c.day, "start": c.want})
		has(t, ann.must("GET", "/time-entries/"+made.str("id"), nil).body, made.body)
	}
	ann := w.as(w.Ann)
	path := "/time-entries/" + ann.must("POST", timeOn(w.Task), session(nil)).str("id")
	has(t, ann.must("PATCH", path, object{"start": "09:30"}).body, object{"work_date": day(19), "start": "2026-03-19T08:30:00Z"})
	has(t, ann.must("PATCH", path, object{"work_date": day(18), "start": "17:05"}).body, object{"work_date": day(18), "start": "2026-03-18T16:05:00Z"})
	has(t, ann.must("PATCH", path, object{"start": nil}).body, object{"start": nil})
	for _, wrong := range []any{"9:30", "24:00", "12:60", "noon", "2026-03-19", 930, ""} {
		if got := ann.refused(422, "invalid", "POST", timeOn(w.Task), session(object{"start": wrong})); !strings.Contains(got.text, "09:30") {
			t.Errorf("%v: %s", wrong, got.text)
		}
		ann.refused(422, "invalid", "PATCH", path, object{"start": wrong})
	}
	w.at(time.Date(2026, time.March, 19, 8, 0, 0, 0, time.UTC))
	ann.refused(422, "future_date", "POST", timeOn(w.Task), session(object{"start": "09:30"}))
	body := session(object{"start": "08:30"})
	delete(body, "work_date")
	ann.refused(422, "invalid", "POST", timeOn(w.Task), body)
}

func TestTimeComesLateOnATaskThatIsClosed(t *testing.T) { // S1.33
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `UPDATE person SET time_zone = 'Asia/Tokyo' WHERE id = $1`, w.Ann)
	ann := w.as(w.Ann)
	for _, status := range []string{"complete", "cancelled"} {
		task := w.NewTask(t, status)
		w.Exec(t, `UPDATE task SET closed_at = '2026-03-17T16:00:00Z' WHERE id = $1`, task) // the 18th in Tokyo
		made := ann.must("POST", timeOn(task), session(object{"work_date": day(18)}))
		ann.refused(409, "task_not_open", "POST", timeOn(task), session(object{"work_date": day(19)}))
		ann.must("PATCH", "/time-entries/"+made.str("id"), object{"work_date": day(2)})
		ann.refused(409, "task_not_open", "PATCH", "/time-entries/"+made.str("id"), object{"work_date": day(19)})
	}
}

func TestTimeOfSomebodyElseIsTheManagersToRecord(t *testing.T) { // S1.82
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `UPDATE person SET time_zone = 'Pacific/Kiritimati' WHERE id = $1`, w.Bob)
	for _, who := range []uuid.UUID{w.AM, w.admin} {
		has(t, w.as(who).must("POST", timeOn(w.Task), session(object{"user_id": w.Bob, "work_date": day(21)})).body, object{"user_id": w.Bob}) // it is the 21st for Bob
	}
	w.as(w.Ann).refused(403, "forbidden", "POST", timeOn(w.Task), session(object{"user_id": w.Bob}))
	w.as(w.Ann).must("POST", timeOn(w.Task), session(object{"user_id": w.Ann}))
	w.as(w.AM).refused(422, "invalid", "POST", timeOn(w.Task), session(object{"user_id": w.Task}))
	w.as(w.AM).refused(422, "invalid", "POST", timeOn(w.Task), session(object{"user_id": w.contact(t)}))
}

func TestTimeIsRecordedOnceForAKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann).with("Idempotency-Key", "k")
	var wg sync.WaitGroup
	var mu sync.Mutex
	answers := map[string]int{}
	for range 20 {
		wg.Go(func() {
			a := ann.send("POST", timeOn(w.Task), session(nil))
			mu.Lock()
			defer mu.Unlock()
			answers[fmt.Sprint(a.status, " ", a.str("id"))]++
		})
	}
	wg.Wait()
	first := ann.must("POST", timeOn(w.Task), session(nil))
	if len(answers) != 1 || answers["201 "+first.str("id")] != 20 {
		t.Errorf("the answers were %v", answers)
	}
	ann.refused(409, "idempotency_key_reused", "POST", timeOn(w.Task), session(object{"minutes": 91}))
	ann.refused(409, "idempotency_key_reused", "POST", timeOn(w.NewTask(t, "open")), session(nil))
	w.as(w.Bob).with("Idempotency-Key", "k").must("POST", timeOn(w.Task), session(nil)) // a key is its owner's
	w.Exec(t, `UPDATE task SET status = 'planned' WHERE id = $1`, w.Task)
	has(t, ann.must("POST", timeOn(w.Task), session(nil)).body, object{"id": first.body["id"]}) // the answer stays
	if n := fixture.One[int](t, w.Pool, `SELECT (SELECT count(*) FROM time_entry) * 100 + (SELECT count(*) FROM outbox) * 10 + (SELECT count(*) FROM audit_event)`); n != 202 {
		t.Errorf("entries, told, audited: %d, want 2, none and 2", n)
	}
}

func TestTimeIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.NewTask(t, "open")
	ids := w.Record(t,
		fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(2), Minutes: 10},
		fixture.Entry{Task: other, Person: w.Ann, Date: day(3), Minutes: 20},
		fixture.Entry{Task: other, Person: w.Bob, Date: day(4), Minutes: 30})
	w.Exec(t, `UPDATE time_entry SET external_key = 'T-1' WHERE id = $1`, ids[2])
	inv := w.as(w.AM).must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []uuid.UUID{w.Project}, "through": "2026-03-02"}).str("id")
	for query, want := range map[string]string{
		"": "10 20 30", "user=me": "10 20", "user=" + w.Bob.String(): "30", "task=" + other.String(): "20 30", "project=" + w.Project.String(): "10 20 30", "project=" + w.Task.String(): "",
		"from=2026-03-03": "20 30", "to=2026-03-03": "10 20", "from=2026-03-03&to=2026-03-03": "20", "external_key=T-1": "30", "invoice=" + inv: "10",
	} {
		var got []string
		for _, e := range w.as(w.Ann).must("GET", "/time-entries?"+query, nil).items() {
			got = append(got, fmt.Sprint(e["minutes"]))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %v, want %s", query, got, want)
		}
	}
	for _, query := range []string{"user=Ann", "task=1", "from=yesterday", "to=2026-13-01", "invoice=x"} {
		w.as(w.Ann).send("GET", "/time-entries?"+query, nil)
		if a := w.as(w.Ann).send("GET", "/time-entries?"+query, nil); a.status != 422 || !strings.Contains(a.text, `"query.`) {
			t.Errorf("%s: got %d %s", query, a.status, a.text)
		}
	}
	w.as(w.Ann).refused(404, "not_found", "GET", "/time-entries/"+w.Task.String(), nil)
}
