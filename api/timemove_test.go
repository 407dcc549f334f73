package api_test

import (
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

func TestTimeOnTheWrongTaskGoesToTheRightOne(t *testing.T) { // S1.21, S1.77
	t.Parallel()
	w := newWorld(t)
	ann, am := w.as(w.Ann), w.as(w.AM)
	right, planned := w.NewTask(t, "open"), w.NewTask(t, "planned")
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 60})
	entry := "/time-entries/" + fixture.One[uuid.UUID](t, w.Pool, `SELECT id FROM time_entry`).String()
	draft := w.through("2026-03-31")

	has(t, ann.must("PATCH", entry, object{"task_id": right}).body, object{"task_id": right, "project_id": w.Project, "minutes": 60, "version": 2})
	has(t, am.must("GET", "/tasks/"+w.Task.String(), nil).body, object{"worked_minutes": 0})
	has(t, am.must("GET", "/tasks/"+right.String(), nil).body, object{"worked_minutes": 60})
	lines := am.must("GET", draft, nil).body["lines"].([]any) // its draft follows
	if len(lines) != 1 || lines[0].(object)["task_id"] != right.String() {
		t.Errorf("the draft has %v", lines)
	}
	has(t, ann.must("PATCH", entry, object{"task_id": right}).body, object{"version": 2}) // it is there

	ann.refused(409, "task_not_open", "PATCH", entry, object{"task_id": planned})
	ann.refused(422, "invalid", "PATCH", entry, object{"task_id": uuid.New()})
	w.Exec(t, `UPDATE task SET status = 'complete', closed_at = '2026-03-02T00:00:00Z' WHERE id = $1`, w.Task)
	ann.refused(409, "task_not_open", "PATCH", entry, object{"task_id": w.Task}) // worked after it was closed
	ann.must("PATCH", entry, object{"task_id": w.Task, "work_date": "2026-03-02"})
	w.as(w.Bob).refused(403, "not_author", "PATCH", entry, object{"task_id": right})

	other := am.must("POST", "/projects", object{"client_id": w.Client, "name": "Other", "starts_on": "2026-03-01", "ends_on": "2026-12-31"}).str("id")
	elsewhere := w.store.NewID()
	w.Exec(t, `INSERT INTO task (id, project_id, number, title, status, owner_id) VALUES ($1, $2, 1, 'There', 'open', $3)`, elsewhere, other, w.AM)
	ann.refused(409, "other_project", "PATCH", entry, object{"task_id": elsewhere})
	w.complete(t, draft)
	am.refused(409, "time_invoiced", "PATCH", entry, object{"task_id": right})
}
