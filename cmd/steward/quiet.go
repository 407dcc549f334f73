package main

import (
	"context"
	"log/slog"

	temporallog "go.temporal.io/sdk/log"
)

// warnings lets through what an operator should read; Temporal's SDK says more.
type warnings struct{ slog.Handler }

// Enabled tells whether a record of this level is let through.
func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

func quiet(log *slog.Logger) temporallog.Logger {
	return temporallog.NewStructuredLogger(slog.New(warnings{log.Handler()}))
}
