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
