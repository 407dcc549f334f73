package trail_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/api/common/v1"

	"steward/internal/trail"
)

func TestLinesNameTheirRequestAndTrace(t *testing.T) { // N.30
	var b bytes.Buffer
	log := slog.New(trail.Logs(slog.NewTextHandler(&b, nil))).With("of", "somebody").WithGroup("more")
	ctx := trail.With(t.Context(), "request-1")
	log.InfoContext(ctx, "first")
	spans := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	log.InfoContext(trace.ContextWithSpanContext(ctx, spans), "second")
	log.Info("third")
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "request=request-1") || strings.Contains(lines[0], "trace=") ||
		!strings.Contains(lines[1], "trace=01000000000000000000000000000000") || strings.Contains(lines[2], "request=") {
		t.Errorf("got %s", b.String())
	}
}

func TestIDsThatCouldForgeALineAreNotKept(t *testing.T) {
	for id, want := range map[string]bool{
		"01a20290-ea97-7673-bf2f-8caffc30852d": true, "short": false, "": false, strings.Repeat("a", 65): false,
		"request 1": false, "request\n1": false, "request\"1": false, "réquest-1": false,
	} {
		if got := trail.Valid(id); got != want {
			t.Errorf("%q: got %v", id, got)
		}
	}
}

// headers are what travels beside a payload.
type headers map[string]*common.Payload

func (h headers) Set(key string, p *common.Payload) { h[key] = p }

func (h headers) Get(key string) (*common.Payload, bool) { p, ok := h[key]; return p, ok }

func (h headers) ForEachKey(func(string, *common.Payload) error) error { return nil }

func TestIDsTravelAndNoneIsNone(t *testing.T) {
	p := trail.Propagator()
	there := func(ctx context.Context) (string, int) {
		h := headers{}
		if err := p.Inject(ctx, h); err != nil {
			t.Fatal(err)
		}
		out, err := p.Extract(trail.With(t.Context(), "another"), h)
		if err != nil {
			t.Fatal(err)
		}
		return trail.Request(out), len(h)
	}
	if got, n := there(trail.With(t.Context(), "request-1")); got != "request-1" || n != 1 {
		t.Errorf("got %q with %d headers", got, n)
	}
	if got, n := there(t.Context()); got != "" || n != 0 {
		t.Errorf("got %q with %d headers", got, n)
	}
	broken := headers{"steward-request": {Data: []byte("{")}}
	if out, err := p.Extract(t.Context(), broken); err != nil || trail.Request(out) != "" {
		t.Errorf("a header that cannot be read: %v", err)
	}
}
