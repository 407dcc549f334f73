package billing

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
)

// Taxed is a line as far as tax goes.
type Taxed struct {
	Amount     decimal.Decimal
	TaxPercent decimal.Decimal
}

// Tax is what one rate comes to.
type Tax struct {
	Percent decimal.Decimal
	Base    decimal.Decimal // the sum of its lines
	Amount  decimal.Decimal // rounded once, on that sum
}

// Totals is what an invoice adds up to: Total = Subtotal + Tax, and Tax is the
// sum of Taxes.
type Totals struct {
	Subtotal, Tax, Total decimal.Decimal
	Taxes                []Tax // by percent, the lowest first
}

// Sum adds up the lines. Rule: billing, "Amounts": the subtotal is the exact
// sum of lines, tax per rate is rounded once on the sum of its lines.
func Sum(lines []Taxed, c money.Currency) (Totals, error) {
	var t Totals
	for _, l := range lines {
		t.Subtotal = t.Subtotal.Add(l.Amount)
		i := slices.IndexFunc(t.Taxes, func(x Tax) bool { return x.Percent.Equal(l.TaxPercent) })
		if i < 0 {
			t.Taxes = append(t.Taxes, Tax{Percent: l.TaxPercent})
			i = len(t.Taxes) - 1
		}
		t.Taxes[i].Base = t.Taxes[i].Base.Add(l.Amount)
	}
	slices.SortFunc(t.Taxes, func(a, b Tax) int { return a.Percent.Cmp(b.Percent) })
	for i := range t.Taxes {
		amount, err := money.Percent(t.Taxes[i].Base, t.Taxes[i].Percent, c)
		if err != nil {
			return Totals{}, err
		}
		t.Taxes[i].Amount = amount
		t.Tax = t.Tax.Add(amount)
	}
	t.Total = t.Subtotal.Add(t.Tax)
	_, err := money.Check(t.Total)
	return t, err
}

// Completable refuses to complete an invoice that is not a draft with
// [AlreadyComplete], an empty one with [NothingToBill] and one that would ask
// for less than nothing with [NegativeTotal].
func Completable(draft bool, lines int, total decimal.Decimal) error {
	switch {
	case !draft:
		return fault.New(AlreadyComplete, "the invoice is completed already")
	case lines == 0:
		return fault.New(NothingToBill, "the invoice has no line; add items or collect time first")
	case total.Sign() < 0:
		return fault.New(NegativeTotal, "the invoice comes to %s; less than nothing takes a credit note", total)
	}
	return nil
}

// Number is that of an invoice or a credit note as it is printed: "INV-2026-00042".
func Number(series string, year, sequence int32) string {
	return fmt.Sprintf("%s-%d-%05d", series, year, sequence)
}

// Terms are when an invoice is to be paid: net days after it was issued, or days
// after the end of that month. Rule: billing, "Completing, sending".
type Terms struct {
	Days         int
	FromMonthEnd bool
}

// Due is the day an invoice issued on a day is to be paid.
func (t Terms) Due(issued civil.Date) civil.Date {
	if t.FromMonthEnd {
		issued = issued.MonthEnd()
	}
	return issued.AddDays(t.Days)
}

// FirstDue are those of several work statements' terms, of which there is at
// least one, by which an invoice issued on a day is due first.
func FirstDue(issued civil.Date, all []Terms) Terms {
	return slices.MinFunc(all, func(a, b Terms) int { return a.Due(issued).Compare(b.Due(issued)) })
}

// PastDue tells whether money is overdue on a day in the client's zone.
func PastDue(balance decimal.Decimal, due, today civil.Date) bool {
	return balance.Sign() > 0 && today.After(due)
}
