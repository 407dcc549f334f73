//go:build bench

package bench

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"steward/internal/flow"
)

// open is how many tasks are open when all of Temporal is lost.
var open = flag.Int("open", 10_000, "how many open tasks are given their processes again")

// TestEngineLost gives 10,000 open tasks their processes from Postgres alone:
// Temporal knows none of them.
func TestEngineLost(t *testing.T) {
	b := start(t)
	tasks := *open
	b.firm.Exec(t, `INSERT INTO task (id, project_id, number, title, status, owner_id, assignee_person_id)
		SELECT gen_random_uuid(), $1, 10 + n, 'Task ' || n, 'open', $2, $2 FROM generate_series(1, $3) n`, b.firm.Project, b.firm.Ann, tasks-1)
	b.firm.Exec(t, `ANALYZE`)
	began := time.Now()
	run, err := b.temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: flow.Runs}, flow.ReconcileWorkflow, flow.Reconcile{ID: b.store.NewID(), Mode: flow.Asked})
	if err != nil {
		t.Fatal(err)
	}
	var came flow.Compared
	if err := run.Get(t.Context(), &came); err != nil {
		t.Fatal(err)
	}
	started := time.Since(began)
	b.count(t, `WorkflowType = 'Task' AND ExecutionStatus = 'Running'`, tasks)
	seen := time.Since(began)
	b.count(t, `WorkflowType = 'Task' AND ExecutionStatus = 'Running' AND State = 'open'`, tasks)
	all := time.Since(began)
	fmt.Printf("    %d processes from Postgres: started after %.1f s, all seen after %.1f s, all listed with their state after %.1f s (< 60), %.0f a second\n", came.Found, started.Seconds(), seen.Seconds(), all.Seconds(), float64(came.Found)/all.Seconds())
}

// count waits until so many processes are listed.
func (b *bench) count(t *testing.T, query string, want int) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		r, err := b.temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: query})
		if err != nil {
			t.Fatal(err)
		}
		if int(r.Count) >= want {
			return
		}
		<-tick.C
	}
}
