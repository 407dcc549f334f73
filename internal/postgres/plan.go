package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// PlanOf is whose plan is asked for: a group's, with what waits in it, or a
// person's.
type PlanOf struct {
	Group  *uuid.UUID
	People []uuid.UUID
}

// Plan is who works on what when (S1.42).
type Plan struct {
	AsOf      time.Time       `json:"as_of"`
	Until     time.Time       `json:"until" doc:"As far as the plan looks; work beyond is cut"`
	People    []PlanPerson    `json:"people" doc:"By name"`
	Unplanned []PlanUnplanned `json:"unplanned" doc:"Open and planned tasks without a place, by key"`
}

// PlanPerson is a person's part of a plan.
type PlanPerson struct {
	UserID uuid.UUID   `json:"user_id"`
	Name   string      `json:"name"`
	Past   []PlanPast  `json:"past" doc:"What was recorded yesterday and today, where the person is"`
	Future []PlanBlock `json:"future" doc:"What is projected: a block for each stretch of working time"`

	Hours  civil.Hours `json:"-"`
	Placed []PlanBlock `json:"-"` // the past, each where it was or may have been
}

// PlanPast is recorded time.
type PlanPast struct {
	TaskID   uuid.UUID  `json:"task_id"`
	Key      string     `json:"key"`
	Title    string     `json:"title"`
	Priority int        `json:"priority"`
	WorkDate civil.Date `json:"work_date" format:"date"`
	StartsAt *time.Time `json:"starts_at" doc:"Null where it was not said"`
	Minutes  int        `json:"minutes"`
}

// PlanBlock is work on a task without a break.
type PlanBlock struct {
	TaskID   uuid.UUID `json:"task_id"`
	Key      string    `json:"key"`
	Title    string    `json:"title"`
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
	Minutes  int       `json:"minutes"`
	Priority int       `json:"priority" doc:"1 comes first"`
}

// PlanUnplanned is a task without a place in the plan.
type PlanUnplanned struct {
	TaskID uuid.UUID   `json:"task_id"`
	Key    string      `json:"key"`
	Title  string      `json:"title"`
	Reason work.Reason `json:"reason" enum:"dependency_cycle,project_stopped,nobody_assigned,no_estimate,waits_for_unplanned,no_working_time,beyond_horizon"`
}

// PlanFor plans what is asked for, and all that it hangs together with: a
// person's plan is the same in whosever view of it.
func (s *Store) PlanFor(ctx context.Context, of PlanOf, asOf time.Time) (Plan, error) {
	asOf = asOf.UTC().Truncate(time.Second)
	p := planning{of: of, plan: Plan{AsOf: asOf, Until: asOf.Add(work.Ahead), People: []PlanPerson{}, Unplanned: []PlanUnplanned{}}, tasks: map[uuid.UUID]db.PlanTasksRow{}}
	for _, read := range []func(context.Context, *Store) error{p.readTasks, p.readPeople, p.readHand} {
		if err := read(ctx, s); err != nil {
			return Plan{}, fmt.Errorf("plan: %w", err)
		}
	}
	p.fill(work.MakePlan(p.plannable()))
	if err := p.readPast(ctx, s); err != nil {
		return Plan{}, fmt.Errorf("plan: %w", err)
	}
	return p.plan, nil
}

// planning is a plan on its way to being made.
type planning struct {
	of     PlanOf
	plan   Plan
	tasks  map[uuid.UUID]db.PlanTasksRow
	above  []work.Above
	people []db.PlanPeopleRow
	hours  map[uuid.UUID]civil.Hours
	hand   map[uuid.UUID]uuid.UUID // by person
}

func (p *planning) readTasks(ctx context.Context, s *Store) error {
	rows, err := s.Lists.PlanTasks(ctx, p.of.People, p.of.Group)
	for _, r := range rows {
		if !r.ToPlan {
			p.above = append(p.above, work.Above{ID: r.ID, ParentID: r.ParentID, DependsOn: r.DependsOn})
			continue
		}
		p.tasks[r.ID] = r
	}
	return err
}

// readPeople reads all on whose desks something is.
func (p *planning) readPeople(ctx context.Context, s *Store) error {
	ids := slices.Clone(p.of.People)
	for _, t := range p.tasks {
		if t.AssigneePersonID != nil {
			ids = append(ids, *t.AssigneePersonID)
		}
	}
	var err error
	if p.people, err = s.PlanPeople(ctx, unique(ids)); err != nil {
		return err
	}
	p.hours = make(map[uuid.UUID]civil.Hours, len(p.people))
	for _, r := range p.people {
		p.hours[r.ID] = hoursOf(r)
	}
	return nil
}

func (p *planning) readHand(ctx context.Context, s *Store) error {
	rows, err := s.PlanInHand(ctx, slices.Collect(func(yield func(uuid.UUID) bool) {
		for _, r := range p.people {
			if !yield(r.ID) {
				return
			}
		}
	}))
	p.hand = make(map[uuid.UUID]uuid.UUID, len(rows))
	for _, r := range rows {
		p.hand[r.PersonID] = r.TaskID
	}
	return err
}

// plannable is what was read as the rule sees it.
func (p *planning) plannable() work.Plannable {
	in := work.Plannable{AsOf: p.plan.AsOf, Until: p.plan.Until, Above: p.above}
	for _, r := range p.people {
		if r.Active {
			in.Desks = append(in.Desks, work.Desk{PersonID: r.ID, Hours: p.hours[r.ID].Spans(in.AsOf, in.Until)})
		}
	}
	for _, t := range p.tasks {
		j := work.Job{
			ID: t.ID, ParentID: t.ParentID, Priority: int(t.Priority), Estimate: minutes(t.EstimateMinutes), Remaining: minutes(t.RemainingMinutes),
			Worked: int(t.WorkedMinutes), Parent: t.IsParent, Stopped: t.Stopped, DependsOn: t.DependsOn, NotBefore: startOf(t.StartsOn, t.ClientZone),
		}
		switch {
		case t.AssigneePersonID != nil:
			j.Assignee = work.Assignee{Kind: work.Person, ID: *t.AssigneePersonID}
			j.Begun = p.hand[j.Assignee.ID] == t.ID
		case t.AssigneeGroupID != nil:
			j.Assignee = work.Assignee{Kind: work.Group, ID: *t.AssigneeGroupID}
		}
		in.Jobs = append(in.Jobs, j)
	}
	return in
}

// startOf is when a project starts: with the day, where the client is.
func startOf(on civil.Date, zone string) time.Time {
	if on.IsZero() {
		return time.Time{}
	}
	return on.Start(Zone(zone))
}

func minutes(m *int32) *int {
	if m == nil {
		return nil
	}
	v := int(*m)
	return &v
}

// fill shows what was asked for of the plan that was made.
func (p *planning) fill(made work.Plan) {
	blocks := make(map[uuid.UUID][]work.Block, len(made.Desks))
	for _, d := range made.Desks {
		blocks[d.PersonID] = d.Blocks
	}
	for _, r := range p.people {
		if !slices.Contains(p.of.People, r.ID) {
			continue
		}
		person := PlanPerson{UserID: r.ID, Name: r.Name, Past: []PlanPast{}, Future: []PlanBlock{}, Hours: p.hours[r.ID]}
		for _, b := range blocks[r.ID] {
			t := p.tasks[b.TaskID]
			person.Future = append(person.Future, blockOf(b, TaskKey(t.Code, t.Number), t.Title, t.Priority))
		}
		p.plan.People = append(p.plan.People, person)
	}
	for _, u := range made.Unplanned {
		if t := p.tasks[u.TaskID]; p.asked(t) {
			p.plan.Unplanned = append(p.plan.Unplanned, PlanUnplanned{u.TaskID, TaskKey(t.Code, t.Number), t.Title, u.Reason})
		}
	}
	slices.SortFunc(p.plan.Unplanned, func(a, b PlanUnplanned) int {
		x, y := p.tasks[a.TaskID], p.tasks[b.TaskID]
		if x.Code != y.Code {
			return slices.Compare([]byte(x.Code), []byte(y.Code))
		}
		return int(x.Number) - int(y.Number)
	})
}

func blockOf(b work.Block, key, title string, priority int16) PlanBlock {
	return PlanBlock{TaskID: b.TaskID, Key: key, Title: title, StartsAt: b.Start, EndsAt: b.End, Minutes: b.Minutes, Priority: int(priority)}
}

// asked tells whether a task is of the people or group that were asked for.
func (p *planning) asked(t db.PlanTasksRow) bool {
	if t.AssigneePersonID != nil {
		return slices.Contains(p.of.People, *t.AssigneePersonID)
	}
	return p.of.Group != nil && t.AssigneeGroupID != nil && *p.of.Group == *t.AssigneeGroupID
}

// readPast adds what was recorded one day back.
func (p *planning) readPast(ctx context.Context, s *Store) error {
	rows, err := s.PlanPast(ctx, p.of.People, civil.In(p.plan.AsOf, time.UTC).AddDays(-2)) // yesterday in any zone
	if err != nil {
		return err
	}
	for i := range p.plan.People {
		p.plan.People[i].remember(rows, p.plan.AsOf)
	}
	return nil
}

func (p *PlanPerson) remember(rows []db.PlanPastRow, asOf time.Time) {
	today := civil.In(asOf, p.Hours.Zone())
	named := map[uuid.UUID]db.PlanPastRow{}
	var sessions []work.Session
	for _, r := range rows {
		if r.PersonID != p.UserID || r.WorkDate.Before(today.AddDays(-1)) || r.WorkDate.After(today) {
			continue
		}
		named[r.TaskID] = r
		sessions = append(sessions, work.Session{TaskID: r.TaskID, On: r.WorkDate, Start: r.StartedAt, Minutes: int(r.Minutes)})
		p.Past = append(p.Past, PlanPast{r.TaskID, TaskKey(r.Code, r.Number), r.Title, int(r.Priority), r.WorkDate, r.StartedAt, int(r.Minutes)})
	}
	for _, b := range work.Past(sessions, p.Hours, asOf) {
		r := named[b.TaskID]
		p.Placed = append(p.Placed, blockOf(b, TaskKey(r.Code, r.Number), r.Title, r.Priority))
	}
}
