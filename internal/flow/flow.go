// Package flow is the wire between the API, the workflows and the activities:
// names, ids, queues, and what travels. Nothing here acts.
//
// Payloads hold ids, codes and versions. What people wrote stays in Postgres:
// a command is a row of command_log, and only its id travels.
package flow

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"
)

// Task queues. A month's end on Runs and Documents never slows a click on Actions.
const (
	Actions   = "actions"
	Runs      = "runs"
	Documents = "documents"
)

// Queues are all of them.
var Queues = []string{Actions, Runs, Documents}

// Kind is a thing that has a process of its own; it is also the prefix of the
// process's id: "task/0197…".
type Kind string

// The kinds of things with a process.
const (
	Task       Kind = "task"
	Project    Kind = "project"
	Invoice    Kind = "invoice"
	BillingRun Kind = "billing-run"
	Request    Kind = "request"
	Account    Kind = "account" // of a client: its id is the client's

	ReminderRun Kind = "reminder-run"
	Reminder    Kind = "reminder" // a letter; its process is named by [ReminderID]

	StatusRun Kind = "status-run"
	Status    Kind = "status" // a client's report; its process is named by [StatusID]
)

// Workflow names, as an operator reads them.
const (
	TaskWorkflow       = "Task"
	ProjectWorkflow    = "Project"
	InvoiceWorkflow    = "Invoice"
	BillingRunWorkflow = "BillingRun"
	RequestWorkflow    = "Request"
	AccountWorkflow    = "Account"
)

// Workflows names the workflow of each kind.
var Workflows = map[Kind]string{Task: TaskWorkflow, Project: ProjectWorkflow, Invoice: InvoiceWorkflow, BillingRun: BillingRunWorkflow, Request: RequestWorkflow, Account: AccountWorkflow, ReminderRun: ReminderRunWorkflow, Reminder: ReminderWorkflow, StatusRun: StatusRunWorkflow, Status: StatusWorkflow}

// Queue is the task queue that the processes of a kind run on.
func Queue(kind Kind) string {
	switch kind {
	case BillingRun, ReminderRun, Reminder, StatusRun, Status:
		return Runs
	}
	return Actions
}

// Updates are the verbs that each process takes, as they stand in the HTTP contract.
var Updates = map[Kind][]string{
	Task:    {"create", "assign", "delegate", "accept", "status", "edit", "move", "depend", "undepend", "start", "end"},
	Project: {"request-clearance", "clear", "refuse-clearance", "withdraw-clearance", "hold", "resume", "complete", "cancel"},
	Invoice: {"complete", "send", "void", "credit", "send-credit-note", "void-credit-note", "write-off", "reverse-write-off"},
	Account: {"record-payment", "apply", "reverse", "refund", "reverse-refund"},
	Request: {"create", "assign", "delegate", "accept", "return", "status", "wait", "resume", "edit", "answer", "answer-from-project", "change-request", "project-issue"},
}

// Signals that tell a process to read its row again.
const (
	Refresh = "refresh"
	// Reread also says that the row may be older than what is known: Postgres
	// was restored to an earlier moment.
	Reread = "reread"
)

// ID is the workflow id of a thing.
func ID(kind Kind, id uuid.UUID) string { return string(kind) + "/" + id.String() }

// Summary is a name as long as Temporal takes it for a process: 200 bytes.
func Summary(name string) string {
	const limit = 200
	if len(name) <= limit {
		return name
	}
	return strings.ToValidUTF8(name[:limit-3], "") + "…"
}

// Command names a row of command_log.
type Command struct {
	ID    uuid.UUID `json:"id"`
	Thing uuid.UUID `json:"thing,omitzero"` // whose process carries it out, as that one adds
}

// Input starts the process of a thing. Fresh says that an update comes with
// the start, so that nothing needs to be read before it. Known is its row, read
// by whoever starts it, who has also written its search attributes.
type Input struct {
	ID    uuid.UUID `json:"id"`
	Fresh bool      `json:"fresh,omitempty"`
	Known *Snapshot `json:"known,omitempty"`
}

// Snapshot is what a process knows of its row: enough to wait and to tell an
// operator, nothing to decide by but Closed, Next and Deadline.
type Snapshot struct {
	Version    int        `json:"version"`
	Closed     bool       `json:"closed,omitempty"`
	Next       string     `json:"next,omitempty"`     // a step the process takes itself: [Render], [Send], [Escalate], [Remind], [Warn]
	Deadline   *time.Time `json:"deadline,omitempty"` // when to look again
	State      string     `json:"state,omitempty"`
	WaitingFor string     `json:"waiting_for,omitempty"` // owner, assignee, group, clearance, payment …
	Client     string     `json:"client,omitempty"`
	Project    string     `json:"project,omitempty"`
	Assignee   string     `json:"assignee,omitempty"`
	DueAt      *time.Time `json:"due_at,omitempty"`
	Details    string     `json:"details,omitempty"` // Markdown, for the operator
	Numbers    []Number   `json:"numbers,omitempty"` // of an invoice and its credit notes
}

// Absent is the state of a thing that there is no row of: making it was refused,
// or Postgres was restored to a moment before it.
const Absent = "absent"

// None is what the process of such a thing knows: it ends.
func None() Snapshot { return Snapshot{Closed: true, State: Absent} }

// Number is one of a series that has no gaps.
type Number struct {
	Series   string `json:"series"`
	Year     int    `json:"year"`
	Sequence int    `json:"sequence"`
	Text     string `json:"text"` // as it is printed
}

// Steps that a process takes itself.
const (
	Render   = "render"   // a completed invoice has no PDF yet
	Send     = "send"     // an invoice, a reminder or a status report is to go out by mail
	Escalate = "escalate" // nobody accepted a task in its group's time (S1.14)
	Remind   = "remind"   // nobody gave clearance to a project (S1.06)
	Warn     = "warn"     // time that a request was promised has passed (N.20)
)

// Kinds are all kinds of things with a process.
var Kinds = []Kind{Task, Request, Project, Invoice, Account, ReminderRun, Reminder, StatusRun, Status, BillingRun}

// Search attributes of every process; ids and codes only.
var (
	ClientKey     = temporal.NewSearchAttributeKeyKeyword("Client")
	ProjectKey    = temporal.NewSearchAttributeKeyKeyword("Project")
	StateKey      = temporal.NewSearchAttributeKeyKeyword("State")
	WaitingForKey = temporal.NewSearchAttributeKeyKeyword("WaitingFor")
	AssigneeKey   = temporal.NewSearchAttributeKeyKeyword("Assignee")
	DueAtKey      = temporal.NewSearchAttributeKeyTime("DueAt")
)

// Attributes are the search attributes of a process that knows this of its row.
// One that was due and is not any more has to be unset beside them.
func (s Snapshot) Attributes() []temporal.SearchAttributeUpdate {
	all := []temporal.SearchAttributeUpdate{
		StateKey.ValueSet(s.State), WaitingForKey.ValueSet(s.WaitingFor),
		ClientKey.ValueSet(s.Client), ProjectKey.ValueSet(s.Project), AssigneeKey.ValueSet(s.Assignee),
	}
	if s.DueAt != nil {
		all = append(all, DueAtKey.ValueSet(*s.DueAt))
	}
	return all
}

// RunInput starts a billing run.
type RunInput struct {
	ID   uuid.UUID `json:"id"`
	Done int       `json:"done,omitempty"` // projects billed in earlier parts of the run
	Left int       `json:"left,omitempty"` // invoices that were to be completed and stay drafts
}

// Page is the next projects of a billing run.
type Page struct {
	Projects []uuid.UUID `json:"projects"`
	Complete bool        `json:"complete"` // whether drafts are to be completed
	Total    int         `json:"total"`
}

// BillOne asks for the bill of one project within a run.
type BillOne struct {
	RunID     uuid.UUID `json:"run_id"`
	ProjectID uuid.UUID `json:"project_id"`
}

// Billed says what became of one project within a run.
type Billed struct {
	Outcome   string    `json:"outcome"`
	InvoiceID uuid.UUID `json:"invoice_id,omitzero"`
	Code      string    `json:"code,omitempty"`     // why it is parked
	Complete  bool      `json:"complete,omitempty"` // whether the clock completes it too
}
