package activities_test

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
)

// reporting is a bench on Friday 20 March 2026, two hours before reports are
// made, whose client has an address and a manager.
func reporting(t *testing.T) *told {
	t.Helper()
	b := setAt(t, "2026-03-20T12:00:00Z")
	b.Exec(t, `UPDATE provider SET status_from = '2026-01-01'`)
	b.Exec(t, `UPDATE client SET email = 'office@client.example'`)
	b.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES (gen_random_uuid(), 'client', $1, 'Carla', 'carla@client.example', '{client_manager}'), (gen_random_uuid(), 'client', $1, 'Carl', 'carl@client.example', '{client_contact}')`, b.Client)
	return b
}

// byClock does what the schedule does, and returns the reports that were made.
func (b *told) byClock(t *testing.T, now string) []flow.StatusProcess {
	t.Helper()
	b.at(t, now)
	due, err := b.acts.DueStatus(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if due.RunID == uuid.Nil {
		return nil
	}
	return b.reports(t, due.RunID)
}

func (b *told) reports(t *testing.T, run uuid.UUID) []flow.StatusProcess {
	t.Helper()
	page, err := b.acts.PlanStatus(t.Context(), flow.StatusPage{RunID: run})
	if err != nil {
		t.Error(err)
	}
	var made []flow.StatusProcess
	for _, c := range page.Clients {
		p, err := b.acts.MakeStatus(t.Context(), flow.StatusOne{RunID: run, ClientID: c})
		if err != nil {
			t.Error(err)
		}
		if p.ID != uuid.Nil {
			made = append(made, p)
		}
	}
	if err := b.acts.FinishStatus(t.Context(), run); err != nil {
		t.Error(err)
	}
	return made
}

// sends runs the sending at a time and tells what became of the report.
func (b *told) sends(t *testing.T, now string, id uuid.UUID) flow.Snapshot {
	t.Helper()
	b.at(t, now)
	var snap flow.Snapshot
	for range 2 { // however often it is tried
		var err error
		if snap, err = b.acts.SendStatus(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	return snap
}

func (b *told) steers(t *testing.T, by, id uuid.UUID, verb string, body any) (flow.Snapshot, error) {
	t.Helper()
	return b.acts.CommitStatus(t.Context(), b.command(t, by, flow.Status, id, verb, body))
}

func (b *told) mails(t *testing.T) string {
	t.Helper()
	return fixture.One[string](t, b.Firm.Pool, `SELECT coalesce(string_agg(to_address || ' ' || (key LIKE 'status/%/2026-W12%') || ' ' || (SELECT count(*) FROM mail_attachment WHERE mail_id = m.id), ', ' ORDER BY to_address), '') FROM mail m WHERE key LIKE 'status/%'`)
}

func TestAReportWaitsForTheAccountManagerAndGoesOnce(t *testing.T) { // S1.69, N.31
	t.Parallel()
	b := reporting(t)
	if made := b.byClock(t, "2026-03-20T13:59:59Z"); len(made) != 1 || !strings.HasSuffix(made[0].Workflow, "2026-W11") {
		t.Fatalf("before two o'clock it is %v", made)
	}
	made := b.byClock(t, "2026-03-20T14:00:00Z")
	if len(made) != 1 || made[0].Workflow != "status/"+b.Client.String()+"/2026-W12" {
		t.Fatalf("made %v", made)
	}
	if again := b.byClock(t, "2026-03-20T14:15:00Z"); again != nil {
		t.Errorf("made again %v", again)
	}
	id := made[0].ID
	if subject := fixture.One[string](t, b.Firm.Pool, `SELECT subject FROM notification WHERE person_id = $1 AND entity_id = $2`, b.AM, id); !strings.HasSuffix(subject, "goes out on Saturday 21 March at 14:00") {
		t.Errorf("the account manager reads %q", subject)
	}
	if snap := b.sends(t, "2026-03-21T13:59:59Z", id); snap.Closed || snap.Next != "" || snap.WaitingFor != "account_manager" || b.mails(t) != "" {
		t.Errorf("a moment before: %+v, %s", snap, b.mails(t))
	}
	if _, err := b.steers(t, b.Ann, id, "comment", flow.CommentReport{Comment: "x"}); code(err) != "forbidden" {
		t.Errorf("Ann comments: %v", err)
	}
	if _, err := b.steers(t, b.AM, id, "comment", flow.CommentReport{Comment: "Shall we talk?"}); err != nil {
		t.Fatal(err)
	}
	if snap := b.sends(t, "2026-03-21T14:00:00Z", id); !snap.Closed || snap.State != "sent" {
		t.Errorf("when the time is over: %+v", snap)
	}
	if got, want := b.mails(t), "carla@client.example true 1, office@client.example true 1"; got != want {
		t.Errorf("mailed %s, want %s", got, want)
	}
	if n := fixture.One[int](t, b.Firm.Pool, `SELECT count(*) FROM mail WHERE body LIKE '%Shall we talk?%' AND key = 'status/' || $1 || '/2026-W12'`, b.Client.String()); n != 1 {
		t.Error("the client's own mail is missing, or has no comment")
	}
	key := fixture.One[string](t, b.Firm.Pool, `SELECT DISTINCT file_key FROM mail_attachment`)
	if v := fixture.One[int32](t, b.Firm.Pool, `SELECT version FROM status_report WHERE id = $1`, id); key != postgres.StatusKey(id, v-1) {
		t.Errorf("the PDF is at %s", key)
	}
	pdf, err := b.files.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer pdf.Close()
	if head, err := io.ReadAll(io.LimitReader(pdf, 5)); err != nil || string(head) != "%PDF-" {
		t.Errorf("it is %q, %v", head, err)
	}
	if _, err := b.steers(t, b.AM, id, "hold", flow.Noted{}); code(err) != "conflict" {
		t.Errorf("held after it was sent: %v", err)
	}
	for _, change := range []string{`UPDATE status_report SET comment = 'else' WHERE id = $1`, `DELETE FROM status_report WHERE id = $1`} {
		if _, err := b.Firm.Pool.Exec(t.Context(), change, id); err == nil {
			t.Errorf("the database takes %s", change)
		}
	}
}

func TestAReportThatIsHeldGoesWhenItIsReleased(t *testing.T) { // S1.69
	t.Parallel()
	b := reporting(t)
	id := b.byClock(t, "2026-03-20T14:00:00Z")[0].ID
	if snap, err := b.steers(t, b.AM, id, "hold", flow.Noted{Note: "wait"}); err != nil || snap.State != "held" || snap.Deadline != nil || snap.WaitingFor != "release" {
		t.Fatalf("held: %+v, %v", snap, err)
	}
	if snap := b.sends(t, "2026-03-25T14:00:00Z", id); snap.State != "held" || b.mails(t) != "" {
		t.Errorf("it went: %+v", snap)
	}
	if snap, err := b.steers(t, b.AM, id, "release", flow.Noted{}); err != nil || snap.Next != flow.SendReport {
		t.Fatalf("released: %+v, %v", snap, err)
	}
	if snap := b.sends(t, "2026-03-25T14:00:00Z", id); snap.State != "sent" {
		t.Errorf("after release: %+v", snap)
	}
	b.Exec(t, `UPDATE client SET email = ''`)
	b.Exec(t, `UPDATE person SET active = false WHERE kind = 'client'`)
	id = b.byClock(t, "2026-03-27T14:00:00Z")[0].ID
	if snap := b.sends(t, "2026-03-28T14:00:00Z", id); snap.State != "held" {
		t.Errorf("without an address it is %+v", snap)
	}
}

func TestTenRunsAtOnceMakeOneReportForEachClient(t *testing.T) { // S1.69, N.31
	t.Parallel()
	b := reporting(t)
	idle := fixture.NewFirm(t, b.Store) // a client without an active project
	b.Exec(t, `UPDATE project SET status = 'on_hold' WHERE id = $1`, idle.Project)
	fixture.NewFirm(t, b.Store)
	var all sync.WaitGroup
	for range 10 {
		run := b.NewID()
		b.Exec(t, `INSERT INTO status_run (id, week, week_ending, created_by, created_at) VALUES ($1, '2026-W12', '2026-03-20', $2, now())`, run, b.AM)
		all.Go(func() { b.reports(t, run) })
	}
	all.Wait()
	if got := fixture.One[string](t, b.Firm.Pool, `SELECT count(*) || ' ' || count(DISTINCT client_id) || ' ' || count(*) FILTER (WHERE client_id = $1) FROM status_report`, idle.Client); got != "2 2 0" {
		t.Errorf("reports, clients and of the idle one: %s", got)
	}
	if n := fixture.One[int](t, b.Firm.Pool, `SELECT count(*) FROM notification WHERE kind = 'status_report' AND person_id = $1`, b.AM); n != 1 {
		t.Errorf("the account manager was told %d times", n)
	}
}

func TestThreeMissedWeeksAreOneReport(t *testing.T) { // S1.69, N.33
	t.Parallel()
	b := reporting(t)
	b.byClock(t, "2026-03-06T14:00:00Z")
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, time.March, 10), Minutes: 90}, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, time.March, 24), Minutes: 30})
	if made := b.byClock(t, "2026-03-30T09:00:00Z"); len(made) != 1 || !strings.HasSuffix(made[0].Workflow, "2026-W13") {
		t.Errorf("made %v", made)
	}
	if made := b.byClock(t, "2026-03-30T09:15:00Z"); made != nil {
		t.Errorf("made again %v", made)
	}
	got := fixture.One[string](t, b.Firm.Pool, `SELECT (content->'report'->>'from') || ' ' || (content->'report'->'projects'->0->>'week_minutes') FROM status_report WHERE week = '2026-W13'`)
	if got != "2026-03-06 120" {
		t.Errorf("it tells of %s", got)
	}
	if due, err := b.acts.DueStatus(t.Context()); err != nil || len(due.Late) != 1 { // that of 6 March, whose process was never there
		t.Errorf("late are %v, %v", due.Late, err)
	}
}

func TestNothingThatIsHiddenIsReported(t *testing.T) { // S1.69
	t.Parallel()
	b := reporting(t)
	for i, status := range []string{"open", "planned", "complete"} {
		id := b.NewTask(t, status)
		b.Exec(t, `UPDATE task SET title = 'SECRET' || $2::text, description = 'SECRET', closed_at = CASE WHEN closed_at IS NULL THEN NULL ELSE $3::timestamptz END, created_at = $3, status_at = $3 WHERE id = $1`, id, fmt.Sprint(i), b.now)
	}
	b.Exec(t, `UPDATE task SET visible_to_client = true, title = 'SHOWN', created_at = $2 WHERE id = $1`, b.Task, b.now)
	b.Exec(t, `UPDATE work_statement SET description = 'SECRET', budget_amount = 98765`)
	b.Exec(t, `UPDATE rate SET hourly = 98765`)
	b.Exec(t, `INSERT INTO note (id, task_id, author_id, body) VALUES (gen_random_uuid(), $1, $2, 'SECRET')`, b.Task, b.Ann)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, time.March, 18), Minutes: 60})
	b.Exec(t, `UPDATE time_entry SET description = 'SECRET'`)
	id := b.byClock(t, "2026-03-20T14:00:00Z")[0].ID
	b.sends(t, "2026-03-21T14:00:00Z", id)
	all := fixture.One[string](t, b.Firm.Pool, `SELECT r.content::text || string_agg(m.subject || m.body, ' ') FROM status_report r, mail m WHERE r.id = $1 AND m.key LIKE 'status/%' GROUP BY r.content`, id)
	if strings.Contains(all, "SECRET") || strings.Contains(all, "98765") || strings.Contains(all, "Ann ") || !strings.Contains(all, "SHOWN") {
		t.Errorf("the client reads %s", all)
	}
	if n := fixture.One[int](t, b.Firm.Pool, `SELECT (content->'report'->'projects'->0->'added'->>'others')::int FROM status_report`); n != 2 {
		t.Errorf("%d hidden tasks are counted as added", n)
	}
}
