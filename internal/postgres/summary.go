package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// ProjectSummary is where a project stands (S1.64, S1.65, S1.66).
type ProjectSummary struct {
	ProjectID        uuid.UUID     `json:"project_id"`
	EstimatedMinutes int           `json:"estimated_minutes" doc:"Of all tasks that are not cancelled; of one with sub-tasks it is theirs, at any depth"`
	WorkedMinutes    int           `json:"worked_minutes"`
	RemainingMinutes int           `json:"remaining_minutes" doc:"Of planned and open tasks: as last said, or else what the estimate leaves"`
	ProgressPercent  int           `json:"progress_percent" doc:"What was worked, of that and what remains"`
	Currency         string        `json:"currency"`
	StartsOn         civil.Date    `json:"starts_on" format:"date" nullable:"true"`
	DaysSinceStart   *int          `json:"days_since_start" doc:"Calendar days in the client's zone; negative before the start"`
	EstimatedEndOn   civil.Date    `json:"estimated_end_on" format:"date" nullable:"true" doc:"As estimated_end_by says; null where it is more than a year ahead"`
	EstimatedEndBy   string        `json:"estimated_end_by" enum:"plan,planned_end,closed" doc:"The plan of its tasks; the planned end, where no task can be planned or those that can end before it; the day its last task was closed, of a project that has ended"`
	DaysToEnd        *int          `json:"days_to_end" doc:"Negative when the end is over"`
	UnplannedTasks   int           `json:"unplanned_tasks" doc:"Open and planned tasks that the plan finds no end for: not estimated, with nobody, or more than a year ahead"`
	Tasks            TaskCounts    `json:"tasks"`
	Chosen           []TaskFigures `json:"chosen" doc:"The tasks that were asked for"`
	ChosenRequests   []RequestNow  `json:"chosen_requests,omitempty" doc:"The requests that were asked for, as far as one may see them"`
	Status           string        `json:"status,omitempty" doc:"To the client's contacts"`
	EndsOn           civil.Date    `json:"ends_on,omitzero" format:"date" doc:"The planned end, to the client's contacts"`
	*SummaryMoney
}

// TaskCounts are how many tasks of a project have each status.
type TaskCounts struct {
	Planned   int `json:"planned"`
	Open      int `json:"open"`
	Complete  int `json:"complete"`
	Cancelled int `json:"cancelled"`
}

func (c *TaskCounts) count(s work.Status) {
	switch s {
	case work.Planned:
		c.Planned++
	case work.Open:
		c.Open++
	case work.Complete:
		c.Complete++
	case work.Cancelled:
		c.Cancelled++
	}
}

// TaskFigures is where a task stands with all that is below it.
type TaskFigures struct {
	TaskID           uuid.UUID   `json:"task_id"`
	Key              string      `json:"key"`
	Title            string      `json:"title"`
	Status           work.Status `json:"status" enum:"planned,open,complete,cancelled"`
	EstimatedMinutes int         `json:"estimated_minutes" doc:"With its sub-tasks"`
	WorkedMinutes    int         `json:"worked_minutes" doc:"With its sub-tasks"`
	RemainingMinutes int         `json:"remaining_minutes" doc:"With its sub-tasks"`
}

// RequestNow is where a request stands.
type RequestNow struct {
	RequestID        uuid.UUID          `json:"request_id"`
	Key              string             `json:"key"`
	Title            string             `json:"title"`
	Kind             work.RequestKind   `json:"kind" enum:"issue,feature,question"`
	Priority         int                `json:"priority"`
	Status           work.RequestStatus `json:"status" enum:"open,completed,cancelled"`
	WaitingForClient bool               `json:"waiting_for_client"`
}

// SummaryOf says of which project a summary is asked for, and what it shows.
type SummaryOf struct {
	Project uuid.UUID
	Tasks   []uuid.UUID // whose figures are shown too
	Money   bool
}

// ProjectSummary reads where a project stands at an instant.
func (s *Store) ProjectSummary(ctx context.Context, of SummaryOf, now time.Time) (ProjectSummary, error) {
	p, err := s.Project(ctx, of.Project)
	if err != nil {
		return ProjectSummary{}, Refusal(err)
	}
	c, err := s.Client(ctx, p.ClientID)
	if err != nil {
		return ProjectSummary{}, err
	}
	tasks, err := s.Lists.ProjectTasks(ctx, []uuid.UUID{p.ID})
	if err != nil {
		return ProjectSummary{}, err
	}
	day := today(now, c.TimeZone)
	sum := ProjectSummary{ProjectID: p.ID, Currency: p.Currency, StartsOn: p.StartsOn, DaysSinceStart: days(p.StartsOn, day), Chosen: []TaskFigures{}}
	all := sum.figures(p.Code, tasks, of.Tasks)
	if err := s.estimateEnd(ctx, &sum, p, tasks, now, Zone(c.TimeZone)); err != nil {
		return sum, err
	}
	sum.DaysToEnd = days(day, sum.EstimatedEndOn)
	if of.Money {
		sum.SummaryMoney, err = s.summaryMoney(ctx, p, all, day, sum.EstimatedEndOn)
	}
	return sum, err
}

// figures fills in minutes and counts.
func (sum *ProjectSummary) figures(code string, tasks []db.ProjectTasksRow, chosen []uuid.UUID) work.Figures {
	all, each := work.RollUp(pieces(tasks))
	for _, t := range tasks {
		sum.Tasks.count(work.Status(t.Status))
		if slices.Contains(chosen, t.ID) {
			f := each[t.ID]
			sum.Chosen = append(sum.Chosen, TaskFigures{t.ID, TaskKey(code, t.Number), t.Title, work.Status(t.Status), f.Estimated, f.Worked, f.Remaining})
		}
	}
	slices.SortFunc(sum.Chosen, func(a, b TaskFigures) int { return slices.Index(chosen, a.TaskID) - slices.Index(chosen, b.TaskID) })
	sum.EstimatedMinutes, sum.WorkedMinutes, sum.RemainingMinutes = all.Estimated, all.Worked, all.Remaining
	sum.ProgressPercent = all.Progress(sum.Tasks.Planned+sum.Tasks.Open, sum.Tasks.Complete)
	return all
}

func pieces(tasks []db.ProjectTasksRow) []work.Piece {
	all := make([]work.Piece, len(tasks))
	for i, t := range tasks {
		all[i] = work.Piece{ID: t.ID, ParentID: t.ParentID, Status: work.Status(t.Status), Estimate: minutes(t.EstimateMinutes), Remaining: said(t.RemainingMinutes), Worked: int(t.WorkedMinutes)}
	}
	return all
}

// Where an estimated end comes from.
const (
	endByPlan    = "plan"
	endByPlanned = "planned_end"
	endByClosed  = "closed"
)

// estimateEnd finds when the project ends. Where some tasks have no place in
// the plan, it ends no earlier than was planned.
func (s *Store) estimateEnd(ctx context.Context, sum *ProjectSummary, p db.ProjectRow, tasks []db.ProjectTasksRow, now time.Time, zone *time.Location) error {
	status := work.ProjectStatus(p.Status)
	sum.EstimatedEndOn, sum.EstimatedEndBy = p.EndsOn, endByPlanned
	if status.Ended() {
		sum.closed(tasks, zone)
		return nil
	}
	from := now
	if !p.StartsOn.IsZero() && p.StartsOn.Start(zone).After(now) {
		from = p.StartsOn.Start(zone)
	}
	e, err := s.projectEnding(ctx, p.ID, status == work.OnHold, tasks, from.UTC().Truncate(time.Minute))
	if err != nil {
		return err
	}
	sum.UnplannedTasks = e.Unplaced
	if e.Beyond {
		sum.EstimatedEndOn, sum.EstimatedEndBy = civil.Date{}, endByPlan
		return nil
	}
	at := e.Last.Add(-1)
	if at.Before(from) { // nothing is left to do
		at = from
	}
	if last := civil.In(at, zone); !e.Last.IsZero() && (e.Unplaced == 0 || last.After(p.EndsOn)) {
		sum.EstimatedEndOn, sum.EstimatedEndBy = last, endByPlan
	}
	return nil
}

// closed is the end of a project that has ended.
func (sum *ProjectSummary) closed(tasks []db.ProjectTasksRow, zone *time.Location) {
	var last time.Time
	for _, t := range tasks {
		if t.ClosedAt != nil && t.ClosedAt.After(last) {
			last = *t.ClosedAt
		}
	}
	if !last.IsZero() {
		sum.EstimatedEndOn, sum.EstimatedEndBy = civil.In(last, zone), endByClosed
	}
}

// ProjectsProgress is how far some projects are, in percent, as their summaries
// say it.
func (s *Store) ProjectsProgress(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]int, error) {
	rows, err := s.Lists.ProjectTasks(ctx, ids)
	of := make(map[uuid.UUID][]db.ProjectTasksRow, len(ids))
	for _, r := range rows {
		of[r.ProjectID] = append(of[r.ProjectID], r)
	}
	percent := make(map[uuid.UUID]int, len(ids))
	for _, id := range ids {
		var sum ProjectSummary
		sum.figures("", of[id], nil)
		percent[id] = sum.ProgressPercent
	}
	return percent, err
}

func days(from, to civil.Date) *int {
	if from.IsZero() || to.IsZero() {
		return nil
	}
	n := to.DaysSince(from)
	return &n
}
