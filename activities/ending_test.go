package activities_test

import (
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/work"
)

// open is how many tasks of the project are neither complete nor cancelled.
func (b *bench) open(t *testing.T) int {
	t.Helper()
	return fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM task WHERE project_id = $1 AND status IN ('planned', 'open')`, b.Project)
}

// ending carries out a verb that ends the project, while something else is held up.
func (b *bench) ending(t *testing.T, h *fixture.Meeting, verb work.ProjectVerb) <-chan error {
	t.Helper()
	c := b.command(t, b.AM, flow.Project, b.Project, string(verb), flow.Noted{})
	return fixture.Do(t, h, func() error { _, err := b.acts.CommitProject(t.Context(), c); return err })
}

func TestNoTaskIsMadeInAProjectThatEndsAtTheSameTime(t *testing.T) { // S1.06
	t.Parallel()
	b := set(t)
	request, _ := b.asked(t)
	b.Exec(t, `UPDATE task SET status = 'complete', closed_at = now() WHERE project_id = $1`, b.Project)
	h := fixture.NewMeeting(t, b.Store.Pool, `SELECT FROM request WHERE id = $1 FOR UPDATE`, request)
	c := b.command(t, b.AM, flow.Task, uuid.New(), "create", map[string]any{"project_id": b.Project, "title": "One more", "request_id": request, "number": 99})
	made := fixture.Do(t, h, func() error { _, err := b.acts.CommitTask(t.Context(), c); return err })
	ended := b.ending(t, h, work.CompleteProject)
	h.Release(t)
	if err := <-made; err != nil {
		t.Errorf("the task: %v", err)
	}
	if err := <-ended; code(err) != work.OpenSubtasks || b.open(t) != 1 {
		t.Errorf("the project: %v, with %d open tasks", err, b.open(t))
	}
}

func TestNoTaskIsReopenedInAProjectThatEndsAtTheSameTime(t *testing.T) { // S1.06, S1.33
	t.Parallel()
	b := set(t)
	closed := b.NewTask(t, "complete")
	b.Exec(t, `INSERT INTO task_dependency (task_id, depends_on_id) VALUES ($1, $2)`, b.Task, closed)
	h := fixture.NewMeeting(t, b.Store.Pool, `SELECT FROM task WHERE id = $1 FOR UPDATE`, b.Task)
	c := b.command(t, b.Ann, flow.Task, closed, "status", flow.SetStatus{Status: work.Open})
	reopened := fixture.Do(t, h, func() error { _, err := b.acts.CommitTask(t.Context(), c); return err })
	ended := b.ending(t, h, work.CancelProject)
	h.Release(t)
	if err := <-reopened; err != nil {
		t.Errorf("the task: %v", err)
	}
	if err := <-ended; err != nil || b.open(t) != 0 {
		t.Errorf("the project: %v, with %d open tasks", err, b.open(t))
	}
}
