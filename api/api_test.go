package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/api"
	"steward/internal/dispatch"
	paper "steward/internal/document"
	"steward/internal/embedded/servers"
	"steward/internal/fault"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
)

func TestMain(m *testing.M) { servers.Main(m) }

// noon is when everything in these tests happens: a Friday.
var noon = time.Date(2026, time.March, 20, 12, 0, 0, 0, time.UTC)

// world is a firm with a server of its own.
type world struct {
	*fixture.Firm
	t      testing.TB
	store  *postgres.Store
	engine *engine
	server *api.Server
	url    string
	admin  uuid.UUID
	now    atomic.Pointer[time.Time]
}

// at sets the clock of the server.
func (w *world) at(now time.Time) { w.now.Store(&now) }

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldWith(t, func(*api.Options) {})
}

// newWorldWith is newWorld with other options.
func newWorldWith(t testing.TB, set func(*api.Options)) *world {
	t.Helper()
	w := &world{t: t, store: fixture.Store(t), engine: &engine{t: t}}
	w.at(noon)
	w.store.Now = func() time.Time { return *w.now.Load() }
	w.Firm = fixture.NewFirm(t, w.store)
	w.admin = w.Person(t, "Ada", "admin", "")
	key, err := secret.ParseKey(secret.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	o := api.Options{Store: w.store, Later: w.store, Engine: w.engine, Log: slog.New(loud{t}), Version: "test", Key: key, Aged: paper.Aged}
	set(&o)
	w.server = api.New(o)
	s := httptest.NewServer(w.server)
	t.Cleanup(s.Close)
	w.url = s.URL
	return w
}

// contact adds a contact of the client.
func (w *world) contact(t testing.TB) uuid.UUID {
	t.Helper()
	id := w.store.NewID()
	w.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, 'Carl Contact', $3, '{client_manager}')`, id, w.Client, id.String()+"@client.example")
	return id
}

// engine stands for Temporal. A test that does not say what it does expects
// nothing of it.
type engine struct {
	t   testing.TB
	act func(ctx context.Context, a dispatch.Action) error

	billed []flow.Period
	run    func(id uuid.UUID) error
}

func (e *engine) Act(ctx context.Context, a dispatch.Action) error {
	if e.act == nil {
		e.t.Errorf("the engine was asked to %s %s %s", a.Verb, a.Kind, a.ID)
		return fault.New(fault.Unavailable, "no engine")
	}
	return e.act(ctx, a)
}

func (e *engine) Run(_ context.Context, id uuid.UUID, _ string) error {
	if e.run != nil {
		return e.run(id)
	}
	e.t.Errorf("the engine was asked for a billing run")
	return fault.New(fault.Unavailable, "no engine")
}

func (e *engine) Bill(_ context.Context, p flow.Period) error {
	e.billed = append(e.billed, p)
	return nil
}

func (e *engine) Check(ctx context.Context) error { return ctx.Err() }

// loud fails the test when the server logs a mistake of ours.
type loud struct{ t testing.TB }

func (loud) Enabled(context.Context, slog.Level) bool { return true }
func (l loud) WithAttrs([]slog.Attr) slog.Handler     { return l }
func (l loud) WithGroup(string) slog.Handler          { return l }

func (l loud) Handle(_ context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError {
		var b strings.Builder
		r.Attrs(func(a slog.Attr) bool { b.WriteString(" " + a.String()); return true })
		l.t.Errorf("the server logged %s%s", r.Message, b.String())
	}
	return nil
}

// caller sends requests as a person.
type caller struct {
	w      *world
	bearer string
	header map[string]string
}

// as calls with a token of the person; without scopes it has all of them.
func (w *world) as(person uuid.UUID, scopes ...string) caller {
	w.t.Helper()
	token, hash := secret.NewToken()
	p := db.InsertTokenParams{ID: w.store.NewID(), PersonID: person, Name: "test", SecretHash: hash, Scopes: append([]string{}, scopes...)}
	if err := w.store.InsertToken(w.t.Context(), p); err != nil {
		w.t.Fatal(err)
	}
	return caller{w: w, bearer: token}
}

// nobody calls without proof of who it is.
func (w *world) nobody() caller { return caller{w: w} }

// with sends headers, given as name and value.
func (c caller) with(pairs ...string) caller {
	all := map[string]string{}
	for k, v := range c.header {
		all[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	c.header = all
	return c
}

// object is JSON, as it is sent and as it comes.
type object = map[string]any

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
	body   object
}

func (a answer) str(field string) string { s, _ := a.body[field].(string); return s }

func (a answer) items() []object {
	list, _ := a.body["items"].([]any)
	all := make([]object, len(list))
	for i, v := range list {
		all[i], _ = v.(object)
	}
	return all
}

// send sends one request; a body that is text goes as it is.
func (c caller) send(method, path string, body any) answer {
	c.w.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		r = bytes.NewReader(postgres.JSON(b))
	}
	req, err := http.NewRequestWithContext(c.w.t.Context(), method, c.w.url+"/api/v1"+path, r)
	if err != nil {
		c.w.t.Fatal(err)
	}
	if r != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	for k, v := range c.header {
		req.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.w.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.w.t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.body)
	return a
}

// must sends what is to be taken.
func (c caller) must(method, path string, body any) answer {
	c.w.t.Helper()
	a := c.send(method, path, body)
	if a.status >= 300 {
		c.w.t.Fatalf("%s %s %s: %d %s", method, path, postgres.JSON(body), a.status, a.text)
	}
	return a
}

// refused sends what is to be refused with a status and a code.
func (c caller) refused(status int, code, method, path string, body any) answer {
	c.w.t.Helper()
	a := c.send(method, path, body)
	if a.status != status || a.str("code") != code || a.header.Get("Content-Type") != "application/problem+json" {
		c.w.t.Errorf("%s %s %.200s: got %d %s, want %d %s", method, path, postgres.JSON(body), a.status, a.text, status, code)
	}
	return a
}

func ptr[T any](v T) *T { return &v }

// has compares fields of an object, as JSON.
func has(t testing.TB, got object, want object) {
	t.Helper()
	for k, v := range want {
		if g, w := string(postgres.JSON(got[k])), string(postgres.JSON(v)); g != w {
			t.Errorf("%s is %s, want %s", k, g, w)
		}
	}
}
