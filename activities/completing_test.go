package activities_test

import (
	"strings"
	"testing"

	"steward/internal/civil"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres/db"
)

// The clock's process was lost between drafting and completing: the next round
// does what was agreed, and only that.
func TestWhatTheClockWasKeptFromCompletingIsCompletedByTheNextRound(t *testing.T) { // S1.77, N.31, N.33
	t.Parallel()
	b := setAt(t, "2026-04-01T06:00:00Z")
	b.Exec(t, `UPDATE work_statement SET billing_from = '2026-03-01', auto_complete = true`)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 60})
	if _, err := b.acts.PlanPeriods(t.Context(), flow.After{}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.acts.BillPeriod(t.Context(), flow.Period{ProjectID: b.Project, End: march(31)}); err != nil {
		t.Fatal(err)
	}
	b.ticked(t, "2026-04-02T06:00:00Z", "2026-03-31 invoiced")
	b.ticked(t, "2026-04-03T06:00:00Z")
	b.Exec(t, `UPDATE work_statement SET auto_complete = false`)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: civil.Of(2026, 4, 2), Minutes: 60})
	b.ticked(t, "2026-05-01T06:00:00Z", "2026-04-30 invoiced")
	b.Exec(t, `UPDATE work_statement SET auto_complete = true`) // for the periods to come
	b.ticked(t, "2026-05-02T06:00:00Z")
	if got := b.totals(t); got != "2026-03-31 100.000 complete, 2026-04-30 100.000 draft" {
		t.Errorf("the invoices are %s", got)
	}
}

// insists has the client want e-invoices, for which more has to be known.
func (b *bench) insists(t *testing.T) { t.Helper(); b.Exec(t, `UPDATE client SET einvoice = 'peppol'`) }

func TestWhatTheClockMayNotCompleteIsToldOnceAndLeftToAPerson(t *testing.T) { // S1.77, N.21
	t.Parallel()
	b := setAt(t, "2026-04-01T06:00:00Z")
	b.Exec(t, `UPDATE work_statement SET billing_from = '2026-03-01', auto_complete = true, auto_send = true`)
	b.insists(t)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 60})
	if _, err := b.acts.PlanPeriods(t.Context(), flow.After{}); err != nil {
		t.Fatal(err)
	}
	got, err := b.acts.BillPeriod(t.Context(), flow.Period{ProjectID: b.Project, End: march(31)})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the worker dies before it has said so
		if code, ok := flow.Refused(b.acts.CompletePeriod(t.Context(), got.InvoiceID)); !ok || code != "einvoice_incomplete" {
			t.Fatalf("it is refused: %v, %q", ok, code)
		}
	}
	word := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(subject || ' ' || body, '; ') FROM notification WHERE kind = 'invoice_refused' AND person_id = $1 AND entity_id = $2`, b.AM, got.InvoiceID)
	if strings.Count(word, "was not completed") != 1 || !strings.Contains(word, "through 2026-03-31 was not completed: ") || !strings.Contains(word, "stays a draft") {
		t.Errorf("the account manager is told %q", word)
	}
	period := func() db.PeriodsRow {
		rows, err := b.Periods(t.Context(), db.PeriodsParams{AfterEnd: civil.First, Page: 1})
		if err != nil || len(rows) != 1 {
			t.Fatalf("%d periods, %v", len(rows), err)
		}
		return rows[0]
	}
	if p := period(); p.RefusedCode != "einvoice_incomplete" || p.RefusedReason == "" || p.Outcome != "invoiced" {
		t.Errorf("the period is %+v", p)
	}
	b.ticked(t, "2026-04-02T06:00:00Z")
	b.Exec(t, `UPDATE client SET einvoice = ''`)
	if err := b.acts.CompletePeriod(t.Context(), got.InvoiceID); err != nil {
		t.Fatal(err)
	}
	if p := period(); p.RefusedCode != "" || p.RefusedReason != "" {
		t.Errorf("when it is complete, the period is %+v", p)
	}
}

func (b *bench) planned(t *testing.T, run flow.BillOne, want int) {
	t.Helper()
	page, err := b.acts.PlanRun(t.Context(), flow.BillOne{RunID: run.RunID})
	if err != nil || len(page.Projects) != want {
		t.Errorf("the run has %d projects left, %v; want %d", len(page.Projects), err, want)
	}
}

func TestARunCompletesWhatItWasKeptFromAndTellsWhatItMayNot(t *testing.T) { // S1.72, N.31
	t.Parallel()
	b := set(t)
	b.insists(t)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 60})
	one := flow.BillOne{RunID: b.NewID(), ProjectID: b.Project}
	if err := b.InsertRun(t.Context(), db.InsertRunParams{ID: one.RunID, Through: march(31), Complete: true, CreatedBy: &b.Bob}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.acts.BillProject(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	b.planned(t, one, 1) // its process was lost, and begins anew
	for range 2 {
		if code, ok := flow.Refused(b.acts.CompleteBilled(t.Context(), one)); !ok || code != "einvoice_incomplete" {
			t.Fatalf("it is refused: %v, %q", ok, code)
		}
	}
	b.planned(t, one, 0)
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM notification WHERE kind = 'invoice_refused' AND person_id IN ($1, $2)`, b.AM, b.Bob); n != 2 {
		t.Errorf("%d are told, want the account manager and who asked", n)
	}
	if got := fixture.One[string](t, b.Store.Pool, `SELECT refused_code FROM billing_run_item`); got != "einvoice_incomplete" {
		t.Errorf("the run says %q", got)
	}
	if err := b.ForgetRefusals(t.Context(), one.RunID); err != nil { // it is asked for again
		t.Fatal(err)
	}
	b.planned(t, one, 1)
	b.Exec(t, `UPDATE client SET einvoice = ''`)
	if err := b.acts.CompleteBilled(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	b.planned(t, one, 0)
}

// An invoice of 20 March bills through the end of the month: what is worked after
// it was issued was not entered late.
func TestWhatIsWorkedAfterAnInvoiceIsNotLate(t *testing.T) { // S1.75, billing "Which time is billed"
	t.Parallel()
	b := setAt(t, "2026-03-20T12:00:00Z")
	b.issued(t, 60)
	b.at(t, "2026-04-01T12:00:00Z")
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(20), Minutes: 30}, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(21), Minutes: 45})
	late := map[string]bool{}
	for _, l := range b.shown(t, b.collect(t)).Lines {
		late[l.Quantity] = l.Late
	}
	if len(late) != 2 || !late["0.50"] || late["0.75"] {
		t.Errorf("late are %v", late)
	}
}
