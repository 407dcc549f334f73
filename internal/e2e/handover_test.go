package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A task goes from desk to desk over HTTP: each sees it, hears of it, and its
// history tells it.
func TestATaskGoesFromDeskToDesk(t *testing.T) { // S1.17 S1.24–S1.32 S1.35 S1.36 S1.41 S1.47 N.21
	t.Parallel()
	f := newFirm(t).cleared(t)
	top := f.task(t, "Build it", object{"user_id": f.ann.id})
	first := f.below(t, top, "Foundation", object{"user_id": f.ann.id})
	then := f.below(t, top, "Walls", object{"group_id": f.group})
	roof := f.ann.must(t, "POST", "/tasks", object{"project_id": f.project, "parent_id": top, "title": "Roof", "estimate_minutes": 90, "priority": 2, "skills": []string{"tiling"}}) // S1.28, S1.29, S1.30
	if roof["estimate_minutes"] != 90.0 || roof["priority"] != 2.0 || fmt.Sprint(roof["skills"]) != "[tiling]" {
		t.Errorf("the sub-task is %v", roof)
	}
	if got := f.ann.must(t, "PATCH", path("/tasks/%s", roof["id"]), object{"estimate_minutes": 120}); got["estimate_minutes"] != 120.0 {
		t.Errorf("estimated anew, it is %v", got)
	}
	f.ann.refused(t, 422, "invalid", "PATCH", path("/tasks/%s", roof["id"]), object{"estimate_minutes": -1})
	f.ann.must(t, "PUT", path("/tasks/%s/dependencies/%s", then, first), nil)
	f.bob.refused(t, 403, "not_owner", "PUT", path("/tasks/%s/dependencies/%s", first, then), nil)
	f.manager.refused(t, 409, "dependency_cycle", "PUT", path("/tasks/%s/dependencies/%s", then, top), nil)
	f.waitsFor(t, "task/"+then, "dependencies")
	f.bob.refused(t, 409, "dependency_incomplete", "POST", path("/tasks/%s/accept", then), object{})
	f.ann.refused(t, 422, "invalid", "POST", path("/tasks/%s/delegate", first), object{"to": object{"group_id": f.group}, "reason": "my_part_finished", "done": "dug"})
	f.ann.refused(t, 422, "invalid", "POST", path("/tasks/%s/delegate", first), object{"to": object{"group_id": f.group}, "reason": "tired", "done": "dug", "next": "pour"})
	got := f.ann.must(t, "POST", path("/tasks/%s/delegate", first), object{"to": object{"group_id": f.group}, "reason": "my_part_finished", "done": "dug", "next": "pour"})
	if got["owner_id"] != f.ann.id || got["delegated"] != true || got["hand_over"].(object)["next"] != "pour" {
		t.Errorf("delegated, it is %v", got)
	}
	f.bob.must(t, "POST", path("/tasks/%s/accept", first), object{})
	f.bob.refused(t, 403, "not_owner", "POST", path("/tasks/%s/status", first), object{"status": "complete"})
	f.ann.must(t, "POST", path("/tasks/%s/status", first), object{"status": "complete"})
	f.waitsFor(t, "task/"+then, "group") // its process was told by the last of what it waited for
	f.hears(t, f.bob, "can start")
	f.bob.must(t, "POST", path("/tasks/%s/accept", then), object{})
	f.ann.refused(t, 409, "open_subtasks", "POST", path("/tasks/%s/status", top), object{"status": "complete"})
	history := fmt.Sprint(f.bob.must(t, "GET", path("/tasks/%s/history", first), nil)["items"])
	for _, sentence := range []string{"Ann delegated it to Workshop", "Bob accepted it", "Ann completed it"} {
		if !strings.Contains(history, sentence) {
			t.Errorf("the history does not say %q: %s", sentence, history)
		}
	}
}

// below makes an open sub-task.
func (f *firm) below(t *testing.T, above, title string, to object) string {
	t.Helper()
	id := f.ann.must(t, "POST", "/tasks", object{"project_id": f.project, "parent_id": above, "title": title, "assign_to": to})["id"].(string)
	f.am.must(t, "POST", path("/tasks/%s/status", id), object{"status": "open"})
	return id
}

// hears waits until somebody's inbox has something.
func (f *firm) hears(t *testing.T, p person, text string) {
	t.Helper()
	eventually(t, "somebody hears that it "+text, func() error {
		if inbox := fmt.Sprint(p.must(t, "GET", "/notifications", nil)["items"]); !strings.Contains(inbox, text) {
			return fmt.Errorf("the inbox has %s", inbox)
		}
		return nil
	})
}

// The timer of a group's time runs in Temporal, and is set afresh when its
// manager thinks again.
func TestAGroupsTimeToAcceptRunsOut(t *testing.T) { // S1.14
	t.Parallel()
	f := newFirm(t).cleared(t)
	id := f.task(t, "Urgent", object{"group_id": f.group})
	f.waitsFor(t, "task/"+id, "group")
	f.ann.refused(t, 403, "not_a_manager", "PUT", path("/groups/%s/preferences", f.group), object{"escalate_after_hours": 1})
	f.escalatesAfter(t, 0.02)
	f.behind(t, `UPDATE task SET assigned_at = now() - interval '1 hour', status_at = now() - interval '1 hour', created_at = now() - interval '1 hour' WHERE id = $1`, id)
	f.escalatesAfter(t, 0.02)
	f.hears(t, f.manager, "Nobody of Workshop has accepted ACME-1 Urgent")
	if at := f.ann.must(t, "GET", "/tasks/"+id, nil)["escalated_at"]; at == nil {
		t.Error("the task does not say that its managers heard")
	}
}

// escalatesAfter gives the group's members so many hours, of any day, to accept
// what waits for them, of which they are not told.
func (f *firm) escalatesAfter(t *testing.T, hours float64) {
	t.Helper()
	day := [][]string{{"00:00", "24:00"}}
	weekly := object{"mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": day, "sun": day}
	f.manager.must(t, "PUT", path("/groups/%s/preferences", f.group), object{"escalate_after_hours": hours, "told": "nobody", "calendar": object{"weekly": weekly}})
}

// A word that was lost on its way to a process is made good.
func TestReconcileMakesALostWordGood(t *testing.T) { // S1.32 N.32
	t.Parallel()
	f := newFirm(t).cleared(t)
	first, then := f.task(t, "First", object{"user_id": f.ann.id}), f.task(t, "Then", object{"user_id": f.bob.id})
	f.am.must(t, "PUT", path("/tasks/%s/dependencies/%s", then, first), nil)
	f.waitsFor(t, "task/"+then, "dependencies")
	// As if the word had been lost: the row changes and nobody tells the process.
	f.behind(t, `UPDATE task SET status = 'complete', closed_at = $2, version = version + 1 WHERE id = $1`, first, time.Now())
	f.run("reconcile")
	f.waitsFor(t, "task/"+then, "assignee")
}

// behind changes a row behind everybody's back.
func (f *firm) behind(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := f.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}
