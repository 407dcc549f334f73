package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// SummaryMoney is the money of a project, for those who may see it. Amounts
// are without tax.
type SummaryMoney struct {
	Billed         string  `json:"billed" required:"false" doc:"On completed invoices"`
	ToBill         *string `json:"to_bill" required:"false" doc:"What is on no completed invoice: billable time at today's rates, due milestones, expenses with their mark-up, fees of periods that have begun less what they include, and items of drafts; null where a rate is missing"`
	EstimatedTotal *string `json:"estimated_total" required:"false" doc:"Billed, to bill, later milestones, fees of the periods up to the planned or estimated end, whichever is later, and the time remaining that no price or fee covers, at the average rate so far"`
	PrepaidMinutes *int    `json:"prepaid_minutes,omitempty" doc:"What is left of prepaid hours when all time so far is billed; absent where none were sold, or all are used"`
	Problem        string  `json:"problem,omitempty" doc:"Why a figure is null"`
}

func (s *Store) summaryMoney(ctx context.Context, p db.ProjectRow, minutes work.Figures, day, end civil.Date) (*SummaryMoney, error) {
	c := money.Currency(p.Currency)
	invoiced, err := s.ProjectInvoiced(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	sum := &SummaryMoney{Billed: c.Format(invoiced.Billed)}
	switch ended := work.ProjectStatus(p.Status).Ended(); {
	case !ended:
		end = civil.Later(end, p.EndsOn) // fees go on for as long as was agreed
	case !end.IsZero() && end.Before(day):
		day = end // and no longer than the project
	}
	t, err := s.toBill(ctx, p, day)
	if f, ok := fault.From(err); ok {
		sum.Problem = f.Message
		return sum, nil
	}
	if err != nil {
		return nil, err
	}
	toBill := t.amount().Add(invoiced.DraftedItems)
	sum.ToBill, sum.PrepaidMinutes = text(c.Format(toBill)), t.prepaid
	fees, included, ok := t.fees.until(end)
	if !ok {
		sum.Problem = "no end of the project is known, so that the fees to come cannot be counted"
		return sum, nil
	}
	minutes.Remaining = max(0, minutes.Remaining-included-t.paidFor)
	rest, ok := t.remaining(minutes, invoiced.BilledTime, civil.Later(day, p.StartsOn), c)
	if !ok {
		sum.Problem = "no time is recorded yet and the project has no rate of its own, so that what remains cannot be priced"
		return sum, nil
	}
	sum.EstimatedTotal = text(c.Format(invoiced.Billed.Add(toBill).Add(t.later).Add(fees).Add(rest)))
	return sum, nil
}

// ProjectValue is what a project comes to so far, billed or not, without tax. It
// refuses time without a rate.
func (s *Store) ProjectValue(ctx context.Context, id uuid.UUID) (decimal.Decimal, money.Currency, error) {
	p, err := s.Project(ctx, id)
	if err != nil {
		return decimal.Zero, "", err
	}
	c, err := s.Client(ctx, p.ClientID)
	if err != nil {
		return decimal.Zero, "", err
	}
	invoiced, err := s.ProjectInvoiced(ctx, id)
	if err != nil {
		return decimal.Zero, "", err
	}
	t, err := s.toBill(ctx, p, today(s.Now(), c.TimeZone))
	return invoiced.Billed.Add(invoiced.DraftedItems).Add(t.amount()), money.Currency(p.Currency), err
}

// unbilled is what of a project is on no completed invoice, but for the items of
// drafts.
type unbilled struct {
	time    decimal.Decimal // at its rates
	beside  decimal.Decimal // due milestones, expenses, fees less what they include
	later   decimal.Decimal // milestones that are not due yet
	rates   []billing.Rate
	fixed   bool // covered by a price: hours have none
	prepaid *int // minutes that are left of prepaid hours; nil: there were none
	paidFor int  // minutes of what remains that are paid for beforehand, or will be
	fees    *fees
}

func (t unbilled) amount() decimal.Decimal { return t.time.Add(t.beside) }

// toBill prices what is to bill up to a day, by the code that bills it. A period
// that goes on counts with the time so far as if it were over: its fee, and what
// is above.
func (s *Store) toBill(ctx context.Context, p db.ProjectRow, day civil.Date) (unbilled, error) {
	t := unbilled{fixed: true}
	c, err := s.pricer(ctx, p)
	if err != nil || c == nil {
		return t, err
	}
	found, err := s.TimeToBill(ctx, p.ID)
	if err != nil {
		return t, err
	}
	var drafted, rest []db.UnbilledTimeRow
	if t.fixed = c.project.BillingKind == "fixed_price"; !t.fixed {
		drafted, rest = split(found)
		if t.rates, err = s.workersRates(ctx, p); err != nil {
			return t, err
		}
	}
	onDrafts, err := c.price(ctx, t.rates, drafted) // what fees include of it is an item of its draft
	if err != nil {
		return t, err
	}
	if err := c.running(ctx, day, &t); err != nil {
		return t, err
	}
	c.through = day
	if err := c.prepaidHours(ctx); err != nil {
		return t, err
	}
	lines, err := c.price(ctx, t.rates, rest)
	if err != nil {
		return t, err
	}
	t.time = amounts(onDrafts).Add(amounts(lines))
	return t, c.besideTime(ctx, day, lines, &t)
}

func split(found []db.TimeToBillRow) (drafted, rest []db.UnbilledTimeRow) {
	for _, e := range found {
		row := db.UnbilledTimeRow{ID: e.ID, TaskID: e.TaskID, PersonID: e.PersonID, WorkDate: e.WorkDate, Minutes: e.Minutes, Billing: e.Billing, Version: e.Version, RateOverride: e.RateOverride}
		if e.Drafted {
			drafted = append(drafted, row)
			continue
		}
		rest = append(rest, row)
	}
	return drafted, rest
}

// running finds the periods whose fee is not billed, to the end of the one that
// goes on.
func (c *collector) running(ctx context.Context, day civil.Date, t *unbilled) error {
	p := c.project
	if p.RetainerAmount == nil || p.RetainerMinutes == nil {
		return nil
	}
	t.fees = &fees{retainer: retainerOf(p), through: day}
	if going, ok := t.fees.retainer.At(day); ok {
		t.fees.through = going.End
	}
	c.through, c.foresees = t.fees.through, true
	err := c.retained(ctx)
	t.fees.each = c.each
	return err
}

// besideTime adds what is billed beside time: fees, milestones and expenses.
func (c *collector) besideTime(ctx context.Context, day civil.Date, lines []billing.Line, t *unbilled) error {
	if err := c.extras(ctx, lines, 0); err != nil {
		return err
	}
	left := c.stillPrepaid(day)
	if len(c.prepaid) > 0 {
		t.prepaid = &left
	}
	t.paidFor = left + int(c.toCome)
	if n := len(c.shares); n > 0 && c.shares[n-1].End == t.fees.through {
		t.fees.left = int(c.shares[n-1].Left())
	}
	open, err := c.q.OpenMilestones(ctx, c.project.ID)
	t.later = open
	for _, r := range c.extra.rows {
		t.beside = t.beside.Add(r.Amount)
		if *r.MadeOf == "milestone" && r.Kind == string(billing.Fixed) {
			t.later = t.later.Sub(r.Amount)
		}
	}
	return err
}

// fees are those of a retainer that are still to come.
type fees struct {
	retainer billing.Retainer
	each     billing.Fees
	through  civil.Date // those up to here have begun
	left     int        // of what the last of them includes
}

// until is what the fees of the periods that begin up to a day come to, and how
// much of the time that remains they include. It is false where no day is known.
func (f *fees) until(end civil.Date) (decimal.Decimal, int, bool) {
	if f == nil {
		return decimal.Zero, 0, true
	}
	if end.IsZero() {
		return decimal.Zero, 0, false
	}
	sum, included := decimal.Zero, f.left
	for _, p := range f.retainer.Between(f.through, end) {
		fee := f.each.Of(p)
		sum, included = sum.Add(fee.Amount), included+int(fee.Minutes)
	}
	return sum, included, true
}

// priced is what entries of a project come to, and whether a price covers them.
func (s *Store) priced(ctx context.Context, p db.ProjectRow, entries []db.UnbilledTimeRow) (decimal.Decimal, bool, error) {
	c, err := s.pricer(ctx, p)
	if err != nil || c == nil || c.project.BillingKind == "fixed_price" {
		return decimal.Zero, true, err
	}
	rates, err := s.workersRates(ctx, p)
	if err != nil {
		return decimal.Zero, false, err
	}
	lines, err := c.price(ctx, rates, entries)
	return amounts(lines), false, err
}

// pricer prices a project's time without billing it; nil where the project has
// no work statement.
func (s *Store) pricer(ctx context.Context, p db.ProjectRow) (*collector, error) {
	plans, err := s.BillableProjects(ctx, []uuid.UUID{p.ID})
	if err != nil || len(plans) == 0 {
		return nil, err
	}
	taxes, err := projectTaxes(ctx, s.Queries, plans)
	if err != nil {
		return nil, err
	}
	firm, err := s.Provider(ctx)
	return &collector{store: s, q: s.Queries, invoice: db.LockInvoiceRow{Currency: p.Currency}, project: plans[0], tax: taxes[0], zone: Zone(firm.TimeZone)}, err
}

func (s *Store) workersRates(ctx context.Context, p db.ProjectRow) ([]billing.Rate, error) {
	rows, err := s.RatesOfWorkers(ctx, p.Currency, &p.ID)
	rates := make([]billing.Rate, len(rows))
	for i, r := range rows {
		rates[i] = billing.Rate{PersonID: r.PersonID, ProjectID: r.ProjectID, Hourly: r.Hourly, From: r.FromOn, To: r.ToOn}
	}
	return rates, err
}

func amounts(lines []billing.Line) decimal.Decimal {
	sum := decimal.Zero
	for _, l := range lines {
		sum = sum.Add(l.Amount)
	}
	return sum
}

// remaining prices the time that remains: at the average of all time so far,
// also of time that is not billed, or before there is any at the project's own
// rate on a day. It is false where there is neither.
func (t unbilled) remaining(m work.Figures, billed decimal.Decimal, on civil.Date, c money.Currency) (decimal.Decimal, bool) {
	if t.fixed || m.Remaining == 0 {
		return decimal.Zero, true
	}
	if m.Worked > 0 {
		soFar := t.time.Add(billed)
		return c.Divide(soFar.Mul(decimal.NewFromInt(int64(m.Remaining))), decimal.NewFromInt(int64(m.Worked))), true
	}
	hourly, _, err := billing.NewBook(t.rates).Find(uuid.Nil, on)
	if err != nil {
		return decimal.Zero, false
	}
	amount, err := money.ForTime(int64(m.Remaining), hourly, c)
	return amount, err == nil
}

func text(s string) *string { return &s }
