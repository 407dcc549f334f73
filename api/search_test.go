package api_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

// found is what somebody finds, in order.
func (w *world) found(as uuid.UUID, q, more string) string {
	w.t.Helper()
	var all []string
	for _, f := range w.as(as).must("GET", "/search?q="+url.QueryEscape(q)+more, nil).items() {
		all = append(all, f["kind"].(string)+" "+f["key"].(string))
	}
	return strings.Join(all, ", ")
}

func TestWordsAreFoundByTheirBeginning(t *testing.T) { // N.23, S2.18
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `UPDATE project SET code = 'ACME', name = 'Web shop' WHERE id = $1`, w.Project)
	w.Exec(t, `UPDATE task SET title = 'Checkout <form>', description = 'A shopper pays at acme.example/pay-now with Söhne''s card' WHERE id = $1`, w.Task)
	two := w.NewTask(t, "open")
	w.Exec(t, `UPDATE task SET title = 'Shop window' WHERE id = $1`, two)
	am := w.as(w.AM)
	am.must("POST", "/tasks/"+two.String()+"/notes", object{"body": "the shopkeeper & I <script>"})
	for q, want := range map[string]string{
		"shop":             "project ACME, task ACME-2, task ACME-1, note ACME-2",
		"SHOP web":         "project ACME",
		"acme-2":           "task ACME-2",
		"ACME-1":           "task ACME-1",
		"acme":             "project ACME, task ACME-1",
		"pay now":          "task ACME-1",
		"söhne":            "task ACME-1",
		"check form":       "task ACME-1",
		"opper":            "",
		"shop nothing":     "",
		"shopkeeper":       "note ACME-2",
		"ACME-99999999999": "",
	} {
		if got := w.found(w.AM, q, ""); got != want {
			t.Errorf("%q finds %q, want %q", q, got, want)
		}
	}
	if got := w.found(w.AM, "shop", "&kind=task"); got != "task ACME-2, task ACME-1" {
		t.Errorf("among tasks: %q", got)
	}
	if got := w.found(w.AM, "shop", "&limit=2"); got != "project ACME, task ACME-2" {
		t.Errorf("the best two are %q", got)
	}
	note := am.must("GET", "/search?q=shopkeeper", nil).items()[0]
	has(t, note, object{"task_id": two, "project_id": w.Project, "title": "Shop window", "fragment": "the <mark>shopkeeper</mark> &amp; I &lt;script&gt;"})
	has(t, am.must("GET", "/search?q=check", nil).items()[0], object{"title": "Checkout <form>", "fragment": "<mark>Checkout</mark> &lt;form&gt;"})
	for _, q := range []string{"", "?q=", "?q=%26%7C%27", "?q=shop&kind=person", "?q=shop&limit=51", "?q=" + strings.Repeat("x", 201)} {
		am.refused(422, "invalid", "GET", "/search"+q, nil)
	}
	w.Exec(t, `UPDATE task SET title = 'Something else', description = '' WHERE id = $1`, w.Task)
	if got := w.found(w.AM, "check", ""); got != "" {
		t.Errorf("what it was called is found: %q", got)
	}
}

func TestRequestsAreFoundByWordsAndKey(t *testing.T) { // N.23, S1.56
	t.Parallel()
	w := newWorld(t)
	ask := func(by, with uuid.UUID, title, description string) string {
		return fixture.One[string](t, w.Pool, `INSERT INTO request (id, number, client_id, kind, title, description, created_by, account_manager_id, assignee_person_id)
			VALUES (gen_random_uuid(), nextval('request_number'), $1, 'issue', $2, $3, $4, $5, $6) RETURNING 'REQ-' || number`, w.Client, title, description, by, w.AM, with)
	}
	hers := ask(w.contact(t), w.Ann, "Login <fails>", "since the upgrade")
	his := ask(w.AM, w.Bob, "Upgrade the server", "")
	for _, c := range []struct {
		who     uuid.UUID
		q, want string
	}{
		{w.AM, "upgrade", "request " + his + ", request " + hers}, {w.admin, "LOG", "request " + hers}, {w.AM, "upgrade server", "request " + his},
		{w.Ann, "upgrade", "request " + hers}, {w.Bob, "upgrade", "request " + his}, {w.Manager, "upgrade", "request " + his + ", request " + hers},
		{w.AM, strings.ToLower(his), "request " + his}, {w.Ann, hers, "request " + hers}, {w.Ann, his, ""}, {w.AM, "REQ-999999", ""},
	} {
		if got := w.found(c.who, c.q, "&kind=request"); got != c.want {
			t.Errorf("%q finds %q, want %q", c.q, got, c.want)
		}
	}
	first := w.as(w.Ann).must("GET", "/search?q=login", nil).items()[0]
	has(t, first, object{"kind": "request", "title": "Login <fails>", "fragment": "<mark>Login</mark> &lt;fails&gt;", "project_id": nil})
	has(t, w.as(w.Ann).must("GET", "/search?q=upgr", nil).items()[0], object{"fragment": "since the <mark>upgrade</mark>"})
}

func TestNotesOnRequestsAreFoundByWhoSeesThose(t *testing.T) { // N.23, S1.58
	t.Parallel()
	w := newWorld(t)
	w.carried()
	am := w.as(w.AM)
	hers := w.requested(am).str("id")
	am.must("POST", "/requests/"+hers+"/assign", object{"to": object{"user_id": w.Ann}})
	am.must("POST", "/requests/"+hers+"/notes", object{"body": "the *index* is gone"})
	stranger := w.Person(t, "Stranger", "contributor", "")
	for who, want := range map[uuid.UUID]string{w.AM: "note REQ-1", w.admin: "note REQ-1", w.Ann: "note REQ-1", w.Manager: "note REQ-1", w.Bob: "", stranger: ""} {
		if got := w.found(who, "index", "&kind=note"); got != want {
			t.Errorf("%s finds %q, want %q", who, got, want)
		}
	}
	has(t, am.must("GET", "/search?q=index", nil).items()[0], object{"kind": "note", "request_id": hers, "task_id": nil, "project_id": w.Project, "title": "It is slow", "fragment": "the *<mark>index</mark>* is gone"})
}

func TestOnlyWhatOneMaySeeIsFound(t *testing.T) { // N.23, S1.15, S1.36, S1.47
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `UPDATE project SET code = 'ACME' WHERE id = $1`, w.Project)
	w.Exec(t, `UPDATE task SET title = 'Secret plan' WHERE id = $1`, w.Task) // Ann's
	w.as(w.Ann).must("POST", "/tasks/"+w.Task.String()+"/notes", object{"body": "secret note"})
	waiting := w.Waiting(t)
	w.Exec(t, `UPDATE task SET title = 'Secret queue' WHERE id = $1`, waiting)
	stranger := w.Person(t, "Stranger", "contributor", "")
	for who, want := range map[uuid.UUID]string{
		w.AM: "task ACME-2, task ACME-1, note ACME-1", w.admin: "task ACME-2, task ACME-1, note ACME-1", w.Ann: "task ACME-2, task ACME-1, note ACME-1",
		w.Manager: "task ACME-2, task ACME-1, note ACME-1", w.Bob: "task ACME-2", stranger: "",
	} {
		if got := w.found(who, "secret", ""); got != want {
			t.Errorf("%s finds %q, want %q", who, got, want)
		}
		if got := w.found(who, "ACME-1", ""); (got == "task ACME-1") != strings.Contains(want, "task ACME-1") {
			t.Errorf("%s finds by its key %q", who, got)
		}
	}
	w.as(w.contact(t)).refused(404, "not_found", "GET", "/search?q=secret", nil)
	w.nobody().refused(401, "unauthorized", "GET", "/search?q=secret", nil)
}
