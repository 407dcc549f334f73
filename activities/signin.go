package activities

import (
	"context"
	"errors"
	"time"
)

// SweepSignIn deletes what nobody signs in with any more: counted guesses that
// are forgotten, sessions and secrets in mails that are over, authenticators
// that were never confirmed. It returns how many rows.
func (a *Activities) SweepSignIn(ctx context.Context) (int, error) {
	before := a.store.Now().Add(-24 * time.Hour)
	swept, all := 0, error(nil)
	for _, sweep := range []func(context.Context, time.Time) (int64, error){
		a.store.SweepGuesses, a.store.SweepSessions, a.store.SweepResets, a.store.SweepSecondFactors,
	} {
		n, err := sweep(ctx, before)
		swept, all = swept+int(n), errors.Join(all, err)
	}
	return swept, all
}

// deliveriesKept is how long it can be read what became of a webhook's messages.
const deliveriesKept = 30 * 24 * time.Hour

// SweepDeliveries deletes what was delivered or has failed long ago.
func (a *Activities) SweepDeliveries(ctx context.Context) (int, error) {
	n, err := a.store.SweepDeliveries(ctx, a.store.Now().Add(-deliveriesKept))
	return int(n), err
}
