package worker

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"steward/internal/flow"
	"steward/internal/postgres"
)

// Metrics tell how the processes stand: whether schedules run when they should,
// whether work waits for workers, whether every open thing has its process. It
// asks Temporal, at most once in a while however often it is asked.
type Metrics struct {
	store     *postgres.Store
	temporal  client.Client
	namespace string

	mu   sync.Mutex
	kept []prometheus.Metric
	till time.Time
}

// NewMetrics makes them for the processes of a namespace.
func NewMetrics(c client.Client, namespace string, store *postgres.Store) *Metrics {
	return &Metrics{store: store, temporal: c, namespace: namespace}
}

// How long answers are given again, and how long they are waited for.
const (
	metricsLife     = 15 * time.Second
	metricsPatience = 5 * time.Second
)

var (
	temporalUp    = desc("steward_temporal_up", "1 if Temporal answered, 0 if not.")
	scheduleLate  = desc("steward_schedule_late_seconds", "How much longer ago than its period a schedule began its last run; 0: in time, a day: it is not there.", "schedule")
	schedulePause = desc("steward_schedule_paused", "1 if an operator has paused the schedule.", "schedule")
	queueBacklog  = desc("steward_queue_backlog", "Steps that wait for a worker, by task queue.", "queue")
	queueAge      = desc("steward_queue_backlog_age_seconds", "How long the oldest of them has waited.", "queue")
	queuePollers  = desc("steward_queue_workers", "Workers that asked for work in the last minutes, by task queue.", "queue")
	openThings    = desc("steward_things_open", "Things that have to have a process, by kind; from Postgres.", "kind")
	running       = desc("steward_processes_running", "Processes that run, by kind; from Temporal.", "kind")
	reconciled    = desc("steward_reconcile_age_seconds", "How long ago processes were last compared with their rows.")
	drifted       = desc("steward_reconcile_found", "What that comparison found to differ, by drift and kind.", "drift", "kind")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Describe implements [prometheus.Collector].
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{temporalUp, scheduleLate, schedulePause, queueBacklog, queueAge, queuePollers, openThings, running, reconciled, drifted} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector]. What is away tells nothing but
// that it is.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now := time.Now(); now.After(m.till) {
		ctx, cancel := context.WithTimeout(context.Background(), metricsPatience)
		defer cancel()
		m.kept, m.till = m.ask(ctx), now.Add(metricsLife)
	}
	for _, one := range m.kept {
		ch <- one
	}
}

// reading gathers gauges; the first error ends it.
type reading struct {
	all []prometheus.Metric
	err error
}

func (r *reading) tell(d *prometheus.Desc, v float64, labels ...string) {
	r.all = append(r.all, prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...))
}

func (m *Metrics) ask(ctx context.Context) []prometheus.Metric {
	r := &reading{}
	for _, id := range scheduleIDs() {
		m.schedule(ctx, r, id)
	}
	for _, queue := range flow.Queues {
		m.queue(ctx, r, queue)
	}
	for kind, workflow := range flow.Workflows {
		m.process(ctx, r, kind, workflow)
	}
	if r.err != nil {
		r = &reading{err: r.err} // half of it would look like drift
	}
	r.tell(temporalUp, gauge(r.err == nil))
	m.open(ctx, r)
	return r.all
}

func gauge(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// unmade is how late a schedule is that is not there.
const unmade = 24 * time.Hour

// schedule tells whether a schedule runs when it should. One that has not begun
// a run yet counts from when it was made, one that is not there as a day late.
func (m *Metrics) schedule(ctx context.Context, r *reading, id string) {
	if r.err != nil {
		return
	}
	d, err := m.temporal.ScheduleClient().GetHandle(ctx, id).Describe(ctx)
	var none *serviceerror.NotFound
	if errors.As(err, &none) { // no worker has started yet, or Temporal was emptied
		r.tell(scheduleLate, unmade.Seconds(), id)
		r.tell(schedulePause, 0, id)
		return
	}
	if r.err = err; err != nil {
		return
	}
	last := d.Info.CreatedAt
	if n := len(d.Info.RecentActions); n > 0 {
		last = d.Info.RecentActions[n-1].ActualTime
	}
	r.tell(scheduleLate, max(0, time.Since(last)-period(d.Info.NextActionTimes)).Seconds(), id)
	r.tell(schedulePause, gauge(d.Schedule.State.Paused), id)
}

// period is the time between two runs; a day, where the next are not known.
func period(next []time.Time) time.Duration {
	if len(next) < 2 {
		return 24 * time.Hour
	}
	return next[1].Sub(next[0])
}

// queue tells what waits for workers: steps of workflows, and activities.
func (m *Metrics) queue(ctx context.Context, r *reading, name string) {
	var backlog, age float64
	workers := map[string]bool{}
	for _, kind := range []enums.TaskQueueType{enums.TASK_QUEUE_TYPE_WORKFLOW, enums.TASK_QUEUE_TYPE_ACTIVITY} {
		if r.err != nil {
			return
		}
		var d *workflowservice.DescribeTaskQueueResponse
		d, r.err = m.temporal.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
			Namespace: m.namespace, TaskQueue: &taskqueue.TaskQueue{Name: name, Kind: enums.TASK_QUEUE_KIND_NORMAL}, TaskQueueType: kind, ReportStats: true,
		})
		backlog += float64(d.GetStats().GetApproximateBacklogCount())
		age = max(age, d.GetStats().GetApproximateBacklogAge().AsDuration().Seconds())
		for _, p := range d.GetPollers() {
			workers[p.GetIdentity()] = true
		}
	}
	r.tell(queueBacklog, backlog, name)
	r.tell(queueAge, age, name)
	r.tell(queuePollers, float64(len(workers)), name)
}

func (m *Metrics) process(ctx context.Context, r *reading, kind flow.Kind, workflow string) {
	if r.err != nil {
		return
	}
	var n *workflowservice.CountWorkflowExecutionsResponse
	n, r.err = m.temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: "WorkflowType = '" + workflow + "' AND ExecutionStatus = 'Running'"})
	r.tell(running, float64(n.GetCount()), string(kind))
}

// open tells what has to have a process; of what is not there, none.
func (m *Metrics) open(ctx context.Context, r *reading) {
	rows, err := m.store.CountOpenThings(ctx)
	if err != nil {
		return
	}
	things := map[string]int64{}
	for _, row := range rows {
		things[row.Kind] = row.Things
	}
	for kind := range flow.Workflows {
		r.tell(openThings, float64(things[string(kind)]), string(kind))
	}
	m.reconciled(ctx, r)
}

// reconciled tells what the last comparison has found; where there was none
// yet, nothing.
func (m *Metrics) reconciled(ctx context.Context, r *reading) {
	last, err := m.store.LastReconciliation(ctx)
	if err != nil {
		return
	}
	counts, err := m.store.CountFindings(ctx, last.ID)
	if err != nil {
		return
	}
	r.tell(reconciled, m.store.Now().Sub(last.EndedAt).Seconds())
	found := map[[2]string]int64{}
	for _, c := range counts {
		found[[2]string{c.Drift, c.Kind}] = c.Findings
	}
	for _, drift := range flow.Drifts {
		for _, kind := range flow.Kinds {
			r.tell(drifted, float64(found[[2]string{string(drift), string(kind)}]), string(drift), string(kind))
		}
	}
}
