package workflows

import (
	"github.com/google/uuid"
	"go.temporal.io/sdk/workflow"

	"steward/internal/flow"
)

// StatusReports makes the reports of a week once their hour has come (S1.69).
// Whether there are some to make is found out from Postgres: however many weeks
// were missed, those of the last are made, and tell it all (N.33).
func StatusReports(ctx workflow.Context) error {
	var run uuid.UUID
	if err := workflow.ExecuteActivity(runs(ctx, "see whether the reports of a week are to be made"), acts.OpenStatusRun).Get(ctx, &run); err != nil {
		return err
	}
	if run == uuid.Nil {
		workflow.SetCurrentDetails(ctx, "Nothing is to be made now.")
		return nil
	}
	return reportAll(ctx, run)
}

// StatusRun makes the reports of a week that a person has asked for.
func StatusRun(ctx workflow.Context, in flow.Input) error {
	return asked(ctx, in, reportAll)
}

// reportAll makes the reports of all clients with an active project, page by
// page. Run again, it finds each report there.
func reportAll(ctx workflow.Context, run uuid.UUID) error {
	err := pages(ctx, acts.MakeReports, "make the next clients' reports", "%d reports were made, and wait for review.", func(after uuid.UUID) any {
		return flow.RunPage{RunID: run, After: after}
	})
	if err != nil {
		return err
	}
	return workflow.ExecuteActivity(runs(ctx, "mark the run as done"), acts.FinishStatusRun, run).Get(ctx, nil)
}

// Status is the process of a client's report: the account manager comments on
// it, holds it back or lets it go; left alone, it goes by itself, once.
func Status(ctx workflow.Context, in flow.Input) error {
	return letter(ctx, in, Status, acts.LoadStatus, "render the report, and write its mail", acts.SendStatus)
}
