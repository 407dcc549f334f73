package activities_test

import (
	"testing"

	"steward/internal/fault"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres/db"
)

// What becomes of a draft at the moment in which the clock or a run takes it up.
const (
	completes = `UPDATE invoice SET state = 'complete', series = 'INV', year = 2026, sequence = 1, number = 'INV-2026-00001', issued_on = '2026-04-02', due_on = '2026-05-02',
		snapshot = '{}', completed_at = now()`
	released   = `UPDATE time_entry SET invoice_line_id = NULL WHERE invoice_line_id IS NOT NULL`
	forgotten  = `DELETE FROM billing_run_item`
	notBilled  = `UPDATE billing_period SET outcome = 'nothing_to_bill', invoice_id = NULL WHERE invoice_id IS NOT NULL`
	thrownAway = `DELETE FROM invoice`
)

// A project is to join the draft of its client's period.
func TestWhatWouldJoinADraftThatGoesMeanwhileIsBilledAfterIt(t *testing.T) { // S1.72, S1.77, lesson 1
	t.Parallel()
	for _, c := range []struct {
		does []string
		want string
	}{
		{[]string{completes}, "2026-03-31 100.000 complete, 2026-03-31 200.000 draft"},
		{[]string{released, notBilled, thrownAway}, "2026-03-31 200.000 draft"},
	} {
		b := setAt(t, "2026-04-01T06:00:00Z")
		b.Exec(t, `UPDATE work_statement SET billing_from = '2026-03-01'`)
		b.Exec(t, `UPDATE client SET gather_invoices = true`)
		b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 60})
		b.ticked(t, "2026-04-01T06:00:00Z", "2026-03-31 invoiced")
		late := flow.Period{ProjectID: b.another(t, b.Ann, 120), End: march(31)}
		if _, err := b.acts.PlanPeriods(t.Context(), flow.After{}); err != nil {
			t.Fatal(err)
		}
		m := fixture.NewMeeting(t, b.Store.Pool, `SELECT FROM invoice FOR UPDATE`)
		billed := fixture.Do(t, m, func() error { _, err := b.acts.BillPeriod(t.Context(), late); return err })
		for _, sql := range c.does {
			m.Exec(t, sql)
		}
		m.Release(t)
		if err := <-billed; !fault.Is(err, fault.Conflict) {
			t.Errorf("it is not tried again: %v", err)
		}
		if _, err := b.acts.BillPeriod(t.Context(), late); err != nil { // as Temporal does
			t.Error(err)
		}
		if got := b.totals(t); got != c.want {
			t.Errorf("the invoices are %s, want %s", got, c.want)
		}
	}
}

// A run is to rebuild the draft that one before it left.
func TestWhatARunFoundAsADraftAndIsThrownAwayIsDraftedAnew(t *testing.T) { // S1.72
	t.Parallel()
	b := setAt(t, "2026-04-01T06:00:00Z")
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 60})
	run := func() flow.BillOne {
		one := flow.BillOne{RunID: b.NewID(), ProjectID: b.Project}
		if err := b.InsertRun(t.Context(), db.InsertRunParams{ID: one.RunID, Through: march(31), CreatedBy: &b.AM}); err != nil {
			t.Fatal(err)
		}
		return one
	}
	first := run()
	if _, err := b.acts.BillProject(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if err := b.acts.FinishRun(t.Context(), first.RunID); err != nil {
		t.Fatal(err)
	}
	second := run()
	m := fixture.NewMeeting(t, b.Store.Pool, `SELECT pg_advisory_xact_lock(hashtextextended('bill ' || $1::text, 0))`, b.Project.String())
	billed := fixture.Do(t, m, func() flow.Billed {
		got, err := b.acts.BillProject(t.Context(), second)
		if err != nil {
			t.Error(err)
		}
		return got
	})
	for _, sql := range []string{released, forgotten, thrownAway} {
		m.Exec(t, sql)
	}
	m.Release(t)
	if got := <-billed; got.Outcome != "invoiced" || b.totals(t) != "2026-03-31 100.000 draft" {
		t.Errorf("it is %+v, the invoices are %s", got, b.totals(t))
	}
}
