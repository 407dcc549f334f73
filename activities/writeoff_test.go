package activities_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
)

// writesOff gives up an amount of an invoice; all that is owed, if it is empty.
func (b *bench) writesOff(t *testing.T, id uuid.UUID, amount string) (flow.Snapshot, error) {
	t.Helper()
	in := flow.WriteOff{Reason: "a few pennies short"}
	if amount != "" {
		in.Amount = ptrTo(dec(amount))
	}
	return b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "write-off", in))
}

// takesBack reverses the latest write-off.
func (b *bench) takesBack(t *testing.T, id uuid.UUID) error {
	t.Helper()
	w := fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT coalesce((SELECT id FROM write_off ORDER BY id DESC LIMIT 1), gen_random_uuid())`)
	_, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "reverse-write-off", flow.ReverseWriteOff{WriteOffID: w, Reason: "it was paid after all"}))
	return err
}

func TestWhatWillNotBePaidIsWrittenOff(t *testing.T) { // S1.80, S1.81
	t.Parallel()
	b := set(t)
	id := b.issued(t, 60)
	b.pays(t, "119.98")
	if _, err := b.acts.RenderInvoice(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b.Exec(t, `DELETE FROM outbox`)
	snap, err := b.writesOff(t, id, "")
	if err != nil || !snap.Closed || !strings.Contains(snap.Details, "written off GBP 0.02") {
		t.Fatalf("got %+v, %v", snap, err)
	}
	if told := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM outbox WHERE entity_kind = 'account'`); told != 1 {
		t.Errorf("%d accounts are told", told)
	}
	b.isShown(t, id, "paid 119.98+0.00 of 120.00, 0.00 owed")
	inv := b.shown(t, id)
	today := civil.In(b.Now(), time.UTC)
	if inv.WrittenOff != "0.02" || len(inv.WriteOffs) != 1 || inv.WriteOffs[0].Amount != "0.02" || inv.WriteOffs[0].WrittenOffOn != today || inv.WriteOffs[0].Reason != "a few pennies short" || inv.Tax != "20.00" {
		t.Errorf("got %+v", inv)
	}
	if _, err := b.writesOff(t, id, ""); code(err) != billing.ExceedsBalance {
		t.Errorf("nothing is owed: %v", err)
	}
	if _, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "void", flow.VoidInvoice{Reason: "no"})); code(err) != billing.HasPayments {
		t.Errorf("made void: %v", err)
	}
	if err := b.takesBack(t, id); err != nil {
		t.Fatal(err)
	}
	b.isShown(t, id, "partly_paid 119.98+0.00 of 120.00, 0.02 owed")
	if inv := b.shown(t, id); inv.WrittenOff != "0.00" || inv.WriteOffs[0].ReversedOn != today || inv.WriteOffs[0].ReversalReason != "it was paid after all" {
		t.Errorf("got %+v", inv)
	}
	if err := b.takesBack(t, id); code(err) != billing.WriteOffReversed {
		t.Errorf("twice: %v", err)
	}
	st, err := postgres.StatementOf(t.Context(), b.Queries, b.Client, civil.First, today, today)
	if err != nil {
		t.Fatal(err)
	}
	m := st.Accounts[0].Movements
	if n := len(m); m[n-2].Kind != billing.WrittenOff || m[n-2].Number != *inv.Number || !m[n-2].Amount.Equal(dec("-0.02")) || m[n-1].Kind != billing.OwedAgain || !m[n-1].Balance.Equal(dec("0.02")) {
		t.Errorf("the ledger is %+v", m)
	}
	if got := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(verb || ' ' || (changes ->> 'written_off') || ' ' || note, ', ' ORDER BY id) FROM audit_event WHERE changes ? 'written_off'`); got !=
		`write-off [null, "0.02 GBP"] a few pennies short, reverse-write-off ["0.02 GBP", null] it was paid after all` {
		t.Errorf("the audit has %s", got)
	}
	b.adds(t)
	for _, sql := range []string{
		`UPDATE write_off SET amount = 1`, `DELETE FROM write_off`, `UPDATE write_off SET reversed_at = NULL, reversed_on = NULL, reversal_reason = ''`,
		`UPDATE invoice SET written_off = 1`,
	} {
		if _, err := b.Store.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("allowed: %s", sql)
		}
	}
}

func TestWhatCannotBeWrittenOffIsSaid(t *testing.T) { // S1.80, N.04
	t.Parallel()
	b := set(t)
	id := b.issued(t, 60, 60) // 240
	line, entries := b.shown(t, id).Lines[0].ID, b.entries(t)
	for amount, want := range map[string]string{"0": "invalid", "-1": "invalid", "0.001": "invalid", "240.01": "exceeds_balance"} {
		if _, err := b.writesOff(t, id, amount); string(code(err)) != want {
			t.Errorf("%s: got %v, want %s", amount, err, want)
		}
	}
	if _, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.Ann, flow.Invoice, id, "write-off", flow.WriteOff{Reason: "x"})); code(err) != "forbidden" {
		t.Errorf("a contributor: %v", err)
	}
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: 60})
	if _, err := b.writesOff(t, b.collect(t), "1"); code(err) != billing.NotComplete {
		t.Errorf("a draft: %v", err)
	}
	if err := b.takesBack(t, id); code(err) != "not_found" {
		t.Errorf("none: %v", err)
	}
	p := b.pays(t, "240")
	if err := b.credits(t, id, flow.CreditLine{LineID: line, Entries: entries[:1], WriteOff: true}); err != nil { // 120 are the client's credit
		t.Fatal(err)
	}
	if _, err := b.does(t, "reverse", flow.ReversePayment{PaymentID: p, Reason: "bounced"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.writesOff(t, id, ""); code(err) != billing.ExceedsInvoice { // else 360 were given up of 240
		t.Errorf("more than credit notes left: %v", err)
	}
	if _, err := b.writesOff(t, id, "100"); err != nil {
		t.Fatal(err)
	}
	if err := b.credits(t, id, flow.CreditLine{LineID: line, Entries: entries[1:2], WriteOff: true}); code(err) != billing.ExceedsInvoice {
		t.Errorf("credited, though written off: %v", err)
	}
	if err := b.takesBack(t, id); err != nil {
		t.Fatal(err)
	}
	if err := b.credits(t, id, flow.CreditLine{LineID: line, Entries: entries[1:2], WriteOff: true}); err != nil {
		t.Fatal(err)
	}
	b.adds(t)
}

func TestWriteOffsAndPaymentsAtOnceNeverExceedTheBalance(t *testing.T) { // S1.80, N.31, billing lesson 9
	t.Parallel()
	b := set(t)
	id := b.issued(t, 60) // 120
	var wg sync.WaitGroup
	for range 6 {
		off := b.command(t, b.AM, flow.Invoice, id, "write-off", flow.WriteOff{Amount: ptrTo(dec("30")), Reason: "short"})
		pay := b.command(t, b.AM, flow.Account, b.Client, "record-payment", flow.RecordPayment{Amount: dec("30"), ReceivedOn: march(10)})
		wg.Go(func() {
			if _, err := b.acts.CommitInvoice(t.Context(), off); err != nil && code(err) != billing.ExceedsBalance {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if _, err := b.acts.CommitAccount(t.Context(), pay); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if inv := b.shown(t, id); inv.State != "paid" || inv.Balance != "0.00" {
		t.Errorf("it is %s, %s owed", inv.State, inv.Balance)
	}
	b.adds(t)
}

// The release before knows of no write-offs: during an upgrade it would make what
// was given up the client's credit, and pay it out.
func TestWhatWasWrittenOffIsCreditedByNoRelease(t *testing.T) { // S1.80, N.04, N.31
	t.Parallel()
	b := set(t)
	id := b.issued(t, 60) // 120
	note := func(total string) error {
		_, err := b.Store.Pool.Exec(t.Context(), `INSERT INTO credit_note (id, invoice_id, client_id, currency, series, year, sequence, number, issued_on, reason, subtotal, tax, total, snapshot)
			SELECT gen_random_uuid(), id, client_id, currency, 'CN', 2026, n, 'CN-2026-0000' || n, issued_on, '', $2, 0, $2, '{}' FROM invoice, (SELECT count(*) + 1 AS n FROM credit_note) c WHERE id = $1`, id, total)
		return postgres.Refusal(err)
	}
	if err := note("50"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.writesOff(t, id, "60"); err != nil {
		t.Fatal(err)
	}
	if err := note("10.01"); !fault.Is(err, billing.ExceedsInvoice) {
		t.Errorf("more than was left of it: %v", err)
	}
	if err := note("10"); err != nil {
		t.Errorf("what was left of it: %v", err)
	}
	if err := b.takesBack(t, id); err != nil {
		t.Fatal(err)
	}
	if err := note("60"); err != nil {
		t.Errorf("owed again: %v", err)
	}
}

// What a credit note took was given back, and what had paid the invoice bounces:
// the client owes it, and nothing of it is left over to be applied.
func TestWhatWasPaidCreditedGivenBackAndBouncedIsWrittenOffOrPaid(t *testing.T) { // S1.80, N.04, N.05
	t.Parallel()
	for name, settle := range map[string]func(b *bench, id uuid.UUID) error{
		"written off": func(b *bench, id uuid.UUID) error { _, err := b.writesOff(t, id, ""); return err },
		"paid":        func(b *bench, _ uuid.UUID) error { b.pays(t, "240"); return nil },
	} {
		b := set(t)
		id := b.issued(t, 60, 60) // 240
		line, entries := b.shown(t, id).Lines[0].ID, b.entries(t)
		p := b.pays(t, "240")
		if err := b.credits(t, id, flow.CreditLine{LineID: line, Entries: entries[:1], WriteOff: true}); err != nil {
			t.Fatal(err)
		}
		refund := b.gives(t, flow.RefundCredit{Amount: dec("100")}) // 20 of 120 are left over
		if _, err := b.does(t, "reverse", flow.ReversePayment{PaymentID: p, Reason: "bounced"}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.writesOff(t, id, "220.01"); code(err) != billing.ExceedsInvoice || !strings.Contains(err.Error(), "220.00") {
			t.Errorf("%s: with 20 left over: %v", name, err)
		}
		n := fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT id FROM credit_note`)
		if _, err := b.does(t, "apply", flow.ApplyCredit{CreditNoteID: &n}); err != nil {
			t.Fatal(err)
		}
		if err := settle(b, id); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if inv := b.shown(t, id); inv.State != "paid" || inv.Balance != "0.00" {
			t.Errorf("%s: it is %s, %s owed", name, inv.State, inv.Balance)
		}
		if err := b.credits(t, id, flow.CreditLine{LineID: line, Entries: entries[1:], WriteOff: true}); name == "written off" && code(err) != billing.ExceedsInvoice {
			t.Errorf("%s, and credited: %v", name, err)
		}
		b.adds(t)
		if _, err := b.does(t, "reverse-refund", flow.ReverseRefund{RefundID: refund, Reason: "sent back"}); err != nil {
			t.Fatal(err)
		}
		b.adds(t)
	}
}
