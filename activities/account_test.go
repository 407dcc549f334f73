package activities_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// issued bills minutes of Ann's at 100 an hour and 20 % tax, and completes it.
func (b *bench) issued(t *testing.T, minutes ...int) uuid.UUID {
	t.Helper()
	for _, m := range minutes {
		b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: m})
	}
	id := b.collect(t)
	b.completes(t, id)
	return id
}

// collect drafts all that can be billed.
func (b *bench) collect(t *testing.T) uuid.UUID {
	t.Helper()
	id := b.NewID()
	if err := b.drafts(t, id); err != nil {
		t.Fatal(err)
	}
	return id
}

func (b *bench) drafts(t *testing.T, id uuid.UUID) error {
	t.Helper()
	return b.Tx(t.Context(), func(_ *db.Queries, tx pgx.Tx) error {
		return b.DraftInvoice(t.Context(), tx, postgres.Draft{ID: id, ClientID: b.Client, ProjectIDs: []uuid.UUID{b.Project}, Through: march(31)})
	})
}

func (b *bench) completes(t *testing.T, id uuid.UUID) {
	t.Helper()
	if _, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "complete", flow.CompleteInvoice{})); err != nil {
		t.Fatal(err)
	}
}

// does carries out a verb of the client's account.
func (b *bench) does(t *testing.T, verb string, body any) (flow.Snapshot, error) {
	t.Helper()
	return b.acts.CommitAccount(t.Context(), b.command(t, b.AM, flow.Account, b.Client, verb, body))
}

func (b *bench) pays(t *testing.T, amount string, to ...billing.Application) uuid.UUID {
	t.Helper()
	in := flow.RecordPayment{Amount: dec(amount), ReceivedOn: march(10)}
	if in.Applications = to; len(to) == 0 {
		in.Applications = nil
	}
	if _, err := b.does(t, "record-payment", in); err != nil {
		t.Fatal(err)
	}
	return fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT id FROM payment ORDER BY id DESC LIMIT 1`)
}

func (b *bench) shown(t *testing.T, id uuid.UUID) postgres.Invoice {
	t.Helper()
	inv, err := postgres.OneInvoice(t.Context(), b.Queries, id, b.Now())
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func (b *bench) isShown(t *testing.T, id uuid.UUID, want string) {
	t.Helper()
	inv := b.shown(t, id)
	if got := fmt.Sprintf("%s %s+%s of %s, %s owed", inv.State, inv.Paid, inv.Credited, inv.Total, inv.Balance); got != want {
		t.Errorf("the invoice is %s, want %s", got, want)
	}
}

func TestAPaymentGoesToTheOldestDueFirst(t *testing.T) { // S1.79, S1.80, S1.81
	t.Parallel()
	b := set(t)
	first, second := b.issued(t, 60), b.issued(t, 60) // 120 each, due on the same day
	b.Exec(t, `DELETE FROM outbox`)
	id := b.pays(t, "150")
	b.isShown(t, first, "paid 120.00+0.00 of 120.00, 0.00 owed")
	b.isShown(t, second, "partly_paid 30.00+0.00 of 120.00, 90.00 owed")
	if told := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM outbox WHERE entity_kind = 'invoice'`); told != 2 {
		t.Errorf("%d invoices are told", told)
	}
	snap, err := b.acts.LoadInvoice(t.Context(), first)
	if err != nil || snap.Next != flow.Render { // its PDF first
		t.Errorf("got %+v, %v", snap, err)
	}
	if snap, err = b.acts.RenderInvoice(t.Context(), first); err != nil || !snap.Closed {
		t.Errorf("the process of a paid invoice goes on: %+v, %v", snap, err)
	}
	id2 := b.pays(t, "100") // 10 are left over
	p, err := postgres.OnePayment(t.Context(), b.Queries, id2)
	if err != nil || p.Unapplied != "10.00" {
		t.Errorf("got %+v, %v", p, err)
	}
	snap, err = b.does(t, "reverse", flow.ReversePayment{PaymentID: id, Reason: "bounced"})
	if err != nil || snap.State != "owes" {
		t.Errorf("got %+v, %v", snap, err)
	}
	b.isShown(t, first, "complete 0.00+0.00 of 120.00, 120.00 owed")
	b.isShown(t, second, "partly_paid 90.00+0.00 of 120.00, 30.00 owed")
	if snap, err := b.acts.LoadInvoice(t.Context(), first); err != nil || snap.Closed {
		t.Errorf("an invoice that is owed again is closed: %+v, %v", snap, err)
	}
	if _, err := b.does(t, "reverse", flow.ReversePayment{PaymentID: id, Reason: "again"}); code(err) != billing.PaymentReversed {
		t.Errorf("got %v", err)
	}
	b.adds(t)
}

func TestWhatCannotBePaidIsSaid(t *testing.T) { // S1.80, billing "Payments"
	t.Parallel()
	b := set(t)
	owed := b.issued(t, 60)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: 60})
	draft := b.collect(t)
	to := func(id uuid.UUID, amount string) []billing.Application {
		return []billing.Application{{InvoiceID: id, Amount: dec(amount)}}
	}
	tomorrow := civil.In(b.Now(), time.UTC).AddDays(2)
	for name, c := range map[string]struct {
		in   flow.RecordPayment
		want string
	}{
		"nothing":          {flow.RecordPayment{Amount: dec("0")}, "invalid"},
		"less":             {flow.RecordPayment{Amount: dec("-1")}, "invalid"},
		"half a penny":     {flow.RecordPayment{Amount: dec("1.005")}, "invalid"},
		"too much of it":   {flow.RecordPayment{Amount: dec("10"), Applications: to(owed, "11")}, "exceeds_payment"},
		"too much owed":    {flow.RecordPayment{Amount: dec("200"), Applications: to(owed, "121")}, "exceeds_balance"},
		"twice":            {flow.RecordPayment{Amount: dec("200"), Applications: append(to(owed, "1"), to(owed, "1")...)}, "invalid"},
		"a draft":          {flow.RecordPayment{Amount: dec("10"), Applications: to(draft, "1")}, "not_payable"},
		"unknown":          {flow.RecordPayment{Amount: dec("10"), Applications: to(uuid.New(), "1")}, "not_payable"},
		"another currency": {flow.RecordPayment{Amount: dec("10"), Currency: "EUR", Applications: to(owed, "1")}, "currency_mismatch"},
		"tomorrow":         {flow.RecordPayment{Amount: dec("10"), ReceivedOn: tomorrow}, "invalid"},
	} {
		if c.in.ReceivedOn.IsZero() {
			c.in.ReceivedOn = march(10)
		}
		if _, err := b.does(t, "record-payment", c.in); string(code(err)) != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	ref := flow.RecordPayment{Amount: dec("10"), ReceivedOn: march(10), Reference: "A-1", Applications: []billing.Application{}}
	if _, err := b.does(t, "record-payment", ref); err != nil {
		t.Fatal(err)
	}
	for _, again := range []string{"A-1", " A-1\t"} { // as it was pasted
		ref.Reference = again
		if _, err := b.does(t, "record-payment", ref); code(err) != billing.ReferenceTaken {
			t.Errorf("the reference %q again: %v", again, err)
		}
	}
	b.isShown(t, owed, "complete 0.00+0.00 of 120.00, 120.00 owed") // an empty list applies nothing
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM payment`); n != 1 {
		t.Errorf("%d payments are recorded", n)
	}
	if _, err := b.acts.CommitAccount(t.Context(), b.command(t, b.Ann, flow.Account, b.Client, "record-payment", ref)); code(err) != "forbidden" {
		t.Errorf("a contributor: %v", err)
	}
}

// Statements of the bank repeat what payers repeat; what is recorded by hand and
// then comes in a statement is recorded once.
func TestWhatStatementsRepeatIsTakenEachTime(t *testing.T) { // S1.79
	t.Parallel()
	b := set(t)
	pay := func(day civil.Date, amount, reference, key string) fault.Code {
		_, err := b.does(t, "record-payment", flow.RecordPayment{Amount: dec(amount), ReceivedOn: day, Reference: reference, ImportKey: key, Applications: []billing.Application{}})
		if err != nil {
			return code(err)
		}
		return ""
	}
	for _, c := range []struct {
		day                    civil.Date
		amount, reference, key string
		want                   fault.Code
	}{
		{march(2), "10", "RENT", "1", ""}, {march(2), "10", "RENT", "2", ""},
		{march(3), "10", "RENT", "", billing.ReferenceTaken}, // by hand, what a statement brought
		{march(1), "10", "HAND", "", ""}, {march(1), "11", "HAND", "", billing.ReferenceTaken},
		{march(4), "10", "HAND", "3", billing.ReferenceTaken},                 // in a statement, what is there by hand
		{march(12), "10", "HAND", "4", ""}, {march(1), "11", "HAND", "5", ""}, // another month, another amount
		{march(1), "10", "", "6", ""}, {march(1), "10", "", "", ""},
	} {
		if got := pay(c.day, c.amount, c.reference, c.key); got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
	}
	said := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(import_key || ' ' || reference || '/' || note, ', ' ORDER BY import_key) FROM payment WHERE import_key IS NOT NULL`)
	if want := "1 RENT/, 2 /Reference: RENT, 4 /Reference: HAND, 5 /Reference: HAND, 6 /"; said != want {
		t.Errorf("the statements brought %s, want %s", said, want)
	}
}

func TestTwoApplicationsAtOnceNeverExceedPaymentOrBalance(t *testing.T) { // billing lesson 9, N.05
	t.Parallel()
	b := set(t)
	inv := b.issued(t, 60)
	in := flow.RecordPayment{Amount: dec("100"), ReceivedOn: march(10), Applications: []billing.Application{}}
	var ids []uuid.UUID
	for range 3 {
		if _, err := b.does(t, "record-payment", in); err != nil {
			t.Fatal(err)
		}
	}
	rows, _ := b.Store.Pool.Query(t.Context(), `SELECT id FROM payment`)
	ids, _ = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	var wg sync.WaitGroup
	for range 8 {
		for _, id := range ids {
			c := b.command(t, b.AM, flow.Account, b.Client, "apply", flow.ApplyCredit{PaymentID: &id, Applications: []billing.Application{{InvoiceID: inv, Amount: dec("30")}}})
			wg.Go(func() {
				if _, err := b.acts.CommitAccount(t.Context(), c); err != nil && code(err) != billing.ExceedsBalance && code(err) != billing.ExceedsPayment {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	b.isShown(t, inv, "paid 120.00+0.00 of 120.00, 0.00 owed")
	b.adds(t)
	// The database refuses it too, whoever asks.
	_, err := b.Store.Pool.Exec(t.Context(), `INSERT INTO payment_application (id, client_id, currency, payment_id, invoice_id, amount, applied_on)
		SELECT gen_random_uuid(), client_id, currency, $1, id, 1, '2026-03-10' FROM invoice WHERE id = $2`, ids[0], inv)
	if err == nil || !strings.Contains(err.Error(), "settled_within") && !strings.Contains(err.Error(), "payment_not_exceeded") {
		t.Errorf("got %v", err)
	}
}

func TestALineThatTwoClientsImportAtOnceIsRecordedOnce(t *testing.T) { // S1.79, N.31
	t.Parallel()
	b := set(t)
	other := fixture.NewFirm(t, b.Store)
	m := fixture.NewMeeting(t, b.Store.Pool, `INSERT INTO payment (id, client_id, currency, amount, received_on, import_key) VALUES (gen_random_uuid(), $1, 'GBP', 10, '2026-03-10', 'line 1')`, other.Client)
	c := b.command(t, b.AM, flow.Account, b.Client, "record-payment", flow.RecordPayment{Amount: dec("10"), ReceivedOn: march(10), Applications: []billing.Application{}, ImportKey: "line 1"})
	recorded := fixture.Do(t, m, func() error {
		_, err := b.acts.CommitAccount(t.Context(), c)
		return err
	})
	m.Release(t)
	if err := <-recorded; code(err) != billing.AlreadyImported {
		t.Errorf("got %v", err)
	}
}

func TestOverpaymentIsCreditThatCanBeGivenBack(t *testing.T) { // N.05, billing lesson 9
	t.Parallel()
	b := set(t)
	b.issued(t, 60)
	p := b.pays(t, "200")
	if _, err := b.does(t, "refund", flow.RefundCredit{Amount: dec("80.01")}); code(err) != billing.ExceedsCredit {
		t.Errorf("more than there is: %v", err)
	}
	snap, err := b.does(t, "refund", flow.RefundCredit{Amount: dec("50"), Method: "transfer"})
	if err != nil || snap.State != "in_credit" {
		t.Errorf("got %+v, %v", snap, err)
	}
	if _, err := b.does(t, "reverse", flow.ReversePayment{PaymentID: p, Reason: "no"}); code(err) != billing.PaymentRefunded {
		t.Errorf("got %v", err)
	}
	left, err := postgres.CreditOf(t.Context(), b.Queries, b.Client)
	if err != nil || len(left) != 1 || left[0].Credit != "30.00" {
		t.Errorf("got %+v, %v", left, err)
	}
	next := b.issued(t, 30) // 60
	if _, err := b.does(t, "apply", flow.ApplyCredit{PaymentID: &p}); err != nil {
		t.Fatal(err)
	}
	b.isShown(t, next, "partly_paid 30.00+0.00 of 60.00, 30.00 owed")
	if _, err := b.does(t, "apply", flow.ApplyCredit{PaymentID: &p}); code(err) != billing.NothingApplies {
		t.Errorf("got %v", err)
	}
	b.adds(t)
}

func TestAVoidInvoiceReleasesItsTimeForOneOther(t *testing.T) { // billing "Void and credit", N.06
	t.Parallel()
	b := set(t)
	id := b.issued(t, 60, 90)
	void := func(id uuid.UUID) error {
		_, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "void", flow.VoidInvoice{Reason: "wrong client"}))
		return err
	}
	p := b.pays(t, "10")
	if err := void(id); code(err) != billing.HasPayments {
		t.Errorf("a paid one: %v", err)
	}
	if _, err := b.does(t, "reverse", flow.ReversePayment{PaymentID: p, Reason: "wrong"}); err != nil {
		t.Fatal(err)
	}
	number := *b.shown(t, id).Number
	if err := void(id); err != nil {
		t.Fatal(err)
	}
	if err := void(id); code(err) != billing.NotComplete {
		t.Errorf("twice: %v", err)
	}
	inv := b.shown(t, id)
	if inv.State != "void" || *inv.Number != number || inv.Balance != "0.00" || inv.VoidReason != "wrong client" || len(inv.Lines) != 1 {
		t.Errorf("got %+v", inv)
	}
	entries, err := b.LineEntries(t.Context(), db.LineEntriesParams{LineID: &inv.Lines[0].ID, Page: 10})
	if err != nil || len(entries) != 2 || entries[0].Corrected != "release" {
		t.Errorf("the line explains itself no more: %+v, %v", entries, err)
	}
	next := b.collect(t)
	if got := b.shown(t, next).Subtotal; got != "250.00" {
		t.Errorf("the next invoice has %s", got)
	}
	if err := void(next); code(err) != billing.NotComplete {
		t.Errorf("a draft: %v", err)
	}
	for _, sql := range []string{
		`UPDATE invoice SET state = 'complete', voided_at = NULL, voided_on = NULL, void_reason = '' WHERE state = 'void'`,
		`UPDATE invoice SET void_reason = 'other' WHERE state = 'void'`, `DELETE FROM invoice WHERE state = 'void'`, `DELETE FROM entry_correction`,
	} {
		if _, err := b.Store.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("allowed: %s", sql)
		}
	}
}

func (b *bench) credits(t *testing.T, id uuid.UUID, lines ...flow.CreditLine) error {
	t.Helper()
	_, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "credit", flow.CreditInvoice{Lines: lines, Reason: "agreed on the phone"}))
	return err
}

func TestExactlyWhatWasReleasedAndWhatIsNewIsBilledNext(t *testing.T) { // billing lesson 7, N.04
	t.Parallel()
	b := set(t)
	id := b.issued(t, 150, 60, 120, 150) // 8 h
	line := b.shown(t, id).Lines[0].ID
	entries := b.entries(t)
	released := entries[:2] // 3.5 h
	if err := b.credits(t, id, flow.CreditLine{LineID: line, Entries: released, Release: true}, flow.CreditLine{LineID: line, Entries: entries[2:3], WriteOff: true}); err != nil {
		t.Fatal(err)
	}
	b.isShown(t, id, "complete 0.00+660.00 of 960.00, 300.00 owed") // 5.5 h at 100 and 20 %
	more := b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(4), Minutes: 60})
	next := b.collect(t)
	got := fixture.One[[]uuid.UUID](t, b.Store.Pool, `SELECT array_agg(e.id ORDER BY e.id) FROM time_entry e JOIN invoice_line l ON l.id = e.invoice_line_id WHERE l.invoice_id = $1`, next)
	if want := slices.Concat(released, more); !slices.Equal(got, want) || b.shown(t, next).Subtotal != "450.00" {
		t.Errorf("billed %v for %s, want %v for 450.00", got, b.shown(t, next).Subtotal, want)
	}
	for _, e := range []uuid.UUID{released[0], entries[2]} {
		if err := b.credits(t, id, flow.CreditLine{LineID: line, Entries: []uuid.UUID{e}, Release: true}); code(err) != billing.AlreadyCredited {
			t.Errorf("credited twice: %v", err)
		}
	}
	if _, err := b.Store.Pool.Exec(t.Context(), `UPDATE time_entry SET minutes = 1 WHERE id = $1`, entries[2]); err == nil {
		t.Error("written off time can be changed") // lesson 8
	}
	if _, err := b.Store.Pool.Exec(t.Context(), `UPDATE time_entry SET invoice_line_id = NULL WHERE id = $1`, entries[3]); err == nil {
		t.Error("time is released without a reason")
	}
	if _, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "credit", flow.CreditInvoice{Lines: []flow.CreditLine{{LineID: line, WriteOff: true}}})); err != nil { // all that is left, and no reason given
		t.Fatal(err)
	}
	b.isShown(t, id, "paid 0.00+960.00 of 960.00, 0.00 owed")
	if _, err := b.acts.RenderInvoice(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	numbers := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(number, ' ' ORDER BY number) FROM credit_note WHERE pdf_file_id IS NOT NULL`)
	if y := b.Now().Year(); numbers != fmt.Sprintf("CN-%d-00001 CN-%d-00002", y, y) {
		t.Errorf("the credit notes with a PDF are %s", numbers)
	}
	b.adds(t)
}

func TestACreditBeyondTheBalanceIsTheClients(t *testing.T) { // N.04, N.05
	t.Parallel()
	b := set(t)
	id := b.issued(t, 60)
	b.pays(t, "100")
	line := b.shown(t, id).Lines[0].ID
	for _, bad := range []flow.CreditLine{{LineID: line}, {LineID: line, Release: true, WriteOff: true}, {LineID: uuid.New(), Release: true}, {LineID: line, Release: true, Amount: ptrTo(dec("1"))}} {
		if err := b.credits(t, id, bad); code(err) != "invalid" {
			t.Errorf("%+v: got %v", bad, err)
		}
	}
	if err := b.credits(t, id, flow.CreditLine{LineID: line, Release: true}); err != nil {
		t.Fatal(err)
	}
	b.isShown(t, id, "paid 100.00+20.00 of 120.00, 0.00 owed")
	note := fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT id FROM credit_note`)
	next := b.issued(t)
	if _, err := b.does(t, "apply", flow.ApplyCredit{CreditNoteID: &note}); err != nil {
		t.Fatal(err)
	}
	b.isShown(t, next, "complete 0.00+100.00 of 120.00, 20.00 owed")
	b.adds(t)
}

func ptrTo[T any](v T) *T { return &v }

func TestThePaperWasPosted(t *testing.T) { // S1.78
	t.Parallel()
	b := set(t)
	id := b.issued(t, 60)
	for range 2 { // on two occasions
		if _, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "send", flow.SendInvoice{By: "paper"})); err != nil {
			t.Fatal(err)
		}
	}
	if s := b.shown(t, id).State; s != "sent" {
		t.Errorf("it is %s", s)
	}
}

func (b *bench) adds(t testing.TB) { t.Helper(); fixture.Balance(t, b.Store.Pool) }
func TestAMilestoneIsReleasedWholeAndAnItemNotAtAll(t *testing.T) { // N.04, N.09, N.10
	t.Parallel()
	b := set(t)
	b.Exec(t, `INSERT INTO milestone (id, project_id, name, amount, due_on) VALUES (gen_random_uuid(), $1, 'Signed', 100, '2026-03-01')`, b.Project)
	b.Exec(t, `INSERT INTO expense (id, project_id, person_id, spent_on, description, amount) VALUES (gen_random_uuid(), $1, $2, '2026-03-02', 'Train', 40)`, b.Project, b.Ann)
	b.Exec(t, `UPDATE work_statement SET billing_kind = 'both'`)
	draft := b.collect(t)
	b.Exec(t, `INSERT INTO invoice_line (id, invoice_id, position, kind, description, quantity, unit_price, amount, tax_percent) VALUES (gen_random_uuid(), $1, 99, 'charge', 'by hand', 1, 10, 10, 0)`, draft)
	b.totals(t, draft)
	b.completes(t, draft)
	line := map[string]uuid.UUID{}
	for _, l := range b.shown(t, draft).Lines {
		line[l.Description] = l.ID
	}
	if len(line) != 3 {
		t.Fatalf("the invoice has %v", line)
	}
	for _, bad := range []flow.CreditLine{{LineID: line["by hand"], Release: true}, {LineID: line["Signed"], Release: true, Amount: ptrTo(dec("10"))}} {
		if err := b.credits(t, draft, bad); code(err) != "invalid" {
			t.Errorf("%+v: got %v", bad, err)
		}
	}
	for _, sql := range []string{`UPDATE milestone SET invoice_line_id = NULL`, `UPDATE expense SET invoice_line_id = NULL`} {
		if _, err := b.Store.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("allowed before it is credited: %s", sql)
		}
	}
	if err := b.credits(t, draft, flow.CreditLine{LineID: line["Train"], WriteOff: true, Amount: ptrTo(dec("10"))}); err != nil {
		t.Fatal(err)
	}
	if err := b.credits(t, draft, flow.CreditLine{LineID: line["Train"], Release: true}); code(err) != "invalid" {
		t.Errorf("what is left of an expense is released: %v", err)
	}
	if err := b.credits(t, draft, flow.CreditLine{LineID: line["Signed"], Release: true}, flow.CreditLine{LineID: line["by hand"], WriteOff: true}); err != nil {
		t.Fatal(err)
	}
	next := b.shown(t, b.collect(t))
	if len(next.Lines) != 1 || next.Lines[0].Description != "Signed" || next.Subtotal != "100.00" {
		t.Errorf("the next invoice has %s over %+v", next.Subtotal, next.Lines)
	}
	b.adds(t)
}

func TestABudgetCountsWhatIsStillBilled(t *testing.T) { // N.04, N.07
	t.Parallel()
	b := set(t)
	b.Exec(t, `UPDATE work_statement SET budget_minutes = 120, over_budget = 'hold'`)
	id := b.issued(t, 60, 60)
	line := b.shown(t, id).Lines[0].ID
	if err := b.credits(t, id, flow.CreditLine{LineID: line, Entries: b.entries(t)[:1], Release: true}); err != nil {
		t.Fatal(err)
	}
	if got := b.shown(t, b.collect(t)).Subtotal; got != "100.00" {
		t.Errorf("the released hour is billed for %s: it fits the budget that it was part of", got)
	}
}

func (b *bench) entries(t *testing.T) []uuid.UUID {
	t.Helper()
	return fixture.One[[]uuid.UUID](t, b.Store.Pool, `SELECT array_agg(id ORDER BY id) FROM time_entry`)
}
