package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"

	"steward/internal/flow"
	"steward/workflows"
)

func TestClearanceIsRemindedOfUntilItIsGiven(t *testing.T) { // S1.06
	env := environment(t)
	begin := env.Now()
	days := []time.Duration{3 * 24 * time.Hour, 5 * 24 * time.Hour, 11 * 24 * time.Hour, 18 * 24 * time.Hour} // 1, 3, 7 and 12 working days
	reminded := 0
	waiting := func() flow.Snapshot {
		at := begin.Add(days[reminded])
		s := flow.Snapshot{Version: 1 + reminded, State: "awaiting_clearance", WaitingFor: "clearance", Deadline: &at, DueAt: &at}
		if !env.Now().Before(at) {
			s.Next = flow.Remind
		}
		return s
	}
	env.OnActivity(acts.LoadProject, mock.Anything, mock.Anything).Return(func(context.Context, uuid.UUID) (flow.Snapshot, error) { return waiting(), nil })
	var told []time.Duration
	env.OnActivity(acts.RemindOfClearance, mock.Anything, mock.Anything).Return(func(context.Context, uuid.UUID) (flow.Snapshot, error) {
		told = append(told, env.Now().Sub(begin).Round(time.Hour))
		reminded++
		return waiting(), nil
	})
	env.OnActivity(acts.CommitProject, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 20, State: "active", WaitingFor: "work"}, nil).Once()
	env.OnActivity(acts.CommitProject, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 21, State: "complete", Closed: true}, nil).Once()
	var cleared, completed answer
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow("clear", "u1", cleared.callbacks(), flow.Command{ID: uuid.New()}) }, 15*24*time.Hour)
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow("complete", "u2", completed.callbacks(), flow.Command{ID: uuid.New()}) }, 300*24*time.Hour)
	env.ExecuteWorkflow(workflows.Project, flow.Input{ID: uuid.New()})
	if len(told) != 3 || told[0] != days[0] || told[1] != days[1] || told[2] != days[2] {
		t.Errorf("reminded after %v, want %v", told, days[:3])
	}
	if cleared.err != nil || completed.err != nil || env.GetWorkflowError() != nil {
		t.Errorf("got %v, %v, %v", cleared.err, completed.err, env.GetWorkflowError())
	}
}
