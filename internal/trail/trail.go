// Package trail follows one request through API, workflow and activity: its id
// stands in every line that is logged for it, and with a collector its steps
// are one trace. It owns neither what is logged nor what is done.
package trail

import (
	"context"
	"log/slog"
	"regexp"

	"go.opentelemetry.io/otel/trace"
)

type requestKey struct{}

// With says that what follows belongs to the request with this id.
func With(ctx context.Context, request string) context.Context {
	return context.WithValue(ctx, requestKey{}, request)
}

// Request is the id of the request that this belongs to; none: "".
func Request(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// id is what may stand as an id in logs and headers.
var id = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// Valid tells whether an id that somebody else gave a request may be kept.
func Valid(request string) bool { return id.MatchString(request) }

// Millis has a log write every time that something took as milliseconds and say
// so in its name, for [slog.HandlerOptions]: took_ms=3.2 of "took".
func Millis(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() != slog.KindDuration {
		return a
	}
	return slog.Float64(a.Key+"_ms", float64(a.Value.Duration().Microseconds())/1000)
}

// Logs has every line that is logged with a context name its request and, where
// there is one, its trace.
func Logs(next slog.Handler) slog.Handler { return logs{next} }

type logs struct{ slog.Handler }

// Handle adds what the context knows.
func (l logs) Handle(ctx context.Context, r slog.Record) error {
	if request := Request(ctx); request != "" {
		r.AddAttrs(slog.String("request", request))
	}
	if s := trace.SpanContextFromContext(ctx); s.IsValid() {
		r.AddAttrs(slog.String("trace", s.TraceID().String()))
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs keeps the handler for loggers made of this one.
func (l logs) WithAttrs(attrs []slog.Attr) slog.Handler { return logs{l.Handler.WithAttrs(attrs)} }

// WithGroup keeps the handler for loggers made of this one.
func (l logs) WithGroup(name string) slog.Handler { return logs{l.Handler.WithGroup(name)} }
