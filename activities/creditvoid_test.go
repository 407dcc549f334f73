package activities_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/activities"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
)

// voidsNote makes a credit note void.
func (b *bench) voidsNote(t *testing.T, note uuid.UUID) error {
	t.Helper()
	invoice := fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT coalesce((SELECT invoice_id FROM credit_note WHERE id = $1), (SELECT id FROM invoice ORDER BY id LIMIT 1))`, note)
	_, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, invoice, "void-credit-note", flow.VoidCreditNote{CreditNoteID: note, Reason: "the wrong client"}))
	return err
}

// note is the latest credit note.
func (b *bench) note(t *testing.T) uuid.UUID {
	t.Helper()
	return fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT id FROM credit_note ORDER BY id DESC LIMIT 1`)
}

func TestACreditNoteIsMadeVoid(t *testing.T) { // N.04, billing "Void and credit"
	t.Parallel()
	b := set(t)
	id := b.issued(t, 60, 90, 30) // 3 h: 360
	line, entries := b.shown(t, id).Lines[0].ID, b.entries(t)
	ask := []flow.CreditLine{{LineID: line, Entries: entries[:1], Release: true}, {LineID: line, Entries: entries[1:2], WriteOff: true}}
	if err := b.credits(t, id, ask...); err != nil {
		t.Fatal(err)
	}
	b.isShown(t, id, "complete 0.00+300.00 of 360.00, 60.00 owed")
	note := b.note(t)
	b.Exec(t, `DELETE FROM outbox`)
	if err := b.voidsNote(t, note); err != nil {
		t.Fatal(err)
	}
	b.isShown(t, id, "complete 0.00+0.00 of 360.00, 360.00 owed")
	if told := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM outbox WHERE entity_kind = 'account'`); told != 1 {
		t.Errorf("%d accounts are told", told)
	}
	n, err := postgres.OneCreditNote(t.Context(), b.Queries, note, true)
	today := civil.In(b.Now(), time.UTC)
	if err != nil || n.VoidedOn != today || n.VoidReason != "the wrong client" || n.Unapplied != "0.00" || n.Total != "300.00" || len(n.Lines) != 2 || len(n.Lines[0].Entries) != 1 {
		t.Errorf("got %+v, %v", n, err)
	}
	if c := b.shown(t, id).CreditNotes; len(c) != 1 || c[0].VoidedOn != today {
		t.Errorf("the invoice names %+v", c)
	}
	if got := b.shown(t, b.collect(t)).Subtotal; got != "0.00" { // nothing is billed twice
		t.Errorf("the next invoice has %s", got)
	}
	st, err := postgres.StatementOf(t.Context(), b.Queries, b.Client, civil.First, today, today)
	if err != nil {
		t.Fatal(err)
	}
	if m := st.Accounts[0].Movements; m[len(m)-1].Kind != billing.CreditVoided || m[len(m)-1].Number != n.Number || !m[len(m)-1].Balance.Equal(dec("360")) {
		t.Errorf("the ledger is %+v", m)
	}
	if got := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(entity_kind || ' ' || verb, ', ' ORDER BY id) FROM audit_event WHERE note = 'the wrong client'`); got != "credit_note void, invoice void-credit-note" {
		t.Errorf("the audit has %s", got)
	}
	if err := b.voidsNote(t, note); code(err) != billing.CreditVoid {
		t.Errorf("twice: %v", err)
	}
	if _, err := b.does(t, "apply", flow.ApplyCredit{CreditNoteID: &note}); code(err) != billing.CreditVoid {
		t.Errorf("applied: %v", err)
	}
	if _, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "send-credit-note", flow.SendCreditNote{CreditNoteID: note, By: "paper"})); code(err) != activities.NotSent {
		t.Errorf("sent: %v", err)
	}
	if err := b.voidsNote(t, uuid.New()); code(err) != "not_found" {
		t.Errorf("none: %v", err)
	}
	if err := b.credits(t, id, ask...); err != nil { // the same may be credited again
		t.Fatal(err)
	}
	if err := b.voidsNote(t, b.note(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "void", flow.VoidInvoice{Reason: "all of it"})); err != nil {
		t.Errorf("no credit note stands: %v", err)
	}
	b.adds(t)
	for _, sql := range []string{
		`UPDATE credit_note SET voided_at = NULL, voided_on = NULL, void_reason = ''`, `UPDATE credit_note SET void_reason = 'other'`,
		`UPDATE credit_note SET applied = 1`, `DELETE FROM credit_note`, `DELETE FROM undone_correction`, `DELETE FROM entry_correction`,
	} {
		if _, err := b.Store.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("allowed: %s", sql)
		}
	}
}

func TestACreditNoteThatWasUsedOrFollowedIsNotMadeVoid(t *testing.T) { // N.04, N.05
	t.Parallel()
	b := set(t)
	id := b.issued(t, 60, 60)
	b.pays(t, "240")
	line, entries := b.shown(t, id).Lines[0].ID, b.entries(t)
	credit := func(entry uuid.UUID) uuid.UUID {
		if err := b.credits(t, id, flow.CreditLine{LineID: line, Entries: []uuid.UUID{entry}, WriteOff: true}); err != nil {
			t.Fatal(err)
		}
		return b.note(t)
	}
	first := credit(entries[0])
	second := credit(entries[1])
	if err := b.voidsNote(t, first); code(err) != billing.CreditedSince || !strings.Contains(err.Error(), "-00002") {
		t.Errorf("followed by another: %v", err)
	}
	if err := b.voidsNote(t, second); err != nil {
		t.Fatal(err)
	}
	r := b.gives(t, flow.RefundCredit{Amount: dec("20")})
	if err := b.voidsNote(t, first); code(err) != billing.CreditUsed || !strings.Contains(err.Error(), r.String()) {
		t.Errorf("given back: %v", err)
	}
	if _, err := b.does(t, "reverse-refund", flow.ReverseRefund{RefundID: r, Reason: "sent back"}); err != nil {
		t.Fatal(err)
	}
	next := b.issued(t, 60)
	if _, err := b.does(t, "apply", flow.ApplyCredit{CreditNoteID: &first}); err != nil {
		t.Fatal(err)
	}
	if err := b.voidsNote(t, first); code(err) != billing.CreditUsed || !strings.Contains(err.Error(), *b.shown(t, next).Number) {
		t.Errorf("gone to another invoice: %v", err)
	}
	if got := b.left(t); got != "" {
		t.Errorf("left over: %s", got)
	}
	b.adds(t)
}

func TestWhatWasReleasedAndBilledAgainIsNotPutBack(t *testing.T) { // N.04, billing lesson 7
	t.Parallel()
	b := set(t)
	id := b.issued(t, 60)
	line := b.shown(t, id).Lines[0].ID
	if err := b.credits(t, id, flow.CreditLine{LineID: line, Release: true}); err != nil {
		t.Fatal(err)
	}
	note := b.note(t)
	refused := func(what, why string) {
		t.Helper()
		if err := b.voidsNote(t, note); code(err) != billing.BilledAgain || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", what, err)
		}
	}
	draft := b.collect(t)
	refused("on a draft", "on a draft")
	b.Exec(t, `WITH off AS (UPDATE time_entry SET invoice_line_id = NULL) DELETE FROM invoice WHERE id = $1`, draft)
	b.Exec(t, `UPDATE time_entry SET minutes = 90`)
	refused("edited", "changed")
	b.Exec(t, `UPDATE time_entry SET minutes = 60`)
	again := b.collect(t)
	b.completes(t, again)
	refused("invoiced", *b.shown(t, again).Number)
	if got := b.shown(t, id).Credited; got != "120.00" {
		t.Errorf("a refusal left %s credited", got)
	}
	if _, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, again, "void", flow.VoidInvoice{Reason: "twice"})); err != nil {
		t.Fatal(err)
	}
	if err := b.voidsNote(t, note); err != nil {
		t.Errorf("released again: %v", err)
	}
	b.adds(t)
}

func TestItemsThatWereReleasedArePutBack(t *testing.T) { // N.04, N.08–N.10
	t.Parallel()
	b := set(t)
	b.Exec(t, `INSERT INTO milestone (id, project_id, name, amount, due_on, included_minutes) VALUES (gen_random_uuid(), $1, 'Ten hours', 800, '2026-03-01', 600)`, b.Project)
	b.Exec(t, `INSERT INTO expense (id, project_id, person_id, spent_on, description, amount) VALUES (gen_random_uuid(), $1, $2, '2026-03-02', 'Train', 40)`, b.Project, b.Ann)
	id := b.issued(t, 60)
	var asks []flow.CreditLine
	for _, l := range b.shown(t, id).Lines {
		asks = append(asks, flow.CreditLine{LineID: l.ID, Release: true})
	}
	if len(asks) != 4 {
		t.Fatalf("the invoice has %+v", b.shown(t, id).Lines)
	}
	facts := `SELECT concat_ws(' ', (SELECT string_agg(invoice_line_id::text, ' ') FROM time_entry), (SELECT string_agg(invoice_line_id || ' ' || billed_as_of, ' ') FROM milestone),
		(SELECT string_agg(invoice_line_id::text, ' ') FROM expense), (SELECT string_agg(u::text, ' ') FROM prepaid_use u))`
	before := fixture.One[string](t, b.Store.Pool, facts)
	if err := b.credits(t, id, asks...); err != nil {
		t.Fatal(err)
	}
	note := b.note(t)
	b.Exec(t, `UPDATE expense SET amount = 41, version = version + 1`)
	if err := b.voidsNote(t, note); code(err) != billing.BilledAgain {
		t.Errorf("an expense was changed: %v", err)
	}
	b.Exec(t, `UPDATE expense SET amount = 40, version = version - 1`)
	b.Exec(t, `UPDATE milestone SET included_minutes = 30`)
	if err := b.voidsNote(t, note); code(err) != billing.BilledAgain {
		t.Errorf("fewer hours are left: %v", err)
	}
	b.Exec(t, `UPDATE milestone SET included_minutes = 600`)
	if err := b.voidsNote(t, note); err != nil {
		t.Fatal(err)
	}
	if after := fixture.One[string](t, b.Store.Pool, facts); after != before {
		t.Errorf("it was %s, and is %s", before, after)
	}
	for _, sql := range []string{`UPDATE milestone SET invoice_line_id = NULL`, `UPDATE expense SET invoice_line_id = NULL`} {
		if _, err := b.Store.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("allowed by a void credit note: %s", sql)
		}
	}
	b.adds(t)
}

// Of all that wants the same time and credit at once one thing gets it.
func TestAVoidCreditNoteAndABillAtOnce(t *testing.T) { // N.04, N.31, billing lesson 1
	t.Parallel()
	b := set(t)
	for range 3 {
		id := b.issued(t, 60)
		if err := b.credits(t, id, flow.CreditLine{LineID: b.shown(t, id).Lines[0].ID, Release: true}); err != nil {
			t.Fatal(err)
		}
		note, draft := b.note(t), b.NewID()
		void := b.command(t, b.AM, flow.Invoice, id, "void-credit-note", flow.VoidCreditNote{CreditNoteID: note, Reason: "by mistake"})
		twice := b.command(t, b.AM, flow.Invoice, id, "void-credit-note", flow.VoidCreditNote{CreditNoteID: note, Reason: "by mistake"})
		var wg sync.WaitGroup
		var voided atomic.Int32
		for _, c := range []flow.Command{void, twice} {
			wg.Go(func() {
				_, err := b.acts.CommitInvoice(t.Context(), c)
				switch code(err) {
				case "":
					voided.Add(1)
				case billing.CreditVoid, billing.BilledAgain:
				default:
					t.Error(err)
				}
			})
		}
		wg.Go(func() {
			if err := b.drafts(t, draft); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		if voided.Load() > 1 {
			t.Errorf("made void %d times", voided.Load())
		}
		b.adds(t)
		b.completes(t, func() uuid.UUID { // whatever it is on, it is billed once
			b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: 30})
			b.Exec(t, `WITH off AS (UPDATE time_entry SET invoice_line_id = NULL WHERE invoice_line_id IN (SELECT id FROM invoice_line WHERE invoice_id = $1)) DELETE FROM invoice WHERE id = $1`, draft)
			return b.collect(t)
		}())
		b.adds(t)
	}
}
