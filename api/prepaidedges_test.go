package api_test

import (
	"sync"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

func TestHoursAreIncludedFromTheDayTheyWereBilledAsOf(t *testing.T) { // N.08, N.09
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	am.must("POST", w.home()+"/milestones", object{"name": "Ten hours", "amount": "800", "task_id": w.Task, "included_minutes": 600})
	w.Exec(t, `UPDATE task SET status = 'complete', closed_at = '2026-03-05T12:00:00Z'`)
	first := w.through("2026-03-06")
	if got := am.lines(first); got != "fixed 800.00; 800.00" {
		t.Fatalf("the price is billed as %s", got)
	}
	w.complete(t, first)
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(2), Minutes: 60}, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(7), Minutes: 120})
	second := w.through("2026-03-31")
	for _, becomes := range []string{`status = 'open', closed_at = NULL`, `status = 'complete', closed_at = '2026-03-20T12:00:00Z'`, `status = 'cancelled', closed_at = '2026-03-21T12:00:00Z'`} {
		w.Exec(t, `UPDATE task SET `+becomes)
		am.must("POST", second+"/collect", object{})
		if got := am.lines(second); got != "time 100.00; time 200.00; discount -200.00; 100.00" {
			t.Errorf("once the task has %s the invoice is %s", becomes, got)
		}
	}
}

func TestWhatIsForeseenOfPrepaidHoursIsBilled(t *testing.T) { // N.08, S1.65, billing "Recurring runs"
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	am.must("PUT", w.home()+"/work-statement", object{"retainer_amount": "50", "retainer_minutes": 60, "billing_from": "2026-01-01", "billing_period": "monthly", "increment_minutes": 15, "budget_minutes": 300, "over_budget": "hold", "tax_code_id": w.taxCode(t)})
	am.must("POST", w.home()+"/milestones", object{"name": "A", "amount": "70", "due_on": "2026-01-15", "included_minutes": 50, "expires_on": "2026-02-10"})
	am.must("POST", w.home()+"/milestones", object{"name": "B", "amount": "90", "due_on": "2026-02-01", "included_minutes": 100})
	jan := day(1).AddDays(-59)
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: jan.AddDays(20), Minutes: 67}, fixture.Entry{Task: w.Task, Person: w.Bob, Date: jan.AddDays(22), Minutes: 31},
		fixture.Entry{Task: w.Task, Person: w.Ann, Date: jan.AddDays(35), Minutes: 100}, fixture.Entry{Task: w.Task, Person: w.Bob, Date: jan.AddDays(36), Minutes: 20},
		fixture.Entry{Task: w.Task, Person: w.Bob, Date: jan.AddDays(37), Minutes: 20}, fixture.Entry{Task: w.Task, Person: w.Ann, Date: jan.AddDays(38), Minutes: 400})
	w.Exec(t, `UPDATE time_entry SET billing = 'no_charge' WHERE minutes = 31`)
	w.Exec(t, `UPDATE time_entry SET rate_override = 0 WHERE minutes = 20`)
	preview := am.must("POST", "/billing-runs", object{"through": "2026-03-15", "preview": true, "project_ids": []uuid.UUID{w.Project}}).body["projects"].([]any)[0].(object)
	toBill := func() any { return am.must("GET", w.home()+"/summary", nil).body["to_bill"] }
	before := toBill()
	draft := w.through("2026-03-15")
	want := "time 300.00; time 0.00; time 0.00; fixed 50.00; fixed 50.00; discount -200.00; discount -83.33; discount -16.67; fixed 70.00; fixed 90.00; 260.00"
	if got := am.lines(draft); got != want || preview["total"] != am.must("GET", draft, nil).str("total") {
		t.Errorf("the invoice is\n%s, want\n%s; foreseen was %v", got, want, preview["total"])
	}
	if after := toBill(); after != before {
		t.Errorf("to bill was %v, and is %v with a draft", before, after)
	}
}

func TestPrepaidHoursAreUsedOnceByInvoicesAtOnce(t *testing.T) { // N.08
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	block := "/milestones/" + am.must("POST", w.home()+"/milestones", object{"name": "Ten hours", "amount": "800", "due_on": "2026-03-01", "included_minutes": 100}).str("id")
	var drafts []string
	for d := range 5 {
		w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(2 + d), Minutes: 60})
		drafts = append(drafts, w.through(day(2+d).String()))
	}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			switch {
			case i%4 == 0:
				am.send("PATCH", block, object{"included_minutes": 100 + i})
			default:
				am.send("POST", drafts[i%5]+"/collect", object{})
			}
		})
	}
	wg.Wait()
	m := am.must("GET", w.home()+"/milestones", nil).items()[0]
	if used, included := m["used_minutes"].(float64), m["included_minutes"].(float64); used > included || used < 100 {
		t.Errorf("%v of %v minutes are used", used, included)
	}
}
