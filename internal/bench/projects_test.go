//go:build bench

package bench

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/workflowservice/v1"

	"steward/internal/fixture"
)

// TestTemplate makes projects of 500 tasks from a template, beside a COPY of
// the same rows, and waits for their processes.
func TestTemplate(t *testing.T) {
	b := start(t)
	f := b.firm
	const tasks = 500
	f.Exec(t, `DELETE FROM task`)
	f.Exec(t, `INSERT INTO task (id, project_id, number, title, description, owner_id, estimate_minutes, due_on)
		SELECT gen_random_uuid(), $1, n, 'Task ' || n, repeat('What is to be done. ', 10), $2, n, date '2026-01-01' + n FROM generate_series(1, $3) n`, f.Project, f.AM, tasks)
	f.Exec(t, `UPDATE task c SET parent_id = p.id FROM task p WHERE p.project_id = c.project_id AND c.number > 10 AND p.number = c.number / 10`)
	f.Exec(t, `INSERT INTO task_dependency (task_id, depends_on_id) SELECT t.id, o.id FROM task t JOIN task o ON o.project_id = t.project_id AND o.number = t.number - 1 AND o.parent_id = t.parent_id`)
	if err := b.post("/projects/"+f.Project.String()+"/save-as-template", map[string]any{"name": "Bench"}); err != nil {
		t.Fatal(err)
	}
	template := fixture.One[uuid.UUID](t, b.store.Pool, `SELECT id FROM template`)
	from := func(i int) error {
		return b.post("/projects", map[string]any{"client_id": f.Client, "name": fmt.Sprint("Made ", i), "starts_on": "2026-04-01", "ends_on": "2026-12-31", "template_id": template})
	}
	if err := from(0); err != nil {
		t.Fatal(err)
	}
	b.awaitProcesses(t, tasks)
	var bare, ours []time.Duration
	for i := range 5 { // in turns
		began := time.Now()
		if err := b.copyTasks(t.Context(), tasks); err != nil {
			t.Fatal(err)
		}
		bare = append(bare, time.Since(began))
		began = time.Now()
		if err := from(i + 1); err != nil {
			t.Fatal(err)
		}
		ours = append(ours, time.Since(began))
	}
	fmt.Printf("    %-40s %6.1f ms\n    %-40s %6.1f ms  %.1f ×  (< 3,000 ms)\n", "a bare COPY of the rows of 500 tasks", ms(least(bare)), "a project of 500 tasks over HTTP", ms(least(ours)), ms(least(ours))/ms(least(bare)))
}

func least(all []time.Duration) time.Duration {
	best := all[0]
	for _, d := range all {
		best = min(best, d)
	}
	return best
}

// copyTasks is the least that keeps new tasks, their dependencies, their
// history and the word to their processes: four COPYs in one transaction.
func (b *bench) copyTasks(ctx context.Context, n int) error {
	project, ids := b.store.NewID(), make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = b.store.NewID()
	}
	return pgx.BeginFunc(ctx, b.store.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO project (id, client_id, code, name, account_manager_id, currency) VALUES ($1, $2, $4, 'Bare', $3, 'GBP')`, project, b.firm.Client, b.firm.AM, "B"+strings.ToUpper(project.String()[27:]))
		copying := func(table string, columns []string, from int, row func(i int) []any) {
			if err == nil {
				_, err = tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromSlice(n-from, func(i int) ([]any, error) { return row(i + from), nil }))
			}
		}
		copying("task", []string{"id", "project_id", "number", "title", "description", "owner_id", "estimate_minutes"}, 0, func(i int) []any {
			return []any{ids[i], project, i + 1, fmt.Sprint("Task ", i), "What is to be done. What is to be done. What is to be done. What is to be done.", b.firm.AM, i}
		})
		copying("task_dependency", []string{"task_id", "depends_on_id"}, 1, func(i int) []any { return []any{ids[i], ids[i-1]} })
		copying("audit_event", []string{"id", "entity_kind", "entity_id", "verb", "version", "changes"}, 0, func(i int) []any {
			return []any{b.store.NewID(), "task", ids[i], "bare", 1, []byte(`{"title": [null, "Task"], "status": [null, "planned"], "priority": [null, 3]}`)}
		})
		copying("outbox", []string{"entity_kind", "entity_id"}, 0, func(i int) []any { return []any{"task", ids[i]} })
		return err
	})
}

// awaitProcesses waits until so many processes of tasks can be seen.
func (b *bench) awaitProcesses(t *testing.T, want int) {
	t.Helper()
	began := time.Now()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		r, err := b.temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: "WorkflowType = 'Task'"})
		if err != nil {
			t.Fatal(err)
		}
		if int(r.Count) >= want {
			fmt.Printf("    %-40s %6.1f s later\n", fmt.Sprintf("%d processes can be seen", want), time.Since(began).Seconds())
			return
		}
		if time.Since(began) > 2*time.Minute {
			t.Fatalf("only %d processes", r.Count)
		}
		<-tick.C
	}
}

// TestSummary sums up a project of 1,000 tasks of ten people, who have thirty
// other tasks each, and of 10,000 time entries.
func TestSummary(t *testing.T) {
	b := start(t)
	f := b.firm
	f.Exec(t, `INSERT INTO person (id, kind, name, email, roles, time_zone) SELECT gen_random_uuid(), 'staff', 'Person ' || n, 'p' || n || '@firm.example', '{contributor}', 'Europe/London' FROM generate_series(1, 10) n`)
	f.Exec(t, `INSERT INTO rate (id, person_id, hourly, currency, valid) SELECT gen_random_uuid(), id, 100, 'GBP', '[2020-01-01,)' FROM person WHERE name LIKE 'Person%'`)
	f.Exec(t, `INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency) SELECT gen_random_uuid(), $1, 'L' || n, 'Other ' || n, 'active', $2, 'GBP' FROM generate_series(1, 3) n`, f.Client, f.AM)
	f.Exec(t, `INSERT INTO task (id, project_id, number, title, status, owner_id, assignee_person_id, estimate_minutes)
		SELECT gen_random_uuid(), p.id, 1 + n, 'Task ' || n, 'open', o.id, o.id, 60
		FROM project p CROSS JOIN LATERAL generate_series(1, CASE WHEN p.id = $1 THEN 1000 ELSE 100 END) n
			JOIN (SELECT id, row_number() OVER (ORDER BY email) - 1 AS k FROM person WHERE name LIKE 'Person%') o ON o.k = n % 10`, f.Project)
	f.Exec(t, `UPDATE task c SET parent_id = p.id FROM task p WHERE p.project_id = c.project_id AND p.number = c.number / 10 AND c.number > 20`)
	f.Exec(t, `INSERT INTO time_entry (id, task_id, project_id, person_id, work_date, minutes, description)
		SELECT gen_random_uuid(), t.id, t.project_id, t.owner_id, date '2026-03-01' - n, 3, 'work' FROM task t CROSS JOIN generate_series(1, 10) n WHERE t.number > 1`)
	f.Exec(t, `ANALYZE`)
	contributor := b.newToken(t, f.Ann)
	path := "/projects/" + f.Project.String() + "/summary"
	got := measure(t, 1,
		func(int, int) error { return b.sums(t.Context()) },
		func(int, int) error { return b.get(contributor, path) },
		func(int, int) error { return b.get(b.token, path) })
	fmt.Printf("    %-44s %s\n", "bare SQL: minutes of a project's tasks", got[0])
	beside("a summary of 1,000 tasks (< 50 ms)", got[1], got[0])
	beside("with its money", got[2], got[0])
}

// sums is the least that knows a project's minutes.
func (b *bench) sums(ctx context.Context) error {
	rows, err := b.store.Pool.Query(ctx, `SELECT t.id, t.estimate_minutes, sum(e.minutes) FROM task t LEFT JOIN time_entry e ON e.task_id = t.id WHERE t.project_id = $1 GROUP BY t.id`, b.firm.Project)
	if err != nil {
		return err
	}
	rows.Close()
	return rows.Err()
}
