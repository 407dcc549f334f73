package api_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"

	"steward/internal/dispatch"
	"steward/internal/fixture"
)

// Whoever comes while as many actions wait as two cores can do with is turned
// away before anything is written, and can come again with the same key; what
// needs no process goes on.
func TestMoreActionsThanAreLetInAreTurnedAway(t *testing.T) { // N.31
	t.Parallel()
	const places = 64
	w := newWorld(t)
	in, on := make(chan uuid.UUID), make(chan struct{})
	w.engine.act = func(_ context.Context, a dispatch.Action) error {
		in <- a.ID
		<-on
		return nil
	}
	am := w.as(w.AM)
	assign := func(key string) answer {
		return am.with("Idempotency-Key", key).send("POST", "/tasks/"+w.Task.String()+"/assign", object{"to": object{"user_id": w.Bob}})
	}
	var all sync.WaitGroup
	for i := range places {
		key := uuid.NewString()
		if i == 0 {
			key = "first"
		}
		all.Go(func() {
			if a := assign(key); a.status != http.StatusAccepted {
				t.Errorf("one that was let in: %d %v", a.status, a.body)
			}
		})
		<-in
	}
	written := func() int { return fixture.One[int](t, w.Pool, `SELECT count(*) FROM command_log`) }
	if a := assign("late"); a.status != 503 || a.body["code"] != "unavailable" || a.header.Get("Retry-After") == "" {
		t.Errorf("one more: %d %v", a.status, a.body)
	}
	am.refused(503, "unavailable", "POST", "/tasks", object{"project_id": w.Project, "title": "One more"})
	if n := written(); n != places {
		t.Errorf("%d commands are written, want %d", n, places)
	}
	if a := assign("first"); a.status != http.StatusAccepted || a.header.Get("Location") == "" { // it is written already
		t.Errorf("one that waits, asked for again: %d %v", a.status, a.body)
	}
	am.must("POST", timeOn(w.Task), session(nil))
	close(on)
	all.Wait()
	go func() { <-in }()
	if a := assign("late"); a.status != http.StatusAccepted || written() != places+1 {
		t.Errorf("the same again: %d %v", a.status, a.body)
	}
}
