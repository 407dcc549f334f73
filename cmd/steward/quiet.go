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

// WithAttrs keeps the level for loggers made of this one.
func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the level for loggers made of this one.
func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }

func quiet(log *slog.Logger) temporallog.Logger {
	return temporallog.NewStructuredLogger(slog.New(warnings{log.Handler()}))
}
