package api_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"steward/internal/dispatch"
	"steward/internal/fixture"
	"steward/internal/postgres/db"
)

func TestTheSameKeyAndBodyHaveOneEffect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM).with("Idempotency-Key", "once")
	body := object{"name": "One", "currency": "GBP"}
	var wg sync.WaitGroup
	var mu sync.Mutex
	answers := map[string]int{}
	for range 20 {
		wg.Go(func() {
			a := am.send("POST", "/clients", body)
			mu.Lock()
			defer mu.Unlock()
			answers[fmt.Sprint(a.status, " ", a.str("id"))]++
		})
	}
	wg.Wait()
	first := am.must("POST", "/clients", body)
	if len(answers) != 1 || answers["201 "+first.str("id")] != 20 || first.header.Get("ETag") != `"1"` {
		t.Errorf("the answers were %v, then %s", answers, first.header.Get("ETag"))
	}
	if n := fixture.One[int](t, w.Pool, `SELECT (SELECT count(*) FROM client WHERE name = 'One') * 10 + (SELECT count(*) FROM audit_event WHERE entity_kind = 'client')`); n != 11 {
		t.Errorf("clients and audit: %d, want 11", n)
	}
	am.refused(409, "idempotency_key_reused", "POST", "/clients", object{"name": "Two", "currency": "GBP"})
	am.refused(409, "idempotency_key_reused", "PATCH", "/clients/"+w.Client.String(), body)
	am.refused(409, "idempotency_key_reused", "POST", "/tasks/"+w.Task.String()+"/notes", object{"body": "x"})
	w.as(w.admin).with("Idempotency-Key", "once").must("POST", "/clients", object{"name": "Two", "currency": "GBP"}) // a key is its owner's
	w.as(w.AM).with("Idempotency-Key", strings.Repeat("k", 201)).refused(422, "invalid", "POST", "/clients", body)
}

func TestARefusalDoesNotUseUpTheKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.as(w.admin).with("Idempotency-Key", "later")
	body := object{"name": "Design", "member_ids": []uuid.UUID{w.Bob}}
	w.Exec(t, `UPDATE person SET active = false WHERE id = $1`, w.Bob)
	admin.refused(422, "invalid", "POST", "/groups", body)
	w.Exec(t, `UPDATE person SET active = true WHERE id = $1`, w.Bob)
	admin.must("POST", "/groups", body)
}

func TestEveryContentWriteTakesAKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	entry := w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 60})[0].String()
	note := w.as(w.admin).must("POST", "/tasks/"+w.Task.String()+"/notes", object{"body": "x"}).str("id")
	for i, c := range []struct {
		method, path string
		body         object
	}{
		{"POST", "/users", object{"kind": "staff", "name": "New", "email": "new@firm.example", "password": "twelve signs"}},
		{"PATCH", "/users/" + w.Ann.String(), object{"name": "Anne"}},
		{"PATCH", "/clients/" + w.Client.String(), object{"name": "Newer"}},
		{"PATCH", "/provider", object{"name": "Newer"}},
		{"POST", "/groups", object{"name": "New"}},
		{"PATCH", "/groups/" + w.Group.String(), object{"name": "Newer"}},
		{"PUT", "/groups/" + w.Group.String() + "/members", object{"manager_ids": []uuid.UUID{w.Ann}, "member_ids": []uuid.UUID{}}},
		{"POST", "/projects", w.project(nil)},
		{"PATCH", "/projects/" + w.Project.String(), object{"name": "Newer"}},
		{"PUT", "/projects/" + w.Project.String() + "/work-statement", object{"purchase_order": "PO-1"}},
		{"POST", "/projects/" + w.Project.String() + "/rates", object{"rate": "1", "from": "2026-01-01"}},
		{"POST", "/users/" + w.Ann.String() + "/rates", object{"rate": "1", "currency": "GBP", "from": "2026-01-01"}},
		{"POST", "/tasks/" + w.Task.String() + "/notes", object{"body": "new"}},
		{"PATCH", "/notes/" + note, object{"body": "newer"}},
		{"PATCH", "/time-entries/" + entry, object{"minutes": 5}},
		{"DELETE", "/time-entries/" + entry, nil},
	} {
		admin := w.as(w.admin).with("Idempotency-Key", fmt.Sprint("key ", i))
		var body any = c.body
		if c.body == nil {
			body = nil
		}
		first := admin.must(c.method, c.path, body)
		before := fixture.One[int](t, w.Pool, `SELECT count(*) FROM audit_event`)
		again := admin.must(c.method, c.path, body)
		if first.status != again.status || string(first.text) == "" {
			t.Errorf("%s %s: first %d, again %d", c.method, c.path, first.status, again.status)
		}
		has(t, again.body, first.body)
		if after := fixture.One[int](t, w.Pool, `SELECT count(*) FROM audit_event`); after != before {
			t.Errorf("%s %s had a second effect", c.method, c.path)
		}
	}
}

func TestAnActionMayComeWithoutABody(t *testing.T) { // S1.06, S1.47
	t.Parallel()
	w := newWorld(t)
	var bodies []string
	w.engine.act = func(ctx context.Context, a dispatch.Action) error {
		bodies = append(bodies, fixture.One[string](t, w.Pool, `SELECT verb || ' ' || (body - 'note')::text FROM command_log WHERE id = $1`, a.Command))
		_, err := w.store.AnswerCommand(ctx, db.AnswerCommandParams{ID: a.Command, State: "done", Answer: []byte(`{}`), DoneAt: ptr(noon)})
		return err
	}
	for _, path := range []string{"/projects/" + w.Project.String() + "/hold", "/tasks/" + w.Waiting(t).String() + "/accept"} {
		w.as(w.admin).must("POST", path, nil)
		w.as(w.admin).must("POST", path, object{})
	}
	if got := strings.Join(bodies, ", "); got != "hold {}, hold {}, accept {}, accept {}" {
		t.Errorf("the process was asked for %s", got)
	}
	w.as(w.AM).must("POST", w.draft(t)+"/collect", nil)
}

func TestBadBodiesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	for _, body := range []string{`{`, `{"name"`, `nul`, `{"name": "x", "currency": "GBP"} {}`, "\x00", `{"name": 'x'}`} {
		am.refused(400, "malformed", "POST", "/clients", body)
	}
	for _, body := range []string{`null`, `[]`, `"x"`, `5`, `{}`, `{"name": {"a": "b"}, "currency": "GBP"}`} {
		am.refused(422, "invalid", "POST", "/clients", body)
	}
	am.refused(413, "too_large", "POST", "/clients", `{"name": "`+strings.Repeat("x", 1<<20)+`"}`)
	am.refused(413, "too_large", "POST", "/clients", strings.Repeat("[", 3<<20))
	am.refused(400, "malformed", "POST", "/clients", strings.Repeat("[", 1<<19))
	am.with("Content-Type", "text/csv").refused(415, "unsupported_media_type", "POST", "/clients", "name,currency")
	am.refused(400, "malformed", "POST", "/clients", nil)
	am.refused(404, "not_found", "GET", "/nothing", nil)
	am.refused(405, "method_not_allowed", "PUT", "/clients", object{})
	w.as(w.AM).with("Sec-Fetch-Site", "cross-site").refused(403, "forbidden", "POST", "/clients", object{"name": "x", "currency": "GBP"})
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM client`); n != 1 {
		t.Errorf("%d clients, want the one of the fixture", n)
	}
}

func TestTheRestOfARefusedBodyIsNoRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	hidden := "\r\n\r\nGET /api/v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + w.as(w.Ann).bearer + "\r\n\r\n"
	body := strings.Repeat("[", 3<<20) + hidden
	var wg sync.WaitGroup
	wg.Go(func() { // the server hangs up before it has read everything
		_, _ = fmt.Fprintf(conn, "POST /api/v1/clients HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			w.as(w.AM).bearer, len(body), body)
	})
	answers := bufio.NewReader(conn)
	res, err := http.ReadResponse(answers, nil)
	if err != nil || res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Fatalf("got %v, %v", res, err)
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	if next, err := http.ReadResponse(answers, nil); err == nil {
		t.Errorf("the rest of the body was answered: %s", next.Status)
	}
	_ = conn.Close()
	wg.Wait()
}

func TestNothingIsCachedOrSniffed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.as(w.Ann).must("GET", "/me", nil)
	want := http.Header{"Cache-Control": {"no-store"}, "X-Content-Type-Options": {"nosniff"}, "X-Frame-Options": {"DENY"}, "Referrer-Policy": {"no-referrer"}}
	for name := range want {
		if a.header.Get(name) != want.Get(name) {
			t.Errorf("%s is %q, want %q", name, a.header.Get(name), want.Get(name))
		}
	}
}
