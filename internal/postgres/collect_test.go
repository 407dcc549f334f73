package postgres_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/embedded/servers"
	"steward/internal/fault"
	"steward/internal/fixture"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func TestMain(m *testing.M) { servers.Main(m) }

func march(d int) civil.Date { return civil.Of(2026, time.March, d) }

func draft(t *testing.T, s *postgres.Store, f *fixture.Firm, through civil.Date) (uuid.UUID, error) {
	t.Helper()
	id := s.NewID()
	return id, s.Tx(t.Context(), func(_ *db.Queries, tx pgx.Tx) error {
		return s.DraftInvoice(t.Context(), tx, postgres.Draft{ID: id, ClientID: f.Client, ProjectIDs: []uuid.UUID{f.Project}, Through: through})
	})
}

func mustDraft(t *testing.T, s *postgres.Store, f *fixture.Firm, through civil.Date) postgres.Invoice {
	t.Helper()
	id, err := draft(t, s, f, through)
	if err != nil {
		t.Fatal(err)
	}
	inv, err := postgres.OneInvoice(t.Context(), s.Queries, id, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func TestAllBillableTimeUpToTheDateIsCollected(t *testing.T) { // S1.73, S1.74, S1.75
	t.Parallel()
	s := fixture.Store(t)
	f := fixture.NewFirm(t, s)
	f.Record(t,
		fixture.Entry{Task: f.Task, Person: f.Ann, Date: civil.Of(2019, 1, 1).AddDays(1000), Minutes: 60}, // no lower bound
		fixture.Entry{Task: f.Task, Person: f.Ann, Date: march(31), Minutes: 7},
		fixture.Entry{Task: f.Task, Person: f.Bob, Date: march(31), Minutes: 7},
		fixture.Entry{Task: f.Task, Person: f.Ann, Date: march(31).AddDays(1), Minutes: 60}, // after the date
		fixture.Entry{Task: f.Task, Person: f.Ann, Date: march(3), Minutes: 30, Billing: "no_charge"},
		fixture.Entry{Task: f.Task, Person: f.Ann, Date: march(3), Minutes: 30, Billing: "internal"})
	inv := mustDraft(t, s, f, march(31))
	var got []string
	for _, l := range inv.Lines {
		got = append(got, fmt.Sprintf("%s × %s = %s", l.Quantity, l.UnitPrice, l.Amount))
	}
	want := "1:07 × 100.00 = 111.67, 0.50 × 0.00 = 0.00, 0:07 × 77.77 = 9.07"
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
	if inv.Subtotal != "120.74" || inv.Tax != "24.15" || inv.Total != "144.89" || inv.Number != nil {
		t.Errorf("it comes to %s + %s = %s, number %v", inv.Subtotal, inv.Tax, inv.Total, inv.Number)
	}
	left := fixture.One[int](t, s.Pool, `SELECT count(*) FROM time_entry WHERE invoice_line_id IS NULL`)
	if left != 2 {
		t.Errorf("%d entries are left, want the later and the internal one", left)
	}
}

func TestNoRateIsAnErrorThatNamesPersonProjectAndDate(t *testing.T) { // S1.13
	t.Parallel()
	s := fixture.Store(t)
	f := fixture.NewFirm(t, s)
	poor := f.Person(t, "Nobody's rate", "contributor", "")
	f.Record(t, fixture.Entry{Task: f.Task, Person: poor, Date: march(3), Minutes: 60}, fixture.Entry{Task: f.Task, Person: f.Ann, Date: march(3), Minutes: 60})
	_, err := draft(t, s, f, march(31))
	if !fault.Is(err, billing.MissingRate) || !strings.Contains(err.Error(), "Nobody's rate") || !strings.Contains(err.Error(), "2026-03-03") {
		t.Errorf("got %v", err)
	}
	if n := fixture.One[int](t, s.Pool, `SELECT (SELECT count(*) FROM invoice) + (SELECT count(*) FROM invoice_line) + (SELECT count(*) FROM time_entry WHERE invoice_line_id IS NOT NULL)`); n != 0 {
		t.Errorf("the refused draft left %d rows behind", n)
	}
}

func TestTimeIsOnOneInvoiceHoweverManyAreDrafted(t *testing.T) { // S1.74, billing lesson 1
	t.Parallel()
	s := fixture.Store(t)
	f := fixture.NewFirm(t, s)
	var entries []fixture.Entry
	for i := range 200 {
		entries = append(entries, fixture.Entry{Task: f.Task, Person: f.Ann, Date: march(1 + i%28), Minutes: 7})
	}
	f.Record(t, entries...)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if _, err := draft(t, s, f, march(31)); err != nil && !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	lines := fixture.One[int](t, s.Pool, `SELECT count(*) FROM invoice_line`)
	claimed := fixture.One[int](t, s.Pool, `SELECT count(*) FROM time_entry WHERE invoice_line_id IS NOT NULL`)
	minutes := fixture.One[int](t, s.Pool, `SELECT sum(minutes)::int FROM invoice_line`)
	if lines != 1 || claimed != 200 || minutes != 1400 {
		t.Errorf("%d lines, %d entries, %d minutes; want 1, 200, 1400", lines, claimed, minutes)
	}
}

func TestCollectingAgainRatesAfreshAndKeepsItems(t *testing.T) { // S1.75, S1.76
	t.Parallel()
	s := fixture.Store(t)
	f := fixture.NewFirm(t, s)
	f.Record(t, fixture.Entry{Task: f.Task, Person: f.Ann, Date: march(3), Minutes: 60})
	inv := mustDraft(t, s, f, march(31))
	f.Exec(t, `INSERT INTO invoice_line (id, invoice_id, position, kind, description, quantity, unit_price, amount, tax_percent) VALUES (gen_random_uuid(), $1, 99, 'expense', 'train', 1, 50, 50, 20)`, inv.ID)
	f.Exec(t, `UPDATE rate SET hourly = 200 WHERE person_id = $1`, f.Ann)
	f.Record(t, fixture.Entry{Task: f.Task, Person: f.Ann, Date: march(4), Minutes: 60})
	err := s.Tx(t.Context(), func(_ *db.Queries, tx pgx.Tx) error {
		return s.Collect(t.Context(), tx, inv.ID, march(31))
	})
	if err != nil {
		t.Fatal(err)
	}
	again, err := postgres.OneInvoice(t.Context(), s.Queries, inv.ID, time.Now())
	if err != nil || again.Subtotal != "450.00" || len(again.Lines) != 2 {
		t.Errorf("got %s over %d lines, %v; want 2 h at 200 and the expense", again.Subtotal, len(again.Lines), err)
	}
}

func TestACompletedInvoiceRefusesChange(t *testing.T) { // S1.77, billing lesson 8
	t.Parallel()
	s := fixture.Store(t)
	f := fixture.NewFirm(t, s)
	f.Record(t, fixture.Entry{Task: f.Task, Person: f.Ann, Date: march(3), Minutes: 60})
	inv := mustDraft(t, s, f, march(31))
	f.Exec(t, `UPDATE invoice SET state = 'complete', series = 'INV', year = 2026, sequence = 1, number = 'INV-2026-00001', issued_on = '2026-04-01', due_on = '2026-05-01', snapshot = '{}', completed_at = now() WHERE id = $1`, inv.ID)
	for _, sql := range []string{
		`UPDATE invoice SET total = total + 1, subtotal = subtotal + 1`,
		`UPDATE invoice SET number = 'INV-2026-00002'`,
		`UPDATE invoice SET snapshot = '{"a": 1}'`,
		`UPDATE invoice SET state = 'draft', number = NULL, sequence = NULL, issued_on = NULL, due_on = NULL, snapshot = NULL, completed_at = NULL`,
		`DELETE FROM invoice`,
		`UPDATE invoice_line SET amount = 1`,
		`DELETE FROM invoice_line`,
		`INSERT INTO invoice_line SELECT gen_random_uuid(), invoice_id, 9, 'charge', NULL, NULL, NULL, 'x', NULL, 1, 1, 1, 0 FROM invoice_line`,
		`UPDATE time_entry SET minutes = 1`,
		`UPDATE time_entry SET invoice_line_id = NULL`,
		`DELETE FROM time_entry`,
	} {
		if _, err := s.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("the database took %s", sql)
		} else if f, ok := fault.From(postgres.Refusal(err)); !ok || f.Code != "already_complete" && f.Code != "time_invoiced" {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestAuditIsAppendOnly(t *testing.T) { // N.14
	t.Parallel()
	s := fixture.Store(t)
	if err := s.Audit(t.Context(), s.Queries, postgres.Event{Kind: "task", ID: s.NewID(), Verb: "create", Version: 1}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`UPDATE audit_event SET verb = 'x'`, `DELETE FROM audit_event`, `TRUNCATE audit_event`} {
		if _, err := s.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("the database took %s", sql)
		}
	}
}

func TestRatesDoNotOverlap(t *testing.T) { // S1.12
	t.Parallel()
	s := fixture.Store(t)
	f := fixture.NewFirm(t, s)
	insert := `INSERT INTO rate (id, person_id, project_id, hourly, currency, valid) VALUES (gen_random_uuid(), $1, $2, 1, 'GBP', $3::text::daterange)`
	f.Exec(t, insert, f.Ann, f.Project, "[2026-01-01,2026-02-01)")
	f.Exec(t, insert, f.Ann, f.Project, "[2026-02-01,)")
	if _, err := s.Pool.Exec(t.Context(), insert, f.Ann, f.Project, "[2026-01-31,2026-02-02)"); !fault.Is(postgres.Refusal(err), "rate_overlaps") {
		t.Errorf("got %v", err)
	}
}

func TestAProjectThatIsAddedMeanwhileIsCollectedToo(t *testing.T) { // S1.75, S1.76
	t.Parallel()
	s := fixture.Store(t)
	f := fixture.NewFirm(t, s)
	inv := mustDraft(t, s, f, march(31))
	other := s.NewID()
	f.Exec(t, `INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency) SELECT $1, client_id, 'OTHER', 'Other', 'active', account_manager_id, currency FROM project WHERE id = $2`, other, f.Project)
	f.Exec(t, `INSERT INTO work_statement (project_id) VALUES ($1)`, other)
	task := s.NewID()
	f.Exec(t, `INSERT INTO task (id, project_id, number, title, owner_id, assignee_person_id) SELECT $1, $2, 1, 'More', owner_id, assignee_person_id FROM task WHERE id = $3`, task, other, f.Task)
	f.Exec(t, `INSERT INTO time_entry (id, task_id, project_id, person_id, work_date, minutes, description) VALUES (gen_random_uuid(), $1, $2, $3, '2026-03-03', 60, 'more')`, task, other, f.Ann)
	held, err := s.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.WithTx(held).BillProjectLocks(t.Context(), []uuid.UUID{f.Project}); err != nil {
		t.Fatal(err)
	}
	collected := make(chan error, 1)
	go func() {
		collected <- s.Tx(t.Context(), func(_ *db.Queries, tx pgx.Tx) error { return s.Collect(t.Context(), tx, inv.ID, civil.Date{}) })
	}()
	// It has read the projects of the draft, and waits for the lock of the first.
	for waits := false; !waits; {
		select {
		case err := <-collected:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
		waits = fixture.One[bool](t, s.Pool, `SELECT EXISTS (SELECT FROM pg_locks w JOIN pg_locks h ON h.locktype = 'advisory' AND h.granted AND (h.classid, h.objid) = (w.classid, w.objid)
			WHERE w.locktype = 'advisory' AND NOT w.granted AND h.pid = $1)`, int(held.Conn().PgConn().PID()))
	}
	f.Exec(t, `INSERT INTO invoice_project (invoice_id, project_id) VALUES ($1, $2)`, inv.ID, other)
	if err := held.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-collected; err != nil {
		t.Fatal(err)
	}
	if again, err := postgres.OneInvoice(t.Context(), s.Queries, inv.ID, time.Now()); err != nil || again.Subtotal != "100.00" || len(again.Lines) != 1 {
		t.Errorf("got %s over %d lines, %v; want the hour of the other project", again.Subtotal, len(again.Lines), err)
	}
}
