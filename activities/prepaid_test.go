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

// taxedByDay taxes the client at 19 %, and from the tenth of March at 16 %.
func (b *bench) taxedByDay(t *testing.T) {
	t.Helper()
	code := b.NewID()
	b.Exec(t, `INSERT INTO tax_code (id, code) VALUES ($1, 'DE-STANDARD')`, code)
	b.Exec(t, `INSERT INTO tax_rate (tax_code_id, from_on, percent) VALUES ($1, '2007-01-01', 19), ($1, '2026-03-10', 16)`, code)
	b.Exec(t, `UPDATE client SET tax_code_id = $1`, code)
}

func TestAnInvoiceOfTwoPercentsIsCreditedToTheLastCent(t *testing.T) { // N.04, N.08, N.11, N.17
	t.Parallel()
	b := set(t)
	b.letterhead(t)
	b.taxedByDay(t)
	used := b.prepaid(t)
	for _, d := range []int{3, 12} {
		b.Record(t, fixture.Entry{Task: b.Task, Person: b.Bob, Date: march(d), Minutes: 367}) // 77.77 an hour
	}
	id := b.collect(t)
	_, doc := b.frozen(t, id)
	if _, err := doc.UBL(); err != nil {
		t.Error(err)
	}
	inv := b.shown(t, id)
	if used() != 600 || len(doc.Taxes) != 2 || len(inv.Lines) != 5 {
		t.Fatalf("%d minutes are used; %+v, %+v", used(), doc.Taxes, inv.Lines)
	}
	// What was worked is credited with what was taken off it, by percent; then the price.
	byPercent := map[string][]flow.CreditLine{}
	for _, l := range inv.Lines {
		key := l.TaxPercent
		if l.Kind == "fixed" {
			key = "price"
		}
		byPercent[key] = append(byPercent[key], flow.CreditLine{LineID: l.ID, Release: true})
	}
	for _, k := range []string{"16", "19", "price"} {
		if err := b.credits(t, id, byPercent[k]...); err != nil {
			t.Fatalf("%s: %v", k, err)
		}
	}
	if left := b.shown(t, id); left.Balance != "0.00" || used() != 0 {
		t.Errorf("%s is owed still, and %d minutes are used", left.Balance, used())
	}
	if next := b.shown(t, b.collect(t)); next.Total != inv.Total || used() != 600 {
		t.Errorf("billed again it is %s, was %s; %d minutes are used", next.Total, inv.Total, used())
	}
	b.adds(t)
}

func TestHoursOfAVoidPriceAreNotUsedTwice(t *testing.T) { // N.08, billing "Void and credit"
	t.Parallel()
	b := set(t)
	used := b.prepaid(t)
	price := b.issued(t)
	second := b.issued(t, 500)
	if _, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, price, "void", flow.VoidInvoice{Reason: "wrong client"})); err != nil {
		t.Fatal(err)
	}
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(4), Minutes: 300})
	if next := b.shown(t, b.collect(t)); next.Subtotal != "1133.33" || used() != 600 || b.shown(t, second).Subtotal != "0.00" { // 800 and 200 minutes of 300
		t.Errorf("the next invoice has %s, with %d minutes used", next.Subtotal, used())
	}
	b.adds(t)
}
