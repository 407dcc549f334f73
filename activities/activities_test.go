package activities_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"steward/activities"
	"steward/internal/civil"
	"steward/internal/embedded/servers"
	"steward/internal/fault"
	"steward/internal/files"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func TestMain(m *testing.M) { servers.Main(m) }

type bench struct {
	*postgres.Store
	*fixture.Firm
	acts  *activities.Activities
	files *files.Store
}

func set(t *testing.T) *bench {
	t.Helper()
	s := fixture.Store(t)
	f, err := files.Open(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return &bench{s, fixture.NewFirm(t, s), activities.New(s, f, "http://localhost"), f}
}

// command logs a command and returns its id.
func (b *bench) command(t *testing.T, by uuid.UUID, kind flow.Kind, id uuid.UUID, verb string, body any) flow.Command {
	t.Helper()
	c := b.NewID()
	_, err := b.InsertCommand(t.Context(), db.InsertCommandParams{ID: c, ActorID: by, Key: c.String(), EntityKind: string(kind), EntityID: id, Verb: verb, Body: postgres.JSON(body), Fingerprint: []byte{1}, Source: "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	return flow.Command{ID: c}
}

func code(err error) fault.Code { c, _ := flow.Refused(err); return c }

func TestACommandHasOneEffect(t *testing.T) { // N.31
	t.Parallel()
	b := set(t)
	task := b.Waiting(t)
	c := b.command(t, b.Bob, flow.Task, task, "accept", struct{}{})
	for range 3 {
		snap, err := b.acts.CommitTask(t.Context(), c)
		if err != nil || snap.Version != 2 || snap.WaitingFor != "assignee" || snap.Assignee != b.Bob.String() {
			t.Fatalf("got %+v, %v", snap, err)
		}
	}
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM audit_event WHERE entity_id = $1`, task); n != 1 {
		t.Errorf("the command left %d events", n)
	}
}

func TestAcceptIsExclusive(t *testing.T) { // S1.48
	t.Parallel()
	b := set(t)
	task := b.Waiting(t)
	var people []uuid.UUID
	for i := range 50 {
		p := b.Person(t, fmt.Sprintf("Member %d", i), "contributor", "")
		b.Exec(t, `INSERT INTO work_group_member (group_id, person_id) VALUES ($1, $2)`, b.Group, p)
		people = append(people, p)
	}
	var mu sync.Mutex
	got := map[fault.Code]int{}
	var wg sync.WaitGroup
	for _, p := range people {
		c := b.command(t, p, flow.Task, task, "accept", struct{}{})
		wg.Go(func() {
			_, err := b.acts.CommitTask(t.Context(), c)
			mu.Lock()
			defer mu.Unlock()
			got[code(err)]++
			if _, ok := flow.Refused(err); err != nil && !ok {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got[""] != 1 || got["already_assigned"] != 49 {
		t.Errorf("got %v, want one who has it and 49 conflicts", got)
	}
}

func TestARefusalIsKeptAndLeavesNothing(t *testing.T) { // S1.33, S1.34
	t.Parallel()
	b := set(t)
	c := b.command(t, b.Bob, flow.Task, b.Task, "status", flow.SetStatus{Status: "complete"})
	for range 2 {
		if _, err := b.acts.CommitTask(t.Context(), c); code(err) != "not_owner" {
			t.Fatalf("got %v", err)
		}
	}
	if v := fixture.One[int](t, b.Store.Pool, `SELECT version FROM task WHERE id = $1`, b.Task); v != 1 {
		t.Errorf("the refused command made version %d", v)
	}
	if s := fixture.One[string](t, b.Store.Pool, `SELECT state FROM command_log WHERE id = $1`, c.ID); s != "refused" {
		t.Errorf("the command is %s", s)
	}
}

// before does something before a query is asked outside of transactions.
type before struct {
	db.DBTX
	query string
	do    func()
}

func (b before) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if strings.HasPrefix(sql, "-- name: "+b.query+" ") {
		b.do()
	}
	return b.DBTX.Exec(ctx, sql, args...)
}

func TestARefusalAfterTheCommandWasDoneIsNone(t *testing.T) { // N.31
	t.Parallel()
	b := set(t)
	c := b.command(t, b.Bob, flow.Task, b.Task, "status", flow.SetStatus{Status: "complete"})
	late := *b.Store
	late.Queries = db.New(before{b.Store.Pool, "AnswerCommand", func() { // another attempt, which meets the task as Bob's
		b.Exec(t, `UPDATE task SET owner_id = $2 WHERE id = $1`, b.Task, b.Bob)
		if _, err := b.acts.CommitTask(t.Context(), c); err != nil {
			t.Error(err)
		}
	}})
	snap, err := activities.New(&late, b.files, "http://localhost").CommitTask(t.Context(), c)
	if err != nil || snap.State != "complete" {
		t.Errorf("the attempt that came first is answered %+v, %v", snap, err)
	}
	if s := fixture.One[string](t, b.Store.Pool, `SELECT state FROM command_log WHERE id = $1`, c.ID); s != "done" {
		t.Errorf("the command is %s", s)
	}
}

func TestTheAMMayChangeAStatusAndItIsNoted(t *testing.T) { // S1.34
	t.Parallel()
	b := set(t)
	if _, err := b.acts.CommitTask(t.Context(), b.command(t, b.AM, flow.Task, b.Task, "status", flow.SetStatus{Status: "complete", Note: "done"})); err != nil {
		t.Fatal(err)
	}
	if note := fixture.One[string](t, b.Store.Pool, `SELECT note FROM audit_event WHERE entity_id = $1`, b.Task); note != "by the account manager. done" {
		t.Errorf("the history says %q", note)
	}
	if body := fixture.One[string](t, b.Store.Pool, `SELECT body FROM notification WHERE kind = 'status' AND entity_id = $1`, b.Task); body != "done" {
		t.Errorf("its owner is told %q", body)
	}
}

func TestAnOlderVersionIsStale(t *testing.T) {
	t.Parallel()
	b := set(t)
	c := b.command(t, b.Ann, flow.Task, b.Task, "edit", map[string]any{"title": "x", "if_version": 7})
	if _, err := b.acts.CommitTask(t.Context(), c); code(err) != fault.Stale {
		t.Errorf("got %v", err)
	}
}

func TestACommandThatPostgresForgotIsRefused(t *testing.T) {
	t.Parallel()
	b := set(t)
	if _, err := b.acts.CommitTask(t.Context(), flow.Command{ID: uuid.New()}); code(err) != activities.CommandLost {
		t.Errorf("got %v", err)
	}
}

func TestAManagerAssignsWithinAndBeyondTheGroup(t *testing.T) { // S1.37, S1.38, S1.39
	t.Parallel()
	b := set(t)
	task := b.Waiting(t)
	to := func(p uuid.UUID) flow.AssignTask { return flow.AssignTask{To: flow.Target{UserID: &p}} }
	if _, err := b.acts.CommitTask(t.Context(), b.command(t, b.Bob, flow.Task, task, "assign", to(b.Ann))); code(err) != "not_owner" {
		t.Errorf("a member assigns: %v", err)
	}
	for _, p := range []uuid.UUID{b.Ann, b.Bob} { // a group's task to a member, then a member's task to another
		if _, err := b.acts.CommitTask(t.Context(), b.command(t, b.Manager, flow.Task, task, "assign", to(p))); err != nil {
			t.Errorf("the manager assigns: %v", err)
		}
	}
	if p := fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT assignee_person_id FROM task WHERE id = $1`, task); p != b.Bob {
		t.Errorf("it is with %s", p)
	}
}

func march(d int) civil.Date { return civil.Of(2026, time.March, d) }

// draft bills an hour of the firm's and returns the invoice.
func (b *bench) draft(t *testing.T) uuid.UUID {
	t.Helper()
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: 60})
	id := b.NewID()
	err := b.Tx(t.Context(), func(_ *db.Queries, tx pgx.Tx) error {
		return b.DraftInvoice(t.Context(), tx, postgres.Draft{ID: id, ClientID: b.Client, ProjectIDs: []uuid.UUID{b.Project}, Through: march(31)})
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestParallelCompletionsGetConsecutiveNumbers(t *testing.T) { // S1.77, N.06
	t.Parallel()
	b := set(t)
	var wg sync.WaitGroup
	for range 50 {
		id := b.draft(t)
		first, second := b.command(t, b.AM, flow.Invoice, id, "complete", flow.CompleteInvoice{}), b.command(t, b.AM, flow.Invoice, id, "complete", flow.CompleteInvoice{})
		for _, c := range []flow.Command{first, second} { // two people complete each
			wg.Go(func() {
				if _, err := b.acts.CommitInvoice(t.Context(), c); err != nil && code(err) != "already_complete" {
					t.Error(err)
				}
			})
		}
	}
	empty := b.NewID() // refused completions leave no hole
	b.Exec(t, `INSERT INTO invoice (id, client_id, currency, through) VALUES ($1, $2, 'GBP', '2026-03-31')`, empty, b.Client)
	refused := b.command(t, b.AM, flow.Invoice, empty, "complete", flow.CompleteInvoice{})
	wg.Go(func() {
		if _, err := b.acts.CommitInvoice(t.Context(), refused); code(err) != "nothing_to_bill" {
			t.Errorf("an empty invoice: %v", err)
		}
	})
	wg.Wait()
	rows, err := b.Store.Pool.Query(t.Context(), `SELECT sequence FROM invoice WHERE sequence IS NOT NULL ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[int])
	want := make([]int, 50)
	for i := range want {
		want[i] = i + 1
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("numbers %v, %v", got, err)
	}
}

func TestAnInvoiceIsRenderedFromItsSnapshotAlone(t *testing.T) { // S1.77, S1.78
	t.Parallel()
	b := set(t)
	id := b.draft(t)
	snap, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "complete", flow.CompleteInvoice{}))
	if err != nil || snap.Next != flow.Render {
		t.Fatalf("got %+v, %v", snap, err)
	}
	if v := fixture.One[bool](t, b.Store.Pool, `SELECT visible_at IS NULL FROM invoice WHERE id = $1`, id); !v {
		t.Error("it is visible before its PDF is there")
	}
	snap, err = b.acts.RenderInvoice(t.Context(), id)
	if err != nil || snap.WaitingFor != "payment" {
		t.Fatalf("got %+v, %v", snap, err)
	}
	first := b.pdf(t, id)
	b.Exec(t, `UPDATE client SET name = 'Renamed', billing_address = 'elsewhere'`)
	b.Exec(t, `UPDATE provider SET name = 'Another firm'`)
	b.Exec(t, `UPDATE rate SET hourly = 1`)
	if _, err := b.acts.RenderInvoice(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	var data map[string]any
	if err := json.Unmarshal([]byte(fixture.One[string](t, b.Store.Pool, `SELECT snapshot::text FROM invoice WHERE id = $1`, id)), &data); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, b.pdf(t, id)) || data["total"] != "120" {
		t.Errorf("the snapshot says %v; the PDF has changed: %v", data["total"], !bytes.Equal(first, b.pdf(t, id)))
	}
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM file`); n != 1 {
		t.Errorf("%d files are stored", n)
	}
}

func (b *bench) pdf(t *testing.T, id uuid.UUID) []byte {
	t.Helper()
	r, err := b.files.Get(t.Context(), postgres.InvoiceKey(id))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	pdf, err := io.ReadAll(r)
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Fatalf("%d bytes, %v", len(pdf), err)
	}
	return pdf
}

func TestOneProjectWithoutARateIsParkedAndBilledWhenItHasOne(t *testing.T) { // S1.13, billing "Recurring runs"
	t.Parallel()
	b := set(t)
	poor := b.Person(t, "No rate", "contributor", "")
	b.Record(t, fixture.Entry{Task: b.Task, Person: poor, Date: march(3), Minutes: 60})
	run := b.NewID()
	if err := b.InsertRun(t.Context(), db.InsertRunParams{ID: run, Through: march(31), Complete: true}); err != nil {
		t.Fatal(err)
	}
	one := flow.BillOne{RunID: run, ProjectID: b.Project}
	for range 2 {
		if got, err := b.acts.BillProject(t.Context(), one); err != nil || got.Outcome != "parked" || got.Code != "missing_rate" {
			t.Fatalf("got %+v, %v", got, err)
		}
	}
	b.Exec(t, `INSERT INTO rate (id, person_id, hourly, currency, valid) VALUES (gen_random_uuid(), $1, 50, 'GBP', '[2020-01-01,)')`, poor)
	if _, err := b.DropParked(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	var got flow.Billed
	for range 3 { // however often it is run
		var err error
		if got, err = b.acts.BillProject(t.Context(), one); err != nil || got.Outcome != "invoiced" {
			t.Fatalf("got %+v, %v", got, err)
		}
		if err := b.acts.CompleteBilled(t.Context(), one); err != nil {
			t.Fatal(err)
		}
	}
	if total := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(number || ' ' || subtotal, ',') FROM invoice`); total != fmt.Sprintf("INV-%d-00001 50.000", time.Now().Year()) {
		t.Errorf("the invoices are %s", total)
	}
}

// A run that is repeated ends with the draft of the first, rebuilt with what came
// since; one for another date leaves it alone.
func TestABillingRunAgainReturnsItsDraft(t *testing.T) { // S1.73, S1.74, billing "Recurring runs"
	t.Parallel()
	b := set(t)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: 60})
	bill := func(day int, complete bool) string {
		t.Helper()
		run := b.NewID()
		one := flow.BillOne{RunID: run, ProjectID: b.Project}
		var got flow.Billed
		err := b.InsertRun(t.Context(), db.InsertRunParams{ID: run, Through: march(day), Complete: complete})
		if err == nil {
			got, err = b.acts.BillProject(t.Context(), one)
		}
		if err == nil && complete {
			err = b.acts.CompleteBilled(t.Context(), one)
		}
		if err != nil {
			t.Error(err)
			return ""
		}
		if got.Outcome != "invoiced" {
			return got.Outcome
		}
		return got.InvoiceID.String()
	}
	ids := make([]string, 10)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() { ids[i] = bill(20, false) })
	}
	all.Wait()
	if slices.Sort(ids); ids[0] == "nothing_to_bill" || ids[1] != "nothing_to_bill" || ids[9] != ids[1] {
		t.Fatalf("ten runs at once return %q, want one draft", ids)
	}
	b.Exec(t, `UPDATE billing_run SET state = 'done', finished_at = now()`)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(4), Minutes: 30})
	if got := bill(19, false); got == ids[0] { // the new entry, on a draft of its own
		t.Error("a run through another date returns the draft, too")
	}
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(5), Minutes: 15})
	if got := bill(20, true); got != ids[0] {
		t.Errorf("run again, it returns %s, want the draft %s", got, ids[0])
	}
	invoices := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(i.through || ' ' || i.state || ' ' || (SELECT sum(l.minutes) FROM invoice_line l WHERE l.invoice_id = i.id), ', ' ORDER BY i.through) FROM invoice i`)
	if want := "2026-03-19 draft 30, 2026-03-20 complete 75"; invoices != want {
		t.Errorf("there are %s, want %s", invoices, want)
	}
	b.Exec(t, `UPDATE billing_run SET state = 'done', finished_at = now()`)
	if got := bill(20, true); got != "nothing_to_bill" {
		t.Errorf("what is completed is billed again: %s", got)
	}
}

func TestNothingToBillLeavesNoInvoice(t *testing.T) { // billing "Which time is billed"
	t.Parallel()
	b := set(t)
	run := b.NewID()
	if err := b.InsertRun(t.Context(), db.InsertRunParams{ID: run, Through: march(31)}); err != nil {
		t.Fatal(err)
	}
	got, err := b.acts.BillProject(t.Context(), flow.BillOne{RunID: run, ProjectID: b.Project})
	if err != nil || got.Outcome != "nothing_to_bill" || fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM invoice`) != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}
