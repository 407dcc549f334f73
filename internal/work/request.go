package work

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"steward/internal/fault"
)

// RequestStatus is where a request is (S1.61).
type RequestStatus string

// The comment says who moves next.
const (
	RequestOpen      RequestStatus = "open"      // whoever has it: at first the AM, at last the AM again
	RequestCompleted RequestStatus = "completed" // final, until its AM reopens it
	RequestCancelled RequestStatus = "cancelled" // final, until its AM reopens it
)

// RequestTransition is a row of the request's machine.
type RequestTransition struct {
	From, To RequestStatus
	Means    string // what the AM says with it
}

// RequestTransitions is the machine: its AM alone takes a request along it
// (S1.61).
var RequestTransitions = []RequestTransition{
	{RequestOpen, RequestCompleted, "it is settled"},
	{RequestOpen, RequestCancelled, "nothing is done"},
	{RequestCompleted, RequestOpen, "reopen it"},
	{RequestCancelled, RequestOpen, "take it up after all"},
}

// Closed tells whether work on it has ended.
func (s RequestStatus) Closed() bool { return s != RequestOpen }

// RequestKind is what somebody wants (S1.49).
type RequestKind string

// The kinds of requests.
const (
	Issue    RequestKind = "issue"
	Feature  RequestKind = "feature"
	Question RequestKind = "question"
)

// Request is what the machine knows of a request. It is always on a desk: that
// of its account manager, of somebody else on the staff, or of a group.
type Request struct {
	ID               uuid.UUID
	AboutID          *uuid.UUID // an ask within the staff: the request that it is about (S1.68)
	Kind             RequestKind
	Title            string
	Description      string
	Priority         int // 1 comes first, 5 last
	Status           RequestStatus
	CreatedBy        uuid.UUID
	AccountManagerID uuid.UUID // answers for it, whoever works on it
	Assignee         Assignee
	Delegated        bool
	AssignedAt       time.Time
	AcceptedFrom     *uuid.UUID
	HandOver         *HandOver
	EscalatedAt      *time.Time // the managers of its group heard that nobody accepts it
	StatusAt         time.Time
	ClosedAt         *time.Time
	Answer           *Answer
	Promise
}

// Answer is what a request was answered with.
type Answer struct {
	Text    string          `json:"text" doc:"Markdown"`
	By      uuid.UUID       `json:"by"`
	At      time.Time       `json:"at"`
	Summary json.RawMessage `json:"summary,omitempty" doc:"Where the project stood then"`
}

// NewRequest makes an open request on the desk of its account manager, who
// reviews it (S1.52); an ask goes to whom it is put to at once (S1.68).
func NewRequest(r Request, am uuid.UUID, to Target, f Facts) (Request, error) {
	if r.Priority == 0 {
		r.Priority = DefaultPriority
	}
	r.Status, r.StatusAt, r.CreatedBy, r.AccountManagerID, r.Start = RequestOpen, f.Now, f.ActorID, am, f.Now
	if to.IsZero() {
		to = Target{Assignee: r.desk()}
	}
	return r.Assign(to, f)
}

// desk is its account manager's.
func (r Request) desk() Assignee { return Assignee{Person, r.AccountManagerID} }

func (r Request) open() error {
	if r.Status.Closed() {
		return fault.New(RequestClosed, "the request is %s; its account manager can reopen it", r.Status)
	}
	return nil
}

// handed is the request on another desk: what was true of the last one ends.
func (r Request) handed(to Assignee, f Facts) Request {
	r.Assignee, r.AssignedAt, r.AcceptedFrom, r.EscalatedAt = to, f.Now, nil, nil
	return r
}

// Assign puts the request on a desk of the firm (S1.53, S1.55). Its account
// manager answers for it wherever it is.
func (r Request) Assign(to Target, f Facts) (Request, error) {
	if err := r.open(); err != nil {
		return r, err
	}
	if to.IsZero() || to.Outside {
		return r, fault.Wrong("to", "a request is handled by somebody on the staff or by a group")
	}
	r.Delegated, r.HandOver = false, nil
	return r.handed(to.Assignee, f), nil
}

// Delegate hands the request on for help or because one part is finished, with
// what was done and what is next (S1.60).
func (r Request) Delegate(to Target, h HandOver, f Facts) (Request, error) {
	if err := r.open(); err != nil {
		return r, err
	}
	if err := h.check(); err != nil {
		return r, err
	}
	if to.IsZero() || to.Outside {
		return r, fault.Wrong("to", "a request is handled by somebody on the staff or by a group")
	}
	return r.passed(to.Assignee, h, f)
}

// Return gives the request back to its account manager when whoever had it is
// finished (S1.59).
func (r Request) Return(done string, f Facts) (Request, error) {
	if err := r.open(); err != nil {
		return r, err
	}
	if strings.TrimSpace(done) == "" {
		return r, fault.Wrong("done", "say what was done")
	}
	return r.passed(r.desk(), HandOver{Reason: MyPartFinished, Done: done, Next: "review it and set its status"}, f)
}

func (r Request) passed(to Assignee, h HandOver, f Facts) (Request, error) {
	if to == r.Assignee {
		return r, fault.New(SameAssignee, "the request is there already")
	}
	h.By, h.At = f.ActorID, f.Now
	r = r.handed(to, f)
	r.Delegated, r.HandOver = to != r.desk(), &h
	return r, nil
}

// Accept takes a request that waits in a group; one member does (S1.54).
func (r Request) Accept(f Facts) (Request, error) {
	if err := r.open(); err != nil {
		return r, err
	}
	if r.Assignee.Kind != Group {
		return r, fault.New(AlreadyAssigned, "somebody accepted the request before")
	}
	group := r.Assignee.ID
	r = r.handed(Assignee{Person, f.ActorID}, f)
	r.AcceptedFrom = &group
	return r, nil
}

// SetStatus moves the request along its machine (S1.61). While it is closed its
// targets do not run; closing it is a word to the client too.
func (r Request) SetStatus(to RequestStatus, f Facts) (Request, error) {
	if !slices.ContainsFunc(RequestTransitions, func(t RequestTransition) bool { return t.From == r.Status && t.To == to }) {
		return r, fault.New(BadTransition, "a request that is %s cannot become %s", r.Status, to)
	}
	r.Promise = r.ran(f.Now)
	r.Status, r.StatusAt, r.ClosedAt, r.EscalatedAt = to, f.Now, nil, nil
	if to.Closed() {
		r.ClosedAt = &f.Now
		r.Promise = r.responded(f.Now).stopped(f.Now)
	}
	return r, nil
}

// Wait stops the targets until the client says something, or somebody resumes
// (N.20). What the client is asked is a word to the client.
func (r Request) Wait(f Facts) (Request, error) {
	if err := r.open(); err != nil {
		return r, err
	}
	if r.AboutID != nil {
		return r, fault.New(fault.Conflict, "the client knows nothing of an ask and is not waited for")
	}
	if r.Waiting {
		return r, fault.New(AlreadyWaiting, "the client is waited for already")
	}
	r.Promise = r.responded(f.Now).stopped(f.Now)
	r.Waiting = true
	return r, nil
}

// Resume lets the targets run again.
func (r Request) Resume(f Facts) (Request, error) {
	if !r.Waiting {
		return r, fault.New(NotWaiting, "the client is not waited for")
	}
	r.Promise = r.ran(f.Now)
	return r, nil
}

// Noted is the request after a note that the client can read: of the staff, it
// is the response (N.20); of the client, it is what was waited for.
func (r Request) Noted(byClient bool, f Facts) Request {
	switch {
	case byClient && r.Waiting:
		r.Promise = r.ran(f.Now)
	case !byClient && r.AboutID == nil:
		r.Promise = r.responded(f.Now)
	}
	return r
}

// Reply records what the request is answered with. An ask is settled by it
// (S1.68); a request of the client stays open until its AM closes it.
func (r Request) Reply(a Answer, f Facts) (Request, error) {
	if err := r.open(); err != nil {
		return r, err
	}
	if strings.TrimSpace(a.Text) == "" {
		return r, fault.Wrong("answer", "is empty")
	}
	a.By, a.At = f.ActorID, f.Now
	r.Answer = &a
	if r.AboutID != nil {
		return r.SetStatus(RequestCompleted, f)
	}
	r.Promise = r.responded(f.Now)
	return r, nil
}

// Escalate marks that the managers of the request's group heard that nobody
// accepts it, and tells whether they are to be told now (S1.14).
func (r Request) Escalate(deadline *time.Time, f Facts) (Request, bool) {
	if r.Status.Closed() || r.Assignee.Kind != Group || r.EscalatedAt != nil || deadline == nil || f.Now.Before(*deadline) {
		return r, false
	}
	r.EscalatedAt = &f.Now
	return r, true
}

// RequestEdit is what its account manager may change of a request besides its
// machine; nil leaves as is.
type RequestEdit struct {
	Title            *string    `json:"title,omitempty" minLength:"1" maxLength:"500" pattern:"\\S" doc:"What is wanted, in a line"`
	Description      *string    `json:"description,omitempty" maxLength:"20000" doc:"Markdown"`
	Priority         *int       `json:"priority,omitempty" minimum:"1" maximum:"5" doc:"1 comes first; the targets follow it"`
	AccountManagerID *uuid.UUID `json:"account_manager_id,omitempty" doc:"Hands the request over to another account manager"`
}

// Edit changes the given fields. What is on the desk of the account manager
// goes with it to the next one.
func (r Request) Edit(e RequestEdit, f Facts) Request {
	set(&r.Title, e.Title)
	set(&r.Description, e.Description)
	set(&r.Priority, e.Priority)
	if e.AccountManagerID == nil || *e.AccountManagerID == r.AccountManagerID {
		return r
	}
	onDesk := r.Assignee == r.desk()
	r.AccountManagerID = *e.AccountManagerID
	if onDesk {
		r = r.handed(r.desk(), f)
	}
	return r
}

// ItemKind is what a customer project manager makes of a request (S2.12).
type ItemKind string

// The kinds of items; a request has at most one of each (S2.13, S2.14).
const (
	ChangeRequest ItemKind = "change_request"
	ProjectIssue  ItemKind = "project_issue"
)
