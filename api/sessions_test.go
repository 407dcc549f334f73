package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"steward/internal/fixture"
	"steward/internal/secret"
)

// withPassword lets Ann sign in.
func withPassword(t *testing.T, w *world, password string) string {
	t.Helper()
	hash, err := secret.HashPassword(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	w.Exec(t, `UPDATE person SET password_hash = $2, email = 'Ann@firm.example' WHERE id = $1`, w.Ann, hash)
	return "ann@firm.example"
}

func cookie(a answer) string {
	c, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	return c
}

func TestASessionIsACookieUntilSignedOut(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	email := withPassword(t, w, "correct horse battery")
	in := w.nobody().must("POST", "/sessions", object{"email": email, "password": "correct horse battery"})
	if in.str("id") != w.Ann.String() || strings.Contains(in.text, "argon2") {
		t.Errorf("got %s", in.text)
	}
	for _, flag := range []string{"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"} {
		if !strings.Contains(in.header.Get("Set-Cookie"), flag) {
			t.Errorf("the cookie %s is without %s", in.header.Get("Set-Cookie"), flag)
		}
	}
	ann := w.nobody().with("Cookie", cookie(in))
	has(t, ann.must("GET", "/me", nil).body, object{"id": w.Ann, "kind": "staff", "roles": []string{"contributor"}, "group_ids": []any{w.Group}, "manages_ids": []any{}, "scopes": []any{}})
	if got := fixture.One[string](t, w.Pool, `SELECT source FROM audit_event WHERE verb = 'sign-in' AND entity_id = $1`, w.Ann); got != "127.0.0.1" { // N.14
		t.Errorf("the audit says that Ann signed in from %q", got)
	}
	if out := ann.must("DELETE", "/sessions/current", nil); !strings.Contains(out.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("signing out leaves the cookie: %s", out.header.Get("Set-Cookie"))
	}
	ann.refused(401, "unauthorized", "GET", "/me", nil)
}

// signedIn signs in and calls with the cookie of the session.
func (w *world) signedIn(email, password string) caller {
	w.t.Helper()
	return w.nobody().with("Cookie", cookie(w.nobody().must("POST", "/sessions", object{"email": email, "password": password})))
}

func TestASessionEndsByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email := withPassword(t, w, "correct horse battery")
	ann := w.signedIn(email, "correct horse battery")
	for at := time.Duration(0); at < 12*time.Hour; at += 2*time.Hour - time.Minute {
		w.at(noon.Add(at))
		ann.must("GET", "/me", nil)
	}
	w.at(noon.Add(12*time.Hour - time.Second))
	ann.must("GET", "/me", nil)
	w.at(noon.Add(12 * time.Hour))
	ann.refused(401, "unauthorized", "GET", "/me", nil)
}

func TestASessionThatNobodyUsesEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email := withPassword(t, w, "correct horse battery")
	ann := w.signedIn(email, "correct horse battery")
	w.at(noon.Add(time.Hour))
	ann.must("GET", "/me", nil)
	w.at(noon.Add(3*time.Hour - time.Second))
	ann.must("GET", "/me", nil)
	w.at(noon.Add(5*time.Hour - time.Second))
	ann.refused(401, "unauthorized", "GET", "/me", nil)
}

func TestWhoMayNotSignInLearnsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email := withPassword(t, w, "correct horse battery")
	w.Exec(t, `UPDATE person SET password_hash = (SELECT password_hash FROM person WHERE id = $2), email = 'bob@firm.example', active = false WHERE id = $1`, w.Bob, w.Ann)
	var answers []string
	for _, c := range []object{
		{"email": email, "password": "wrong"},
		{"email": "nobody@firm.example", "password": "correct horse battery"},
		{"email": "bob@firm.example", "password": "correct horse battery"}, // not active
		{"email": "%", "password": "correct horse battery"},
		{"email": "ann@firm.example' OR ''='", "password": "x"},
	} {
		a := w.nobody().refused(401, "unauthorized", "POST", "/sessions", c)
		if a.header.Get("Set-Cookie") != "" {
			t.Errorf("%v: a cookie was set", c)
		}
		answers = append(answers, a.text)
	}
	for _, a := range answers {
		if a != answers[0] {
			t.Errorf("the answers differ:\n%s\n%s", answers[0], a)
		}
	}
	w.nobody().refused(422, "invalid", "POST", "/sessions", object{"email": email})
	w.nobody().refused(422, "invalid", "POST", "/sessions", object{"email": "a\x00b", "password": "x"})
}

func TestTokensHaveScopesAndAnEnd(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann)
	end := noon.Add(time.Hour)
	made := ann.must("POST", "/tokens", object{"name": "CI", "scopes": []string{"read"}, "expires_at": end.In(time.FixedZone("", 5*60*60))})
	token := made.str("secret")
	if !strings.HasPrefix(token, "stw_") || made.status != http.StatusCreated {
		t.Fatalf("got %d %s", made.status, made.text)
	}
	has(t, made.body, object{"expires_at": end.UTC().Format(time.RFC3339)}) // instants are in UTC, however they were given
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM api_token WHERE secret_hash = $1 AND scopes = '{read}'`, secret.Hash(token)); n != 1 {
		t.Errorf("%d tokens are stored under the hash, want 1", n)
	}
	reader := caller{w: w, bearer: token}
	has(t, reader.must("GET", "/me", nil).body, object{"scopes": []string{"read"}})
	reader.refused(403, "forbidden", "POST", "/tasks/"+w.Task.String()+"/time", object{"work_date": "2026-03-20", "minutes": 5, "description": "x"})
	reader.refused(403, "forbidden", "POST", "/tokens", object{"name": "more"})
	var names []string
	for _, tok := range ann.must("GET", "/tokens", nil).items() {
		names = append(names, tok["name"].(string))
		if _, ok := tok["secret"]; ok {
			t.Error("the list shows a secret")
		}
	}
	if strings.Join(names, ",") != "test,CI" {
		t.Errorf("Ann's tokens are %v", names)
	}
	w.as(w.Bob).refused(404, "not_found", "DELETE", "/tokens/"+made.str("id"), nil)
	ann.must("DELETE", "/tokens/"+made.str("id"), nil)
	reader.refused(401, "unauthorized", "GET", "/me", nil)
	ann.refused(404, "not_found", "DELETE", "/tokens/"+made.str("id"), nil)
}

func TestATokenEndsByItself(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	token := w.as(w.Ann).must("POST", "/tokens", object{"name": "short", "expires_at": noon.Add(time.Hour)}).str("secret")
	w.at(noon.Add(time.Hour))
	caller{w: w, bearer: token}.refused(401, "unauthorized", "GET", "/me", nil)
	w.as(w.Ann).refused(422, "invalid", "POST", "/tokens", object{"name": "late", "expires_at": noon.Add(time.Hour)})
}

func TestATokenMakesNoneThatMayMore(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	writer := w.as(w.Ann, "write")
	writer.refused(403, "forbidden", "POST", "/tokens", object{"name": "all"})
	writer.refused(403, "forbidden", "POST", "/tokens", object{"name": "both", "scopes": []string{"read", "write"}})
	writer.must("POST", "/tokens", object{"name": "same", "scopes": []string{"write"}})
	writer.refused(422, "invalid", "POST", "/tokens", object{"name": "odd", "scopes": []string{"admin"}})
}

func TestASecretIsShownOnce(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann).with("Idempotency-Key", "one")
	first := ann.must("POST", "/tokens", object{"name": "CI"})
	again := ann.must("POST", "/tokens", object{"name": "CI"})
	if again.str("id") != first.str("id") || again.str("secret") != "" || first.str("secret") == "" {
		t.Errorf("first %s, again %s", first.text, again.text)
	}
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM command_log WHERE answer::text LIKE '%stw_%' OR body::text LIKE '%stw_%'`); n != 0 {
		t.Error("the log of commands keeps a secret")
	}
}

func TestWhoIsNotProvenIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.nobody().refused(401, "unauthorized", "GET", "/me", nil)
	w.nobody().with("Authorization", "Basic YTpi").refused(401, "unauthorized", "GET", "/me", nil)
	w.nobody().with("Authorization", "Bearer stw_nothing").refused(401, "unauthorized", "GET", "/tasks", nil)
	w.nobody().with("Cookie", "steward_session=nothing").refused(401, "unauthorized", "GET", "/tasks", nil)
	gone := w.as(w.Ann)
	w.Exec(t, `UPDATE person SET active = false WHERE id = $1`, w.Ann)
	gone.refused(401, "unauthorized", "GET", "/me", nil)
}

func TestAContactOfAClientSeesOnlyThemselves(t *testing.T) { // S2.16
	t.Parallel()
	w := newWorld(t)
	carl := w.as(w.contact(t))
	has(t, carl.must("GET", "/me", nil).body, object{"kind": "client", "client_id": w.Client, "roles": []string{"client_manager"}})
	project, task := "/projects/"+w.Project.String(), "/tasks/"+w.Task.String()
	for _, path := range []string{
		"/clients", "/clients/" + w.Client.String(), "/provider", "/users", "/users/" + w.Ann.String(), "/users/" + w.Ann.String() + "/rates",
		"/groups", "/groups/" + w.Group.String(), "/groups/" + w.Group.String() + "/queue", project + "/history",
		project + "/rates", task, task + "/history", task + "/notes", "/time-entries", "/billing-runs", "/audit",
	} {
		carl.refused(404, "not_found", "GET", path, nil)
	}
	for path, body := range map[string]object{
		"/clients": {"name": "x", "currency": "GBP"}, "/users": {"kind": "client", "name": "x", "email": "a@b.c"}, "/groups": {"name": "x"},
		"/projects":       {"client_id": w.Client, "name": "x", "starts_on": "2026-01-01", "ends_on": "2026-02-01"},
		task + "/time":    {"work_date": "2026-03-20", "minutes": 5, "description": "x"},
		task + "/notes":   {"body": "x"},
		project + "/hold": {}, project + "/rates": {"rate": "1", "from": "2026-01-01"},
	} {
		carl.refused(404, "not_found", "POST", path, body)
	}
}
