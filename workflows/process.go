// Package workflows holds the durable processes: what is waited for. A process
// carries an id and timers; the facts are in Postgres, the rules in pure
// packages, and a body here branches only on arguments, results and timers.
package workflows

import (
	"errors"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"steward/internal/flow"
)

// process is what the processes of things have in common: they take commands
// one at a time, tell operators how they stand, and wait.
type process struct {
	in     flow.Input
	commit any // the activity that carries out a command
	load   any // the activity that reads the row
	lane   workflow.Mutex
	snap   flow.Snapshot
	known  bool // snap was read or written by this run
	stale  bool // somebody said that the row changed: the next wait reads it
	unread bool // and it was not read since; stale is not the same in histories that have to be replayed

	root    workflow.Context
	shown   flow.Snapshot // what the search attributes say
	shownAt time.Time
	later   bool // they will be written when it is time
}

// listen registers the handlers of the verbs and of the refresh signal. It
// comes before anything blocks: an update that meets a process without
// handlers is refused, not queued.
func (p *process) listen(ctx workflow.Context, verbs []string) error {
	p.root, p.lane = ctx, workflow.NewMutex(ctx)
	for _, verb := range verbs {
		err := workflow.SetUpdateHandlerWithOptions(ctx, verb, p.act, workflow.UpdateHandlerOptions{
			Validator: func(c flow.Command) error {
				if c.ID == [16]byte{} {
					return errors.New("a command has an id")
				}
				return nil
			},
			Description: "Carries out a command of a person; its argument is the id of a row of command_log.",
		})
		if err != nil {
			return err
		}
	}
	refresh, reread := workflow.GetSignalChannel(ctx, flow.Refresh), workflow.GetSignalChannel(ctx, flow.Reread)
	for refresh.ReceiveAsync(nil) { // what came with the start is answered by reading the row
		p.in.Fresh, p.in.Known = false, nil
	}
	// Coroutines, and not a look at the channels where the process waits: what comes
	// at the moment of a command is heard after it has begun, and a history in which
	// it was is replayed so.
	workflow.Go(ctx, func(ctx workflow.Context) {
		for refresh.Receive(ctx, nil) {
			p.stale, p.unread = true, true
		}
	})
	workflow.Go(ctx, func(ctx workflow.Context) {
		for reread.Receive(ctx, nil) {
			p.stale, p.unread, p.known = true, true, false // whatever the row says now is believed
		}
	})
	return nil
}

// act carries out one command; commands of one thing wait for each other.
func (p *process) act(ctx workflow.Context, c flow.Command) error {
	if err := p.lane.Lock(ctx); err != nil {
		return err
	}
	defer p.lane.Unlock()
	c.Thing = p.in.ID
	var snap flow.Snapshot
	err := perform(ctx, workflow.GetCurrentUpdateInfo(ctx).Name, p.commit, c, &snap)
	switch {
	case err == nil:
		p.take(ctx, snap)
	case refused(err) && !p.known: // nothing was written: learn how the thing stands
		if failed := p.read(ctx); failed != nil {
			return failed
		}
	}
	return err
}

// read learns the row afresh.
func (p *process) read(ctx workflow.Context) error {
	p.unread = false
	var snap flow.Snapshot
	if err := perform(ctx, "read the row", p.load, p.in.ID, &snap); err != nil {
		return err
	}
	p.take(ctx, snap)
	return nil
}

// take believes a snapshot, unless it is older than what is known, and shows it
// to operators.
func (p *process) take(ctx workflow.Context, snap flow.Snapshot) {
	if p.known && snap.Version < p.snap.Version {
		return
	}
	p.snap, p.known = snap, true
	p.show(ctx)
}

// start waits until the row is known: from the command that came with the
// start, from whoever started it, or read.
func (p *process) start(ctx workflow.Context) error {
	if p.in.Known != nil {
		p.shown, p.shownAt = *p.in.Known, workflow.Now(ctx)
		p.take(ctx, *p.in.Known)
		return nil
	}
	if p.in.Fresh {
		if err := workflow.Await(ctx, func() bool { return p.known || p.stale }); err != nil || p.known {
			return err
		}
	}
	return p.read(ctx)
}

// wait sleeps until something is to be done: the thing is closed, a step of its
// own is next, its row changed, a deadline came, or the history is long enough.
func (p *process) wait(ctx workflow.Context) error {
	version := p.snap.Version
	ready := func() bool {
		return p.snap.Closed || p.snap.Next != "" || p.stale || p.snap.Version != version || workflow.GetInfo(ctx).GetContinueAsNewSuggested()
	}
	if p.snap.Deadline == nil {
		return p.woken(ctx, workflow.Await(ctx, ready))
	}
	in := max(p.snap.Deadline.Sub(workflow.Now(ctx)), time.Second)
	ok, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{Timeout: in, TimerOptions: workflow.TimerOptions{
		Summary: "until " + p.snap.Deadline.UTC().Format("2006-01-02 15:04") + " UTC, waiting for: " + p.snap.WaitingFor,
	}}, ready)
	p.stale = p.stale || !ok
	return p.woken(ctx, err)
}

func (p *process) woken(ctx workflow.Context, err error) error {
	if err != nil || !p.stale {
		return err
	}
	p.stale = false
	return p.read(ctx)
}

// leave ends this run in order: nobody who was let in is left without an answer,
// and what was signalled while it ended is not lost: the next run reads the row.
func (p *process) leave(ctx workflow.Context, self any) error {
	heard := false
	workflow.Go(ctx, func(workflow.Context) { heard = true }) // after those who hear signals
	if err := workflow.Await(ctx, func() bool { return heard && workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	if p.snap.Closed && !p.unread { // a fact from the row, not a rule asked here
		return nil
	}
	return workflow.NewContinueAsNewError(ctx, self, flow.Input{ID: p.in.ID}) // the row is the state: only the id travels
}

// done tells whether this run has nothing more to wait for.
func (p *process) done(ctx workflow.Context) bool {
	return p.snap.Closed || workflow.GetInfo(ctx).GetContinueAsNewSuggested()
}

// perform runs an activity near by first: a local activity takes half the time
// of a regular one. When Postgres is away or slow, the regular one goes on
// trying for as long as it takes, so that the action is late and not lost.
func perform(ctx workflow.Context, summary string, activity, arg, result any) error {
	near := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		Summary:                summary,
		ScheduleToCloseTimeout: 2 * time.Second,
		RetryPolicy:            &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	err := workflow.ExecuteLocalActivity(near, activity, arg).Get(ctx, result)
	if err != nil && !refused(err) {
		err = workflow.ExecuteActivity(patient(ctx, ""), activity, arg).Get(ctx, result)
	}
	return bare(err)
}

// bare takes a refusal out of what Temporal wraps it in, so that whoever asked
// is told its code.
func bare(err error) error {
	var app *temporal.ApplicationError
	if refused(err) && errors.As(err, &app) {
		return app
	}
	return err
}

// patient is how regular activities run: again and again until they succeed.
func patient(ctx workflow.Context, queue string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           queue,
		StartToCloseTimeout: 5 * time.Minute,
		HeartbeatTimeout:    5 * time.Second, // a dead worker's activity is taken over; see worker.beating
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 500 * time.Millisecond, MaximumInterval: 15 * time.Second},
	})
}

// refused tells a refusal, which is an answer, from a failure, which is not.
func refused(err error) bool {
	_, ok := flow.Refused(err)
	return ok
}

// pace is how often search attributes are written at most: each writing costs
// Temporal about as much as half an action.
const pace = 10 * time.Second

// show tells operators how the thing stands. The first of several changes in
// quick succession is told at once and the last of them when it is time again;
// what has not changed is not told.
func (p *process) show(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, p.snap.Details)
	if seenAlike(p.snap, p.shown) || p.later && !p.snap.Closed {
		return
	}
	wait := p.shownAt.Add(pace).Sub(workflow.Now(ctx))
	if p.shownAt.IsZero() || wait <= 0 || p.snap.Closed {
		p.tell(ctx)
		return
	}
	p.later = true
	workflow.Go(p.root, func(ctx workflow.Context) {
		timer := workflow.NewTimerWithOptions(ctx, wait, workflow.TimerOptions{Summary: "write search attributes"})
		if timer.Get(ctx, nil) == nil && !seenAlike(p.snap, p.shown) {
			p.tell(ctx)
		}
		p.later = false
	})
}

// tell writes the search attributes.
func (p *process) tell(ctx workflow.Context) {
	late := p.shown.DueAt
	p.shown, p.shownAt = p.snap, workflow.Now(ctx)
	updates := p.snap.Attributes()
	if p.snap.DueAt == nil && late != nil {
		updates = append(updates, flow.DueAtKey.ValueUnset())
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, updates...); err != nil {
		workflow.GetLogger(ctx).Warn("an operator sees old search attributes", "error", err)
	}
}

// seenAlike tells whether an operator's list shows two snapshots alike.
func seenAlike(a, b flow.Snapshot) bool {
	return a.State == b.State && a.WaitingFor == b.WaitingFor && a.Assignee == b.Assignee && a.Project == b.Project && sameTime(a.DueAt, b.DueAt)
}

func sameTime(a, b *time.Time) bool {
	return a == b || a != nil && b != nil && a.Equal(*b)
}

// abandoned is for a child that outlives the one who starts it.
func abandoned(ctx workflow.Context, id, queue, summary string) workflow.Context {
	return workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: id, TaskQueue: queue, StaticSummary: summary,
		ParentClosePolicy:     enums.PARENT_CLOSE_POLICY_ABANDON,
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	})
}
