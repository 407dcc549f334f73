package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"

	"steward/internal/flow"
	"steward/workflows"
)

func TestTheClockMakesTheReportsPageByPage(t *testing.T) { // S1.69
	env := environment(t)
	run, last := uuid.New(), uuid.New()
	env.OnActivity(acts.OpenStatusRun, mock.Anything).Return(run, nil).Once()
	env.OnActivity(acts.MakeReports, mock.Anything, flow.RunPage{RunID: run}).Return(flow.Told{}, errors.New("one client has no figures")).Once()
	env.OnActivity(acts.MakeReports, mock.Anything, flow.RunPage{RunID: run}).Return(flow.Told{Last: last, More: true, Told: 7}, nil).Once()
	env.OnActivity(acts.MakeReports, mock.Anything, flow.RunPage{RunID: run, After: last}).Return(flow.Told{Told: 1}, nil).Once()
	env.OnActivity(acts.FinishStatusRun, mock.Anything, run).Return(nil).Once()
	env.ExecuteWorkflow(workflows.StatusReports)
	if env.GetWorkflowError() != nil || !env.AssertExpectations(t) {
		t.Errorf("got %v", env.GetWorkflowError())
	}
}

func TestMostTicksFindNothingToReport(t *testing.T) { // S1.69
	env := environment(t)
	env.OnActivity(acts.OpenStatusRun, mock.Anything).Return(uuid.Nil, nil).Once()
	env.ExecuteWorkflow(workflows.StatusReports)
	if env.GetWorkflowError() != nil || !env.AssertExpectations(t) {
		t.Errorf("got %v", env.GetWorkflowError())
	}
}

func TestAWeekWithoutActiveProjectsIsDoneAtOnce(t *testing.T) { // S1.69
	env := environment(t)
	run := uuid.New()
	env.OnActivity(acts.MakeReports, mock.Anything, flow.RunPage{RunID: run}).Return(flow.Told{}, nil).Once()
	env.OnActivity(acts.FinishStatusRun, mock.Anything, run).Return(nil).Once()
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(flow.Refresh, nil) }, 0)
	env.ExecuteWorkflow(workflows.StatusRun, flow.Input{ID: run})
	if env.GetWorkflowError() != nil || !env.AssertExpectations(t) {
		t.Errorf("got %v", env.GetWorkflowError())
	}
}

// reported is a report that waits a day for review and, if somebody holds it,
// as long again as that lasts; it returns when it went.
func reported(t *testing.T, held, released time.Duration) (sent time.Duration) {
	t.Helper()
	env := environment(t)
	began := env.Now()
	until := began.Add(24 * time.Hour)
	now := flow.Snapshot{Version: 1, State: "review", WaitingFor: "review", Deadline: &until}
	env.OnActivity(acts.LoadStatus, mock.Anything, mock.Anything).Return(func(context.Context, uuid.UUID) (flow.Snapshot, error) {
		if now.State == "review" && !env.Now().Before(until) {
			now.Next = flow.Send
		}
		return now, nil
	})
	env.OnActivity(acts.SendStatus, mock.Anything, mock.Anything).Return(func(context.Context, uuid.UUID) (flow.Snapshot, error) {
		sent = env.Now().Sub(began).Round(time.Minute)
		return flow.Snapshot{Version: 9, State: "sent", Closed: true}, nil
	}).Once()
	if held > 0 {
		env.RegisterDelayedCallback(func() {
			now = flow.Snapshot{Version: 2, State: "held", WaitingFor: "release"}
			env.SignalWorkflow(flow.Refresh, nil)
		}, held)
		env.RegisterDelayedCallback(func() {
			until = env.Now()
			now = flow.Snapshot{Version: 3, State: "review", WaitingFor: "review", Deadline: &until}
			env.SignalWorkflow(flow.Refresh, nil)
		}, released)
	}
	env.ExecuteWorkflow(workflows.Status, flow.Input{ID: uuid.New()})
	if env.GetWorkflowError() != nil || !env.AssertExpectations(t) {
		t.Errorf("got %v", env.GetWorkflowError())
	}
	return sent
}

func TestAReportGoesByItselfWhenTheHoldIsOver(t *testing.T) { // S1.69
	if sent := reported(t, 0, 0); sent != 24*time.Hour {
		t.Errorf("it went after %s", sent)
	}
}

func TestAHeldReportWaitsForItsRelease(t *testing.T) { // S1.69
	if sent := reported(t, time.Hour, 240*time.Hour); sent != 240*time.Hour {
		t.Errorf("it went after %s", sent)
	}
}

func TestASupersededReportEndsItsProcess(t *testing.T) { // S1.69
	env := environment(t)
	env.OnActivity(acts.LoadStatus, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 2, State: "held", WaitingFor: "release"}, nil).Once()
	env.OnActivity(acts.LoadStatus, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 3, State: "superseded", Closed: true}, nil).Once()
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(flow.Refresh, nil) }, 168*time.Hour)
	env.ExecuteWorkflow(workflows.Status, flow.Input{ID: uuid.New()})
	if env.GetWorkflowError() != nil || !env.IsWorkflowCompleted() || !env.AssertExpectations(t) {
		t.Errorf("got %v", env.GetWorkflowError())
	}
}
