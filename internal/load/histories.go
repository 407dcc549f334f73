package load

import (
	"context"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"steward/internal/dispatch"
	"steward/internal/flow"

	"github.com/google/uuid"
)

// histories looks at how those of some tasks grow, and begin anew.
type histories struct {
	temporal client.Client
	pool     *pgxpool.Pool
	tasks    []string
	seen     map[string]history
}

type history struct {
	run           string
	length, bytes int64
	version       int64 // of the task's row: one more with every action on it
}

func openHistories(ctx context.Context, in *Installation, pool *pgxpool.Pool, tasks []string) (*histories, error) {
	c, err := client.DialContext(ctx, dispatch.Connection(dispatch.Link{Address: in.Temporal, Namespace: "default", Log: silent()}))
	return &histories{temporal: c, pool: pool, tasks: tasks, seen: map[string]history{}}, err
}

// silent logs nothing.
func silent() sdklog.Logger { return sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)) }

func (h *histories) close() { h.temporal.Close() }

// look adds to a sample what became of the histories since the one before.
func (h *histories) look(ctx context.Context, s *Sample) error {
	for _, task := range h.tasks {
		now, err := h.describe(ctx, task)
		if err != nil {
			return err
		}
		before, known := h.seen[task]
		switch {
		case known && before.run == now.run:
			s.Events, s.Actions, s.HistoryBytes = s.Events+now.length-before.length, s.Actions+now.version-before.version, s.HistoryBytes+now.bytes-before.bytes
		case known:
			s.Renewed++
		}
		s.Longest, s.LongestBytes = max(s.Longest, now.length), max(s.LongestBytes, now.bytes)
		h.seen[task] = now
	}
	return nil
}

func (h *histories) describe(ctx context.Context, task string) (history, error) {
	id, err := uuid.Parse(task)
	if err != nil {
		return history{}, err
	}
	d, err := h.temporal.DescribeWorkflowExecution(ctx, flow.ID(flow.Task, id), "")
	if err != nil {
		return history{}, err
	}
	i := d.WorkflowExecutionInfo
	found := history{run: i.Execution.RunId, length: i.HistoryLength, bytes: i.HistorySizeBytes}
	err = h.pool.QueryRow(ctx, `SELECT version FROM task WHERE id = $1`, id).Scan(&found.version)
	return found, err
}

// Longest is the longest history of all processes that run, and how many runs of
// tasks have been continued as new.
func (w *Watch) Longest(ctx context.Context) (longest, continued int64, err error) {
	c := w.histories.temporal
	n, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: "ExecutionStatus = 'ContinuedAsNew' AND WorkflowType = '" + flow.TaskWorkflow + "'"})
	if err != nil {
		return 0, 0, err
	}
	err = w.running(ctx, func(id string) error {
		d, err := c.DescribeWorkflowExecution(ctx, id, "")
		if err == nil {
			longest = max(longest, d.WorkflowExecutionInfo.HistoryLength)
		}
		return err
	})
	return longest, n.Count, err
}

// running calls do with the id of each of steward's processes that run.
func (w *Watch) running(ctx context.Context, do func(id string) error) error {
	r := &workflowservice.ListWorkflowExecutionsRequest{Query: "ExecutionStatus = 'Running' AND WorkflowType != '" + bareWorkflow + "'"}
	for {
		page, err := w.histories.temporal.ListWorkflow(ctx, r)
		if err != nil {
			return err
		}
		for _, e := range page.Executions {
			if err := do(e.Execution.WorkflowId); err != nil {
				return err
			}
		}
		if r.NextPageToken = page.NextPageToken; len(r.NextPageToken) == 0 {
			return nil
		}
	}
}

// Broken tells whether a workflow task that failed for a cause shows a process
// that cannot go on; others, such as a worker that ended while it had one, are
// tried again and come to nothing.
func Broken(cause string) bool {
	switch cause {
	case enums.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR.String(), enums.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE.String():
		return true
	}
	return false
}

// TaskFailures counts the workflow tasks that failed or were not answered in
// time, by cause, in the histories of the processes that run.
func (w *Watch) TaskFailures(ctx context.Context) (map[string]int, error) {
	causes := map[string]int{}
	err := w.running(ctx, func(id string) error {
		events := w.histories.temporal.GetWorkflowHistory(ctx, id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			e, err := events.Next()
			if err != nil {
				return err
			}
			if f := e.GetWorkflowTaskFailedEventAttributes(); f != nil {
				causes[f.Cause.String()]++
			}
			if f := e.GetWorkflowTaskTimedOutEventAttributes(); f != nil {
				causes["timed out: "+f.TimeoutType.String()]++
			}
		}
		return nil
	})
	return causes, err
}
