package work

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/fault"
)

// Status of a task (S1.33).
type Status string

// A machine is a table; the comment says who moves next.
const (
	Planned   Status = "planned"   // the owner moves next: approves it for work
	Open      Status = "open"      // the assignee moves next
	Complete  Status = "complete"  // final, until the owner reopens it
	Cancelled Status = "cancelled" // final, until the owner plans it again
)

// Transition is a row of the machine.
type Transition struct {
	From, To Status
	Means    string // what the owner says with it
}

// Transitions is the machine (S1.33): only the owner takes a task along it, or
// the project's AM, which is noted (S1.34). docs/machines.md is made of it.
var Transitions = []Transition{
	{Planned, Open, "approve for work"},
	{Planned, Cancelled, "drop it"},
	{Open, Planned, "take the approval back"},
	{Open, Complete, "it is done"},
	{Open, Cancelled, "drop it"},
	{Complete, Open, "reopen it"},
	{Cancelled, Planned, "plan it again"},
	{Cancelled, Open, "approve it again"},
}

// leads tells whether the machine goes from one status to the other.
func leads(from, to Status) bool {
	return slices.ContainsFunc(Transitions, func(t Transition) bool { return t.From == from && t.To == to })
}

// Closed tells whether work on it has ended.
func (s Status) Closed() bool { return s == Complete || s == Cancelled }

// Task is what the machine knows of a task.
type Task struct {
	ID              uuid.UUID
	ParentID        *uuid.UUID
	Title           string
	Description     string
	Status          Status
	Priority        int // 1 comes first, 5 last
	OwnerID         uuid.UUID
	Assignee        Assignee
	Delegated       bool // handed on while accountability stayed with the owner (S1.41)
	AssignedAt      time.Time
	AcceptedFrom    *uuid.UUID // the group that the assignee accepted it from (S1.14)
	HandOver        *HandOver  // of the last delegation; nil once it is assigned
	EscalatedAt     *time.Time // the managers of its group heard that nobody accepts it
	StatusAt        time.Time  // when the status was set last
	StartedAt       *time.Time // as its assignee said, who need not record time (S2.08)
	EndedAt         *time.Time
	EstimateMinutes *int // nil: not estimated
	Skills          []string
	VisibleToClient bool
	DueOn           civil.Date // the day it should be done by; none: nobody said
	ClosedAt        *time.Time
}

// Facts is what else a rule may look at, read under the task's lock.
type Facts struct {
	Now           time.Time
	ActorID       uuid.UUID
	ActorSkills   []string
	ProjectStatus ProjectStatus
	ParentStatus  Status // of the task above; "" for a top-level task
	OpenChildren  int    // sub-tasks neither complete nor cancelled
	WaitingOn     int    // tasks that it or one above it depends on, neither complete nor cancelled
	Held          int    // open tasks that the actor accepted from the same group
	HeldLimit     int    // how many those may be (S1.14); 0: any number

	AnswersForProject bool // the actor is its account manager, or an admin
}

// DefaultPriority is that of a task for which nobody said another.
const DefaultPriority = 3

// New makes a planned task. The owner is the person it is assigned to, or the
// first manager of the group, or the actor if nobody is (S1.09). Where nothing
// is said of its priority, it is what the group prefers (S1.14).
func New(t Task, to Target, f Facts) (Task, error) {
	if f.ProjectStatus.Ended() {
		return t, fault.New(ProjectNotActive, "the project is %s", f.ProjectStatus)
	}
	if f.ParentStatus.Closed() {
		return t, fault.New(TaskClosed, "the task above is %s", f.ParentStatus)
	}
	if t.Priority == 0 {
		t.Priority = cmp.Or(to.DefaultPriority, DefaultPriority)
	}
	t.Status, t.OwnerID, t.StatusAt = Planned, f.ActorID, f.Now
	if to.IsZero() {
		t.AssignedAt = f.Now
		return t, nil
	}
	return t.Assign(to, f)
}

// SetStatus moves the task along its machine (S1.33). It is opened only in an
// active project, planned again only in one that has not ended (S1.06), and closed
// only without open sub-tasks, so that nothing is open below what is closed.
func (t Task) SetStatus(to Status, f Facts) (Task, error) {
	if !leads(t.Status, to) {
		return t, fault.New(BadTransition, "a task that is %s cannot become %s", t.Status, to)
	}
	if t.Status.Closed() && f.ParentStatus.Closed() {
		return t, fault.New(ParentComplete, "the task above is %s; reopen that first", f.ParentStatus)
	}
	if t.Status.Closed() && f.ProjectStatus.Ended() {
		return t, fault.New(ProjectNotActive, "the project is %s: no task of it can be planned again", f.ProjectStatus)
	}
	if to == Open && f.ProjectStatus != Active {
		return t, fault.New(ProjectNotActive, "the project is %s: no task of it can be opened", f.ProjectStatus)
	}
	if to.Closed() && f.OpenChildren > 0 {
		return t, fault.New(OpenSubtasks, "%d sub-tasks are neither complete nor cancelled", f.OpenChildren)
	}
	if to == Complete && f.WaitingOn > 0 {
		return t, fault.New(DependencyIncomplete, "the task waits for %s to be complete", Others(f.WaitingOn))
	}
	t.Status, t.StatusAt, t.ClosedAt, t.EscalatedAt = to, f.Now, nil, nil
	if to.Closed() {
		t.ClosedAt = &f.Now
	}
	return t, nil
}

// NeedsSubtasks tells whether an open top-level task is not broken down yet,
// which its owner and the AM are told (S1.10). Children counts all of them.
func (t Task) NeedsSubtasks(children int) bool {
	return t.Status == Open && t.ParentID == nil && children == 0
}

// Move puts the task under another that the actor owns too, or at the top
// (S1.35). Whether it may go there at all, [Place] says.
func (t Task) Move(to *uuid.UUID, p Place, f Facts) (Task, error) {
	switch {
	case to != nil && *to == t.ID || p.Circular:
		return t, fault.New(Circular, "the task would come below itself, or wait for itself")
	case to != nil && !p.SameProject:
		return t, fault.New(OtherProject, "a task moves only within its project")
	case p.ParentStatus == Complete && !t.Status.Closed() || p.ParentStatus == Cancelled:
		return t, fault.New(TaskClosed, "the task above would be %s", p.ParentStatus)
	case f.ProjectStatus.Ended():
		return t, fault.New(ProjectNotActive, "the project is %s", f.ProjectStatus)
	}
	t.ParentID = to
	return t, nil
}

// Place is where a task is to go, read under the project's lock on its tree.
type Place struct {
	SameProject  bool
	ParentStatus Status
	Circular     bool // one of them would wait for itself
}

// Depend refuses to make the task wait for another where it must not: one that
// is itself complete only after this task has started, by any chain of
// dependencies and sub-tasks, would never come (S1.31).
func (t Task) Depend(on uuid.UUID, p Place) error {
	switch {
	case on == t.ID || p.Circular:
		return fault.New(Circular, "the tasks would wait for each other")
	case !p.SameProject:
		return fault.New(OtherProject, "a task depends only on tasks of its own project")
	case t.Status.Closed():
		return fault.New(TaskClosed, "the task is %s", t.Status)
	}
	return nil
}

// Edit is what may be changed of a task besides its machine; nil leaves as is.
type Edit struct {
	Title           *string           `json:"title,omitempty" minLength:"1" maxLength:"500" pattern:"\\S" doc:"What is to be done, in a line"`
	Description     *string           `json:"description,omitempty" maxLength:"20000" doc:"Markdown"`
	Priority        *int              `json:"priority,omitempty" minimum:"1" maximum:"5" doc:"1 comes first"`
	EstimateMinutes Maybe[int]        `json:"estimate_minutes,omitzero" required:"false" minimum:"0" maximum:"10000000" doc:"The main estimate, null for none; time remaining is kept apart from it"`
	Skills          *[]string         `json:"skills,omitempty" maxItems:"50" maxLength:"100" doc:"What whoever accepts it must know"`
	VisibleToClient *bool             `json:"visible_to_client,omitempty" doc:"Whether the client's contacts on the project see it"`
	DueOn           Maybe[civil.Date] `json:"due_on,omitzero" required:"false" format:"date" doc:"The day it should be done by; null for none"`
}

// Edit changes the given fields, also of a closed task.
func (t Task) Edit(e Edit) Task {
	set(&t.Title, e.Title)
	set(&t.Description, e.Description)
	set(&t.Priority, e.Priority)
	set(&t.Skills, e.Skills)
	set(&t.VisibleToClient, e.VisibleToClient)
	t.EstimateMinutes = e.EstimateMinutes.Over(t.EstimateMinutes)
	e.DueOn.Set(&t.DueOn)
	return t
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}
