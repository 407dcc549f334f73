package activities_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/work"
)

// onProject carries out an action on the project's life.
func (b *bench) onProject(t *testing.T, by uuid.UUID, verb string) flow.Snapshot {
	t.Helper()
	snap, err := b.acts.CommitProject(t.Context(), b.command(t, by, flow.Project, b.Project, verb, flow.Noted{Note: "because"}))
	if err != nil {
		t.Fatalf("%s: %v", verb, err)
	}
	return snap
}

// at sets the clock.
func (b *bench) at(now time.Time) { b.Store.Now = func() time.Time { return now } }

func TestClearanceIsAskedForRemindedOfAndGiven(t *testing.T) { // S1.06, N.21
	t.Parallel()
	b := set(t)
	other, admin := b.Person(t, "Oscar", "account_manager", ""), b.Person(t, "Ada", "admin", "")
	gone := b.Person(t, "Gone", "admin", "")
	b.Exec(t, `UPDATE person SET active = false WHERE id = $1`, gone)
	b.Exec(t, `UPDATE project SET status = 'draft', code = 'SHOP', name = 'Web *shop*' WHERE id = $1`, b.Project)
	b.Exec(t, `UPDATE task SET status = 'planned'`)
	asked := time.Date(2026, time.March, 20, 15, 0, 0, 0, time.UTC) // a Friday
	b.at(asked)
	snap := b.onProject(t, b.AM, "request-clearance")
	if want := time.Date(2026, time.March, 23, 9, 0, 0, 0, time.UTC); snap.WaitingFor != "clearance" || snap.Deadline == nil || !snap.Deadline.Equal(want) || snap.Next != "" || !strings.Contains(snap.Details, "since 2026-03-20 15:00 UTC; they are reminded 2026-03-23 09:00 UTC") {
		t.Errorf("the process sees %+v", snap)
	}
	hears := func(want string) {
		t.Helper()
		got := ""
		for _, p := range []uuid.UUID{b.AM, other, admin, b.Ann, gone} {
			got += b.hears(t, p, b.Project) + ", "
		}
		if got != want {
			t.Errorf("the AM, another, an admin, Ann and who left hear %q, want %q", got, want)
		}
	}
	hears(", clearance_asked, clearance_asked, , , ")
	if s := fixture.One[string](t, b.Store.Pool, `SELECT subject || ': ' || body FROM notification WHERE person_id = $1 AND entity_kind = 'project'`, other); !strings.HasSuffix(s, "asks for clearance of SHOP Web *shop*: because") {
		t.Errorf("another reads %q", s)
	}
	for _, c := range []struct {
		day  int
		next string
		told bool
	}{{22, "", false}, {23, flow.Remind, true}, {24, "", false}, {25, flow.Remind, true}, {31, flow.Remind, true}} {
		b.at(time.Date(2026, time.March, c.day, 9, 0, 0, 0, time.UTC))
		snap, err := b.acts.LoadProject(t.Context(), b.Project)
		if err != nil || snap.Next != c.next {
			t.Errorf("on the %dth the process sees %+v, %v", c.day, snap, err)
		}
		before := b.hears(t, admin, b.Project)
		for range 3 { // however often it is tried
			if snap, err = b.acts.RemindOfClearance(t.Context(), b.Project); err != nil || snap.Next != "" || !snap.Deadline.After(b.Now()) {
				t.Fatalf("on the %dth: %+v, %v", c.day, snap, err)
			}
		}
		if told := b.hears(t, admin, b.Project) != before; told != c.told {
			t.Errorf("on the %dth an admin is reminded: %v", c.day, told)
		}
	}
	hears(", clearance_asked clearance_reminder clearance_reminder clearance_reminder, clearance_asked clearance_reminder clearance_reminder clearance_reminder, , , ")
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM audit_event WHERE entity_id = $1 AND verb = 'remind' AND actor_id IS NULL`, b.Project); n != 3 {
		t.Errorf("%d reminders are in the history", n)
	}
	if _, err := b.acts.CommitProject(t.Context(), b.command(t, b.AM, flow.Project, b.Project, "clear", flow.Noted{})); code(err) != "self_clearance" {
		t.Errorf("who asked gives it: %v", err)
	}
	if snap = b.onProject(t, admin, "clear"); snap.Deadline != nil || snap.DueAt != nil || snap.WaitingFor != "work" {
		t.Errorf("the process sees %+v", snap)
	}
	if got := b.hears(t, b.AM, b.Project) + ", " + b.hears(t, b.Ann, b.Project); got != "cleared, project_status" {
		t.Errorf("who asked and who has its task hear %q", got)
	}
	if snap, err := b.acts.RemindOfClearance(t.Context(), b.Project); err != nil || snap.State != "active" {
		t.Errorf("too late to remind: %+v, %v", snap, err)
	}
}

func TestClearanceIsRefusedOrWithdrawnAndAskedForAnew(t *testing.T) { // S1.06, N.21
	t.Parallel()
	b := set(t)
	other, admin := b.Person(t, "Oscar", "account_manager", ""), b.Person(t, "Ada", "admin", "")
	b.Exec(t, `UPDATE project SET status = 'draft', code = 'SHOP', name = 'Web shop' WHERE id = $1`, b.Project)
	march := func(day, hour int) time.Time { return time.Date(2026, time.March, day, hour, 0, 0, 0, time.UTC) }
	refused := func(by uuid.UUID, verb, want string) {
		t.Helper()
		if _, err := b.acts.CommitProject(t.Context(), b.command(t, by, flow.Project, b.Project, verb, flow.Noted{Note: "no"})); string(code(err)) != want {
			t.Errorf("%s: %v, want %s", verb, err, want)
		}
	}
	hears := func(want ...string) {
		t.Helper()
		got := []string{b.hears(t, b.AM, b.Project), b.hears(t, other, b.Project), b.hears(t, admin, b.Project)}
		if !slices.Equal(got, want) {
			t.Errorf("the AM, another and an admin hear %q, want %q", got, want)
		}
		b.Exec(t, `DELETE FROM notification`)
	}
	quiet := func(snap flow.Snapshot) {
		t.Helper()
		if snap.State != "draft" || snap.WaitingFor != "plan" || snap.Deadline != nil || snap.DueAt != nil || snap.Next != "" {
			t.Errorf("the process sees %+v", snap)
		}
		b.at(b.Store.Now().AddDate(0, 0, 7))
		if snap, err := b.acts.RemindOfClearance(t.Context(), b.Project); err != nil || snap.Next != "" {
			t.Errorf("a week after: %+v, %v", snap, err)
		}
		hears("", "", "")
	}

	refused(other, "refuse-clearance", "bad_transition")
	refused(b.AM, "withdraw-clearance", "bad_transition")
	b.at(march(2, 15)) // a Monday
	b.onProject(t, b.AM, "request-clearance")
	b.at(march(5, 9))
	if _, err := b.acts.RemindOfClearance(t.Context(), b.Project); err != nil {
		t.Fatal(err)
	}
	hears("", "clearance_asked clearance_reminder", "clearance_asked clearance_reminder")
	refused(b.AM, "refuse-clearance", "self_clearance")
	refused(b.Ann, "refuse-clearance", "forbidden")
	refused(b.Ann, "withdraw-clearance", "forbidden")
	refused(other, "withdraw-clearance", "forbidden") // they were asked
	snap := b.onProject(t, other, "refuse-clearance")
	if s := fixture.One[string](t, b.Store.Pool, `SELECT subject || ': ' || body FROM notification WHERE person_id = $1`, b.AM); !strings.HasSuffix(s, "refused clearance of SHOP Web shop: it is a draft again: because") {
		t.Errorf("who asked reads %q", s)
	}
	hears("clearance_refused", "", "")
	quiet(snap)
	if got := fixture.One[string](t, b.Store.Pool, `SELECT concat_ws(' ', changes, note) FROM audit_event WHERE entity_id = $1 AND verb = 'refuse-clearance'`, b.Project); got != `{"status": ["awaiting_clearance", "draft"]} because` {
		t.Errorf("the history says %s", got)
	}

	b.at(march(16, 15)) // a Monday
	if snap = b.onProject(t, b.AM, "request-clearance"); snap.Deadline == nil || !snap.Deadline.Equal(march(17, 9)) {
		t.Errorf("asked again: %+v", snap)
	}
	b.Exec(t, `UPDATE project SET account_manager_id = $1`, other) // handed over: who asked may withdraw still
	b.Exec(t, `DELETE FROM notification`)
	snap = b.onProject(t, b.AM, "withdraw-clearance")
	hears("", "clearance_withdrawn", "clearance_withdrawn")
	quiet(snap)

	b.at(march(30, 15))
	b.onProject(t, other, "request-clearance")
	b.Exec(t, `DELETE FROM notification`)
	snap = b.onProject(t, admin, "withdraw-clearance")
	hears("clearance_withdrawn", "clearance_withdrawn", "")
	quiet(snap)
}

func TestThePeopleOfAProjectHearOfItsLife(t *testing.T) { // S1.06, N.21
	t.Parallel()
	b := set(t)
	admin := b.Person(t, "Ada", "admin", "")
	carl := b.NewID()
	b.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, 'Carl', 'carl@client.example', '{client_contact}')`, carl, b.Client)
	b.Exec(t, `UPDATE task SET assignee_person_id = $1, delegated = true`, carl) // of the client: not told of the firm's doings
	b.onProject(t, b.AM, "hold")
	b.onProject(t, admin, "resume")
	b.Exec(t, `UPDATE task SET status = 'complete', closed_at = now()`)
	b.onProject(t, admin, "complete")
	for who, want := range map[uuid.UUID]string{b.AM: "project_status project_status", b.Ann: "project_status project_status", b.Bob: "", carl: "", admin: ""} {
		if got := b.hears(t, who, b.Project); got != want {
			t.Errorf("%s hears %q, want %q", who, got, want)
		}
	}
	if s := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(subject, '; ' ORDER BY id) FROM notification WHERE person_id = $1`, b.Ann); !strings.Contains(s, " on hold; Ada resumed P") {
		t.Errorf("Ann reads %q", s)
	}
}

func TestAnImportedProjectIsRemindedOfToo(t *testing.T) { // S1.06
	t.Parallel()
	b := set(t)
	b.Exec(t, `UPDATE project SET status = 'awaiting_clearance', created_at = '2026-03-18T12:00:00Z' WHERE id = $1`, b.Project)
	b.at(time.Date(2026, time.March, 18, 13, 0, 0, 0, time.UTC))
	snap, err := b.acts.LoadProject(t.Context(), b.Project)
	if err != nil || snap.Deadline == nil || !snap.Deadline.Equal(time.Date(2026, time.March, 19, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v, %v", snap, err)
	}
	if snap, err := b.acts.RemindOfClearance(t.Context(), b.NewID()); err != nil || !snap.Closed {
		t.Errorf("a project that is not there: %+v, %v", snap, err)
	}
}

func TestATasksDueDateIsSeenByItsProcess(t *testing.T) {
	t.Parallel()
	b := set(t)
	on := map[string]any{"due_on": "2026-04-01"}
	snap := b.do(t, b.Ann, b.Task, "edit", on)
	if snap.DueAt == nil || snap.DueAt.Format(time.DateOnly) != "2026-04-01" || snap.Deadline != nil || !strings.Contains(snap.Details, "**Due on:** 2026-04-01") {
		t.Errorf("the process sees %+v", snap)
	}
	b.do(t, b.Ann, b.Task, "edit", map[string]any{"title": "Other"})
	if got := fixture.One[string](t, b.Store.Pool, `SELECT due_on::text FROM task WHERE id = $1`, b.Task); got != "2026-04-01" {
		t.Errorf("it is due on %s", got)
	}
	if snap = b.do(t, b.Ann, b.Task, "edit", map[string]any{"due_on": nil}); snap.DueAt != nil {
		t.Errorf("the process sees %+v", snap)
	}
	if got := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(changes ->> 'due_on', ' ' ORDER BY id) FROM audit_event WHERE entity_id = $1`, b.Task); got != `[null, "2026-04-01"] ["2026-04-01", null]` {
		t.Errorf("the history says %s", got)
	}
}

func TestNothingIsLeftToDoInACancelledProject(t *testing.T) { // S1.06
	t.Parallel()
	b := set(t)
	planned, waiting, done := b.NewTask(t, "planned"), b.Waiting(t), b.NewTask(t, "complete")
	b.onProject(t, b.AM, "cancel")
	for task, want := range map[uuid.UUID]string{b.Task: "cancelled open>cancelled 2", planned: "cancelled planned>cancelled 2", waiting: "cancelled open>cancelled 2", done: "complete"} {
		got := fixture.One[string](t, b.Store.Pool, `SELECT concat_ws(' ', t.status, (SELECT concat(changes -> 'status' ->> 0, '>', changes -> 'status' ->> 1, ' ', version) FROM audit_event WHERE entity_id = t.id)) FROM task t WHERE id = $1`, task)
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM outbox WHERE entity_kind = 'task'`); n != 3 {
		t.Errorf("%d processes are told, want 3", n)
	}
	if got := b.try(t, b.Bob, waiting, "accept", struct{}{}); got != string(work.TaskClosed) {
		t.Errorf("accepted: %q", got)
	}
}

func TestWhatWaitsInAGroupIsNotLateWhileItsProjectIsOnHold(t *testing.T) { // S1.06, S1.14
	t.Parallel()
	b := setAt(t, "2026-03-16T09:00:00Z") // a Monday
	task := b.Waiting(t)
	b.Exec(t, `UPDATE work_group SET escalate_minutes = 60`)
	b.Exec(t, `UPDATE task SET assigned_at = $1, status_at = $1, created_at = $1`, b.now)
	b.at(t, "2026-03-16T09:30:00Z")
	b.onProject(t, b.AM, "hold")
	b.at(t, "2026-03-18T10:00:00Z")
	if snap, err := b.acts.EscalateTask(t.Context(), task); err != nil || snap.WaitingFor != "resume" || snap.Deadline != nil || b.hears(t, b.Manager, task) != "" {
		t.Errorf("on hold: %+v, %v; the manager hears %q", snap, err, b.hears(t, b.Manager, task))
	}
	b.onProject(t, b.AM, "resume")
	if snap, err := b.acts.LoadTask(t.Context(), task); err != nil || snap.Deadline == nil || snap.Deadline.UTC().Format(time.RFC3339) != "2026-03-18T11:00:00Z" {
		t.Errorf("resumed: %+v, %v", snap, err)
	}
	if n := fixture.One[int](t, b.Firm.Pool, `SELECT count(*) FROM outbox WHERE entity_id = $1`, task); n != 2 {
		t.Errorf("its process is told %d times, want of both", n)
	}
}

func TestAnAccountManagerOfBeforeIsAnsweredWithoutPrices(t *testing.T) { // S2.02
	t.Parallel()
	b := set(t)
	b.Exec(t, `UPDATE work_statement SET budget_amount = 98765, retainer_amount = 98765, retainer_minutes = 600`)
	answers := func(by uuid.UUID, verb string) bool {
		b.Exec(t, `UPDATE project SET account_manager_id = $1`, by)
		b.onProject(t, by, verb)
		return fixture.One[bool](t, b.Store.Pool, `SELECT answer::text LIKE '%98765%' FROM command_log WHERE verb = $1`, verb)
	}
	if !answers(b.AM, "hold") || answers(b.Ann, "resume") {
		t.Error("an account manager reads the prices, and who is none does not")
	}
}
