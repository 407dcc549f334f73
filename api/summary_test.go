package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// estimated adds an open task of somebody with minutes to do.
func (w *world) estimated(t testing.TB, who uuid.UUID, minutes int) uuid.UUID {
	t.Helper()
	id := w.NewTask(t, "open")
	w.Exec(t, `UPDATE task SET estimate_minutes = $2, assignee_person_id = $3, owner_id = $3 WHERE id = $1`, id, minutes, who)
	return id
}

func TestTheEstimatedEndIsThatOfThePlan(t *testing.T) { // S1.66
	t.Parallel()
	w := newWorld(t) // it is Friday the 20th, noon
	w.Exec(t, `DELETE FROM task`)
	w.Exec(t, `UPDATE project SET ends_on = '2026-12-31' WHERE id = $1`, w.Project)
	has(t, w.summary(w.AM), object{"estimated_end_on": "2026-12-31", "estimated_end_by": "planned_end", "unplanned_tasks": 0})
	one := w.estimated(t, w.Ann, 240) // Friday afternoon
	has(t, w.summary(w.AM), object{"estimated_end_on": "2026-03-20", "estimated_end_by": "plan", "days_to_end": 0})
	two := w.estimated(t, w.Bob, 450)
	w.Exec(t, `INSERT INTO task_dependency (task_id, depends_on_id) VALUES ($1, $2)`, two, one)
	has(t, w.summary(w.AM), object{"estimated_end_on": "2026-03-23", "estimated_end_by": "plan", "days_to_end": 3})
	// Bob has other work, which comes first.
	other := w.store.NewID()
	w.Exec(t, `INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency) VALUES ($1, $2, 'OTHER', 'Other', 'active', $3, 'GBP')`, other, w.Client, w.AM)
	w.Exec(t, `INSERT INTO task (id, project_id, number, title, status, priority, owner_id, assignee_person_id, estimate_minutes) VALUES (gen_random_uuid(), $1, 1, 'Other', 'open', 1, $2, $2, 900)`, other, w.Bob)
	has(t, w.summary(w.AM), object{"estimated_end_on": "2026-03-25", "estimated_end_by": "plan"})
	w.Exec(t, `UPDATE project SET status = 'on_hold' WHERE id = $1`, other)
	has(t, w.summary(w.AM), object{"estimated_end_on": "2026-03-23"})
	// What nobody has or has estimated leaves the planned end, unless the plan goes beyond it.
	w.Waiting(t)
	has(t, w.summary(w.AM), object{"estimated_end_on": "2026-12-31", "estimated_end_by": "planned_end", "unplanned_tasks": 1})
	w.Exec(t, `UPDATE project SET ends_on = '2026-03-21' WHERE id = $1`, w.Project)
	has(t, w.summary(w.AM), object{"estimated_end_on": "2026-03-23", "estimated_end_by": "plan", "unplanned_tasks": 1})
	// Far ahead, then farther than a year.
	w.Exec(t, `UPDATE task SET estimate_minutes = 450 * 100 WHERE id = $1`, two)
	has(t, w.summary(w.AM), object{"estimated_end_on": "2026-08-07", "estimated_end_by": "plan"})
	w.Exec(t, `UPDATE task SET estimate_minutes = 450 * 300 WHERE id = $1`, two)
	has(t, w.summary(w.AM), object{"estimated_end_on": nil, "estimated_end_by": "plan", "days_to_end": nil, "unplanned_tasks": 2})
	w.Exec(t, `UPDATE task SET estimate_minutes = 450 WHERE id = $1`, two)
	// A project that has not begun is worked on from its start.
	w.Exec(t, `UPDATE project SET status = 'draft', starts_on = '2026-06-01', ends_on = '2026-06-02' WHERE id = $1`, w.Project)
	has(t, w.summary(w.AM), object{"estimated_end_on": "2026-06-02", "days_since_start": -73})
	w.Exec(t, `UPDATE project SET status = 'on_hold' WHERE id = $1`, w.Project)
	has(t, w.summary(w.AM), object{"estimated_end_on": "2026-06-02", "estimated_end_by": "planned_end", "unplanned_tasks": 3})
	w.Exec(t, `UPDATE task SET status = 'complete', closed_at = '2026-03-19T09:00:00Z' WHERE project_id = $1`, w.Project)
	w.Exec(t, `UPDATE project SET status = 'complete' WHERE id = $1`, w.Project)
	has(t, w.summary(w.AM), object{"estimated_end_on": "2026-03-19", "estimated_end_by": "closed", "days_to_end": -1, "progress_percent": 100})
}

func TestASummaryCountsTasksAndShowsChosenOnes(t *testing.T) { // S1.67, S2.17
	t.Parallel()
	w := newWorld(t)
	below := w.estimated(t, w.Ann, 120)
	w.Exec(t, `UPDATE task SET parent_id = $2 WHERE id = $1`, below, w.Task)
	w.NewTask(t, "complete")
	w.NewTask(t, "planned")
	w.NewTask(t, "cancelled")
	w.as(w.Ann).must("POST", "/tasks/"+below.String()+"/time", object{"work_date": "2026-03-02", "minutes": 30, "description": "work"})
	sum := w.as(w.Ann).must("GET", "/projects/"+w.Project.String()+"/summary?task="+below.String()+"&task="+w.Task.String(), nil).body
	has(t, sum["tasks"].(object), object{"planned": 1, "open": 2, "complete": 1, "cancelled": 1})
	has(t, sum, object{"progress_percent": 25, "estimated_minutes": 120, "worked_minutes": 30, "remaining_minutes": 90})
	chosen := sum["chosen"].([]any)
	has(t, chosen[0].(object), object{"task_id": below, "status": "open", "estimated_minutes": 120, "worked_minutes": 30, "remaining_minutes": 90})
	has(t, chosen[1].(object), object{"task_id": w.Task, "title": "Task 1", "status": "open", "estimated_minutes": 120, "worked_minutes": 30, "remaining_minutes": 90})
	w.as(w.Ann).refused(422, "invalid", "GET", "/projects/"+w.Project.String()+"/summary?task=x", nil)
	list := w.as(w.Ann).must("GET", "/projects?progress=true", nil).items()
	has(t, list[0], object{"progress_percent": 25})
	if _, shown := w.as(w.Ann).must("GET", "/projects", nil).items()[0]["progress_percent"]; shown {
		t.Error("progress is shown unasked")
	}
}

func TestASummaryShowsChosenRequests(t *testing.T) { // S1.67, S1.51
	t.Parallel()
	w := newWorld(t)
	w.carried()
	boss, am := w.as(w.contact(t)), w.as(w.AM)
	plain := w.outside(w.Client, "client_contact")
	w.Exec(t, `INSERT INTO project_contact (project_id, person_id) VALUES ($1, $2)`, w.Project, plain)
	first, second, general := w.requested(boss).str("id"), w.requested(w.as(plain)).str("id"), w.requested(am).str("id")
	w.Exec(t, `UPDATE request SET project_id = NULL WHERE id = $1::text::uuid`, general)
	ask := am.must("POST", "/requests/"+first+"/ask", object{"to": object{"user_id": w.Bob}, "question": "Which index?"}).str("id")
	am.must("POST", "/requests/"+second+"/status", object{"status": "completed"})
	path := "/projects/" + w.Project.String() + "/summary?request=" + second + "&request=" + first + "&request=" + general + "&request=" + w.Task.String() + "&request=" + ask
	for _, c := range []struct {
		who  caller
		want string
	}{{am, second + first + ask}, {boss, second + first}, {w.as(plain), second}} {
		got := ""
		list, _ := c.who.must("GET", path, nil).body["chosen_requests"].([]any)
		for _, r := range list {
			got += r.(object)["request_id"].(string)
		}
		if got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	list := boss.must("GET", path, nil).body["chosen_requests"].([]any)
	has(t, list[0].(object), object{"key": "REQ-2", "title": "It is slow", "status": "completed", "kind": "issue", "priority": 3, "waiting_for_client": false})
	am.refused(422, "invalid", "GET", "/projects/"+w.Project.String()+"/summary?request=x", nil)
	if _, shown := am.must("GET", "/projects/"+w.Project.String()+"/summary", nil).body["chosen_requests"]; shown {
		t.Error("requests are shown unasked")
	}
}

func TestProjectsAreFilteredByDatesAndSeveralStatuses(t *testing.T) { // S2.18
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	w.Exec(t, `UPDATE project SET code = 'FIRST' WHERE id = $1`, w.Project) // from 2026-01-01, active
	for i, month := range []string{"04", "06"} {
		am.must("POST", "/projects", w.project(object{"code": fmt.Sprint("P", i), "starts_on": "2026-" + month + "-01", "ends_on": "2026-" + month + "-30"}))
	}
	w.Exec(t, `UPDATE project SET status = 'complete' WHERE code = 'P1'`)
	w.Exec(t, `UPDATE client SET name = 'Acme & Sons'`)
	for query, want := range map[string]string{
		"starts_from=2026-04-01": "P0 P1", "starts_to=2026-04-01": "FIRST P0", "starts_from=2026-02-01&starts_to=2026-05-01": "P0",
		"ends_from=2026-05-01": "P1", "ends_to=2026-05-01": "P0", "status=draft&status=active": "FIRST P0", "status=": "FIRST P0 P1",
		"q=" + url.QueryEscape("acme & s") + "&status=complete": "P1",
	} {
		var codes []string
		for _, p := range am.must("GET", "/projects?"+query, nil).items() {
			codes = append(codes, p["code"].(string))
		}
		if got := strings.Join(codes, " "); got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	am.refused(422, "invalid", "GET", "/projects?ends_to=soon", nil)
	am.refused(422, "invalid", "GET", "/projects?status=draft&status=odd", nil)
}

func TestATaskHasADueDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	has(t, am.must("GET", "/tasks/"+w.Task.String(), nil).body, object{"due_on": nil})
	w.Exec(t, `UPDATE task SET due_on = '2026-04-01' WHERE id = $1`, w.Task)
	has(t, am.must("GET", "/tasks/"+w.Task.String(), nil).body, object{"due_on": "2026-04-01"})
	am.refused(422, "invalid", "PATCH", "/tasks/"+w.Task.String(), object{"due_on": "soon"})
	am.refused(422, "invalid", "POST", "/tasks", object{"project_id": w.Project, "title": "x", "due_on": "2026-02-30"})
}

func TestALargeProjectIsSummedUp(t *testing.T) { // S1.64, S1.66
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `INSERT INTO task (id, project_id, number, title, status, owner_id, assignee_person_id, estimate_minutes)
		SELECT gen_random_uuid(), $1, 1 + n, 'Task ' || n, 'open', $2, (ARRAY[$2, $3]::uuid[])[1 + n % 2], 30 FROM generate_series(1, 1000) n`, w.Project, w.Ann, w.Bob)
	w.Exec(t, `INSERT INTO time_entry (id, task_id, project_id, person_id, work_date, minutes, description)
		SELECT gen_random_uuid(), t.id, t.project_id, t.owner_id, '2026-03-02', 1, 'work' FROM task t CROSS JOIN generate_series(1, 10) WHERE t.number > 1`)
	w.Exec(t, `ANALYZE`)
	sum := w.summary(w.AM)
	has(t, sum, object{"estimated_minutes": 30_000, "worked_minutes": 10_000, "remaining_minutes": 20_000, "unplanned_tasks": 1}) // the fixture's, not estimated
}
