package activities_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/work"
)

// below puts a task below another.
func (b *bench) below(t *testing.T, task, above uuid.UUID) uuid.UUID {
	t.Helper()
	b.Exec(t, `UPDATE task SET parent_id = $2 WHERE id = $1`, task, above)
	return task
}

// words is how many words to a task's process the outbox holds; they are taken out.
func (b *bench) words(t *testing.T, task uuid.UUID) int {
	t.Helper()
	return fixture.One[int](t, b.Store.Pool, `WITH taken AS (DELETE FROM outbox WHERE entity_id = $1 RETURNING 1) SELECT count(*) FROM taken`, task)
}

// waits is what a task waits for, by number, and whom its process waits for.
func (b *bench) waits(t *testing.T, task uuid.UUID) ([]int32, string) {
	t.Helper()
	view, err := postgres.OneTask(t.Context(), b.Store.Queries, task)
	if err != nil {
		t.Fatal(err)
	}
	snap, err := b.acts.LoadTask(t.Context(), task)
	if err != nil {
		t.Fatal(err)
	}
	return view.Facts.WaitsFor, snap.WaitingFor
}

func TestSubTasksWaitForWhatTheTasksAboveDependOn(t *testing.T) { // S1.08, S1.10, S1.31, S1.32
	t.Parallel()
	b := set(t)
	analysis, implementation := b.NewTask(t, "open"), b.NewTask(t, "open") // 2 and 3
	dropped := b.below(t, b.NewTask(t, "cancelled"), implementation)
	build, mine := b.below(t, b.Waiting(t), implementation), b.below(t, b.NewTask(t, "open"), dropped)
	second := b.below(t, b.Waiting(t), implementation)
	closed := b.below(t, b.NewTask(t, "complete"), implementation)
	b.do(t, b.Ann, second, "depend", flow.Dependency{TaskID: mine})
	b.do(t, b.Ann, implementation, "depend", flow.Dependency{TaskID: analysis})
	b.do(t, b.Manager, build, "depend", flow.Dependency{TaskID: analysis}) // the same once more
	for _, task := range []uuid.UUID{implementation, build, mine, second} {
		if numbers, who := b.waits(t, task); numbers[0] != 2 || len(numbers) != map[bool]int{true: 2, false: 1}[task == second] || who != "dependencies" {
			t.Errorf("%s waits for %v, its process for %s", task, numbers, who)
		}
	}
	if view, _ := postgres.OneTask(t.Context(), b.Store.Queries, mine); len(view.DependsOn) > 0 || view.Ready {
		t.Errorf("it depends on %v itself, and is ready: %v", view.DependsOn, view.Ready)
	}
	for name, got := range map[string]string{
		"accepted":  b.try(t, b.Bob, build, "accept", struct{}{}),
		"started":   b.try(t, b.Ann, mine, "start", struct{}{}),
		"completed": b.try(t, b.Ann, mine, "status", flow.SetStatus{Status: work.Complete}),
	} {
		if got != "dependency_incomplete" {
			t.Errorf("it is %s before: %q", name, got)
		}
	}
	if row, err := b.TaskForAction(t.Context(), build); err != nil || row.WaitingOn != 1 {
		t.Errorf("it waits for %d, %v", row.WaitingOn, err)
	}
	for _, task := range []uuid.UUID{implementation, build, mine, second, closed} {
		b.words(t, task)
	}
	b.do(t, b.Ann, analysis, "status", flow.SetStatus{Status: work.Complete})
	for task, want := range map[uuid.UUID]int{implementation: 1, build: 1, mine: 1, second: 1, closed: 0} {
		if n := b.words(t, task); n != want {
			t.Errorf("the process of %s hears %d words, want %d", task, n, want)
		}
	}
	if b.hears(t, b.Bob, build) != "ready" || b.hears(t, b.Bob, second) != "" {
		t.Errorf("who waits hears %q of what is ready, %q of what is not", b.hears(t, b.Bob, build), b.hears(t, b.Bob, second))
	}
	b.do(t, b.Bob, build, "accept", struct{}{})
	b.do(t, b.Ann, mine, "status", flow.SetStatus{Status: work.Complete})
	if got := b.hears(t, b.Bob, second); got != "ready" {
		t.Errorf("who waits for the last of them hears %q", got)
	}
	b.words(t, build)
	b.do(t, b.Ann, analysis, "status", flow.SetStatus{Status: work.Open})
	if numbers, who := b.waits(t, build); b.words(t, build) != 1 || !slices.Equal(numbers, []int32{2}) || who != "dependencies" {
		t.Errorf("once it is open again, %v are waited for, by %s", numbers, who)
	}
}

func TestTwoThatASubTaskWaitsForEndAtOnce(t *testing.T) { // S1.31, S1.32
	t.Parallel()
	b := set(t)
	for range 10 {
		one, two, above := b.NewTask(t, "open"), b.NewTask(t, "open"), b.NewTask(t, "open")
		task := b.below(t, b.Waiting(t), above)
		b.do(t, b.Ann, above, "depend", flow.Dependency{TaskID: one})
		b.do(t, b.Manager, task, "depend", flow.Dependency{TaskID: two})
		got := b.both(t, b.command(t, b.Ann, flow.Task, one, "status", flow.SetStatus{Status: "complete"}),
			b.command(t, b.Ann, flow.Task, two, "status", flow.SetStatus{Status: "complete"}))
		if got[""] != 2 {
			t.Fatalf("got %v", got)
		}
		if got := b.hears(t, b.Bob, task); got != "ready" {
			t.Fatalf("who waits hears %q, want that it is ready, once", got)
		}
	}
}

func TestWhatIsBelowHearsThatItWaitsForOthers(t *testing.T) { // S1.31, S1.35
	t.Parallel()
	b := set(t)
	first, above, beside := b.NewTask(t, "open"), b.NewTask(t, "open"), b.NewTask(t, "open")
	task := b.below(t, b.NewTask(t, "open"), above)
	deep, closed := b.below(t, b.NewTask(t, "planned"), task), b.below(t, b.NewTask(t, "complete"), task)
	for _, c := range []struct {
		verb string
		on   uuid.UUID
		body any
		want string // whom the task's process waits for
	}{
		{"depend", above, flow.Dependency{TaskID: first}, "dependencies"},
		{"undepend", above, flow.Dependency{TaskID: first}, "assignee"},
		{"depend", beside, flow.Dependency{TaskID: first}, "assignee"},
		{"move", above, flow.MoveTask{ParentID: &beside}, "dependencies"},
		{"move", task, flow.MoveTask{ParentID: &first}, "assignee"},
		{"move", task, flow.MoveTask{ParentID: &beside}, "dependencies"},
	} {
		snap := b.do(t, b.Ann, c.on, c.verb, c.body)
		if _, who := b.waits(t, task); who != c.want || c.on == task && snap.WaitingFor != c.want {
			t.Errorf("after %s it waits for %s, its process for %s, want %s", c.verb, who, snap.WaitingFor, c.want)
		}
		heard, want := b.words(t, deep), 1
		if c.on == beside {
			want = 0
		}
		if heard != want || b.words(t, closed) > 0 {
			t.Errorf("after %s of %s what is below hears %d words", c.verb, c.on, heard)
		}
	}
	answer := fixture.One[int](t, b.Store.Pool, `SELECT jsonb_array_length(answer -> 'waits_for') FROM command_log WHERE entity_id = $1 AND verb = 'move' ORDER BY id DESC LIMIT 1`, task)
	if answer != 1 {
		t.Errorf("who moved it is told that it waits for %d", answer)
	}
}

func TestCirclesByWayOfTheTaskAboveAreRefused(t *testing.T) { // S1.31, S1.35
	t.Parallel()
	b := set(t)
	top, task, deep := b.NewTask(t, "open"), b.NewTask(t, "open"), b.NewTask(t, "open")
	b.below(t, deep, b.below(t, task, top))
	on, after, last := b.NewTask(t, "open"), b.NewTask(t, "open"), b.NewTask(t, "open")
	b.do(t, b.Ann, top, "depend", flow.Dependency{TaskID: on})
	b.do(t, b.Ann, after, "depend", flow.Dependency{TaskID: task})
	b.do(t, b.Ann, last, "depend", flow.Dependency{TaskID: after})
	for name, c := range map[string]struct {
		task uuid.UUID
		verb string
		body any
	}{
		"waits for a sub-task":                         {top, "depend", flow.Dependency{TaskID: task}},
		"waits for a sub-task's sub-task":              {top, "depend", flow.Dependency{TaskID: deep}},
		"waits for what is below what waits for it":    {on, "depend", flow.Dependency{TaskID: deep}},
		"waits for what waits for a sub-task":          {top, "depend", flow.Dependency{TaskID: last}},
		"under what waits for what waits for it":       {task, "move", flow.MoveTask{ParentID: &last}},
		"under what waits for it":                      {on, "move", flow.MoveTask{ParentID: &deep}},
		"above what waits for it, with what is so too": {top, "move", flow.MoveTask{ParentID: &after}},
	} {
		if got := b.try(t, b.Ann, c.task, c.verb, c.body); got != "dependency_cycle" {
			t.Errorf("%s: %q", name, got)
		}
	}
	body := map[string]any{"project_id": b.Project, "parent_id": deep, "title": "New", "depends_on": []uuid.UUID{last}, "number": 98}
	if got := b.try(t, b.Ann, b.NewID(), "create", body); got != "dependency_cycle" {
		t.Errorf("a new sub-task that waits for what comes after the one above: %q", got)
	}
	// Sub-tasks wait for each other as they like, also for those of what the one
	// above waits for, and move out of what waits and into it.
	one, two := b.below(t, b.NewTask(t, "open"), top), b.below(t, b.NewTask(t, "open"), on)
	b.do(t, b.Ann, one, "depend", flow.Dependency{TaskID: deep})
	b.do(t, b.Ann, one, "depend", flow.Dependency{TaskID: two})
	b.do(t, b.Ann, b.NewID(), "create", map[string]any{"project_id": b.Project, "parent_id": top, "title": "Newer", "depends_on": []uuid.UUID{one}, "number": 99})
	free := b.below(t, b.NewTask(t, "open"), top)
	b.do(t, b.Ann, free, "move", flow.MoveTask{ParentID: &on})
	b.do(t, b.Ann, free, "move", flow.MoveTask{ParentID: &deep})
	b.do(t, b.Ann, free, "move", flow.MoveTask{ParentID: &deep})
}

// What a task in a group's queue waited for may be taken away instead of closed:
// the group's time to accept it begins then, too, and not again by what was
// closed long before.
func TestAGroupsTimeBeginsWhenNothingIsWaitedForAnyMore(t *testing.T) { // S1.14, S1.31
	t.Parallel()
	const end = "2026-03-16T14:00:00Z" // a Monday
	for name, c := range map[string]struct {
		then func(t *testing.T, b *told, task, above, one, two uuid.UUID)
		want string // when the managers hear of it, an hour of theirs later
	}{
		"what it depends on is complete": {func(t *testing.T, b *told, task, above, one, two uuid.UUID) {
			b.do(t, b.Ann, task, "depend", flow.Dependency{TaskID: one})
			b.at(t, end)
			b.do(t, b.Ann, one, "status", flow.SetStatus{Status: work.Complete})
		}, "2026-03-16T15:00:00Z"},
		"it depends on it no more": {func(t *testing.T, b *told, task, above, one, two uuid.UUID) {
			b.do(t, b.Ann, task, "depend", flow.Dependency{TaskID: one})
			b.at(t, end)
			b.do(t, b.Ann, task, "undepend", flow.Dependency{TaskID: one})
		}, "2026-03-16T15:00:00Z"},
		"the one above depends on it no more": {func(t *testing.T, b *told, task, above, one, two uuid.UUID) {
			b.do(t, b.Ann, above, "depend", flow.Dependency{TaskID: one})
			b.at(t, end)
			b.do(t, b.Ann, above, "undepend", flow.Dependency{TaskID: one})
		}, "2026-03-16T15:00:00Z"},
		"it is not below what waits any more": {func(t *testing.T, b *told, task, above, one, two uuid.UUID) {
			b.do(t, b.Ann, above, "depend", flow.Dependency{TaskID: one})
			b.at(t, end)
			b.do(t, b.Ann, task, "move", flow.MoveTask{ParentID: &two})
		}, "2026-03-16T15:00:00Z"},
		"another is left": {func(t *testing.T, b *told, task, above, one, two uuid.UUID) {
			b.do(t, b.Ann, task, "depend", flow.Dependency{TaskID: one})
			b.do(t, b.Ann, above, "depend", flow.Dependency{TaskID: two})
			b.at(t, end)
			b.do(t, b.Ann, task, "undepend", flow.Dependency{TaskID: one})
		}, ""},
		"another is complete after": {func(t *testing.T, b *told, task, above, one, two uuid.UUID) {
			b.do(t, b.Ann, task, "depend", flow.Dependency{TaskID: one})
			b.do(t, b.Ann, above, "depend", flow.Dependency{TaskID: two})
			b.do(t, b.Ann, task, "undepend", flow.Dependency{TaskID: one})
			b.at(t, end)
			b.do(t, b.Ann, two, "status", flow.SetStatus{Status: work.Cancelled})
		}, "2026-03-16T15:00:00Z"},
		"what was complete before is not depended on any more": {func(t *testing.T, b *told, task, above, one, two uuid.UUID) {
			b.do(t, b.Ann, task, "depend", flow.Dependency{TaskID: one})
			b.at(t, "2026-03-16T11:00:00Z")
			b.do(t, b.Ann, one, "status", flow.SetStatus{Status: work.Complete})
			b.at(t, end)
			b.do(t, b.Ann, task, "undepend", flow.Dependency{TaskID: one})
		}, "2026-03-16T12:00:00Z"},
		"nothing stood in its way": {func(t *testing.T, b *told, task, above, one, two uuid.UUID) {
			b.do(t, b.Ann, above, "depend", flow.Dependency{TaskID: two})
			b.do(t, b.Ann, above, "undepend", flow.Dependency{TaskID: two})
			b.at(t, end)
			b.do(t, b.Ann, task, "move", flow.MoveTask{ParentID: &two})
		}, "2026-03-16T10:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setAt(t, "2026-03-16T09:00:00Z")
			one, two, above := b.NewTask(t, "open"), b.NewTask(t, "open"), b.NewTask(t, "open")
			task := b.below(t, b.Waiting(t), above)
			b.Exec(t, `UPDATE work_group SET escalate_minutes = 60`)
			b.Exec(t, `UPDATE task SET assigned_at = $1, status_at = $1, created_at = $1, owner_id = $2`, b.now, b.Ann)
			c.then(t, b, task, above, one, two)
			snap, err := b.acts.LoadTask(t.Context(), task)
			got := ""
			if snap.Deadline != nil {
				got = snap.Deadline.UTC().Format(time.RFC3339)
			}
			if err != nil || got != c.want {
				t.Errorf("the managers hear at %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestWhoCanStartBecauseADependencyIsTakenAwayHearsOfIt(t *testing.T) { // S1.32
	t.Parallel()
	b := set(t)
	first, other, above := b.NewTask(t, "open"), b.NewTask(t, "open"), b.NewTask(t, "open")
	waits, both, free := b.below(t, b.Waiting(t), above), b.below(t, b.Waiting(t), above), b.below(t, b.Waiting(t), first)
	b.Exec(t, `UPDATE task SET owner_id = $1`, b.Ann)
	b.do(t, b.Ann, above, "depend", flow.Dependency{TaskID: other})
	b.Exec(t, `INSERT INTO task_dependency (task_id, depends_on_id) VALUES ($1, $2)`, both, first)
	b.do(t, b.Ann, above, "undepend", flow.Dependency{TaskID: other})
	b.do(t, b.Ann, free, "move", flow.MoveTask{ParentID: &above}) // it could start before
	for task, want := range map[uuid.UUID]string{waits: "ready", both: "", free: ""} {
		if got := b.hears(t, b.Bob, task); got != want {
			t.Errorf("who waits in the group hears %q, want %q", got, want)
		}
	}
}

// What stands in a task's way ends in two places at once: whoever waits hears of
// it once, when nothing does any more, and the group's time begins then.
func TestWhatATaskWaitsForIsTakenAwayAndEndsAtOnce(t *testing.T) { // S1.14, S1.31, S1.32
	t.Parallel()
	for name, c := range map[string]struct {
		commands func(t *testing.T, b *bench, task, above, one, two uuid.UUID) []flow.Command
		want     string
	}{
		"both are depended on no more": {func(t *testing.T, b *bench, task, above, one, two uuid.UUID) []flow.Command {
			return []flow.Command{b.command(t, b.Ann, flow.Task, above, "undepend", flow.Dependency{TaskID: one}), b.command(t, b.Ann, flow.Task, task, "undepend", flow.Dependency{TaskID: two})}
		}, "ready"},
		"one is depended on no more, the other complete": {func(t *testing.T, b *bench, task, above, one, two uuid.UUID) []flow.Command {
			return []flow.Command{b.command(t, b.Ann, flow.Task, above, "undepend", flow.Dependency{TaskID: one}), b.command(t, b.Ann, flow.Task, two, "status", flow.SetStatus{Status: work.Complete})}
		}, "ready"},
		"the same is depended on no more and complete": {func(t *testing.T, b *bench, task, above, one, two uuid.UUID) []flow.Command {
			b.do(t, b.Ann, above, "undepend", flow.Dependency{TaskID: one})
			return []flow.Command{b.command(t, b.Ann, flow.Task, task, "undepend", flow.Dependency{TaskID: two}), b.command(t, b.Ann, flow.Task, two, "status", flow.SetStatus{Status: work.Complete})}
		}, "ready"},
		"the same is, and another is left": {func(t *testing.T, b *bench, task, above, one, two uuid.UUID) []flow.Command {
			return []flow.Command{b.command(t, b.Ann, flow.Task, task, "undepend", flow.Dependency{TaskID: two}), b.command(t, b.Ann, flow.Task, two, "status", flow.SetStatus{Status: work.Complete})}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := set(t)
			for range 20 {
				one, two, above := b.NewTask(t, "open"), b.NewTask(t, "open"), b.NewTask(t, "open")
				task := b.below(t, b.Waiting(t), above)
				b.Exec(t, `UPDATE task SET owner_id = $1, created_at = '2025-01-01'`, b.Ann)
				b.do(t, b.Ann, above, "depend", flow.Dependency{TaskID: one})
				b.do(t, b.Ann, task, "depend", flow.Dependency{TaskID: two})
				if got := b.both(t, c.commands(t, b, task, above, one, two)...); got[""] != 2 {
					t.Fatalf("got %v", got)
				}
				if got := b.hears(t, b.Bob, task); got != c.want {
					t.Fatalf("who waits in the group hears %q, want %q", got, c.want)
				}
				view, err := postgres.OneTask(t.Context(), b.Store.Queries, task)
				if since := view.Facts.FreedAt.Year() > 2025; err != nil || c.want != "" && !since {
					t.Fatalf("it waits for nobody since %v, %v", view.Facts.FreedAt, err)
				}
			}
		})
	}
}

func TestNobodyHearsThatATaskCanStartBeforeItsProject(t *testing.T) { // S1.06, S1.32
	t.Parallel()
	b := set(t)
	for status, want := range map[string]string{"draft": "", "awaiting_clearance": "", "active": "ready", "on_hold": "ready"} {
		b.Exec(t, `UPDATE project SET status = 'active' WHERE id = $1`, b.Project)
		one, two := b.NewTask(t, "planned"), b.NewTask(t, "planned")
		task := b.NewTask(t, "planned")
		b.Exec(t, `UPDATE task SET owner_id = $1 WHERE id = $2`, b.Ann, task)
		b.do(t, b.AM, task, "depend", flow.Dependency{TaskID: one})
		b.do(t, b.AM, task, "depend", flow.Dependency{TaskID: two})
		b.Exec(t, `UPDATE project SET status = $2 WHERE id = $1`, b.Project, status)
		b.Exec(t, `DELETE FROM notification`)
		b.do(t, b.AM, task, "undepend", flow.Dependency{TaskID: one})
		b.do(t, b.AM, task, "undepend", flow.Dependency{TaskID: two})
		if got := b.hears(t, b.Ann, task); got != want {
			t.Errorf("of a task of a project that is %s its owner hears %q, want %q", status, got, want)
		}
		b.Exec(t, `DELETE FROM notification`)
	}
}
