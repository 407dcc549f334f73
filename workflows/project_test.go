package workflows_test

import (
	"context"
	"slices"
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

func TestARefusedClearanceIsRemindedOfAnewOnceAskedForAgain(t *testing.T) { // S1.06
	env := environment(t)
	begin, day := env.Now(), 24*time.Hour
	version := 1
	var next *time.Time // when it is reminded of, while it is asked for
	now := func() flow.Snapshot {
		s := flow.Snapshot{Version: version, State: "draft", WaitingFor: "plan"}
		if next != nil {
			s = flow.Snapshot{Version: version, State: "awaiting_clearance", WaitingFor: "clearance", Deadline: next, DueAt: next}
		}
		if next != nil && !env.Now().Before(*next) {
			s.Next = flow.Remind
		}
		return s
	}
	turn := func(in time.Duration) {
		version++
		if next = nil; in > 0 {
			at := env.Now().Add(in)
			next = &at
		}
	}
	env.OnActivity(acts.LoadProject, mock.Anything, mock.Anything).Return(func(context.Context, uuid.UUID) (flow.Snapshot, error) { return now(), nil })
	var told []time.Duration
	env.OnActivity(acts.RemindOfClearance, mock.Anything, mock.Anything).Return(func(context.Context, uuid.UUID) (flow.Snapshot, error) {
		told = append(told, env.Now().Sub(begin).Round(time.Hour))
		turn(5 * day)
		return now(), nil
	})
	steps := []struct {
		verb  string
		after time.Duration
		next  time.Duration // from then on
	}{
		{"request-clearance", 1 * day, 2 * day}, // reminded on the 3rd, then not on the 8th
		{"refuse-clearance", 4 * day, 0},
		{"request-clearance", 20 * day, 2 * day}, // on the 22nd, not on the 27th
		{"withdraw-clearance", 23 * day, 0},
	}
	for _, s := range steps {
		env.OnActivity(acts.CommitProject, mock.Anything, mock.Anything).Return(func(context.Context, flow.Command) (flow.Snapshot, error) {
			turn(s.next)
			return now(), nil
		}).Once()
	}
	env.OnActivity(acts.CommitProject, mock.Anything, mock.Anything).Return(flow.Snapshot{Version: 30, State: "cancelled", Closed: true}, nil).Once()
	answers := make([]answer, len(steps)+1)
	for i, s := range steps {
		env.RegisterDelayedCallback(func() {
			env.UpdateWorkflow(s.verb, s.verb+s.after.String(), answers[i].callbacks(), flow.Command{ID: uuid.New()})
		}, s.after)
	}
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow("cancel", "end", answers[len(steps)].callbacks(), flow.Command{ID: uuid.New()})
	}, 90*day)
	env.ExecuteWorkflow(workflows.Project, flow.Input{ID: uuid.New()})
	if !slices.Equal(told, []time.Duration{3 * day, 22 * day}) {
		t.Errorf("reminded after %v", told)
	}
	for _, a := range answers {
		if a.err != nil {
			t.Error(a.err)
		}
	}
	if err := env.GetWorkflowError(); err != nil {
		t.Error(err)
	}
}
