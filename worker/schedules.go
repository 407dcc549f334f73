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

	"steward/internal/dispatch"
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
	{"status", flow.StatusReportsWorkflow, "The status reports of the week, when their hour has come", 15 * time.Minute},
	{"reminders", flow.RemindersWorkflow, "The reminders of the month, when their day has come", time.Hour},
}

// scheduleIDs are the names of all schedules.
func scheduleIDs() []string {
	all := []string{billingSchedule, reconcileSchedule}
	for _, s := range schedules {
		all = append(all, s.id)
	}
	return all
}

// billingSchedule is the name of the schedule of recurring billing.
const billingSchedule = "billing"

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
		if err := put(ctx, c, s.id, want, false); err != nil {
			return err
		}
	}
	return nil
}

// patience is how often a schedule is tried to be made. Each try waits ten seconds
// for Temporal, whose own workers have to be up: after a start on a busy machine
// they may not be.
const patience = 6

// put makes a schedule, which then runs at once if it is to, or brings it to
// what is wanted.
func put(ctx context.Context, c client.ScheduleClient, id string, want client.Schedule, atOnce bool) error {
	var err error
	for range patience {
		if err = putOnce(ctx, c, id, want, atOnce); err == nil || ctx.Err() != nil || !dispatch.Late(err) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("make the schedule %s: %w", id, err)
	}
	return nil
}

// putOnce is put without patience.
func putOnce(ctx context.Context, c client.ScheduleClient, id string, want client.Schedule, atOnce bool) error {
	_, err := c.Create(ctx, client.ScheduleOptions{ID: id, Spec: *want.Spec, Action: want.Action, Overlap: want.Policy.Overlap, CatchupWindow: want.Policy.CatchupWindow, TriggerImmediately: atOnce})
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return change(ctx, c.GetHandle(ctx, id), want)
	}
	return err
}

// billingCatchUp is how long after its time a round of billing still begins:
// whoever was down for longer has one round a day again from then on, and that
// finds all that was missed.
const billingCatchUp = 90 * 24 * time.Hour

// scheduleBilling makes the schedule of recurring billing: every morning at
// six by the firm's clocks, an hour that is there on every day of the year.
func scheduleBilling(ctx context.Context, c client.ScheduleClient, zone string) error {
	return put(ctx, c, billingSchedule, client.Schedule{
		Action: &client.ScheduleWorkflowAction{
			ID: billingSchedule, Workflow: flow.BillingTickWorkflow, TaskQueue: flow.Runs, StaticSummary: "Billing of the periods that are over", Args: []any{flow.Tick{}},
		},
		Spec: &client.ScheduleSpec{
			Calendars:    []client.ScheduleCalendarSpec{{Hour: []client.ScheduleRange{{Start: 6}}}},
			TimeZoneName: zone,
		},
		Policy: &client.SchedulePolicies{Overlap: enums.SCHEDULE_OVERLAP_POLICY_BUFFER_ALL, CatchupWindow: billingCatchUp},
	}, false)
}

// reconcileSchedule is the name of the schedule of reconciling.
const reconcileSchedule = "reconcile"

// reconcileCatchUp is how late a comparison still begins: within the night, and
// not among people at work.
const reconcileCatchUp = 3 * time.Hour

// scheduleReconciling makes the schedule of reconciling: every night at four by
// the firm's clocks. A Temporal that has no such schedule has lost all, or is
// new: everything is given its process at once.
func scheduleReconciling(ctx context.Context, c client.ScheduleClient, zone string) error {
	return put(ctx, c, reconcileSchedule, client.Schedule{
		Action: &client.ScheduleWorkflowAction{
			ID: reconcileSchedule, Workflow: flow.ReconcileWorkflow, TaskQueue: flow.Runs, StaticSummary: "Comparing what is open with what runs", Args: []any{flow.Reconcile{}},
		},
		Spec: &client.ScheduleSpec{
			Calendars:    []client.ScheduleCalendarSpec{{Hour: []client.ScheduleRange{{Start: 4}}}},
			TimeZoneName: zone,
		},
		Policy: &client.SchedulePolicies{Overlap: enums.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: reconcileCatchUp},
	}, true)
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
