package api

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"steward/internal/postgres"
	"steward/internal/trail"
)

// What following a request adds to one that does nothing: nothing is before
// there was any, off is without a collector, on with one.
func BenchmarkFollowingARequest(b *testing.B) {
	log := slog.New(trail.Logs(slog.NewTextHandler(io.Discard, nil)))
	store := &postgres.Store{NewID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) }}
	for name, tracer := range map[string]trace.Tracer{"nothing": nil, "off": nil, "on": trail.To(sdktrace.WithBatcher(discard{})).Tracer()} {
		b.Run(name, func(b *testing.B) {
			s := &Server{store: store, log: log, tracer: tracer}
			g := gin.New()
			if name != "nothing" {
				g.Use(s.trail)
			}
			g.GET(base+"/tasks/:id", func(c *gin.Context) { c.Status(http.StatusNoContent) })
			r := httptest.NewRequest("GET", base+"/tasks/1", nil)
			b.ReportAllocs()
			for b.Loop() {
				g.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}

// discard is a collector that keeps nothing.
type discard struct{}

func (discard) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }
func (discard) Shutdown(context.Context) error                             { return nil }
