//go:build bench

package bench

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	stewardworker "steward/worker"
)

// TestVerbs compares every action of the task machine with a bare update and
// its transaction.
func TestVerbs(t *testing.T) {
	b := start(t)
	b.bareWorker(t, bare, stewardworker.Pollers())
	b.bareWorker(t, untuned, sdkPollers())
	const clients = 8
	f := b.firm
	f.Exec(t, `INSERT INTO work_group_member (group_id, person_id, is_manager) VALUES ($1, $2, true)`, f.Group, f.AM)
	verbs := []string{"assign", "delegate", "accept", "status", "edit", "move", "depend", "create"}
	tasks, parents := map[string][]uuid.UUID{}, [2]uuid.UUID{f.NewTask(t, "open"), f.NewTask(t, "open")}
	for _, verb := range verbs {
		for range clients {
			tasks[verb] = append(tasks[verb], f.NewTask(t, "open"))
		}
	}
	f.Exec(t, `UPDATE task SET owner_id = $1, assignee_person_id = $1`, f.AM)
	b.others(t)
	b.begin(t, bare, "BareUpdate", clients)
	b.begin(t, bare, "BareCommit", clients)
	b.begin(t, untuned, "BareCommit", clients)
	ops := []operation{
		func(c, _ int) error { return b.update(fmt.Sprint(bare, "BareUpdate", c), tasks["edit"][c]) },
		func(c, _ int) error { return b.update(fmt.Sprint(bare, "BareCommit", c), tasks["edit"][c]) },
	}
	for _, verb := range verbs {
		turns := make([]int, clients) // measuring begins to count afresh; the tasks do not
		ops = append(ops, func(c, _ int) error {
			turns[c]++
			return b.verb(verb, tasks[verb][c], parents, turns[c])
		})
	}
	ops = append(ops, func(c, _ int) error { return b.begun(tasks["edit"][c]) }, // these leave most to clear up
		func(c, _ int) error { return b.update(fmt.Sprint(untuned, "BareCommit", c), tasks["edit"][c]) })
	got := measure(t, clients, ops...)
	least, started, few := got[1], got[len(verbs)+2], got[len(verbs)+3]
	fmt.Printf("\n  %d clients\n    %-44s %s\n", clients, "bare update, local activity, transaction", least)
	fmt.Printf("    %-44s %s\n", "the same with the start of a process", started)
	fmt.Printf("    %-44s %s\n", "the first with the SDK's number of pollers", few)
	for i, verb := range verbs {
		name, beneath := verb, least
		switch verb {
		case "create":
			beneath = started
		case "accept":
			name = "assign to a group, accept, in turn"
		case "depend":
			name = "depend, undepend, in turn"
		}
		beside(name, got[i+2], beneath)
	}
}

// begun starts the least of workflows with an update, as creating does.
func (b *bench) begun(task uuid.UUID) error {
	start := b.temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID: b.store.NewID().String(), TaskQueue: bare, WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, "BareCommit")
	h, err := b.temporal.UpdateWithStartWorkflow(context.Background(), client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start,
		UpdateOptions:          client.UpdateWorkflowOptions{UpdateName: "act", Args: []any{task}, WaitForStage: client.WorkflowUpdateStageCompleted},
	})
	if err != nil {
		return err
	}
	return h.Get(context.Background(), nil)
}

// verb does one action so that it can be done again.
func (b *bench) verb(verb string, task uuid.UUID, parents [2]uuid.UUID, i int) error {
	path, f := "/tasks/"+task.String()+"/"+verb, b.firm
	switch verb {
	case "assign":
		return b.post(path, map[string]any{"to": map[string]any{"user_id": f.AM}})
	case "delegate":
		return b.post(path, map[string]any{"to": map[string]any{"user_id": []uuid.UUID{f.Ann, f.Bob}[i%2]}, "reason": "need_support", "done": "some", "next": "more"})
	case "accept":
		if i%2 == 1 {
			return b.post("/tasks/"+task.String()+"/assign", map[string]any{"to": map[string]any{"group_id": f.Group}})
		}
		return b.post(path, map[string]any{})
	case "status":
		return b.post(path, map[string]any{"status": []string{"open", "planned"}[i%2]})
	case "edit":
		return b.send("PATCH", "/tasks/"+task.String(), b.token, map[string]any{"priority": 1 + i%5})
	case "move":
		return b.post(path, map[string]any{"parent_id": parents[i%2]})
	case "depend":
		return b.send([]string{"DELETE", "PUT"}[i%2], "/tasks/"+task.String()+"/dependencies/"+parents[0].String(), b.token, nil)
	}
	return b.post("/tasks", map[string]any{"project_id": f.Project, "title": "New"})
}

// TestLists reads what people look at all day in a firm with 100,000 tasks and
// 1,000,000 time entries.
func TestLists(t *testing.T) {
	b := start(t)
	f := b.firm
	fmt.Println("  filling 100,000 tasks and 1,000,000 time entries …")
	f.Exec(t, `INSERT INTO person (id, kind, name, email, roles) SELECT gen_random_uuid(), 'staff', 'Person ' || n, 'p' || n || '@firm.example', '{contributor}' FROM generate_series(1, 500) n`)
	f.Exec(t, `INSERT INTO work_group (id, name) SELECT gen_random_uuid(), 'Team ' || n FROM generate_series(1, 50) n`)
	f.Exec(t, `INSERT INTO work_group_member (group_id, person_id, is_manager) SELECT g.id, p.id, p.n % 10 = 0
		FROM (SELECT id, row_number() OVER (ORDER BY name) AS n FROM work_group) g JOIN (SELECT id, row_number() OVER (ORDER BY email) AS n FROM person) p ON p.n % 51 + 1 = g.n ON CONFLICT DO NOTHING`)
	f.Exec(t, `INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency) SELECT gen_random_uuid(), $1, 'L' || n, 'Large ' || n, 'active', $2, 'GBP' FROM generate_series(1, 100) n`, f.Client, f.AM)
	f.Exec(t, `INSERT INTO task (id, project_id, number, title, status, priority, owner_id, assignee_person_id, assignee_group_id, closed_at)
		SELECT gen_random_uuid(), p.id, n, 'Task ' || n, CASE WHEN n % 5 = 0 THEN 'open' ELSE 'complete' END, 1 + n % 5, o.id,
			CASE WHEN n % 4 > 0 THEN o.id END, CASE WHEN n % 4 = 0 THEN g.id END, CASE WHEN n % 5 > 0 THEN now() END
		FROM (SELECT id, row_number() OVER (ORDER BY code) AS k FROM project WHERE code LIKE 'L%') p CROSS JOIN generate_series(1, 1000) n
			JOIN (SELECT id, row_number() OVER (ORDER BY email) - 1 AS k FROM person WHERE name LIKE 'Person%') o ON o.k = (n * 7 + p.k) % 500
			JOIN (SELECT id, row_number() OVER (ORDER BY name) - 1 AS k FROM work_group WHERE name LIKE 'Team%') g ON g.k = (n / 4 + p.k) % 50`)
	f.Exec(t, `UPDATE task c SET parent_id = p.id FROM task p WHERE p.project_id = c.project_id AND p.number = (c.number - 1) / 10 AND c.number > 10`)
	f.Exec(t, `INSERT INTO time_entry (id, task_id, project_id, person_id, work_date, minutes, description)
		SELECT gen_random_uuid(), t.id, t.project_id, t.owner_id, date '2026-03-01' - n, 30, 'work' FROM task t CROSS JOIN generate_series(1, 10) n WHERE t.project_id <> $1`, f.Project)
	f.Exec(t, `ANALYZE`)
	var person, group, project uuid.UUID
	err := b.store.Pool.QueryRow(t.Context(), `SELECT p.id, m.group_id, (SELECT id FROM project WHERE code = 'L5') FROM person p JOIN work_group_member m ON m.person_id = p.id AND m.is_manager WHERE p.name LIKE 'Person%' ORDER BY p.email LIMIT 1`).Scan(&person, &group, &project)
	if err != nil {
		t.Fatal(err)
	}
	am, manager := b.token, b.newToken(t, person)
	for _, l := range []struct{ name, token, path string }{
		{"my tasks", manager, "/tasks?assignee=me&status=open"},
		{"everything I see", manager, "/tasks?status=open"},
		{"the queue of my group", manager, "/groups/" + group.String() + "/queue"},
		{"my group's and its members' tasks", manager, "/groups/" + group.String() + "/tasks?status=open"},
		{"all open tasks, as account manager", am, "/tasks?status=open"},
		{"ready ones of a project", am, "/tasks?ready=true&status=open&project=" + project.String()},
		{"a project's tree", am, "/projects/" + project.String() + "/tasks"},
		{"a summary, of 75 busy people", am, "/projects/" + project.String() + "/summary"},
		{"projects with their progress", am, "/projects?progress=true&limit=10"},
		{"search for a word everywhere", manager, "/search?q=task+77"},
		{"search for a word, as account manager", am, "/search?q=task"},
		{"search for a key", am, "/search?q=L5-77"},
		{"my time this month", manager, "/time-entries?user=me&from=2026-02-01&to=2026-02-28"},
		{"a project's time", am, "/time-entries?project=" + project.String()},
	} {
		got := measure(t, 1, func(int, int) error { return b.get(l.token, l.path) })
		fmt.Printf("    %-44s %s\n", l.name, got[0])
	}
}

func (b *bench) get(token, path string) error { return b.send("GET", path, token, nil) }
