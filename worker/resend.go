package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"steward/internal/dispatch"
	"steward/internal/flow"
	"steward/internal/postgres"
)

// Resend brings commands again that were written and never answered: whoever
// sent them was killed, or Temporal was away. A command is carried out once
// however often it is brought.
type Resend struct {
	store  *postgres.Store
	engine *dispatch.Temporal
	log    *slog.Logger
	Every  time.Duration
}

// How old commands are that are brought again: old enough that nobody is
// bringing them just now, and at a worker's start as old as a long weekend.
const (
	settled = 15 * time.Second
	recent  = time.Hour
	longAgo = 100 * time.Hour
)

// Run brings again what is pending until ctx ends.
func (r *Resend) Run(ctx context.Context) {
	for since := longAgo; ctx.Err() == nil; since = recent {
		if err := r.Once(ctx, since); err != nil && ctx.Err() == nil {
			r.log.Warn("unanswered commands are brought again later", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(r.Every):
		}
	}
}

// Once brings again what was written since then and is not answered.
func (r *Resend) Once(ctx context.Context, since time.Duration) error {
	now := r.store.Now()
	from, to := postgres.FirstID(now.Add(-since)), postgres.FirstID(now.Add(-settled))
	for {
		pending, err := r.store.PendingCommands(ctx, from, to)
		if err != nil || len(pending) == 0 {
			return err
		}
		for _, c := range pending {
			err = errors.Join(err, r.bring(ctx, flow.Kind(c.EntityKind), c.EntityID, c.ID, c.Verb))
		}
		if err != nil {
			return err
		}
		last := pending[len(pending)-1].ID
		from = next(last)
	}
}

func (r *Resend) bring(ctx context.Context, kind flow.Kind, id, command uuid.UUID, verb string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	name := func(ctx context.Context) (string, error) { return r.store.ProcessName(ctx, id) }
	return r.engine.Act(ctx, dispatch.Action{Kind: kind, ID: id, Verb: verb, Command: command, Name: name})
}

// next is the id right after one.
func next(id uuid.UUID) uuid.UUID {
	for i := len(id) - 1; i >= 0; i-- {
		if id[i]++; id[i] != 0 {
			break
		}
	}
	return id
}
