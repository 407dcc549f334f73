package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/money"
	"steward/internal/postgres/db"
	"steward/internal/story"
)

// includes tells whether some of the time may be paid for by fees or beforehand.
func (c *collector) includes() bool { return len(c.shares)+len(c.prepaid) > 0 }

// prepaidHours finds the hours that were paid for beforehand and are left (N.08):
// those whose price is on an invoice or comes with this one, and, to foresee with,
// those whose price is still to come.
func (c *collector) prepaidHours(ctx context.Context) error {
	before := c.through.AddDays(1).Start(c.zone)
	rows, err := c.q.PrepaidHours(ctx, db.PrepaidHoursParams{ProjectID: c.project.ID, Through: c.through, Before: before.In(time.UTC)})
	for _, r := range rows {
		if !r.Due {
			c.toCome += r.Remaining
			continue
		}
		from := c.reached(r.DueOn, r.ClosedAt)
		if r.InvoiceLineID != nil && !r.BilledAsOf.IsZero() {
			from = r.BilledAsOf // its task may have been reopened since
		}
		c.prepaid = append(c.prepaid, billing.Prepaid{ID: r.ID, Name: r.Name, From: from, Until: r.ExpiresOn, Left: r.Remaining})
	}
	billing.SortPrepaid(c.prepaid)
	return err
}

// stillPrepaid is how many minutes worked after a day are paid for beforehand.
func (c *collector) stillPrepaid(day civil.Date) int {
	var left int64
	for _, p := range c.prepaid {
		if p.Until.IsZero() || p.Until.After(day) {
			left += p.Left
		}
	}
	return int(left)
}

// reached is the day a milestone was due: its own, or that of its task's completion.
func (c *collector) reached(due civil.Date, closed *time.Time) civil.Date {
	if closed != nil {
		return civil.In(*closed, c.zone)
	}
	return due
}

// otherwisePaid adds the fees, and takes off what they and then prepaid hours pay
// of the lines.
func (c *collector) otherwisePaid(lines []billing.Line) error {
	if !c.includes() {
		return nil
	}
	covered := make([]int64, len(c.worked))
	if err := c.fees(lines, covered); err != nil {
		return err
	}
	return c.usePrepaid(lines, covered)
}

// usePrepaid takes off what prepaid hours pay of the lines, after the fees.
func (c *collector) usePrepaid(lines []billing.Line, covered []int64) error {
	for i := range c.prepaid {
		p, before := &c.prepaid[i], slices.Clone(covered)
		if p.Include(c.worked, covered) == 0 {
			continue
		}
		parts, err := c.included(lines, before, covered)
		if err != nil {
			return err
		}
		for _, part := range parts {
			l := c.line(billing.Discount, "milestone", story.PrepaidCovers(c.project.Language, p.Name, part.minutes, p.Left), part.amount.Neg(), part.on)
			c.extra.prepaid = append(c.extra.prepaid, db.InsertPrepaidUsesParams{InvoiceLineID: l.ID, MilestoneID: p.ID, Minutes: int32(part.minutes)})
		}
	}
	return nil
}

// part is what is paid for otherwise of the time taxed at one percent: that of a day.
type part struct {
	minutes int64
	amount  decimal.Decimal
	on      civil.Date
}

// included is how much more of the lines is paid for by what is covered than by
// what was before: for each percent what was charged at that one.
func (c *collector) included(lines []billing.Line, before, covered []int64) ([]part, error) {
	var parts []part
	for _, l := range lines {
		was, err := l.Included(before, money.Currency(c.invoice.Currency))
		if err != nil {
			return nil, err
		}
		is, err := l.Included(covered, money.Currency(c.invoice.Currency))
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(parts, func(p part) bool { return c.tax.On(p.on).Equal(l.Tax) })
		if i < 0 {
			parts, i = append(parts, part{on: l.First}), len(parts)
		}
		parts[i].amount = parts[i].amount.Add(is.Sub(was))
		for _, place := range l.Entries {
			parts[i].minutes += covered[place] - before[place]
		}
	}
	return slices.DeleteFunc(parts, func(p part) bool { return p.minutes == 0 }), nil
}
