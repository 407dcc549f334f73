package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
	"steward/internal/postgres/db"
)

// ProjectSummary is where a project stands (S1.64, S1.65, S1.66).
type ProjectSummary struct {
	ProjectID        uuid.UUID  `json:"project_id"`
	EstimatedMinutes int64      `json:"estimated_minutes" doc:"Of all tasks without sub-tasks that are not cancelled"`
	WorkedMinutes    int64      `json:"worked_minutes"`
	RemainingMinutes int64      `json:"remaining_minutes" doc:"Of planned and open tasks: as last said, or else what the estimate leaves"`
	Currency         string     `json:"currency"`
	StartsOn         civil.Date `json:"starts_on" format:"date" nullable:"true"`
	DaysSinceStart   *int       `json:"days_since_start" doc:"Calendar days in the client's zone; negative before the start"`
	EstimatedEndOn   civil.Date `json:"estimated_end_on" format:"date" nullable:"true"`
	DaysToEnd        *int       `json:"days_to_end" doc:"Negative when the end is over"`
	*SummaryMoney
}

// SummaryMoney is the money of a project, for those who may see it. Amounts
// are without tax.
type SummaryMoney struct {
	Billed         string  `json:"billed" required:"false" doc:"On completed invoices"`
	ToBill         *string `json:"to_bill" required:"false" doc:"Billable time on no completed invoice, at today's rates, and items of drafts; null where a rate is missing"`
	EstimatedTotal *string `json:"estimated_total" required:"false" doc:"Billed, to bill, and the time remaining at the average rate so far"`
	Problem        string  `json:"problem,omitempty" doc:"Why a figure is null"`
}

// ProjectSummary reads where a project stands at an instant, with its money if
// asked.
func (s *Store) ProjectSummary(ctx context.Context, id uuid.UUID, now time.Time, withMoney bool) (ProjectSummary, error) {
	p, err := s.Project(ctx, id)
	if err != nil {
		return ProjectSummary{}, Refusal(err)
	}
	c, err := s.Client(ctx, p.ClientID)
	if err != nil {
		return ProjectSummary{}, err
	}
	minutes, err := s.ProjectMinutes(ctx, id)
	if err != nil {
		return ProjectSummary{}, err
	}
	day := today(now, c.TimeZone)
	sum := ProjectSummary{
		ProjectID: id, EstimatedMinutes: minutes.Estimated, WorkedMinutes: minutes.Worked, RemainingMinutes: minutes.Remaining,
		Currency: p.Currency, StartsOn: p.StartsOn, DaysSinceStart: days(p.StartsOn, day), EstimatedEndOn: p.EndsOn, DaysToEnd: days(day, p.EndsOn),
	}
	if withMoney {
		sum.SummaryMoney, err = s.summaryMoney(ctx, p, minutes, day)
	}
	return sum, err
}

func days(from, to civil.Date) *int {
	if from.IsZero() || to.IsZero() {
		return nil
	}
	n := to.DaysSince(from)
	return &n
}

func (s *Store) summaryMoney(ctx context.Context, p db.ProjectRow, minutes db.ProjectMinutesRow, day civil.Date) (*SummaryMoney, error) {
	c := money.Currency(p.Currency)
	invoiced, err := s.ProjectInvoiced(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	sum := &SummaryMoney{Billed: c.Format(invoiced.Billed)}
	t, err := s.timeToBill(ctx, p)
	if f, ok := fault.From(err); ok {
		sum.Problem = f.Message
		return sum, nil
	}
	if err != nil {
		return nil, err
	}
	toBill := t.amount.Add(invoiced.DraftedItems)
	sum.ToBill = text(c.Format(toBill))
	rest, ok := t.remaining(minutes, invoiced.BilledTime, later(day, p.StartsOn), c)
	if !ok {
		sum.Problem = "no time is recorded yet and the project has no rate of its own, so that what remains cannot be priced"
		return sum, nil
	}
	sum.EstimatedTotal = text(c.Format(invoiced.Billed.Add(toBill).Add(rest)))
	return sum, nil
}

// ProjectValue is what a project comes to so far, billed or not, without tax.
// It refuses time without a rate.
func (s *Store) ProjectValue(ctx context.Context, id uuid.UUID) (decimal.Decimal, money.Currency, error) {
	p, err := s.Project(ctx, id)
	if err != nil {
		return decimal.Zero, "", err
	}
	invoiced, err := s.ProjectInvoiced(ctx, id)
	if err != nil {
		return decimal.Zero, "", err
	}
	t, err := s.timeToBill(ctx, db.ProjectRow(p))
	return invoiced.Billed.Add(invoiced.DraftedItems).Add(t.amount), money.Currency(p.Currency), err
}

// unbilled is the time of a project that is on no completed invoice.
type unbilled struct {
	amount decimal.Decimal
	rates  []billing.Rate
	fixed  bool // covered by a price: hours have none
}

// timeToBill prices it by the code that bills it.
func (s *Store) timeToBill(ctx context.Context, p db.ProjectRow) (unbilled, error) {
	var t unbilled
	plans, err := s.BillableProjects(ctx, []uuid.UUID{p.ID})
	if err != nil || len(plans) == 0 || plans[0].BillingKind == "fixed_price" {
		t.fixed = true
		return t, err
	}
	rows, err := s.RatesOfWorkers(ctx, p.Currency, &p.ID)
	if err != nil {
		return t, err
	}
	for _, r := range rows {
		t.rates = append(t.rates, billing.Rate{PersonID: r.PersonID, ProjectID: r.ProjectID, Hourly: r.Hourly, From: r.FromOn, To: r.ToOn})
	}
	found, err := s.TimeToBill(ctx, p.ID)
	if err != nil {
		return t, err
	}
	entries := make([]db.UnbilledTimeRow, len(found))
	for i, e := range found {
		entries[i] = db.UnbilledTimeRow(e)
	}
	c := collector{store: s, q: s.Queries, invoice: db.LockInvoiceRow{Currency: p.Currency}, project: plans[0]}
	lines, err := c.price(ctx, t.rates, entries)
	for _, l := range lines {
		t.amount = t.amount.Add(l.Amount)
	}
	return t, err
}

// remaining prices the time that remains: at the average of all time so far,
// also of time that is not billed, or before there is any at the project's own
// rate on a day. It is false where there is neither.
func (t unbilled) remaining(m db.ProjectMinutesRow, billed decimal.Decimal, on civil.Date, c money.Currency) (decimal.Decimal, bool) {
	if t.fixed || m.Remaining == 0 {
		return decimal.Zero, true
	}
	if m.Worked > 0 {
		soFar := t.amount.Add(billed)
		return c.Round(soFar.Mul(decimal.NewFromInt(m.Remaining)).Div(decimal.NewFromInt(m.Worked))), true
	}
	hourly, _, err := billing.NewBook(t.rates).Find(uuid.Nil, on)
	if err != nil {
		return decimal.Zero, false
	}
	amount, err := money.ForTime(m.Remaining, hourly, c)
	return amount, err == nil
}

func later(a, b civil.Date) civil.Date {
	if b.After(a) {
		return b
	}
	return a
}

func text(s string) *string { return &s }
