package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

func TestANoteKeepsWhatItSaidBefore(t *testing.T) { // S1.18, S1.19, S1.20, N.14
	t.Parallel()
	w := newWorld(t)
	ann, notes := w.as(w.Ann), "/tasks/"+w.Task.String()+"/notes"
	made := ann.must("POST", notes, object{"body": "See [their notes](https://payments.example) & *more*"})
	has(t, made.body, object{"task_id": w.Task, "author_id": w.Ann, "body": "See [their notes](https://payments.example) & *more*", "visibility": "internal", "edited_at": nil, "version": 1})
	path := "/notes/" + made.str("id")
	w.at(noon.Add(time.Hour))
	has(t, ann.must("PATCH", path, object{"body": "Second"}).body, object{"body": "Second", "visibility": "internal", "edited_at": "2026-03-20T13:00:00Z", "version": 2})
	has(t, ann.must("PATCH", path, object{"visibility": "client"}).body, object{"body": "Second", "visibility": "client", "version": 3})
	has(t, ann.must("PATCH", path, object{"body": "Second"}).body, object{"version": 3})
	ann.with("If-Match", `"2"`).refused(412, "stale", "PATCH", path, object{"body": "Late"})
	var said []string
	for _, v := range w.as(w.Bob).must("GET", path+"/versions", nil).items() {
		said = append(said, v["body"].(string)+" "+v["visibility"].(string))
	}
	if got := strings.Join(said, "; "); got != "See [their notes](https://payments.example) & *more* internal; Second internal; Second client" {
		t.Errorf("the versions are %s", got)
	}
	if _, err := w.Pool.Exec(t.Context(), `UPDATE note_version SET body = 'never said'`); err == nil {
		t.Error("what a note said can be changed")
	}
	if n := fixture.One[int](t, w.Pool, `SELECT (SELECT count(*) FROM audit_event WHERE entity_kind = 'note') * 10 + (SELECT count(*) FROM outbox)`); n != 30 {
		t.Errorf("audited three times, told nobody: got %d, want 30", n)
	}
}

func TestOnlyItsAuthorChangesANote(t *testing.T) { // S1.19
	t.Parallel()
	w := newWorld(t)
	path := "/notes/" + w.as(w.Ann).must("POST", "/tasks/"+w.Task.String()+"/notes", object{"body": "Mine", "visibility": "client"}).str("id")
	for _, who := range []uuid.UUID{w.Bob, w.AM, w.admin} {
		w.as(who).refused(403, "not_author", "PATCH", path, object{"body": "Theirs"})
	}
	w.as(w.Ann).refused(404, "not_found", "PATCH", "/notes/"+w.Task.String(), object{"body": "x"})
	w.as(w.Ann).refused(404, "not_found", "GET", "/notes/"+w.Task.String()+"/versions", nil)
}

func TestNotesOfATaskAreListed(t *testing.T) { // S1.16, S1.17
	t.Parallel()
	w := newWorld(t)
	notes := "/tasks/" + w.Task.String() + "/notes"
	for _, body := range []string{"one", "two", "three"} {
		w.as(w.Bob).must("POST", notes, object{"body": body})
	}
	first := w.as(w.Ann).must("GET", notes+"?limit=2", nil)
	rest := w.as(w.Ann).must("GET", notes+"?limit=2&cursor="+first.str("next_cursor"), nil)
	if list := rest.items(); len(first.items()) != 2 || len(list) != 1 || list[0]["body"] != "three" || rest.str("next_cursor") != "" {
		t.Errorf("first %s\nrest %s", first.text, rest.text)
	}
	w.as(w.Ann).refused(404, "not_found", "GET", "/tasks/"+w.Project.String()+"/notes", nil)
	w.as(w.Ann).refused(404, "not_found", "POST", "/tasks/"+w.Project.String()+"/notes", object{"body": "x"})
	for _, body := range []any{object{"body": ""}, object{"body": " "}, object{}, object{"body": "x", "visibility": "public"}, object{"body": 5}, object{"body": "a\x00b"}, "[]", `"x"`} {
		w.as(w.Ann).refused(422, "invalid", "POST", notes, body)
	}
}

func TestWhoHasATaskHearsOfNotesAndFiles(t *testing.T) { // S2.08, N.21, S1.18, S1.20
	t.Parallel()
	a := newArchive(t, 1<<20, time.Minute)
	contact := a.outside(a.Client, "client_contact")
	a.Exec(t, `INSERT INTO project_contact (project_id, person_id) VALUES ($1, $2)`, a.Project, contact)
	a.Exec(t, `UPDATE task SET owner_id = $2, assignee_person_id = $3 WHERE id = $1`, a.Task, a.Manager, a.Bob)
	task := a.Task.String()
	path := "/tasks/" + task + "/notes"
	heard := func(want string) {
		t.Helper()
		got := fixture.One[string](t, a.Pool, `SELECT coalesce(string_agg(split_part(p.name, ' ', 1) || ' ' || n.kind || ' ' || n.body, ', ' ORDER BY p.name), '') FROM notification n JOIN person p ON p.id = n.person_id WHERE n.entity_id = $1`, a.Task)
		if got != want {
			t.Errorf("heard is %q, want %q", got, want)
		}
		a.Exec(t, `DELETE FROM notification`)
	}
	a.as(a.Ann).must("POST", path, object{"body": "look"})
	heard("Bob noted look, Manager noted look")
	a.as(a.Bob).with("Idempotency-Key", "k").must("POST", path, object{"body": "seen"})
	a.as(a.Bob).with("Idempotency-Key", "k").must("POST", path, object{"body": "seen"})
	heard("Manager noted seen")
	a.attach(t, a.Manager, "plan.txt", "x")
	if got := fixture.One[string](t, a.Pool, `SELECT subject FROM notification WHERE entity_id = $1`, a.Task); !strings.HasSuffix(got, " Task 1") || !strings.Contains(got, " added a file to ") {
		t.Errorf("it reads %q", got)
	}
	heard("Bob noted plan.txt")

	a.Exec(t, `UPDATE task SET assignee_person_id = $2, visible_to_client = true WHERE id = $1`, a.Task, contact)
	hidden := a.as(a.Ann).must("POST", path, object{"body": "hidden"}).str("id")
	heard("Manager noted hidden")
	a.as(a.Ann).must("POST", path, object{"body": "open", "visibility": "client"})
	heard("Carl noted open, Manager noted open")
	a.as(a.Ann).must("PATCH", "/notes/"+hidden, object{"visibility": "client"})
	a.as(a.Ann).must("PATCH", "/notes/"+hidden, object{"body": "hidden no more"})
	heard("Carl noted hidden")
	a.as(contact).must("POST", path, object{"body": "thanks"})
	heard("Manager noted thanks")
	a.Exec(t, `DELETE FROM project_contact`)
	a.as(a.Ann).must("POST", path, object{"body": "late", "visibility": "client"})
	heard("Manager noted late")
}

func TestANoteTakenBackLeavesTheClientsInboxByItself(t *testing.T) { // S1.58, S2.08, N.21
	t.Parallel()
	w := newWorld(t)
	w.carried()
	contact := w.contact(t)
	request := w.requested(w.as(contact)).str("id")
	w.Exec(t, `UPDATE task SET assignee_person_id = $2, delegated = true, visible_to_client = true WHERE id = $1`, w.Task, contact)
	am := w.as(w.AM)
	for _, on := range []string{"/requests/" + request, "/tasks/" + w.Task.String()} {
		w.Exec(t, `DELETE FROM notification`)
		one := "/notes/" + am.must("POST", on+"/notes", object{"body": "Shipped", "visibility": "client"}).str("id")
		two := "/notes/" + am.must("POST", on+"/notes", object{"body": "Shipped", "visibility": "client"}).str("id")
		inbox := func() string {
			return fixture.One[string](t, w.Pool, `SELECT string_agg(body, ', ' ORDER BY id) FROM notification WHERE person_id = $1`, contact)
		}
		am.must("PATCH", two, object{"visibility": "internal"})
		if got := inbox(); got != "Shipped, " {
			t.Errorf("%s: one of two equal notes is taken back, and the inbox is %q", on, got)
		}
		am.must("PATCH", one, object{"body": "On its way"})
		am.must("PATCH", one, object{"body": "Lost", "visibility": "internal"})
		if got := inbox(); got != ", " {
			t.Errorf("%s: all are taken back, and the inbox is %q", on, got)
		}
	}
	// What a release before told of a request is known by who said it, and what.
	note := am.must("POST", "/requests/"+request+"/notes", object{"body": "Soon", "visibility": "client"}).str("id")
	w.Exec(t, `UPDATE notification SET note_id = NULL`)
	am.must("PATCH", "/notes/"+note, object{"visibility": "internal"})
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM notification WHERE body = 'Soon'`); n != 0 {
		t.Error("what was told before is in the inbox still")
	}
}
