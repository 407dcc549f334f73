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
