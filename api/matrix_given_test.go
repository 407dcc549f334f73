package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

// TestWhatAContactDoesAnswersWhatTheySee gives a contact a task with much about
// it that is not for them, lets them do all there is to do with it, and reads
// every answer, also as it is kept for /actions.
func TestWhatAContactDoesAnswersWhatTheySee(t *testing.T) { // S2.08, S2.16
	t.Parallel()
	m := newMatrix(t, loud{t})
	am, contact := m.client("am"), m.client("contact")
	given := am.must("POST", "/tasks", object{"project_id": m.Project, "title": "Yours", "visible_to_client": true, "estimate_minutes": 777, "skills": []string{markNote}}).str("id")
	below := am.must("POST", "/tasks", object{"project_id": m.Project, "parent_id": given, "title": markTask}).str("id")
	path := "/tasks/" + given
	am.must("POST", path+"/notes", object{"body": markNote, "visibility": "internal"})
	am.must("PUT", path+"/dependencies/"+m.things[aTask][hidden].String(), nil)
	am.must("POST", path+"/status", object{"status": "open"})
	am.must("POST", path+"/delegate", object{"to": object{"user_id": m.Bob}, "reason": "need_support", "done": markNote, "next": markNote})
	am.must("POST", path+"/assign", object{"to": object{"user_id": m.people["contact"]}})
	tell := func(verb string, body any, want int) {
		t.Helper()
		a := contact.send("POST", path+verb, body)
		if a.status != want {
			t.Errorf("%s: got %d %.300s, want %d", verb, a.status, a.text, want)
		}
		m.forContact(t, verb, a)
	}
	tell("/start", object{}, 409) // it waits for a task that they do not see
	am.must("POST", "/tasks/"+m.things[aTask][hidden].String()+"/status", object{"status": "complete"})
	tell("/start", object{}, 200)
	tell("/notes", object{"body": "on it"}, 201)
	tell("/end", object{}, 200)
	tell("/status", object{"status": "complete"}, 409) // one below is open
	tell("/status", object{"status": "cancelled"}, 403)
	tell("/assign", object{"to": object{"user_id": m.Bob}}, 403)
	am.must("POST", "/tasks/"+below+"/status", object{"status": "cancelled"})
	tell("/status", object{"status": "complete"}, 200)
	kept := fixture.One[[]uuid.UUID](t, m.Pool, `SELECT array_agg(id) FROM command_log WHERE actor_id = $1 AND entity_id = $2`, m.people["contact"], given)
	for _, id := range kept {
		m.forContact(t, "/actions", contact.must("GET", "/actions/"+id.String(), nil))
		m.client("cm").refused(404, "not_found", "GET", "/actions/"+id.String(), nil)
	}
	if len(kept) < 5 {
		t.Errorf("only %d commands were kept", len(kept))
	}
}

// forContact looks for what a contact is not told of a task.
func (m *matrix) forContact(t *testing.T, what string, a answer) {
	t.Helper()
	contact := roles[slices.IndexFunc(roles, func(r role) bool { return r.name == "contact" })]
	if leak := told(contact, "", a); leak != "" {
		t.Errorf("%s tells of %s: %s", what, leak, a.text)
	}
	if strings.ContainsAny(a.str("detail"), "0123456789") {
		t.Errorf("%s counts what they do not see: %s", what, a.text)
	}
	for _, field := range []string{"owner_id", "estimate_minutes", "worked_minutes", "remaining_minutes", "hand_over", "skills", "depends_on", "parent_id", m.things[aTask][hidden].String()} {
		if strings.Contains(a.text, field) {
			t.Errorf("%s tells %s: %s", what, field, a.text)
		}
	}
}
