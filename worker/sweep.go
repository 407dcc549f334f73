package worker

import (
	"context"
	"log/slog"
	"time"

	"steward/activities"
)

// Sweep deletes, at a worker's start and once a day, files that nothing wants.
// Several workers may sweep: what one has deleted the other does not find.
type Sweep struct {
	acts  *activities.Activities
	log   *slog.Logger
	Every time.Duration
}

// Run sweeps until ctx ends.
func (s *Sweep) Run(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := s.acts.SweepFiles(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			s.log.Warn("files that nothing wants are swept later", "error", err)
		case n > 0:
			s.log.Info("files that nothing wants were swept", "files", n)
		}
		select {
		case <-ctx.Done():
		case <-time.After(s.Every):
		}
	}
}
