// Package dispatch connects to Temporal and hides what it keeps. It brings
// commands to the processes of things, and starts the processes that are not
// there.
package dispatch

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/trail"
)

// Action is a command on its way.
type Action struct {
	Kind    flow.Kind
	ID      uuid.UUID // of the thing
	Verb    string
	Command uuid.UUID
	Name    func(context.Context) (string, error) // of the thing, as operators read it, if it has one; asked where its process has to be started
}

// Temporal brings commands to where they are carried out.
type Temporal struct{ client client.Client }

// Link is what a connection to Temporal is made of.
type Link struct {
	Address   string // host:port of a frontend
	Namespace string
	Log       log.Logger
	Keys      Keys // what hides what Temporal keeps

	Interceptors []interceptor.ClientInterceptor // what follows requests; see [trail.Interceptors]
}

// Connection is how every part of steward connects to Temporal: without
// compressing, which the SDK does by itself. What travels is small and goes to
// the next machine at most; compressing it costs both sides more than it saves.
func Connection(l Link) client.Options {
	data, failures := hide(l.Keys)
	return client.Options{
		HostPort: l.Address, Namespace: l.Namespace, Logger: l.Log, DataConverter: data, FailureConverter: failures,
		Interceptors: l.Interceptors, ContextPropagators: []workflow.ContextPropagator{trail.Propagator(data)},
		ConnectionOptions: client.ConnectionOptions{GrpcCompression: &client.GrpcCompressionNone{}},
	}
}

// NewTemporal makes one on a connection.
func NewTemporal(c client.Client) *Temporal { return &Temporal{c} }

// tries is how often an action is brought again to a process that was just ending.
const tries = 20

// Act brings a command to the process of a thing, started if need be, and waits
// until it is carried out or refused, or until ctx ends. The outcome is in
// command_log; the error tells only that it could not be brought.
func (t *Temporal) Act(ctx context.Context, a Action) error {
	for range tries {
		err := t.update(ctx, a)
		if !ending(err) {
			return arrived(ctx, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(25 * time.Millisecond):
		}
	}
	return fault.New(fault.Unavailable, "the process of this %s is busy; try again", a.Kind)
}

// update asks the process that is there; only where there is none it costs the
// half more to start one.
func (t *Temporal) update(ctx context.Context, a Action) error {
	if a.Verb == "create" {
		return t.updateWithStart(ctx, a)
	}
	h, err := t.client.UpdateWorkflow(ctx, updateOf(a))
	if err == nil {
		err = h.Get(ctx, nil)
	}
	var none *serviceerror.NotFound
	if errors.As(err, &none) {
		return t.updateWithStart(ctx, a)
	}
	return err
}

func updateOf(a Action) client.UpdateWorkflowOptions {
	return client.UpdateWorkflowOptions{
		UpdateID: a.Command.String(), WorkflowID: flow.ID(a.Kind, a.ID), UpdateName: a.Verb,
		Args: []any{flow.Command{ID: a.Command}}, WaitForStage: client.WorkflowUpdateStageCompleted,
	}
}

func (t *Temporal) updateWithStart(ctx context.Context, a Action) error {
	name, err := a.Name(ctx)
	if err != nil {
		return errors.Join(fault.New(fault.Unavailable, "the name of this %s cannot be read just now; try again", a.Kind), err)
	}
	start := t.client.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID: flow.ID(a.Kind, a.ID), TaskQueue: flow.Actions, StaticSummary: flow.Summary(cmp.Or(name, string(a.Kind))),
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	}, flow.Workflows[a.Kind], flow.Input{ID: a.ID, Fresh: true})
	h, err := t.client.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{StartWorkflowOperation: start, UpdateOptions: updateOf(a)})
	if err != nil {
		return err
	}
	return h.Get(ctx, nil)
}

// ending tells whether the process was closing when the action came: the next
// try finds it closed and starts another run.
func ending(err error) bool {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app.Type() == "AcceptedUpdateCompletedWorkflow"
	}
	var gone *serviceerror.NotFound
	var aborted *serviceerror.Aborted
	var exhausted *serviceerror.WorkflowNotReady
	return errors.As(err, &gone) || errors.As(err, &aborted) || errors.As(err, &exhausted)
}

// arrived is what is left to tell when the outcome is in command_log.
func arrived(ctx context.Context, err error) error {
	var app *temporal.ApplicationError
	if err == nil || errors.As(err, &app) || ctx.Err() != nil || Late(err) {
		return nil
	}
	if _, told := fault.From(err); told {
		return err
	}
	return away(err)
}

// Late tells whether the time for waiting for Temporal was over, as either side
// says it.
func Late(err error) bool {
	var waited *client.WorkflowUpdateServiceTimeoutOrCanceledError
	var deadline *serviceerror.DeadlineExceeded
	var canceled *serviceerror.Canceled
	return errors.As(err, &waited) || errors.As(err, &deadline) || errors.As(err, &canceled) || errors.Is(err, context.DeadlineExceeded)
}

func away(err error) error {
	return errors.Join(fault.New(fault.Unavailable, "the workflow engine cannot be reached just now; try again"), err)
}

// Run starts a billing run; one that runs already goes on.
func (t *Temporal) Run(ctx context.Context, id uuid.UUID, summary string) error {
	_, err := t.client.SignalWithStartWorkflow(ctx, flow.ID(flow.BillingRun, id), flow.Refresh, nil, client.StartWorkflowOptions{
		TaskQueue: flow.Runs, StaticSummary: flow.Summary(summary), WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	}, flow.BillingRunWorkflow, flow.RunInput{ID: id})
	if err != nil {
		return away(err)
	}
	return nil
}

// Bill starts the billing of a period; one that runs already goes on.
func (t *Temporal) Bill(ctx context.Context, p flow.Period) error {
	_, err := t.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: p.ID(), TaskQueue: flow.Runs, StaticSummary: p.Summary(),
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	}, flow.BillingPeriodWorkflow, p)
	if err != nil {
		return away(err)
	}
	return nil
}

// Check refuses with [fault.Unavailable] when Temporal is away, and with
// [fault.NotFound] when it has no such namespace.
func (t *Temporal) Check(ctx context.Context) error {
	_, err := t.client.DescribeTaskQueue(ctx, flow.Actions, enums.TASK_QUEUE_TYPE_WORKFLOW) // of the namespace, which CheckHealth does not look at
	var none *serviceerror.NamespaceNotFound
	if errors.As(err, &none) {
		return errors.Join(fault.New(fault.NotFound, "has no namespace %s", none.Namespace), err)
	}
	if err != nil {
		return away(err)
	}
	return nil
}
