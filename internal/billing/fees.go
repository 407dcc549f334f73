package billing

import (
	"slices"

	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/fault"
)

// Fee is what each period of a retainer costs and includes (N.08), of those that
// begin on a day or later.
type Fee struct {
	From    civil.Date // zero: from the retainer's beginning
	Amount  decimal.Decimal
	Minutes int64
}

// Fees are those of a retainer, the first one and what took its place, in the
// order of their days.
type Fees []Fee

// Of is the fee of a period: the last that holds on its first day. There is a
// first fee.
func (f Fees) Of(p Period) Fee { return f.On(p.Start) }

// On is the fee of the periods that begin on a day.
func (f Fees) On(day civil.Date) Fee {
	now := f[0]
	for _, later := range f[1:] {
		if !later.From.After(day) {
			now = later
		}
	}
	return now
}

// After are the fees that take another's place after a day.
func (f Fees) After(day civil.Date) Fees {
	return slices.DeleteFunc(slices.Clone(f), func(fee Fee) bool { return !fee.From.After(day) })
}

// Check refuses fees that do not follow each other by their days; field is how
// they are called.
func (f Fees) Check(field string) error {
	for i, fee := range f {
		if fee.From.IsZero() && i > 0 {
			return fault.Wrong(field, "each has a day that it begins on")
		}
		if i > 0 && !fee.From.After(f[i-1].From) {
			return fault.Wrong(field, "come in the order of their days, each on a later one")
		}
	}
	return nil
}
