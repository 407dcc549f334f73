package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"steward/internal/fixture"
	"steward/internal/secret"
)

// elsewhere is a program that is told what happens.
type elsewhere struct {
	*httptest.Server
	mu    sync.Mutex
	ids   []string
	wrong []error
	key   string
}

func newElsewhere(t *testing.T) *elsewhere {
	e := &elsewhere{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e.mu.Lock()
		defer e.mu.Unlock()
		w, err := standard.NewWebhook(e.key)
		if err == nil {
			err = w.Verify(body, r.Header)
		}
		if err == nil && !strings.Contains(string(body), `"type":"client.created"`) {
			err = fmt.Errorf("it says %s", body)
		}
		if e.ids = append(e.ids, r.Header.Get("Webhook-Id")); err != nil {
			e.wrong = append(e.wrong, err)
		}
	}))
	t.Cleanup(e.Close)
	return e
}

// heard are the ids of the messages that came, once there are so many.
func (e *elsewhere) heard(t *testing.T, n int) []string {
	t.Helper()
	var ids []string
	eventually(t, fmt.Sprint(n, " messages came"), func() error {
		e.mu.Lock()
		defer e.mu.Unlock()
		if ids = append([]string(nil), e.ids...); len(ids) < n {
			return fmt.Errorf("%d have", len(ids))
		}
		return nil
	})
	return ids
}

// A worker is killed when a receiver has answered and that is not noted yet:
// the note waits for a lock that the test holds, and ends with its connection.
func TestAWebhookIsToldAgainWhenItsWorkerIsKilled(t *testing.T) { // N.16, N.31
	t.Parallel()
	s := started(t, "STEWARD_SECRET_KEY="+secret.NewKey(), "STEWARD_WEBHOOK_NETWORKS=127.0.0.0/8")
	e := newElsewhere(t)
	release := s.holdNotes(t)
	e.mu.Lock()
	e.key = s.admin().must(t, "POST", "/webhooks", object{"url": e.URL, "events": []string{"client.created"}})["secret"].(string)
	e.mu.Unlock()
	s.admin().must(t, "POST", "/clients", object{"name": "Acme", "currency": "GBP"})
	first := e.heard(t, 1)[0]
	s.killBeforeNote(t)
	release()
	if n := fixture.One[int](t, s.pool, `SELECT count(*)::int FROM webhook_delivery WHERE id = $1 AND state = 'pending' AND attempts = 0`, first); n != 1 {
		t.Fatal("the answer was noted all the same")
	}
	if _, err := s.pool.Exec(t.Context(), `UPDATE webhook SET claimed_at = claimed_at - interval '5 minutes'`); err != nil { // which pass
		t.Fatal(err)
	}
	s.startWorker()
	eventually(t, "it is noted", func() error {
		if state := fixture.One[string](t, s.pool, `SELECT state || ' ' || attempts FROM webhook_delivery WHERE id = $1`, first); state != "delivered 1" {
			return fmt.Errorf("it is %s", state)
		}
		return nil
	})
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.ids) < 2 || e.ids[len(e.ids)-1] != first || len(e.wrong) > 0 {
		t.Errorf("the messages are %v: %v", e.ids, e.wrong)
	}
}

// holdNotes has every note of an attempt wait, until it is released.
func (s *system) holdNotes(t *testing.T) (release func()) {
	t.Helper()
	held, err := s.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	exec := func(sql string) {
		if _, err := held.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(`SELECT pg_advisory_lock(hashtext('notes of ' || current_schema()))`)
	exec(`CREATE FUNCTION hold_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		PERFORM pg_advisory_xact_lock(hashtext('notes of ' || TG_TABLE_SCHEMA)); RETURN NEW; END $$`)
	exec(`CREATE TRIGGER hold_note BEFORE UPDATE ON webhook_delivery FOR EACH ROW EXECUTE FUNCTION hold_note()`)
	return func() {
		exec(`DROP TRIGGER hold_note ON webhook_delivery`)
		exec(`SELECT pg_advisory_unlock(hashtext('notes of ' || current_schema()))`)
		held.Release()
	}
}

// killBeforeNote kills the worker while a note of its waits, and ends what
// Postgres would carry on with for the dead.
func (s *system) killBeforeNote(t *testing.T) {
	t.Helper()
	const waiting = ` FROM pg_stat_activity a WHERE a.wait_event_type = 'Lock' AND a.wait_event = 'advisory' AND a.query LIKE '%UPDATE webhook_delivery%' AND a.pid <> pg_backend_pid()`
	count := func(what string) int { return fixture.One[int](t, s.pool, `SELECT count(`+what+`)::int`+waiting) }
	eventually(t, "a note waits", func() error {
		if count("*") == 0 {
			return fmt.Errorf("none does")
		}
		return nil
	})
	s.worker.kill()
	eventually(t, "none waits any more", func() error {
		if n := count("pg_terminate_backend(a.pid)"); n > 0 {
			return fmt.Errorf("%d do", n)
		}
		return nil
	})
}
