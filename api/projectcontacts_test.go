package api_test

import (
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
	"steward/internal/postgres/db"
)

// outsider adds a contact of an organisation.
func (w *world) outsider(t testing.TB, org uuid.UUID, role string) uuid.UUID {
	t.Helper()
	id := w.store.NewID()
	w.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, $3, $3 || '@client.example', $4)`, id, org, role+" "+id.String(), []string{role})
	return id
}

func (w *world) organisation(t testing.TB, name string) uuid.UUID {
	t.Helper()
	id := w.store.NewID()
	w.Exec(t, `INSERT INTO client (id, name, currency) VALUES ($1, $2, 'GBP')`, id, name)
	return id
}

func TestContactsSeeAProjectOnceTheyAreAdded(t *testing.T) { // S2.07, S2.16, S1.05, N.14
	t.Parallel()
	w := newWorld(t)
	am, path := w.as(w.AM), "/projects/"+w.Project.String()+"/contacts"
	partner, stranger := w.organisation(t, "Partner"), w.organisation(t, "Stranger")
	am.must("PUT", "/clients/"+w.Client.String()+"/partners", object{"client_ids": []uuid.UUID{partner}})
	manager, carl, pat, sam := w.outsider(t, w.Client, "client_manager"), w.outsider(t, w.Client, "client_contact"), w.outsider(t, partner, "client_contact"), w.outsider(t, stranger, "client_contact")
	pm := w.outsider(t, partner, "client_manager")
	sees := func(want ...bool) {
		t.Helper()
		for i, person := range []uuid.UUID{manager, carl, pat, sam, pm, w.Ann} {
			may, err := w.store.MaySeeProject(t.Context(), person, w.Project)
			var seen []db.PortalProjectsRow
			listErr := w.store.AsContact(t.Context(), person, func(q *db.Queries) (err error) {
				seen, err = q.PortalProjects(t.Context(), db.PortalProjectsParams{Statuses: []string{}, Page: 9})
				return err
			})
			if err != nil || listErr != nil || may != want[i] || (len(seen) == 1) != want[i] {
				t.Errorf("person %d may see it: %v, in the list %v (%v, %v), want %v", i, may, seen, err, listErr, want[i])
			}
		}
	}
	sees(true, false, false, false, false, false)
	has(t, am.must("GET", path, nil).body, object{"user_ids": []any{}, "version": 1})
	for _, wrong := range []uuid.UUID{sam, w.Ann, uuid.New()} {
		am.refused(422, "invalid", "PUT", path, object{"user_ids": []uuid.UUID{carl, wrong}})
	}
	w.as(w.Ann).refused(403, "forbidden", "PUT", path, object{"user_ids": []uuid.UUID{carl}})
	w.as(carl).refused(404, "not_found", "PUT", path, object{"user_ids": []uuid.UUID{carl}})
	w.as(carl).refused(404, "not_found", "GET", path, nil)
	am.refused(404, "not_found", "GET", "/projects/"+w.Task.String()+"/contacts", nil)
	am.refused(404, "not_found", "PUT", "/projects/"+w.Task.String()+"/contacts", object{"user_ids": []uuid.UUID{}})
	am.with("If-Match", `"7"`).refused(412, "stale", "PUT", path, object{"user_ids": []uuid.UUID{carl}})
	set := am.with("If-Match", `"1"`).must("PUT", path, object{"user_ids": []uuid.UUID{carl, pat, carl}})
	if list := set.body["contacts"].([]any); len(list) != 2 || set.header.Get("ETag") != `"2"` {
		t.Errorf("the contacts are %s", set.text)
	}
	has(t, am.must("PUT", path, object{"user_ids": []uuid.UUID{pat, carl}}).body, object{"version": 2}) // the same
	sees(true, true, true, false, false, false)
	// A contact who has left sees nothing; one who comes back does.
	w.Exec(t, `UPDATE person SET active = false WHERE id = $1`, carl)
	sees(true, false, true, false, false, false)
	w.Exec(t, `UPDATE person SET active = true WHERE id = $1`, carl)
	// Who is no partner any more takes their contacts along, and the history says so.
	am.must("PUT", "/clients/"+w.Client.String()+"/partners", object{"client_ids": []uuid.UUID{stranger}})
	sees(true, true, false, false, false, false)
	has(t, am.must("GET", path, nil).body, object{"user_ids": []any{carl.String()}, "version": 3})
	history := am.must("GET", "/projects/"+w.Project.String()+"/history", nil).items()
	if len(history) != 2 || history[0]["note"] != "they work for a partner no longer" || history[1]["verb"] != "contacts" {
		t.Errorf("the history is %v", history)
	}
	am.must("PUT", "/clients/"+w.Client.String()+"/partners", object{"client_ids": []uuid.UUID{partner}})
	sees(true, true, false, false, false, false) // they are to be added anew
	has(t, am.must("PUT", path, object{"user_ids": []uuid.UUID{}}).body, object{"user_ids": []any{}, "version": 4})
	sees(true, false, false, false, false, false)
}

func TestAFormerPartnersContactSeesNoTaskOfTheirs(t *testing.T) { // S2.07, S2.08, S2.16
	t.Parallel()
	w := newWorld(t)
	partner := w.organisation(t, "Partner")
	pat, carl := w.outsider(t, partner, "client_contact"), w.outsider(t, w.Client, "client_contact")
	partners := func(ids ...uuid.UUID) {
		w.as(w.AM).must("PUT", "/clients/"+w.Client.String()+"/partners", object{"client_ids": append([]uuid.UUID{}, ids...)})
	}
	partners(partner)
	theirs, own := w.NewTask(t, "open"), w.NewTask(t, "open") // on a project that neither was added to
	for task, person := range map[uuid.UUID]uuid.UUID{theirs: pat, own: carl} {
		w.Exec(t, `UPDATE task SET assignee_person_id = $2, delegated = true, visible_to_client = true WHERE id = $1`, task, person)
	}
	path := "/tasks/" + theirs.String()
	w.as(pat).must("POST", path+"/notes", object{"body": "we are on it"})
	w.as(pat).must("GET", path, nil)
	partners()
	c := w.as(pat)
	if got := c.lists("/tasks"); got != nil {
		t.Errorf("they are shown %v", got)
	}
	for _, part := range []string{"", "/notes", "/files"} {
		c.refused(404, "not_found", "GET", path+part, nil)
	}
	c.refused(404, "not_found", "POST", path+"/notes", object{"body": "x"})
	c.refused(404, "not_found", "POST", path+"/end", object{})
	w.as(carl).must("GET", "/tasks/"+own.String(), nil)
	partners(partner)
	c.must("GET", path, nil) // it is on their desk still
}

func TestAHandOverIsTold(t *testing.T) { // S1.07, N.21
	t.Parallel()
	w := newWorld(t)
	next := w.Person(t, "Oscar", "account_manager", "")
	path := "/projects/" + w.Project.String()
	hears := func(who uuid.UUID) string {
		return fixture.One[string](t, w.Pool, `SELECT coalesce(string_agg(kind, ' ' ORDER BY id), '') FROM notification WHERE person_id = $1 AND entity_kind = 'project' AND entity_id = $2`, who, w.Project)
	}
	w.as(w.AM).must("PATCH", path, object{"account_manager_id": next})
	if got := hears(w.AM) + ", " + hears(next); got != ", project_given" {
		t.Errorf("by themselves: the old and the new one hear %q", got)
	}
	w.as(w.admin).must("PATCH", path, object{"account_manager_id": w.AM, "name": "Shop"})
	if got := hears(w.AM) + ", " + hears(next); got != "project_given, project_given project_taken" {
		t.Errorf("by an admin: the new and the old one hear %q", got)
	}
	w.as(w.admin).must("PATCH", path, object{"name": "Shops"})
	if got := hears(w.AM); got != "project_given" {
		t.Errorf("without a hand-over they hear %q", got)
	}
}

func TestEarlierWorkStatementsStay(t *testing.T) { // S1.11, N.14
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	path := "/projects/" + am.must("POST", "/projects", w.project(object{"work_statement": object{"purchase_order": "PO-0"}})).str("id")
	for _, po := range []string{"PO-1", "PO-1", "PO-2", "PO-3"} {
		am.must("PUT", path+"/work-statement", object{"purchase_order": po, "budget_amount": "10.5"})
	}
	var got string
	until := any(nil)
	for cursor, more := "", true; more; {
		page := am.must("GET", path+"/work-statements?limit=2"+cursor, nil)
		for _, v := range page.items() {
			got += v["work_statement"].(object)["purchase_order"].(string) + " "
			if v["until"] != until {
				t.Errorf("version %v is until %v, want %v", v["version"], v["until"], until)
			}
			until = v["from"]
			if by := v["changed_by"]; v["version"] != 1.0 && by != w.AM.String() || v["version"] == 1.0 && by != nil {
				t.Errorf("version %v was made by %v", v["version"], by)
			}
		}
		cursor, more = "&cursor="+page.str("next_cursor"), page.str("next_cursor") != ""
	}
	if got != "PO-3 PO-2 PO-1 PO-0 " {
		t.Errorf("the versions are %s", got)
	}
	am.refused(404, "not_found", "GET", "/projects/"+w.Task.String()+"/work-statements", nil)
	w.as(w.contact(t)).refused(404, "not_found", "GET", path+"/work-statements", nil)
	if _, err := w.Pool.Exec(t.Context(), `UPDATE work_statement_version SET purchase_order = 'x'`); err == nil {
		t.Error("an earlier version was changed")
	}
}
