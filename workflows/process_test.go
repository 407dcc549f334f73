package workflows_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"steward/activities"
	"steward/internal/flow"
	"steward/workflows"
)

var acts *activities.Activities

func environment(t *testing.T) *testsuite.TestWorkflowEnvironment {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterActivity(acts)
	env.SetTestTimeout(10 * time.Second)
	return env
}

// answer collects what an update comes to.
type answer struct {
	err  error
	done bool
}

func (a *answer) callbacks() *testsuite.TestUpdateCallback {
	return &testsuite.TestUpdateCallback{
		OnAccept:   func() {},
		OnReject:   func(err error) { a.err, a.done = err, true },
		OnComplete: func(_ any, err error) { a.err, a.done = err, true },
	}
}

func refusal(code string) error {
	return temporal.NewApplicationErrorWithOptions("no", code, temporal.ApplicationErrorOptions{NonRetryable: true, Category: temporal.ApplicationErrorCategoryBenign})
}

func TestARefusalIsAnAnswerAndNotAFailure(t *testing.T) { // N.30
	env := environment(t)
	var first, second answer
	env.OnActivity(acts.CommitTask, mock.Anything, mock.Anything).Return(flow.Snapshot{}, refusal("not_owner")).Once()
	env.OnActivity(acts.LoadTask, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 3, State: "open"}, nil).Once()
	env.OnActivity(acts.CommitTask, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 4, State: "complete", Closed: true}, nil).Once()
	send := func(at time.Duration, a *answer) {
		env.RegisterDelayedCallback(func() { env.UpdateWorkflow("status", uuid.NewString(), a.callbacks(), flow.Command{ID: uuid.New()}) }, at)
	}
	send(0, &first)
	send(time.Hour, &second)
	env.ExecuteWorkflow(workflows.Task, flow.Input{ID: uuid.New(), Fresh: true})
	var app *temporal.ApplicationError
	if !errors.As(first.err, &app) || app.Type() != "not_owner" {
		t.Errorf("the refused command is answered with %v", first.err)
	}
	if !second.done || second.err != nil || !env.IsWorkflowCompleted() || env.GetWorkflowError() != nil {
		t.Errorf("after a refusal: %+v, completed %v, %v", second, env.IsWorkflowCompleted(), env.GetWorkflowError())
	}
}

func TestAnActionIsLateAndNotLostWhilePostgresIsAway(t *testing.T) { // N.31
	env := environment(t)
	tries := 0
	env.OnActivity(acts.CommitTask, mock.Anything, mock.Anything).Return(func(context.Context, flow.Command) (flow.Snapshot, error) {
		if tries++; tries < 8 {
			return flow.Snapshot{}, errors.New("the database is away")
		}
		return flow.Snapshot{Version: 1, Closed: true}, nil
	})
	var a answer
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow("create", "u1", a.callbacks(), flow.Command{ID: uuid.New()}) }, 0)
	env.ExecuteWorkflow(workflows.Task, flow.Input{ID: uuid.New(), Fresh: true})
	if !a.done || a.err != nil || tries != 8 || env.GetWorkflowError() != nil {
		t.Errorf("after %d tries: %+v, %v", tries, a, env.GetWorkflowError())
	}
}

func TestACommandWithoutAnIDIsRejected(t *testing.T) {
	env := environment(t)
	env.OnActivity(acts.LoadTask, mock.Anything, mock.Anything).Return(flow.Snapshot{Closed: true}, nil)
	var a answer
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow("assign", "u1", a.callbacks(), flow.Command{}) }, 0)
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(flow.Refresh, nil) }, time.Minute)
	env.ExecuteWorkflow(workflows.Task, flow.Input{ID: uuid.New(), Fresh: true})
	if a.err == nil || env.GetWorkflowError() != nil {
		t.Errorf("got %+v, %v", a, env.GetWorkflowError())
	}
}

func TestAProcessReadsItsRowWhenToldOrWhenADeadlineComes(t *testing.T) {
	env := environment(t)
	deadline := env.Now().Add(24 * time.Hour)
	loads := 0
	env.OnActivity(acts.LoadTask, mock.Anything, mock.Anything).Return(func(context.Context, uuid.UUID) (flow.Snapshot, error) {
		loads++
		return map[int]flow.Snapshot{
			1: {Version: 1, Deadline: &deadline}, // read at the start
			2: {Version: 1, Deadline: &deadline}, // told
		}[loads], nil
	}).Times(2)
	env.OnActivity(acts.LoadTask, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 2, Closed: true}, nil).Once() // the deadline
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(flow.Refresh, nil) }, time.Hour)
	began := env.Now()
	env.ExecuteWorkflow(workflows.Task, flow.Input{ID: uuid.New()})
	if took := env.Now().Sub(began); loads != 2 || took < 24*time.Hour || env.GetWorkflowError() != nil {
		t.Errorf("%d loads in %s, %v", loads, took, env.GetWorkflowError())
	}
}

func TestACompletedInvoiceIsRenderedOnceAndWaitsToBePaid(t *testing.T) { // S1.77
	env := environment(t)
	env.OnActivity(acts.LoadInvoice, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 2, State: "complete", Next: flow.Render}, nil).Once()
	env.OnActivity(acts.RenderInvoice, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 3, State: "complete", WaitingFor: "payment"}, nil).Once()
	env.OnActivity(acts.LoadInvoice, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 4, State: "complete", Closed: true}, nil).Once()
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(flow.Refresh, nil) }, 30*24*time.Hour)
	env.ExecuteWorkflow(workflows.Invoice, flow.Input{ID: uuid.New()})
	if env.GetWorkflowError() != nil || !env.AssertExpectations(t) {
		t.Errorf("got %v", env.GetWorkflowError())
	}
}

func TestACompletedInvoiceIsSentAfterItsPDF(t *testing.T) { // S1.78
	env := environment(t)
	env.OnActivity(acts.LoadInvoice, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 2, State: "complete", Next: flow.Render}, nil).Once()
	env.OnActivity(acts.RenderInvoice, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 3, State: "complete", Next: flow.Send}, nil).Once()
	tries := 0
	env.OnActivity(acts.SendInvoice, mock.Anything, mock.Anything).Return(func(context.Context, uuid.UUID) (flow.Snapshot, error) {
		if tries++; tries < 3 {
			return flow.Snapshot{}, errors.New("the database is away")
		}
		return flow.Snapshot{Version: 4, State: "complete", Closed: true}, nil
	})
	env.ExecuteWorkflow(workflows.Invoice, flow.Input{ID: uuid.New()})
	if env.GetWorkflowError() != nil || tries != 3 || !env.AssertExpectations(t) {
		t.Errorf("after %d tries: %v", tries, env.GetWorkflowError())
	}
}

func TestARunBillsEveryProjectAndParksWhatIsRefused(t *testing.T) { // S1.72, billing "Recurring runs"
	env := environment(t)
	env.RegisterWorkflow(workflows.Invoice)
	run, page := uuid.New(), flow.Page{Complete: true, Total: 9}
	for range 9 {
		page.Projects = append(page.Projects, uuid.New())
	}
	env.OnActivity(acts.PlanRun, mock.Anything, flow.BillOne{RunID: run}).Return(page, nil).Once()
	env.OnActivity(acts.PlanRun, mock.Anything, mock.Anything).Return(flow.Page{}, nil).Once()
	parked := page.Projects[4]
	env.OnActivity(acts.BillProject, mock.Anything, mock.Anything).Return(func(_ context.Context, in flow.BillOne) (flow.Billed, error) {
		if in.ProjectID == parked {
			return flow.Billed{Outcome: "parked", Code: "missing_rate"}, nil
		}
		return flow.Billed{Outcome: "invoiced", InvoiceID: in.ProjectID}, nil
	}).Times(9)
	env.OnActivity(acts.CompleteBilled, mock.Anything, mock.Anything).Return(nil).Times(8)
	env.OnActivity(acts.FinishRun, mock.Anything, run).Return(nil).Once()
	children := 0
	env.OnWorkflow(flow.InvoiceWorkflow, mock.Anything, mock.Anything).Return(nil).Times(8)
	env.SetOnChildWorkflowStartedListener(func(*workflow.Info, workflow.Context, converter.EncodedValues) { children++ })
	env.ExecuteWorkflow(workflows.BillingRun, flow.RunInput{ID: run})
	if env.GetWorkflowError() != nil || children != 8 || !env.AssertExpectations(t) {
		t.Errorf("%d invoices have a process, %v", children, env.GetWorkflowError())
	}
}

func TestATaskNobodyAcceptsIsEscalatedWhenItsTimeIsOver(t *testing.T) { // S1.14
	env := environment(t)
	deadline := env.Now().Add(63 * time.Hour) // over a weekend
	waiting := flow.Snapshot{Version: 1, State: "open", WaitingFor: "group", Deadline: &deadline}
	due, told := waiting, waiting
	due.Next = flow.Escalate
	told.Version, told.Deadline = 2, nil
	env.OnActivity(acts.LoadTask, mock.Anything, mock.Anything).Return(waiting, nil).Once()
	env.OnActivity(acts.LoadTask, mock.Anything, mock.Anything).Return(due, nil).Once()
	at := time.Time{}
	env.OnActivity(acts.EscalateTask, mock.Anything, mock.Anything).Return(func(context.Context, uuid.UUID) (flow.Snapshot, error) {
		at = env.Now()
		return told, nil
	}).Once()
	env.OnActivity(acts.CommitTask, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 3, State: "complete", Closed: true}, nil).Once()
	var a answer
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow("status", "u1", a.callbacks(), flow.Command{ID: uuid.New()}) }, 1000*time.Hour)
	env.ExecuteWorkflow(workflows.Task, flow.Input{ID: uuid.New()})
	if at.Before(deadline) || a.err != nil || env.GetWorkflowError() != nil || !env.AssertExpectations(t) {
		t.Errorf("told at %s, want %s; %+v, %v", at, deadline, a, env.GetWorkflowError())
	}
}

func TestPeopleActWhileAStepOfItsOwnFails(t *testing.T) { // S1.14, N.31
	env := environment(t)
	env.OnActivity(acts.LoadTask, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 1, State: "open", Next: flow.Escalate}, nil).Once()
	began, tries, acted := env.Now(), 0, time.Duration(0)
	env.OnActivity(acts.EscalateTask, mock.Anything, mock.Anything).Return(func(context.Context, uuid.UUID) (flow.Snapshot, error) {
		if tries++; acted == 0 && tries < 10 { // for a minute
			return flow.Snapshot{}, errors.New("the notification cannot be written")
		}
		return flow.Snapshot{Version: 2, State: "complete", Closed: true}, nil // it sees what was done meanwhile
	})
	env.OnActivity(acts.CommitTask, mock.Anything, mock.Anything).Return(func(context.Context, flow.Command) (flow.Snapshot, error) {
		acted = env.Now().Sub(began)
		return flow.Snapshot{Version: 2, State: "complete", Closed: true}, nil
	}).Once()
	var a answer
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow("status", "u1", a.callbacks(), flow.Command{ID: uuid.New()}) }, 20*time.Second)
	env.ExecuteWorkflow(workflows.Task, flow.Input{ID: uuid.New()})
	if acted != 20*time.Second || a.err != nil || env.GetWorkflowError() != nil || !env.AssertExpectations(t) {
		t.Errorf("acted %s after it began, %d tries; %+v, %v", acted, tries, a, env.GetWorkflowError())
	}
}
