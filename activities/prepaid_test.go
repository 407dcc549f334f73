package activities_test

import (
	"testing"

	"steward/internal/fixture"
	"steward/internal/flow"
)

// prepaid sells ten hours for 800, and tells how many minutes of them are used.
func (b *bench) prepaid(t *testing.T) (used func() int) {
	t.Helper()
	id := b.NewID()
	b.Exec(t, `INSERT INTO milestone (id, project_id, name, amount, due_on, included_minutes) VALUES ($1, $2, 'Ten hours', 800, '2026-03-01', 600)`, id, b.Project)
	return func() int {
		return fixture.One[int](t, b.Store.Pool, `SELECT coalesce(sum(minutes), 0) FROM prepaid_use WHERE milestone_id = $1`, id)
	}
}

func TestWhatIsCreditedOfPrepaidHoursIsThereAgain(t *testing.T) { // N.08, N.04
	t.Parallel()
	b := set(t)
	used := b.prepaid(t)
	id := b.issued(t, 240, 300)
	lines := b.shown(t, id).Lines
	if len(lines) != 3 || lines[1].Amount != "-900.00" || lines[2].Amount != "800.00" || used() != 540 {
		t.Fatalf("got %+v, %d minutes used", lines, used())
	}
	if err := b.credits(t, id, flow.CreditLine{LineID: lines[0].ID, Release: true}, flow.CreditLine{LineID: lines[1].ID, Release: true}); err != nil {
		t.Fatal(err)
	}
	if used() != 0 {
		t.Errorf("%d minutes of released hours are used", used())
	}
	next := b.shown(t, b.collect(t))
	if next.Subtotal != "0.00" || used() != 540 {
		t.Errorf("billed again for %s, with %d minutes used", next.Subtotal, used())
	}
	b.adds(t)
}

func TestAVoidInvoiceGivesPrepaidHoursBack(t *testing.T) { // N.08, billing "Void and credit"
	t.Parallel()
	b := set(t)
	used := b.prepaid(t)
	id := b.issued(t, 240)
	if _, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "void", flow.VoidInvoice{Reason: "wrong client"})); err != nil {
		t.Fatal(err)
	}
	if used() != 0 {
		t.Errorf("%d minutes of a void invoice's hours are used", used())
	}
	if next := b.shown(t, b.collect(t)); next.Subtotal != "800.00" || used() != 240 {
		t.Errorf("the next invoice has %s, with %d minutes used", next.Subtotal, used())
	}
	if _, err := b.Store.Pool.Exec(t.Context(), `DELETE FROM milestone`); err == nil {
		t.Error("hours that are on an invoice can be deleted")
	}
	b.adds(t)
}
