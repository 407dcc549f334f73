//go:build bench

package bench

import (
	"bufio"
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"steward/internal/flow"
)

// open is how many tasks are open when all of Temporal is lost.
var open = flag.Int("open", 10_000, "how many open tasks are given their processes again")

// inHand is how many tasks a worker has in hand when it is killed.
var inHand = flag.Int("in-hand", 2_000, "how many tasks a worker has in hand when it is killed")

// TestEngineLost gives open tasks their processes from Postgres alone:
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

// TestWorkerKilled kills the worker that has many tasks in hand, starts another
// and does the first action on each, beside the same action when all is quiet.
func TestWorkerKilled(t *testing.T) {
	b := start(t)
	const clients = 8
	ids := make([]uuid.UUID, *inHand)
	for i := range ids {
		ids[i] = b.firm.NewTask(t, "open")
	}
	b.idle()
	binary := built(t)
	old := b.worker(t, binary)
	assign := func(to uuid.UUID) result {
		return onEach(t, clients, ids, func(id uuid.UUID) error {
			return b.post("/tasks/"+id.String()+"/assign", map[string]any{"to": map[string]any{"user_id": to}})
		})
	}
	fmt.Printf("\n    %-44s %s\n", "first of all, which starts their processes", assign(b.firm.Bob))
	quiet := assign(b.firm.Ann)
	if err := old.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = old.Wait() // killed
	b.worker(t, binary)
	killed := assign(b.firm.Bob)
	fmt.Printf("    %-44s %s\n", fmt.Sprintf("assign, on each of %d tasks", *inHand), quiet)
	beside("the first on each after kill -9 (p99 < 1 s)", killed, quiet)
}

// built is steward's binary.
func built(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "steward")
	if out, err := exec.Command("go", "build", "-o", binary, "steward/cmd/steward").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binary
}

// worker runs a worker as a process of its own, until the test ends.
func (b *bench) worker(t *testing.T, binary string) *exec.Cmd {
	t.Helper()
	return b.process(t, exec.Command(binary, "worker"))
}

// process runs a worker as it is asked to, until the test ends.
func (b *bench) process(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	cmd.Env = append(slices.Clone(b.env), cmd.Env...)
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may be dead
		_ = cmd.Wait()
	})
	ready := make(chan struct{})
	go func() {
		for lines := bufio.NewScanner(said); lines.Scan(); {
			if strings.Contains(lines.Text(), "takes what is waiting") {
				close(ready)
			}
		}
	}()
	<-ready
	return cmd
}

// onEach does something with each of many, by so many clients.
func onEach(t *testing.T, clients int, all []uuid.UUID, do func(uuid.UUID) error) result {
	t.Helper()
	took := make([]time.Duration, len(all))
	var next atomic.Int64
	began := time.Now()
	group := errgroup.Group{}
	for range clients {
		group.Go(func() error {
			for i := next.Add(1) - 1; int(i) < len(all); i = next.Add(1) - 1 {
				start := time.Now()
				if err := do(all[i]); err != nil {
					return err
				}
				took[i] = time.Since(start)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	perSecond := float64(len(all)) / time.Since(began).Seconds()
	slices.Sort(took)
	at := func(q float64) time.Duration { return took[min(len(took)-1, int(q*float64(len(took))))] }
	return result{perSecond: perSecond, p50: at(.5), p95: at(.95), p99: at(.99)}
}
