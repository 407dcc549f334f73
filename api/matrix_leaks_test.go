package api_test

import (
	"encoding/base64"
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"steward/internal/postgres"
)

// TestFiltersTellNothing asks every list for what the role must not know, by
// text and by id, and for what does not exist: there is no difference.
func TestFiltersTellNothing(t *testing.T) { // S2.07, S2.16
	t.Parallel()
	m := newMatrix(t, loud{t})
	ops := operations(t, m.world)
	for _, r := range roles {
		if !r.knowsApart() {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(ops)) {
			if write(name) || rows[name].only != 0 {
				continue
			}
			for _, p := range ops[name].Parameters {
				if p.In == "query" && p.Schema["enum"] == nil && p.Schema["type"] == "string" && p.Name != "cursor" {
					m.compare(t, r, name, p.Name)
				}
			}
		}
	}
}

// TestCursorsLeadNowhereElse asks every list to go on after what the role must
// not know of, and after what was never anywhere: it shows nothing that it does
// not show from its beginning.
func TestCursorsLeadNowhereElse(t *testing.T) { // S2.16, N.15
	t.Parallel()
	m := newMatrix(t, loud{t})
	ops := operations(t, m.world)
	var cursors []string
	for _, at := range []object{{"i": uuid.Nil}, {"i": uuid.Max, "o": math.MinInt32}, {"i": m.second.Task, "o": 1}, {"i": m.things[aTask][hidden], "o": -1}, {"i": m.things[aDraft][other], "o": math.MaxInt32}} {
		cursors = append(cursors, base64.RawURLEncoding.EncodeToString(postgres.JSON(at)))
	}
	for _, r := range roles {
		for _, name := range slices.Sorted(maps.Keys(ops)) {
			if write(name) || !r.knowsApart() || !slices.ContainsFunc(ops[name].Parameters, func(p parameter) bool { return p.Name == "cursor" }) {
				continue
			}
			c := &cell{matrix: m, t: t, role: r, name: name, row: rows[name]}
			id, _ := m.thing(c.on, own, r.name)
			ask := func(query string) answer {
				req := c.request(id, own)
				req.URL.RawQuery = strings.TrimPrefix(req.URL.RawQuery+"&"+query, "&")
				return m.ask(req)
			}
			whole, there := ask("limit=200"), map[string]bool{}
			for _, item := range whole.items() {
				there[string(postgres.JSON(item))] = true
			}
			for _, cursor := range cursors {
				a := ask("cursor=" + cursor)
				if a.status != whole.status && a.str("code") != "bad_cursor" || told(r, name, a) != "" {
					t.Errorf("%s as %s after %s: %d %.500s", name, r.name, cursor, a.status, a.text)
				}
				for _, item := range a.items() {
					if !there[string(postgres.JSON(item))] {
						t.Errorf("%s as %s after %s shows what its beginning does not: %.500s", name, r.name, cursor, postgres.JSON(item))
					}
				}
			}
		}
	}
}

// nonsense is as long as a marker and stands nowhere.
const nonsense = "Qwertyui"

// compare asks one list by one parameter for each thing that the role must not
// know of.
func (m *matrix) compare(t *testing.T, r role, name, parameter string) {
	_, path, _ := strings.Cut(name, " ")
	id, _ := m.thing(rows[name].on, own, r.name)
	path = m.fill(path, id, own)
	ask := func(value string) answer {
		a := m.ask(newRequest(t, http.MethodGet, path+"?"+url.Values{parameter: {value}}.Encode(), m.bearers[r.name], nil))
		a.text = strings.ReplaceAll(a.text, value, "VALUE")
		return a
	}
	none := ask(nonsense)
	for _, k := range confidences {
		if k.knows(r) || len(k.within) > 0 {
			continue
		}
		if got := ask(k.marker); faceless(got) != faceless(none) || told(r, name, got) != "" {
			t.Errorf("%s?%s= tells %s of %s:\n%s\nand of nothing:\n%s", name, parameter, r.name, k.what, faceless(got), faceless(none))
		}
	}
	if !r.outside() {
		return
	}
	for k, sides := range m.things {
		for _, s := range []side{other, hidden} {
			id, ok := sides[s]
			if !ok || r.has(m, k, s)&isContact != 0 {
				continue
			}
			if got, want := ask(id.String()), ask(sides[unknown].String()); faceless(got) != faceless(want) {
				t.Errorf("%s?%s= tells %s that there is a %s (%s):\n%s\nand of one that is nowhere:\n%s", name, parameter, r.name, k, s, faceless(got), faceless(want))
			}
		}
	}
}

// newRequest is one as a client sends it.
func newRequest(t testing.TB, method, path, bearer string, body any) *http.Request {
	t.Helper()
	contentType := "application/json"
	var r io.Reader = http.NoBody // a server always has one
	switch b := body.(type) {
	case nil:
		contentType = ""
	case file:
		r, contentType = form(`filename="`+b.name+`"`, strings.NewReader(b.content)), multipart
	case raw:
		r, contentType = strings.NewReader(b.content), b.contentType
	default:
		r = strings.NewReader(string(postgres.JSON(b)))
	}
	req, err := http.NewRequestWithContext(t.Context(), method, "/api/v1"+path, r)
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	req.RemoteAddr = "192.0.2.1:1234"
	return req
}

// taken is a set that several tests add to.
type taken struct {
	mu  sync.Mutex
	all map[string]bool
}

func (t *taken) add(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = map[string]bool{}
	}
	t.all[name] = true
}

func (t *taken) has(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all[name]
}
