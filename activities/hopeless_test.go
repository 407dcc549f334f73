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
