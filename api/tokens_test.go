package api_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

func TestATokenForAnAreaReachesNoOther(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	clock := w.as(w.Ann, "time:write", "tasks:read")
	task := "/tasks/" + w.Task.String()
	clock.must("GET", task, nil)
	clock.must("GET", "/me", nil)
	clock.must("POST", task+"/time", object{"work_date": "2026-03-20", "minutes": 5, "description": "x"})
	for _, c := range [][2]string{
		{"GET", "/time-entries"}, {"PATCH", task}, {"POST", task + "/notes"}, {"POST", task + "/accept"}, {"GET", "/clients"}, {"GET", "/invoices"}, {"GET", "/users"},
		{"POST", "/tokens"}, {"GET", "/tokens"}, {"DELETE", "/tokens/" + w.Task.String()}, {"POST", "/me/password"}, {"DELETE", "/sessions"}, {"GET", "/audit"}, {"GET", task + "/files"}, {"GET", "/plan/feeds/x/../../../../users"},
	} {
		var body any
		if c[0] != "GET" {
			body = object{}
		}
		if a := clock.send(c[0], c[1], body); a.status != 403 && !strings.Contains(c[1], "..") || a.status < 400 {
			t.Errorf("%s %s: %d %s", c[0], c[1], a.status, a.text)
		}
	}
	// A scope gives no right that its owner has not.
	w.as(w.Ann, "people:write").refused(403, "forbidden", "POST", "/groups", object{"name": "x"})
	w.as(w.Ann, "write").refused(403, "forbidden", "GET", "/tasks", nil)
	owner := w.as(w.Ann, "account:write", "time:write")
	owner.must("POST", "/tokens", object{"name": "less", "scopes": []string{"time:write", "time:write"}})
	for _, more := range []any{nil, []string{"time:read"}, []string{"time:write", "tasks:read"}, []string{"write"}} {
		owner.refused(403, "forbidden", "POST", "/tokens", object{"name": "more", "scopes": more})
	}
	for _, odd := range []string{"tasks", "tasks:admin", "every:read", "any:read", ":read", ""} {
		w.as(w.Ann).refused(422, "invalid", "POST", "/tokens", object{"name": "odd", "scopes": []string{odd}})
	}
}

func TestAClientsContactHasTokensToo(t *testing.T) { // S1.05, N.15
	t.Parallel()
	w := newWorld(t)
	contact := w.as(w.contact(t))
	made := contact.must("POST", "/tokens", object{"name": "our own portal", "scopes": []string{"read"}})
	reader := w.nobody().with("Authorization", "Bearer "+made.str("secret"))
	has(t, reader.must("GET", "/me", nil).body, object{"kind": "client"})
	reader.must("GET", "/requests", nil)
	reader.refused(404, "not_found", "GET", "/users", nil)
	reader.refused(403, "forbidden", "POST", "/requests", object{"client_id": w.Client, "kind": "issue", "title": "T"})
	if list := contact.must("GET", "/tokens", nil).items(); len(list) != 2 { // the one it signed in with, too
		t.Errorf("it has %v", list)
	}
	w.as(w.Ann).refused(404, "not_found", "DELETE", "/tokens/"+made.str("id"), nil)
	contact.must("DELETE", "/tokens/"+made.str("id"), nil)
	reader.refused(401, "unauthorized", "GET", "/me", nil)
}

func TestATokenMakesNoneThatLastsLonger(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	until := noon.Add(time.Hour)
	email := withPassword(t, w, goodPassword)
	w.Exec(t, `UPDATE person SET roles = roles || '{admin}' WHERE id = $1`, w.Ann)
	for name, may := range map[string]caller{"a session": w.signedIn(email, goodPassword), "a token without an end": w.as(w.Ann)} {
		for _, end := range []any{nil, until} {
			may.must("POST", "/tokens", object{"name": name, "expires_at": end})
		}
	}
	short := caller{w: w, bearer: w.as(w.Ann).must("POST", "/tokens", object{"name": "short", "expires_at": until}).str("secret")}
	for range 2 { // the second time it is remembered
		for _, end := range []any{nil, until.Add(time.Second)} {
			short.refused(403, "forbidden", "POST", "/tokens", object{"name": "longer", "expires_at": end})
		}
		short.must("POST", "/tokens", object{"name": "as long", "expires_at": until})
		short.must("POST", "/tokens", object{"name": "shorter", "scopes": []string{"time:write"}, "expires_at": until.Add(-time.Minute)})
	}
}

func TestATokenTellsWhenItWasUsedLast(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann)
	used := func() time.Time {
		return fixture.One[time.Time](t, w.Pool, `SELECT used_at FROM api_token WHERE person_id = $1`, w.Ann)
	}
	for _, c := range []struct{ at, want time.Duration }{{0, 0}, {59 * time.Minute, 0}, {time.Hour, time.Hour}, {90 * time.Minute, time.Hour}} {
		w.at(noon.Add(c.at))
		list := ann.must("GET", "/tokens", nil).items()
		if got := used(); !got.Equal(noon.Add(c.want)) || len(list) != 1 || list[0]["used_at"] == nil {
			t.Errorf("after %v it was used at %v: %v", c.at, got, list)
		}
	}
}

func TestWhoIsDismissedIsOutAtOnce(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	email := withPassword(t, w, goodPassword)
	session, token, path := w.signedIn(email, goodPassword), w.as(w.Ann), "/users/"+w.Ann.String()
	session.must("GET", "/me", nil)
	token.must("GET", "/me", nil) // is remembered for a moment
	w.as(w.admin).must("PATCH", path, object{"active": false})
	for name, c := range map[string]caller{"session": session, "token": token} {
		c.refused(401, "unauthorized", "GET", "/me", nil)
		c.refused(401, "unauthorized", "POST", "/tasks/"+w.Task.String()+"/notes", object{"body": name})
	}
	w.as(w.admin).must("PATCH", path, object{"active": true}) // who comes back signs in anew
	session.refused(401, "unauthorized", "GET", "/me", nil)
	token.refused(401, "unauthorized", "GET", "/me", nil)
	w.nobody().must("POST", "/sessions", object{"email": email, "password": goodPassword})
}

func TestAnAdminRevokesAnybodysToken(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	made := w.as(w.Ann).must("POST", "/tokens", object{"name": "CI"})
	ci := caller{w: w, bearer: made.str("secret")}
	ci.must("GET", "/me", nil)
	list := "/users/" + w.Ann.String() + "/tokens"
	w.as(w.AM).refused(403, "forbidden", "GET", list, nil)
	w.as(w.AM).refused(404, "not_found", "DELETE", "/tokens/"+made.str("id"), nil)
	w.as(w.admin).refused(404, "not_found", "GET", "/users/"+w.Task.String()+"/tokens", nil)
	if items := w.as(w.admin).must("GET", list, nil).items(); len(items) != 2 || items[1]["name"] != "CI" {
		t.Errorf("the tokens are %v", items)
	}
	w.as(w.admin).must("DELETE", "/tokens/"+made.str("id"), nil)
	ci.refused(401, "unauthorized", "GET", "/me", nil)
	if note := fixture.One[string](t, w.Pool, `SELECT note FROM audit_event WHERE verb = 'revoke' AND entity_id = $1 AND actor_id = $2`, made.str("id"), w.admin); !strings.Contains(note, w.Ann.String()) {
		t.Errorf("the audit says %q", note)
	}
}

func TestACursorLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann)
	for _, name := range []string{"one", "two"} {
		ann.must("POST", "/tokens", object{"name": name})
	}
	w.as(w.Bob).must("POST", "/tokens", object{"name": "Bob's"})
	first := ann.must("GET", "/tokens?limit=1", nil)
	cursor := first.str("next_cursor")
	w.as(w.Bob).must("GET", "/tokens?cursor="+cursor, nil)
	for _, tampered := range []string{
		base64.RawURLEncoding.EncodeToString([]byte(`{"i":"00000000-0000-0000-0000-000000000001"}`)),
		base64.RawURLEncoding.EncodeToString([]byte(`{"i":"` + w.store.NewID().String() + `","o":-5}`)),
		base64.RawURLEncoding.EncodeToString([]byte(`{"i":"` + uuid.Max.String() + `"}`)),
		cursor,
	} {
		for _, tok := range ann.must("GET", "/tokens?cursor="+tampered, nil).items() {
			if tok["name"] == "Bob's" {
				t.Errorf("the cursor %s shows Bob's token", tampered)
			}
		}
	}
	for _, wrong := range []string{"x", cursor[1:], base64.RawURLEncoding.EncodeToString([]byte(`{"i":"' OR 1=1"}`)), base64.RawURLEncoding.EncodeToString([]byte(`[]`))} {
		ann.refused(422, "bad_cursor", "GET", "/tokens?cursor="+wrong, nil)
	}
}

func TestAKeyOfSomebodyElseAnswersNothingOfTheirs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := object{"name": "CI"}
	anns := w.as(w.Ann).with("Idempotency-Key", "shared").must("POST", "/tokens", body)
	bobs := w.as(w.Bob).with("Idempotency-Key", "shared").must("POST", "/tokens", body)
	if anns.str("id") == bobs.str("id") || bobs.str("secret") == "" {
		t.Errorf("Bob got %s", bobs.text)
	}
	has(t, caller{w: w, bearer: bobs.str("secret")}.must("GET", "/me", nil).body, object{"id": w.Bob})
}
