package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

// twoGroups is a firm with a second group, its manager and a member, and a
// task for each of the desks and queues.
type twoGroups struct {
	*world
	other, boss, member             uuid.UUID
	anns, queued, theirs, theirWork uuid.UUID
}

func newTwoGroups(t *testing.T) *twoGroups {
	w := newWorld(t)
	g := &twoGroups{world: w, other: w.store.NewID(), boss: w.Person(t, "Boss", "group_manager", ""), member: w.Person(t, "Member", "contributor", "")}
	w.Exec(t, `INSERT INTO work_group (id, name) VALUES ($1, 'Other')`, g.other)
	w.Exec(t, `INSERT INTO work_group_member (group_id, person_id, is_manager) VALUES ($1, $2, true), ($1, $3, false)`, g.other, g.boss, g.member)
	g.anns, g.queued, g.theirs, g.theirWork = w.Task, w.Waiting(t), w.Waiting(t), w.NewTask(t, "open")
	w.Exec(t, `UPDATE task SET assignee_group_id = $2, owner_id = $3 WHERE id = $1`, g.theirs, g.other, g.boss)
	w.Exec(t, `UPDATE task SET assignee_person_id = $2, owner_id = $2 WHERE id = $1`, g.theirWork, g.member)
	return g
}

// lists is the ids that a list shows, page by page.
func (c caller) lists(path string) []string {
	c.w.t.Helper()
	var ids []string
	for cursor := ""; ; {
		a := c.must("GET", path+cursor, nil)
		for _, item := range a.items() {
			ids = append(ids, item["id"].(string))
		}
		next := a.str("next_cursor")
		if next == "" {
			slices.Sort(ids)
			return ids
		}
		cursor = "&cursor=" + next
	}
}

func texts(ids ...uuid.UUID) []string {
	var all []string
	for _, id := range ids {
		all = append(all, id.String())
	}
	slices.Sort(all)
	return all
}

func TestAManagerSeesTheGroupsTheyManageAndNothingElse(t *testing.T) { // S1.15, S1.36, S1.37
	t.Parallel()
	g := newTwoGroups(t)
	for name, c := range map[string]struct {
		who  uuid.UUID
		path string
		want []string
	}{
		"the manager":                      {g.Manager, "/tasks?limit=1", texts(g.anns, g.queued)},
		"the other manager":                {g.boss, "/tasks?limit=1", texts(g.theirs, g.theirWork)},
		"a member":                         {g.Ann, "/tasks?limit=1", texts(g.anns, g.queued)},
		"a member's own":                   {g.Ann, "/tasks?assignee=me", texts(g.anns)},
		"a filter for another desk":        {g.Manager, "/tasks?assignee=" + g.member.String(), nil},
		"a filter for another queue":       {g.Manager, "/tasks?group=" + g.other.String(), nil},
		"a filter for another owner":       {g.Manager, "/tasks?owner=" + g.boss.String(), nil},
		"a filter for what all have":       {g.Manager, "/tasks?status=open&ready=true&needs_subtasks=true", texts(g.anns, g.queued)},
		"the manager's group":              {g.Manager, "/groups/" + g.Group.String() + "/tasks?limit=1", texts(g.anns, g.queued)},
		"the account manager sees all":     {g.AM, "/tasks?limit=3", texts(g.anns, g.queued, g.theirs, g.theirWork)},
		"the account manager, the other's": {g.AM, "/groups/" + g.other.String() + "/tasks?limit=1", texts(g.theirs, g.theirWork)},
	} {
		if got := g.as(c.who).lists(c.path); !slices.Equal(got, c.want) {
			t.Errorf("%s sees %v, want %v", name, got, c.want)
		}
	}
	g.as(g.Manager).refused(403, "not_a_manager", "GET", "/groups/"+g.other.String()+"/tasks", nil)
	g.as(g.Manager).refused(403, "not_a_member", "GET", "/groups/"+g.other.String()+"/queue", nil)
	g.as(g.Ann).refused(403, "not_a_manager", "GET", "/groups/"+g.Group.String()+"/tasks", nil)
	g.as(g.contact(t)).refused(404, "not_found", "GET", "/groups/"+g.Group.String()+"/tasks", nil)
	g.as(g.Manager).refused(404, "not_found", "GET", "/groups/"+g.Task.String()+"/tasks", nil)
}

func TestRecordedTimeIsSeenByWhoItIsFor(t *testing.T) { // S1.15, S1.36
	t.Parallel()
	g := newTwoGroups(t)
	mine := g.Record(t, fixture.Entry{Task: g.anns, Person: g.Ann, Date: day(2), Minutes: 60})
	theirs := g.Record(t, fixture.Entry{Task: g.theirWork, Person: g.member, Date: day(2), Minutes: 60})
	for who, want := range map[uuid.UUID][]string{
		g.Ann: texts(mine...), g.Bob: nil, g.Manager: texts(mine...), g.boss: texts(theirs...), g.AM: texts(append(mine, theirs...)...),
	} {
		if got := g.as(who).lists("/time-entries?limit=1"); !slices.Equal(got, want) {
			t.Errorf("%s sees %v, want %v", who, got, want)
		}
	}
	if got := g.as(g.Manager).lists("/time-entries?user=" + g.member.String()); got != nil {
		t.Errorf("with a filter %v", got)
	}
}

// As they are kept of people, so that what is asked for can be had.
func TestSkillsAreKeptWithoutBlanks(t *testing.T) { // S1.30, S1.14
	t.Parallel()
	w := newWorld(t)
	w.carried()
	asked, kept := []string{" welding", "", "a b", "welding "}, object{"skills": []string{"welding", "a b"}}
	made := w.as(w.AM).must("POST", "/tasks", object{"project_id": w.Project, "title": "Weld", "skills": asked})
	has(t, made.body, kept)
	path := "/tasks/" + made.str("id")
	has(t, w.as(w.AM).must("PATCH", path, object{"skills": []string{}}).body, object{"skills": []string{}})
	has(t, w.as(w.AM).must("PATCH", path, object{"skills": asked}).body, kept)
	has(t, w.as(w.AM).must("PATCH", path, object{"title": "Weld it"}).body, kept)
	has(t, w.as(w.Manager).must("PUT", "/groups/"+w.Group.String()+"/preferences", object{"skills": asked}).body, kept)
	w.as(w.AM).refused(422, "invalid", "PATCH", path, object{"skills": []string{strings.Repeat("w", 101)}})
}

func TestAGroupsManagerSaysHowItWorks(t *testing.T) { // S1.14
	t.Parallel()
	w := newWorld(t)
	path := "/groups/" + w.Group.String() + "/preferences"
	has(t, w.as(w.Ann).must("GET", path, nil).body, object{"told": "members", "delivery": "at_once", "escalate_after_hours": nil, "accepted_limit": nil, "default_priority": nil, "calendar": nil, "skills": []string{}})
	wanted := object{"told": "managers", "delivery": "daily", "escalate_after_hours": 1.5, "accepted_limit": 3, "default_priority": 2, "time_zone": "Europe/Berlin", "skills": []string{"welding"},
		"calendar": object{"weekly": object{"mon": [][]string{{"09:00", "17:30"}}}, "holidays": "DE-BY"}}
	waiting := w.Waiting(t)
	for _, who := range []uuid.UUID{w.Ann, w.AM} {
		w.as(who).refused(403, "not_a_manager", "PUT", path, wanted)
	}
	got := w.as(w.Manager).must("PUT", path, wanted)
	has(t, got.body, wanted)
	has(t, w.as(w.Ann).must("GET", path, nil).body, wanted)
	if n := fixture.One[int](t, w.store.Pool, `SELECT count(*) FROM outbox WHERE entity_id = $1`, waiting); n != 1 {
		t.Errorf("what waits in the group hears of the new deadline %d times", n)
	}
	has(t, w.as(w.Manager).must("PUT", path, object{}).body, object{"told": "members", "calendar": nil, "version": 3})
	w.as(w.Manager).must("PUT", path, object{"escalate_after_hours": 1.15}) // 69 minutes, not 68
	if n := fixture.One[int](t, w.store.Pool, `SELECT escalate_minutes FROM work_group WHERE id = $1`, w.Group); n != 69 {
		t.Errorf("1.15 hours are %d minutes", n)
	}
	for _, wrong := range []object{
		{"told": "everybody"}, {"delivery": "weekly"}, {"escalate_after_hours": 0}, {"escalate_after_hours": -1}, {"escalate_after_hours": "two"}, {"accepted_limit": 0},
		{"default_priority": 6}, {"time_zone": "Mars/Olympus"}, {"skills": "welding"},
	} {
		w.as(w.Manager).refused(422, "invalid", "PUT", path, wrong)
	}
	for _, wrong := range []object{{"weekly": object{"mon": [][]string{{"17:30", "09:00"}}}}, {"weekly": object{}, "holidays": "XX"}} {
		w.as(w.Manager).refused(422, "bad_calendar", "PUT", path, object{"calendar": wrong})
	}
	w.as(w.Manager).with("If-Match", `"1"`).refused(412, "stale", "PUT", path, object{})
}

func TestATopLevelTaskWithoutSubtasksIsFlagged(t *testing.T) { // S1.10
	t.Parallel()
	w := newWorld(t)
	has(t, w.as(w.AM).must("GET", "/tasks/"+w.Task.String(), nil).body, object{"needs_subtasks": true})
	below := w.NewTask(t, "open")
	w.Exec(t, `UPDATE task SET parent_id = $2 WHERE id = $1`, below, w.Task)
	for _, id := range []uuid.UUID{w.Task, below} {
		has(t, w.as(w.AM).must("GET", "/tasks/"+id.String(), nil).body, object{"needs_subtasks": false})
	}
	if got := w.as(w.AM).lists(fmt.Sprintf("/tasks?parent=%s", w.Task)); !slices.Equal(got, texts(below)) {
		t.Errorf("below it are %v", got)
	}
}

func TestATaskThatWaitsTakesNoTime(t *testing.T) { // S1.31
	t.Parallel()
	w := newWorld(t)
	first := w.NewTask(t, "open")
	w.Exec(t, `INSERT INTO task_dependency (task_id, depends_on_id) VALUES ($1, $2)`, w.Task, first)
	body := object{"work_date": "2026-03-20", "minutes": 5, "description": "work"}
	w.as(w.Ann).refused(409, "dependency_incomplete", "POST", "/tasks/"+w.Task.String()+"/time", body)
	w.Exec(t, `UPDATE task SET status = 'cancelled', closed_at = now() WHERE id = $1`, first) // a cancelled one no longer blocks
	w.as(w.Ann).must("POST", "/tasks/"+w.Task.String()+"/time", body)
}

func TestASubTaskOfATaskThatWaitsTakesNoTime(t *testing.T) { // S1.31
	t.Parallel()
	w := newWorld(t)
	first, above, free := w.NewTask(t, "open"), w.NewTask(t, "open"), w.Waiting(t)
	below, waits := w.NewTask(t, "open"), w.Waiting(t)
	w.Exec(t, `INSERT INTO task_dependency (task_id, depends_on_id) VALUES ($1, $2)`, w.Task, first)
	w.Exec(t, `UPDATE task SET parent_id = $2 WHERE id = $1`, above, w.Task)
	w.Exec(t, `UPDATE task SET parent_id = $1 WHERE id IN ($2, $3)`, above, below, waits)
	body := object{"work_date": "2026-03-20", "minutes": 5, "description": "work"}
	w.as(w.Ann).refused(409, "dependency_incomplete", "POST", "/tasks/"+below.String()+"/time", body)
	key := w.as(w.Ann).must("GET", "/tasks/"+first.String(), nil).str("key")
	has(t, w.as(w.Ann).must("GET", "/tasks/"+below.String(), nil).body, object{"ready": false, "depends_on": []any{}, "waits_for": []any{key}})
	for path, want := range map[string][]string{
		"/tasks?ready=false": texts(w.Task, above, below, waits),
		"/tasks?ready=true":  texts(first, free),
		"/groups/" + w.Group.String() + "/tasks?ready=true":        texts(first, free),
		"/tasks?ready=true&parent=" + above.String():               nil,
		"/tasks?ready=false&status=open&parent=" + w.Task.String(): texts(above),
	} {
		if got := w.as(w.AM).lists(path); !slices.Equal(got, want) {
			t.Errorf("%s lists %v, want %v", path, got, want)
		}
	}
	w.Exec(t, `UPDATE task SET status = 'complete', closed_at = now() WHERE id = $1`, first)
	w.as(w.Ann).must("POST", "/tasks/"+below.String()+"/time", body)
}
