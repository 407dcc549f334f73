package flow

import (
	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/work"
)

// Envelope is what every command's body may carry beside its verb's own fields.
type Envelope struct {
	IfVersion int32 `json:"if_version,omitempty"` // refuse as stale unless the row has this version
	Number    int32 `json:"number,omitempty"`     // of a task or request to be, drawn with the command
}

// CreateTask is the body of "create" on a task.
type CreateTask struct {
	ProjectID       uuid.UUID   `json:"project_id"`
	ParentID        *uuid.UUID  `json:"parent_id,omitempty" doc:"The task above it; none for a top-level task"`
	Title           string      `json:"title" minLength:"1" maxLength:"500" pattern:"\\S" doc:"What is to be done, in a line"`
	Description     string      `json:"description,omitempty" maxLength:"20000" doc:"Markdown"`
	Priority        int         `json:"priority,omitempty" minimum:"1" maximum:"5" doc:"1 comes first; left out it is what the group prefers, else 3"`
	EstimateMinutes *int        `json:"estimate_minutes,omitempty" minimum:"0" maximum:"10000000"`
	Skills          []string    `json:"skills,omitempty" maxItems:"50" maxLength:"100" doc:"What whoever accepts it must know"`
	DependsOn       []uuid.UUID `json:"depends_on,omitempty" maxItems:"200" doc:"Tasks that must be complete before this one can start"`
	VisibleToClient bool        `json:"visible_to_client,omitempty"`
	DueOn           civil.Date  `json:"due_on,omitzero" required:"false" format:"date" doc:"The day it should be done by"`
	AssignTo        *Target     `json:"assign_to,omitempty" doc:"A person or a group; nobody if left out"`
	RequestID       *uuid.UUID  `json:"request_id,omitempty" doc:"The request that it is made from"`
}

// Target is a person or a group; exactly one of them.
type Target struct {
	UserID  *uuid.UUID `json:"user_id,omitempty"`
	GroupID *uuid.UUID `json:"group_id,omitempty"`
}

// Assignee is the target as the rules know it; zero when it names none or both.
func (t *Target) Assignee() work.Assignee {
	switch {
	case t == nil || (t.UserID == nil) == (t.GroupID == nil):
		return work.Assignee{}
	case t.UserID != nil:
		return work.Assignee{Kind: work.Person, ID: *t.UserID}
	}
	return work.Assignee{Kind: work.Group, ID: *t.GroupID}
}

// AssignTask is the body of "assign" on a task.
type AssignTask struct {
	To   Target `json:"to" doc:"A person or a group of the provider, or a contact of the client or of its partner"`
	Note string `json:"note,omitempty" maxLength:"20000"`
}

// DelegateTask is the body of "delegate" on a task (S1.24–S1.26).
type DelegateTask struct {
	To     Target              `json:"to" doc:"A person or a group of the provider"`
	Reason work.HandOverReason `json:"reason" enum:"my_part_finished,need_support" doc:"Whether your part is finished or you need help"`
	Done   string              `json:"done" minLength:"1" maxLength:"20000" pattern:"\\S" doc:"What was done"`
	Next   string              `json:"next" minLength:"1" maxLength:"20000" pattern:"\\S" doc:"What must be done next"`
}

// MoveTask is the body of "move" on a task (S1.35).
type MoveTask struct {
	ParentID *uuid.UUID `json:"parent_id" required:"true" nullable:"true" doc:"The task above it then; null for the top"`
}

// Dependency is the body of "depend" and "undepend" on a task (S1.31).
type Dependency struct {
	TaskID uuid.UUID `json:"task_id"`
}

// SetStatus is the body of "status" on a task.
type SetStatus struct {
	Status work.Status `json:"status" enum:"planned,open,complete,cancelled"`
	Note   string      `json:"note,omitempty" maxLength:"20000"`
}

// Noted is the body of verbs that take no more than a note.
type Noted struct {
	Note string `json:"note,omitempty" maxLength:"20000"`
}

// RefuseClearance is the body of "refuse-clearance" on a project (S1.06).
type RefuseClearance struct {
	Note string `json:"note" minLength:"1" maxLength:"20000" pattern:"\\S" doc:"Why, and what is missing"`
}

// CompleteInvoice is the body of "complete" on an invoice.
type CompleteInvoice struct {
	Send string `json:"send,omitempty" enum:"email,paper,none" default:"none" doc:"How it goes to the client"`
}
