package workflows_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"

	"steward/internal/flow"
	"steward/workflows"
)

func TestADigestGoesThroughAllPeoplePageByPage(t *testing.T) { // N.21
	env := environment(t)
	first, second := uuid.New(), uuid.New()
	env.OnActivity(acts.MakeDigests, mock.Anything, flow.After{}).Return(flow.Told{Last: first, More: true, Told: 3}, nil).Once()
	env.OnActivity(acts.MakeDigests, mock.Anything, flow.After{ID: first}).Return(flow.Told{Last: second, More: true}, nil).Once()
	env.OnActivity(acts.MakeDigests, mock.Anything, flow.After{ID: second}).Return(flow.Told{Told: 1}, nil).Once()
	env.ExecuteWorkflow(workflows.Digest)
	if env.GetWorkflowError() != nil || !env.AssertExpectations(t) {
		t.Errorf("got %v", env.GetWorkflowError())
	}
}

func TestAReminderIsLateAndNotLostWhilePostgresIsAway(t *testing.T) { // S1.82, N.31
	env := environment(t)
	tries := 0
	env.OnActivity(acts.RemindOfTime, mock.Anything, mock.Anything).Return(func(context.Context, flow.After) (flow.Told, error) {
		if tries++; tries < 8 {
			return flow.Told{}, errors.New("the database is away")
		}
		return flow.Told{Told: 2}, nil
	})
	env.ExecuteWorkflow(workflows.TimeReminder)
	if env.GetWorkflowError() != nil || tries != 8 {
		t.Errorf("after %d tries: %v", tries, env.GetWorkflowError())
	}
}
