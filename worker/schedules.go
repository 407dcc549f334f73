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
	var all []string
	for _, s := range wanted("UTC") {
		all = append(all, s.id)
	}
	return all
}

// billingSchedule is the name of the schedule of recurring billing.
const billingSchedule = "billing"

// catchUp is how late a run may begin; after that the next one serves.
const catchUp = time.Minute

// scheduled is a schedule as this version wants it.
type scheduled struct {
	id     string
	want   client.Schedule
	atOnce bool // it also runs when it is made
}

// wanted are all schedules, in the firm's zone.
func wanted(zone string) []scheduled {
	all := make([]scheduled, 0, len(schedules)+2)
	for _, s := range schedules {
		all = append(all, scheduled{id: s.id, want: client.Schedule{
			Action: &client.ScheduleWorkflowAction{ID: s.id, Workflow: s.workflow, TaskQueue: flow.Runs, StaticSummary: s.summary},
			Spec:   &client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: s.every}}},
			Policy: &client.SchedulePolicies{Overlap: enums.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: catchUp},
		}})
	}
	return append(all, billing(zone), reconciling(zone))
}

// schedule makes the schedules, or brings them to what this version wants.
// Several workers may do so at once.
func schedule(ctx context.Context, c client.ScheduleClient, zone string) error {
	for _, s := range wanted(zone) {
		if err := put(ctx, c, s); err != nil {
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
func put(ctx context.Context, c client.ScheduleClient, s scheduled) error {
	var err error
	for range patience {
		if err = putOnce(ctx, c, s); err == nil || ctx.Err() != nil || !dispatch.Late(err) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("make the schedule %s: %w", s.id, err)
	}
	return nil
}

// putOnce is put without patience.
func putOnce(ctx context.Context, c client.ScheduleClient, s scheduled) error {
	_, err := c.Create(ctx, client.ScheduleOptions{ID: s.id, Spec: *s.want.Spec, Action: s.want.Action, Overlap: s.want.Policy.Overlap, CatchupWindow: s.want.Policy.CatchupWindow, TriggerImmediately: s.atOnce})
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return change(ctx, c.GetHandle(ctx, s.id), s.want)
	}
	return err
}

// billingCatchUp is how long after its time a round of billing still begins:
// whoever was down for longer has one round a day again from then on, and that
// finds all that was missed.
const billingCatchUp = 90 * 24 * time.Hour

// billing is the schedule of recurring billing: every morning at six by the
// firm's clocks, an hour that is there on every day of the year.
func billing(zone string) scheduled {
	return scheduled{id: billingSchedule, want: client.Schedule{
		Action: &client.ScheduleWorkflowAction{
			ID: billingSchedule, Workflow: flow.BillingTickWorkflow, TaskQueue: flow.Runs, StaticSummary: "Billing of the periods that are over", Args: []any{flow.Tick{}},
		},
		Spec: &client.ScheduleSpec{
			Calendars:    []client.ScheduleCalendarSpec{{Hour: []client.ScheduleRange{{Start: 6}}}},
			TimeZoneName: zone,
		},
		Policy: &client.SchedulePolicies{Overlap: enums.SCHEDULE_OVERLAP_POLICY_BUFFER_ALL, CatchupWindow: billingCatchUp},
	}}
}

// reconcileSchedule is the name of the schedule of reconciling.
const reconcileSchedule = "reconcile"

// reconcileCatchUp is how late a comparison still begins: within the night, and
// not among people at work.
const reconcileCatchUp = 3 * time.Hour

// reconciling is the schedule of reconciling: every night at four by the firm's
// clocks. A Temporal that has no such schedule has lost all, or is new:
// everything is given its process at once.
func reconciling(zone string) scheduled {
	return scheduled{id: reconcileSchedule, atOnce: true, want: client.Schedule{
		Action: &client.ScheduleWorkflowAction{
			ID: reconcileSchedule, Workflow: flow.ReconcileWorkflow, TaskQueue: flow.Runs, StaticSummary: "Comparing what is open with what runs", Args: []any{flow.Reconcile{}},
		},
		Spec: &client.ScheduleSpec{
			Calendars:    []client.ScheduleCalendarSpec{{Hour: []client.ScheduleRange{{Start: 4}}}},
			TimeZoneName: zone,
		},
		Policy: &client.SchedulePolicies{Overlap: enums.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: reconcileCatchUp},
	}}
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
