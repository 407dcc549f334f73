package workflows

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/workflow"

	"steward/internal/flow"
)

// Reconcile compares what is open in Postgres with what runs in Temporal, one
// kind after the other, and has what differs mended (N.32). What it found is in
// Postgres.
func Reconcile(ctx workflow.Context, in flow.Reconcile) (flow.Compared, error) {
	var all flow.Compared
	if in.ID == uuid.Nil {
		in.ID, in.Mode = uuid.NewSHA1(uuid.NameSpaceOID, []byte(workflow.GetInfo(ctx).WorkflowExecution.RunID)), flow.Nightly
	}
	if err := workflow.ExecuteActivity(runs(ctx, "write down that it begins"), flow.BeginReconciliation, in).Get(ctx, nil); err != nil {
		return all, err
	}
	for _, kind := range flow.Kinds {
		var one flow.Compared
		if err := workflow.ExecuteActivity(comparing(ctx, kind), flow.CompareProcesses, flow.Compare{Reconcile: in, Kind: kind}).Get(ctx, &one); err != nil {
			return all, err
		}
		all.Add(one)
		workflow.SetCurrentDetails(ctx, fmt.Sprintf("%d open things were compared with %d processes so far. The last kind that was looked at is %s.", all.Things, all.Processes, kind))
	}
	if err := workflow.ExecuteActivity(runs(ctx, "write down what came of it"), flow.EndReconciliation, flow.Reconciled{Reconcile: in, Compared: all}).Get(ctx, &all); err != nil {
		return all, err
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("%d open things were compared with %d processes: %d differences were found, and mended unless it was a dry run.", all.Things, all.Processes, all.Found))
	return all, nil
}

// comparing takes as long as it takes: after losing all of Temporal, some
// minutes for each hundred thousand things.
func comparing(ctx workflow.Context, kind flow.Kind) workflow.Context {
	opts := workflow.GetActivityOptions(runs(ctx, "compare each "+string(kind)+" with its process"))
	opts.StartToCloseTimeout = 12 * time.Hour
	opts.HeartbeatTimeout = 30 * time.Second // a Temporal that has just lost all is busy too
	return workflow.WithActivityOptions(ctx, opts)
}
