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

func TestTheClockMakesTheRemindersPageByPage(t *testing.T) { // S1.70
	env := environment(t)
	run, last := uuid.New(), uuid.New()
	env.OnActivity(acts.OpenReminderRun, mock.Anything).Return(run, nil).Once()
	env.OnActivity(acts.PlanReminders, mock.Anything, flow.RunPage{RunID: run}).Return(flow.Told{Last: last, More: true, Told: 7}, nil).Once()
	env.OnActivity(acts.PlanReminders, mock.Anything, flow.RunPage{RunID: run, After: last}).Return(flow.Told{Told: 1}, nil).Once()
	env.OnActivity(acts.FinishReminderRun, mock.Anything, run).Return(nil).Once()
	env.ExecuteWorkflow(workflows.Reminders)
	if env.GetWorkflowError() != nil || !env.AssertExpectations(t) {
		t.Errorf("got %v", env.GetWorkflowError())
	}
}

func TestMostTicksFindNothingToRemindOf(t *testing.T) { // S1.70
	env := environment(t)
	env.OnActivity(acts.OpenReminderRun, mock.Anything).Return(uuid.Nil, nil).Once()
	env.ExecuteWorkflow(workflows.Reminders)
	if env.GetWorkflowError() != nil || !env.AssertExpectations(t) {
		t.Errorf("got %v", env.GetWorkflowError())
	}
}

// letters is a letter that waits three days for review, then is sent; sent is
// when.
func letters(t *testing.T, told time.Duration, after flow.Snapshot) (sent time.Duration) {
	t.Helper()
	env := environment(t)
	began := env.Now()
	until := began.Add(72 * time.Hour)
	review := flow.Snapshot{Version: 1, State: "review", WaitingFor: "review", Deadline: &until}
	env.OnActivity(acts.LoadReminder, mock.Anything, mock.Anything).Return(review, nil).Once()
	env.OnActivity(acts.LoadReminder, mock.Anything, mock.Anything).Return(after, nil).Once()
	tries := 0
	env.OnActivity(acts.SendReminder, mock.Anything, mock.Anything).Return(func(context.Context, uuid.UUID) (flow.Snapshot, error) {
		if tries++; tries < 4 {
			return flow.Snapshot{}, errors.New("the file store is away")
		}
		sent = env.Now().Sub(began)
		return flow.Snapshot{Version: 3, State: "sent", Closed: true}, nil
	}).Maybe()
	if told > 0 {
		env.RegisterDelayedCallback(func() { env.SignalWorkflow(flow.Refresh, nil) }, told)
	}
	env.ExecuteWorkflow(workflows.Reminder, flow.Input{ID: uuid.New()})
	if env.GetWorkflowError() != nil || !env.IsWorkflowCompleted() {
		t.Errorf("got %v", env.GetWorkflowError())
	}
	return sent
}

func TestALetterGoesByItselfWhenTheHoldIsOver(t *testing.T) { // S1.71
	sent := letters(t, 0, flow.Snapshot{Version: 1, State: "review", Next: flow.Send})
	if sent < 72*time.Hour || sent > 73*time.Hour {
		t.Errorf("it went after %s", sent)
	}
}

func TestAReleasedLetterGoesAtOnce(t *testing.T) { // S1.70
	sent := letters(t, time.Hour, flow.Snapshot{Version: 2, State: "review", Next: flow.Send})
	if sent < time.Hour || sent > 2*time.Hour {
		t.Errorf("it went after %s", sent)
	}
}

func TestASkippedLetterEndsItsProcess(t *testing.T) { // S1.70
	if sent := letters(t, time.Hour, flow.Snapshot{Version: 2, State: "skipped", Closed: true}); sent != 0 {
		t.Errorf("it went after %s", sent)
	}
}
