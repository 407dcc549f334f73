package api_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"steward/api"
	"steward/internal/fixture"
	"steward/internal/postgres"
)

// mailed is the secret in the newest mail that has one.
func mailed(t *testing.T, w *world) string {
	t.Helper()
	body := fixture.One[string](t, w.Pool, `SELECT body FROM mail WHERE secret ORDER BY id DESC LIMIT 1`)
	s := regexp.MustCompile(`/password#(stw_\S+)`).FindStringSubmatch(body)
	if s == nil {
		t.Fatalf("the mail has no secret: %s", body)
	}
	return s[1]
}

func TestAForgottenPasswordIsSetByMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email := withPassword(t, w, goodPassword)
	ann := w.signedIn(email, goodPassword)
	if a := w.nobody().must("POST", "/password-resets", object{"email": strings.ToUpper(email)}); a.status != 202 || a.text != "" {
		t.Errorf("got %d %s", a.status, a.text)
	}
	s := mailed(t, w)
	w.nobody().refused(422, "weak_password", "POST", "/password-resets/redeem", object{"secret": s, "new": "password123"})
	w.nobody().must("POST", "/password-resets/redeem", object{"secret": s, "new": "another horse"})
	w.nobody().refused(410, "reset_over", "POST", "/password-resets/redeem", object{"secret": s, "new": "a third horse"})
	ann.refused(401, "unauthorized", "GET", "/me", nil)
	w.nobody().refused(401, "unauthorized", "POST", "/sessions", object{"email": email, "password": goodPassword})
	w.nobody().must("POST", "/sessions", object{"email": email, "password": "another horse"})
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM mail WHERE NOT secret AND body LIKE '%all your sessions%'`); n != 1 {
		t.Errorf("%d mails tell of it", n)
	}
	kept := fixture.One[string](t, w.Pool, `SELECT string_agg(changes::text || note, '') || (SELECT string_agg(id::text || encode(secret_hash, 'escape'), '') FROM password_reset) FROM audit_event`)
	if strings.Contains(kept, s) {
		t.Error("the secret is kept")
	}
}

func TestASecretFromAMailIsGoodForAnHourAndOneUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email := withPassword(t, w, goodPassword)
	ask := func() string {
		w.nobody().must("POST", "/password-resets", object{"email": email})
		return mailed(t, w)
	}
	first, second := ask(), ask()
	w.at(noon.Add(time.Hour))
	for _, s := range []string{first, second, "stw_invented", ""} {
		if a := w.nobody().send("POST", "/password-resets/redeem", object{"secret": s, "new": "another horse"}); a.status != 410 && s != "" || a.status < 400 {
			t.Errorf("%q: %d %s", s, a.status, a.text)
		}
	}
	w.at(noon.Add(time.Hour - time.Second))
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[int]int{}
	for _, s := range []string{first, first, first} {
		wg.Go(func() {
			a := w.nobody().send("POST", "/password-resets/redeem", object{"secret": s, "new": "another horse"})
			mu.Lock()
			defer mu.Unlock()
			seen[a.status]++
		})
	}
	wg.Wait()
	if seen[204] != 1 || seen[410] != 2 {
		t.Errorf("the answers are %v, want one that is taken", seen)
	}
	w.nobody().refused(410, "reset_over", "POST", "/password-resets/redeem", object{"secret": second, "new": "a third horse"})
}

func TestMailsAreNotAskedForWithoutEnd(t *testing.T) {
	t.Parallel()
	w := behindProxy(t)
	email := withPassword(t, w, goodPassword)
	for i := range 8 { // from one address, openly refused after ten; of one account, silently after three
		w.from("203.0.113.9").must("POST", "/password-resets", object{"email": email})
		w.from("198.51.100."+string(rune('1'+i))).must("POST", "/password-resets", object{"email": email})
	}
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM mail WHERE secret`); n != 3 {
		t.Errorf("%d mails, want 3", n)
	}
	for range 2 {
		w.from("203.0.113.9").must("POST", "/password-resets", object{"email": "nobody@firm.example"})
	}
	w.from("203.0.113.9").refused(429, "too_many_requests", "POST", "/password-resets", object{"email": "nobody@firm.example"})
	w.nobody().must("POST", "/password-resets/redeem", object{"secret": mailed(t, w), "new": "another horse"})
}

// toldMail are the statements that a server asks of Postgres.
type toldMail struct {
	mu  sync.Mutex
	all []string
}

func (l *toldMail) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, strings.SplitN(d.SQL, "\n", 2)[0])
	return ctx
}

func (l *toldMail) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (l *toldMail) TraceBatchQuery(ctx context.Context, c *pgx.Conn, d pgx.TraceBatchQueryData) {
	l.TraceQueryStart(ctx, c, pgx.TraceQueryStartData{SQL: d.SQL})
}

func (l *toldMail) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (l *toldMail) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (l *toldMail) during(f func()) []string {
	l.all = nil
	f()
	return slices.Clone(l.all)
}

// That the same work is done is what can be asserted; a clock would tell of the
// machine's day.
func TestTheSameWorkIsDoneForAccountsThatThereAreNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email := withPassword(t, w, goodPassword)
	w.Exec(t, `UPDATE person SET active = false, email = 'gone@firm.example' WHERE id = $1`, w.Bob)
	log := &toldMail{}
	cfg, err := pgxpool.ParseConfig(w.Pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	cfg.ConnConfig.Tracer = log
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	store := postgres.New(pool)
	s := httptest.NewServer(api.New(api.Options{Store: store, Later: store, Engine: w.engine, Log: slog.New(loud{t}), Version: "test"}))
	t.Cleanup(s.Close)
	w.url = s.URL
	for path, status := range map[string]int{"/password-resets": 202, "/sessions": 401} {
		var all [][]string
		for _, address := range []string{email, "nobody@firm.example", "gone@firm.example"} {
			all = append(all, log.during(func() {
				body := object{"email": address}
				if path == "/sessions" {
					body["password"] = "wrong"
				}
				if a := w.nobody().send("POST", path, body); a.status != status {
					t.Errorf("%s %s: %d %s", path, address, a.status, a.text)
				}
			}))
		}
		if len(all[0]) < 5 || !slices.Equal(all[0], all[1]) || !slices.Equal(all[0], all[2]) {
			t.Errorf("%s: the work differs:\n%s", path, postgres.JSON(all))
		}
	}
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM mail`); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
}

func TestAnAdminInvites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.as(w.admin).must("POST", "/users", object{"kind": "staff", "name": "Zoë Ng", "email": "zoe@firm.example"})
	path := "/users/" + made.str("id") + "/invite"
	w.as(w.AM).refused(403, "forbidden", "POST", path, nil)
	w.as(w.Ann).refused(403, "forbidden", "POST", path, nil)
	admin := w.as(w.admin).with("Idempotency-Key", "invite")
	for range 2 {
		if a := admin.must("POST", path, nil); strings.Contains(a.text, "stw_") {
			t.Error("the answer has the secret")
		}
	}
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM mail WHERE secret AND to_address = 'zoe@firm.example'`); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
	w.at(noon.Add(7*24*time.Hour - time.Second))
	w.nobody().must("POST", "/password-resets/redeem", object{"secret": mailed(t, w), "new": "a horse of my own"})
	w.nobody().must("POST", "/sessions", object{"email": "zoe@firm.example", "password": "a horse of my own"})
	w.as(w.AM).must("POST", "/users/"+w.contact(t).String()+"/invite", nil) // S2.07
	w.as(w.admin).must("PATCH", "/users/"+made.str("id"), object{"active": false})
	w.as(w.admin).refused(409, "conflict", "POST", path, nil)
}

func TestAMailToWhoIsGoneSetsNothing(t *testing.T) { // N.15
	t.Parallel()
	for name, change := range map[string]object{"dismissed": {"active": false}, "another address": {"email": "anne@firm.example"}, "a password from an admin": {"password": "a horse of my own"}} {
		w := newWorld(t)
		email := withPassword(t, w, goodPassword)
		w.Exec(t, `UPDATE person SET email = lower(email) WHERE id = $1`, w.Ann) // as it is kept
		w.nobody().must("POST", "/password-resets", object{"email": email})
		s := mailed(t, w)
		w.as(w.admin).must("PATCH", "/users/"+w.Ann.String(), change)
		if a := w.nobody().send("POST", "/password-resets/redeem", object{"secret": s, "new": "another horse"}); a.status != 410 {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
}

func TestOnesPasswordIsChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email := withPassword(t, w, goodPassword)
	here, there := w.signedIn(email, goodPassword), w.signedIn(email, goodPassword)
	here.refused(403, "wrong_password", "POST", "/me/password", object{"current": "wrong", "new": "another horse"})
	for _, weak := range []string{"short", "password123", strings.ToUpper(email), strings.Repeat("x1Y-", 51)} {
		here.refused(422, "weak_password", "POST", "/me/password", object{"current": goodPassword, "new": weak})
	}
	here.must("POST", "/me/password", object{"current": goodPassword, "new": "another horse"})
	here.must("GET", "/me", nil)
	there.refused(401, "unauthorized", "GET", "/me", nil)
	w.nobody().refused(401, "unauthorized", "POST", "/sessions", object{"email": email, "password": goodPassword})
	w.nobody().must("POST", "/sessions", object{"email": email, "password": "another horse"})
	w.nobody().refused(401, "unauthorized", "POST", "/me/password", object{"current": "another horse", "new": goodPassword})
	w.as(w.contact(t)).refused(403, "wrong_password", "POST", "/me/password", object{"current": "x", "new": "another horse"}) // has none
}

// Somebody who knows the password of before changes it at the same time.
func TestAPasswordIsChangedByWhoKnowsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email := withPassword(t, w, goodPassword)
	here, there := w.signedIn(email, goodPassword), w.signedIn(email, goodPassword)
	m := fixture.NewMeeting(t, w.Pool, `SELECT FROM person WHERE id = $1 FOR NO KEY UPDATE`, w.Ann)
	first := fixture.Do(t, m, func() answer {
		return here.send("POST", "/me/password", object{"current": goodPassword, "new": "another horse"})
	})
	second := fixture.Do(t, m, func() answer {
		return there.send("POST", "/me/password", object{"current": goodPassword, "new": "a horse of my own"})
	})
	m.Release(t)
	if a, b := <-first, <-second; a.status != 204 || b.str("code") != "wrong_password" {
		t.Errorf("they are answered %d %s and %d %s", a.status, a.text, b.status, b.text)
	}
	here.must("GET", "/me", nil)
	w.nobody().must("POST", "/sessions", object{"email": email, "password": "another horse"})
}
