package worker

import (
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"steward/internal/dispatch"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres/db"
)

// A process that knows anything else than its row says is behind it, also where
// the row's version is the same: what others did changed what it waits for.
func TestAProcessIsBehindItsRow(t *testing.T) { // N.32
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	later := noon.Add(time.Hour)
	row := flow.Snapshot{Version: 3, State: "open", WaitingFor: "assignee", Assignee: "a", Deadline: &noon, DueAt: &noon}
	for name, c := range map[string]struct {
		change func(*flow.Snapshot)
		want   flow.Drift
	}{
		"the same":            {func(*flow.Snapshot) {}, ""},
		"the same moment":     {func(s *flow.Snapshot) { m := noon.In(time.FixedZone("", 3600)); s.Deadline = &m }, ""},
		"other details":       {func(s *flow.Snapshot) { s.Details = "more" }, ""},
		"an earlier version":  {func(s *flow.Snapshot) { s.Version = 2 }, flow.Behind},
		"a later version":     {func(s *flow.Snapshot) { s.Version = 4 }, flow.Ahead},
		"closed":              {func(s *flow.Snapshot) { s.Closed = true }, flow.Behind},
		"another state":       {func(s *flow.Snapshot) { s.State = "planned" }, flow.Behind},
		"waits for another":   {func(s *flow.Snapshot) { s.WaitingFor = "dependencies" }, flow.Behind},
		"somebody else's":     {func(s *flow.Snapshot) { s.Assignee = "b" }, flow.Behind},
		"another deadline":    {func(s *flow.Snapshot) { s.Deadline = &later }, flow.Behind},
		"without a deadline":  {func(s *flow.Snapshot) { s.Deadline = nil }, flow.Behind},
		"due at another time": {func(s *flow.Snapshot) { s.DueAt = &later }, flow.Behind},
	} {
		known := row
		c.change(&known)
		if got := differs(dispatch.Knowledge{Read: true, Snapshot: known}, row, true); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if got := differs(dispatch.Knowledge{}, row, true); got != "" {
		t.Errorf("while it reads its row it is %q", got)
	}
}

// A process waits for the command that it was started with, which was lost when
// API and Temporal were killed: it knows nothing, and nobody is to tell it.
func TestAProcessWhoseFirstStepWasLostIsBehind(t *testing.T) { // N.32
	t.Parallel()
	store := fixture.Store(t)
	c, name := named(t)
	r := crowded(t, store, c, name).compare
	task := fixture.NewFirm(t, store).Task
	pid := flow.ID(flow.Task, task)
	if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: pid, TaskQueue: flow.Actions}, flow.TaskWorkflow, flow.Input{ID: task, Fresh: true}); err != nil {
		t.Fatal(err)
	}
	found := func() []db.FindingsRow {
		in := flow.Reconcile{ID: store.NewID(), Mode: flow.Dry}
		if err := r.BeginReconciliation(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if _, err := r.CompareProcesses(t.Context(), flow.Compare{Reconcile: in, Kind: flow.Task}); err != nil {
			t.Fatal(err)
		}
		rows, err := store.Findings(t.Context(), db.FindingsParams{RunID: in.ID, Page: 10})
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); len(found()) != 0; <-tick.C { // until it is listed
		if time.Now().After(deadline) {
			t.Fatalf("just begun, it is %+v", found())
		}
	}
	later := store.Now
	store.Now = func() time.Time { return later().Add(young + time.Second) }
	if got := found(); len(got) != 1 || got[0].Drift != string(flow.Behind) || got[0].Process != pid || !strings.Contains(got[0].Note, "has not read its row") {
		t.Errorf("found %+v", got)
	}
}
