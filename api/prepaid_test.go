package api_test

import (
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

// through is a draft over the firm's project through a day.
func (w *world) through(day string) string {
	return "/invoices/" + w.as(w.AM).must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []uuid.UUID{w.Project}, "through": day}).str("id")
}

func TestPrepaidHoursPayForTheTimeTheyInclude(t *testing.T) { // N.08
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	block := "/milestones/" + am.must("POST", w.home()+"/milestones", object{"name": "Ten hours", "amount": "800", "due_on": "2026-03-02", "included_minutes": 600, "expires_on": "2026-03-31"}).str("id")
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(1), Minutes: 60}, // before it
		fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 420})
	first := w.through("2026-03-10")
	if got := am.lines(first); got != "time 800.00; discount -700.00; fixed 800.00; 900.00" {
		t.Errorf("the invoice is %s", got)
	}
	has(t, am.must("GET", w.home()+"/milestones", nil).items()[0], object{"included_minutes": 600, "used_minutes": 420, "expires_on": "2026-03-31"})
	line := am.must("GET", first, nil).body["lines"].([]any)[1].(object)
	has(t, line, object{"description": "Ten hours: 7:00 h (3:00 h left)"})
	am.must("POST", first+"/collect", object{}) // used once, however often it is collected
	has(t, am.must("GET", w.home()+"/milestones", nil).items()[0], object{"used_minutes": 420})
	am.refused(422, "invalid", "PATCH", block, object{"included_minutes": 419})
	am.refused(422, "invalid", "PATCH", block, object{"included_minutes": nil})

	// The next invoice uses what is left; Bob's hour costs 77.77.
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Bob, Date: day(12), Minutes: 200}, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(13), Minutes: 60})
	second := w.through("2026-03-15")
	if got := am.lines(second); got != "time 100.00; time 259.23; discount -233.31; 125.92" { // 180 of 200 minutes
		t.Errorf("the second invoice is %s", got)
	}
	w.complete(t, first)
	am.refused(409, "item_invoiced", "PATCH", block, object{"amount": "1"})
	am.refused(409, "item_invoiced", "PATCH", block, object{"amount": "1", "expires_on": "2026-04-30"})
	am.refused(409, "item_invoiced", "DELETE", block, nil)
	has(t, am.must("PATCH", block, object{"expires_on": "2026-03-12"}).body, object{"expires_on": "2026-03-12", "used_minutes": 600})
	has(t, am.must("PATCH", block, object{"expires_on": nil}).body, object{"expires_on": nil, "version": 3})

	// Thrown away, a draft gives the hours back.
	am.must("DELETE", second, nil)
	has(t, am.must("GET", w.home()+"/milestones", nil).items()[0], object{"used_minutes": 420})
	if got := am.lines(w.through("2026-03-15")); got != "time 100.00; time 259.23; discount -233.31; 125.92" {
		t.Errorf("the invoice in its place is %s", got)
	}
}

func TestHoursThatCannotBePrepaidAreRefused(t *testing.T) { // N.08
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	for _, more := range []object{
		{"included_minutes": 0}, {"included_minutes": -1}, {"included_minutes": "ten"}, {"expires_on": "2026-03-31"}, {"included_minutes": 60, "expires_on": "2026-03-01"},
	} {
		body := object{"name": "Hours", "amount": "800", "due_on": "2026-03-02"}
		for k, v := range more {
			body[k] = v
		}
		am.refused(422, "invalid", "POST", w.home()+"/milestones", body)
	}
	w.Exec(t, `UPDATE work_statement SET billing_kind = 'fixed_price'`)
	am.refused(422, "invalid", "POST", w.home()+"/milestones", object{"name": "Hours", "amount": "800", "due_on": "2026-03-02", "included_minutes": 60})
	am.must("POST", w.home()+"/milestones", object{"name": "Hours", "amount": "800", "due_on": "2026-03-02"})
}

func TestTheFeeIsUsedBeforePrepaidHours(t *testing.T) { // N.08
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	am.must("PUT", w.home()+"/work-statement", object{"retainer_amount": "50", "retainer_minutes": 60, "billing_from": "2026-02-01", "billing_period": "monthly"})
	for _, b := range []object{{"name": "Later", "due_on": "2026-02-01", "included_minutes": 60}, {"name": "Sooner", "due_on": "2026-02-02", "included_minutes": 30, "expires_on": "2026-02-28"}} {
		b["amount"] = "10"
		am.must("POST", w.home()+"/milestones", b)
	}
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(1).AddDays(-20), Minutes: 120})
	draft := w.through("2026-02-28")
	if got := am.lines(draft); got != "time 200.00; fixed 50.00; discount -100.00; discount -50.00; discount -50.00; fixed 10.00; fixed 10.00; 70.00" {
		t.Errorf("the invoice is %s", got)
	}
	lines := am.must("GET", draft, nil).body["lines"].([]any)
	has(t, lines[3].(object), object{"description": "Sooner: 0:30 h (0:00 h left)"})
	has(t, lines[4].(object), object{"description": "Later: 0:30 h (0:30 h left)"})
}

func TestASummaryKnowsPrepaidHours(t *testing.T) { // S1.65, N.08
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	w.Exec(t, `UPDATE task SET estimate_minutes = 300`)
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 120})
	has(t, am.must("GET", w.home()+"/summary", nil).body, object{"to_bill": "200.00", "estimated_total": "500.00"})
	am.must("POST", w.home()+"/milestones", object{"name": "Four hours", "amount": "350", "due_on": "2026-03-02", "included_minutes": 240})
	// Two hours are paid for with it, and two of the three that remain.
	has(t, am.must("GET", w.home()+"/summary", nil).body, object{"to_bill": "350.00", "estimated_total": "450.00", "prepaid_minutes": 120})

	// Its buyer is told what is left, and of the money nothing more than before.
	for role, want := range map[string]object{
		"client_manager": {"prepaid_minutes": 120, "worked_minutes": 120, "to_bill": nil, "estimated_total": nil},
		"client_contact": {"prepaid_minutes": nil, "worked_minutes": nil},
	} {
		buyer := w.outside(w.Client, role)
		w.Exec(t, `INSERT INTO project_contact (project_id, person_id) VALUES ($1, $2)`, w.Project, buyer)
		has(t, w.summary(buyer), want)
	}
}

func TestHoursOnTheirOwnDraftAreDeletedWithTheirMilestone(t *testing.T) { // N.08, S1.76
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	block := "/milestones/" + am.must("POST", w.home()+"/milestones", object{"name": "Ten hours", "amount": "800", "due_on": "2026-03-02", "included_minutes": 600}).str("id")
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 60}, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(12), Minutes: 60})
	first := w.through("2026-03-10")
	second := w.through("2026-03-15")
	am.refused(409, "item_invoiced", "DELETE", block, nil) // another draft uses them
	has(t, am.must("GET", w.home()+"/milestones", nil).items()[0], object{"used_minutes": 120})
	am.must("DELETE", second, nil)
	am.must("DELETE", block, nil)
	if got := am.lines(first); got != "time 100.00; 100.00" {
		t.Errorf("without its hours the invoice is %s", got)
	}
}
