package worker

import (
	"context"
	"log/slog"
	"time"

	"steward/activities"
)

// teller makes the mails of those who want to be told at once. It rests between
// rounds, so that what comes together is told together.
type teller struct {
	acts  *activities.Activities
	log   *slog.Logger
	every time.Duration
	away  *outage
}

// run tells until ctx ends.
func (t *teller) run(ctx context.Context) {
	for ctx.Err() == nil {
		const later = "people are told of news later"
		if _, err := t.acts.TellAtOnce(ctx); ctx.Err() == nil && !t.away.round(later, err) {
			t.log.Warn(later, "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(t.every):
		}
	}
}
