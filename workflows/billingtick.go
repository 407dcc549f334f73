package workflows

import (
	"fmt"

	"github.com/google/uuid"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"steward/internal/civil"
	"steward/internal/flow"
)

// BillingTick bills every period that is over and was not billed yet, the
// oldest first: what was missed while nothing ran is made good by the next
// tick (S1.72, N.33). Which those are is found out from Postgres.
func BillingTick(ctx workflow.Context, in flow.Tick) error {
	if !in.Planned {
		if err := tellAll(ctx, acts.PlanPeriods, "find the periods that are over", "%d periods have come due."); err != nil {
			return err
		}
		in.Planned = true
	}
	for {
		var due flow.Due
		if err := workflow.ExecuteActivity(runs(ctx, "find the next periods to bill"), acts.DuePeriods, in.After).Get(ctx, &due); err != nil {
			return err
		}
		if len(due.Periods) == 0 {
			return tellAll(ctx, acts.WarnOfBudgets, "look at the next budgets", "%d warnings were given about budgets.")
		}
		for _, together := range byEnd(due.Periods) {
			if err := billPeriods(ctx, together); err != nil {
				return err
			}
		}
		in.Billed += len(due.Periods)
		in.After = due.Periods[len(due.Periods)-1]
		workflow.SetCurrentDetails(ctx, fmt.Sprintf("%d periods are billed, the last of them through %s.", in.Billed, in.After.End))
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return workflow.NewContinueAsNewError(ctx, BillingTick, in)
		}
	}
}

// byEnd parts periods where their end changes: one that ends later waits for
// those that end before it, so that time goes on the invoice of its period.
func byEnd(all []flow.Period) [][]flow.Period {
	var parts [][]flow.Period
	var end civil.Date
	for _, p := range all {
		if len(parts) == 0 || p.End != end {
			parts, end = append(parts, nil), p.End
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], p)
	}
	return parts
}

// billPeriods gives each period its process, some of them abreast, and waits
// until they have ended.
func billPeriods(ctx workflow.Context, periods []flow.Period) error {
	gate := workflow.NewSemaphore(ctx, abreast)
	group := workflow.NewWaitGroup(ctx)
	for _, p := range periods {
		if err := gate.Acquire(ctx, 1); err != nil {
			return err
		}
		group.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer gate.Release(1)
			defer group.Done()
			err := workflow.ExecuteChildWorkflow(periodOptions(ctx, p), flow.BillingPeriodWorkflow, p).Get(ctx, nil)
			if err != nil && !temporal.IsWorkflowExecutionAlreadyStartedError(err) { // ended by an operator: the next tick finds it due
				workflow.GetLogger(ctx).Warn("a period was not billed", "period", p.ID(), "error", err)
			}
		})
	}
	group.Wait(ctx)
	return ctx.Err()
}

func periodOptions(ctx workflow.Context, p flow.Period) workflow.Context {
	return workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: p.ID(), TaskQueue: flow.Runs, StaticSummary: p.Summary(),
		ParentClosePolicy:     enums.PARENT_CLOSE_POLICY_ABANDON,
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	})
}

// BillingPeriod bills one period of a work statement, once for good, and
// completes the invoice where that is agreed. Run again, it finds what came of
// it before.
func BillingPeriod(ctx workflow.Context, in flow.Period) error {
	var billed flow.Billed
	if err := workflow.ExecuteActivity(runs(ctx, "bill the period"), acts.BillPeriod, in).Get(ctx, &billed); err != nil {
		return err
	}
	workflow.SetCurrentDetails(ctx, periodDetails(billed))
	if !billed.Complete || billed.InvoiceID == uuid.Nil {
		return nil
	}
	err := workflow.ExecuteActivity(runs(ctx, "complete its invoice"), acts.CompletePeriod, billed.InvoiceID).Get(ctx, nil)
	if code, ok := flow.Refused(err); ok { // it stays a draft, for a person to look at, who was told
		workflow.SetCurrentDetails(ctx, fmt.Sprintf("Invoice %s was not completed (%s) and stays a draft: see the billing periods for why, put it right, and complete it.", billed.InvoiceID, code))
		return nil
	}
	if err != nil {
		return err
	}
	return startInvoice(ctx, billed.InvoiceID)
}

func periodDetails(b flow.Billed) string {
	switch {
	case b.Code != "":
		return "It is parked (" + b.Code + "): see the billing periods for why, put it right, and run it again."
	case b.InvoiceID == uuid.Nil:
		return "There was nothing to bill."
	}
	return "Invoice " + b.InvoiceID.String()
}
