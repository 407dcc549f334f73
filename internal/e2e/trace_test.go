package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.temporal.io/sdk/client"

	"steward/activities"
	"steward/api"
	"steward/internal/dispatch"
	"steward/internal/embedded/servers"
	"steward/internal/files"
	"steward/internal/fixture"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
	"steward/internal/trail"
	"steward/worker"
)

// seen is API and worker in one process, whose spans and lines are kept. With
// nil for traces there are none, as when no collector is set.
type seen struct {
	*system
	spans *tracetest.InMemoryExporter
	log   *lines
}

// lines keeps what is logged, as JSON.
type lines struct{ fixture.Log }

// of are the lines of a request.
func (l *lines) of(t *testing.T, request string) (all []object) {
	t.Helper()
	for line := range strings.Lines(l.String()) {
		var o object
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatal(err)
		}
		if o["request"] == request {
			all = append(all, o)
		}
	}
	return all
}

func newSeen(t *testing.T, traced bool) (*seen, *fixture.Firm) {
	t.Helper()
	s := &seen{system: newSystem(t), spans: tracetest.NewInMemoryExporter(), log: &lines{}}
	var traces trail.Traces
	if traced {
		traces = trail.To(sdktrace.WithSyncer(s.spans))
	}
	log := slog.New(trail.Logs(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	store, err := postgres.Open(t.Context(), s.pool.Config().ConnString(), 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	blobs, err := files.Open(t.Context(), "file://"+t.TempDir()+"?no_tmp_dir=true")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	followed, err := trail.Interceptors(log, traces.Tracer())
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Dial(dispatch.Connection(dispatch.Link{Address: servers.Temporal(t), Namespace: s.namespace, Log: silent{}, Interceptors: followed}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	w := worker.New(c, nil, activities.New(store, blobs, "http://localhost"), store, blobs, nil, log, worker.Capacity{})
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	server := httptest.NewServer(api.New(api.Options{Store: store, Later: store, Engine: dispatch.NewTemporal(c), Files: blobs, Log: log, Tracer: traces.Tracer()}))
	t.Cleanup(server.Close)
	s.url = server.URL
	f := fixture.NewFirm(t, store)
	token, hash := secret.NewToken()
	if err := store.InsertToken(t.Context(), db.InsertTokenParams{ID: store.NewID(), PersonID: f.AM, Name: "test", SecretHash: hash, Scopes: []string{}}); err != nil {
		t.Fatal(err)
	}
	s.token = token
	return s, f
}

func TestOneActionIsOneTraceAndItsLinesNameIt(t *testing.T) { // N.30
	t.Parallel()
	s, f := newSeen(t, true)
	body := object{"project_id": f.Project, "title": "Analysis"}
	id := s.admin().must(t, "POST", "/tasks", body, "X-Request-Id", "creation-1")["id"].(string)
	s.spans.Reset()
	r := s.admin().send(t, "PATCH", "/tasks/"+id, object{"title": "Review"}, "X-Request-Id", "renaming-1", "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	if r.Status != 200 || r.Header.Get("X-Request-Id") != "renaming-1" {
		t.Errorf("%d %s %s", r.Status, r.Header, r.Raw)
	}
	want := []string{"PATCH /api/v1/tasks/:id", "UpdateWorkflow:", "HandleUpdate:", "StartActivity:CommitTask", "RunActivity:CommitTask"}
	trace := ""
	eventually(t, "all spans are there", func() error {
		spans := s.spans.GetSpans()
		for _, name := range want {
			i := slices.IndexFunc(spans, func(s tracetest.SpanStub) bool { return strings.HasPrefix(s.Name, name) })
			if i < 0 {
				return fmt.Errorf("no span %s of %v", name, names(spans))
			}
			if id := spans[i].SpanContext.TraceID().String(); trace == "" {
				trace = id
			} else if trace != id {
				t.Fatalf("%s is of the trace %s, others of %s: %v", name, id, trace, names(spans))
			}
		}
		return nil
	})
	if trace == "0af7651916cd43dd8448eb211c80319c" {
		t.Error("a stranger's trace is gone on with")
	}
	messages := []string{"a request was answered", "a process was brought a command", "an activity has ended"}
	for _, l := range s.log.of(t, "renaming-1") {
		if l["trace"] != trace {
			t.Errorf("a line is of another trace than %s: %v", trace, l)
		}
		messages = slices.DeleteFunc(messages, func(m string) bool { return m == l["msg"] })
	}
	if len(messages) > 0 {
		t.Errorf("these lines do not name the request: %s", messages)
	}
	for _, l := range s.log.of(t, "creation-1") {
		if l["verb"] == "edit" || l["trace"] == trace {
			t.Errorf("a line of another request: %v", l)
		}
	}
}

func names(spans tracetest.SpanStubs) (all []string) {
	for _, s := range spans {
		all = append(all, s.Name)
	}
	return all
}

func TestWithoutACollectorRequestsAreFollowedByTheirIDs(t *testing.T) { // N.30
	t.Parallel()
	s, f := newSeen(t, false)
	r := s.admin().send(t, "POST", "/tasks", object{"project_id": f.Project, "title": "Analysis"}, "X-Request-Id", "no good: it has blanks")
	request := r.Header.Get("X-Request-Id")
	if r.Status != 201 || !trail.Valid(request) {
		t.Fatalf("%d %q %s", r.Status, request, r.Raw)
	}
	var messages []string
	eventually(t, "the lines name the request", func() error {
		messages = nil
		for _, l := range s.log.of(t, request) {
			if l["trace"] != nil {
				t.Errorf("there is a trace: %v", l)
			}
			messages = append(messages, l["msg"].(string))
		}
		if !slices.Contains(messages, "a request was answered") || !slices.Contains(messages, "a process was brought a command") || !slices.Contains(messages, "an activity has ended") {
			return fmt.Errorf("only %q", messages)
		}
		return nil
	})
	if n := len(s.spans.GetSpans()); n > 0 {
		t.Errorf("there are %d spans", n)
	}
}

// The real processes send to a collector, each what it did.
func TestTracesAreSentToACollector(t *testing.T) { // N.30
	t.Parallel()
	var mu sync.Mutex
	var got bytes.Buffer
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path != "/v1/traces" {
			t.Errorf("the collector was asked for %s", r.URL.Path)
		}
		_, _ = io.Copy(&got, r.Body)
	}))
	defer collector.Close()
	s := started(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL, "OTEL_SERVICE_NAME=steward-here", "OTEL_BSP_SCHEDULE_DELAY=100")
	f := furnish(t, s)
	f.am.must(t, "POST", "/tasks", object{"project_id": f.project, "title": "Analysis"})
	eventually(t, "the collector has the spans of both", func() error {
		mu.Lock()
		defer mu.Unlock()
		for _, want := range []string{"POST /api/v1/tasks", "RunActivity:CommitTask", "steward-here"} {
			if !bytes.Contains(got.Bytes(), []byte(want)) {
				return fmt.Errorf("no %s in %d bytes", want, got.Len())
			}
		}
		return context.Cause(t.Context())
	})
}
