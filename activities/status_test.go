package activities_test

import (
	"encoding/json"
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
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// reporting is a bench on Friday 20 March 2026, two hours before reports are
// made, whose client has an address and a manager.
func reporting(t *testing.T) *told {
	t.Helper()
	b := setAt(t, "2026-03-20T12:00:00Z")
	b.reachable(t, "en")
	b.Exec(t, `UPDATE provider SET name = 'My Firm', time_zone = 'Europe/London'`)
	b.Exec(t, `UPDATE status_policy SET weekday = 5, hour = 14, hold_hours = 24, since = '2026-01-01'`)
	b.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES (gen_random_uuid(), 'client', $1, 'Carla', 'carla@client.example', '{client_manager}'),
		(gen_random_uuid(), 'client', $1, 'Carl', 'carl@client.example', '{client_contact}')`, b.Client)
	return b
}

// clock does what the schedule does at a time, and tells for how many clients
// reports were made.
func (b *told) clock(t *testing.T, now string) int {
	t.Helper()
	b.at(t, now)
	run, err := b.acts.OpenStatusRun(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if run == uuid.Nil {
		return 0
	}
	return b.reports(t, run)
}

// byHand makes the reports of a week that somebody asked for.
func (b *told) byHand(t *testing.T, ending string) int {
	t.Helper()
	run := b.NewID()
	day, err := civil.Parse(ending)
	if err != nil {
		t.Fatal(err)
	}
	b.Exec(t, `INSERT INTO status_run (id, week, week_ending, created_by, created_at) VALUES ($1, $2, $3, $4, $5)`, run, work.Week(day), ending, b.AM, b.now)
	return b.reports(t, run)
}

func (b *told) reports(t *testing.T, run uuid.UUID) int {
	t.Helper()
	page, err := b.acts.MakeReports(t.Context(), flow.RunPage{RunID: run})
	if err == nil {
		err = b.acts.FinishStatusRun(t.Context(), run)
	}
	if err != nil || page.More {
		t.Errorf("got %+v, %v", page, err)
	}
	return page.Told
}

// report is the client's report of a week.
func (b *told) report(t *testing.T, week string) postgres.StatusReport {
	t.Helper()
	id := fixture.One[uuid.UUID](t, b.Firm.Pool, `SELECT id FROM status_report WHERE client_id = $1 AND week = $2`, b.Client, week)
	r, err := postgres.OneStatusReport(t.Context(), b.Queries, id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// decides is what the API does when the account manager decides.
func (b *told) decides(t *testing.T, r postgres.StatusReport, state string) {
	t.Helper()
	err := b.SetStatusReport(t.Context(), db.SetStatusReportParams{ID: r.ID, State: state, HoldUntil: r.HoldUntil, Comment: "Shall we talk?", CommentBy: &b.AM})
	if err != nil {
		t.Fatal(err)
	}
}

// sends runs the sending at a time, however often, and gives the report.
func (b *told) sends(t *testing.T, now, week string) flow.Snapshot {
	t.Helper()
	b.at(t, now)
	var snap flow.Snapshot
	for range 2 {
		var err error
		if snap, err = b.acts.SendStatus(t.Context(), b.report(t, week).ID); err != nil {
			t.Fatal(err)
		}
	}
	return snap
}

func (b *told) mailed(t *testing.T) string {
	t.Helper()
	return fixture.One[string](t, b.Firm.Pool, `SELECT coalesce(string_agg(to_address || ' ' || (SELECT string_agg(name, ' ') FROM mail_attachment WHERE mail_id = m.id), ', ' ORDER BY key), '') FROM mail m WHERE key LIKE 'status/%'`)
}

func TestTheClientsOwnAccountManagerHearsOfTheReport(t *testing.T) { // S1.02, S1.69
	t.Parallel()
	b := reporting(t)
	clara := b.Person(t, "Clara", "account_manager", "")
	b.Person(t, "Zoe", "account_manager", "")
	b.Exec(t, `UPDATE client SET account_manager_id = $2 WHERE id = $1`, b.Client, clara)
	b.clock(t, "2026-03-20T14:00:00Z")
	if got := b.reviewers(t, "report_ready"); got != "Clara Olivia" {
		t.Errorf("%s hear of it", got)
	}
	b.Exec(t, `DELETE FROM notification`)
	b.Exec(t, `UPDATE person SET active = false WHERE id IN ($1, $2)`, clara, b.AM)
	b.clock(t, "2026-03-27T14:00:00Z")
	if got := b.reviewers(t, "report_ready"); got != "Zoe" {
		t.Errorf("%q hear of it when those have left", got)
	}
}

func TestAReportIsReviewedAndGoesOnce(t *testing.T) { // S1.69, N.31
	t.Parallel()
	b := reporting(t)
	if n := b.clock(t, "2026-03-20T13:59:59Z"); n != 1 || b.report(t, "2026-W11").State != "review" { // the week before was missed
		t.Fatalf("before two o'clock %d are made", n)
	}
	if n := b.clock(t, "2026-03-20T14:00:00Z"); n != 1 {
		t.Fatalf("%d are made", n)
	}
	for range 5 {
		if n := b.clock(t, "2026-03-20T14:15:00Z"); n != 0 {
			t.Errorf("%d are made again", n)
		}
	}
	r := b.report(t, "2026-W12")
	if got := fixture.One[string](t, b.Firm.Pool, `SELECT kind || ': ' || subject FROM notification WHERE person_id = $1 AND entity_id = $2`, b.AM, r.ID); got != "report_ready: The status report for "+r.ClientName+" goes out on Saturday 21 March 2026 at 14:00 GMT" {
		t.Errorf("the account manager reads %q", got)
	}
	if snap := b.sends(t, "2026-03-21T13:59:59Z", "2026-W12"); snap.Closed || !strings.Contains(snap.Details, "- **State:** review\n") || snap.Next != "" || snap.WaitingFor != "review" || !snap.Deadline.Equal(r.HoldUntil) || b.mailed(t) != "" {
		t.Errorf("a moment before: %+v, %s", snap, b.mailed(t))
	}
	b.decides(t, r, "review")
	if snap := b.sends(t, "2026-03-21T14:00:00Z", "2026-W12"); !snap.Closed || snap.State != "sent" {
		t.Errorf("when the hold is over: %+v", snap)
	}
	if got, want := b.mailed(t), "billing@client.example status-report-2026-W12.pdf, carla@client.example status-report-2026-W12.pdf"; got != want {
		t.Errorf("mailed %s, want %s", got, want)
	}
	r = b.report(t, "2026-W12")
	text := fixture.One[string](t, b.Firm.Pool, `SELECT subject || body FROM mail WHERE key = $1`, flow.StatusID(b.Client, "2026-W12"))
	manager := fixture.One[string](t, b.Firm.Pool, `SELECT name FROM person WHERE id = $1`, b.AM)
	for _, want := range []string{"Status of your projects, 20 Mar 2026, from My Firm", manager + ":\nShall we talk?", "http://localhost/api/v1/status-reports/" + r.ID.String() + ".pdf"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	if len(r.Mails) != 2 || r.Mails[0].State != "pending" || r.SentAt == nil {
		t.Errorf("got %+v", r)
	}
	b.keepsWhatWasSent(t, r)
}

// keepsWhatWasSent looks for the PDF, and tries to change what was said.
func (b *told) keepsWhatWasSent(t *testing.T, r postgres.StatusReport) {
	t.Helper()
	pdf, err := b.files.Get(t.Context(), fixture.One[string](t, b.Firm.Pool, `SELECT file_key FROM status_report WHERE id = $1 AND file_key = (SELECT DISTINCT file_key FROM mail_attachment)`, r.ID))
	if err != nil {
		t.Fatal(err)
	}
	defer pdf.Close()
	if head, err := io.ReadAll(io.LimitReader(pdf, 5)); err != nil || string(head) != "%PDF-" {
		t.Errorf("it is %q, %v", head, err)
	}
	for _, change := range []string{`UPDATE status_report SET comment = 'else' WHERE id = $1`, `DELETE FROM status_report WHERE id = $1`, `UPDATE status_report SET content = '{}' WHERE id <> $1`} {
		if _, err := b.Firm.Pool.Exec(t.Context(), change, r.ID); err == nil {
			t.Errorf("the database takes %s", change)
		}
	}
}

func TestFiguresAreFrozenAndTheNextReportTellsTheDifference(t *testing.T) { // S1.69
	t.Parallel()
	b := reporting(t)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, time.March, 2), Minutes: 300}, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, time.March, 18), Minutes: 60})
	b.clock(t, "2026-03-20T14:00:00Z")
	was := b.report(t, "2026-W12")
	if p := was.Report.Projects[0]; p.WorkedMinutes != 360 || p.WorkedSinceMinutes != 60 || was.Report.Since.String() != "2026-03-13" || was.Report.AsOf.String() != "2026-03-20" {
		t.Errorf("the first report says %+v", was.Report)
	}
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, time.March, 3), Minutes: 45}, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, time.March, 24), Minutes: 15})
	b.Exec(t, `UPDATE project SET name = 'Another name'`)
	b.sends(t, "2026-03-21T14:00:00Z", "2026-W12")
	is := b.report(t, "2026-W12")
	if string(postgres.JSON(is.Report)) != string(postgres.JSON(was.Report)) {
		t.Errorf("what was said is %+v, it was %+v", is.Report, was.Report)
	}
	if body := fixture.One[string](t, b.Firm.Pool, `SELECT min(body) FROM mail WHERE key LIKE 'status/%'`); !strings.Contains(body, "6:00 hours worked, 1:00 of them since 13 Mar 2026") || strings.Contains(body, "Another name") {
		t.Errorf("the mail says %s", body)
	}
	b.clock(t, "2026-03-27T14:00:00Z")
	if p := b.report(t, "2026-W13").Report.Projects[0]; p.WorkedMinutes != 420 || p.WorkedSinceMinutes != 60 || p.Name != "Another name" {
		t.Errorf("with what was recorded late, the next says %+v", p)
	}
}

func TestAReportThatIsHeldGoesWhenItIsReleasedOrGivesWay(t *testing.T) { // S1.69
	t.Parallel()
	b := reporting(t)
	b.clock(t, "2026-03-20T14:00:00Z")
	b.decides(t, b.report(t, "2026-W12"), "held")
	if snap := b.sends(t, "2026-03-25T14:00:00Z", "2026-W12"); snap.Closed || snap.State != "held" || snap.Deadline != nil || snap.WaitingFor != "release" || b.mailed(t) != "" {
		t.Errorf("it went: %+v", snap)
	}
	b.decides(t, b.report(t, "2026-W12"), "review")
	if snap := b.sends(t, "2026-03-25T14:00:00Z", "2026-W12"); snap.State != "sent" {
		t.Errorf("after release: %+v", snap)
	}
	b.clock(t, "2026-03-27T14:00:00Z")
	b.decides(t, b.report(t, "2026-W13"), "held")
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, time.March, 30), Minutes: 30})
	b.clock(t, "2026-04-03T14:00:00Z")
	if snap := b.sends(t, "2026-04-05T14:00:00Z", "2026-W13"); snap.State != "superseded" || !snap.Closed {
		t.Errorf("a week later the held one is %+v", snap)
	}
	if r := b.report(t, "2026-W14").Report; r.Since.String() != "2026-03-20" || r.Projects[0].WorkedSinceMinutes != 30 {
		t.Errorf("the next tells all since the one that was sent; it says %+v", r)
	}
	if n := fixture.One[int](t, b.Firm.Pool, `SELECT count(*) FROM outbox WHERE entity_kind = 'status'`); n != 4 {
		t.Errorf("processes were told %d times, want three times of a new one and once of the end", n)
	}
}

func TestAReportForNobodyIsHeld(t *testing.T) { // S1.69
	t.Parallel()
	b := reporting(t)
	b.Exec(t, `UPDATE client SET email = ''`)
	b.Exec(t, `UPDATE person SET active = false WHERE kind = 'client'`)
	b.clock(t, "2026-03-20T14:00:00Z")
	if snap := b.sends(t, "2026-03-21T14:00:00Z", "2026-W12"); snap.State != "held" || !strings.Contains(snap.Details, "- **State:** held: no email\n") || b.report(t, "2026-W12").Reason != "no_email" || b.mailed(t) != "" {
		t.Errorf("without an address it is %+v", snap)
	}
	if n := fixture.One[int](t, b.Firm.Pool, `SELECT count(*) FROM notification WHERE person_id = $1 AND kind = 'report_held'`, b.AM); n != 1 {
		t.Errorf("the account manager was told %d times", n)
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
		all.Go(func() { b.byHand(t, "2026-03-20") })
	}
	all.Wait()
	if got := fixture.One[string](t, b.Firm.Pool, `SELECT count(*) || ' ' || count(DISTINCT client_id) || ' ' || count(*) FILTER (WHERE client_id = $1) FROM status_report`, idle.Client); got != "2 2 0" {
		t.Errorf("reports, clients and of the idle one: %s", got)
	}
	if n := fixture.One[int](t, b.Firm.Pool, `SELECT count(*) FROM notification WHERE kind = 'report_ready' AND person_id = $1`, b.AM); n != 1 {
		t.Errorf("the account manager was told %d times", n)
	}
	id := b.report(t, "2026-W12").ID
	b.at(t, "2026-03-22T12:00:00Z")
	for range 10 {
		all.Go(func() {
			if snap, err := b.acts.SendStatus(t.Context(), id); err != nil || !snap.Closed {
				t.Errorf("got %+v, %v", snap, err)
			}
		})
	}
	all.Wait()
	if n := b.mails(t, flow.StatusID(b.Client, "2026-W12")); n != 2 {
		t.Errorf("%d mails for two readers", n)
	}
}

func TestThreeMissedWeeksAreOneReport(t *testing.T) { // S1.69, N.33
	t.Parallel()
	b := reporting(t)
	b.clock(t, "2026-03-06T14:00:00Z")
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, time.March, 10), Minutes: 90}, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, time.March, 24), Minutes: 30})
	b.at(t, "2026-03-13T14:00:00Z")
	half, err := b.acts.OpenStatusRun(t.Context()) // the worker dies
	if err != nil || half == uuid.Nil {
		t.Fatal(half, err)
	}
	b.at(t, "2026-03-30T09:00:00Z")
	if n := b.reports(t, half); n != 0 {
		t.Errorf("what was left half made makes %d reports of an old week", n)
	}
	if n := b.clock(t, "2026-03-30T09:00:00Z"); n != 1 {
		t.Errorf("%d are made", n)
	}
	if n := b.clock(t, "2026-03-30T09:15:00Z"); n != 0 {
		t.Errorf("%d are made again", n)
	}
	if got := fixture.One[string](t, b.Firm.Pool, `SELECT string_agg(week, ' ' ORDER BY week) FROM status_report WHERE client_id = $1`, b.Client); got != "2026-W10 2026-W13" {
		t.Errorf("there are reports of %s", got)
	}
	if r := b.report(t, "2026-W13").Report; r.Since.String() != "2026-03-06" || r.AsOf.String() != "2026-03-30" || r.Projects[0].WorkedSinceMinutes != 120 {
		t.Errorf("it tells %+v", r)
	}
}

func TestReportsThatHaveNotGoneComeBackFromTheirRows(t *testing.T) { // S1.69, N.32
	t.Parallel()
	b := reporting(t)
	b.clock(t, "2026-03-20T14:00:00Z")
	b.sends(t, "2026-03-21T14:00:00Z", "2026-W12")
	b.clock(t, "2026-03-27T14:00:00Z")
	open := b.report(t, "2026-W13").ID
	b.at(t, "2026-04-03T14:00:00Z")
	run, err := b.acts.OpenStatusRun(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fixture.One[string](t, b.Firm.Pool, `SELECT string_agg(kind || ' ' || id, ', ' ORDER BY kind) FROM open_thing WHERE kind LIKE 'status%'`), fmt.Sprintf("status %s, status-run %s", open, run); got != want {
		t.Errorf("open are %s, want %s", got, want)
	}
	names, err := b.ProcessNames(t.Context(), []uuid.UUID{open, run})
	if err != nil || len(names) != 2 || !strings.HasPrefix(names[0].Name+names[1].Name, "Status report 2026-W13 ") || !strings.HasSuffix(names[1].Name, "Status reports 2026-W14") {
		t.Errorf("they are called %v, %v", names, err)
	}
}

func TestTheClockMakesNothingThatWasNotAskedFor(t *testing.T) { // S1.69
	t.Parallel()
	b := reporting(t)
	b.Exec(t, `UPDATE status_policy SET since = '2026-03-20T14:00:01Z'`)
	if n := b.clock(t, "2026-03-21T09:00:00Z"); n != 0 {
		t.Errorf("what was due before the policy makes %d", n)
	}
	b.Exec(t, `UPDATE status_policy SET active = false, since = '2026-01-01'`)
	if n := b.clock(t, "2026-03-27T14:00:00Z"); n != 0 {
		t.Errorf("switched off it makes %d", n)
	}
	b.Exec(t, `UPDATE status_policy SET active = true`)
	b.Exec(t, `UPDATE project SET status = 'complete'`)
	if n := b.clock(t, "2026-03-27T14:00:00Z"); n != 0 {
		t.Errorf("for clients without an active project it makes %d", n)
	}
	if n := fixture.One[int](t, b.Firm.Pool, `SELECT count(*) FROM status_run WHERE state = 'done' AND week = '2026-W13'`); n != 1 {
		t.Errorf("a week with nothing to report was run %d times", n)
	}
}

func TestNothingThatIsHiddenIsReported(t *testing.T) { // S1.69, S2.16
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
	b.clock(t, "2026-03-20T14:00:00Z")
	b.sends(t, "2026-03-21T14:00:00Z", "2026-W12")
	all := fixture.One[string](t, b.Firm.Pool, `SELECT r.content::text || string_agg(m.subject || m.body, ' ') FROM status_report r, mail m WHERE m.key LIKE 'status/%' GROUP BY r.content`)
	if strings.Contains(all, "SECRET") || strings.Contains(all, "98765") || strings.Contains(all, "Ann ") || !strings.Contains(all, "SHOWN") {
		t.Errorf("the client reads %s", all)
	}
	if p := b.report(t, "2026-W12").Report.Projects[0]; p.Added.Others != 2 {
		t.Errorf("%d hidden tasks are counted as added", p.Added.Others)
	}
}

func TestAReportIsInTheClientsLanguage(t *testing.T) { // S1.69
	t.Parallel()
	for language, want := range map[string]string{"de": "Stand Ihrer Projekte, 20. März 2026, von My Firm", "fr": "Avancement de vos projets, 20 mars 2026, de My Firm", "es": "Situación de sus proyectos, 20 mar. 2026, de My Firm"} {
		b := reporting(t)
		b.reachable(t, language)
		b.clock(t, "2026-03-20T14:00:00Z")
		b.sends(t, "2026-03-21T14:00:00Z", "2026-W12")
		got := fixture.One[string](t, b.Firm.Pool, `SELECT subject || body FROM mail WHERE to_address LIKE 'billing%'`)
		if !strings.HasPrefix(got, want) || strings.Contains(got, "%!") {
			t.Errorf("%s reads %s", language, got)
		}
		var content struct {
			Language string `json:"language"`
		}
		if err := json.Unmarshal([]byte(fixture.One[string](t, b.Firm.Pool, `SELECT content::text FROM status_report`)), &content); err != nil || content.Language != language {
			t.Errorf("the document is in %q, %v", content.Language, err)
		}
	}
}
