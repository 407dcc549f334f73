package billing

import (
	"slices"

	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/fault"
)

// TaxRate is what is charged from a day on, until the next one.
type TaxRate struct {
	From    civil.Date
	Percent decimal.Decimal
}

// CheckTaxRates refuses none at all, and two from one day; it puts the earliest
// first.
func CheckTaxRates(rates []TaxRate) error {
	if len(rates) == 0 {
		return fault.Wrong("rates", "there is at least one")
	}
	slices.SortFunc(rates, func(a, b TaxRate) int { return a.From.Compare(b.From) })
	for i, r := range rates[1:] {
		if r.From == rates[i].From {
			return fault.Wrong("rates", "two begin on %s", r.From)
		}
	}
	return nil
}

// Taxation is how something is taxed: at one percent, or at that of the day by
// the rates of a tax code. Rule: N.11.
type Taxation struct {
	Category string
	Percent  decimal.Decimal // where there are no rates
	Rates    []TaxRate       // the earliest first
}

// On is the percent of a day. Before the first rate that one is charged: no day
// is without one.
func (t Taxation) On(day civil.Date) decimal.Decimal {
	if len(t.Rates) == 0 {
		return t.Percent
	}
	in := t.Rates[0]
	for _, r := range t.Rates[1:] {
		if day.Before(r.From) {
			break
		}
		in = r
	}
	return in.Percent
}

// Missed is the percent at which a line that was collected without tax is taxed
// now, zero where that is right: it would be completed as of a zero rate. Expenses
// may have a percent of their own, and of lines other than of time a tax code
// knows none: they do not say of which day they are. Rule: N.11.
func (t Taxation) Missed(kind string, percent, amount decimal.Decimal, day civil.Date) decimal.Decimal {
	if t.Category != "standard" || !percent.IsZero() || amount.IsZero() || kind == string(Expense) || len(t.Rates) > 0 && kind != "time" {
		return decimal.Zero
	}
	return t.On(day)
}

// Agreed is how all of some projects are taxed on a day; false where they differ,
// or there are none. Rule: N.11, items by hand are taxed so.
func Agreed(projects []Taxation, on civil.Date) (Taxation, bool) {
	for _, p := range projects {
		if p.Category != projects[0].Category || !p.On(on).Equal(projects[0].On(on)) {
			return Taxation{}, false
		}
	}
	if len(projects) == 0 {
		return Taxation{}, false
	}
	return projects[0], true
}
