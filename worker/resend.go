package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

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
	away   *outage
}

// How old commands are that are brought again: old enough that nobody is
// bringing them just now, and as old as the last pass after which none was left,
// or an hour more, should one have been slow to be written. A worker begins with
// a long weekend before the last that was answered: it does not know for how long
// no other ran.
const (
	settled = 15 * time.Second
	recent  = time.Hour
	longAgo = 100 * time.Hour
)

// Run brings again what is pending until ctx ends.
func (r *Resend) Run(ctx context.Context) {
	var since time.Time
	for known := false; ctx.Err() == nil; {
		began, err := r.store.Now(), error(nil)
		if !known {
			since, err = r.begin(ctx)
			known = err == nil
		}
		if known {
			err = r.Once(ctx, since)
		}
		if err == nil {
			since = began.Add(-recent)
		}
		const later = "unanswered commands are brought again later"
		if ctx.Err() == nil && !r.away.round(later, err) {
			r.log.Warn(later, "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(r.Every):
		}
	}
}

// begin is since when a worker that has just started looks.
func (r *Resend) begin(ctx context.Context) (time.Time, error) {
	since := r.store.Now()
	last, err := r.store.LastAnswered(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, nil
	}
	if answered := time.Unix(last.Time().UnixTime()); answered.Before(since) {
		since = answered
	}
	return since.Add(-longAgo), err
}

// Once brings again what was written since then and is not answered, whatever
// becomes of the one before. An error says that some are left.
func (r *Resend) Once(ctx context.Context, since time.Time) error {
	from, to := postgres.FirstID(since), postgres.FirstID(r.store.Now().Add(-settled))
	left, first := 0, error(nil)
	for {
		pending, err := r.store.PendingCommands(ctx, from, to)
		if err != nil {
			return err
		}
		if len(pending) == 0 {
			break
		}
		for _, c := range pending {
			if err := r.bring(ctx, flow.Kind(c.EntityKind), c.EntityID, c.ID, c.Verb); err != nil {
				left, first = left+1, cmp.Or(first, err)
			}
		}
		from = next(pending[len(pending)-1].ID)
	}
	if left > 0 {
		return fmt.Errorf("%d commands are not answered; of the first: %v", left, first) // Temporal's, as a rule
	}
	return ctx.Err()
}

// bring brings a command, and says so if it is still not answered.
func (r *Resend) bring(ctx context.Context, kind flow.Kind, id, command uuid.UUID, verb string) error {
	bringing, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	name := func(ctx context.Context) (string, error) { return r.store.ProcessName(ctx, id) }
	if err := r.engine.Act(bringing, dispatch.Action{Kind: kind, ID: id, Verb: verb, Command: command, Name: name}); err != nil {
		return fmt.Errorf("%s %s: %w", verb, flow.ID(kind, id), err)
	}
	c, err := r.store.Command(ctx, command)
	if err == nil && c.State == "pending" {
		err = fmt.Errorf("%s %s: its process has not answered", verb, flow.ID(kind, id))
	}
	return err
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
