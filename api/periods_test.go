package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fault"
	"steward/internal/fixture"
)

func TestAPreviewAndTheRunThatFollowsComeToTheSame(t *testing.T) { // N.02
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	poor := w.Person(t, "No rate", "contributor", "")
	w.Exec(t, `UPDATE work_statement SET needs_approval = true, budget_minutes = 190, over_budget = 'hold'`)
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 127}, fixture.Entry{Task: w.Task, Person: w.Bob, Date: day(3), Minutes: 61},
		fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(4), Minutes: 10}, // above the budget
		fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(10), Minutes: 45})
	for _, who := range []uuid.UUID{w.Ann, w.Bob} {
		w.Exec(t, `INSERT INTO timesheet (person_id, week, state, decided_by, decided_at) VALUES ($1, '2026-03-02', 'approved', $2, now())`, who, w.AM)
	}
	w.Exec(t, `INSERT INTO milestone (id, project_id, name, amount, due_on) VALUES (gen_random_uuid(), $1, 'Design signed', 500, '2026-03-10')`, w.Project)
	w.Exec(t, `INSERT INTO expense (id, project_id, person_id, spent_on, description, amount, markup_percent) VALUES (gen_random_uuid(), $1, $2, '2026-03-11', 'Train', 33.33, 10)`, w.Project, w.Ann)
	count := `SELECT (SELECT count(*) FROM invoice) + (SELECT count(*) FROM invoice_line) + (SELECT count(*) FROM time_entry WHERE invoice_line_id IS NOT NULL) + (SELECT count(*) FROM audit_event) + (SELECT count(*) FROM billing_run)`
	body := object{"through": "2026-03-15", "preview": true}
	a := am.with("Idempotency-Key", "p").must("POST", "/billing-runs", body)
	shown := a.body["projects"].([]any)[0].(object)
	if a.status != 200 || fixture.One[int](t, w.Pool, count) != 0 {
		t.Errorf("a preview answers %d and leaves rows behind", a.status)
	}
	has(t, shown, object{"outcome": "invoiced", "subtotal": "827.40", "tax": "165.48", "total": "992.88", "left_out": object{"unapproved_minutes": 45, "held_minutes": 10}})
	id := am.must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []uuid.UUID{w.Project}, "through": "2026-03-15"}).str("id")
	inv := am.must("GET", "/invoices/"+id, nil).body
	has(t, inv, object{"subtotal": shown["subtotal"], "tax": shown["tax"], "total": shown["total"]})
	words := func(lines any) string {
		var all []string
		for _, l := range lines.([]any) {
			all = append(all, fmt.Sprint(l.(object)["kind"], " ", l.(object)["description"], " ", l.(object)["quantity"], " ", l.(object)["amount"]))
		}
		return strings.Join(all, "; ")
	}
	if words(inv["lines"]) != words(shown["lines"]) || !strings.Contains(words(inv["lines"]), "fixed Design signed 1 500.00; expense Train 1 36.66") {
		t.Errorf("shown  %s\nbilled %s", words(shown["lines"]), words(inv["lines"]))
	}
	has(t, am.must("POST", "/billing-runs", body).body["projects"].([]any)[0].(object), object{"outcome": "nothing_to_bill"}) // held and unapproved are left
	w.Exec(t, `UPDATE work_statement SET needs_approval = false, budget_minutes = NULL`)
	w.Record(t, fixture.Entry{Task: w.Task, Person: poor, Date: day(3), Minutes: 60})
	has(t, am.must("POST", "/billing-runs", object{"through": "2026-03-15", "preview": true, "project_ids": []uuid.UUID{w.Project}}).body["projects"].([]any)[0].(object), object{"outcome": "parked", "code": "missing_rate"})
	w.as(w.Ann).refused(403, "forbidden", "POST", "/billing-runs", body)
}

func TestAParkedPeriodIsRunAgain(t *testing.T) { // S1.72, S1.75
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	w.Exec(t, `INSERT INTO billing_period (project_id, period_start, period_end, outcome, code, reason, run_at) VALUES ($1, '2026-02-01', '2026-02-28', 'parked', 'missing_rate', 'no rate', now()), ($1, '2026-03-01', '2026-03-15', 'parked', 'missing_rate', 'no rate', now()), ($1, '2026-01-01', '2026-01-31', 'nothing_to_bill', '', '', now())`, w.Project)
	first := am.must("GET", "/billing-periods?limit=1", nil)
	second := am.must("GET", "/billing-periods?limit=1&cursor="+first.str("next_cursor"), nil)
	has(t, first.items()[0], object{"period_end": "2026-01-31", "outcome": "nothing_to_bill"})
	has(t, second.items()[0], object{"period_end": "2026-02-28", "outcome": "parked", "code": "missing_rate", "reason": "no rate"})
	if n := len(am.must("GET", "/billing-periods?outcome=parked&project="+w.Project.String(), nil).items()); n != 2 {
		t.Errorf("%d are parked", n)
	}
	run := "/billing-periods/" + w.Project.String() + "/2026-02-28/run"
	w.as(w.Ann).refused(403, "forbidden", "POST", run, nil)
	w.as(w.Person(t, "Other", "account_manager", "")).refused(403, "forbidden", "POST", run, nil)
	am.refused(404, "not_found", "POST", "/billing-periods/"+w.Project.String()+"/2026-02-27/run", nil)
	am.refused(422, "invalid", "POST", "/billing-periods/"+w.Project.String()+"/yesterday/run", nil)
	has(t, am.must("POST", run, nil).body, object{"outcome": "due", "code": nil})
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM billing_period WHERE outcome = 'due'`); n != 2 { // the later one waits for the clock
		t.Errorf("%d are due", n)
	}
	if len(w.engine.billed) != 1 || w.engine.billed[0].ID() != "billing-run/"+w.Project.String()+"/2026-02-28" {
		t.Errorf("the engine was asked for %v", w.engine.billed)
	}
}

func TestADraftOfTheClockIsRebuiltAndACompletedOneIsNot(t *testing.T) { // S1.75, S1.77
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	_, invoice := drafted(t, w)
	id := uuid.MustParse(invoice[len("/invoices/"):])
	w.Exec(t, `INSERT INTO billing_period (project_id, period_start, period_end, outcome, invoice_id, run_at) VALUES ($1, '2026-03-01', '2026-03-15', 'invoiced', $2, now())`, w.Project, id)
	am.must("POST", invoice+"/items", object{"kind": "charge", "description": "By hand", "unit_price": "5"})
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(4), Minutes: 60})
	run := "/billing-periods/" + w.Project.String() + "/2026-03-15/run"
	has(t, am.must("POST", run, nil).body, object{"outcome": "invoiced", "invoice_id": id})
	has(t, am.must("GET", invoice, nil).body, object{"subtotal": "205.00"})
	w.Exec(t, `UPDATE invoice SET state = 'complete', series = 'INV', year = 2026, sequence = 1, number = 'INV-2026-00001', issued_on = '2026-04-01', due_on = '2026-05-01', snapshot = '{}', completed_at = now() WHERE id = $1`, id)
	am.refused(409, "already_complete", "POST", run, nil)
	if len(w.engine.billed) != 0 {
		t.Errorf("the engine was asked for %v", w.engine.billed)
	}
}

func TestADraftOfTheClockThatIsThrownAwayIsNotMadeAgain(t *testing.T) { // S1.75
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	_, invoice := drafted(t, w)
	w.Exec(t, `INSERT INTO billing_period (project_id, period_start, period_end, outcome, invoice_id, run_at) VALUES ($1, '2026-03-01', '2026-03-15', 'invoiced', $2, now())`, w.Project, uuid.MustParse(invoice[len("/invoices/"):]))
	w.Exec(t, `INSERT INTO milestone (id, project_id, name, amount, due_on) VALUES (gen_random_uuid(), $1, 'Signed', 500, '2026-03-10')`, w.Project)
	am.must("POST", invoice+"/collect", object{})
	am.must("DELETE", invoice, nil)
	has(t, am.must("GET", "/billing-periods", nil).items()[0], object{"outcome": "nothing_to_bill"})
	if n := fixture.One[int](t, w.Pool, `SELECT (SELECT count(*) FROM milestone WHERE invoice_line_id IS NULL) + (SELECT count(*) FROM time_entry WHERE invoice_line_id IS NULL)`); n != 2 {
		t.Errorf("%d are released, want the milestone and the hour", n)
	}
	run := "/billing-periods/" + w.Project.String() + "/2026-03-15/run"
	has(t, am.must("POST", run, nil).body, object{"outcome": "due"}) // unless somebody asks
}

func TestARunSaysWhereItCanBeFollowed(t *testing.T) { // S1.70, S1.69, S1.72
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	w.Exec(t, `INSERT INTO billing_period (project_id, period_start, period_end, outcome, code, reason, run_at) VALUES ($1, '2026-02-01', '2026-02-28', 'parked', 'missing_rate', 'no rate', now())`, w.Project)
	for path, body := range map[string]any{
		"/reminders/runs":      object{},
		"/status-reports/runs": object{},
		"/billing-periods/" + w.Project.String() + "/2026-02-28/run": nil,
	} {
		for range 2 { // the same key again
			a := am.with("Idempotency-Key", path).must("POST", path, body)
			at := strings.TrimPrefix(a.header.Get("Location"), "/api/v1")
			if a.status != 202 || at == "" {
				t.Errorf("%s: %d, at %q", path, a.status, at)
				continue
			}
			if got := am.must("GET", at, nil); got.str("id") != a.str("id") || got.str("period_end") != a.str("period_end") {
				t.Errorf("%s: at %s is %s", path, at, got.text)
			}
		}
	}
	am.refused(404, "not_found", "GET", "/billing-periods/"+w.Project.String()+"/2026-02-27", nil)
}

// A billing run that is written is started, by the outbox if not at once: who is
// told that it was not would start another.
func TestABillingRunThatIsWrittenIsStarted(t *testing.T) { // N.31
	t.Parallel()
	w := newWorld(t)
	w.engine.run = func(uuid.UUID) error { return fault.New(fault.Unavailable, "gone") }
	am := w.as(w.AM)
	told := func(want int) {
		t.Helper()
		if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM outbox WHERE entity_kind = 'billing-run'`); n != want {
			t.Errorf("its process is told %d times, want %d", n, want)
		}
	}
	a := am.send("POST", "/billing-runs", object{"through": "2026-03-31", "project_ids": []uuid.UUID{w.Project}})
	if a.status != 202 || a.header.Get("Location") != "/api/v1/billing-runs/"+a.str("id") {
		t.Fatalf("got %d %v", a.status, a.body)
	}
	told(1)
	w.Exec(t, `UPDATE billing_run SET state = 'done', finished_at = now()`)
	if a := am.send("POST", "/billing-runs/"+a.str("id")+"/retry", nil); a.status != 202 {
		t.Fatalf("got %d %v", a.status, a.body)
	}
	told(2)
}
