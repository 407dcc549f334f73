package main

import (
	"context"
	"fmt"
	"time"

	"steward/internal/config"
)

type reconcileCommand struct{}

// Run puts a word to every open thing into the outbox; the worker's relay
// starts the processes that are missing.
func (reconcileCommand) Run(ctx context.Context, s config.Settings, o out) error {
	store, err := openStore(ctx, s)
	if err != nil {
		return err
	}
	defer store.Close()
	n, err := store.TellAll(ctx)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(o.Out, "%d open things are told to the worker\n", n); err != nil {
		return err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		lag, err := store.OutboxLag(ctx)
		if err != nil {
			return err
		}
		if lag.Waiting == 0 {
			o.say("every open thing has its process")
			return nil
		}
		o.say("%d are waiting", lag.Waiting)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
