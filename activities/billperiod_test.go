package activities_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/fixture"
	"steward/internal/flow"
)

// tick does what the workflow does: plan, then bill what is due, in order.
func (b *told) tick(t *testing.T) (billed []string) {
	t.Helper()
	var after flow.After
	for {
		page, err := b.acts.PlanPeriods(t.Context(), after)
		if err != nil {
			t.Fatal(err)
		}
		if after.ID = page.Last; !page.More {
			break
		}
	}
	var last flow.Period
	for {
		due, err := b.acts.DuePeriods(t.Context(), last)
		if err != nil {
			t.Fatal(err)
		}
		if len(due.Periods) == 0 {
			return billed
		}
		for _, p := range due.Periods {
			got, err := b.acts.BillPeriod(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if got.Complete && got.InvoiceID != uuid.Nil {
				if err := b.acts.CompletePeriod(t.Context(), got.InvoiceID); err != nil {
					t.Fatal(err)
				}
			}
			billed = append(billed, p.End.String()+" "+got.Outcome)
			last = p
		}
	}
}

func (b *told) ticked(t *testing.T, now string, want ...string) {
	t.Helper()
	b.at(t, now)
	if got := b.tick(t); strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("at %s billed are %q, want %q", now, got, want)
	}
}

func (b *told) totals(t *testing.T) string {
	t.Helper()
	return fixture.One[string](t, b.Store.Pool, `SELECT coalesce(string_agg(through || ' ' || subtotal || ' ' || state, ', ' ORDER BY through, subtotal), '') FROM invoice`)
}

func TestDownForFortyDaysOverTwoPeriodEnds(t *testing.T) { // N.33, lesson 3
	t.Parallel()
	b := setAt(t, "2026-02-01T06:00:00Z")
	b.Exec(t, `UPDATE work_statement SET billing_from = '2026-01-15'`)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, 1, 2), Minutes: 60}, // before billing began: with the first
		fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, 1, 20), Minutes: 60})
	b.ticked(t, "2026-01-31T06:00:00Z")
	b.ticked(t, "2026-02-01T06:00:00Z", "2026-01-31 invoiced")
	b.ticked(t, "2026-02-01T06:00:01Z")
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, 2, 20), Minutes: 120},
		fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 180}, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, 4, 2), Minutes: 240})
	b.ticked(t, "2026-04-05T06:00:00Z", "2026-02-28 invoiced", "2026-03-31 invoiced")
	b.ticked(t, "2026-05-01T06:00:00Z", "2026-04-30 invoiced")
	b.ticked(t, "2026-06-01T06:00:00Z", "2026-05-31 nothing_to_bill")
	if got := b.totals(t); got != "2026-01-31 200.000 draft, 2026-02-28 200.000 draft, 2026-03-31 300.000 draft, 2026-04-30 400.000 draft" {
		t.Errorf("the invoices are %s", got)
	}
	if got := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(DISTINCT kind || ' ' || entity_kind || ' ' || subject, '') FROM notification WHERE person_id = $1 AND subject LIKE '%03-31%'`, b.AM); !strings.HasPrefix(got, "invoice_ready invoice The invoice for Client P") || !strings.HasSuffix(got, "through 2026-03-31 is ready: GBP 360.00") {
		t.Errorf("the account manager is told %q", got)
	}
}

func TestTheFirmAndTheClientBothHaveToSeeThePeriodEnd(t *testing.T) { // lesson 5
	t.Parallel()
	for zone, want := range map[string]string{"Pacific/Apia": "2026-04-01T00:00:00+01:00", "America/Juneau": "2026-04-01T00:00:00-08:00"} { // London's midnight, Juneau's
		b := setAt(t, "2026-03-31T00:00:00Z")
		b.Exec(t, `UPDATE work_statement SET billing_from = '2026-03-01'`)
		b.Exec(t, `UPDATE client SET time_zone = $1`, zone)
		over, err := time.Parse(time.RFC3339, want)
		if err != nil {
			t.Fatal(err)
		}
		b.ticked(t, over.Add(-time.Second).Format(time.RFC3339))
		b.ticked(t, want, "2026-03-31 nothing_to_bill")
	}
}

func TestTenParallelRunsOfAPeriodMakeOneInvoice(t *testing.T) { // lesson 1
	t.Parallel()
	for _, gather := range []bool{false, true} {
		b := setAt(t, "2026-04-01T06:00:00Z")
		b.Exec(t, `UPDATE work_statement SET billing_from = '2026-03-01', auto_complete = true`)
		b.Exec(t, `UPDATE client SET gather_invoices = $1`, gather)
		b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 60})
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if _, err := b.acts.PlanPeriods(t.Context(), flow.After{}); err != nil {
					t.Error(err)
				}
				got, err := b.acts.BillPeriod(t.Context(), flow.Period{ProjectID: b.Project, End: march(31)})
				if err != nil || got.Outcome != "invoiced" || !got.Complete {
					t.Errorf("got %+v, %v", got, err)
				}
				if err := b.acts.CompletePeriod(t.Context(), got.InvoiceID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := b.totals(t); got != "2026-03-31 100.000 complete" {
			t.Errorf("the invoices are %s", got)
		}
		if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM notification WHERE kind = 'invoice_ready'`); n != 1 {
			t.Errorf("told %d times", n)
		}
	}
}

// What the clock completes is mailed once, if that was agreed for all projects
// on it and the client has an address.
func TestWhatTheClockCompletesIsMailedWhereThatWasAgreed(t *testing.T) { // S1.78
	t.Parallel()
	for _, c := range []struct {
		send  bool
		email string
		want  int
	}{{true, "acme@client.example", 1}, {true, "", 0}, {false, "acme@client.example", 0}} {
		b := setAt(t, "2026-04-01T06:00:00Z")
		b.Exec(t, `UPDATE work_statement SET billing_from = '2026-03-01', auto_complete = true, auto_send = $1`, c.send)
		b.Exec(t, `UPDATE client SET email = $1, billing_cc = '{cfo@client.example}'`, c.email)
		b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 60})
		if _, err := b.acts.PlanPeriods(t.Context(), flow.After{}); err != nil {
			t.Fatal(err)
		}
		got, err := b.acts.BillPeriod(t.Context(), flow.Period{ProjectID: b.Project, End: march(31)})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time there is nothing left to do
			if err := b.acts.CompletePeriod(t.Context(), got.InvoiceID); err != nil {
				t.Fatal(err)
			}
		}
		if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM invoice_sending WHERE by = 'email' AND asked_by IS NULL AND cc = '{cfo@client.example}'`); n != c.want {
			t.Errorf("%+v: to be mailed %d times", c, n)
		}
		told := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(subject || ' ' || body, '') FROM notification WHERE kind = 'invoice_ready'`)
		if strings.Contains(told, "mailed by itself") != (c.want == 1) {
			t.Errorf("%+v: the account manager is told %q", c, told)
		}
	}
}

// another is one more project of the client, with an hour of somebody's.
func (b *told) another(t *testing.T, who uuid.UUID, minutes int) uuid.UUID {
	t.Helper()
	id, task := b.NewID(), b.NewID()
	b.Exec(t, `INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency, starts_on) VALUES ($1, $2, 'X' || upper(substr(gen_random_uuid()::text, 1, 8)), 'Another', 'active', $3, 'GBP', '2026-03-01')`, id, b.Client, b.AM)
	b.Exec(t, `INSERT INTO work_statement (project_id, billing_from) VALUES ($1, NULL)`, id)
	b.Exec(t, `INSERT INTO task (id, project_id, number, title, status, owner_id) VALUES ($1, $2, 1, 'Other', 'open', $3)`, task, id, b.Ann)
	if minutes > 0 {
		b.Exec(t, `INSERT INTO time_entry (id, task_id, project_id, person_id, work_date, minutes, description) VALUES (gen_random_uuid(), $1, $2, $3, '2026-03-05', $4, 'work')`, task, id, who, minutes)
	}
	return id
}

func TestAClientsProjectsGoOnOneInvoiceAndTheOneThatIsRefusedIsParked(t *testing.T) { // S1.72, S1.13
	t.Parallel()
	b := setAt(t, "2026-04-01T06:00:00Z")
	b.Exec(t, `UPDATE work_statement SET billing_from = '2026-03-01'`)
	b.Exec(t, `UPDATE client SET gather_invoices = true`)
	poor := b.Person(t, "No rate", "contributor", "")
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 60})
	b.another(t, b.Ann, 120)
	parked := b.another(t, poor, 60)
	idle := b.another(t, b.Ann, 0)
	b.ticked(t, "2026-04-01T06:00:00Z", "2026-03-31 invoiced", "2026-03-31 invoiced", "2026-03-31 parked", "2026-03-31 nothing_to_bill")
	if got := b.totals(t); got != "2026-03-31 300.000 draft" {
		t.Errorf("the invoices are %s", got)
	}
	why := fixture.One[string](t, b.Store.Pool, `SELECT code || ' ' || reason FROM billing_period WHERE project_id = $1`, parked)
	word := fixture.One[string](t, b.Store.Pool, `SELECT subject FROM notification WHERE kind = 'billing_parked' AND person_id = $1 AND entity_id = $2`, b.AM, parked)
	if !strings.HasPrefix(why, "missing_rate no rate in GBP for No rate on project X") || !strings.Contains(word, " was not billed through 2026-03-31: no rate") {
		t.Errorf("parked is %q, told is %q", why, word)
	}
	// An item made by hand stays when the one that was parked joins the draft.
	b.Exec(t, `INSERT INTO invoice_line (id, invoice_id, position, kind, description, quantity, unit_price, amount, tax_percent) SELECT gen_random_uuid(), id, 99, 'charge', 'by hand', 1, 5, 5, 0 FROM invoice`)
	b.Exec(t, `INSERT INTO rate (id, person_id, hourly, currency, valid) VALUES (gen_random_uuid(), $1, 50, 'GBP', '[2020-01-01,)')`, poor)
	b.Exec(t, `UPDATE billing_period SET outcome = 'due', code = '', reason = '', run_at = NULL WHERE project_id = $1`, parked)
	b.ticked(t, "2026-04-02T06:00:00Z", "2026-03-31 invoiced")
	if got := b.totals(t); got != "2026-03-31 355.000 draft" {
		t.Errorf("the invoices are %s", got)
	}
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM invoice_project WHERE project_id = $1`, idle); n != 0 {
		t.Error("a project that brought nothing is on the invoice")
	}
}

func TestOnCompletionIsBilledWhenTheProjectIsComplete(t *testing.T) { // S1.11
	t.Parallel()
	b := setAt(t, "2026-04-10T06:00:00Z")
	b.Exec(t, `UPDATE work_statement SET billing_period = 'on_completion', billing_from = NULL`)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 60},
		fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, 4, 10), Minutes: 120}) // on its last day
	b.Exec(t, `INSERT INTO milestone (id, project_id, name, amount, task_id) VALUES (gen_random_uuid(), $1, 'Done', 50, $2)`, b.Project, b.Task)
	b.ticked(t, "2026-04-10T06:00:00Z")
	b.ends(t, "complete", "2026-04-10T05:30:00Z") // before the round of its day
	b.ticked(t, "2026-04-10T06:00:00Z")
	b.ticked(t, "2026-04-20T06:00:00Z", "2026-04-10 invoiced") // rounds were missed
	b.ticked(t, "2026-06-12T06:00:00Z")
	if got := b.totals(t); got != "2026-04-10 350.000 draft" {
		t.Errorf("the invoices are %s", got)
	}
	b.Exec(t, `UPDATE work_statement SET billing_period = 'none'`)
	b.ticked(t, "2027-04-12T06:00:00Z")
}

// What is left after that, or is there again, goes on with the months.
func TestWhatIsLeftAfterCompletionIsBilledByTheMonth(t *testing.T) { // S1.11, S1.77, N.01
	t.Parallel()
	b := setAt(t, "2026-04-10T06:00:00Z")
	b.Exec(t, `UPDATE work_statement SET billing_from = '2026-03-01'`)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 60})
	b.ticked(t, "2026-04-10T06:00:00Z", "2026-03-31 invoiced") // by the month at first
	b.Exec(t, `UPDATE work_statement SET billing_period = 'on_completion', needs_approval = true`)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, 4, 2), Minutes: 120})
	b.ends(t, "complete", "2026-04-10T15:00:00Z")
	b.ticked(t, "2026-04-11T06:00:00Z", "2026-04-10 nothing_to_bill") // not approved
	b.ticked(t, "2026-04-12T06:00:00Z")
	b.ticked(t, "2026-05-01T06:00:00Z", "2026-04-30 nothing_to_bill")
	b.Exec(t, `UPDATE work_statement SET needs_approval = false`)
	b.ticked(t, "2026-06-01T06:00:00Z", "2026-05-31 invoiced")
	b.ticked(t, "2026-07-01T06:00:00Z")
	b.Exec(t, `UPDATE time_entry SET invoice_line_id = NULL WHERE work_date = '2026-04-02'`) // void
	b.ticked(t, "2026-07-02T06:00:00Z", "2026-06-30 invoiced")
	b.ticked(t, "2026-09-01T06:00:00Z")
}

// The last day is the firm's, by which milestones go, or that of who worked
// where it is later; it is billed when it is over for the client too.
func TestTheLastDayOfAProjectInItsZones(t *testing.T) { // S1.11, lesson 5
	t.Parallel()
	for _, c := range []struct{ firm, client, worked, early, round, want string }{
		{"Europe/London", "Pacific/Apia", "2026-04-11", "2026-04-11T05:00:00Z", "2026-04-12T05:00:00Z", "2026-04-11 invoiced"}, // the worker's day too
		{"Pacific/Apia", "America/Juneau", "2026-04-10", "2026-04-12T07:00:00Z", "2026-04-12T17:00:00Z", "2026-04-11 invoiced"},
		{"America/Juneau", "Pacific/Apia", "2026-04-09", "2026-04-11T07:00:00Z", "2026-04-11T14:00:00Z", "2026-04-10 invoiced"},
	} {
		b := setAt(t, "2026-04-10T06:00:00Z")
		b.Exec(t, `UPDATE provider SET time_zone = $1`, c.firm)
		b.Exec(t, `UPDATE client SET time_zone = $1`, c.client)
		b.Exec(t, `UPDATE work_statement SET billing_period = 'on_completion', billing_from = '2026-04-01'`)
		b.Exec(t, `INSERT INTO milestone (id, project_id, name, amount, task_id) VALUES (gen_random_uuid(), $1, 'Done', 50, $2)`, b.Project, b.Task)
		b.Exec(t, `INSERT INTO time_entry (id, task_id, project_id, person_id, work_date, minutes, description) VALUES (gen_random_uuid(), $1, $2, $3, $4::text::date, 60, 'work')`, b.Task, b.Project, b.Ann, c.worked)
		b.ends(t, "complete", "2026-04-10T20:00:00Z")
		b.ticked(t, c.early)
		b.ticked(t, c.round, c.want)
		b.ticked(t, "2026-07-01T06:00:00Z")
		if got := fixture.One[string](t, b.Store.Pool, `SELECT subtotal::text FROM invoice`); got != "150.000" {
			t.Errorf("%+v: billed are %s", c, got)
		}
	}
}

func TestACompleteProjectIsBilledWhileThereIsSomethingLeft(t *testing.T) { // S1.73
	t.Parallel()
	b := setAt(t, "2026-04-01T06:00:00Z")
	b.Exec(t, `UPDATE work_statement SET billing_from = '2026-03-01'`)
	b.Exec(t, `UPDATE project SET status = 'complete'`)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 60})
	b.ticked(t, "2026-04-01T06:00:00Z", "2026-03-31 invoiced")
	b.ticked(t, "2026-06-01T06:00:00Z")
}

func TestTheMilestoneOfACancelledTaskIsNotLeftToBill(t *testing.T) { // N.09, S1.73
	t.Parallel()
	for _, cycle := range []string{"monthly", "on_completion"} {
		b := setAt(t, "2026-04-01T06:00:00Z")
		b.Exec(t, `UPDATE work_statement SET billing_period = $1, billing_from = '2026-03-01'`, cycle)
		b.Exec(t, `INSERT INTO milestone (id, project_id, name, amount, task_id) VALUES (gen_random_uuid(), $1, 'Never', 50, $2)`, b.Project, b.NewTask(t, "cancelled"))
		b.ends(t, "complete", "2026-03-20T12:00:00Z")
		b.ticked(t, "2026-04-01T06:00:00Z")
		b.ticked(t, "2026-07-01T06:00:00Z")
		if ids, err := b.ProjectsToPreview(t.Context(), civil.Of(2026, 12, 31), 100); err != nil || len(ids) != 0 {
			t.Errorf("%s: previewed are %v, %v", cycle, ids, err)
		}
		b.Exec(t, `UPDATE milestone SET task_id = NULL, due_on = '2026-06-15'`)
		b.ticked(t, "2026-07-01T06:00:00Z", map[string][]string{
			"monthly": {"2026-03-31 nothing_to_bill", "2026-04-30 nothing_to_bill", "2026-05-31 nothing_to_bill", "2026-06-30 invoiced"}, "on_completion": {"2026-03-20 nothing_to_bill"},
		}[cycle]...)
	}
}

func TestAPeriodNobodyPlannedIsRefused(t *testing.T) {
	t.Parallel()
	b := setAt(t, "2026-04-01T06:00:00Z")
	if _, err := b.acts.BillPeriod(t.Context(), flow.Period{ProjectID: b.Project, End: march(31)}); code(err) != "not_found" {
		t.Errorf("got %v", err)
	}
	b.Exec(t, `UPDATE work_statement SET billing_from = NULL`)
	if got := fmt.Sprint(b.tick(t)); !strings.HasPrefix(got, "[2026-01-31 ") { // the project's start
		t.Errorf("billed are %s", got)
	}
}
