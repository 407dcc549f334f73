package activities_test

import (
	"testing"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/fixture"
	"steward/internal/flow"
)

// retained has a fee of 500 a month from a day on.
func retained(t *testing.T, now, from string) *told {
	t.Helper()
	b := setAt(t, now)
	b.Exec(t, `UPDATE work_statement SET retainer_amount = 500, retainer_minutes = 600, billing_from = $1::text::date`, from)
	return b
}

// ends completes or cancels the project, whose tasks are closed with it.
func (b *told) ends(t *testing.T, verb, now string) {
	t.Helper()
	b.at(t, now)
	b.Exec(t, `UPDATE task SET status = 'complete', closed_at = $1 WHERE status IN ('planned', 'open')`, b.now)
	if _, err := b.acts.CommitProject(t.Context(), b.command(t, b.AM, flow.Project, b.Project, verb, flow.Noted{})); err != nil {
		t.Fatal(err)
	}
}

// The clock goes on while time is left that is not approved; fees do not.
func TestAProjectThatEndedHasNoMoreFees(t *testing.T) { // N.08, S1.73
	t.Parallel()
	b := retained(t, "2026-02-01T06:00:00Z", "2026-01-01")
	b.Exec(t, `UPDATE work_statement SET needs_approval = true`)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, 1, 20), Minutes: 60})
	b.ticked(t, "2026-02-01T06:00:00Z", "2026-01-31 invoiced")
	b.ends(t, "complete", "2026-02-10T15:00:00Z")
	b.ticked(t, "2026-05-01T06:00:00Z", "2026-02-28 invoiced", "2026-03-31 nothing_to_bill", "2026-04-30 nothing_to_bill")
	if got := b.totals(t); got != "2026-01-31 500.000 draft, 2026-02-28 500.000 draft" {
		t.Errorf("the invoices are %s", got)
	}
}

func TestWhenAProjectThatWasClearedEndedIsKept(t *testing.T) { // N.08, S1.06
	t.Parallel()
	for status, want := range map[string]string{"active": "2026-02-10", "on_hold": "2026-02-10", "awaiting_clearance": "", "draft": ""} {
		b := setAt(t, "2026-02-01T06:00:00Z")
		b.Exec(t, `UPDATE project SET status = $1`, status)
		b.ends(t, "cancel", "2026-02-10T15:00:00Z")
		if got := fixture.One[string](t, b.Store.Pool, `SELECT coalesce((ended_at AT TIME ZONE 'UTC')::date::text, '') FROM project WHERE status = 'cancelled'`); got != want {
			t.Errorf("%s, then cancelled: ended on %q", status, got)
		}
	}
	b := setAt(t, "2026-02-01T06:00:00Z")
	b.Exec(t, `UPDATE project SET status = 'complete'`) // by the release before
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM project WHERE ended_at > now() - interval '1 minute'`); n != 1 {
		t.Error("nobody knows when it ended")
	}
}

// A preview shows what the run after it bills, of projects of any status.
func TestARunBillsTheFeesOfItsPreview(t *testing.T) { // N.02, N.08
	t.Parallel()
	b := retained(t, "2026-02-10T06:00:00Z", "2026-01-01")
	for _, status := range []string{"on_hold", "draft", "complete", "cancelled"} {
		id := b.another(t, uuid.Nil, 0)
		b.Exec(t, `UPDATE work_statement SET retainer_amount = 500, retainer_minutes = 600, billing_from = '2026-01-01' WHERE project_id = $1`, id)
		b.Exec(t, `UPDATE project SET status = $2, ended_at = CASE WHEN $2 IN ('complete', 'cancelled') THEN '2026-01-15T12:00:00Z'::timestamptz END WHERE id = $1`, id, status)
	}
	preview, err := b.ProjectsToPreview(t.Context(), civil.Of(2026, 12, 31), 100)
	if err != nil || len(preview) != 4 {
		t.Fatalf("shown are %d, %v", len(preview), err)
	}
	run := b.NewID()
	b.Exec(t, `INSERT INTO billing_run (id, through) VALUES ($1, '2026-12-31')`, run)
	page, err := b.acts.PlanRun(t.Context(), flow.BillOne{RunID: run})
	if err != nil || len(page.Projects) != 5 {
		t.Fatalf("the run has %d, %v", len(page.Projects), err)
	}
	for range 2 { // the second time nothing is left
		for _, id := range page.Projects {
			if _, err := b.acts.BillProject(t.Context(), flow.BillOne{RunID: run, ProjectID: id}); err != nil {
				t.Fatal(err)
			}
		}
		if got := b.totals(t); got != "2026-12-31 500.000 draft, 2026-12-31 500.000 draft, 2026-12-31 500.000 draft, 2026-12-31 500.000 draft" {
			t.Errorf("the invoices are %s", got)
		}
		run = b.NewID()
		b.Exec(t, `INSERT INTO billing_run (id, through) VALUES ($1, '2026-12-31')`, run)
	}
	if preview, err = b.ProjectsToPreview(t.Context(), civil.Of(2026, 12, 31), 100); err != nil || len(preview) != 2 { // those that go on
		t.Errorf("then shown are %d, %v", len(preview), err)
	}
}

// The fee of the period that a project ended in is billed, also if nothing else
// is left; then there is no more.
func TestTheLastFeeIsBilledWithoutAnythingElse(t *testing.T) { // N.08, S1.73
	t.Parallel()
	b := retained(t, "2026-02-01T06:00:00Z", "2026-01-01")
	b.ticked(t, "2026-02-01T06:00:00Z", "2026-01-31 invoiced")
	b.ends(t, "complete", "2026-02-10T15:00:00Z")
	b.ticked(t, "2026-02-28T06:00:00Z")
	b.ticked(t, "2026-06-01T06:00:00Z", "2026-02-28 invoiced") // after months without a round too
	b.ticked(t, "2026-07-01T06:00:00Z")
	b.Exec(t, `UPDATE billing_period SET outcome = 'nothing_to_bill', invoice_id = NULL`)
	b.Exec(t, `DELETE FROM invoice`) // a fee that is released goes on the next
	b.ticked(t, "2026-07-02T06:00:00Z", "2026-03-31 invoiced")
	b.ticked(t, "2026-08-01T06:00:00Z")
	if got := b.totals(t); got != "2026-03-31 1000.000 draft" {
		t.Errorf("the invoices are %s", got)
	}
}

func TestAFeeThatNobodyOwesIsNotPlanned(t *testing.T) { // N.08
	t.Parallel()
	b := retained(t, "2026-02-01T06:00:00Z", "2026-01-01")
	b.ticked(t, "2026-02-01T06:00:00Z", "2026-01-31 invoiced")
	b.Exec(t, `UPDATE work_statement SET billing_period = 'quarterly'`) // March's has January in it
	b.ends(t, "complete", "2026-02-10T15:00:00Z")
	b.ticked(t, "2026-08-01T06:00:00Z")
}
