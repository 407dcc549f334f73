package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"steward/internal/dispatch"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// Relay tells processes that their rows changed. What was written to the outbox
// is told at least once, gathered for each process; telling starts a process
// that is not there.
type Relay struct {
	store    *postgres.Store
	temporal client.Client
	compare  *Reconciler // begins many at once; nil: none are
	log      *slog.Logger
	Every    time.Duration // how long it rests when there is nothing to tell
	begun    atomic.Int64  // processes of a crowd, in rounds that follow each other
	away     *outage
}

const (
	batch   = 2000 // rows that are taken in one transaction
	abreast = 4    // processes that are told at a time; each costs Temporal some 10 ms
)

// Run relays until ctx ends. It rests between rounds, so that what happens to
// one thing meanwhile is told once.
func (r *Relay) Run(ctx context.Context) {
	for ctx.Err() == nil {
		full, err := r.Once(ctx)
		const later = "processes are told of changes later"
		if ctx.Err() == nil && !r.away.round(later, err) {
			r.log.Warn(later, "error", err)
		}
		if full && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(r.Every):
		}
	}
}

// Once tells the next processes and returns whether more may be waiting.
// Several relays may run: each takes other rows.
func (r *Relay) Once(ctx context.Context) (full bool, err error) {
	err = r.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		rows, err := q.TakeOutbox(ctx, batch)
		if err != nil {
			return err
		}
		things := make([]uuid.UUID, len(rows))
		for i, row := range rows {
			things[i] = row.EntityID
		}
		names, err := names(ctx, q, things)
		if err != nil {
			return err
		}
		ids, err := processesOf(ctx, q, rows)
		if err != nil {
			return err
		}
		full = len(rows) >= batch/2
		all := make([]told, len(rows))
		for i, row := range rows {
			all[i] = told{flow.Kind(row.EntityKind), row.EntityID, ids[row.EntityID], names[row.EntityID], row.Since}
		}
		left, err := r.each(ctx, all)
		if err != nil || len(left) == 0 {
			return err
		}
		full = full && len(left) < len(rows)
		var back db.PutBackParams
		for _, t := range left {
			back.Kinds, back.Ids, back.Since = append(back.Kinds, string(t.kind)), append(back.Ids, t.id), append(back.Since, t.since)
		}
		return q.PutBack(ctx, back)
	})
	if !full {
		r.begun.Store(0)
	}
	return full, err
}

// told is a process that is to hear of its row.
type told struct {
	kind    flow.Kind
	id      uuid.UUID
	process string
	name    string
	since   time.Time // it waits to hear
}

// each tells all, some at a time, and returns those that Temporal refuses to
// tell: the others are told all the same.
func (r *Relay) each(ctx context.Context, all []told) (left []told, err error) {
	crowds, limit := map[flow.Kind]int{}, abreast
	for _, t := range all {
		if crowds[t.kind]++; crowds[t.kind] > alert {
			limit = mending // beginning one costs half of telling it
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(limit)
	var mu sync.Mutex
	for _, t := range all {
		group.Go(func() error {
			var begun bool
			var err error
			if crowds[t.kind] > alert && r.compare != nil {
				begun, err = r.begin(ctx, t)
			}
			if err == nil && !begun {
				err = r.tell(ctx, t.kind, t.id, t.process, t.name)
			}
			if err != nil && itsOwn(err) {
				r.log.Warn("a process cannot be told of changes", "process", t.process, "error", err)
				mu.Lock()
				defer mu.Unlock()
				left = append(left, t)
				return nil
			}
			if err != nil {
				return fmt.Errorf("tell %s %s: %v", t.kind, t.id, err) // Temporal's: it says nothing of the database
			}
			return nil
		})
	}
	return left, group.Wait()
}

// itsOwn tells whether an error is of one process, as when it has been told as
// often as a run may be, and says nothing of the others.
func itsOwn(err error) bool {
	if _, refused := errors.AsType[*serviceerror.InvalidArgument](err); refused {
		return true
	}
	busy, ok := errors.AsType[*serviceerror.ResourceExhausted](err)
	return ok && busy.Cause == enums.RESOURCE_EXHAUSTED_CAUSE_BUSY_WORKFLOW
}

// begin starts a process of a crowd, such as the tasks of a new project, with its
// row given; it tells whether there was none yet. Most of them are not needed at
// once: they are listed, take commands, and take their first step later.
func (r *Relay) begin(ctx context.Context, t told) (bool, error) {
	load := r.compare.loader(t.kind)
	if load == nil {
		return false, nil
	}
	snap, err := load(ctx, t.id)
	if err != nil || snap.Closed { // its process finds out what that means
		return false, nil
	}
	return r.compare.processes.Begin(ctx, dispatch.Start{Kind: t.kind, ID: t.id, Process: t.process, Name: t.name, Snapshot: &snap, Rest: rested(r.begun.Add(1), &snap, r.store.Now())})
}

func (r *Relay) tell(ctx context.Context, kind flow.Kind, id uuid.UUID, process, name string) error {
	_, err := r.temporal.SignalWithStartWorkflow(ctx, process, flow.Refresh, nil, client.StartWorkflowOptions{
		TaskQueue: flow.Queue(kind), StaticSummary: flow.Summary(name), WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	}, flow.Workflows[kind], flow.Input{ID: id})
	return err
}

// processesOf are the ids of the processes of what rows name.
func processesOf(ctx context.Context, q *db.Queries, rows []db.TakeOutboxRow) (map[uuid.UUID]string, error) {
	of := map[flow.Kind][]uuid.UUID{}
	for _, row := range rows {
		of[flow.Kind(row.EntityKind)] = append(of[flow.Kind(row.EntityKind)], row.EntityID)
	}
	all := make(map[uuid.UUID]string, len(rows))
	for kind, ids := range of {
		some, err := processIDs(ctx, q, kind, ids)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, some)
	}
	return all, nil
}

// processIDs are the ids of the processes of things of a kind: that of a letter
// or a status report is named by its client and month or week.
func processIDs(ctx context.Context, q *db.Queries, kind flow.Kind, things []uuid.UUID) (map[uuid.UUID]string, error) {
	ids := make(map[uuid.UUID]string, len(things))
	for _, id := range things {
		ids[id] = flow.ID(kind, id)
	}
	switch kind {
	case flow.Reminder:
		found, err := q.ReminderProcesses(ctx, things)
		for _, f := range found {
			ids[f.ID] = flow.ReminderID(f.ClientID, postgres.MonthOf(f.Month))
		}
		return ids, err
	case flow.Status:
		found, err := q.StatusProcesses(ctx, things)
		for _, f := range found {
			ids[f.ID] = flow.StatusID(f.ClientID, f.Week)
		}
		return ids, err
	}
	return ids, nil
}

// names are what operators read of processes that are started here.
func names(ctx context.Context, q *db.Queries, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	found, err := q.ProcessNames(ctx, ids)
	names := make(map[uuid.UUID]string, len(found))
	for _, f := range found {
		names[f.ID] = f.Name
	}
	return names, err
}
