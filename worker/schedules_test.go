package worker

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"steward/internal/embedded"
	"steward/internal/embedded/servers"
	"steward/internal/flow"
)

// namespace is one for this test alone.
func namespace(t *testing.T) client.Client {
	t.Helper()
	c, _ := named(t)
	return c
}

// named is a namespace and its name.
func named(t *testing.T) (own client.Client, name string) {
	t.Helper()
	address, name := servers.Temporal(t), "worker-"+uuid.NewString()
	c, err := embedded.DialTemporal(t.Context(), address, "default")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.WorkflowService().RegisterNamespace(t.Context(), &workflowservice.RegisterNamespaceRequest{Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	own, err = client.NewLazyClient(client.Options{HostPort: address, Namespace: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(own.Close)
	return own, name
}

func TestWorkersThatStartAtOnceMakeEachScheduleOnce(t *testing.T) { // S1.82, N.21, N.31
	t.Parallel()
	c := namespace(t).ScheduleClient()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); schedule(t.Context(), c, "UTC") != nil; <-tick.C { // a new namespace is known after a moment
		if time.Now().After(deadline) {
			t.Fatal(schedule(t.Context(), c, "UTC"))
		}
	}
	if err := c.GetHandle(t.Context(), "digest").Pause(t.Context(), client.SchedulePauseOptions{Note: "by an operator"}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if err := schedule(t.Context(), c, "Europe/Berlin"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	b, err := c.GetHandle(t.Context(), "billing").Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hour := b.Schedule.Spec.Calendars
	if b.Schedule.Spec.TimeZoneName != "Europe/Berlin" || len(hour) != 1 || hour[0].Hour[0].Start != 6 || b.Schedule.Policy.Overlap != enums.SCHEDULE_OVERLAP_POLICY_BUFFER_ALL || b.Schedule.Policy.CatchupWindow != billingCatchUp {
		t.Errorf("billing is %+v %+v", b.Schedule.Spec, b.Schedule.Policy)
	}
	r, err := c.GetHandle(t.Context(), "reconcile").Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if at := r.Schedule.Spec.Calendars; r.Schedule.Spec.TimeZoneName != "Europe/Berlin" || len(at) != 1 || at[0].Hour[0].Start != 4 || r.Info.NumActions != 1 {
		t.Errorf("reconciling is %+v and has run %d times; want at four, and once when it was made", r.Schedule.Spec, r.Info.NumActions)
	}
	for id, workflow := range map[string]string{"digest": flow.DigestWorkflow, "time-reminder": flow.TimeReminderWorkflow} {
		d, err := c.GetHandle(t.Context(), id).Describe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		action, _ := d.Schedule.Action.(*client.ScheduleWorkflowAction)
		every := slices.Equal(d.Schedule.Spec.Intervals, []client.ScheduleIntervalSpec{{Every: 15 * time.Minute}})
		if action == nil || action.Workflow != workflow || action.TaskQueue != flow.Runs || !every || d.Schedule.Policy.Overlap != enums.SCHEDULE_OVERLAP_POLICY_SKIP || d.Schedule.Policy.CatchupWindow != catchUp {
			t.Errorf("%s is %+v %+v %+v", id, d.Schedule.Action, d.Schedule.Spec, d.Schedule.Policy)
		}
		if d.Schedule.State.Paused != (id == "digest") {
			t.Errorf("%s paused: %v", id, d.Schedule.State.Paused)
		}
	}
}

// slow is a Temporal that does not answer in time at first.
type slow struct {
	client.ScheduleClient
	late, asked int
	err         error
}

func (s *slow) Create(context.Context, client.ScheduleOptions) (client.ScheduleHandle, error) {
	if s.asked++; s.asked <= s.late {
		return nil, s.err
	}
	return nil, nil
}

func TestASlowTemporalIsWaitedFor(t *testing.T) { // N.31
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name  string
		ctx   context.Context
		slow  slow
		asked int
		ok    bool
	}{
		{"late twice", t.Context(), slow{late: 2, err: serviceerror.NewDeadlineExceeded("slow")}, 3, true},
		{"late by its client's clock", t.Context(), slow{late: 1, err: context.DeadlineExceeded}, 2, true},
		{"late for ever", t.Context(), slow{late: 1000, err: context.DeadlineExceeded}, patience, false},
		{"refused", t.Context(), slow{late: 1, err: serviceerror.NewInvalidArgument("no")}, 1, false},
		{"nobody waits any more", gone, slow{late: 1, err: context.DeadlineExceeded}, 1, false},
	} {
		err := put(c.ctx, &c.slow, scheduled{id: "x", want: client.Schedule{Spec: &client.ScheduleSpec{}, Policy: &client.SchedulePolicies{}}})
		if c.slow.asked != c.asked || (err == nil) != c.ok {
			t.Errorf("%s: asked %d times, %v; want %d", c.name, c.slow.asked, err, c.asked)
		}
	}
}
