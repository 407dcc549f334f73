package work

import (
	"slices"
	"time"

	"github.com/google/uuid"

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

// next is the machine: from each status the ones it may change to (S1.33).
var next = map[Status][]Status{
	Planned:   {Open, Cancelled},
	Open:      {Planned, Complete, Cancelled},
	Complete:  {Open},
	Cancelled: {Planned, Open},
}

// Closed tells whether work on it has ended.
func (s Status) Closed() bool { return s == Complete || s == Cancelled }

// Kind of assignee.
type Kind string

// A task is worked on by a person or waits in a group.
const (
	Person Kind = "user"
	Group  Kind = "group"
)

// Assignee works on a task now. The zero Assignee is nobody.
type Assignee struct {
	Kind Kind      `json:"kind"`
	ID   uuid.UUID `json:"id"`
}

// IsZero tells whether nobody is assigned.
func (a Assignee) IsZero() bool { return a == Assignee{} }

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
	EstimateMinutes *int // nil: not estimated
	Skills          []string
	VisibleToClient bool
	ClosedAt        *time.Time
}

// Facts is what else a rule may look at, read under the task's lock.
type Facts struct {
	Now           time.Time
	ActorID       uuid.UUID
	ActorSkills   []string
	ProjectStatus ProjectStatus
	OpenChildren  int // sub-tasks neither complete nor cancelled
	WaitingOn     int // tasks it depends on that are neither complete nor cancelled
}

// Target is whom a task is assigned to, with what the rule needs to know.
type Target struct {
	Assignee
	Managers []uuid.UUID // of the group, in a fixed order
}

// New makes a planned task. The owner is the person it is assigned to, or the
// first manager of the group, or the actor if nobody is (S1.09).
func New(t Task, to Target, f Facts) (Task, error) {
	if f.ProjectStatus.Ended() {
		return t, fault.New(ProjectNotActive, "the project is %s", f.ProjectStatus)
	}
	t.Status, t.OwnerID = Planned, f.ActorID
	if to.IsZero() {
		t.AssignedAt = f.Now
		return t, nil
	}
	return t.Assign(to, f)
}

// Assign hands the task on, accountability and all (S1.09, S1.38–S1.41): the
// person becomes the owner, or for a group its first manager. Where the task
// was delegated and its owner is not the one who assigns, it is a manager
// passing it on within the group, and the owner stays.
func (t Task) Assign(to Target, f Facts) (Task, error) {
	if t.Status.Closed() {
		return t, fault.New(TaskClosed, "the task is %s; reopen it first", t.Status)
	}
	if !t.Delegated || t.OwnerID == f.ActorID {
		owner, err := to.accountable()
		if err != nil {
			return t, err
		}
		t.OwnerID, t.Delegated = owner, false
	}
	t.Assignee, t.AssignedAt = to.Assignee, f.Now
	return t, nil
}

// accountable is who answers for what is assigned to the target.
func (to Target) accountable() (uuid.UUID, error) {
	if to.Kind == Person {
		return to.ID, nil
	}
	if len(to.Managers) == 0 {
		return uuid.Nil, fault.New(NoManager, "the group has no manager who could be accountable for the task")
	}
	return to.Managers[0], nil
}

// Accept takes a task that waits in a group (S1.47, S1.48). What was assigned
// to the group is from then on the accepting person's to answer for; what was
// delegated stays the owner's.
func (t Task) Accept(f Facts) (Task, error) {
	switch {
	case t.Status.Closed():
		return t, fault.New(TaskClosed, "the task is %s", t.Status)
	case t.Assignee.Kind != Group:
		return t, fault.New(AlreadyAssigned, "somebody accepted the task before")
	case f.WaitingOn > 0:
		return t, fault.New(DependencyIncomplete, "the task waits for %d others to be complete", f.WaitingOn)
	}
	if missing := lacking(t.Skills, f.ActorSkills); missing != "" {
		return t, fault.New(SkillMissing, "the task asks for the skill %q; the group's manager can assign it all the same", missing)
	}
	t.Assignee, t.AssignedAt = Assignee{Person, f.ActorID}, f.Now
	if !t.Delegated {
		t.OwnerID = f.ActorID
	}
	return t, nil
}

func lacking(wanted, have []string) string {
	for _, s := range wanted {
		if !slices.Contains(have, s) {
			return s
		}
	}
	return ""
}

// SetStatus moves the task along its machine (S1.33). It is opened only in an
// active project (S1.06) and completed only without open sub-tasks.
func (t Task) SetStatus(to Status, f Facts) (Task, error) {
	if !slices.Contains(next[t.Status], to) {
		return t, fault.New(BadTransition, "a task that is %s cannot become %s", t.Status, to)
	}
	if to == Open && f.ProjectStatus != Active {
		return t, fault.New(ProjectNotActive, "the project is %s: no task of it can be opened", f.ProjectStatus)
	}
	if to == Complete && f.OpenChildren > 0 {
		return t, fault.New(OpenSubtasks, "%d sub-tasks are neither complete nor cancelled", f.OpenChildren)
	}
	if to == Complete && f.WaitingOn > 0 {
		return t, fault.New(DependencyIncomplete, "the task waits for %d others to be complete", f.WaitingOn)
	}
	t.Status, t.ClosedAt = to, nil
	if to.Closed() {
		t.ClosedAt = &f.Now
	}
	return t, nil
}

// Edit is what may be changed of a task besides its machine; nil leaves as is.
type Edit struct {
	Title           *string   `json:"title,omitempty" minLength:"1" maxLength:"500" doc:"What is to be done, in a line"`
	Description     *string   `json:"description,omitempty" maxLength:"20000" doc:"Markdown"`
	Priority        *int      `json:"priority,omitempty" minimum:"1" maximum:"5" doc:"1 comes first"`
	EstimateMinutes *int      `json:"estimate_minutes,omitempty" minimum:"0" maximum:"10000000" doc:"The main estimate; time remaining is kept apart from it"`
	Skills          *[]string `json:"skills,omitempty" maxItems:"50" doc:"What whoever accepts it must know"`
	VisibleToClient *bool     `json:"visible_to_client,omitempty" doc:"Whether the client's contacts on the project see it"`
}

// Edit changes the given fields, also of a closed task.
func (t Task) Edit(e Edit) Task {
	set(&t.Title, e.Title)
	set(&t.Description, e.Description)
	set(&t.Priority, e.Priority)
	set(&t.Skills, e.Skills)
	set(&t.VisibleToClient, e.VisibleToClient)
	if e.EstimateMinutes != nil {
		t.EstimateMinutes = e.EstimateMinutes
	}
	return t
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}
