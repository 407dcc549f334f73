package activities_test

import (
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
	"steward/internal/flow"
)

func TestAnAssignedTaskNamesItsNewOwner(t *testing.T) { // S1.09, S1.38
	t.Parallel()
	b := set(t)
	for _, to := range []uuid.UUID{b.Bob, b.Ann} {
		if _, err := b.acts.CommitTask(t.Context(), b.command(t, b.AM, flow.Task, b.Task, "assign", flow.AssignTask{To: flow.Target{UserID: &to}})); err != nil {
			t.Fatal(err)
		}
		name := fixture.One[string](t, b.Store.Pool, `SELECT name FROM person WHERE id = $1`, to)
		if got := fixture.One[string](t, b.Store.Pool, `SELECT answer ->> 'owner_name' FROM command_log WHERE answer ->> 'owner_id' = $1::text ORDER BY id DESC LIMIT 1`, to.String()); got != name {
			t.Errorf("its owner is called %q, want %q", got, name)
		}
	}
}

func TestATaskAssignedToAGroupNamesItsManager(t *testing.T) { // S1.38, S1.40
	t.Parallel()
	b := set(t)
	manager := fixture.One[string](t, b.Store.Pool, `SELECT name FROM person WHERE id = $1`, b.Manager)
	for _, by := range []uuid.UUID{b.AM, b.Manager} { // the manager's own name is known without asking
		b.Exec(t, `UPDATE task SET owner_id = $2, assignee_person_id = $2, assignee_group_id = NULL WHERE id = $1`, b.Task, b.Ann)
		c := b.command(t, by, flow.Task, b.Task, "assign", flow.AssignTask{To: flow.Target{GroupID: &b.Group}})
		if _, err := b.acts.CommitTask(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		const answer = `SELECT concat_ws('/', answer ->> 'owner_id', answer ->> 'owner_name', answer -> 'assignee' ->> 'name') FROM command_log WHERE id = $1`
		group := fixture.One[string](t, b.Store.Pool, `SELECT name FROM work_group WHERE id = $1`, b.Group)
		if got, want := fixture.One[string](t, b.Store.Pool, answer, c.ID), b.Manager.String()+"/"+manager+"/"+group; got != want {
			t.Errorf("answered is %s, want %s", got, want)
		}
	}
}
