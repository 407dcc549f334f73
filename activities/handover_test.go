package activities_test

import (
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/work"
)

// do carries out a command that must be taken.
func (b *bench) do(t *testing.T, by uuid.UUID, task uuid.UUID, verb string, body any) flow.Snapshot {
	t.Helper()
	snap, err := b.acts.CommitTask(t.Context(), b.command(t, by, flow.Task, task, verb, body))
	if err != nil {
		t.Fatalf("%s: %v", verb, err)
	}
	return snap
}

// try carries out a command and says with which code it was refused.
func (b *bench) try(t *testing.T, by uuid.UUID, task uuid.UUID, verb string, body any) string {
	t.Helper()
	_, err := b.acts.CommitTask(t.Context(), b.command(t, by, flow.Task, task, verb, body))
	if _, ok := flow.Refused(err); err != nil && !ok {
		t.Errorf("%s failed: %v", verb, err)
	}
	return string(code(err))
}

// hears is what a person is told of a task, the oldest first.
func (b *bench) hears(t *testing.T, person, task uuid.UUID) string {
	t.Helper()
	return fixture.One[string](t, b.Store.Pool, `SELECT coalesce(string_agg(kind, ' ' ORDER BY id), '') FROM notification WHERE person_id = $1 AND entity_id = $2`, person, task)
}

func toUser(id uuid.UUID) flow.Target  { return flow.Target{UserID: &id} }
func toGroup(id uuid.UUID) flow.Target { return flow.Target{GroupID: &id} }

func TestAHandOverIsKeptTold(t *testing.T) { // S1.24, S1.25, S1.26, S1.37, S1.41, N.21
	t.Parallel()
	b := set(t)
	snap := b.do(t, b.Ann, b.Task, "delegate", flow.DelegateTask{To: toGroup(b.Group), Reason: work.MyPartFinished, Done: "the layout", Next: "the text"})
	if snap.WaitingFor != "group" || snap.Assignee != b.Group.String() {
		t.Errorf("the process sees %+v", snap)
	}
	owner := fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT owner_id FROM task WHERE id = $1 AND delegated`, b.Task)
	if owner != b.Ann {
		t.Errorf("accountability went to %s", owner)
	}
	if got := b.hears(t, b.Bob, b.Task); got != "group_work" {
		t.Errorf("the group hears %q", got)
	}
	note := fixture.One[string](t, b.Store.Pool, `SELECT body FROM note WHERE task_id = $1 AND author_id = $2 AND visibility = 'internal'`, b.Task, b.Ann)
	if note != "**Delegated: one part is finished, another goes on.**\n\nDone: the layout\n\nNext: the text" {
		t.Errorf("the note is %q", note)
	}
	// S1.38: the manager gives it to a member; the owner stays accountable and hears of it.
	b.do(t, b.Manager, b.Task, "assign", flow.AssignTask{To: toUser(b.Bob)})
	if got := fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT owner_id FROM task WHERE id = $1`, b.Task); got != b.Ann {
		t.Errorf("accountability went to %s", got)
	}
	if got := b.hears(t, b.Ann, b.Task); got != "handed_over" {
		t.Errorf("the owner hears %q", got)
	}
	if got := b.hears(t, b.Bob, b.Task); got != "group_work delegated" {
		t.Errorf("the member hears %q", got)
	}
	// Back on the owner's desk.
	b.do(t, b.Bob, b.Task, "delegate", flow.DelegateTask{To: toUser(b.Ann), Reason: work.MyPartFinished, Done: "the text", Next: "check it"})
	if d := fixture.One[bool](t, b.Store.Pool, `SELECT delegated FROM task WHERE id = $1`, b.Task); d {
		t.Error("on its owner's desk it is delegated still")
	}
}

func TestAManagerHandsAMembersTaskOn(t *testing.T) { // S1.38, S1.39, S1.40
	t.Parallel()
	b := set(t)
	if got := b.try(t, b.Bob, b.Task, "assign", flow.AssignTask{To: toUser(b.Bob)}); got != "not_owner" {
		t.Errorf("another member takes it: %q", got)
	}
	b.do(t, b.Manager, b.Task, "assign", flow.AssignTask{To: toUser(b.Bob)}) // from Ann, a member, to Bob
	if got := b.hears(t, b.Ann, b.Task); got != "reassigned" {
		t.Errorf("who had it hears %q", got)
	}
	other := b.NewID()
	b.Exec(t, `INSERT INTO work_group (id, name, told) VALUES ($1, 'Other', 'nobody')`, other)
	if got := b.try(t, b.Manager, b.Task, "assign", flow.AssignTask{To: toGroup(other)}); got != string(work.NoManager) {
		t.Errorf("to a group that nobody manages: %q", got)
	}
	b.do(t, b.Manager, b.Task, "delegate", flow.DelegateTask{To: toGroup(other), Reason: work.NeedSupport, Done: "tried", Next: "look at it"})
	if got := fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT owner_id FROM task WHERE id = $1 AND assignee_group_id = $2`, b.Task, other); got != b.Bob {
		t.Errorf("accountability went to %s", got)
	}
}

func TestASkillIsAskedForUnlessTheManagerAssigns(t *testing.T) { // S1.30
	t.Parallel()
	b := set(t)
	task := b.Waiting(t)
	b.Exec(t, `UPDATE task SET skills = '{welding}' WHERE id = $1`, task)
	if got := b.try(t, b.Ann, task, "accept", struct{}{}); got != "skill_missing" {
		t.Errorf("without the skill: %q", got)
	}
	b.Exec(t, `UPDATE work_group SET skills = '{welding}' WHERE id = $1`, b.Group)
	b.do(t, b.Ann, task, "accept", struct{}{}) // S1.14: the group has it
	other := b.Waiting(t)
	b.Exec(t, `UPDATE task SET skills = '{painting}' WHERE id = $1`, other)
	b.do(t, b.Manager, other, "assign", flow.AssignTask{To: toUser(b.Bob)})
}

func TestALimitHoldsForTwoAtOnce(t *testing.T) { // S1.14
	t.Parallel()
	b := set(t)
	b.Exec(t, `UPDATE work_group SET max_accepted = 2 WHERE id = $1`, b.Group)
	got := map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 6 {
		c := b.command(t, b.Ann, flow.Task, b.Waiting(t), "accept", struct{}{})
		all.Go(func() {
			_, err := b.acts.CommitTask(t.Context(), c)
			mu.Lock()
			defer mu.Unlock()
			got[string(code(err))]++
		})
	}
	all.Wait()
	if got[""] != 2 || got["too_many_accepted"] != 4 {
		t.Errorf("got %v, want two accepted and four refused", got)
	}
}

func TestTwoHalvesOfACircleAddedAtOnce(t *testing.T) { // S1.31
	t.Parallel()
	b := set(t)
	for range 10 {
		one, two := b.NewTask(t, "open"), b.NewTask(t, "open")
		got := b.both(t,
			b.command(t, b.Ann, flow.Task, one, "depend", flow.Dependency{TaskID: two}),
			b.command(t, b.Ann, flow.Task, two, "depend", flow.Dependency{TaskID: one}))
		if got[""] != 1 || got["dependency_cycle"] != 1 {
			t.Fatalf("dependencies: got %v", got)
		}
		one, two = b.NewTask(t, "open"), b.NewTask(t, "open")
		got = b.both(t,
			b.command(t, b.Ann, flow.Task, one, "move", flow.MoveTask{ParentID: &two}),
			b.command(t, b.Ann, flow.Task, two, "move", flow.MoveTask{ParentID: &one}))
		if got[""] != 1 || got["dependency_cycle"] != 1 { // S1.35
			t.Fatalf("moves: got %v", got)
		}
		one, two = b.NewTask(t, "open"), b.NewTask(t, "open")
		got = b.both(t,
			b.command(t, b.Ann, flow.Task, one, "move", flow.MoveTask{ParentID: &two}),
			b.command(t, b.Ann, flow.Task, one, "depend", flow.Dependency{TaskID: two}))
		if got[""] != 1 || got["dependency_cycle"] != 1 { // a sub-task that waits for the task above it
			t.Fatalf("one of each: got %v", got)
		}
	}
}

// both carries out two commands at once and counts how they came out.
func (b *bench) both(t *testing.T, cs ...flow.Command) map[string]int {
	t.Helper()
	got := map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, c := range cs {
		all.Go(func() {
			_, err := b.acts.CommitTask(t.Context(), c)
			mu.Lock()
			defer mu.Unlock()
			got[string(code(err))]++
			if _, ok := flow.Refused(err); err != nil && !ok {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return got
}

func TestLongerCirclesAreRefused(t *testing.T) { // S1.31, S1.35
	t.Parallel()
	b := set(t)
	top, below, deep, beside := b.NewTask(t, "open"), b.NewTask(t, "open"), b.NewTask(t, "open"), b.NewTask(t, "open")
	b.do(t, b.Ann, below, "move", flow.MoveTask{ParentID: &top})
	b.do(t, b.Ann, deep, "move", flow.MoveTask{ParentID: &below})
	b.do(t, b.Ann, beside, "depend", flow.Dependency{TaskID: top})
	for name, c := range map[string]struct {
		task uuid.UUID
		verb string
		body any
	}{
		"under its own sub-task's sub-task":      {top, "move", flow.MoveTask{ParentID: &deep}},
		"waits for what is above":                {deep, "depend", flow.Dependency{TaskID: top}},
		"waits for what waits for what is above": {deep, "depend", flow.Dependency{TaskID: beside}},
		"waits for itself":                       {top, "depend", flow.Dependency{TaskID: top}},
		"under what it waits for":                {beside, "move", flow.MoveTask{ParentID: &below}},
	} {
		if got := b.try(t, b.Ann, c.task, c.verb, c.body); got != "dependency_cycle" {
			t.Errorf("%s: %q", name, got)
		}
	}
	in := flow.CreateTask{ProjectID: b.Project, ParentID: &deep, Title: "New", DependsOn: []uuid.UUID{beside}}
	body := map[string]any{"project_id": in.ProjectID, "parent_id": in.ParentID, "title": in.Title, "depends_on": in.DependsOn, "number": 99}
	if got := b.try(t, b.Ann, b.NewID(), "create", body); got != "dependency_cycle" {
		t.Errorf("a new sub-task that waits for what is above: %q", got)
	}
	b.do(t, b.Ann, beside, "undepend", flow.Dependency{TaskID: top})
	b.do(t, b.Ann, deep, "depend", flow.Dependency{TaskID: beside})
}

func TestMovingAsksForBothTasks(t *testing.T) { // S1.35
	t.Parallel()
	b := set(t)
	mine, bobs := b.NewTask(t, "open"), b.NewTask(t, "open")
	b.Exec(t, `UPDATE task SET owner_id = $2, assignee_person_id = $2 WHERE id = $1`, bobs, b.Bob)
	for name, got := range map[string]string{
		"somebody else's":         b.try(t, b.Ann, bobs, "move", flow.MoveTask{ParentID: &mine}),
		"under somebody else's":   b.try(t, b.Ann, mine, "move", flow.MoveTask{ParentID: &bobs}),
		"to the top as no AM":     b.try(t, b.Ann, mine, "move", flow.MoveTask{}),
		"the AM moves what's not": b.try(t, b.AM, mine, "move", flow.MoveTask{}),
	} {
		if got != "not_owner" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := b.try(t, b.Ann, mine, "move", flow.MoveTask{ParentID: &b.Client}); got != "invalid" {
		t.Errorf("under nothing: %q", got)
	}
}

func TestTheLastOfWhatItWaitsForIsTold(t *testing.T) { // S1.31, S1.32
	t.Parallel()
	b := set(t)
	for range 10 {
		one, two, task := b.NewTask(t, "open"), b.NewTask(t, "open"), b.Waiting(t)
		for _, on := range []uuid.UUID{one, two} {
			b.Exec(t, `INSERT INTO task_dependency (task_id, depends_on_id) VALUES ($1, $2)`, task, on)
		}
		if got := b.try(t, b.Bob, task, "accept", struct{}{}); got != "dependency_incomplete" {
			t.Fatalf("it is accepted before: %q", got)
		}
		// Two at once, and one of them by being dropped: it is told once all the same.
		got := b.both(t, b.command(t, b.Ann, flow.Task, one, "status", flow.SetStatus{Status: "complete"}),
			b.command(t, b.Ann, flow.Task, two, "status", flow.SetStatus{Status: "cancelled"}))
		if got[""] != 2 {
			t.Fatalf("got %v", got)
		}
		if got := b.hears(t, b.Bob, task); got != "ready" {
			t.Fatalf("who waits hears %q, want that it is ready, once", got)
		}
		if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM outbox WHERE entity_id = $1`, task); n == 0 {
			t.Error("its process hears nothing")
		}
		b.do(t, b.Bob, task, "accept", struct{}{})
	}
}

func TestAReopenedTaskIsWaitedForAgain(t *testing.T) { // S1.31, S1.33
	t.Parallel()
	b := set(t)
	first, then := b.NewTask(t, "complete"), b.NewTask(t, "open")
	b.do(t, b.Ann, then, "depend", flow.Dependency{TaskID: first})
	b.do(t, b.Ann, first, "status", flow.SetStatus{Status: "open"})
	snap, err := b.acts.LoadTask(t.Context(), then)
	if err != nil || snap.WaitingFor != "dependencies" {
		t.Errorf("got %+v, %v", snap, err)
	}
	if got := b.try(t, b.Ann, then, "status", flow.SetStatus{Status: "complete"}); got != "dependency_incomplete" {
		t.Errorf("it is completed before: %q", got)
	}
}

func TestTimeChangesNothingThatAProcessKnows(t *testing.T) { // S1.21: decision 0018
	t.Parallel()
	b := set(t)
	task := b.NewTask(t, "open")
	before, err := b.acts.LoadTask(t.Context(), task)
	if err != nil {
		t.Fatal(err)
	}
	b.Record(t, fixture.Entry{Task: task, Person: b.Ann, Date: march(3), Minutes: 90})
	after, err := b.acts.LoadTask(t.Context(), task)
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("%v; before\n%+v\nafter\n%+v", err, before, after)
	}
}

func TestNobodyReopensUnderACompleteTask(t *testing.T) { // S1.33
	t.Parallel()
	b := set(t)
	for range 10 {
		top, below := b.NewTask(t, "open"), b.NewTask(t, "complete")
		b.Exec(t, `UPDATE task SET parent_id = $2 WHERE id = $1`, below, top)
		got := b.both(t, b.command(t, b.Ann, flow.Task, top, "status", flow.SetStatus{Status: "complete"}),
			b.command(t, b.Ann, flow.Task, below, "status", flow.SetStatus{Status: "open"}))
		if got[""] != 1 || got["open_subtasks"]+got["parent_complete"] != 1 {
			t.Fatalf("got %v, want one of them", got)
		}
	}
}

func TestAContactOutsideIsGivenATask(t *testing.T) { // S2.04, S2.05, S2.08
	t.Parallel()
	b := set(t)
	contact := func(client uuid.UUID) uuid.UUID {
		id := b.NewID()
		b.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, 'Carl', $3, '{client_contact}')`, id, client, id.String()+"@client.example")
		return id
	}
	partner, stranger := b.NewID(), b.NewID()
	b.Exec(t, `INSERT INTO client (id, name, currency) VALUES ($1, 'Partner', 'GBP'), ($2, 'Stranger', 'GBP')`, partner, stranger)
	b.Exec(t, `INSERT INTO client_partner (client_id, partner_id) VALUES ($1, $2)`, b.Client, partner)
	if got := b.try(t, b.Ann, b.Task, "assign", flow.AssignTask{To: toUser(contact(stranger))}); got != "invalid" {
		t.Errorf("somebody of another client: %q", got)
	}
	for _, client := range []uuid.UUID{b.Client, partner} {
		who := contact(client)
		b.do(t, b.Ann, b.Task, "assign", flow.AssignTask{To: toUser(who)})
		if ok := fixture.One[bool](t, b.Store.Pool, `SELECT visible_to_client AND owner_id = $2 FROM task WHERE id = $1`, b.Task, b.Ann); !ok {
			t.Error("it is hidden, or has lost its owner")
		}
		if got := b.hears(t, who, b.Task); got != "assigned" {
			t.Errorf("the contact hears %q", got)
		}
		if got := b.try(t, b.Ann, b.Task, "delegate", flow.DelegateTask{To: toUser(contact(client)), Reason: work.NeedSupport, Done: "a", Next: "b"}); got != "invalid" { // S1.24
			t.Errorf("delegated outside: %q", got)
		}
	}
}

func TestContactsHearOfATaskAsTheyAreShownIt(t *testing.T) { // S2.07, S2.16, N.21
	t.Parallel()
	b := set(t)
	partner := b.NewID()
	b.Exec(t, `INSERT INTO client (id, name, currency) VALUES ($1, 'Partner', 'GBP')`, partner)
	b.Exec(t, `INSERT INTO client_partner (client_id, partner_id) VALUES ($1, $2)`, b.Client, partner)
	on, off, pat := b.outside(t, b.Client, access.ClientContact), b.outside(t, b.Client, access.ClientContact), b.outside(t, partner, access.ClientContact)
	b.Exec(t, `INSERT INTO project_contact (project_id, person_id) VALUES ($1, $2)`, b.Project, on)
	b.Exec(t, `UPDATE project SET code = 'SHOP'`)
	b.Exec(t, `UPDATE task SET title = 'Logo', number = 7 WHERE id = $1`, b.Task)
	b.Exec(t, `UPDATE person SET name = 'Pat' WHERE id = $1`, pat)
	b.Exec(t, `UPDATE person SET name = 'Ann' WHERE id = $1`, b.Ann)
	reads := func(who uuid.UUID) string {
		return fixture.One[string](t, b.Store.Pool, `SELECT coalesce(string_agg(subject || '|' || body, '; ' ORDER BY id), '') FROM notification WHERE person_id = $1`, who)
	}
	for _, who := range []uuid.UUID{on, off, pat} {
		b.do(t, b.Ann, b.Task, "assign", flow.AssignTask{To: toUser(who), Note: "for you"})
	}
	b.Exec(t, `DELETE FROM client_partner`)
	b.do(t, b.Ann, b.Task, "assign", flow.AssignTask{To: toUser(b.Bob), Note: "they are none of ours"})
	for who, want := range map[uuid.UUID]string{
		on:  "Ann assigned SHOP-7 Logo to you|for you; Ann handed SHOP-7 Logo, which you worked on, to somebody else|",
		off: "Ann assigned Logo to you|for you; Ann handed Logo, which you worked on, to somebody else|",
		pat: "Ann assigned Logo to you|for you",
	} {
		if got := reads(who); got != want {
			t.Errorf("a contact reads %q, want %q", got, want)
		}
	}
	if got := reads(b.Bob); got != "Ann assigned SHOP-7 Logo to you|they are none of ours" {
		t.Errorf("the staff reads %q", got)
	}
	next := b.NewID()
	first := b.NewTask(t, "open")
	b.Exec(t, `UPDATE person SET name = 'Olivia' WHERE id = $1`, b.AM)
	b.do(t, b.AM, next, "create", map[string]any{"project_id": b.Project, "title": "Colours", "assign_to": toUser(off), "number": 99})
	b.do(t, b.AM, next, "depend", flow.Dependency{TaskID: first})
	b.do(t, b.AM, first, "status", flow.SetStatus{Status: "complete"})
	if got := reads(off); !strings.HasSuffix(got, "; Olivia assigned Colours to you|; Colours can start: it waits for nothing any more|") {
		t.Errorf("of a new task and of one that is free they read %q", got)
	}
}

func TestAFormerPartnersContactDoesNothingMore(t *testing.T) { // S2.07, S2.08, S2.16
	t.Parallel()
	b := set(t)
	partner, who := b.NewID(), b.NewID()
	b.Exec(t, `INSERT INTO client (id, name, currency) VALUES ($1, 'Partner', 'GBP')`, partner)
	b.Exec(t, `INSERT INTO client_partner (client_id, partner_id) VALUES ($1, $2)`, b.Client, partner)
	b.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, 'Pat', 'pat@partner.example', '{client_contact}')`, who, partner)
	b.do(t, b.Ann, b.Task, "assign", flow.AssignTask{To: toUser(who)})
	b.do(t, who, b.Task, "start", struct{}{})
	b.Exec(t, `DELETE FROM client_partner`)
	for verb, body := range map[string]any{"end": struct{}{}, "status": flow.SetStatus{Status: "complete"}} {
		if got := b.try(t, who, b.Task, verb, body); got != "not_found" {
			t.Errorf("%s: %q, want that it is not there", verb, got)
		}
	}
	b.do(t, b.Ann, b.Task, "assign", flow.AssignTask{To: toUser(b.Bob)})
}

func TestManagersHearOfWhatNobodyAccepts(t *testing.T) { // S1.14
	t.Parallel()
	b := set(t)
	task := b.Waiting(t)
	// Friday 16:00 in London; two hours of the group's time are over on Monday at 10:00.
	b.Exec(t, `UPDATE work_group SET escalate_minutes = 120, time_zone = 'Europe/London', calendar = '{"weekly": {"mon": [["09:00", "17:00"]], "fri": [["09:00", "17:00"]]}}' WHERE id = $1`, b.Group)
	b.Exec(t, `UPDATE task SET assigned_at = '2026-03-27 16:00Z', status_at = '2026-03-27 16:00Z', created_at = '2026-03-27 16:00Z' WHERE id = $1`, task)
	due := time.Date(2026, 3, 30, 9, 0, 0, 0, time.UTC) // the clocks go forward that weekend
	b.Store.Now = func() time.Time { return due.Add(-time.Minute) }
	snap, err := b.acts.LoadTask(t.Context(), task)
	if err != nil || snap.Deadline == nil || !snap.Deadline.Equal(due) || snap.Next != "" {
		t.Fatalf("got %+v, %v, want a deadline at %s", snap, err, due)
	}
	kept := fixture.One[string](t, b.Firm.Pool, `UPDATE work_group SET calendar = '{"holidays": "ATLANTIS"}' RETURNING (SELECT calendar FROM work_group WHERE id = $1)`, b.Group)
	if snap, err := b.acts.LoadTask(t.Context(), task); err != nil || snap.Deadline == nil || !snap.Deadline.Equal(due.Add(-30*time.Minute)) {
		t.Errorf("a calendar that cannot be read: got %+v, %v, want a deadline by the usual hours", snap, err)
	}
	b.Exec(t, `UPDATE work_group SET calendar = $1`, kept)
	if snap, err = b.acts.EscalateTask(t.Context(), task); err != nil || b.hears(t, b.Manager, task) != "" {
		t.Fatalf("too early: %+v, %v, %q", snap, err, b.hears(t, b.Manager, task))
	}
	b.Store.Now = func() time.Time { return due }
	for range 3 {
		if snap, err = b.acts.EscalateTask(t.Context(), task); err != nil || snap.Deadline != nil || snap.Next != "" {
			t.Fatalf("got %+v, %v", snap, err)
		}
	}
	if b.hears(t, b.Manager, task) != "escalated" || b.hears(t, b.Ann, task) != "" {
		t.Errorf("its manager hears %q, a member %q", b.hears(t, b.Manager, task), b.hears(t, b.Ann, task))
	}
	// In another group's queue its time begins afresh; on a desk there is none.
	other := b.NewID()
	b.Exec(t, `INSERT INTO work_group (id, name, escalate_minutes) VALUES ($1, 'Other', 60)`, other)
	snap = b.do(t, b.Manager, task, "delegate", flow.DelegateTask{To: toGroup(other), Reason: work.NeedSupport, Done: "a", Next: "b"})
	if want := due.Add(time.Hour); snap.Deadline == nil || !snap.Deadline.Equal(want) {
		t.Errorf("in another group its managers hear at %v, want %s", snap.Deadline, want)
	}
	b.Store.Now = func() time.Time { return due.Add(time.Hour) } // there is no manager who could hear
	if _, err = b.acts.EscalateTask(t.Context(), task); err != nil || b.hears(t, b.Manager, task) != "escalated escalated" || b.hears(t, b.AM, task) != "escalated" {
		t.Errorf("got %v; its owner hears %q, the account manager %q", err, b.hears(t, b.Manager, task), b.hears(t, b.AM, task))
	}
	if snap = b.do(t, b.Manager, task, "assign", flow.AssignTask{To: toUser(b.Bob)}); snap.Deadline != nil {
		t.Errorf("on a desk there is a deadline: %s", snap.Deadline)
	}
}

func TestAContactStartsEndsAndCompletesAndNothingElse(t *testing.T) { // S2.08
	t.Parallel()
	b := set(t)
	carl := b.NewID()
	b.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, 'Carl', 'carl@client.example', '{client_contact}')`, carl, b.Client)
	b.do(t, b.Ann, b.Task, "assign", flow.AssignTask{To: toUser(carl)})
	if got := b.try(t, carl, b.Task, "end", struct{}{}); got != "not_started" {
		t.Errorf("it ends before it starts: %q", got)
	}
	b.do(t, carl, b.Task, "start", struct{}{})
	kept := fixture.One[string](t, b.Store.Pool, `SELECT answer::text FROM command_log WHERE actor_id = $1 AND verb = 'start'`, carl)
	if strings.Contains(kept, "owner_id") || strings.Contains(kept, "estimate") || strings.Contains(kept, "worked_minutes") || !strings.Contains(kept, b.Task.String()) {
		t.Errorf("what a contact may ask for again is %s", kept) // S2.16
	}
	if got := b.try(t, carl, b.Task, "start", struct{}{}); got != "already_started" {
		t.Errorf("it starts twice: %q", got)
	}
	b.do(t, carl, b.Task, "end", struct{}{})
	if ok := fixture.One[bool](t, b.Store.Pool, `SELECT ended_at >= started_at FROM task WHERE id = $1`, b.Task); !ok {
		t.Error("it has no beginning or end")
	}
	for verb, body := range map[string]any{
		"assign": flow.AssignTask{To: toUser(b.Ann)}, "edit": map[string]any{"title": "mine"}, "move": flow.MoveTask{},
		"delegate": flow.DelegateTask{To: toUser(b.Ann), Reason: work.NeedSupport, Done: "a", Next: "b"}, "depend": flow.Dependency{TaskID: b.Task},
		"status": flow.SetStatus{Status: work.Cancelled},
	} {
		if got := b.try(t, carl, b.Task, verb, body); got != "not_owner" && got != "forbidden" {
			t.Errorf("%s: %q", verb, got)
		}
	}
	b.do(t, carl, b.Task, "status", flow.SetStatus{Status: work.Complete})
	if got := b.hears(t, b.Ann, b.Task); got != "status" {
		t.Errorf("its owner hears %q", got)
	}
	other := b.NewTask(t, "open")
	if got := b.try(t, carl, other, "status", flow.SetStatus{Status: work.Complete}); got != "not_owner" {
		t.Errorf("somebody else's: %q", got)
	}
}
