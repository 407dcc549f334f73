package activities_test

import (
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/work"
)

func TestAManagerTakesTasksOffTheDeskOfAMemberWhoLeft(t *testing.T) { // S1.38
	t.Parallel()
	b := set(t)
	b.Exec(t, `UPDATE person SET active = false WHERE id = $1`, b.Ann)
	b.do(t, b.Manager, b.Task, "assign", flow.AssignTask{To: toUser(b.Bob)})
}

func TestTheAccountManagerReplacesTheOwnerOfADelegatedTask(t *testing.T) { // S1.09, S1.41
	t.Parallel()
	b := set(t)
	b.do(t, b.Ann, b.Task, "delegate", flow.DelegateTask{To: toGroup(b.Group), Reason: work.NeedSupport, Done: "the layout", Next: "the text"})
	b.Exec(t, `UPDATE person SET active = false WHERE id = $1`, b.Ann)
	b.do(t, b.AM, b.Task, "assign", flow.AssignTask{To: toUser(b.Bob)})
	if got := fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT owner_id FROM task WHERE id = $1 AND NOT delegated`, b.Task); got != b.Bob {
		t.Errorf("%s answers for it", got)
	}
}

func TestNothingIsOpenBelowWhatIsClosed(t *testing.T) { // S1.33
	t.Parallel()
	b := set(t)
	top, below, deep := b.NewTask(t, "open"), b.NewTask(t, "open"), b.NewTask(t, "open")
	b.do(t, b.Ann, below, "move", flow.MoveTask{ParentID: &top})
	b.do(t, b.Ann, deep, "move", flow.MoveTask{ParentID: &below})
	if got := b.try(t, b.Ann, below, "status", flow.SetStatus{Status: work.Cancelled}); got != string(work.OpenSubtasks) {
		t.Errorf("cancelled over open work: %q", got)
	}
	for _, task := range []uuid.UUID{deep, below, top} {
		b.do(t, b.Ann, task, "status", flow.SetStatus{Status: work.Cancelled})
	}
	if got := b.try(t, b.Ann, deep, "status", flow.SetStatus{Status: work.Open}); got != string(work.ParentComplete) {
		t.Errorf("opened below what is cancelled: %q", got)
	}
}

func TestAGroupHearsThatATaskIsOpenedInIt(t *testing.T) { // S1.14
	t.Parallel()
	b := set(t)
	task := b.Waiting(t)
	b.Exec(t, `UPDATE task SET status = 'planned' WHERE id = $1`, task)
	b.do(t, b.AM, task, "status", flow.SetStatus{Status: work.Open})
	if got := b.hears(t, b.Bob, task); got != "group_work" {
		t.Errorf("a member hears %q", got)
	}
	waits, first := b.Waiting(t), b.NewTask(t, "open")
	b.Exec(t, `UPDATE task SET status = 'planned' WHERE id = $1`, waits)
	b.do(t, b.AM, waits, "depend", flow.Dependency{TaskID: first})
	b.do(t, b.AM, waits, "status", flow.SetStatus{Status: work.Open})
	if got := b.hears(t, b.Bob, waits); got != "" {
		t.Errorf("before it can start, a member hears %q", got)
	}
	b.do(t, b.Ann, first, "status", flow.SetStatus{Status: work.Complete})
	if got := b.hears(t, b.Bob, waits); got != "ready" { // S1.32
		t.Errorf("when it can, a member hears %q", got)
	}
}

func TestADependencyIsAddedWhileItIsCompleted(t *testing.T) { // S1.32
	t.Parallel()
	b := set(t)
	for range 20 {
		first, then := b.NewTask(t, "open"), b.NewTask(t, "open")
		depend := b.command(t, b.AM, flow.Task, then, "depend", flow.Dependency{TaskID: first})
		got := b.both(t, depend, b.command(t, b.AM, flow.Task, first, "status", flow.SetStatus{Status: work.Complete}))
		waited := fixture.One[bool](t, b.Store.Pool, `SELECT answer -> 'ready' = 'false' FROM command_log WHERE id = $1`, depend.ID)
		if got[""] != 2 || waited != (b.hears(t, b.Ann, then) == "ready") {
			t.Fatalf("%v: it waited %v, and who has it hears %q", got, waited, b.hears(t, b.Ann, then))
		}
	}
}
