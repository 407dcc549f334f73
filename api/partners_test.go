package api_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

// customer adds another client with one contact.
func (w *world) customer(t testing.TB, name string) (client, contact uuid.UUID) {
	t.Helper()
	client, contact = w.store.NewID(), w.store.NewID()
	w.Exec(t, `INSERT INTO client (id, name, currency) VALUES ($1, $2, 'GBP')`, client, name)
	w.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, $3, $4, '{client_contact}')`, contact, client, "Contact of "+name, contact.String()+"@partner.example")
	return client, contact
}

func TestAClientHasPartners(t *testing.T) { // S2.07, S2.04, N.14
	t.Parallel()
	w := newWorld(t)
	am, path := w.as(w.AM), "/clients/"+w.Client.String()
	one, _ := w.customer(t, "One")
	two, _ := w.customer(t, "Two")
	has(t, w.as(w.Ann).must("GET", path+"/partners", nil).body, object{"client_ids": []uuid.UUID{}, "version": 1})
	set := am.must("PUT", path+"/partners", object{"client_ids": []uuid.UUID{two, one, two}})
	has(t, set.body, object{"client_ids": []uuid.UUID{one, two}, "version": 2})
	has(t, am.must("PUT", path+"/partners", object{"client_ids": []uuid.UUID{one, two}}).body, object{"version": 2}) // nothing changed
	am.with("If-Match", `"1"`).refused(412, "stale", "PUT", path+"/partners", object{"client_ids": []uuid.UUID{}})
	keyed := am.with("Idempotency-Key", "k")
	has(t, keyed.must("PUT", path+"/partners", object{"client_ids": []uuid.UUID{one}}).body, object{"client_ids": []uuid.UUID{one}, "version": 3})
	am.must("PUT", path+"/partners", object{"client_ids": []uuid.UUID{one, two}})
	has(t, keyed.must("PUT", path+"/partners", object{"client_ids": []uuid.UUID{one}}).body, object{"client_ids": []uuid.UUID{one}, "version": 3})
	has(t, am.must("GET", path+"/partners", nil).body, object{"client_ids": []uuid.UUID{one, two}, "version": 4})
	for _, wrong := range []any{object{"client_ids": []uuid.UUID{w.Client}}, object{"client_ids": []uuid.UUID{one, w.Task}}, object{"client_ids": []string{"x"}}, object{}} {
		am.refused(422, "invalid", "PUT", path+"/partners", wrong)
	}
	w.as(w.Ann).refused(403, "forbidden", "PUT", path+"/partners", object{"client_ids": []uuid.UUID{}})
	am.refused(404, "not_found", "PUT", "/clients/"+w.Task.String()+"/partners", object{"client_ids": []uuid.UUID{one}})
	am.refused(404, "not_found", "GET", "/clients/"+w.Task.String()+"/partners", nil)
	var texts []string
	for _, e := range w.as(w.admin).must("GET", "/audit?entity="+w.Client.String(), nil).items() {
		_, text, _ := strings.Cut(e["text"].(string), " set ")
		texts = append(texts, text)
	}
	if len(texts) != 3 || texts[2] != "the partners to One and Two" {
		t.Errorf("the audit says %q", texts)
	}
}

func TestContactsAreTheClientsAndItsPartners(t *testing.T) { // S2.04, S2.07
	t.Parallel()
	w := newWorld(t)
	own := w.contact(t)
	partner, theirs := w.customer(t, "Partner")
	_, stranger := w.customer(t, "Stranger")
	path := "/clients/" + w.Client.String()
	w.as(w.AM).must("PUT", path+"/partners", object{"client_ids": []uuid.UUID{partner}})
	left := w.contact(t)
	w.Exec(t, `UPDATE person SET active = false WHERE id = $1`, left)
	first := w.as(w.Ann).must("GET", path+"/contacts?limit=1", nil)
	rest := w.as(w.Ann).must("GET", path+"/contacts?limit=1&cursor="+first.str("next_cursor"), nil)
	if len(first.items()) != 1 || len(rest.items()) != 1 || rest.str("next_cursor") != "" {
		t.Fatalf("first %s\nrest %s", first.text, rest.text)
	}
	has(t, first.items()[0], object{"id": own, "client_id": w.Client, "partner": false, "name": "Carl Contact", "roles": []string{"client_manager"}})
	has(t, rest.items()[0], object{"id": theirs, "client_id": partner, "client_name": "Partner", "partner": true})
	w.as(w.Ann).refused(404, "not_found", "GET", "/clients/"+w.Task.String()+"/contacts", nil)
	w.as(own).refused(404, "not_found", "GET", path+"/contacts", nil)
	for person, want := range map[uuid.UUID][2]bool{own: {true, false}, theirs: {false, true}, stranger: {}, left: {}, w.Ann: {}, w.Task: {}} {
		got, err := w.store.ContactOf(t.Context(), w.Client, person)
		if err != nil || got.Own != want[0] || got.OfPartner != want[1] {
			t.Errorf("%s is %+v, %v, want %v", person, got, err, want)
		}
	}
}

func TestHistoryIsToldInSentences(t *testing.T) { // S1.17
	t.Parallel()
	w := newWorld(t)
	for _, e := range []struct{ verb, changes, note string }{
		{"assign", `{"assignee": [null, {"kind": "group", "id": "` + w.Group.String() + `"}]}`, "please look at the header"},
		{"edit", `{"priority": [3, 1]}`, ""},
		{"edit", `{"owner_id": ["` + w.Ann.String() + `", "` + w.Bob.String() + `"]}`, ""},
	} {
		w.Exec(t, `INSERT INTO audit_event (id, actor_id, entity_kind, entity_id, verb, version, changes, note) VALUES ($1, $2, 'task', $3, $4, 2, $5, $6)`, w.store.NewID(), w.AM, w.Task, e.verb, e.changes, e.note)
	}
	name := func(id uuid.UUID) string {
		return fixture.One[string](t, w.Pool, `SELECT name FROM person WHERE id = $1 UNION ALL SELECT name FROM work_group WHERE id = $1`, id)
	}
	events := w.as(w.Ann).must("GET", "/tasks/"+w.Task.String()+"/history", nil).items()
	am := name(w.AM)
	for i, want := range []string{
		am + " changed the owner from " + name(w.Ann) + " to " + name(w.Bob), am + " changed the priority from 3 to 1",
		am + " assigned it to " + name(w.Group) + " (group): please look at the header",
	} {
		has(t, events[i], object{"text": want})
	}
	invoice := w.as(w.AM).must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []uuid.UUID{w.Project}, "through": "2026-02-28"}).str("id")
	has(t, w.as(w.AM).must("GET", "/invoices/"+invoice+"/history", nil).items()[0], object{"text": am + " drafted it for work through 2026-02-28"})
	w.as(w.Ann).refused(403, "forbidden", "GET", "/invoices/"+invoice+"/history", nil)
}
