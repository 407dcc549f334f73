package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// horizons are how far the plan of a project looks: as far as it must, and a
// year at most. Working time far ahead is what takes longest to make.
var horizons = []time.Duration{6 * 7 * 24 * time.Hour, 26 * 7 * 24 * time.Hour, 366 * 24 * time.Hour}

// projectEnding is when the open work of a project ends (S1.66): the plan of
// its own tasks on the desks of those who have them, from an instant on, beside
// what else lies on these desks, from when its projects start. Of that other work
// nothing more is asked: neither what it waits for nor who has that, so that a
// project's end is found without planning the whole firm, and is a little early
// rather than late.
func (s *Store) projectEnding(ctx context.Context, project uuid.UUID, stopped bool, tasks []db.ProjectTasksRow, from time.Time) (work.Ending, error) {
	in := work.Plannable{AsOf: from}
	var ids []uuid.UUID
	parents, own := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	for _, t := range tasks {
		if t.ParentID != nil && work.Status(t.Status) != work.Cancelled {
			parents[*t.ParentID] = true
		}
	}
	for _, t := range tasks {
		if work.Status(t.Status).Closed() {
			in.Above = append(in.Above, work.Above{ID: t.ID, ParentID: t.ParentID, DependsOn: t.DependsOn})
			continue
		}
		own[t.ID] = true
		j := work.Job{ID: t.ID, ParentID: t.ParentID, Priority: int(t.Priority), Estimate: minutes(t.EstimateMinutes), Remaining: said(t.RemainingMinutes),
			Worked: int(t.WorkedMinutes), Parent: parents[t.ID], Stopped: stopped, DependsOn: t.DependsOn}
		switch {
		case t.AssigneePersonID != nil:
			j.Assignee = work.Assignee{Kind: work.Person, ID: *t.AssigneePersonID}
			ids = append(ids, *t.AssigneePersonID)
		case t.AssigneeGroupID != nil:
			j.Assignee = work.Assignee{Kind: work.Group, ID: *t.AssigneeGroupID}
		}
		in.Jobs = append(in.Jobs, j)
	}
	if ids = unique(ids); len(ids) == 0 || stopped {
		return work.MakePlan(in).Ending(func(id uuid.UUID) bool { return own[id] }), nil
	}
	d, err := s.desksOf(ctx, ids)
	if err == nil {
		err = s.addOtherWork(ctx, &in, project, ids)
	}
	if err != nil {
		return work.Ending{}, err
	}
	for i, j := range in.Jobs {
		in.Jobs[i].Begun = j.Assignee.Kind == work.Person && d.hand[j.Assignee.ID] == j.ID
	}
	return d.ending(in, own), nil
}

// said is what remains; nil where nobody said.
func said(remaining int32) *int {
	if remaining < 0 {
		return nil
	}
	return minutes(&remaining)
}

// addOtherWork adds what else is on some people's desks.
func (s *Store) addOtherWork(ctx context.Context, in *work.Plannable, project uuid.UUID, people []uuid.UUID) error {
	rows, err := s.OtherWork(ctx, people, project)
	for _, t := range rows {
		in.Jobs = append(in.Jobs, work.Job{ID: t.ID, ParentID: t.ParentID, Assignee: work.Assignee{Kind: work.Person, ID: *t.AssigneePersonID}, Priority: int(t.Priority),
			Estimate: minutes(t.EstimateMinutes), Remaining: said(t.RemainingMinutes), Worked: int(t.WorkedMinutes), Parent: t.IsParent, NotBefore: startOf(t.StartsOn, t.ClientZone)})
	}
	return err
}

// desksOf reads people's working time and what they have in hand.
func (s *Store) desksOf(ctx context.Context, ids []uuid.UUID) (planning, error) {
	p := planning{of: PlanOf{People: ids}}
	for _, read := range []func(context.Context, *Store) error{p.readPeople, p.readHand} {
		if err := read(ctx, s); err != nil {
			return p, fmt.Errorf("plan a project: %w", err)
		}
	}
	return p, nil
}

// ending plans as far as it must to see the end.
func (p *planning) ending(in work.Plannable, own map[uuid.UUID]bool) work.Ending {
	var e work.Ending
	for _, ahead := range horizons {
		in.Until, in.Desks = in.AsOf.Add(ahead), nil
		for _, r := range p.people {
			if r.Active {
				in.Desks = append(in.Desks, work.Desk{PersonID: r.ID, Hours: p.hours[r.ID].Spans(in.AsOf, in.Until)})
			}
		}
		if e = work.MakePlan(in).Ending(func(id uuid.UUID) bool { return own[id] }); !e.Beyond {
			return e
		}
	}
	return e
}

// WorkdaysOf is on which days somebody works, whatever leave they take: by
// their calendar, that of their group, or the usual one; see [Hours].
func WorkdaysOf(ctx context.Context, q *db.Queries, person uuid.UUID) (civil.Hours, error) {
	rows, err := q.PlanPeople(ctx, []uuid.UUID{person})
	if err != nil {
		return civil.Hours{}, err
	}
	if len(rows) == 0 {
		return Hours(nil, "UTC"), nil
	}
	c, _, zone := CalendarOf(rows[0])
	c.Absences = nil
	return hoursBy(c, zone), nil
}
