package api

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"steward/internal/trail"
)

// requestID is the header that names a request: as who sent it calls it, or as
// we do.
const requestID = "X-Request-Id"

// trail gives a request its id, and its trace if there are traces.
func (s *Server) trail(c *gin.Context) {
	began, id := time.Now(), c.GetHeader(requestID)
	if !trail.Valid(id) {
		id = s.store.NewID().String()
	}
	c.Header(requestID, id)
	c.Request = c.Request.WithContext(trail.With(c.Request.Context(), id))
	if s.tracer != nil && strings.HasPrefix(c.Request.URL.Path, base+"/") {
		defer s.begin(c, id)()
	}
	c.Next()
	if ctx := c.Request.Context(); s.log.Enabled(ctx, slog.LevelDebug) {
		s.log.DebugContext(ctx, "a request was answered", "method", c.Request.Method, "route", c.FullPath(), "status", c.Writer.Status(), "took", time.Since(began))
	}
}

// begin begins the trace of a request, or goes on with the one that a proxy of
// ours began: what others say of traces would let them fill our collector.
func (s *Server) begin(c *gin.Context, id string) (end func()) {
	ctx := c.Request.Context()
	if from, err := peer(c.Request); err == nil && s.trusts(from) {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(c.Request.Header))
	}
	method, route := methodOf(c.Request), c.FullPath() // the pattern: names of spans are few
	ctx, span := s.tracer.Start(ctx, method+" "+route, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("http.request.method", method), attribute.String("http.route", route), attribute.String("steward.request_id", id)))
	c.Request = c.Request.WithContext(ctx)
	return func() {
		status := c.Writer.Status()
		span.SetAttributes(attribute.Int("http.response.status_code", status))
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, http.StatusText(status))
		}
		span.End()
	}
}

// tellCause logs what is behind a problem that says nothing of it, on its way
// out.
func (s *Server) tellCause(ctx huma.Context, _ string, body any) (any, error) {
	if p, ok := body.(*Problem); ok {
		p.log(ctx.Context(), s.log)
	}
	return body, nil
}
