package api_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

// template saves the fixture's project with a tree of tasks as a template.
func (w *world) template(t testing.TB) answer {
	t.Helper()
	a, b, c := w.NewTask(t, "open"), w.NewTask(t, "complete"), w.NewTask(t, "cancelled")
	w.Exec(t, `UPDATE project SET starts_on = '2026-03-02' WHERE id = $1`, w.Project)
	w.Exec(t, `UPDATE work_statement SET purchase_order = 'PO-7', billing_period = 'weekly', budget_minutes = 600 WHERE project_id = $1`, w.Project)
	w.Exec(t, `UPDATE task SET title = 'Design', description = 'all *of* it', priority = 1, estimate_minutes = 480, skills = '{css}', visible_to_client = true, due_on = '2026-03-06' WHERE id = $1`, w.Task)
	w.Exec(t, `UPDATE task SET title = 'Colours', parent_id = $2, estimate_minutes = 60 WHERE id = $1`, a, w.Task)
	w.Exec(t, `UPDATE task SET title = 'Text' WHERE id = $1`, b)
	w.Exec(t, `INSERT INTO task_dependency (task_id, depends_on_id) VALUES ($1, $2), ($1, $3)`, b, a, c)
	w.as(w.AM).must("POST", "/tasks/"+w.Task.String()+"/notes", object{"body": "not carried"})
	return w.as(w.AM).must("POST", "/projects/"+w.Project.String()+"/save-as-template", object{"name": "Shop", "description": "As we do it"})
}

func TestAProjectIsSavedAsATemplate(t *testing.T) { // S2.03, S2.06, S2.15, N.14
	t.Parallel()
	w := newWorld(t)
	made := w.template(t)
	has(t, made.body, object{"name": "Shop", "description": "As we do it", "task_count": 3, "created_by": w.AM, "version": 1})
	has(t, made.body["work_statement"].(object), object{"purchase_order": "PO-7", "billing_period": "weekly"})
	tasks := made.body["tasks"].([]any)
	has(t, tasks[0].(object), object{"number": 1, "title": "Design", "description": "all *of* it", "priority": 1, "estimate_minutes": 480, "skills": []any{"css"}, "visible_to_client": true, "due_after_days": 4})
	has(t, tasks[1].(object), object{"number": 2, "parent": 1, "title": "Colours", "depends_on": []any{}, "due_after_days": nil})
	has(t, tasks[2].(object), object{"number": 3, "title": "Text", "depends_on": []any{2.0}})

	am, path := w.as(w.AM), "/templates/"+made.str("id")
	has(t, w.as(w.Ann).must("GET", path, nil).body, made.body)
	other := w.Person(t, "Oscar", "account_manager", "")
	w.as(w.Ann).refused(403, "forbidden", "POST", "/projects/"+w.Project.String()+"/save-as-template", object{"name": "Mine"})
	w.as(other).refused(403, "forbidden", "POST", "/projects/"+w.Project.String()+"/save-as-template", object{"name": "Mine"})
	am.refused(409, "name_taken", "POST", "/projects/"+w.Project.String()+"/save-as-template", object{"name": "SHOP"})
	am.refused(404, "not_found", "POST", "/projects/"+w.Task.String()+"/save-as-template", object{"name": "x"})
	w.as(w.contact(t)).refused(404, "not_found", "GET", "/templates", nil)
	w.as(w.contact(t)).refused(404, "not_found", "GET", path, nil)
	w.as(other).refused(403, "forbidden", "PATCH", path, object{"name": "Mine"})
	am.with("If-Match", `"9"`).refused(412, "stale", "PATCH", path, object{"name": "Web shop"})
	has(t, am.must("PATCH", path, object{}).body, object{"version": 1})
	has(t, am.must("PATCH", path, object{"name": "Web shop"}).body, object{"name": "Web shop", "version": 2})
	if list := am.must("GET", "/templates?q=web", nil).items(); len(list) != 1 || list[0]["task_count"] != 3.0 || list[0]["tasks"] != nil {
		t.Errorf("the list is %v", list)
	}
	if list := am.must("GET", "/templates?q=nothing", nil).items(); len(list) != 0 {
		t.Errorf("the list is %v", list)
	}
	w.as(other).refused(403, "forbidden", "DELETE", path, nil)
	has(t, w.as(w.admin).must("DELETE", path, nil).body, object{"name": "Web shop"})
	am.refused(404, "not_found", "GET", path, nil)
	am.refused(404, "not_found", "DELETE", path, nil)
	if got := fixture.One[string](t, w.Pool, `SELECT string_agg(verb, ' ' ORDER BY id) FROM audit_event WHERE entity_kind = 'template'`); got != "create edit remove" {
		t.Errorf("the history is %s", got)
	}
}

func TestAProjectIsMadeFromATemplate(t *testing.T) { // S2.03, S2.06, S2.15
	t.Parallel()
	w := newWorld(t)
	template := w.template(t).str("id")
	am := w.as(w.AM)
	w.Exec(t, `UPDATE person SET calendar = '{"weekly": {"mon": [["09:00", "17:00"]], "tue": [["09:00", "17:00"]], "fri": [["09:00", "17:00"]]}, "holidays": "GB", "absences": [{"from": "2026-04-01", "to": "2026-12-31"}]}' WHERE id = $1`, w.AM)
	w.Exec(t, `DELETE FROM outbox`)
	made := am.with("Idempotency-Key", "once").must("POST", "/projects", w.project(object{"code": "NEXT", "starts_on": "2026-04-03", "template_id": template, "work_statement": object{"purchase_order": "PO-8"}})) // Good Friday
	again := am.with("Idempotency-Key", "once").must("POST", "/projects", w.project(object{"code": "NEXT", "starts_on": "2026-04-03", "template_id": template, "work_statement": object{"purchase_order": "PO-8"}}))
	if made.str("id") != again.str("id") {
		t.Error("it is made twice")
	}
	has(t, made.body, object{"status": "draft", "account_manager_id": w.AM})
	has(t, made.body["work_statement"].(object), object{"purchase_order": "PO-8", "billing_period": "weekly", "budget_minutes": 600}) // the template's but for what was said
	tasks := am.must("GET", "/projects/"+made.str("id")+"/tasks", nil).items()
	if len(tasks) != 3 {
		t.Fatalf("the tasks are %v", tasks)
	}
	// Four working days after: Tuesday the 7th, Friday, Monday, Tuesday, by a calendar with Easter and without leave.
	has(t, tasks[0], object{"key": "NEXT-1", "title": "Design", "description": "all *of* it", "status": "planned", "priority": 1, "estimate_minutes": 480, "skills": []any{"css"},
		"visible_to_client": true, "due_on": "2026-04-14", "owner_id": w.AM, "assignee": nil, "worked_minutes": 0, "version": 1})
	has(t, tasks[1], object{"key": "NEXT-2", "title": "Colours", "parent_id": tasks[0]["id"], "due_on": nil})
	has(t, tasks[2], object{"key": "NEXT-3", "title": "Text", "depends_on": []any{tasks[1]["id"]}, "ready": false, "closed_at": nil})
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM note n JOIN task t ON t.id = n.task_id WHERE t.project_id = $1`, uuid.MustParse(made.str("id"))); n != 0 {
		t.Errorf("%d notes are carried", n)
	}
	history := am.must("GET", "/tasks/"+tasks[2]["id"].(string)+"/history", nil).items()
	if len(history) != 1 || history[0]["verb"] != "create" || history[0]["note"] != "from the template Shop" {
		t.Errorf("the history is %v", history)
	}
	if n := fixture.One[int](t, w.Pool, `SELECT count(DISTINCT entity_id) FROM outbox`); n != 4 {
		t.Errorf("%d processes are to be started, want three tasks and the project", n)
	}
	// The template goes, and what was made from it stays; numbers go on.
	am.must("DELETE", "/templates/"+template, nil)
	am.must("GET", "/projects/"+made.str("id"), nil)
	if n := fixture.One[int](t, w.Pool, `SELECT last_number FROM project WHERE code = 'NEXT'`); n != 3 {
		t.Errorf("the last number is %d", n)
	}
	am.refused(422, "invalid", "POST", "/projects", w.project(object{"template_id": template}))
	am.refused(422, "invalid", "POST", "/projects", w.project(object{"template_id": "x"}))
}

func TestALargeTemplateKeepsItsShape(t *testing.T) { // S2.03, S2.15
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `INSERT INTO task (id, project_id, number, title, owner_id, estimate_minutes, due_on) SELECT gen_random_uuid(), $1, 1 + n, 'Task ' || n, $2, n, date '2026-01-01' + n FROM generate_series(1, 500) n`, w.Project, w.Ann)
	w.Exec(t, `UPDATE task c SET parent_id = p.id FROM task p WHERE p.project_id = c.project_id AND c.number > 11 AND p.number = c.number / 10`)
	w.Exec(t, `INSERT INTO task_dependency (task_id, depends_on_id) SELECT t.id, o.id FROM task t JOIN task o ON o.project_id = t.project_id AND o.number = t.number - 1 AND o.parent_id = t.parent_id WHERE t.number % 3 = 0`)
	am := w.as(w.AM)
	template := am.must("POST", "/projects/"+w.Project.String()+"/save-as-template", object{"name": "Large"}).str("id")
	made := am.must("POST", "/projects", w.project(object{"starts_on": "2026-01-01", "template_id": template}))
	const shape = `SELECT md5(string_agg(concat_ws('|', t.number, p.number, t.title, t.estimate_minutes, t.priority,
		ARRAY(SELECT o.number FROM task_dependency d JOIN task o ON o.id = d.depends_on_id WHERE d.task_id = t.id ORDER BY 1)), ';' ORDER BY t.number))
		FROM task t LEFT JOIN task p ON p.id = t.parent_id WHERE t.project_id = $1`
	was, is := fixture.One[string](t, w.Pool, shape, w.Project), fixture.One[string](t, w.Pool, shape, uuid.MustParse(made.str("id")))
	if was != is {
		t.Error("the tree, the estimates or the dependencies are others")
	}
	const due = `SELECT count(*) FROM task o JOIN task t ON t.number = o.number AND t.project_id = $2 WHERE o.project_id = $1 AND extract(isodow FROM o.due_on) < 6 AND t.due_on IS DISTINCT FROM o.due_on`
	if n := fixture.One[int](t, w.Pool, due, w.Project, uuid.MustParse(made.str("id"))); n != 0 {
		t.Errorf("%d tasks that were due on working days are due on others, from the same start", n)
	}
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM task WHERE project_id = $1 AND extract(isodow FROM due_on) > 5`, uuid.MustParse(made.str("id"))); n != 0 {
		t.Errorf("%d tasks are due on a weekend", n)
	}
	if got := fmt.Sprint(fixture.One[int](t, w.Pool, `SELECT count(*) FROM audit_event a JOIN task t ON t.id = a.entity_id WHERE t.project_id = $1`, uuid.MustParse(made.str("id")))); got != "501" {
		t.Errorf("%s tasks have their history", got)
	}
}

// A project from a template is billed from its own start, not from that of the
// project which the template was made of.
func TestAProjectFromATemplateIsBilledFromItsStart(t *testing.T) { // S2.03, N.08
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	am.must("PUT", w.home()+"/work-statement", object{"retainer_amount": "500", "retainer_minutes": 600, "billing_from": "2026-01-01", "billing_period": "monthly"})
	with := am.must("POST", w.home()+"/save-as-template", object{"name": "Care"}).str("id")
	am.must("PUT", w.home()+"/work-statement", object{"billing_period": "monthly"})
	without := am.must("POST", w.home()+"/save-as-template", object{"name": "Work"}).str("id")
	for i, c := range []struct {
		template string
		said     object
		want     any
	}{
		{with, object{"billing_kind": "both"}, "2026-11-10"},
		{with, nil, "2026-11-10"},
		{with, object{"billing_from": "2026-12-01"}, "2026-12-01"},
		{without, nil, nil}, // the project's start, also when that is moved
	} {
		body := object{"client_id": w.Client, "name": fmt.Sprint("New ", i), "starts_on": "2026-11-10", "ends_on": "2027-11-10", "template_id": c.template}
		if c.said != nil {
			body["work_statement"] = c.said
		}
		has(t, am.must("POST", "/projects", body).body["work_statement"].(object), object{"billing_from": c.want})
	}
}

// A fee that the new project is given takes the place of all the template's, also
// of those that were to follow.
func TestAFeeOfItsOwnTakesThePlaceOfTheTemplates(t *testing.T) { // S2.03, N.08
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	am.must("PUT", w.home()+"/work-statement", object{"retainer_amount": "500", "retainer_minutes": 600, "billing_from": "2026-01-01", "billing_period": "monthly",
		"retainer_changes": []object{{"from": "2027-01-01", "retainer_amount": "550", "retainer_minutes": 660}}})
	template := am.must("POST", w.home()+"/save-as-template", object{"name": "Care"}).str("id")
	theirs := "500 600 [map[from:2027-01-01 retainer_amount:550 retainer_minutes:660]]"
	own := []object{{"from": "2027-06-01", "retainer_amount": "800", "retainer_minutes": 900}}
	for i, c := range []struct {
		starts string
		said   object
		want   string
	}{
		{"2026-11-10", nil, theirs},
		{"2026-11-10", object{"billing_kind": "both"}, theirs},
		{"2027-03-01", nil, "550 660 <nil>"},
		{"2026-11-10", object{"retainer_amount": "700", "retainer_minutes": 480}, "700 480 <nil>"},
		{"2026-11-10", object{"retainer_amount": "700"}, "700 600 <nil>"},
		{"2026-11-10", object{"retainer_amount": "700", "retainer_changes": own}, "700 600 [map[from:2027-06-01 retainer_amount:800 retainer_minutes:900]]"},
		{"2026-11-10", object{"retainer_changes": own}, "500 600 [map[from:2027-06-01 retainer_amount:800 retainer_minutes:900]]"},
		{"2026-11-10", object{"retainer_changes": []object{}}, "500 600 <nil>"},
	} {
		body := object{"client_id": w.Client, "name": fmt.Sprint("New ", i), "starts_on": c.starts, "ends_on": "2028-11-10", "template_id": template}
		if c.said != nil {
			body["work_statement"] = c.said
		}
		got := am.must("POST", "/projects", body).body["work_statement"].(object)
		if fees := fmt.Sprint(got["retainer_amount"], " ", got["retainer_minutes"], " ", got["retainer_changes"]); fees != c.want {
			t.Errorf("from %s, with %v the fees are %s, want %s", c.starts, c.said, fees, c.want)
		}
	}
	if got := fmt.Sprint(am.must("GET", "/templates/"+template, nil).body["work_statement"].(object)["retainer_changes"]); got != "[map[from:2027-01-01 retainer_amount:550 retainer_minutes:660]]" {
		t.Errorf("the template has %s", got)
	}
}
