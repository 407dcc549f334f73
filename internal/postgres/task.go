package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// Task is a task as people see it.
type Task struct {
	ID               uuid.UUID      `json:"id"`
	Key              string         `json:"key" doc:"What people say" example:"ACME-12"`
	ExternalKey      *string        `json:"external_key,omitempty" doc:"The importer's own key"`
	ProjectID        uuid.UUID      `json:"project_id"`
	ParentID         *uuid.UUID     `json:"parent_id"`
	RequestID        *uuid.UUID     `json:"request_id,omitempty" doc:"The request that it was made from"`
	Title            string         `json:"title"`
	Description      string         `json:"description" doc:"Markdown"`
	Status           work.Status    `json:"status" enum:"planned,open,complete,cancelled"`
	Priority         int            `json:"priority" doc:"1 comes first, 5 last"`
	OwnerID          uuid.UUID      `json:"owner_id" doc:"Who is accountable"`
	OwnerName        string         `json:"owner_name"`
	Assignee         *Assignee      `json:"assignee" doc:"Who works on it now"`
	AssignedAt       time.Time      `json:"assigned_at"`
	Delegated        bool           `json:"delegated" doc:"The owner stays accountable while somebody else works on it"`
	HandOver         *work.HandOver `json:"hand_over" doc:"What was written when it was delegated last"`
	EscalatedAt      *time.Time     `json:"escalated_at" doc:"When the group's managers heard that nobody accepts it"`
	StartedAt        *time.Time     `json:"started_at" doc:"As its assignee said"`
	EndedAt          *time.Time     `json:"ended_at"`
	WaitingSince     time.Time      `json:"waiting_since" doc:"Since when it waits for whoever moves next"`
	NeedsSubtasks    bool           `json:"needs_subtasks" doc:"An open top-level task that is not broken down yet"`
	Ready            bool           `json:"ready" doc:"Everything that it and the tasks above it depend on is done"`
	EstimateMinutes  *int32         `json:"estimate_minutes"`
	WorkedMinutes    int64          `json:"worked_minutes"`
	RemainingMinutes *int32         `json:"remaining_minutes" doc:"As last said with recorded time; null when nobody said"`
	DependsOn        []uuid.UUID    `json:"depends_on"`
	WaitsFor         []string       `json:"waits_for" doc:"The keys of all that it waits for: it or a task above it depends on them, and they are not done"`
	Skills           []string       `json:"skills"`
	VisibleToClient  bool           `json:"visible_to_client"`
	DueOn            civil.Date     `json:"due_on" format:"date" nullable:"true" doc:"The day it should be done by; null where nobody said"`
	CreatedAt        time.Time      `json:"created_at"`
	ClosedAt         *time.Time     `json:"closed_at"`
	Version          int32          `json:"version"`

	Facts db.TaskViewsRow `json:"-"` // the row, for rules and operators
}

// Assignee is a person or group by name.
type Assignee struct {
	Kind work.Kind `json:"kind" enum:"user,group"`
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// Tasks reads tasks by id, in the order of priority and age.
func Tasks(ctx context.Context, q *db.Queries, ids []uuid.UUID) ([]Task, error) {
	rows, err := q.TaskViews(ctx, ids)
	if err != nil {
		return nil, err
	}
	tasks := make([]Task, len(rows))
	for i, r := range rows {
		tasks[i] = taskOf(r)
	}
	return tasks, nil
}

// OneTask reads a task; an unknown one is [fault.NotFound].
func OneTask(ctx context.Context, q *db.Queries, id uuid.UUID) (Task, error) {
	tasks, err := Tasks(ctx, q, []uuid.UUID{id})
	if err != nil {
		return Task{}, err
	}
	if len(tasks) == 0 {
		return Task{}, fault.New(fault.NotFound, "there is no such task")
	}
	return tasks[0], nil
}

// TaskKey is what people call a task.
func TaskKey(code string, number int32) string { return fmt.Sprintf("%s-%d", code, number) }

func keys(code string, numbers []int32) []string {
	all := make([]string, len(numbers))
	for i, n := range numbers {
		all[i] = TaskKey(code, n)
	}
	return all
}

func taskOf(r db.TaskViewsRow) Task {
	t := Task{
		ID: r.ID, Key: TaskKey(r.Code, r.Number), ExternalKey: r.ExternalKey, ProjectID: r.ProjectID, ParentID: r.ParentID, RequestID: r.RequestID,
		Title: r.Title, Description: r.Description, Status: work.Status(r.Status), Priority: int(r.Priority), OwnerID: r.OwnerID, OwnerName: r.OwnerName,
		Assignee: assignee(r.AssigneePersonID, r.AssigneeGroupID, r.AssigneeName), AssignedAt: r.AssignedAt, Ready: len(r.WaitsFor) == 0, WaitsFor: keys(r.Code, r.WaitsFor),
		EstimateMinutes: r.EstimateMinutes, WorkedMinutes: r.WorkedMinutes, RemainingMinutes: r.RemainingMinutes,
		DependsOn: r.DependsOn, Skills: r.Skills, VisibleToClient: r.VisibleToClient, DueOn: r.DueOn,
		CreatedAt: r.CreatedAt, ClosedAt: r.ClosedAt, Version: r.Version, Facts: r,
		Delegated: r.Delegated, HandOver: handOver(r.HandOver), EscalatedAt: r.EscalatedAt,
		StartedAt: r.StartedAt, EndedAt: r.EndedAt,
	}
	return t.derived(r.StatusAt)
}

// derived fills in what follows from the rest.
func (t Task) derived(statusAt time.Time) Task {
	t.WaitingSince = latest(t.AssignedAt, statusAt)
	if since := t.Facts.ProjectActiveSince; since != nil { // before that it waited for its project
		t.WaitingSince = latest(t.WaitingSince, *since)
	}
	if t.Ready {
		t.WaitingSince = latest(t.WaitingSince, t.Facts.FreedAt)
	}
	t.NeedsSubtasks = Machine(t.Facts).NeedsSubtasks(int(t.Facts.Children))
	return t
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func handOver(stored json.RawMessage) *work.HandOver {
	if stored == nil {
		return nil
	}
	var h work.HandOver
	if json.Unmarshal(stored, &h) != nil {
		return nil // another shape than the constraint's: nothing to show
	}
	return &h
}

func assignee(person, group *uuid.UUID, name string) *Assignee {
	switch {
	case person != nil:
		return &Assignee{Kind: work.Person, ID: *person, Name: name}
	case group != nil:
		return &Assignee{Kind: work.Group, ID: *group, Name: name}
	}
	return nil
}

// Machine is what the rules of package work see of a stored task.
func Machine(t db.TaskViewsRow) work.Task {
	m := work.Task{
		ID: t.ID, ParentID: t.ParentID, Title: t.Title, Description: t.Description, Status: work.Status(t.Status),
		Priority: int(t.Priority), OwnerID: t.OwnerID, Delegated: t.Delegated, AssignedAt: t.AssignedAt,
		Skills: t.Skills, VisibleToClient: t.VisibleToClient, ClosedAt: t.ClosedAt,
		AcceptedFrom: t.AcceptedFrom, HandOver: handOver(t.HandOver), EscalatedAt: t.EscalatedAt, StatusAt: t.StatusAt, DueOn: t.DueOn,
		StartedAt: t.StartedAt, EndedAt: t.EndedAt,
	}
	if t.EstimateMinutes != nil {
		e := int(*t.EstimateMinutes)
		m.EstimateMinutes = &e
	}
	switch {
	case t.AssigneePersonID != nil:
		m.Assignee = work.Assignee{Kind: work.Person, ID: *t.AssigneePersonID}
	case t.AssigneeGroupID != nil:
		m.Assignee = work.Assignee{Kind: work.Group, ID: *t.AssigneeGroupID}
	}
	return m
}

// After is the task as people see it once a rule has changed it. Name is who
// it is assigned to then.
func (t Task) After(m work.Task, name string) Task {
	t.ParentID, t.Title, t.Description, t.Status, t.Priority, t.OwnerID = m.ParentID, m.Title, m.Description, m.Status, m.Priority, m.OwnerID
	person, group := AssigneeColumns(m.Assignee)
	t.Assignee = assignee(person, group, name)
	t.AssignedAt, t.EstimateMinutes, t.Skills = m.AssignedAt, Minutes32(m.EstimateMinutes), m.Skills
	t.VisibleToClient, t.DueOn, t.ClosedAt = m.VisibleToClient, m.DueOn, m.ClosedAt
	t.Delegated, t.HandOver, t.EscalatedAt = m.Delegated, m.HandOver, m.EscalatedAt
	t.StartedAt, t.EndedAt = m.StartedAt, m.EndedAt
	t.Facts.Status, t.Facts.ParentID = string(m.Status), m.ParentID
	t.Version++
	return t.derived(m.StatusAt)
}

// AuditTask is a task as its history shows it.
func AuditTask(t work.Task) any {
	var to *work.Assignee
	if !t.Assignee.IsZero() {
		to = &t.Assignee
	}
	return struct {
		ParentID        *uuid.UUID     `json:"parent_id,omitempty"`
		Title           string         `json:"title"`
		Description     string         `json:"description,omitempty"`
		Status          work.Status    `json:"status"`
		Priority        int            `json:"priority"`
		OwnerID         uuid.UUID      `json:"owner_id"`
		Assignee        *work.Assignee `json:"assignee,omitempty"`
		Delegated       bool           `json:"delegated,omitempty"`
		HandOver        *work.HandOver `json:"hand_over,omitempty"`
		AcceptedFrom    *uuid.UUID     `json:"accepted_from,omitempty"`
		Escalated       bool           `json:"escalated,omitempty"`
		StartedAt       *time.Time     `json:"started_at,omitempty"`
		EndedAt         *time.Time     `json:"ended_at,omitempty"`
		EstimateMinutes *int           `json:"estimate_minutes,omitempty"`
		Skills          []string       `json:"skills,omitempty"`
		VisibleToClient bool           `json:"visible_to_client,omitempty"`
		DueOn           civil.Date     `json:"due_on,omitzero"`
	}{t.ParentID, t.Title, t.Description, t.Status, t.Priority, t.OwnerID, to, t.Delegated, t.HandOver, t.AcceptedFrom, t.EscalatedAt != nil, inUTC(t.StartedAt), inUTC(t.EndedAt), t.EstimateMinutes, t.Skills, t.VisibleToClient, t.DueOn}
}

// inUTC is an instant as histories show it.
func inUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

// AssigneeColumns are the two columns that an assignee is stored in.
func AssigneeColumns(a work.Assignee) (person, group *uuid.UUID) {
	switch a.Kind {
	case work.Person:
		return &a.ID, nil
	case work.Group:
		return nil, &a.ID
	}
	return nil, nil
}

// Minutes32 is an estimate as it is stored.
func Minutes32(m *int) *int32 {
	if m == nil {
		return nil
	}
	v := int32(*m)
	return &v
}
