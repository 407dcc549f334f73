package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"steward/internal/flow"
)

// Processes are those of an installation, looked at from outside.
type Processes struct {
	client client.Client
	data   converter.DataConverter
}

// NewProcesses looks at them through a connection; data reads what it keeps,
// and is that of the connection. None reads what is not encrypted.
func NewProcesses(c client.Client, data converter.DataConverter) *Processes {
	if data == nil {
		data = converter.GetDefaultDataConverter()
	}
	return &Processes{c, data}
}

// Process is one as it is listed: a moment behind.
type Process struct {
	ID, Run                     string
	Began, Ended                time.Time // Ended is zero while it runs
	State, WaitingFor, Assignee string
	DueAt                       *time.Time
}

// listed is how many processes are listed at a time.
const listed = 1000

// Running calls f with each process of a kind that runs.
func (p *Processes) Running(ctx context.Context, kind flow.Kind, f func(Process) error) error {
	return p.list(ctx, fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Running'", flow.Workflows[kind]), f)
}

// Ended calls f with each run of a kind that has ended since.
func (p *Processes) Ended(ctx context.Context, kind flow.Kind, since time.Time, f func(Process) error) error {
	return p.list(ctx, fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus != 'Running' AND CloseTime >= '%s'", flow.Workflows[kind], since.UTC().Format(time.RFC3339Nano)), f)
}

func (p *Processes) list(ctx context.Context, query string, f func(Process) error) error {
	var next []byte
	for {
		page, err := p.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: listed, NextPageToken: next})
		if err != nil {
			return err
		}
		for _, e := range page.Executions {
			if err := f(process(e)); err != nil {
				return err
			}
		}
		if next = page.NextPageToken; len(next) == 0 {
			return nil
		}
	}
}

func process(e *workflow.WorkflowExecutionInfo) Process {
	p := Process{ID: e.Execution.WorkflowId, Run: e.Execution.RunId, Began: e.StartTime.AsTime()}
	if e.CloseTime != nil {
		p.Ended = e.CloseTime.AsTime()
	}
	fields := e.SearchAttributes.GetIndexedFields()
	attribute(fields[flow.StateKey.GetName()], &p.State)
	attribute(fields[flow.WaitingForKey.GetName()], &p.WaitingFor)
	attribute(fields[flow.AssigneeKey.GetName()], &p.Assignee)
	attribute(fields[flow.DueAtKey.GetName()], &p.DueAt)
	return p
}

// attribute reads a search attribute; they are never encrypted. One that cannot
// be read is as good as none.
func attribute(from *common.Payload, into any) {
	if from != nil {
		_ = converter.GetDefaultDataConverter().FromPayload(from, into)
	}
}

// Shows tells whether operators see of a process what they should see of its
// row.
func (p Process) Shows(s flow.Snapshot) bool {
	return p.State == s.State && p.WaitingFor == s.WaitingFor && p.Assignee == s.Assignee && (p.DueAt == nil) == (s.DueAt == nil) && (p.DueAt == nil || near(*p.DueAt, *s.DueAt))
}

// near forgives what is lost when a time is written down.
func near(a, b time.Time) bool { return a.Sub(b).Abs() < time.Millisecond }

// Start is what a process begins with.
type Start struct {
	Kind     flow.Kind
	ID       uuid.UUID // of the thing
	Process  string    // the id of the process
	Name     string    // of the thing, as operators read it
	Snapshot *flow.Snapshot
	Rest     time.Duration // how long it takes no step unless an update comes; signals wait
}

// Begin starts a process that knows its row already, unless one of its id runs;
// it tells whether it has.
func (p *Processes) Begin(ctx context.Context, s Start) (began bool, err error) {
	o := client.StartWorkflowOptions{
		ID: s.Process, TaskQueue: flow.Queue(s.Kind), StaticSummary: flow.Summary(s.Name),
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, WorkflowExecutionErrorWhenAlreadyStarted: true, StartDelay: s.Rest,
	}
	if s.Snapshot != nil {
		o.TypedSearchAttributes = temporal.NewSearchAttributes(s.Snapshot.Attributes()...)
	}
	_, err = p.client.ExecuteWorkflow(ctx, o, flow.Workflows[s.Kind], flow.Input{ID: s.ID, Known: s.Snapshot})
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return false, nil
	}
	return err == nil, err
}

// Tell gives a process a signal; there is false where none runs.
func (p *Processes) Tell(ctx context.Context, process, signal string) (there bool, err error) {
	return was(p.client.SignalWorkflow(ctx, process, "", signal, nil))
}

// End ends a process that has no row, at once.
func (p *Processes) End(ctx context.Context, process, run, why string) (there bool, err error) {
	return was(p.client.TerminateWorkflow(ctx, process, run, why))
}

func was(err error) (bool, error) {
	var none *serviceerror.NotFound
	if errors.As(err, &none) {
		return false, nil
	}
	return err == nil, err
}
