package billing

import (
	"time"

	"steward/internal/civil"
)

// Cycle is how often a work statement is billed (S1.11).
type Cycle string

// The cycles. The last two have no periods of their own.
const (
	Weekly       Cycle = "weekly"
	Biweekly     Cycle = "biweekly"
	Semimonthly  Cycle = "semimonthly"
	Monthly      Cycle = "monthly"
	Quarterly    Cycle = "quarterly"
	OnCompletion Cycle = "on_completion" // once, when the project is complete
	Never        Cycle = "none"          // by hand alone
)

// Periods tells whether the calendar says when a period of the cycle ends.
func (c Cycle) Periods() bool {
	switch c {
	case Weekly, Biweekly, Semimonthly, Monthly, Quarterly:
		return true
	}
	return false
}

// LastDay is the anchor that is the last day of any month, and the Sunday of
// any week.
const LastDay = 31

// Period is what one billing covers, both days included.
type Period struct{ Start, End civil.Date }

// Rhythm is when the periods of a work statement end: by its cycle and anchor,
// from its first day on.
//
// The anchor is a day of the month; where a month has no such day its last one
// serves, so that anchor 31 ends on 31 January, 28 or 29 February, 31 March.
// Quarters end in March, June, September and December. Twice a month is the
// anchor and the day 15 before or after it; 15, 30 and 31 go with the month's
// last day or the 15th. Of a week the anchor is its day, 1 for Monday to 7 for
// Sunday, and more is Sunday too. Fortnights are counted from the week that
// billing begins in.
type Rhythm struct {
	Cycle  Cycle
	Anchor int
	From   civil.Date // billing begins: no period starts before it
}

// At is the period that a day belongs to, worked out from the anchor and never
// from the period before. It is false for a day before the first, and where
// the cycle has no periods.
func (r Rhythm) At(d civil.Date) (Period, bool) {
	if !r.Cycle.Periods() || r.From.IsZero() || d.Before(r.From) {
		return Period{}, false
	}
	p := Period{Start: r.ending(d.AddDays(-1), -1).AddDays(1), End: r.ending(d, 1)}
	if p.Start.Before(r.From) {
		p.Start = r.From
	}
	return p, true
}

// Over are the periods that end after a day, and before today, the oldest
// first; a zero day is none. No more than most are given.
func (r Rhythm) Over(after, today civil.Date, most int) []Period {
	next := after.AddDays(1)
	if after.IsZero() || next.Before(r.From) {
		next = r.From
	}
	var all []Period
	for len(all) < most {
		p, ok := r.At(next)
		if !ok || !p.End.Before(today) {
			break
		}
		all = append(all, p)
		next = p.End.AddDays(1)
	}
	return all
}

// ending is the last day of a period nearest to a day: the first not before it
// (way 1), or the last not after it (way -1).
func (r Rhythm) ending(d civil.Date, way int) civil.Date {
	switch r.Cycle {
	case Weekly, Biweekly:
		return r.weekEnd(d, way)
	}
	for month := 0; ; month += way {
		ends := r.monthEnds(civil.Of(d.Year, d.Month+time.Month(month), 1))
		for i := range ends {
			e := ends[i]
			if way < 0 {
				e = ends[len(ends)-1-i]
			}
			if way > 0 && !e.Before(d) || way < 0 && !e.After(d) {
				return e
			}
		}
	}
}

// weekEnd counts whole weeks from the first end that there can be.
func (r Rhythm) weekEnd(d civil.Date, way int) civil.Date {
	length := 7
	first := r.From.AddDays((min(r.Anchor, 7) - int(r.From.Weekday()) + 7) % 7)
	if r.Cycle == Biweekly {
		length, first = 14, first.AddDays(7)
	}
	n := floor(d.DaysSince(first), length)
	e := first.AddDays(n * length)
	if way > 0 && e.Before(d) {
		e = e.AddDays(length)
	}
	return e
}

// floor is a divided by b, towards minus infinity.
func floor(a, b int) int {
	if a < 0 {
		return -((-a + b - 1) / b)
	}
	return a / b
}

// monthEnds are the days of a month that a period ends on, in order.
func (r Rhythm) monthEnds(first civil.Date) []civil.Date {
	last := first.MonthEnd()
	on := func(day int) civil.Date { return civil.Of(first.Year, first.Month, min(day, last.Day)) }
	switch r.Cycle {
	case Quarterly:
		if first.Month%3 != 0 {
			return nil
		}
	case Semimonthly:
		a, b := r.halves()
		return []civil.Date{on(a), on(b)}
	}
	return []civil.Date{on(r.Anchor)}
}

// halves are the two days of a month that go with the anchor.
func (r Rhythm) halves() (int, int) {
	switch a := r.Anchor; {
	case a == 15 || a >= LastDay:
		return 15, LastDay
	case a > 15:
		return a - 15, a
	default:
		return a, a + 15
	}
}
