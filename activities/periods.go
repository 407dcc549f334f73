package activities

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// mostMissed is how many periods of one work statement a tick makes good: of
// the shortest, four years.
const mostMissed = 210

// PlanPeriods writes down which periods of the next work statements are over.
// A period is over when its last day is, for the client and for the firm; which
// ones there are follows from the anchor. Written once, it stays due until it is
// billed.
func (a *Activities) PlanPeriods(ctx context.Context, after flow.After) (flow.Told, error) {
	firm, err := a.store.Provider(ctx)
	if err != nil {
		return flow.Told{}, err
	}
	rows, err := a.store.StatementsToPlan(ctx, after.ID, pageSize)
	if err != nil || len(rows) == 0 {
		return flow.Told{}, err
	}
	due := db.InsertDuePeriodsParams{Now: a.store.Now(), ProjectIds: []uuid.UUID{}, Starts: []civil.Date{}, Ends: []civil.Date{}}
	for _, r := range rows {
		periods, err := a.over(ctx, r, postgres.Zone(firm.TimeZone))
		if err != nil {
			return flow.Told{}, err
		}
		for _, p := range periods {
			due.ProjectIds, due.Starts, due.Ends = append(due.ProjectIds, r.ProjectID), append(due.Starts, p.Start), append(due.Ends, p.End)
		}
	}
	n, err := a.store.InsertDuePeriods(ctx, due)
	return flow.Told{Last: rows[len(rows)-1].ProjectID, More: len(rows) == pageSize, Told: int(n)}, err
}

// over are the periods of a work statement that are over and not known yet.
func (a *Activities) over(ctx context.Context, r db.StatementsToPlanRow, firm *time.Location) ([]billing.Period, error) {
	client := postgres.Zone(r.TimeZone)
	today := postgres.DayOf(a.store.Now(), firm, client)
	if billing.Cycle(r.BillingPeriod) == billing.OnCompletion {
		return onCompletion(r, firm, today), nil
	}
	rhythm := billing.Rhythm{Cycle: billing.Cycle(r.BillingPeriod), Anchor: int(r.AnchorDay), From: r.BillingFrom}
	all := rhythm.Over(r.LastEnd, today, mostMissed)
	if !r.FeesAlone {
		return all, nil
	}
	billed, err := postgres.BilledFees(ctx, a.store.Queries, r.ProjectID)
	if err != nil {
		return nil, err
	}
	return untilCharged(all, billing.Retainer{Rhythm: rhythm, Ended: postgres.DayOf(*r.EndedAt, firm, client), Billed: billed}.Due(today)), nil
}

// onCompletion is the period of a complete project that has something left to
// bill (S1.11). It ends on the day that the project did for the firm, by which
// milestones go, or that last was worked where who worked was a day ahead; no
// time comes after. What is left when that was billed, or is there again, is
// billed by the month.
func onCompletion(r db.StatementsToPlanRow, firm *time.Location, today civil.Date) []billing.Period {
	p := billing.Period{Start: r.BillingFrom, End: r.LastWork}
	if !r.LastEnd.IsZero() {
		p.Start = civil.Later(p.Start, r.LastEnd.AddDays(1))
	}
	if r.EndedAt != nil {
		p.End = civil.Later(p.End, civil.In(*r.EndedAt, firm))
	}
	if !r.LastEnd.IsZero() && !p.End.After(r.LastEnd) {
		months := billing.Rhythm{Cycle: billing.Monthly, Anchor: int(r.AnchorDay), From: p.Start}.Over(civil.Date{}, today, mostMissed)
		if len(months) == 0 {
			return nil
		}
		p.End = months[len(months)-1].End
	}
	p.End = civil.Later(p.End, p.Start)
	if !p.End.Before(today) {
		return nil
	}
	return []billing.Period{p}
}

// untilCharged are as many of some periods as it takes to bill what fees are
// due: those through the last of them, or one, where all are of periods that
// are known.
func untilCharged(all, due []billing.Period) []billing.Period {
	if len(due) == 0 || len(all) == 0 {
		return nil
	}
	last := due[len(due)-1].End
	n := slices.IndexFunc(all, func(p billing.Period) bool { return p.Start.After(last) })
	if n < 0 {
		return all
	}
	return all[:max(n, 1)]
}

// DuePeriods reads the next periods to be billed, the oldest first.
func (a *Activities) DuePeriods(ctx context.Context, after flow.Period) (flow.Due, error) {
	end := after.End
	if end.IsZero() {
		end = civil.First
	}
	rows, err := a.store.DuePeriods(ctx, db.DuePeriodsParams{AfterEnd: end, AfterProject: after.ProjectID, Page: pageSize})
	due := flow.Due{Periods: make([]flow.Period, len(rows))}
	for i, r := range rows {
		due.Periods[i] = flow.Period{ProjectID: r.ProjectID, End: r.PeriodEnd, Name: r.Code}
	}
	return due, err
}
