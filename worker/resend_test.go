package worker

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"steward/internal/dispatch"
	"steward/internal/fixture"
	"steward/internal/postgres"
)

// forgetful is a Temporal that is away for a while, and never takes one command.
type forgetful struct {
	client.Client
	client.WorkflowUpdateHandle
	store *postgres.Store
	stuck uuid.UUID

	mu    sync.Mutex
	away  int // tries that find nobody
	taken map[string]int
}

func (f *forgetful) UpdateWorkflow(ctx context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away--; f.away >= 0 || o.UpdateID == f.stuck.String() {
		return nil, serviceerror.NewUnavailable("away")
	}
	f.taken[o.UpdateID]++
	_, err := f.store.Pool.Exec(ctx, `UPDATE command_log SET state = 'done', answer = '{}', done_at = now() WHERE id = $1`, o.UpdateID)
	return f, err
}

func (f *forgetful) Get(context.Context, any) error { return nil }

func (f *forgetful) times(id uuid.UUID) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.taken[id.String()]
}

// pending writes commands that nobody has answered since.
func pending(t *testing.T, f *fixture.Firm, n int, ago time.Duration) []uuid.UUID {
	t.Helper()
	task := f.NewTask(t, "open")
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = postgres.FirstID(time.Now().Add(-ago + time.Duration(i)*time.Second))
		f.Exec(t, `INSERT INTO command_log (id, actor_id, key, entity_kind, entity_id, verb, body, fingerprint, source) VALUES ($1, $2, $3, 'task', $4, 'accept', '{}', '', 'test')`,
			ids[i], f.AM, ids[i].String(), task)
	}
	return ids
}

func newResend(store *postgres.Store) (*Resend, *forgetful) {
	engine := &forgetful{store: store, taken: map[string]int{}}
	return &Resend{store: store, engine: dispatch.NewTemporal(engine), log: slog.New(slog.DiscardHandler), Every: time.Millisecond}, engine
}

// Temporal is away for longer than an hour: what was answered 202 meanwhile is
// still carried out.
func TestACommandIsBroughtHoweverLongTemporalWasAway(t *testing.T) { // N.31
	t.Parallel()
	store := fixture.Store(t)
	id := pending(t, fixture.NewFirm(t, store), 1, 3*time.Hour)[0]
	r, engine := newResend(store)
	engine.away = 3
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go r.Run(ctx)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); engine.times(id) == 0; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("it is forgotten")
		}
	}
}

// No worker ran for forty days: whoever acted then was told that it would be
// carried out.
func TestACommandIsBroughtHoweverLongNoWorkerRan(t *testing.T) { // N.31, N.33
	t.Parallel()
	for name, answered := range map[string]bool{"one was answered before": true, "none was answered yet": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := fixture.Store(t)
			f := fixture.NewFirm(t, store)
			if answered {
				f.Exec(t, `UPDATE command_log SET state = 'done', answer = '{}', done_at = now() WHERE id = $1`, pending(t, f, 1, 41*24*time.Hour)[0])
			}
			id := pending(t, f, 1, 40*24*time.Hour)[0]
			r, engine := newResend(store)
			since, err := r.begin(t.Context())
			if err == nil {
				err = r.Once(t.Context(), since)
			}
			if err != nil || engine.times(id) != 1 {
				t.Errorf("looked since %s: brought %d times, %v", since, engine.times(id), err)
			}
		})
	}
}

func TestOneCommandThatCannotBeBroughtKeepsNoOtherWaiting(t *testing.T) { // N.31
	t.Parallel()
	store := fixture.Store(t)
	ids := pending(t, fixture.NewFirm(t, store), 130, 30*time.Minute) // more than a page
	r, engine := newResend(store)
	engine.stuck = ids[3]
	if err := r.Once(t.Context(), time.Now().Add(-time.Hour)); err == nil {
		t.Error("nothing is said of the one that is left")
	}
	for i, id := range ids {
		if got := engine.times(id); got != 1 && i != 3 {
			t.Errorf("command %d was brought %d times", i, got)
		}
	}
}
