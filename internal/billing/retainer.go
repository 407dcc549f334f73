package billing

import (
	"slices"

	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/money"
)

// Share is how much of what a period's fee includes was used (N.08). Minutes.
type Share struct {
	Period
	Carried  int64 // left from the period before, where that is agreed
	Included int64
	Used     int64
}

// Left is what goes over to the next period, where that is agreed.
func (s Share) Left() int64 { return s.Carried + s.Included - s.Used }

// Retainer is which periods have a fee (N.08): those from the day on that
// billing begins, of a project that ended those that began before. One that
// shares a day with a period whose fee was billed, when anchor or cycle were
// others, has none.
type Retainer struct {
	Rhythm
	Ended  civil.Date // the project's last day; zero: it goes on
	Billed []Share
}

// Due are the periods with a fee that are over before a day.
func (r Retainer) Due(before civil.Date) (due []Period) {
	for _, p := range r.Over(civil.Date{}, before, mostFees) {
		if r.charges(p) {
			due = append(due, p)
		}
	}
	return due
}

// Between are the periods with a fee that begin after one day, which is a
// period's last, and up to another.
func (r Retainer) Between(after, day civil.Date) []Period {
	last, ok := r.At(day)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(r.Over(after, last.End.AddDays(1), mostFees), func(p Period) bool { return !r.charges(p) })
}

// mostFees is how many periods of a fee are looked through: of the shortest,
// thirty years.
const mostFees = 1600

// Waits tells whether a day is of a period that has a fee.
func (r Retainer) Waits(day civil.Date) (Period, bool) {
	p, ok := r.At(day)
	return p, ok && r.charges(p)
}

func (r Retainer) charges(p Period) bool {
	return (r.Ended.IsZero() || !p.Start.After(r.Ended)) &&
		!slices.ContainsFunc(r.Billed, func(s Share) bool { return !s.Start.After(p.End) && !s.End.Before(p.Start) })
}

// LeftBefore is what the last of some fees that ended before a day leaves.
func LeftBefore(day civil.Date, fees []Share) int64 {
	var last Share
	for _, s := range fees {
		if s.End.Before(day) && (last.End.IsZero() || s.End.After(last.End)) {
			last = s
		}
	}
	return last.Left()
}

// Worked is time that a fee may include, or a budget hold: its day and minutes,
// after the increment.
type Worked struct {
	Date    civil.Date
	Minutes int64
}

// Include uses up what a period's fee includes with the time worked up to its
// end, in the order given; covered says for each session how many of its
// minutes were included before, and is raised. Time entered late counts in the
// period that it is billed with. Rule: billing, retainers.
func (s *Share) Include(all []Worked, covered []int64) {
	for i, w := range all {
		if w.Date.After(s.End) {
			continue
		}
		n := min(w.Minutes-covered[i], s.Left())
		covered[i] += n
		s.Used += n
	}
}

// Included is what of a line the fee pays: all of its amount, or the part that
// its covered minutes come to.
func (l Line) Included(covered []int64, c money.Currency) (decimal.Decimal, error) {
	var minutes int64
	for _, place := range l.Entries {
		minutes += covered[place]
	}
	if minutes == l.Minutes {
		return l.Amount, nil
	}
	return money.ForTime(minutes, l.Rate, c)
}

// Budget is what may be billed of a project's time; nil is without limit.
type Budget struct {
	Minutes *int64
	Amount  *decimal.Decimal

	full bool // something did not fit
}

// Take tells whether a session still fits, and takes it off. From the first
// that does not fit on nothing does: what is held is held in order.
func (b *Budget) Take(minutes int64, amount decimal.Decimal) bool {
	b.full = b.full || b.Minutes != nil && minutes > *b.Minutes || b.Amount != nil && amount.GreaterThan(*b.Amount)
	if b.full {
		return false
	}
	if b.Minutes != nil {
		left := *b.Minutes - minutes
		b.Minutes = &left
	}
	if b.Amount != nil {
		left := b.Amount.Sub(amount)
		b.Amount = &left
	}
	return true
}

// warnings are the shares of a budget, in percent, that are worth a word to the
// account manager (N.07).
var warnings = []int16{50, 80, 100}

// Reached are the warnings that a use of a budget has come to.
func Reached(used, budget decimal.Decimal) []int16 {
	var all []int16
	for _, percent := range warnings {
		if used.Mul(decimal.NewFromInt(100)).GreaterThanOrEqual(budget.Mul(decimal.NewFromInt(int64(percent)))) {
			all = append(all, percent)
		}
	}
	return all
}

// Marked is what an expense is billed at: its cost and the mark-up, rounded half
// up to the currency's decimals (N.10).
func Marked(cost, percent decimal.Decimal, c money.Currency) (decimal.Decimal, error) {
	return money.Percent(cost, decimal.NewFromInt(100).Add(percent), c)
}
