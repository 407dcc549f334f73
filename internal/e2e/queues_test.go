package e2e

import (
	"fmt"
	"testing"

	"go.temporal.io/api/enums/v1"
)

// A worker that is told which task queues are its own leaves the others alone,
// and what waits there is done as soon as one comes that serves them.
func TestAWorkerServesTheQueuesItIsGiven(t *testing.T) { // N.31
	t.Parallel()
	s := newSystem(t)
	s.url = s.startAPI()
	s.startWorker("STEWARD_QUEUES=actions")
	s.run("user", "add", "--email", "admin@firm.example", "--name", "Admin", "--role", "admin,account_manager")
	s.token = s.run("token", "create", "--email", "admin@firm.example")
	s.token = s.token[:len(s.token)-1]
	f := furnish(t, s).cleared(t) // a project's process runs on actions
	run := path("/billing-runs/%s", f.am.must(t, "POST", "/billing-runs", object{"through": "2026-03-31"})["id"])
	if got := f.am.must(t, "GET", run, nil)["state"]; got != "running" {
		t.Errorf("nobody serves the runs, and this one is %v", got)
	}
	for _, queue := range []string{"runs", "documents"} {
		if n := s.pollers(t, queue); n > 0 {
			t.Errorf("%d pollers ask for work on %s", n, queue)
		}
	}
	s.startWorker("STEWARD_QUEUES=runs,documents")
	eventually(t, "the run is done", func() error {
		if got := f.am.must(t, "GET", run, nil)["state"]; got == "running" {
			return fmt.Errorf("it is %v", got)
		}
		return nil
	})
}

// pollers is how many ask for work on a task queue.
func (s *system) pollers(t *testing.T, queue string) (n int) {
	t.Helper()
	for _, kind := range []enums.TaskQueueType{enums.TASK_QUEUE_TYPE_WORKFLOW, enums.TASK_QUEUE_TYPE_ACTIVITY} {
		d, err := s.temporal().DescribeTaskQueue(t.Context(), queue, kind)
		if err != nil {
			t.Fatal(err)
		}
		n += len(d.Pollers)
	}
	return n
}
