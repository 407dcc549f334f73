package e2e

import (
	"fmt"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"steward/internal/fixture"
)

// The clock bills what was missed since January, each month once and in order;
// what is refused is parked, put right, and run again.
func TestTheClockBillsEveryPeriodThatIsOver(t *testing.T) { // S1.72, N.33, lesson 1, lesson 3
	t.Parallel()
	f := newFirm(t).cleared(t)
	f.am.must(t, "PUT", path("/projects/%s/work-statement", f.project), object{"billing_period": "monthly", "anchor_day": 31, "auto_complete": true, "auto_send": true})
	task := f.task(t, "Work", object{"user_id": f.ann.id})
	for _, day := range []string{"2026-01-05", "2026-01-31", "2026-02-10"} {
		f.ann.must(t, "POST", path("/tasks/%s/time", task), object{"work_date": day, "minutes": 60, "description": "work"})
	}
	poor := f.hire(t, "Nobody's rate", "poor@firm.example", "contributor")
	if _, err := f.pool.Exec(t.Context(), `DELETE FROM rate WHERE person_id = $1`, poor.id); err != nil {
		t.Fatal(err)
	}
	f.am.must(t, "POST", path("/tasks/%s/time", task), object{"work_date": "2026-03-05", "minutes": 60, "description": "work", "user_id": poor.id})
	billing := f.temporal().ScheduleClient().GetHandle(t.Context(), "billing")
	for range 3 { // however often
		if err := billing.Trigger(t.Context(), client.ScheduleTriggerOptions{Overlap: enums.SCHEDULE_OVERLAP_POLICY_BUFFER_ALL}); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().UTC().AddDate(0, 0, -1)
	months := (yesterday.Year()-2026)*12 + int(yesterday.Month()) - 1 // that are over for everybody, at least
	eventually(t, "every period is billed", func() error {
		if n := fixture.One[int](t, f.pool, `SELECT count(*) FROM billing_period WHERE outcome <> 'due'`); n < months {
			return fmt.Errorf("%d of %d are", n, months)
		}
		if n := fixture.One[int](t, f.pool, `SELECT count(*) FROM invoice WHERE pdf_file_id IS NOT NULL`); n != 2 {
			return fmt.Errorf("%d have their PDF", n)
		}
		return nil
	})
	eventually(t, "their mails are written", func() error {
		if n := fixture.One[int](t, f.pool, `SELECT count(DISTINCT key) FROM mail WHERE key LIKE 'invoice/%'`); n != 2 {
			return fmt.Errorf("%d are", n)
		}
		return nil
	})
	if got := fixture.One[string](t, f.pool, `SELECT string_agg(right(number, 5) || ' ' || through || ' ' || subtotal, ', ' ORDER BY sequence) FROM invoice`); got != "00001 2026-01-31 200.000, 00002 2026-02-28 100.000" {
		t.Errorf("the invoices are %s", got)
	}
	parked := f.am.must(t, "GET", "/billing-periods?outcome=parked", nil)["items"].([]any)
	if len(parked) == 0 || parked[0].(object)["period_end"] != "2026-03-31" || parked[0].(object)["code"] != "missing_rate" {
		t.Fatalf("parked are %v", parked)
	}
	f.admin().must(t, "POST", path("/users/%s/rates", poor.id), object{"rate": "50", "currency": "GBP", "from": "2020-01-01"})
	f.am.must(t, "POST", path("/billing-periods/%s/2026-03-31/run", f.project), nil)
	eventually(t, "March is billed", func() error {
		got := fixture.One[string](t, f.pool, `SELECT coalesce(string_agg(through || ' ' || subtotal || ' ' || state, ''), '') FROM invoice WHERE through = '2026-03-31'`)
		if got != "2026-03-31 50.000 complete" {
			return fmt.Errorf("it is %q", got)
		}
		return nil
	})
	f.checkBooks(t, 0)
}
