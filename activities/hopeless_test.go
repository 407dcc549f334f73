package activities_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/workflows"
)

// engine runs processes over the bench; its time passes when they wait.
func (b *told) engine() *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(30 * time.Second)
	env.RegisterActivity(b.acts)
	env.RegisterWorkflowWithOptions(workflows.BillingPeriod, workflow.RegisterOptions{Name: flow.BillingPeriodWorkflow})
	return env
}

// spoil has the database fail in a way that nobody has thought of whenever
// something of a project is billed.
func (b *told) spoil(t *testing.T, project uuid.UUID) {
	t.Helper()
	b.Exec(t, `CREATE FUNCTION spoilt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF NEW.project_id::text = TG_ARGV[0] THEN RAISE EXCEPTION 'spoilt'; END IF; RETURN NEW; END $$`)
	b.Exec(t, `CREATE TRIGGER spoilt BEFORE INSERT ON invoice_line FOR EACH ROW EXECUTE FUNCTION spoilt('`+project.String()+`')`)
}

// A round waits for all periods that end on a day before it goes on with those
// that end later.
func TestAPeriodThatFailsAgainAndAgainIsParkedAndAllOthersAreBilled(t *testing.T) { // S1.72, N.31
	t.Parallel()
	b := setAt(t, "2026-05-01T06:00:00Z")
	b.Exec(t, `UPDATE work_statement SET billing_from = '2026-03-01'`)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 60})
	b.spoil(t, b.another(t, b.Ann, 120))
	env := b.engine()
	env.ExecuteWorkflow(workflows.BillingTick, flow.Tick{})
	if err := env.GetWorkflowError(); err != nil || !env.IsWorkflowCompleted() {
		t.Fatalf("completed %v: %v", env.IsWorkflowCompleted(), err)
	}
	got := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(period_end || ' ' || outcome || ' ' || code, ', ' ORDER BY period_end, outcome) FROM billing_period`)
	if got != "2026-03-31 invoiced , 2026-03-31 parked failed, 2026-04-30 nothing_to_bill , 2026-04-30 parked failed" {
		t.Errorf("the periods are %s", got)
	}
	if why := fixture.One[string](t, b.Store.Pool, `SELECT reason FROM billing_period WHERE outcome = 'parked' ORDER BY period_end LIMIT 1`); !strings.Contains(why, "spoilt") {
		t.Errorf("the reason is %q", why)
	}
}

func TestAProjectThatFailsAgainAndAgainIsParkedAndAllOthersAreBilled(t *testing.T) { // S1.72, N.31
	t.Parallel()
	b := setAt(t, "2026-05-01T06:00:00Z")
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 60})
	bad := b.another(t, b.Ann, 120)
	b.spoil(t, bad)
	run := uuid.New()
	b.Exec(t, `INSERT INTO billing_run (id, through, created_by) VALUES ($1, '2026-03-31', $2)`, run, b.AM)
	env := b.engine()
	env.ExecuteWorkflow(workflows.BillingRun, flow.RunInput{ID: run})
	if err := env.GetWorkflowError(); err != nil || !env.IsWorkflowCompleted() {
		t.Fatalf("completed %v: %v", env.IsWorkflowCompleted(), err)
	}
	got := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(outcome || ' ' || code, ', ' ORDER BY outcome) FROM billing_run_item`)
	if got != "invoiced , parked failed" {
		t.Errorf("the projects are %s", got)
	}
}

func TestAnInvoiceWhoseCompletionFailsAgainAndAgainStaysADraft(t *testing.T) { // S1.77, N.31
	t.Parallel()
	b := setAt(t, "2026-04-01T06:00:00Z")
	b.Exec(t, `UPDATE work_statement SET billing_from = '2026-03-01', auto_complete = true`)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 60})
	b.Exec(t, `CREATE FUNCTION spoilt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'spoilt'; END $$`)
	b.Exec(t, `CREATE TRIGGER spoilt BEFORE UPDATE OF number ON invoice FOR EACH ROW EXECUTE FUNCTION spoilt()`)
	env := b.engine()
	env.ExecuteWorkflow(workflows.BillingTick, flow.Tick{})
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if got := fixture.One[string](t, b.Store.Pool, `SELECT i.state || ' ' || p.outcome || ' ' || p.completes || ' ' || p.refused_code FROM billing_period p JOIN invoice i ON i.id = p.invoice_id`); got != "draft invoiced false failed" {
		t.Errorf("it is %s", got)
	}
}

// refusing has the database fail in the same way when something is written
// whose column has a value.
func (b *bench) refusing(t *testing.T, table, column, value string) {
	t.Helper()
	b.Exec(t, `CREATE FUNCTION spoilt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'spoilt'; END $$`)
	b.Exec(t, `CREATE TRIGGER spoilt BEFORE INSERT ON `+table+` FOR EACH ROW WHEN (NEW.`+column+`::text = '`+value+`') EXECUTE FUNCTION spoilt()`)
}

func runs(t *testing.T, b *told, body any, args ...any) {
	t.Helper()
	env := b.engine()
	env.ExecuteWorkflow(body, args...)
	if err := env.GetWorkflowError(); err != nil || !env.IsWorkflowCompleted() {
		t.Errorf("completed %v: %v", env.IsWorkflowCompleted(), err)
	}
}

func TestADigestThatFailsAgainAndAgainKeepsNobodyElseWaiting(t *testing.T) { // N.21, N.31
	t.Parallel()
	b := setAt(t, "2026-03-20T12:00:00Z")
	for _, who := range []uuid.UUID{b.Ann, b.AM} {
		b.Exec(t, `UPDATE person SET notify = 'daily' WHERE id = $1`, who)
		b.Exec(t, `INSERT INTO notification (id, person_id, kind, subject, created_at) VALUES (gen_random_uuid(), $1, 'assigned', 'News', '2026-03-19T12:00:00Z')`, who)
	}
	first, second := b.Ann, b.AM
	if strings.Compare(b.AM.String(), b.Ann.String()) < 0 {
		first, second = second, first
	}
	b.refusing(t, "mail", "to_address", fixture.One[string](t, b.Store.Pool, `SELECT email FROM person WHERE id = $1`, first))
	runs(t, b, workflows.Digest)
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM mail m JOIN person p ON p.email = m.to_address WHERE p.id = $1`, second); n != 1 {
		t.Errorf("the other has %d digests", n)
	}
}

func TestAClientWhoseReminderFailsAgainAndAgainIsListedAsHeld(t *testing.T) { // S1.70, N.31
	t.Parallel()
	b := setAt(t, "2026-03-20T12:00:00Z")
	b.reachable(t, "en")
	b.completed(t, "paper")
	b.at(t, "2026-05-01T12:00:00Z")
	b.refusing(t, "reminder_letter", "state", "review")
	runs(t, b, workflows.Reminders)
	if got := fixture.One[string](t, b.Store.Pool, `SELECT r.state || ' ' || l.state || ' ' || l.reason FROM reminder_letter l JOIN reminder_run r ON r.id = l.run_id`); got != "planned held failed" {
		t.Errorf("it is %s", got)
	}
}

func TestAReportThatFailsAgainAndAgainKeepsNoOtherWaiting(t *testing.T) { // S1.69, N.31
	t.Parallel()
	b := reporting(t)
	first := uuid.UUID{1} // it is made before the other client's
	b.Exec(t, `INSERT INTO client (id, name, currency, time_zone) VALUES ($1, 'First', 'GBP', 'UTC')`, first)
	b.Exec(t, `INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency, starts_on) VALUES (gen_random_uuid(), $1, 'FIRST', 'First', 'active', $2, 'GBP', '2026-03-01')`, first, b.AM)
	b.refusing(t, "status_report", "client_id", first.String())
	b.at(t, "2026-03-20T14:00:00Z")
	runs(t, b, workflows.StatusReports)
	if got := fixture.One[string](t, b.Store.Pool, `SELECT r.state || ' ' || (SELECT count(*) FROM status_report) FROM status_run r`); got != "running 1" {
		t.Errorf("the run and its reports are %s", got)
	}
	b.Exec(t, `DROP TRIGGER spoilt ON status_report`)
	b.at(t, "2026-03-20T14:15:00Z")
	runs(t, b, workflows.StatusReports)
	if got := fixture.One[string](t, b.Store.Pool, `SELECT r.state || ' ' || (SELECT count(*) FROM status_report) FROM status_run r`); got != "done 2" {
		t.Errorf("then they are %s", got)
	}
}

// panics has the first id that is asked for be somebody's undoing.
func (b *told) panics() {
	next, first := b.Store.NewID, true
	b.Store.NewID = func() uuid.UUID {
		if first {
			first = false
			panic("nobody has thought of this")
		}
		return next()
	}
}

func TestAPanicOverOneKeepsNobodyElseWaiting(t *testing.T) { // N.21, N.31
	t.Parallel()
	for how, make := range map[string]func(*told) error{
		"daily": func(b *told) error {
			_, err := b.acts.MakeDigests(t.Context(), flow.After{})
			return err
		},
		"at_once": func(b *told) error {
			_, err := b.acts.TellAtOnce(t.Context())
			return err
		},
	} {
		b := setAt(t, "2026-03-20T12:00:00Z")
		for _, who := range []uuid.UUID{b.Ann, b.AM} {
			b.Exec(t, `UPDATE person SET notify = $2 WHERE id = $1`, who, how)
			b.Exec(t, `INSERT INTO notification (id, person_id, kind, subject, created_at) VALUES (gen_random_uuid(), $1, 'assigned', 'News', '2026-03-19T12:00:00Z')`, who)
		}
		b.panics()
		if err := make(b); err == nil || !strings.Contains(err.Error(), "nobody has thought of this") {
			t.Errorf("%s: the error is %v", how, err)
		}
		if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM mail`); n != 1 {
			t.Errorf("%s: %d of two have their mail, want the other", how, n)
		}
	}
}

func TestAPanicWhileCompletingIsAnError(t *testing.T) { // S1.72, N.31
	t.Parallel()
	b := setAt(t, "2026-04-01T06:00:00Z")
	b.Exec(t, `UPDATE work_statement SET billing_from = '2026-03-01', auto_complete = true`)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 60})
	b.Exec(t, `INSERT INTO billing_period (project_id, period_start, period_end, outcome) VALUES ($1, '2026-03-01', '2026-03-31', 'due')`, b.Project)
	got, err := b.acts.BillPeriod(t.Context(), flow.Period{ProjectID: b.Project, End: march(31)})
	if err != nil || !got.Complete {
		t.Fatalf("completed %v: %v", got.Complete, err)
	}
	b.panics()
	if err := b.acts.CompletePeriod(t.Context(), got.InvoiceID); err == nil || !strings.Contains(err.Error(), "nobody has thought of this") {
		t.Errorf("the error is %v", err)
	}
	if err := b.acts.CompletePeriod(t.Context(), got.InvoiceID); err != nil {
		t.Errorf("then it is %v", err)
	}
}
