package worker

import (
	"context"
	"log/slog"
	"time"

	"steward/activities"
)

// Sweep deletes, at a worker's start and once a day, files that nothing wants,
// and what was kept for signing in and is over.
// Several workers may sweep: what one has deleted the other does not find.
type Sweep struct {
	acts  *activities.Activities
	log   *slog.Logger
	Every time.Duration
}

// Run sweeps until ctx ends.
func (s *Sweep) Run(ctx context.Context) {
	for ctx.Err() == nil {
		s.sweep(ctx, "files that nothing wants", s.acts.SweepFiles)
		s.sweep(ctx, "deliveries of webhooks that are over", s.acts.SweepDeliveries)
		s.sweep(ctx, "rows that nobody signs in with any more", s.acts.SweepSignIn)
		select {
		case <-ctx.Done():
		case <-time.After(s.Every):
		}
	}
}

func (s *Sweep) sweep(ctx context.Context, what string, f func(context.Context) (int, error)) {
	n, err := f(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		s.log.Warn(what+" are swept later", "error", err)
	case n > 0:
		s.log.Info(what+" were swept", "number", n)
	}
}
