package workflows

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"steward/internal/flow"
)

// abreast is how many projects a run bills at the same time.
const abreast = 4

// BillingRun drafts an invoice for each project with something to bill and, if
// asked, completes them. It waits for nothing human. Killed at any moment, it
// goes on where it was: each project has one outcome in each run.
func BillingRun(ctx workflow.Context, in flow.RunInput) error {
	again := workflow.GetSignalChannel(ctx, flow.Refresh) // sent with every start and retry
	for {
		for again.ReceiveAsync(nil) {
			in.Done, in.Left = 0, 0
		}
		if err := billAll(ctx, &in); err != nil {
			return err
		}
		if err := workflow.ExecuteActivity(runs(ctx, "mark the run as done"), acts.FinishRun, in.ID).Get(ctx, nil); err != nil {
			return err
		}
		if again.Len() == 0 { // else it was asked to retry while it was ending
			return nil
		}
	}
}

// billAll bills, page by page, the projects that have no outcome yet.
func billAll(ctx workflow.Context, in *flow.RunInput) error {
	after := uuid.Nil
	for {
		var page flow.Page
		if err := workflow.ExecuteActivity(runs(ctx, "find the next projects"), acts.PlanRun, flow.BillOne{RunID: in.ID, ProjectID: after}).Get(ctx, &page); err != nil {
			return err
		}
		if len(page.Projects) == 0 {
			if in.Done == 0 {
				workflow.SetCurrentDetails(ctx, "No project has anything left to bill.")
			}
			return nil
		}
		if err := billPage(ctx, in, page); err != nil {
			return err
		}
		in.Done += len(page.Projects)
		after = page.Projects[len(page.Projects)-1]
		workflow.SetCurrentDetails(ctx, runDetails(*in, page.Total))
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return workflow.NewContinueAsNewError(ctx, BillingRun, *in)
		}
	}
}

func runDetails(in flow.RunInput, total int) string {
	details := fmt.Sprintf("%d of %d projects are done.", in.Done, total)
	if in.Left > 0 {
		details += fmt.Sprintf(" %d invoices were not completed and stay drafts: the run says why.", in.Left)
	}
	return details
}

// billPage bills the projects of a page, some of them abreast.
func billPage(ctx workflow.Context, in *flow.RunInput, page flow.Page) error {
	gate := workflow.NewSemaphore(ctx, abreast)
	group := workflow.NewWaitGroup(ctx)
	var first error
	for _, id := range page.Projects {
		if err := gate.Acquire(ctx, 1); err != nil {
			return err
		}
		group.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer gate.Release(1)
			defer group.Done()
			err := billOne(ctx, flow.BillOne{RunID: in.ID, ProjectID: id}, page.Complete)
			switch {
			case refused(err): // it stays a draft, for a person to look at, who was told
				in.Left++
			case err != nil && first == nil:
				first = err
			}
		})
	}
	group.Wait(ctx)
	return first
}

// billOne bills a project, and completes its invoice if asked; where that is
// refused it says so.
func billOne(ctx workflow.Context, one flow.BillOne, complete bool) error {
	var billed flow.Billed
	if err := workflow.ExecuteActivity(runs(ctx, "bill a project"), acts.BillProject, one).Get(ctx, &billed); err != nil {
		return err
	}
	if !complete || billed.InvoiceID == uuid.Nil {
		return nil
	}
	if err := workflow.ExecuteActivity(runs(ctx, "complete its invoice"), acts.CompleteBilled, one).Get(ctx, nil); err != nil {
		return err
	}
	return startInvoice(ctx, billed.InvoiceID)
}

// startInvoice gives an invoice its process. One that has it already finds the
// new state in the row when it is told to look; where that one has ended just
// then, another is started.
func startInvoice(ctx workflow.Context, id uuid.UUID) error {
	child := abandoned(ctx, flow.ID(flow.Invoice, id), flow.Actions, "Invoice")
	for {
		err := workflow.ExecuteChildWorkflow(child, flow.InvoiceWorkflow, flow.Input{ID: id}).GetChildWorkflowExecution().Get(ctx, nil)
		if !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
			return err
		}
		err = workflow.SignalExternalWorkflow(ctx, flow.ID(flow.Invoice, id), "", flow.Refresh, nil).Get(ctx, nil)
		var ended *temporal.UnknownExternalWorkflowExecutionError
		if !errors.As(err, &ended) || workflow.GetVersion(ctx, "start again what has ended", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
			return err
		}
	}
}

func runs(ctx workflow.Context, summary string) workflow.Context {
	opts := workflow.GetActivityOptions(patient(ctx, flow.Runs))
	opts.Summary = summary
	return workflow.WithActivityOptions(ctx, opts)
}
