package activities_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres/db"
)

// week sets the state of the week that a day is in.
func (b *bench) week(t *testing.T, monday civil.Date, state string) {
	t.Helper()
	b.Exec(t, `INSERT INTO timesheet (person_id, week, state, decided_by, decided_at) VALUES ($1, $2, $3, $4, now())
		ON CONFLICT (person_id, week) DO UPDATE SET state = excluded.state`, b.Ann, monday, state, b.AM)
}

func TestTimeWhoseApprovalWasWithdrawnIsNotCompleted(t *testing.T) { // N.01
	t.Parallel()
	b := set(t)
	b.Exec(t, `UPDATE work_statement SET needs_approval = true`)
	b.week(t, march(2), "approved")
	b.week(t, march(9), "approved")
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: 60}, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(10), Minutes: 30})
	id := b.collect(t)
	b.week(t, march(9), "rejected")
	for range 2 { // and again, after it was refused
		_, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "complete", flow.CompleteInvoice{}))
		if code(err) != billing.TimeUnapproved || !strings.Contains(err.Error(), "Ann") || !strings.Contains(err.Error(), "2026-03-09") || strings.Contains(err.Error(), "2026-03-02") {
			t.Errorf("completing a draft with time that was sent back: %v", err)
		}
	}
	b.week(t, march(9), "approved")
	b.completes(t, id)
	b.week(t, march(9), "rejected") // what is on a completed invoice stays on it
	if got := b.shown(t, id).Subtotal; got != "150.00" {
		t.Errorf("the invoice comes to %s", got)
	}
}

func TestAMilestoneOfATaskThatWasReopenedIsNotCompleted(t *testing.T) { // N.09
	t.Parallel()
	for _, now := range []string{"open", "cancelled"} {
		b := set(t)
		b.Exec(t, `UPDATE work_statement SET billing_kind = 'fixed_price'`)
		b.Exec(t, `INSERT INTO milestone (id, project_id, name, amount, task_id) VALUES (gen_random_uuid(), $1, 'Gone live', 1000, $2)`, b.Project, b.Task)
		b.Exec(t, `INSERT INTO milestone (id, project_id, name, amount, due_on) VALUES (gen_random_uuid(), $1, 'Signed', 500, '2026-03-01')`, b.Project)
		b.Exec(t, `UPDATE task SET status = 'complete', closed_at = '2026-03-10T12:00:00Z' WHERE id = $1`, b.Task)
		id := b.collect(t)
		b.Exec(t, `UPDATE task SET status = $2, closed_at = CASE WHEN $2 = 'cancelled' THEN now() END WHERE id = $1`, b.Task, now)
		_, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "complete", flow.CompleteInvoice{}))
		if code(err) != billing.MilestoneNotDue || !strings.Contains(err.Error(), "Gone live") || strings.Contains(err.Error(), "Signed") {
			t.Errorf("%s: completing a draft with what is not due any more: %v", now, err)
		}
		err = b.Tx(t.Context(), func(_ *db.Queries, tx pgx.Tx) error { return b.Collect(t.Context(), tx, id, civil.Date{}) })
		if err != nil {
			t.Fatal(err)
		}
		b.completes(t, id)
		if got := b.shown(t, id).Subtotal; got != "500.00" {
			t.Errorf("%s: the invoice comes to %s", now, got)
		}
	}
}
