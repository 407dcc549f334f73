package workflows_test

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"steward/internal/flow"
	"steward/workflows"
)

// ending is a Temporal in which an invoice's process runs when it is started
// again and has ended when it is signalled, for the first so many times.
type ending struct {
	interceptor.WorkerInterceptorBase
	times, asked int
}

type endingIn struct {
	interceptor.WorkflowInboundInterceptorBase
	*ending
}

type endingOut struct {
	interceptor.WorkflowOutboundInterceptorBase
	*ending
}

func (e *ending) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &endingIn{interceptor.WorkflowInboundInterceptorBase{Next: next}, e}
}

func (i *endingIn) Init(out interceptor.WorkflowOutboundInterceptor) error {
	return i.Next.Init(&endingOut{interceptor.WorkflowOutboundInterceptorBase{Next: out}, i.ending})
}

// running is a child that was not started.
type running struct {
	workflow.ChildWorkflowFuture
	started workflow.Future
}

func (r running) GetChildWorkflowExecution() workflow.Future { return r.started }

func settled(ctx workflow.Context, err error) workflow.Future {
	f, set := workflow.NewFuture(ctx)
	set.SetError(err)
	return f
}

func (o *endingOut) ExecuteChildWorkflow(ctx workflow.Context, kind string, args ...any) workflow.ChildWorkflowFuture {
	if o.asked < o.times {
		return running{started: settled(ctx, &temporal.ChildWorkflowExecutionAlreadyStartedError{})}
	}
	return o.Next.ExecuteChildWorkflow(ctx, kind, args...)
}

func (o *endingOut) SignalExternalWorkflow(ctx workflow.Context, _, _, _ string, _ any) workflow.Future {
	o.asked++
	return settled(ctx, &temporal.UnknownExternalWorkflowExecutionError{})
}

func TestAnInvoiceWhoseProcessEndsJustThenGetsAnother(t *testing.T) { // S1.72, N.31
	env := environment(t)
	e := &ending{times: 2}
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{e}})
	env.RegisterWorkflow(workflows.Invoice)
	run, invoice := uuid.New(), uuid.New()
	env.OnActivity(acts.PlanRun, mock.Anything, flow.BillOne{RunID: run}).Return(flow.Page{Complete: true, Total: 1, Projects: []uuid.UUID{uuid.New()}}, nil).Once()
	env.OnActivity(acts.PlanRun, mock.Anything, mock.Anything).Return(flow.Page{}, nil).Once()
	env.OnActivity(acts.BillProject, mock.Anything, mock.Anything).Return(flow.Billed{Outcome: "invoiced", InvoiceID: invoice}, nil).Once()
	env.OnActivity(acts.CompleteBilled, mock.Anything, mock.Anything).Return(nil).Once()
	env.OnActivity(acts.FinishRun, mock.Anything, run).Return(nil).Once()
	env.OnWorkflow(flow.InvoiceWorkflow, mock.Anything, flow.Input{ID: invoice}).Return(nil).Once()
	env.ExecuteWorkflow(workflows.BillingRun, flow.RunInput{ID: run})
	if env.GetWorkflowError() != nil || e.asked != 2 || !env.AssertExpectations(t) {
		t.Errorf("after %d that had ended: %v", e.asked, env.GetWorkflowError())
	}
}

func TestWhatHistoriesSayOfNoInvoiceIsRead(t *testing.T) { // N.31
	for text, want := range map[string]uuid.UUID{
		`{"outcome":"parked","invoice_id":"00000000-0000-0000-0000-000000000000"}`: uuid.Nil, // as a release before this one wrote it
		`{"outcome":"parked"}`: uuid.Nil,
		`{"outcome":"invoiced","invoice_id":"01a209f6-8cef-7a5e-9a81-432319adb4c1"}`: uuid.MustParse("01a209f6-8cef-7a5e-9a81-432319adb4c1"),
	} {
		var got flow.Billed
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.InvoiceID != want {
			t.Errorf("%s is read as %+v, %v", text, got, err)
		}
	}
	if text, err := json.Marshal(flow.Billed{Outcome: "parked"}); string(text) != `{"outcome":"parked"}` {
		t.Errorf("no invoice is written as %s, %v", text, err)
	}
}

func TestARunThatFindsNothingSaysSo(t *testing.T) { // N.30
	env := environment(t)
	env.OnActivity(acts.PlanRun, mock.Anything, mock.Anything).Return(flow.Page{}, nil).Once()
	env.OnActivity(acts.FinishRun, mock.Anything, mock.Anything).Return(nil).Once()
	env.ExecuteWorkflow(workflows.BillingRun, flow.RunInput{ID: uuid.New()})
	r, err := env.QueryWorkflow("__temporal_workflow_metadata")
	var shown sdk.WorkflowMetadata
	if err == nil {
		err = r.Get(&shown)
	}
	if err != nil || shown.GetCurrentDetails() != "No project has anything left to bill." {
		t.Errorf("an operator reads %q, %v", shown.GetCurrentDetails(), err)
	}
}
