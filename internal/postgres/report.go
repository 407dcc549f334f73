package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
	"steward/internal/postgres/db"
)

// Utilised is how a person's time was used (N.22).
type Utilised struct {
	UserID           uuid.UUID `json:"user_id"`
	Name             string    `json:"name"`
	RecordedMinutes  int64     `json:"recorded_minutes"`
	BillableMinutes  int64     `json:"billable_minutes"`
	AvailableMinutes int64     `json:"available_minutes" doc:"Of the person's calendar, holidays and absences taken off"`
	Percent          *string   `json:"percent" doc:"Billable of available; null where nothing is available" example:"72.5"`
}

// Utilisation is how the staff's time was used from a day to a day.
func Utilisation(ctx context.Context, q *db.Queries, from, to civil.Date) ([]Utilised, error) {
	rows, err := q.Utilisation(ctx, from, to)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	people, err := q.PlanPeople(ctx, ids)
	if err != nil {
		return nil, err
	}
	available := map[uuid.UUID]int64{}
	for _, p := range people {
		h := hoursOf(p)
		available[p.ID] = int64(h.Between(from.Start(h.Zone()), to.AddDays(1).Start(h.Zone())))
	}
	all := make([]Utilised, len(rows))
	for i, r := range rows {
		all[i] = Utilised{UserID: r.ID, Name: r.Name, RecordedMinutes: r.Recorded, BillableMinutes: r.Billable, AvailableMinutes: available[r.ID]}
		if n := available[r.ID]; n > 0 {
			all[i].Percent = text(decimal.NewFromInt(100*r.Billable).DivRound(decimal.NewFromInt(n), 1).StringFixed(1))
		}
	}
	return all, nil
}

// Profit is what a project brought in and cost (N.22).
type Profit struct {
	ProjectID       uuid.UUID `json:"project_id"`
	Code            string    `json:"code"`
	Name            string    `json:"name"`
	Currency        string    `json:"currency"`
	WorkedMinutes   int64     `json:"worked_minutes"`
	Billed          string    `json:"billed" doc:"Before tax, credit notes taken off"`
	ToBill          *string   `json:"to_bill" doc:"Null where problem says why"`
	Cost            string    `json:"cost" doc:"Of the time of people with a cost rate in this currency"`
	UncostedMinutes int64     `json:"uncosted_minutes" doc:"Of people without one"`
	Expenses        string    `json:"expenses" doc:"What was spent, without mark-up, also what is not billable"`
	Margin          *string   `json:"margin" doc:"Billed and to bill less cost and expenses; null where something is not known"`
	Problem         string    `json:"problem,omitempty"`
}

// Profitability is what a project has brought in and cost until now.
func (s *Store) Profitability(ctx context.Context, id uuid.UUID) (Profit, error) {
	p, err := s.Project(ctx, id)
	if err != nil {
		return Profit{}, Refusal(err)
	}
	sum, err := s.ProjectSummary(ctx, SummaryOf{Project: id, Money: true}, s.Now())
	if err != nil {
		return Profit{}, err
	}
	cost, err := s.ProjectCost(ctx, id, p.Currency)
	if err != nil {
		return Profit{}, err
	}
	c := money.Currency(p.Currency)
	out := Profit{ProjectID: id, Code: p.Code, Name: p.Name, Currency: p.Currency, WorkedMinutes: int64(sum.WorkedMinutes), Billed: sum.Billed, ToBill: sum.ToBill,
		Cost: c.Format(c.Round(cost.Cost)), UncostedMinutes: cost.Uncosted, Expenses: c.Format(cost.Spent)}
	if sum.ToBill == nil {
		out.Problem = sum.Problem
		return out, nil
	}
	billed, err := decimal.NewFromString(sum.Billed)
	if err != nil {
		return out, err
	}
	toBill, err := decimal.NewFromString(*sum.ToBill)
	if cost.Uncosted == 0 {
		out.Margin = text(c.Format(c.Round(billed.Add(toBill).Sub(cost.Cost).Sub(cost.Spent))))
	}
	return out, err
}

// InProgress is work that was not billed on a day.
type InProgress struct {
	ProjectID uuid.UUID `json:"project_id"`
	Code      string    `json:"code"`
	Name      string    `json:"name"`
	Currency  string    `json:"currency"`
	Minutes   int64     `json:"minutes"`
	Value     *string   `json:"value" doc:"At the rates of its work dates; null for a fixed price, or where problem says why"`
	Problem   string    `json:"problem,omitempty"`
}

// WorkInProgressAsOf is the billable time of each project that was on no
// completed invoice on a day.
func (s *Store) WorkInProgressAsOf(ctx context.Context, asOf civil.Date) ([]InProgress, error) {
	rows, err := s.WorkInProgress(ctx, asOf)
	all := []InProgress{}
	for len(rows) > 0 && err == nil {
		n := 1
		for n < len(rows) && rows[n].ProjectID == rows[0].ProjectID {
			n++
		}
		var w InProgress
		w, err = s.inProgress(ctx, rows[:n])
		all, rows = append(all, w), rows[n:]
	}
	return all, err
}

// inProgress prices the time of one project by the code that bills it.
func (s *Store) inProgress(ctx context.Context, rows []db.WorkInProgressRow) (InProgress, error) {
	p, err := s.Project(ctx, rows[0].ProjectID)
	if err != nil {
		return InProgress{}, err
	}
	w := InProgress{ProjectID: p.ID, Code: p.Code, Name: p.Name, Currency: p.Currency}
	entries := make([]db.UnbilledTimeRow, len(rows))
	for i, e := range rows {
		w.Minutes += int64(e.Minutes)
		entries[i] = db.UnbilledTimeRow{ID: e.ID, TaskID: e.TaskID, PersonID: e.PersonID, WorkDate: e.WorkDate, Minutes: e.Minutes, Billing: e.Billing, Version: e.Version, RateOverride: e.RateOverride}
	}
	value, fixed, err := s.priced(ctx, p, entries)
	if f, ok := fault.From(err); ok {
		w.Problem = f.Message
		return w, nil
	}
	if !fixed {
		w.Value = text(money.Currency(p.Currency).Format(value))
	}
	return w, err
}
