package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/workflow"

	"steward/internal/flow"
	"steward/workflows"
)

func TestAProcessThatIsToldThatPostgresWasRestoredBelievesTheOlderRow(t *testing.T) { // N.32
	env := environment(t)
	soon := time.Now().Add(time.Hour)
	read := func(s flow.Snapshot) {
		env.OnActivity(acts.LoadTask, mock.Anything, mock.Anything).Return(s, nil).Once()
	}
	read(flow.Snapshot{Version: 9, State: "open"})
	read(flow.Snapshot{Version: 4, State: "open", Deadline: &soon}) // told that it changed: older is not believed
	read(flow.Snapshot{Version: 4, State: "planned", Closed: true})
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(flow.Refresh, nil) }, time.Minute)
	told := time.Hour * 24
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(flow.Reread, nil) }, told)
	began := env.Now()
	env.ExecuteWorkflow(workflows.Task, flow.Input{ID: uuid.New()})
	if err := env.GetWorkflowError(); err != nil || !env.IsWorkflowCompleted() {
		t.Fatalf("completed %v: %v", env.IsWorkflowCompleted(), err)
	}
	if took := env.Now().Sub(began); took < told || took > told+time.Minute {
		t.Errorf("it ended after %s; want when it was told, after %s", took, told)
	}
	env.AssertExpectations(t)
}

// The worker died between the mail and the end of its process, and Postgres was
// restored meanwhile: the last that the process is told of is not lost.
func TestAProcessThatIsToldWhileItEndsReadsItsRowOnceMore(t *testing.T) { // N.31, N.32
	for _, signal := range []string{flow.Reread, flow.Refresh} {
		env := environment(t)
		env.OnActivity(acts.LoadStatus, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 2, State: "released", Next: flow.Send}, nil).Once()
		env.OnActivity(acts.SendStatus, mock.Anything, mock.Anything).Return(func(context.Context, uuid.UUID) (flow.Snapshot, error) {
			env.SignalWorkflow(signal, nil)
			return flow.Snapshot{Version: 3, State: "sent", Closed: true}, nil
		}).Once()
		env.ExecuteWorkflow(workflows.Status, flow.Input{ID: uuid.New()})
		var next *workflow.ContinueAsNewError
		if err := env.GetWorkflowError(); !errors.As(err, &next) {
			t.Errorf("told to %s, it ended with %v; want another run", signal, err)
		}
		env.AssertExpectations(t)
	}
}

func TestAProcessThatIsStartedWithItsRowDoesNotReadIt(t *testing.T) { // N.32
	env := environment(t)
	due := env.Now().Add(time.Hour)
	env.OnActivity(acts.LoadTask, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 4, State: "complete", Closed: true}, nil).Once()
	env.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil).Once() // of the end; those of the start were given with it
	began := env.Now()
	env.ExecuteWorkflow(workflows.Task, flow.Input{ID: uuid.New(), Known: &flow.Snapshot{Version: 3, State: "open", Deadline: &due, DueAt: &due}})
	if took := env.Now().Sub(began); env.GetWorkflowError() != nil || took < time.Hour {
		t.Errorf("it ended after %s, %v; want at its deadline", took, env.GetWorkflowError())
	}
	env.AssertExpectations(t)
}

func TestReconcilingLooksAtEveryKindOnce(t *testing.T) { // N.32
	env := environment(t)
	var looked []flow.Kind
	var ended flow.Reconciled
	env.RegisterActivityWithOptions(func(context.Context, flow.Reconcile) error { return nil }, activity.RegisterOptions{Name: flow.BeginReconciliation})
	env.RegisterActivityWithOptions(func(_ context.Context, in flow.Compare) (flow.Compared, error) {
		if looked = append(looked, in.Kind); in.Mode != flow.Nightly || in.ID == uuid.Nil {
			t.Errorf("asked for %+v", in)
		}
		return flow.Compared{Things: 3, Processes: 2}, nil
	}, activity.RegisterOptions{Name: flow.CompareProcesses})
	env.RegisterActivityWithOptions(func(_ context.Context, in flow.Reconciled) (flow.Compared, error) {
		ended = in
		in.Found = 7
		return in.Compared, nil
	}, activity.RegisterOptions{Name: flow.EndReconciliation})
	env.ExecuteWorkflow(workflows.Reconcile, flow.Reconcile{})
	var got flow.Compared
	if err := env.GetWorkflowResult(&got); err != nil {
		t.Fatal(err)
	}
	if len(looked) != len(flow.Workflows) || ended.Things != 3*len(looked) || got.Found != 7 {
		t.Errorf("looked at %v, ended with %+v, got %+v", looked, ended, got)
	}
}
