package workflows

import (
	"fmt"

	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"steward/internal/flow"
)

// StatusReports sees by the clock whether a week has ended whose reports were
// not made (S1.69). However many were missed, the last is made and tells it all
// (N.33).
func StatusReports(ctx workflow.Context) error {
	var due flow.StatusDue
	if err := workflow.ExecuteActivity(runs(ctx, "see whether reports are due"), acts.DueStatus).Get(ctx, &due); err != nil {
		return err
	}
	for _, late := range due.Late {
		if err := startStatus(ctx, late); err != nil {
			return err
		}
	}
	if due.RunID == uuid.Nil {
		return nil
	}
	return reportAll(ctx, due.RunID)
}

// StatusRun makes the reports of a week because somebody asked.
func StatusRun(ctx workflow.Context, in flow.Input) error { return reportAll(ctx, in.ID) }

// reportAll goes through all clients with an active project, page by page.
func reportAll(ctx workflow.Context, run uuid.UUID) error {
	made, after := 0, uuid.Nil
	for {
		var page flow.StatusClients
		if err := workflow.ExecuteActivity(runs(ctx, "find the next clients"), acts.PlanStatus, flow.StatusPage{RunID: run, After: after}).Get(ctx, &page); err != nil {
			return err
		}
		if len(page.Clients) == 0 {
			return workflow.ExecuteActivity(runs(ctx, "mark the run as done"), acts.FinishStatus, run).Get(ctx, nil)
		}
		if err := reportPage(ctx, run, page); err != nil {
			return err
		}
		made += len(page.Clients)
		after = page.Clients[len(page.Clients)-1]
		workflow.SetCurrentDetails(ctx, fmt.Sprintf("%d clients have their report of %s.", made, page.Week))
	}
}

// reportPage makes the reports of a page, some of them abreast.
func reportPage(ctx workflow.Context, run uuid.UUID, page flow.StatusClients) error {
	gate, group := workflow.NewSemaphore(ctx, abreast), workflow.NewWaitGroup(ctx)
	var first error
	for _, client := range page.Clients {
		if err := gate.Acquire(ctx, 1); err != nil {
			return err
		}
		group.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer gate.Release(1)
			defer group.Done()
			if err := reportOne(ctx, flow.StatusOne{RunID: run, ClientID: client}); err != nil && first == nil {
				first = err
			}
		})
	}
	group.Wait(ctx)
	return first
}

// reportOne makes a client's report and starts the process that sends it.
func reportOne(ctx workflow.Context, one flow.StatusOne) error {
	var made flow.StatusProcess
	if err := workflow.ExecuteActivity(runs(ctx, "make a client's report"), acts.MakeStatus, one).Get(ctx, &made); err != nil {
		return err
	}
	if made.ID == uuid.Nil { // no project of theirs is active any more
		return nil
	}
	return startStatus(ctx, made)
}

// startStatus gives a report its process; one that has it already is told to
// look again.
func startStatus(ctx workflow.Context, of flow.StatusProcess) error {
	child := abandoned(ctx, of.Workflow, flow.Actions, "Status report")
	err := workflow.ExecuteChildWorkflow(child, flow.StatusWorkflow, flow.Input{ID: of.ID}).GetChildWorkflowExecution().Get(ctx, nil)
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return nil
	}
	return err
}

// Status is the process of a client's report: the account manager comments on
// it, holds it back or lets it go; else it goes by itself when the time is over.
func Status(ctx workflow.Context, in flow.Input) error {
	p := &process{in: in, commit: acts.CommitStatus, load: acts.LoadStatus}
	return p.live(ctx, Status, flow.Updates[flow.Status], p.statusStep)
}

// statusStep sends the report when it is time, or waits.
func (p *process) statusStep(ctx workflow.Context) error {
	if p.snap.Next != flow.SendReport {
		return p.wait(ctx)
	}
	opts := workflow.GetActivityOptions(patient(ctx, flow.Documents))
	opts.Summary = "render the report and send it"
	var snap flow.Snapshot
	if err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, opts), acts.SendStatus, p.in.ID).Get(ctx, &snap); err != nil {
		return err
	}
	p.take(ctx, snap)
	return nil
}
