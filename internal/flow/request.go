package flow

import (
	"github.com/google/uuid"

	"steward/internal/work"
)

// CreateRequest is what somebody asks for: the body of "create" on a request
// (S1.49).
type CreateRequest struct {
	ClientID         uuid.UUID        `json:"client_id"`
	ProjectID        *uuid.UUID       `json:"project_id,omitempty" doc:"None for a request in general"`
	TaskID           *uuid.UUID       `json:"task_id,omitempty" doc:"The task that it is about; its project follows"`
	Kind             work.RequestKind `json:"kind" enum:"issue,feature,question"`
	Title            string           `json:"title" minLength:"1" maxLength:"500" pattern:"\\S" doc:"What is wanted, in a line"`
	Description      string           `json:"description,omitempty" maxLength:"20000" doc:"Markdown"`
	Priority         int              `json:"priority,omitempty" minimum:"1" maximum:"5" doc:"1 comes first; 3 if left out"`
	AccountManagerID *uuid.UUID       `json:"account_manager_id,omitempty" doc:"For admins: who answers for it, instead of the project's account manager or else the client's"`
}

// NewRequest is [CreateRequest] as it travels: an ask within the staff says
// what it is about and to whom it goes (S1.68).
type NewRequest struct {
	CreateRequest
	AboutID *uuid.UUID `json:"about_id,omitempty"`
	To      *Target    `json:"to,omitempty"`
}

// Ask is a question to somebody on the staff about a request (S1.68).
type Ask struct {
	To       Target `json:"to" doc:"A person or a group of the provider"`
	Question string `json:"question" minLength:"1" maxLength:"20000" pattern:"\\S" doc:"Markdown; its first line is the title"`
}

// ReturnRequest is the body of "return" on a request (S1.59).
type ReturnRequest struct {
	Done string `json:"done" minLength:"1" maxLength:"20000" pattern:"\\S" doc:"What was done"`
}

// RequestStatus is the body of "status" on a request (S1.61).
type RequestStatus struct {
	Status work.RequestStatus `json:"status" enum:"open,completed,cancelled"`
	Note   string             `json:"note,omitempty" maxLength:"20000"`
}

// Await is the body of "wait" on a request (N.20).
type Await struct {
	Note string `json:"note" minLength:"1" maxLength:"20000" pattern:"\\S" doc:"What the client is asked; they can read it"`
}

// AnswerRequest is the body of "answer" on a request (S1.68).
type AnswerRequest struct {
	Answer string `json:"answer" minLength:"1" maxLength:"20000" pattern:"\\S" doc:"Markdown"`
}

// AnswerFromProject is the body of "answer-from-project" on a request (S1.63).
type AnswerFromProject struct {
	Note string `json:"note,omitempty" maxLength:"20000" doc:"Said with the figures"`
}

// MakeItem is the body of "change-request" and "project-issue" on a request
// (S2.12).
type MakeItem struct {
	ProjectID *uuid.UUID `json:"project_id,omitempty" doc:"The project that it is for, where the request is on none"`
}
