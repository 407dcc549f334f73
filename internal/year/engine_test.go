package year

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"steward/activities"
	"steward/internal/dispatch"
	"steward/internal/flow"
	"steward/workflows"
)

// engine stands for Temporal: it runs the real processes in the SDK's test
// environment, each afresh from its row whenever something is to be done, which
// a process can be at any time.
type engine struct {
	t    testing.TB
	acts *activities.Activities
	now  func() time.Time

	mu      sync.Mutex
	started []uuid.UUID // invoices whose process was started by another one
}

// Act brings a command to the process of a thing.
func (e *engine) Act(_ context.Context, a dispatch.Action) error {
	env := e.environment()
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(a.Verb, a.Command.String(), &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { e.t.Errorf("%s %s: %v", a.Verb, a.Kind, err) }, OnComplete: func(any, error) {},
		}, flow.Command{ID: a.Command})
	}, 0)
	e.process(env, a.Kind, flow.Input{ID: a.ID, Fresh: true})
	return nil
}

// Run carries out a billing run.
func (e *engine) Run(_ context.Context, id uuid.UUID, _ string) error {
	e.toTheEnd(workflows.BillingRun, flow.RunInput{ID: id})
	return nil
}

// Bill bills a period again.
func (e *engine) Bill(_ context.Context, p flow.Period) error {
	e.toTheEnd(workflows.BillingPeriod, p)
	return nil
}

// Check says that the engine is there.
func (*engine) Check(context.Context) error { return nil }

var processes = map[flow.Kind]any{
	flow.Invoice: workflows.Invoice, flow.Account: workflows.Account, flow.Reminder: workflows.Reminder, flow.ReminderRun: workflows.ReminderRun,
}

// idle is how long a process is given, of its own time, which passes only when
// it waits.
const idle = 2 * time.Minute

// process runs the process of a thing until it waits, as a worker that is then
// stopped would.
func (e *engine) process(env *testsuite.TestWorkflowEnvironment, kind flow.Kind, in flow.Input) {
	body, ok := processes[kind]
	if !ok {
		return // of a task: nothing here looks at it
	}
	env.RegisterDelayedCallback(env.CancelWorkflow, idle)
	env.ExecuteWorkflow(body, in)
	var cancelled *temporal.CanceledError
	if err := env.GetWorkflowError(); err != nil && !errors.As(err, &cancelled) {
		e.t.Errorf("the process %s: %v", flow.ID(kind, in.ID), err)
	}
}

// toTheEnd runs what waits for nobody.
func (e *engine) toTheEnd(body, in any) {
	env := e.environment()
	env.RegisterWorkflowWithOptions(workflows.BillingPeriod, workflow.RegisterOptions{Name: flow.BillingPeriodWorkflow})
	env.RegisterWorkflowWithOptions(e.invoice, workflow.RegisterOptions{Name: flow.InvoiceWorkflow})
	args := []any{in}
	if in == nil {
		args = nil
	}
	env.ExecuteWorkflow(body, args...)
	if err := env.GetWorkflowError(); err != nil || !env.IsWorkflowCompleted() {
		e.t.Errorf("completed %v: %v", env.IsWorkflowCompleted(), err)
	}
}

// invoice is started by others in place of the process of an invoice, which is
// run by itself afterwards.
func (e *engine) invoice(_ workflow.Context, in flow.Input) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.started = append(e.started, in.ID)
	return nil
}

func (e *engine) takeStarted() []uuid.UUID {
	e.mu.Lock()
	defer e.mu.Unlock()
	ids := e.started
	e.started = nil
	return ids
}

func (e *engine) environment() *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(e.now())
	env.SetTestTimeout(time.Minute)
	env.RegisterActivity(e.acts)
	env.SetOnActivityCompletedListener(e.answered)
	env.SetOnLocalActivityCompletedListener(e.answered)
	return env
}

// answered fails the test when an activity fails rather than refuses: Postgres
// is never away here.
func (e *engine) answered(info *activity.Info, _ converter.EncodedValue, err error) {
	var app *temporal.ApplicationError
	if _, refused := flow.Refused(err); err == nil || refused || temporal.IsCanceledError(err) || errors.As(err, &app) && conflicts(app) {
		return
	}
	e.t.Errorf("%s failed: %v", info.ActivityType.Name, err)
}

// conflicts tells whether somebody else was at the same time: it is tried again.
func conflicts(err *temporal.ApplicationError) bool {
	return err.Type() == "Fault" && strings.HasSuffix(err.Message(), "try again")
}
