package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"steward/internal/flow"
)

// schedules are what runs by the clock. What is due is found out from Postgres,
// so that a run that was missed needs no making up for: the next does it all.
var schedules = []struct {
	id, workflow, summary string
	every                 time.Duration
}{ // a quarter of an hour, because that is how zones differ
	{"digest", flow.DigestWorkflow, "Digests for those who are told once a day", 15 * time.Minute},
	{"time-reminder", flow.TimeReminderWorkflow, "Reminders to record time", 15 * time.Minute},
	{"status", flow.StatusReportsWorkflow, "Status reports to clients, when their week has ended", 15 * time.Minute},
}

// catchUp is how late a run may begin; after that the next one serves.
const catchUp = time.Minute

// schedule makes the schedules, or brings them to what this version wants.
// Several workers may do so at once.
func schedule(ctx context.Context, c client.ScheduleClient) error {
	for _, s := range schedules {
		want := client.Schedule{
			Action: &client.ScheduleWorkflowAction{ID: s.id, Workflow: s.workflow, TaskQueue: flow.Runs, StaticSummary: s.summary},
			Spec:   &client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: s.every}}},
			Policy: &client.SchedulePolicies{Overlap: enums.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: catchUp},
		}
		_, err := c.Create(ctx, client.ScheduleOptions{ID: s.id, Spec: *want.Spec, Action: want.Action, Overlap: want.Policy.Overlap, CatchupWindow: catchUp})
		if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
			err = change(ctx, c.GetHandle(ctx, s.id), want)
		}
		if err != nil {
			return fmt.Errorf("make the schedule %s: %w", s.id, err)
		}
	}
	return nil
}

// change brings a schedule to what is wanted. That an operator has paused it
// stays.
func change(ctx context.Context, h client.ScheduleHandle, want client.Schedule) error {
	err := h.Update(ctx, client.ScheduleUpdateOptions{DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
		s := in.Description.Schedule
		s.Action, s.Spec, s.Policy = want.Action, want.Spec, want.Policy
		return &client.ScheduleUpdate{Schedule: &s}, nil
	}})
	var changed *serviceerror.FailedPrecondition
	if errors.As(err, &changed) { // another worker was at the same
		return nil
	}
	return err
}
