package worker

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"steward/activities"
	"steward/internal/dispatch"
	"steward/internal/embedded"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
)

// The tasks of a large project get their processes, each one, with its row given;
// told again, and with one that is closed among them, they are told and none is
// started twice.
func TestACrowdIsBegunAndToldOnce(t *testing.T) { // S2.03, N.30
	t.Parallel()
	store := fixture.Store(t)
	c, name := named(t)
	relay := crowded(t, store, c, name)
	f := fixture.NewFirm(t, store)
	ids := []uuid.UUID{f.NewTask(t, "complete")}
	for range alert + 20 {
		ids = append(ids, f.NewTask(t, "open"))
	}
	runs := map[uuid.UUID]string{}
	for round := range 2 {
		if err := store.TellTasks(t.Context(), ids); err != nil {
			t.Fatal(err)
		}
		if _, err := relay.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := fixture.One[int](t, store.Pool, `SELECT count(*) FROM outbox`); n != 0 {
			t.Errorf("%d are not told", n)
		}
		for _, id := range ids {
			d, err := c.DescribeWorkflowExecution(t.Context(), flow.ID(flow.Task, id), "")
			if err != nil || d.WorkflowExecutionInfo.Status != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
				t.Fatalf("round %d: the process of a task: %v, %v", round, d, err)
			}
			if run := d.WorkflowExecutionInfo.Execution.RunId; round > 0 && run != runs[id] {
				t.Errorf("task %s was begun again", id)
			}
			runs[id] = d.WorkflowExecutionInfo.Execution.RunId
		}
	}
}

// deaf is a Temporal that refuses to tell one process.
type deaf struct {
	client.Client
	process string
}

func (d deaf) SignalWithStartWorkflow(ctx context.Context, id, name string, arg any, o client.StartWorkflowOptions, w any, in ...any) (client.WorkflowRun, error) {
	if id == d.process {
		return nil, serviceerror.NewInvalidArgument("exceeded workflow execution limit for signal events")
	}
	return d.Client.SignalWithStartWorkflow(ctx, id, name, arg, o, w, in...)
}

func TestAProcessThatCannotBeToldKeepsNoOtherWaiting(t *testing.T) { // N.31
	t.Parallel()
	store := fixture.Store(t)
	c, name := named(t)
	relay := crowded(t, store, c, name)
	f := fixture.NewFirm(t, store)
	other := f.NewTask(t, "open")
	relay.temporal = deaf{c, flow.ID(flow.Task, f.Task)}
	if err := store.TellTasks(t.Context(), []uuid.UUID{f.Task, other}); err != nil {
		t.Fatal(err)
	}
	f.Exec(t, `UPDATE outbox SET created_at = '2026-01-01'`)
	for range 2 {
		if full, err := relay.Once(t.Context()); err != nil || full {
			t.Fatalf("full %t, %v", full, err)
		}
	}
	if _, err := c.DescribeWorkflowExecution(t.Context(), flow.ID(flow.Task, other), ""); err != nil {
		t.Errorf("the other was not told: %v", err)
	}
	left := fixture.One[string](t, store.Pool, `SELECT string_agg(entity_id || ' ' || created_at::date, ', ') FROM outbox`)
	if want := f.Task.String() + " 2026-01-01"; left != want { // it goes on waiting, and counts as late
		t.Errorf("%s waits to be told, want %s", left, want)
	}
}

// crowded is a relay over a store and a namespace that knows its attributes.
func crowded(t *testing.T, store *postgres.Store, c client.Client, name string) *Relay {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); ; <-tick.C { // a new namespace is known after a moment
		err := embedded.RegisterSearchAttributes(t.Context(), c, name)
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	return &Relay{store: store, temporal: c, compare: NewReconciler(store, activities.New(store, nil, ""), dispatch.NewProcesses(c, nil), log), log: log}
}

func TestTheFirstOfACrowdStartAndTheOthersRest(t *testing.T) { // N.30
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	soon, later := now.Add(30*time.Second), now.Add(24*time.Hour)
	for name, c := range map[string]struct {
		n    int64
		snap *flow.Snapshot
		want time.Duration
	}{
		"the first":                {1, &flow.Snapshot{}, 0},
		"the last that starts":     {alert, &flow.Snapshot{}, 0},
		"the first that rests":     {alert + 1, &flow.Snapshot{}, others + time.Second/pace},
		"the last of many":         {alert + 1_000_000, &flow.Snapshot{}, longest},
		"due before it would wake": {alert + 1, &flow.Snapshot{Deadline: &soon}, 0},
		"due long after":           {alert + 1, &flow.Snapshot{Deadline: &later}, others + time.Second/pace},
		"with a step to take":      {alert + 1, &flow.Snapshot{Next: flow.Render}, 0},
		"a run":                    {alert + 1, nil, 0},
	} {
		if got := rested(c.n, c.snap, now); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
