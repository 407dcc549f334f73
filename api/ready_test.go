package api_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"steward/api"
	"steward/internal/fault"
)

// An API before a database without its migrations answers nothing well: it is
// not ready, says why, and logs it once.
func TestWhatAnAPILacksIsNamedAndLoggedOnce(t *testing.T) { // N.32
	var logged bytes.Buffer
	lacking := fault.New(fault.NotFound, "the database is at migration 1, and this version needs 2")
	var now error = lacking
	w := newWorldWith(t, func(o *api.Options) {
		o.Log = slog.New(slog.NewTextHandler(&logged, nil))
		o.Migrated = func(context.Context) error { return now }
	})
	for range 3 {
		if status, body := readiness(t, w.url); status != 503 || !strings.Contains(body, `"postgres":"the database is at migration 1, and this version needs 2"`) {
			t.Fatalf("it answers %d %s", status, body)
		}
	}
	now = errors.New("dial tcp: refused")
	if status, body := readiness(t, w.url); status != 503 || !strings.Contains(body, `"postgres":"cannot be reached"`) {
		t.Errorf("it answers %d %s", status, body)
	}
	now = nil
	for range 3 {
		if status, body := readiness(t, w.url); status != 200 || body != `{"status":"ready"}` {
			t.Errorf("it answers %d %s", status, body)
		}
	}
	if got := strings.Count(logged.String(), "\n"); got != 3 || !strings.Contains(logged.String(), "dial tcp: refused") || !strings.Contains(logged.String(), "ready again") {
		t.Errorf("it logged\n%s", &logged)
	}
}

// While the database is silent, Temporal is not blamed for the time that it took.
func TestASilentDatabaseIsAwayAlone(t *testing.T) { // N.32
	t.Parallel()
	w := newWorldWith(t, func(o *api.Options) {
		o.Migrated = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	})
	if status, body := readiness(t, w.url); status != 503 || body != `{"status":"not ready","away":{"postgres":"cannot be reached"}}` {
		t.Errorf("it answers %d %s", status, body)
	}
}

func readiness(t *testing.T, url string) (status int, body string) {
	t.Helper()
	r, err := http.Get(url + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(r.Body); err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, b.String()
}
