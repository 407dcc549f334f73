package postgres

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
	"steward/internal/postgres/db"
	"steward/internal/story"
	"steward/internal/work"
)

// extras are the lines of a project that are made of other things than time,
// and what they were made of.
type extras struct {
	rows       []db.InsertTimeLinesParams
	milestones claims
	reached    []civil.Date // the days that the milestones are billed as of
	expenses   claims
	fees       []db.InsertRetainerUsesParams
	prepaid    []db.InsertPrepaidUsesParams
}

// claims are things to link to their lines.
type claims struct {
	ids, lines []uuid.UUID
	versions   []int32
}

func (c *claims) add(id uuid.UUID, version int32, line uuid.UUID) {
	c.ids, c.versions, c.lines = append(c.ids, id), append(c.versions, version), append(c.lines, line)
}

func (c *collector) extras(ctx context.Context, lines []billing.Line, position int) error {
	if err := c.otherwisePaid(lines); err != nil {
		return err
	}
	if err := c.milestones(ctx); err != nil {
		return err
	}
	if err := c.expenses(ctx); err != nil {
		return err
	}
	for i := range c.extra.rows {
		c.extra.rows[i].Position = int32(position + i + 1)
	}
	return nil
}

// line adds a line of one piece, taxed as of a day.
func (c *collector) line(kind billing.ItemKind, madeOf, text string, amount decimal.Decimal, on civil.Date) *db.InsertTimeLinesParams {
	c.extra.rows = append(c.extra.rows, db.InsertTimeLinesParams{
		ID: c.store.NewID(), InvoiceID: c.invoice.ID, Kind: string(kind), ProjectID: &c.project.ID, Description: text, MadeOf: &madeOf,
		Quantity: decimal.NewFromInt(1), UnitPrice: amount.Abs(), Amount: amount, TaxPercent: c.tax.On(on),
	})
	return &c.extra.rows[len(c.extra.rows)-1]
}

// retained finds the periods whose fee is due (N.08): they are over, and the
// project was cleared. Time of a period that still goes on waits for its fee.
func (c *collector) retained(ctx context.Context) error {
	p := c.project
	if p.RetainerAmount == nil || p.RetainerMinutes == nil {
		return nil
	}
	var err error
	if c.each, err = feesOf(p); err != nil {
		return err
	}
	r := retainerOf(p)
	before := c.through.AddDays(1)
	if !c.foresees {
		before = civil.Earlier(before, c.day(c.store.Now()))
	}
	switch status := work.ProjectStatus(p.Status); {
	case status.Ended() && p.EndedAt == nil:
		return nil // never cleared, or imported so: no fee is due or will be
	case status.Ended():
		r.Ended = c.day(*p.EndedAt)
	case !status.Cleared():
		before = civil.Earlier(before, p.BillingFrom)
	}
	if r.Billed, err = BilledFees(ctx, c.q, p.ID); err != nil {
		return err
	}
	if going, ok := r.Waits(before); ok {
		c.through = civil.Earlier(c.through, going.Start.AddDays(-1))
	}
	for _, over := range r.Due(before) {
		c.shares = append(c.shares, billing.Share{Period: over, Included: c.each.Of(over).Minutes})
	}
	c.billed = r.Billed
	return nil
}

// retainerOf is the rhythm of a project's fees.
func retainerOf(p db.BillableProjectsRow) billing.Retainer {
	return billing.Retainer{Rhythm: billing.Rhythm{Cycle: billing.Cycle(p.BillingPeriod), Anchor: int(p.AnchorDay), From: p.BillingFrom}}
}

// BilledFees are the fees of a project that are on an invoice.
func BilledFees(ctx context.Context, q *db.Queries, project uuid.UUID) ([]billing.Share, error) {
	uses, err := q.RetainerUses(ctx, project)
	all := make([]billing.Share, len(uses))
	for i, u := range uses {
		all[i] = billing.Share{Period: billing.Period{Start: u.PeriodStart, End: u.PeriodEnd}, Carried: int64(u.Carried), Included: int64(u.Included), Used: int64(u.Used)}
	}
	return all, err
}

// day is the one that an instant is on for the firm and the client.
func (c *collector) day(t time.Time) civil.Date {
	return DayOf(t, c.zone, Zone(c.project.TimeZone))
}

// session is time as fees and budgets count it.
func (c *collector) session(e billing.Entry) billing.Worked {
	if e.NoCharge {
		return billing.Worked{Date: e.WorkDate}
	}
	return billing.Worked{Date: e.WorkDate, Minutes: billing.RoundUp(e.Minutes, int64(c.project.IncrementMinutes))}
}

// fees are the lines of the periods' fees, and one that takes off what they
// include.
func (c *collector) fees(lines []billing.Line, covered []int64) error {
	for i := range c.shares {
		s := &c.shares[i]
		if c.project.RetainerRollover {
			s.Carried = billing.LeftBefore(s.Start, c.billed)
		}
		s.Include(c.worked, covered)
		c.billed = append(c.billed, *s)
		fee := money.Currency(c.invoice.Currency).Round(c.each.Of(s.Period).Amount) // one that was agreed when more decimals were accepted
		l := c.line(billing.Fixed, "retainer", story.RetainerFee(c.project.Language, s.Included), fee, s.End)
		l.FirstDate, l.LastDate = s.Start, s.End
		c.extra.fees = append(c.extra.fees, db.InsertRetainerUsesParams{
			InvoiceLineID: l.ID, ProjectID: c.project.ID, PeriodEnd: s.End, Carried: int32(s.Carried), Included: int32(s.Included), Used: int32(s.Used),
		})
	}
	parts, err := c.included(lines, make([]int64, len(covered)), covered)
	for _, p := range parts {
		if p.amount.Sign() <= 0 { // worth nothing
			continue
		}
		c.line(billing.Discount, "retainer", story.RetainerCovers(c.project.Language, p.minutes), p.amount.Neg(), p.on)
	}
	return err
}

// held leaves out the time above a budget that holds it (N.07): in the order it
// was worked, what is on other invoices first.
func (c *collector) held(ctx context.Context, rates []billing.Rate, entries []db.UnbilledTimeRow) ([]db.UnbilledTimeRow, error) {
	p := c.project
	hold := p.OverBudget == "hold" && (p.BudgetMinutes != nil || p.BudgetAmount != nil)
	if hold || c.includes() {
		slices.SortFunc(entries, func(a, b db.UnbilledTimeRow) int {
			return cmp.Or(a.WorkDate.Compare(b.WorkDate), bytes.Compare(a.ID[:], b.ID[:]))
		})
	}
	if !hold {
		return entries, nil
	}
	budget, err := c.budget(ctx)
	if err != nil {
		return nil, err
	}
	book := billing.NewBook(rates)
	var fit []db.UnbilledTimeRow
	for _, e := range entries {
		entry := entryOf(e)
		hourly, _, err := book.Price(entry)
		if fault.Is(err, billing.MissingRate) {
			err = c.missing(ctx, e)
		}
		if err != nil {
			return nil, err
		}
		minutes := c.session(entry).Minutes
		amount, err := money.ForTime(minutes, hourly, money.Currency(c.invoice.Currency))
		if err != nil {
			return nil, err
		}
		if entry.NoCharge || budget.Take(minutes, amount) {
			fit = append(fit, e)
		}
	}
	return fit, nil
}

// budget is what is left of it.
func (c *collector) budget(ctx context.Context) (billing.Budget, error) {
	var b billing.Budget
	so, err := c.q.BilledSoFar(ctx, &c.project.ID)
	if err != nil {
		return b, err
	}
	if m := c.project.BudgetMinutes; m != nil {
		left := int64(*m) - so.Minutes
		b.Minutes = &left
	}
	if a := c.project.BudgetAmount; a != nil {
		left := a.Sub(so.Amount)
		b.Amount = &left
	}
	return b, nil
}

// milestones are the parts of a fixed price that are due (N.09).
func (c *collector) milestones(ctx context.Context) error {
	before := c.through.AddDays(1).Start(c.zone)
	due, err := c.q.DueMilestones(ctx, db.DueMilestonesParams{ProjectID: c.project.ID, Through: c.through, Before: before.In(time.UTC)})
	for _, m := range due {
		day := c.reached(m.DueOn, m.ClosedAt)
		l := c.line(billing.Fixed, "milestone", m.Name, m.Amount, day)
		c.extra.milestones.add(m.ID, m.Version, l.ID)
		c.extra.reached = append(c.extra.reached, day)
	}
	return err
}

// expenses are what was spent for the client, with its mark-up (N.10).
func (c *collector) expenses(ctx context.Context) error {
	due, err := c.q.DueExpenses(ctx, c.project.ID, c.through)
	if err != nil {
		return err
	}
	for _, x := range due {
		amount, err := billing.Marked(x.Amount, x.MarkupPercent, money.Currency(c.invoice.Currency))
		if err != nil {
			return err
		}
		l := c.line(billing.Expense, "expense", x.Description, amount, x.SpentOn)
		l.FirstDate, l.LastDate = x.SpentOn, x.SpentOn
		if x.TaxPercent != nil {
			l.TaxPercent = *x.TaxPercent
		}
		c.extra.expenses.add(x.ID, x.Version, l.ID)
	}
	return nil
}

// claimExtras links what the lines were made of, each once.
func (c *collector) claimExtras(ctx context.Context) error {
	var n, k int64
	var err error
	m, x := c.extra.milestones, c.extra.expenses
	if len(m.ids) > 0 {
		n, err = c.q.ClaimMilestones(ctx, db.ClaimMilestonesParams{Ids: m.ids, Versions: m.versions, LineIds: m.lines, Days: c.extra.reached})
	}
	if err == nil && len(x.ids) > 0 {
		k, err = c.q.ClaimExpenses(ctx, db.ClaimExpensesParams{Ids: x.ids, Versions: x.versions, LineIds: x.lines})
	}
	if err == nil && (n != int64(len(m.ids)) || k != int64(len(x.ids))) {
		err = fault.New(fault.Conflict, "milestones or expenses of project %s changed while they were being billed; try again", c.project.Code)
	}
	if err == nil && len(c.extra.fees) > 0 {
		_, err = c.q.InsertRetainerUses(ctx, c.extra.fees)
	}
	if err == nil && len(c.extra.prepaid) > 0 {
		_, err = c.q.InsertPrepaidUses(ctx, c.extra.prepaid)
	}
	return err
}

// LeftOut is billable time of a project that is not billed yet, in minutes.
type LeftOut struct {
	Unapproved int64 `json:"unapproved_minutes" doc:"Its timesheet is not approved"`
	Held       int64 `json:"held_minutes" doc:"Above a budget that holds it, or of a period whose fee is not due"`
}

// LeftOutOf reads what a draft of a project through a date left out.
func LeftOutOf(ctx context.Context, q *db.Queries, project uuid.UUID, through civil.Date) (LeftOut, error) {
	r, err := q.LeftOutMinutes(ctx, project, through)
	return LeftOut{Unapproved: r.Unapproved, Held: r.Held}, err
}
