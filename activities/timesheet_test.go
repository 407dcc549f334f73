package activities_test

import (
	"strings"
	"testing"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fixture"
	"steward/internal/flow"
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
