package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"steward/activities"
	"steward/internal/dispatch"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// Reconciler compares what is open in Postgres with what runs in Temporal, and
// mends what differs. The row is right, whatever a process knows. All of it can
// be run again: what was mended is found in order.
type Reconciler struct {
	store     *postgres.Store
	acts      *activities.Activities
	processes *dispatch.Processes
	log       *slog.Logger
}

// NewReconciler makes one.
func NewReconciler(store *postgres.Store, acts *activities.Activities, processes *dispatch.Processes, log *slog.Logger) *Reconciler {
	return &Reconciler{store, acts, processes, log}
}

const (
	openPage = 200                 // things that are compared before what was found is written
	mending  = 16                  // of them at a time
	young    = 10 * time.Minute    // processes whose thing may not be there yet, or not read
	lateness = time.Hour           // how long after a deadline nobody is just about to act
	keeping  = 90 * 24 * time.Hour // of what nights have found
)

// BeginReconciliation writes that a comparison has begun.
func (r *Reconciler) BeginReconciliation(ctx context.Context, in flow.Reconcile) error {
	return r.store.BeginReconciliation(ctx, db.BeginReconciliationParams{ID: in.ID, Mode: in.Mode, AsOf: in.AsOf, BeganAt: r.store.Now()})
}

// EndReconciliation writes and logs what came of it.
func (r *Reconciler) EndReconciliation(ctx context.Context, in flow.Reconciled) (flow.Compared, error) {
	now := r.store.Now()
	if _, err := r.store.EndReconciliation(ctx, db.EndReconciliationParams{ID: in.ID, Things: int32(in.Things), Processes: int32(in.Processes), EndedAt: &now}); err != nil {
		return in.Compared, err
	}
	counts, err := r.store.CountFindings(ctx, in.ID)
	if err != nil {
		return in.Compared, err
	}
	in.Found = 0
	for _, c := range counts {
		in.Found += int(c.Findings)
		r.log.Warn("what runs was not what is open", "reconciliation", in.ID, "mode", in.Mode, "kind", c.Kind, "drift", c.Drift, "found", c.Findings)
	}
	r.log.Info("processes were compared with their rows", "reconciliation", in.ID, "mode", in.Mode, "things", in.Things, "processes", in.Processes, "differed", in.Found)
	_, err = r.store.SweepReconciliations(ctx, now.Add(-keeping))
	return in.Compared, err
}

// CompareProcesses compares the things of one kind with their processes.
func (r *Reconciler) CompareProcesses(ctx context.Context, in flow.Compare) (flow.Compared, error) {
	c := comparison{Reconciler: r, in: in, running: map[string]dispatch.Process{}, load: r.loader(in.Kind)}
	err := r.processes.Running(ctx, in.Kind, func(p dispatch.Process) error {
		c.running[p.ID] = p
		return nil
	})
	c.out.Processes = len(c.running)
	if err == nil {
		err = c.open(ctx)
	}
	if err == nil {
		err = c.rest(ctx)
	}
	if err == nil && in.Mode == flow.Restored {
		err = c.lost(ctx)
	}
	return c.out, err
}

// loader reads a row as its process does; nil for runs, which know nothing of
// theirs.
func (r *Reconciler) loader(kind flow.Kind) func(context.Context, uuid.UUID) (flow.Snapshot, error) {
	return map[flow.Kind]func(context.Context, uuid.UUID) (flow.Snapshot, error){
		flow.Task: r.acts.LoadTask, flow.Project: r.acts.LoadProject, flow.Invoice: r.acts.LoadInvoice, flow.Account: r.acts.LoadAccount,
		flow.Request: r.acts.LoadRequest, flow.Reminder: r.acts.LoadReminder, flow.Status: r.acts.LoadStatus,
	}[kind]
}

// comparison is that of one kind.
type comparison struct {
	*Reconciler
	in      flow.Compare
	load    func(context.Context, uuid.UUID) (flow.Snapshot, error)
	running map[string]dispatch.Process // what no open thing was found for yet

	begun atomic.Int64 // processes that were started
	mu    sync.Mutex
	found []finding
	out   flow.Compared
}

type finding struct {
	drift         flow.Drift
	process, note string
}

// open compares all open things of the kind, page by page.
func (c *comparison) open(ctx context.Context) error {
	after := uuid.Nil
	for {
		ids, err := c.store.OpenThings(ctx, db.OpenThingsParams{Kind: string(c.in.Kind), After: after, Page: openPage})
		if err != nil || len(ids) == 0 {
			return err
		}
		things, err := c.things(ctx, ids)
		if err != nil {
			return err
		}
		err = each(ctx, things, c.one)
		if err := errors.Join(err, c.write(context.WithoutCancel(ctx))); err != nil { // what was mended is told of, whatever else fails
			return err
		}
		c.out.Things += len(ids)
		after = ids[len(ids)-1]
	}
}

// things are what the ids name, with their processes.
func (c *comparison) things(ctx context.Context, ids []uuid.UUID) ([]thing, error) {
	processes, err := processIDs(ctx, c.store.Queries, c.in.Kind, ids)
	if err != nil {
		return nil, err
	}
	names, err := names(ctx, c.store.Queries, ids)
	if err != nil {
		return nil, err
	}
	all := make([]thing, len(ids))
	for i, id := range ids {
		t := thing{id: id, pid: processes[id], name: names[id]}
		t.process, t.runs = c.running[t.pid]
		delete(c.running, t.pid)
		all[i] = t
	}
	return all, nil
}

// thing is a row with the process that it has.
type thing struct {
	id      uuid.UUID
	pid     string // of its process
	name    string
	process dispatch.Process
	runs    bool
}

// each does something with all, some at a time.
func each[T any](ctx context.Context, all []T, do func(context.Context, T) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(mending)
	for _, one := range all {
		group.Go(func() error { return do(ctx, one) })
	}
	return group.Wait()
}

// one compares an open thing with its process.
func (c *comparison) one(ctx context.Context, t thing) error {
	snap, err := c.row(ctx, t.id)
	switch {
	case err != nil:
		return err
	case !t.runs:
		return c.begin(ctx, t, snap)
	case snap == nil: // a run goes its way
		return nil
	}
	return c.agree(ctx, t, *snap)
}

// row is what a process should know; nil for runs.
func (c *comparison) row(ctx context.Context, id uuid.UUID) (*flow.Snapshot, error) {
	if c.load == nil {
		return nil, nil
	}
	snap, err := c.load(ctx, id)
	return &snap, err
}

// begin starts the process of a thing that has none.
func (c *comparison) begin(ctx context.Context, t thing, snap *flow.Snapshot) error {
	if c.in.Mode != flow.Dry {
		began, err := c.processes.Begin(ctx, dispatch.Start{Kind: c.in.Kind, ID: t.id, Process: t.pid, Name: t.name, Snapshot: snap, Rest: rested(c.begun.Add(1), snap, c.store.Now())})
		if err != nil || !began { // it has begun meanwhile
			return err
		}
	}
	c.note(flow.Missing, t.pid, t.name)
	return nil
}

// How fast processes take their first step when many are started. Until then
// they are there, are listed and take commands, but show no details; all at
// once they would be in each other's way, and in that of people.
const (
	alert   = 100              // start without rest, of a kind at a time
	others  = time.Minute      // all others rest so long at least
	pace    = 20               // a second of them go on then
	longest = 30 * time.Minute // until the last has
)

// rested is how long the nth process rests after its start: not at all where
// something is due by then.
func rested(n int64, snap *flow.Snapshot, now time.Time) time.Duration {
	if n <= alert || snap == nil || snap.Next != "" {
		return 0
	}
	rest := min(others+time.Duration(n-alert)*time.Second/pace, longest)
	if snap.Deadline != nil && snap.Deadline.Before(now.Add(rest)) {
		return 0
	}
	return rest
}

// agree sees that a process knows what its row says.
func (c *comparison) agree(ctx context.Context, t thing, snap flow.Snapshot) error {
	overdue := snap.Deadline != nil && snap.Deadline.Before(c.store.Now().Add(-lateness))
	if c.in.Mode != flow.Restored && !overdue && t.process.Shows(snap) {
		return nil
	}
	known, err := c.processes.Known(ctx, t.pid, t.process.Run)
	if err != nil {
		return err
	}
	if c.in.Mode == flow.Restored && known.Thing != t.id { // named for the same client and month
		return c.replace(ctx, t, snap, known)
	}
	drift := differs(known, snap, c.fresh(t.process))
	if drift == "" && overdue {
		drift = flow.Overdue
	}
	if drift == "" {
		return nil
	}
	knows := fmt.Sprintf("knows version %d, %s", known.Snapshot.Version, known.Snapshot.State)
	if !known.Read {
		knows = "has not read its row"
	}
	return c.wake(ctx, drift, t.pid, fmt.Sprintf("%s: the process %s; the row is at version %d, %s", heading(t.name, known.Snapshot), knows, snap.Version, snap.State))
}

// fresh tells whether a process has just begun: its row may not be there yet,
// and it may not have read it.
func (c *comparison) fresh(p dispatch.Process) bool { return c.store.Now().Sub(p.Began) < young }

// differs tells how what a process knows differs from its row. One that waits
// for the command it was started with learns nothing if that was lost.
func differs(k dispatch.Knowledge, row flow.Snapshot, fresh bool) flow.Drift {
	switch {
	case !k.Read && fresh:
		return "" // it is just reading it
	case !k.Read:
		return flow.Behind
	case k.Snapshot.Version > row.Version:
		return flow.Ahead
	case k.Snapshot.Version < row.Version, k.Snapshot.Closed != row.Closed, k.Snapshot.State != row.State,
		k.Snapshot.WaitingFor != row.WaitingFor, k.Snapshot.Assignee != row.Assignee, // also by what others did: its own version stays
		!sameTime(k.Snapshot.Deadline, row.Deadline), !sameTime(k.Snapshot.DueAt, row.DueAt):
		return flow.Behind
	}
	return ""
}

func sameTime(a, b *time.Time) bool { return a == b || a != nil && b != nil && a.Equal(*b) }

// wake has a process read its row and believe it.
func (c *comparison) wake(ctx context.Context, drift flow.Drift, process, note string) error {
	if c.in.Mode != flow.Dry {
		there, err := c.processes.Tell(ctx, process, flow.Reread)
		if err != nil || !there { // it has ended meanwhile
			return err
		}
	}
	c.note(drift, process, note)
	return nil
}

// replace ends the process of another thing by the same name, and starts the
// one that is missing.
func (c *comparison) replace(ctx context.Context, t thing, snap flow.Snapshot, known dispatch.Knowledge) error {
	if _, err := c.processes.End(ctx, t.pid, t.process.Run, noRow); err != nil {
		return err
	}
	c.note(flow.Gone, t.pid, heading("", known.Snapshot))
	return c.begin(ctx, t, &snap)
}

// noRow is why a process is ended.
const noRow = "Postgres was restored to a moment before its row was written"

func (c *comparison) note(drift flow.Drift, process, note string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.found = append(c.found, finding{drift, process, note})
}

// write keeps what was found.
func (c *comparison) write(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.insert(ctx, c.store.Queries, c.in.Reconcile, c.in.Kind, c.found)
	c.found = nil
	return err
}

// insert writes findings of a kind.
func (r *Reconciler) insert(ctx context.Context, q *db.Queries, in flow.Reconcile, kind flow.Kind, found []finding) error {
	if len(found) == 0 {
		return nil
	}
	p := db.InsertFindingsParams{RunID: in.ID, Kind: string(kind), FoundAt: r.store.Now()}
	for _, f := range found {
		p.Drifts, p.Processes, p.Notes = append(p.Drifts, string(f.drift)), append(p.Processes, f.process), append(p.Notes, f.note)
	}
	return q.InsertFindings(ctx, p)
}
