// Package worker runs the workflows and activities, relays the outbox, and
// knows which task queue is for what.
package worker

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"steward/activities"
	"steward/internal/dispatch"
	"steward/internal/files"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/workflows"
)

// Worker runs what is waiting on its task queues. What it does beside them, such
// as relaying and sending mail, every worker does: each takes other rows.
type Worker struct {
	client  client.Client
	workers []worker.Worker
	relay   *Relay
	resend  *Resend
	postman *Postman
	teller  *teller
	sweep   *Sweep
	courier *Courier // nil: nobody elsewhere is told
	upkeep  *Upkeep
	away    *outage
	failed  failure
	stop    context.CancelFunc
	relayed chan struct{}
}

// Capacity is what a worker takes on.
type Capacity struct {
	Queues []string // the task queues it serves, of [flow.Queues]; none are all
	Cached int      // the processes it keeps in memory at most; 0 is 2,000
}

// New registers the workflows and activities. Blobs has what is attached to
// mail; without a mailer, mail waits. Data reads what the connection keeps.
func New(c client.Client, data converter.DataConverter, acts *activities.Activities, store *postgres.Store, blobs *files.Store, mailer Mailer, log *slog.Logger, limit Capacity) *Worker {
	worker.SetStickyWorkflowCacheSize(cmp.Or(limit.Cached, 2_000))
	failed := make(failure, 1)
	queues := limit.open(c, failed)
	compare := NewReconciler(store, acts, dispatch.NewProcesses(c, data), log)
	for _, w := range queues {
		register(w, acts)
		w.RegisterActivity(compare.BeginReconciliation)
		w.RegisterActivity(compare.CompareProcesses)
		w.RegisterActivity(compare.EndReconciliation)
	}
	away := newOutage(log)
	return &Worker{
		client: c, workers: queues, away: away,
		relay:   &Relay{store: store, temporal: c, compare: compare, log: log, Every: time.Second / 2, away: away},
		resend:  &Resend{store: store, engine: dispatch.NewTemporal(c), log: log, Every: 10 * time.Second, away: away},
		postman: &Postman{Store: store, Files: blobs, Mailer: mailer, Log: log, Every: time.Second, away: away},
		teller:  &teller{acts: acts, log: log, every: 3 * time.Second, away: away},
		sweep:   &Sweep{acts: acts, log: log, Every: 24 * time.Hour},
		upkeep:  &Upkeep{Store: store, Temporal: c, Log: log, Every: 5 * time.Minute},
		failed:  failed,
		relayed: make(chan struct{}),
	}
}

// failure is why a queue is served no more.
type failure chan error

func (f failure) tell(err error) {
	select {
	case f <- fmt.Errorf("the worker is given nothing to do any more: %w", err):
	default: // one reason is enough
	}
}

// Failed tells of an error after which Temporal gives the worker nothing any
// more, such as a namespace that is gone for minutes: it is to be stopped, and
// started anew.
func (w *Worker) Failed() <-chan error { return w.failed }

// Keep has the search attributes that Temporal lacks added, at the start and
// from time to time.
func (w *Worker) Keep(attributes func(context.Context) error) { w.upkeep.Attributes = attributes }

// Tell has a courier tell webhooks what happens, from the start on.
func (w *Worker) Tell(c *Courier) { w.courier, c.away = c, w.away }

// open makes a worker for each queue that is to be served, with how many
// activities it runs at once.
func (l Capacity) open(c client.Client, failed failure) (queues []worker.Worker) {
	atOnce := map[string]int{
		flow.Actions:   200,
		flow.Runs:      max(1, runtime.GOMAXPROCS(0)/2), // a month's end leaves a part of the machine to the staff
		flow.Documents: 4,
	}
	for _, name := range flow.Queues {
		if len(l.Queues) == 0 || slices.Contains(l.Queues, name) {
			queues = append(queues, worker.New(c, name, options(atOnce[name], failed)))
		}
	}
	return queues
}

// Pollers is how many requests for a workflow task wait at Temporal for each
// queue: 20 to 40. A task that finds nobody waiting is written to Temporal's
// database and read again, which costs up to a sixth of an action; and where
// pollers are short for milliseconds only, Temporal does not ask for more.
func Pollers() worker.PollerBehavior {
	return worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{MinimumNumberOfPollers: 20, InitialNumberOfPollers: 20, MaximumNumberOfPollers: 40})
}

// options are what was measured to be good on two cores: a poller is waiting
// when work comes, and a dead worker's workflows move after half a second
// instead of five, so that whoever acts on one next waits for less than a second.
func options(activities int, failed failure) worker.Options {
	return worker.Options{
		MaxConcurrentActivityExecutionSize:      activities,
		MaxConcurrentLocalActivityExecutionSize: activities,
		StickyScheduleToStartTimeout:            500 * time.Millisecond,
		WorkflowTaskPollerBehavior:              Pollers(),
		ActivityTaskPollerBehavior:              worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{MinimumNumberOfPollers: 1, InitialNumberOfPollers: 2, MaximumNumberOfPollers: 20}),
		Interceptors:                            append(crashing(), &beating{}),
		WorkerStopTimeout:                       5 * time.Second,
		OnFatalError:                            failed.tell, // or it would live on and serve nothing
	}
}

func register(w worker.Registry, acts *activities.Activities) {
	w.RegisterWorkflowWithOptions(workflows.Task, workflow.RegisterOptions{Name: flow.TaskWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Project, workflow.RegisterOptions{Name: flow.ProjectWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Invoice, workflow.RegisterOptions{Name: flow.InvoiceWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Account, workflow.RegisterOptions{Name: flow.AccountWorkflow})
	w.RegisterWorkflowWithOptions(workflows.BillingRun, workflow.RegisterOptions{Name: flow.BillingRunWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Request, workflow.RegisterOptions{Name: flow.RequestWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Digest, workflow.RegisterOptions{Name: flow.DigestWorkflow})
	w.RegisterWorkflowWithOptions(workflows.TimeReminder, workflow.RegisterOptions{Name: flow.TimeReminderWorkflow})
	w.RegisterWorkflowWithOptions(workflows.BillingTick, workflow.RegisterOptions{Name: flow.BillingTickWorkflow})
	w.RegisterWorkflowWithOptions(workflows.BillingPeriod, workflow.RegisterOptions{Name: flow.BillingPeriodWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Reminders, workflow.RegisterOptions{Name: flow.RemindersWorkflow})
	w.RegisterWorkflowWithOptions(workflows.ReminderRun, workflow.RegisterOptions{Name: flow.ReminderRunWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Reminder, workflow.RegisterOptions{Name: flow.ReminderWorkflow})
	w.RegisterWorkflowWithOptions(workflows.StatusReports, workflow.RegisterOptions{Name: flow.StatusReportsWorkflow})
	w.RegisterWorkflowWithOptions(workflows.StatusRun, workflow.RegisterOptions{Name: flow.StatusRunWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Status, workflow.RegisterOptions{Name: flow.StatusWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Reconcile, workflow.RegisterOptions{Name: flow.ReconcileWorkflow})
	w.RegisterActivity(acts)
}

// Start begins to work. Where it fails, it does nothing.
func (w *Worker) Start(ctx context.Context) error {
	if err := w.upkeep.attributes(ctx); err != nil { // before a process is taken over
		return err
	}
	for n, q := range w.workers {
		if err := q.Start(); err != nil {
			stop(w.workers[:n])
			return fmt.Errorf("start the worker: %w", err)
		}
	}
	if err := w.upkeep.begin(ctx); err != nil {
		stop(w.workers)
		return err
	}
	ctx, w.stop = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer close(w.relayed)
		var all sync.WaitGroup
		loops := []func(context.Context){w.relay.Run, w.resend.Run, w.postman.Run, w.teller.run, w.sweep.Run, w.upkeep.Run}
		if w.courier != nil {
			loops = append(loops, w.courier.Run)
		}
		for _, run := range loops {
			all.Go(func() { run(ctx) })
		}
		all.Wait()
	}()
	return nil
}

// farewell is how long a mail server may take for its last answer when the
// worker stops; what it has not said by then, an operator has to find out.
const farewell = 10 * time.Second

// Stop lets what is being done finish, and returns when it has.
func (w *Worker) Stop() {
	w.stop()
	select {
	case <-w.relayed:
	case <-time.After(farewell):
	}
	stop(w.workers)
}

func stop(queues []worker.Worker) {
	for _, q := range queues {
		q.Stop()
	}
}
