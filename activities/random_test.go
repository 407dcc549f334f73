package activities_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/uuid"

	"steward/activities"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/work"
)

var (
	seed  = flag.Uint64("seed", 0, "of the random actions; 0 draws one")
	turns = flag.Int("turns", 600, "how many random actions")
)

// invariants hold after every action, whoever did it; each query finds what
// breaks one.
var invariants = map[string]string{
	"S1.33 a complete task has no open sub-task": `SELECT p.id FROM task p JOIN task c ON c.parent_id = p.id
		WHERE p.status = 'complete' AND c.status IN ('planned', 'open')`,
	"S1.31, S1.35 no task waits for itself, by dependencies or sub-tasks": `WITH RECURSIVE edge AS ( -- between what starts and what is complete
			SELECT id || ' starts' AS first, id || ' ends' AS later FROM task
			UNION ALL SELECT parent_id || ' starts', id || ' starts' FROM task WHERE parent_id IS NOT NULL
			UNION ALL SELECT id || ' ends', parent_id || ' ends' FROM task WHERE parent_id IS NOT NULL
			UNION ALL SELECT depends_on_id || ' ends', task_id || ' starts' FROM task_dependency), path AS (
			SELECT first, later FROM edge UNION SELECT p.first, e.later FROM path p JOIN edge e ON e.first = p.later)
		SELECT first FROM path WHERE first = later`,
	"S1.35 sub-tasks and dependencies stay within the project": `SELECT t.id FROM task t JOIN task p ON p.id = t.parent_id WHERE p.project_id <> t.project_id
		UNION SELECT d.task_id FROM task_dependency d JOIN task t ON t.id = d.task_id JOIN task o ON o.id = d.depends_on_id WHERE t.project_id <> o.project_id`,
	"S1.33 the owner is on the staff": `SELECT t.id FROM task t JOIN person p ON p.id = t.owner_id WHERE p.kind <> 'staff'`,
	"S1.41 who has a task that is not delegated answers for it": `SELECT id FROM task
		WHERE NOT delegated AND assignee_person_id IS NOT NULL AND assignee_person_id <> owner_id`,
	"S1.41 what its owner has is not delegated": `SELECT id FROM task WHERE delegated AND assignee_person_id = owner_id`,
	"S1.25 a task delegated within the firm says why": `SELECT t.id FROM task t LEFT JOIN person p ON p.id = t.assignee_person_id
		WHERE t.delegated AND t.hand_over IS NULL AND p.kind IS DISTINCT FROM 'client'`,
	"S2.05 a contact sees what they are given": `SELECT t.id FROM task t JOIN person p ON p.id = t.assignee_person_id
		WHERE p.kind = 'client' AND NOT t.visible_to_client AND NOT EXISTS (SELECT FROM audit_event a WHERE a.entity_id = t.id AND a.verb = 'edit')`,
	"S1.14 nobody holds more accepted tasks than the limit, but by reopening": `SELECT assignee_person_id FROM task t JOIN work_group g ON g.id = t.accepted_from
		WHERE t.status IN ('planned', 'open') AND NOT EXISTS (SELECT FROM audit_event a WHERE a.entity_id = t.id AND a.changes -> 'status' ->> 0 IN ('complete', 'cancelled'))
		GROUP BY assignee_person_id, g.id HAVING count(*) > g.max_accepted`,
	"S1.06 a project that is not active has no open task": `SELECT t.id FROM task t JOIN project p ON p.id = t.project_id WHERE p.status = 'draft' AND t.status = 'open'`,
	"N.14 every event says from where":                    `SELECT id FROM audit_event WHERE source <> '192.0.2.1'`,
	"N.14 every version has one event": `SELECT t.id FROM task t LEFT JOIN audit_event a ON a.entity_id = t.id
		GROUP BY t.id HAVING count(a.id) <> t.version OR max(a.version) <> t.version`,
	"N.21 nobody is told of what they did themselves, but to break it down": `SELECT id FROM notification WHERE person_id = actor_id AND kind <> 'needs_subtasks'`,
}

func (b *bench) holds(t *testing.T) {
	t.Helper()
	for rule, sql := range invariants {
		if n := fixture.One[int](t, b.Store.Pool, "SELECT count(*) FROM ("+sql+") broken"); n > 0 {
			t.Fatalf("broken %d times: %s", n, rule)
		}
	}
}

// crowd is people who do anything to anything.
type crowd struct {
	*bench
	random          *rand.Rand
	people, groups  []uuid.UUID
	projects, tasks []uuid.UUID
	number          int
}

func (b *bench) crowd(t *testing.T, seed uint64) *crowd {
	t.Helper()
	c := &crowd{bench: b, random: rand.New(rand.NewPCG(seed, 1)), people: []uuid.UUID{b.AM, b.Manager, b.Ann, b.Bob}, groups: []uuid.UUID{b.Group, b.NewID()}, projects: []uuid.UUID{b.Project, b.NewID()}}
	c.people = append(c.people, b.Person(t, "Ada", "admin", ""), b.NewID())
	b.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, 'Carl', 'carl@client.example', '{client_contact}')`, c.people[5], b.Client)
	b.Exec(t, `INSERT INTO work_group (id, name, told, skills) VALUES ($1, 'Two', 'managers', '{a}')`, c.groups[1])
	b.Exec(t, `INSERT INTO work_group_member (group_id, person_id, is_manager) VALUES ($1, $2, true), ($1, $3, false)`, c.groups[1], b.Ann, b.AM)
	b.Exec(t, `UPDATE work_group SET max_accepted = 3 WHERE id = $1`, b.Group)
	b.Exec(t, `INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency) VALUES ($1, $2, 'DRAFT', 'Draft', 'draft', $3, 'GBP')`, c.projects[1], b.Client, b.AM)
	b.Exec(t, `DELETE FROM task`) // every task has its whole history
	return c
}

func pick[T any](c *crowd, from []T) T { return from[c.random.IntN(len(from))] }

func (c *crowd) target() flow.Target {
	if c.random.IntN(3) == 0 {
		return toGroup(pick(c, c.groups))
	}
	return toUser(pick(c, c.people))
}

// next draws who does what to which task.
func (c *crowd) next(t *testing.T) flow.Command {
	by := pick(c, c.people)
	c.tasks = fixture.One[[]uuid.UUID](t, c.Store.Pool, `SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM task`)
	if len(c.tasks) < 5 || c.random.IntN(8) == 0 {
		c.number++
		id := c.NewID()
		body := map[string]any{"project_id": pick(c, c.projects), "title": fmt.Sprint("Task ", c.number), "number": c.number}
		if len(c.tasks) > 0 && c.random.IntN(2) == 0 {
			body["parent_id"] = pick(c, c.tasks)
		}
		if len(c.tasks) > 0 && c.random.IntN(3) == 0 {
			body["depends_on"] = []uuid.UUID{pick(c, c.tasks)}
		}
		if c.random.IntN(2) == 0 {
			body["assign_to"] = c.target()
		}
		return c.command(t, pick(c, []uuid.UUID{by, c.AM, c.AM}), flow.Task, id, "create", body)
	}
	task := pick(c, c.tasks)
	if c.random.IntN(4) > 0 { // mostly those who may
		rows, _ := c.Store.Pool.Query(t.Context(), `SELECT coalesce(assignee_person_id, owner_id), owner_id FROM task WHERE id = $1`, task)
		var worker, owner uuid.UUID
		for rows.Next() {
			_ = rows.Scan(&worker, &owner)
		}
		if by = pick(c, []uuid.UUID{worker, owner, by}); by == uuid.Nil {
			by = c.AM
		}
	}
	verb, body := c.action()
	return c.command(t, by, flow.Task, task, verb, body)
}

func (c *crowd) action() (string, any) {
	other := pick(c, c.tasks)
	switch c.random.IntN(11) {
	case 9:
		return "start", struct{}{}
	case 10:
		return "end", struct{}{}
	case 0:
		return "assign", flow.AssignTask{To: c.target(), Note: "please"}
	case 1:
		return "delegate", flow.DelegateTask{To: c.target(), Reason: pick(c, []work.HandOverReason{work.MyPartFinished, work.NeedSupport, "bored"}), Done: pick(c, []string{"much", ""}), Next: "more"}
	case 2:
		return "accept", struct{}{}
	case 3:
		return "move", flow.MoveTask{ParentID: pick(c, []*uuid.UUID{&other, &other, nil})}
	case 4:
		return "depend", flow.Dependency{TaskID: other}
	case 5:
		return "undepend", flow.Dependency{TaskID: other}
	case 6:
		return "edit", map[string]any{"priority": 1 + c.random.IntN(5), "skills": pick(c, [][]string{{}, {"a"}})}
	}
	return "status", flow.SetStatus{Status: pick(c, []work.Status{work.Planned, work.Open, work.Open, work.Complete, work.Cancelled})}
}

// Whatever anybody does, in whatever order and at the same time, leaves the
// firm in order, and every task's row is what its history says.
func TestRandomActionsKeepTheFirmInOrder(t *testing.T) { // S1.24–S1.41, N.14, N.31
	t.Parallel()
	s := *seed
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("-seed %d", s)
	b := set(t)
	c := b.crowd(t, s)
	outcomes := map[string]int{}
	for i := range *turns / 2 { // one after the other
		outcomes[c.outcome(t, c.next(t))]++
		if i%10 == 0 {
			b.holds(t)
		}
	}
	for range *turns / 16 { // eight at once
		var cs []flow.Command
		for range 8 {
			cs = append(cs, c.next(t))
		}
		c.together(t, cs, outcomes)
		b.holds(t)
	}
	t.Log(outcomes)
	if outcomes[""] < *turns/10 {
		t.Errorf("too little was allowed for the test to mean much: %v", outcomes)
	}
	b.rowsAreTheirHistories(t)
}

func (c *crowd) outcome(t *testing.T, cmd flow.Command) string {
	_, err := c.acts.CommitTask(t.Context(), cmd)
	if _, ok := flow.Refused(err); err != nil && !ok {
		t.Errorf("failed rather than refused: %v", err)
	}
	return string(code(err))
}

func (c *crowd) together(t *testing.T, cs []flow.Command, outcomes map[string]int) {
	var all sync.WaitGroup
	var mu sync.Mutex
	for _, cmd := range cs {
		all.Go(func() {
			got := c.outcome(t, cmd)
			mu.Lock()
			defer mu.Unlock()
			outcomes[got]++
		})
	}
	all.Wait()
}

// plain is JSON with its fields in order, at every depth.
func plain(fields map[string]json.RawMessage) string {
	var v any
	_ = json.Unmarshal(postgres.JSON(fields), &v)
	return string(postgres.JSON(v))
}

func (b *bench) rowsAreTheirHistories(t *testing.T) {
	t.Helper()
	rows, err := b.Store.Pool.Query(t.Context(), `SELECT entity_id, changes FROM audit_event WHERE entity_kind = 'task' ORDER BY entity_id, version`)
	if err != nil {
		t.Fatal(err)
	}
	told := map[uuid.UUID]map[string]json.RawMessage{}
	for rows.Next() {
		var id uuid.UUID
		var changes map[string][2]json.RawMessage
		if err := rows.Scan(&id, &changes); err != nil {
			t.Fatal(err)
		}
		if told[id] == nil {
			told[id] = map[string]json.RawMessage{}
		}
		for field, c := range changes {
			if told[id][field] = c[1]; string(c[1]) == "null" {
				delete(told[id], field)
			}
		}
	}
	if len(told) == 0 {
		t.Fatal("nobody made a task")
	}
	for id, history := range told {
		view, err := postgres.OneTask(t.Context(), b.Store.Queries, id)
		if err != nil {
			t.Fatal(err)
		}
		row := map[string]json.RawMessage{}
		_ = json.Unmarshal(postgres.JSON(activities.AuditTask(postgres.Machine(view.Facts))), &row)
		if len(view.DependsOn) > 0 {
			row["depends_on"] = postgres.JSON(view.DependsOn)
		}
		if string(history["depends_on"]) == "[]" {
			delete(history, "depends_on")
		}
		if got, want := plain(history), plain(row); got != want {
			t.Errorf("task %s\nhistory %s\nrow     %s", id, got, want)
		}
	}
}
