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

// TestAKeyAnswersItsOwnerAlone sends what others sent, under their keys, also
// through a process: it is another request, by the rights of who sends it, and
// under one's own key it is the same request or none.
func TestAKeyAnswersItsOwnerAlone(t *testing.T) { // N.15, S2.16
	t.Parallel()
	m := newMatrix(t, loud{t})
	keyed := func(role, key string) caller { return m.client(role).with("Idempotency-Key", key) }
	secret, shown := "/tasks/"+m.things[aTask][hidden].String(), "/tasks/"+m.Task.String()
	done := keyed("am", "shared").must("POST", secret+"/status", object{"status": "complete", "note": markNote})
	for _, role := range []string{"cm", "contact", "contact elsewhere", "cm of another"} {
		keyed(role, "shared").refused(404, "not_found", "POST", secret+"/status", object{"status": "complete", "note": markNote})
	}
	keyed("pm", "shared").refused(403, "not_owner", "POST", secret+"/status", object{"status": "complete", "note": markNote})
	if again := keyed("am", "shared").must("POST", secret+"/status", object{"status": "complete", "note": markNote}); again.text != done.text {
		t.Errorf("the same request is answered\n%s\nand was answered\n%s", again.text, done.text)
	}
	for path, body := range map[string]object{
		secret + "/status": {"status": "complete", "note": "another"},
		shown + "/status":  {"status": "complete", "note": markNote},
		secret + "/assign": {"to": object{"user_id": m.Bob}},
		shown + "/notes":   {"body": "x"},
	} {
		keyed("am", "shared").refused(409, "idempotency_key_reused", "POST", path, body)
	}
	kept := fixture.One[uuid.UUID](t, m.Pool, `SELECT id FROM command_log WHERE actor_id = $1 AND key = 'shared'`, m.people["am"])
	for _, role := range []string{"admin", "pm", "contact"} {
		for _, key := range []string{kept.String(), "none/" + kept.String(), m.people["am"].String() + "/shared"} {
			keyed(role, key).send("POST", secret+"/status", object{"status": "complete", "note": markNote})
		}
		m.client(role).refused(404, "not_found", "GET", "/actions/"+kept.String(), nil)
	}
	// Who is taken off a project has nothing answered again that was theirs to see.
	am, contact := m.client("am"), keyed("contact", "mine")
	am.must("POST", shown+"/assign", object{"to": object{"user_id": m.people["contact"]}})
	contact.must("POST", shown+"/start", object{})
	am.must("POST", shown+"/assign", object{"to": object{"user_id": m.Bob}})
	am.must("PUT", "/projects/"+m.Project.String()+"/contacts", object{"user_ids": []uuid.UUID{}})
	contact.refused(404, "not_found", "POST", shown+"/start", object{})
}
