package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/workflow"

	"steward/internal/flow"
	"steward/workflows"
)

func TestAStatusReportGoesByItselfUnlessItIsHeld(t *testing.T) { // S1.69
	for name, held := range map[string]bool{"left alone": false, "held for ten days": true} {
		t.Run(name, func(t *testing.T) {
			env := environment(t)
			begin := env.Now()
			at := begin.Add(24 * time.Hour)
			now := flow.Snapshot{Version: 1, State: "waiting", WaitingFor: "account_manager", Deadline: &at}
			env.OnActivity(acts.LoadStatus, mock.Anything, mock.Anything).Return(func(context.Context, uuid.UUID) (flow.Snapshot, error) {
				if now.Deadline != nil && !env.Now().Before(at) {
					now.Next = flow.SendReport
				}
				return now, nil
			})
			env.OnActivity(acts.CommitStatus, mock.Anything, mock.Anything).Return(func(context.Context, flow.Command) (flow.Snapshot, error) {
				now = flow.Snapshot{Version: now.Version + 1, State: "held", WaitingFor: "release"}
				if now.Version == 3 {
					now = flow.Snapshot{Version: 3, State: "waiting", Next: flow.SendReport}
				}
				return now, nil
			})
			var sent time.Duration
			env.OnActivity(acts.SendStatus, mock.Anything, mock.Anything).Return(func(context.Context, uuid.UUID) (flow.Snapshot, error) {
				sent = env.Now().Sub(begin).Round(time.Hour)
				return flow.Snapshot{Version: 9, State: "sent", Closed: true}, nil
			}).Once()
			want := 24 * time.Hour
			var hold, release answer
			if held {
				want = 10 * 24 * time.Hour
				env.RegisterDelayedCallback(func() { env.UpdateWorkflow("hold", "u1", hold.callbacks(), flow.Command{ID: uuid.New()}) }, time.Hour)
				env.RegisterDelayedCallback(func() { env.UpdateWorkflow("release", "u2", release.callbacks(), flow.Command{ID: uuid.New()}) }, want)
			}
			env.ExecuteWorkflow(workflows.Status, flow.Input{ID: uuid.New()})
			if sent != want || hold.err != nil || release.err != nil || env.GetWorkflowError() != nil {
				t.Errorf("sent after %s, want %s; %v, %v, %v", sent, want, hold.err, release.err, env.GetWorkflowError())
			}
		})
	}
}

func TestAStatusRunGoesThroughAllClientsAndStartsTheirReports(t *testing.T) { // S1.69
	env := environment(t)
	env.RegisterWorkflowWithOptions(workflows.Status, workflow.RegisterOptions{Name: flow.StatusWorkflow})
	run, clients := uuid.New(), []uuid.UUID{uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()}
	env.OnActivity(acts.DueStatus, mock.Anything).Return(flow.StatusDue{RunID: run}, nil).Once()
	env.OnActivity(acts.PlanStatus, mock.Anything, flow.StatusPage{RunID: run}).Return(flow.StatusClients{Week: "2026-W12", Clients: clients}, nil).Once()
	env.OnActivity(acts.PlanStatus, mock.Anything, flow.StatusPage{RunID: run, After: clients[5]}).Return(flow.StatusClients{Week: "2026-W12"}, nil).Once()
	env.OnActivity(acts.MakeStatus, mock.Anything, mock.Anything).Return(func(_ context.Context, in flow.StatusOne) (flow.StatusProcess, error) {
		if in.ClientID == clients[0] { // nothing of it is active any more
			return flow.StatusProcess{}, nil
		}
		return flow.StatusProcess{ID: in.ClientID, Workflow: flow.StatusID(in.ClientID, "2026-W12")}, nil
	}).Times(6)
	env.OnWorkflow(flow.StatusWorkflow, mock.Anything, mock.Anything).Return(nil).Times(5)
	env.OnActivity(acts.FinishStatus, mock.Anything, run).Return(nil).Once()
	env.ExecuteWorkflow(workflows.StatusReports)
	if env.GetWorkflowError() != nil || !env.AssertExpectations(t) {
		t.Errorf("got %v", env.GetWorkflowError())
	}
}
