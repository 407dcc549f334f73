package api_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// operations are those of the contract, as rows name them: "GET /tasks/{id}".
func operations(t testing.TB, w *world) map[string]*operation {
	t.Helper()
	text, err := w.server.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]*operation `json:"paths"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	all := map[string]*operation{}
	for path, methods := range doc.Paths {
		for method, o := range methods {
			all[strings.ToUpper(method)+" "+strings.TrimPrefix(path, "/api/v1")] = o
		}
	}
	return all
}

// operation is what the tests read of one.
type operation struct {
	Parameters  []parameter `json:"parameters"`
	RequestBody struct {
		Required bool `json:"required"`
		Content  map[string]struct {
			Schema map[string]any `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
	Responses map[string]struct {
		Content map[string]any `json:"content"`
	} `json:"responses"`
}

type parameter struct {
	Name     string         `json:"name"`
	In       string         `json:"in"`
	Required bool           `json:"required"`
	Schema   map[string]any `json:"schema"`
}

func TestEveryOperationHasItsRow(t *testing.T) { // S1.02–S1.05, S2.16
	t.Parallel()
	ops := operations(t, newWorld(t))
	for _, name := range slices.Sorted(maps.Keys(ops)) {
		if _, ok := rows[name]; !ok {
			t.Errorf("%q has no row in the table of rights: add to rows in api/matrix_rows_test.go, for example\n\t%q: {on: aTask, may: isAdmin | isProjectAM, code: \"not_owner\", body: says(object{…})},\nCONTRIBUTING.md, \"Adding a route\", says what the fields mean", name, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		if ops[name] == nil {
			t.Errorf("%q has a row in api/matrix_rows_test.go and is no operation any more: remove the row", name)
		}
	}
}

// TestEveryRoleGetsWhatIsItsDueAndNothingElse asks every operation as every
// role about things on all sides: who may gets an answer, who may not is
// refused with the one code and changes nothing, and who must not know of a
// thing cannot tell it from one that does not exist.
func TestEveryRoleGetsWhatIsItsDueAndNothingElse(t *testing.T) { // S1.02–S1.05, S2.01, S2.07, S2.08, S2.16, N.14, N.15
	t.Parallel()
	var answered taken
	t.Run("as", func(t *testing.T) {
		for _, some := range slices.Collect(slices.Chunk(roles, (len(roles)+worlds-1)/worlds)) {
			t.Run(some[0].name, func(t *testing.T) {
				t.Parallel()
				m := newMatrix(t, loud{t})
				for _, r := range some {
					t.Run(r.name, func(t *testing.T) { m.all(t, r, &answered) })
				}
			})
		}
	})
	for name, r := range rows {
		if r.only == 0 && !answered.has(name) && !t.Failed() {
			t.Errorf("nobody got a good answer from %s: give its row a body and things with which it can succeed, or say how it ends", name)
		}
	}
}

// worlds is how many firms the roles are spread over.
const worlds = 3

// all asks everything as one role.
func (m *matrix) all(t *testing.T, r role, answered *taken) {
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		c := &cell{matrix: m, t: t, role: r, name: name, row: rows[name]}
		if c.on == nothing {
			c.probe(own)
		}
		for _, s := range []side{own, other, hidden, unknown} {
			if _, ok := m.thing(c.on, s, r.name); ok {
				c.probe(s)
			}
		}
		c.alike()
		if c.good {
			answered.add(name)
		}
	}
}

// cell is an operation as one role finds it, with the answers by side.
type cell struct {
	*matrix
	t *testing.T
	role
	row
	name    string
	answers [unknown + 1]answer
	asked   [unknown + 1]string // the path, ids and all
	took    [unknown + 1]int64  // statements of Postgres
	good    bool
}

// probe asks about the thing on one side, and takes back what that did.
func (c *cell) probe(s side) {
	id, _ := c.thing(c.on, s, c.role.name)
	req := c.request(id, s)
	c.asked[s] = req.URL.RequestURI()
	began := c.statements.Load()
	a := c.ask(req)
	c.answers[s], c.took[s] = a, c.statements.Load()-began
	did := c.undo(c.t)
	if !c.expect(s).matches(c.row, a) {
		c.t.Errorf("%s of %s as %s: got %d %.300s, want %s", c.name, s, c.role.name, a.status, a.text, c.expect(s))
	}
	if did := effects(did); len(did) > 0 && (a.status >= 300 || !write(c.name)) {
		c.t.Errorf("%s of %s as %s was answered %d and wrote all the same: %s", c.name, s, c.role.name, a.status, did)
	}
	if how := c.contract.broken(c.name, a, c.outside()); how != "" {
		c.t.Errorf("%s of %s as %s is answered %s: %d %.2000s", c.name, s, c.role.name, how, a.status, a.text)
	}
	c.good = c.good || a.status < 300 || c.ended(a.str("code"))
	c.silent(s.String(), a)
}

// request is the operation's, with what its row says.
func (c *cell) request(id uuid.UUID, s side) *http.Request {
	method, path, _ := strings.Cut(c.name, " ")
	path = c.fill(path, id, s)
	if c.query != "" {
		path += c.query
	}
	if c.query != "" && c.on != nothing {
		path += id.String()
	}
	var body any
	if c.body != nil {
		body = c.body(asked{c.matrix, id, s, c.role.name})
	}
	return newRequest(c.t, method, path, c.bearers[c.role.name], body)
}

// An expectation is one status and code; open ones leave the rest to the state
// of things.
type expectation struct {
	status int
	code   string
	or     *expectation
	good   bool
}

func (e expectation) String() string {
	if e.good {
		return "an answer"
	}
	if e.or != nil {
		return strconv.Itoa(e.status) + " " + e.code + " or " + e.or.String()
	}
	return strconv.Itoa(e.status) + " " + e.code
}

func (e expectation) matches(r row, a answer) bool {
	if e.good {
		return a.status < 300 || r.ended(a.str("code"))
	}
	return a.status == e.status && a.str("code") == e.code || e.or != nil && e.or.matches(r, a)
}

// expect is what the role is due.
func (c *cell) expect(s side) expectation {
	switch has := c.has(c.matrix, c.on, s); {
	case c.only != 0:
		return expectation{status: c.only, code: codeOf[c.only]}
	case c.may&isNobody != 0:
		return c.found(s)
	case !c.signedIn() || c.role.name == "dismissed":
		return expectation{status: 401, code: "unauthorized"}
	case c.role.name == "read-only" && write(c.name):
		return expectation{status: 403, code: "forbidden"}
	case has&c.may != 0:
		return c.found(s)
	case c.outside() && has&c.known != 0:
		return expectation{status: 403, code: "forbidden", or: &expectation{status: 403, code: c.refusal()}}
	case c.outside() && c.unseen != "":
		return expectation{status: 422, code: c.unseen}
	case c.outside(), c.code == "not_found", c.secret != 0 && has&c.secret == 0:
		return expectation{status: 404, code: "not_found"}
	case s == unknown: // whether the right or the thing is looked for first is all one
		nowhere := c.found(s)
		return expectation{status: 403, code: c.refusal(), or: &nowhere}
	}
	return expectation{status: 403, code: c.refusal()}
}

func (c *cell) refusal() string {
	if c.code == "" {
		return "forbidden"
	}
	return c.code
}

// found is the answer to those who may.
func (c *cell) found(s side) expectation {
	switch {
	case s != unknown || c.on == nothing || c.gone == "-":
		return expectation{good: true}
	case c.gone != "" && c.gone != "not_found":
		return expectation{status: 422, code: c.gone}
	}
	return expectation{status: 404, code: "not_found"}
}

var codeOf = map[int]string{401: "unauthorized", 403: "forbidden", 404: "not_found"}

var anID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// alike compares what is hidden from the role with what does not exist.
func (c *cell) alike() {
	nowhere := c.answers[unknown]
	for _, s := range []side{own, other, hidden} {
		a := c.answers[s]
		if a.status != http.StatusNotFound && (c.unseen == "" || !c.outside()) || a.status == 0 || nowhere.status == 0 || c.has(c.matrix, c.on, s)&c.may != 0 {
			continue
		}
		if got, want := faceless(a), faceless(nowhere); got != want {
			c.t.Errorf("%s as %s: one can tell that a thing is there (%s):\n%s\nand one that is nowhere:\n%s", c.name, c.role.name, s, got, want)
		}
		if c.took[s] == c.took[unknown] { // what it takes is what one can measure
			continue
		}
		if got, want := c.takes(s), c.takes(unknown); got != want {
			c.t.Errorf("%s as %s: that a thing is there (%s) takes %d statements, and one that is nowhere %d: one could tell by the clock", c.name, c.role.name, s, got, want)
		}
	}
}

// takes is how many statements the refusal of a thing takes, once it is known
// who asks.
func (c *cell) takes(s side) int64 {
	c.ask(newRequest(c.t, http.MethodGet, "/me", c.bearers[c.role.name], nil))
	id, _ := c.thing(c.on, s, c.role.name)
	req, began := c.request(id, s), c.statements.Load()
	c.ask(req)
	return c.statements.Load() - began
}

// faceless is an answer without its ids.
func faceless(a answer) string {
	var b strings.Builder
	b.WriteString(strconv.Itoa(a.status))
	for _, k := range slices.Sorted(maps.Keys(a.header)) {
		b.WriteString("\n" + k + ": " + strings.Join(a.header[k], ", "))
	}
	return anID.ReplaceAllString(b.String()+"\n"+a.text, "ID")
}

// silent fails if an answer tells the role what it must not know.
func (c *cell) silent(about string, a answer) {
	if leak := told(c.role, c.name, a); leak != "" {
		c.t.Errorf("%s (%s) tells %s of %s: %d %.2000s %v", c.name, about, c.role.name, leak, a.status, a.text, a.header)
	}
}

// told is what an answer says that the role must not know.
func told(r role, name string, a answer) string {
	var text strings.Builder
	text.WriteString(a.text)
	for _, values := range a.header {
		text.WriteString("\n" + strings.Join(values, "\n"))
	}
	for _, k := range confidences {
		if !k.knows(r) && (len(k.within) == 0 || slices.Contains(k.within, name)) && strings.Contains(text.String(), k.marker) {
			return k.what
		}
	}
	return ""
}
