package api_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

// notify tells a person something and returns its id.
func (w *world) notify(t *testing.T, person uuid.UUID, subject string) uuid.UUID {
	t.Helper()
	id := w.store.NewID()
	w.Exec(t, `INSERT INTO notification (id, person_id, kind, entity_kind, entity_id, actor_id, subject, created_at) VALUES ($1, $2, 'task_assigned', 'task', $3, $4, $5, $6)`,
		id, person, w.Task, w.Manager, subject, noon)
	return id
}

func subjects(a answer) []string {
	var all []string
	for _, n := range a.items() {
		all = append(all, n["subject"].(string))
	}
	return all
}

func TestTheInboxHasOnesOwnTheNewestFirst(t *testing.T) { // N.21
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann)
	var ids []uuid.UUID
	for i := range 5 {
		ids = append(ids, w.notify(t, w.Ann, fmt.Sprint("News ", i)))
	}
	bobs := w.notify(t, w.Bob, "Not hers")
	first := ann.must("GET", "/notifications?limit=3", nil)
	rest := ann.must("GET", "/notifications?limit=3&cursor="+first.str("next_cursor"), nil)
	if got := slices.Concat(subjects(first), subjects(rest)); !slices.Equal(got, []string{"News 4", "News 3", "News 2", "News 1", "News 0"}) || rest.str("next_cursor") != "" {
		t.Errorf("got %v", got)
	}
	has(t, first.body, object{"unread": 5})
	has(t, first.items()[0], object{"id": ids[4], "kind": "task_assigned", "entity_kind": "task", "entity_id": w.Task, "actor_id": w.Manager, "created_at": noon, "read_at": nil})
	has(t, ann.must("POST", "/notifications/"+ids[4].String()+"/read", nil).body, object{"id": ids[4], "read_at": noon})
	w.at(noon.Add(time.Hour))
	has(t, ann.must("POST", "/notifications/"+ids[4].String()+"/read", nil).body, object{"read_at": noon})
	has(t, ann.must("POST", "/notifications/read", object{"up_to": ids[1]}).body, object{"unread": 2})
	if got := subjects(ann.must("GET", "/notifications?unread=true", nil)); !slices.Equal(got, []string{"News 3", "News 2"}) {
		t.Errorf("unread are %v", got)
	}
	has(t, ann.must("POST", "/notifications/read", nil).body, object{"unread": 0})
	has(t, ann.must("GET", "/me", nil).body, object{"notifications": object{"mail": "at_once", "unread": 0}})
	has(t, w.as(w.Bob).must("GET", "/me", nil).body, object{"notifications": object{"mail": "at_once", "unread": 1}})
	ann.refused(404, "not_found", "POST", "/notifications/"+bobs.String()+"/read", nil)
	w.nobody().refused(401, "unauthorized", "GET", "/notifications", nil)
	w.as(w.Ann, "read").refused(403, "forbidden", "POST", "/notifications/read", nil)
}

func TestAContactOfAClientHasAnInboxToo(t *testing.T) { // N.21
	t.Parallel()
	w := newWorld(t)
	carl := w.contact(t)
	id := w.notify(t, carl, "For Carl")
	if got := subjects(w.as(carl).must("GET", "/notifications", nil)); !slices.Equal(got, []string{"For Carl"}) {
		t.Errorf("got %v", got)
	}
	w.as(carl).must("POST", "/notifications/"+id.String()+"/read", nil)
}

func TestAPersonSaysHowToBeTold(t *testing.T) { // N.21
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann)
	has(t, ann.must("PUT", "/me/notifications", object{"mail": "daily"}).body, object{"mail": "daily", "unread": 0})
	has(t, ann.must("PUT", "/me/notifications", object{"mail": "daily"}).body, object{"mail": "daily"})
	has(t, ann.must("GET", "/me", nil).body, object{"notifications": object{"mail": "daily", "unread": 0}})
	ann.refused(422, "invalid", "PUT", "/me/notifications", object{"mail": "hourly"})
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM audit_event WHERE entity_kind = 'user' AND entity_id = $1 AND changes->'mail' = '["at_once", "daily"]'`, w.Ann); n != 1 {
		t.Errorf("it is audited %d times, want once", n)
	}
}
