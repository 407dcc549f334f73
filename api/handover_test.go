package api_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/api"
	"steward/internal/fixture"
)

// heard are the kinds of what somebody was told about a thing, in order.
func (w *world) heard(who uuid.UUID, about string) string {
	w.t.Helper()
	return fixture.One[string](w.t, w.Pool, `SELECT coalesce(string_agg(kind, ' ' ORDER BY id), '') FROM notification WHERE person_id = $1 AND entity_id = $2::text::uuid`, who, about)
}

// words counts the words to a thing's process that wait in the outbox.
func (w *world) words(about string) int {
	w.t.Helper()
	return fixture.One[int](w.t, w.Pool, `SELECT count(*) FROM outbox WHERE entity_id = $1::text::uuid`, about)
}

func TestAProjectIsHandedOverWithItsRequests(t *testing.T) { // S1.07, S1.52, S1.61
	t.Parallel()
	w := newWorld(t)
	w.carried()
	next, third := w.Person(t, "Oscar", "account_manager", ""), w.Person(t, "Third", "account_manager", "")
	boss, am, admin := w.as(w.contact(t)), w.as(w.AM), w.as(w.admin)
	review, worked, closed, elsewhere := w.requested(boss).str("id"), w.requested(boss).str("id"), w.requested(boss).str("id"), w.requested(boss).str("id")
	ask := am.must("POST", "/requests/"+review+"/ask", object{"to": object{"user_id": w.Bob}, "question": "Which index?"}).str("id")
	am.must("POST", "/requests/"+worked+"/assign", object{"to": object{"user_id": w.Ann}})
	am.must("POST", "/requests/"+closed+"/status", object{"status": "completed"})
	admin.must("PATCH", "/requests/"+elsewhere, object{"account_manager_id": third})
	w.Exec(t, `DELETE FROM outbox`)

	am.must("PATCH", "/projects/"+w.Project.String(), object{"account_manager_id": next})
	has(t, admin.must("GET", "/requests/"+review, nil).body, object{"account_manager_id": next, "assignee": object{"kind": "user", "id": next, "name": "Oscar"}, "version": 2})
	has(t, admin.must("GET", "/requests/"+worked, nil).body, object{"account_manager_id": next, "assignee": object{"kind": "user", "id": w.Ann, "name": w.name(w.Ann)}})
	has(t, admin.must("GET", "/requests/"+ask, nil).body, object{"account_manager_id": next})
	has(t, admin.must("GET", "/requests/"+closed, nil).body, object{"account_manager_id": w.AM, "version": 2})
	has(t, admin.must("GET", "/requests/"+elsewhere, nil).body, object{"account_manager_id": third})
	if got := w.heard(next, review) + ", " + w.heard(next, worked) + ", " + w.heard(next, closed); got != "request_given, request_given, " {
		t.Errorf("the new account manager hears %q", got)
	}
	for id, want := range map[string]int{review: 1, worked: 1, ask: 1, closed: 0, elsewhere: 0} {
		if got := w.words(id); got != want {
			t.Errorf("the process of %s is told %d times, want %d", id, got, want)
		}
	}
	history := admin.must("GET", "/requests/"+review+"/history", nil).items()
	if e := history[0]; e["verb"] != "edit" || e["actor_id"] != w.AM.String() {
		t.Errorf("the history says %v", e)
	}
	am.refused(403, "not_owner", "POST", "/requests/"+review+"/status", object{"status": "completed"})
	has(t, w.as(next).must("POST", "/requests/"+review+"/status", object{"status": "completed"}).body, object{"status": "completed"})

	// Who has left answers for nothing, whoever managed the project.
	w.Exec(t, `UPDATE person SET active = false WHERE id = $1`, third)
	admin.must("PATCH", "/projects/"+w.Project.String(), object{"account_manager_id": w.AM})
	has(t, am.must("POST", "/requests/"+elsewhere+"/status", object{"status": "completed"}).body, object{"status": "completed"})
	has(t, am.must("GET", "/requests/"+worked, nil).body, object{"account_manager_id": w.AM})
}

func TestAClientIsHandedOverWithItsRequests(t *testing.T) { // S1.02, S1.52, S1.61
	t.Parallel()
	w := newWorld(t)
	w.carried()
	next := w.Person(t, "Oscar", "account_manager", "")
	boss, am, admin := w.as(w.contact(t)), w.as(w.AM), w.as(w.admin)
	path := "/clients/" + w.Client.String()
	am.must("PATCH", path, object{"account_manager_id": w.AM})
	general, onProject := w.requested(boss, object{"project_id": nil}).str("id"), w.requested(boss).str("id")
	am.must("PATCH", path, object{"name": "Another"})
	has(t, am.must("GET", "/requests/"+general, nil).body, object{"account_manager_id": w.AM, "version": 1})
	w.Exec(t, `DELETE FROM outbox`)
	admin.must("PATCH", path, object{"account_manager_id": next})
	has(t, admin.must("GET", "/requests/"+onProject, nil).body, object{"account_manager_id": w.AM})
	has(t, w.as(next).must("POST", "/requests/"+general+"/status", object{"status": "cancelled"}).body, object{"account_manager_id": next, "status": "cancelled"})
	if got := w.heard(next, general) + ", " + w.heard(w.AM, general); got != "request_given, requested request_taken status" && got != "request_given, requested request_taken" {
		t.Errorf("the new and the old one hear %q", got)
	}
	// An admin may give a request of somebody who has left to another directly.
	w.Exec(t, `UPDATE person SET active = false WHERE id = $1`, w.AM)
	has(t, admin.must("PATCH", "/requests/"+onProject, object{"account_manager_id": next}).body, object{"account_manager_id": next})
	w.as(next).must("POST", "/requests/"+onProject+"/status", object{"status": "completed"})
}

func TestManyRequestsAreHandedOverAtOnce(t *testing.T) { // S1.07, S1.52
	t.Parallel()
	var count statements
	w := newWorldWith(t, func(o *api.Options) { o.Store = count.counted(t, o.Store) })
	w.carried()
	next := w.Person(t, "Oscar", "account_manager", "")
	boss, admin := w.as(w.contact(t)), w.as(w.admin)
	handOver := func(to uuid.UUID) int64 {
		began := count.Load()
		admin.must("PATCH", "/projects/"+w.Project.String(), object{"account_manager_id": to})
		return count.Load() - began
	}
	w.requested(boss)
	w.Exec(t, `UPDATE request SET accepted_from = $1, escalated_at = now()`, w.Group)
	one := handOver(next)
	w.at(noon.Add(time.Hour))
	const many = 12
	for range many - 1 {
		w.requested(boss)
	}
	if got := handOver(w.AM); got != one {
		t.Errorf("%d requests take %d statements, one takes %d", many, got, one)
	}
	for _, c := range []struct {
		what, query string
		with        []any
	}{
		{"are on the new one's desk", `SELECT count(*) FROM request WHERE account_manager_id = $1 AND assignee_person_id = $1 AND assigned_at = $2 AND accepted_from IS NULL AND escalated_at IS NULL`,
			[]any{w.AM, noon.Add(time.Hour)}},
		{"have it in their history", `SELECT count(*) FROM audit_event a JOIN request r ON r.id = a.entity_id AND r.version = a.version
			WHERE a.verb = 'edit' AND a.actor_id = $1 AND a.changes = jsonb_build_object('account_manager_id', ARRAY[$2::text, $3::text],
				'assignee', jsonb_build_array(jsonb_build_object('kind', 'user', 'id', $2::text), jsonb_build_object('kind', 'user', 'id', $3::text)))`,
			[]any{w.admin, next.String(), w.AM.String()}},
		{"are told to the new one", `SELECT count(*) FROM notification n JOIN request r ON r.id = n.entity_id AND n.subject LIKE '%REQ-' || r.number || ' ' || r.title
			WHERE n.person_id = $1 AND n.kind = 'request_given' AND n.actor_id = $2`, []any{w.AM, w.admin}},
		{"are told to the one before", `SELECT count(*) FROM notification WHERE person_id = $1 AND kind = 'request_taken' AND actor_id = $2`, []any{next, w.admin}},
		{"are told to their processes", `SELECT count(DISTINCT entity_id) FROM outbox WHERE entity_kind = $1`, []any{"request"}},
	} {
		if got := fixture.One[int](t, w.Pool, c.query, c.with...); got != many {
			t.Errorf("%d %s, want %d", got, c.what, many)
		}
	}
}
