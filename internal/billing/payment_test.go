package billing_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
)

func TestMoneyGoesToTheOldestDueFirstThenByNumber(t *testing.T) { // S1.80, billing "Payments"
	owed := []billing.Owed{
		{ID: uuid.UUID{1}, Number: "INV-2026-00010", DueOn: day(5), Balance: dec("10")},
		{ID: uuid.UUID{2}, Number: "INV-2026-00009", DueOn: day(5), Balance: dec("10")},
		{ID: uuid.UUID{3}, Number: "INV-2026-100000", DueOn: day(5), Balance: dec("10")},
		{ID: uuid.UUID{4}, Number: "INV-2026-00011", DueOn: day(4), Balance: dec("10")},
	}
	var got []string
	for _, a := range billing.Spread(dec("35"), owed) {
		got = append(got, string('0'+rune(a.InvoiceID[0]))+":"+a.Amount.String())
	}
	if s := strings.Join(got, " "); s != "4:10 2:10 1:10 3:5" {
		t.Errorf("got %s", s)
	}
}

func TestSpreadNeverExceeds(t *testing.T) { // billing lesson 9
	rapid.Check(t, func(t *rapid.T) {
		left, open := decimal.New(rapid.Int64Range(0, 5000).Draw(t, "left"), -2), decimal.Zero
		var owed []billing.Owed
		for i := range rapid.IntRange(0, 8).Draw(t, "n") {
			o := billing.Owed{ID: uuid.UUID{byte(i + 1)}, DueOn: day(rapid.IntRange(1, 28).Draw(t, "due")), Balance: decimal.New(rapid.Int64Range(1, 2000).Draw(t, "balance"), -2)}
			owed, open = append(owed, o), open.Add(o.Balance)
		}
		chosen, sum := billing.Spread(left, owed), decimal.Zero
		for _, a := range chosen {
			sum = sum.Add(a.Amount)
		}
		if !sum.Equal(decimal.Min(left, open)) {
			t.Fatalf("%s of %s goes to %s", sum, left, open)
		}
		if err := billing.Apply(left, chosen, owed, "GBP"); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAgeIsCountedFromTheDueDay(t *testing.T) { // N.13
	for days, want := range map[int]billing.Bucket{-1: billing.Current, 0: billing.Current, 1: billing.To30, 30: billing.To30, 31: billing.To60, 60: billing.To60, 61: billing.To90, 90: billing.To90, 91: billing.Over90} {
		if got := billing.Age(civil.Of(2026, 1, 1), civil.Of(2026, 1, 1).AddDays(days)); got != want {
			t.Errorf("%d days: got %d, want %d", days, got, want)
		}
	}
}

// An invoice that is credited entry by entry, in any order, is credited to the
// last cent and never beyond.
func TestCreditInPartsIsCreditInWhole(t *testing.T) { // N.04, billing lesson 6
	rapid.Check(t, func(t *rapid.T) {
		base, taxed, all := []billing.CreditBase{}, []billing.Taxed{}, []billing.CreditAsk{}
		for i := range rapid.IntRange(1, 4).Draw(t, "lines") {
			l := billing.CreditBase{ID: uuid.UUID{byte(i + 1)}, Time: true, Rate: decimal.New(rapid.Int64Range(1, 20_000).Draw(t, "rate"), -2),
				Increment: rapid.SampledFrom([]int64{0, 6, 15}).Draw(t, "increment"), TaxPercent: rapid.SampledFrom([]decimal.Decimal{dec("20"), dec("7")}).Draw(t, "tax"), Entries: map[uuid.UUID]int64{}}
			minutes := int64(0)
			for n := range rapid.IntRange(1, 6).Draw(t, "entries") {
				id, m := uuid.UUID{byte(i + 1), byte(n + 1)}, rapid.Int64Range(1, 100).Draw(t, "minutes")
				l.Entries[id] = m
				minutes += billing.RoundUp(m, l.Increment)
				all = append(all, billing.CreditAsk{LineID: l.ID, Treatment: billing.Release, Entries: []uuid.UUID{id}})
			}
			l.Amount = mustTime(t, minutes, l.Rate)
			base, taxed = append(base, l), append(taxed, billing.Taxed{Amount: l.Amount, TaxPercent: l.TaxPercent})
		}
		invoice, err := billing.Sum(taxed, "GBP")
		if err != nil {
			t.Fatal(err)
		}
		credited := decimal.Zero
		for _, ask := range rapid.Permutation(all).Draw(t, "order") {
			lines, totals, err := billing.CreditNote([]billing.CreditAsk{ask}, base, invoice.Total, credited, "GBP")
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(base, func(l billing.CreditBase) bool { return l.ID == ask.LineID })
			base[i].BeforeAmount, base[i].BeforeMinutes = base[i].BeforeAmount.Add(lines[0].Amount), base[i].BeforeMinutes+lines[0].Minutes
			delete(base[i].Entries, ask.Entries[0])
			credited = credited.Add(totals.Total)
			if _, _, err := billing.CreditNote([]billing.CreditAsk{ask}, base, invoice.Total, credited, "GBP"); !fault.Is(err, billing.AlreadyCredited) {
				t.Fatalf("credited twice: %v", err)
			}
		}
		if !credited.Equal(invoice.Total) {
			t.Fatalf("%s of %s is credited", credited, invoice.Total)
		}
	})
}

func TestADiscountIsCreditedWithTheRest(t *testing.T) { // N.04
	base := []billing.CreditBase{{ID: uuid.UUID{1}, Amount: dec("100")}, {ID: uuid.UUID{2}, Amount: dec("-40")}}
	ask := func(ids ...byte) (asks []billing.CreditAsk) {
		for _, id := range ids {
			asks = append(asks, billing.CreditAsk{LineID: uuid.UUID{id}, Treatment: billing.WriteOff})
		}
		return asks
	}
	for _, c := range []struct {
		asks []billing.CreditAsk
		want fault.Code
	}{{ask(1), billing.ExceedsInvoice}, {ask(2), billing.NothingToCredit}, {ask(1, 2), ""}, {ask(1, 1), billing.AlreadyCredited}, {nil, billing.NothingToCredit}} {
		_, totals, err := billing.CreditNote(c.asks, base, dec("60"), decimal.Zero, "GBP")
		if f, _ := fault.From(err); (f == nil) != (c.want == "") || f != nil && f.Code != c.want {
			t.Errorf("%v: got %s, %v, want %q", c.asks, totals.Total, err, c.want)
		}
	}
	part := dec("30")
	if _, totals, err := billing.CreditNote([]billing.CreditAsk{{LineID: uuid.UUID{1}, Treatment: billing.WriteOff, Amount: &part}}, base, dec("60"), decimal.Zero, "GBP"); err != nil || !totals.Total.Equal(part) {
		t.Errorf("a part of an item: %s, %v", totals.Total, err)
	}
}

func mustTime(t *rapid.T, minutes int64, hourly decimal.Decimal) decimal.Decimal {
	amount, err := money.ForTime(minutes, hourly, "GBP")
	if err != nil {
		t.Fatal(err)
	}
	return amount
}
