package activities_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
)

// gives gives credit back.
func (b *bench) gives(t *testing.T, in flow.RefundCredit) uuid.UUID {
	t.Helper()
	if _, err := b.does(t, "refund", in); err != nil {
		t.Fatal(err)
	}
	return fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT id FROM refund ORDER BY id DESC LIMIT 1`)
}

// left is the client's credit, its sources in order.
func (b *bench) left(t *testing.T) string {
	t.Helper()
	all, err := postgres.CreditOf(t.Context(), b.Queries, b.Client)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, c := range all {
		words = append(words, c.Credit+" "+c.Currency)
		for _, s := range c.Sources {
			words = append(words, s.Kind+" "+s.Unapplied)
		}
	}
	return strings.Join(words, ", ")
}

func TestARefundIsTakenBackOnce(t *testing.T) { // N.05, N.31
	t.Parallel()
	b := set(t)
	id := b.issued(t, 60)
	p := b.pays(t, "150") // 30 are left over
	if err := b.credits(t, id, flow.CreditLine{LineID: b.shown(t, id).Lines[0].ID, Release: true}); err != nil {
		t.Fatal(err)
	}
	b.Exec(t, `DELETE FROM outbox`)
	r := b.gives(t, flow.RefundCredit{Amount: dec("100"), Reference: "R-1"}) // of both
	if got := b.left(t); got != "50.00 GBP, credit_note 50.00" {
		t.Errorf("left over: %s", got)
	}
	_, err := b.does(t, "reverse", flow.ReversePayment{PaymentID: p, Reason: "no"})
	if code(err) != billing.PaymentRefunded || !strings.Contains(err.Error(), r.String()) || !strings.Contains(err.Error(), "30.00") {
		t.Errorf("the refusal does not name the refund: %v", err)
	}
	snap, err := b.does(t, "reverse-refund", flow.ReverseRefund{RefundID: r, Reason: "sent back by the bank"})
	if err != nil || snap.State != "in_credit" {
		t.Fatalf("got %+v, %v", snap, err)
	}
	if got := b.left(t); got != "150.00 GBP, payment 30.00, credit_note 120.00" {
		t.Errorf("left over again: %s", got)
	}
	back, err := postgres.OneRefund(t.Context(), b.Queries, r)
	today := civil.In(b.Now(), time.UTC)
	if err != nil || back.ReversedOn != today || back.ReversalReason != "sent back by the bank" || back.Version != 2 || len(back.Sources) != 2 {
		t.Errorf("got %+v, %v", back, err)
	}
	if _, err := b.does(t, "reverse-refund", flow.ReverseRefund{RefundID: r, Reason: "again"}); code(err) != billing.RefundReversed {
		t.Errorf("twice: %v", err)
	}
	if _, err := b.does(t, "reverse-refund", flow.ReverseRefund{RefundID: uuid.New(), Reason: "none"}); code(err) != "not_found" {
		t.Errorf("none: %v", err)
	}
	if _, err := b.acts.CommitAccount(t.Context(), b.command(t, b.Ann, flow.Account, b.Client, "reverse-refund", flow.ReverseRefund{RefundID: r, Reason: "x"})); code(err) != "forbidden" {
		t.Errorf("a contributor: %v", err)
	}
	if got := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(verb || ' ' || version || ' ' || note, ', ' ORDER BY id) FROM audit_event WHERE entity_kind = 'refund'`); got != "refund 1 , reverse 2 sent back by the bank" {
		t.Errorf("the audit has %q", got)
	}
	st, err := postgres.StatementOf(t.Context(), b.Queries, b.Client, civil.First, today, today)
	if err != nil {
		t.Fatal(err)
	}
	moves := st.Accounts[0].Movements
	if last := moves[len(moves)-1]; last.Kind != billing.BackAgain || last.Number != "R-1" || last.Text != "sent back by the bank" || last.Amount.String() != "-100" || !last.Balance.Equal(dec("-150")) {
		t.Errorf("the ledger ends with %+v", last)
	}
	if _, err := b.does(t, "reverse", flow.ReversePayment{PaymentID: p, Reason: "bounced"}); err != nil { // now it can be
		t.Fatal(err)
	}
	b.adds(t)
	for _, sql := range []string{
		`UPDATE refund SET amount = 1`, `DELETE FROM refund`, `UPDATE refund SET reversal_reason = 'other'`,
		`UPDATE refund SET reversed_at = NULL, reversed_on = NULL, reversal_reason = ''`, `UPDATE payment_application SET undone_on = NULL WHERE refund_id IS NOT NULL`,
	} {
		if _, err := b.Store.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("allowed: %s", sql)
		}
	}
}

// What was given back stood elsewhere until the refund was reversed: it is given
// back again from that day on, not before.
func TestCreditIsFreeAgainFromTheDayOfTheReversal(t *testing.T) { // N.05, N.13
	t.Parallel()
	b := set(t)
	now := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	b.Store.Now = func() time.Time { return now }
	if _, err := b.does(t, "record-payment", flow.RecordPayment{Amount: dec("40"), ReceivedOn: march(10), Applications: []billing.Application{}}); err != nil {
		t.Fatal(err)
	}
	r := b.gives(t, flow.RefundCredit{Amount: dec("40"), RefundedOn: march(12)})
	if _, err := b.does(t, "reverse-refund", flow.ReverseRefund{RefundID: r, Reason: "the wrong client"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.does(t, "refund", flow.RefundCredit{Amount: dec("40"), RefundedOn: march(15)}); code(err) != "invalid" {
		t.Errorf("given back before it came back: %v", err)
	}
	b.gives(t, flow.RefundCredit{Amount: dec("40"), RefundedOn: march(20)})
	for day, want := range map[int]string{11: "-40", 12: "0", 19: "0", 20: "0"} {
		on := march(day)
		st, err := postgres.StatementOf(t.Context(), b.Queries, b.Client, civil.First, on, on)
		if err != nil {
			t.Fatal(err)
		}
		if a := st.Accounts[0]; !a.Closing.Equal(dec(want)) || !a.Closing.Equal(a.Aging.Owed()) {
			t.Errorf("on %s: the ledger says %s, the aging %s, want %s", on, a.Closing, a.Aging.Owed(), want)
		}
	}
	b.adds(t)
}

func TestAReversedPaymentTakesBackWhatItsCreditPaidLater(t *testing.T) { // N.05, billing "Payments"
	t.Parallel()
	b := set(t)
	first := b.issued(t, 60)
	p := b.pays(t, "180")
	second := b.issued(t, 60)
	if _, err := b.does(t, "apply", flow.ApplyCredit{PaymentID: &p}); err != nil {
		t.Fatal(err)
	}
	b.isShown(t, second, "partly_paid 60.00+0.00 of 120.00, 60.00 owed")
	if _, err := b.does(t, "reverse", flow.ReversePayment{PaymentID: p, Reason: "bounced"}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []uuid.UUID{first, second} {
		b.isShown(t, id, "complete 0.00+0.00 of 120.00, 120.00 owed")
	}
	b.adds(t)
}

func TestReversalsAndRefundsAtOnceLeaveTheCreditRight(t *testing.T) { // N.05, N.31, billing lesson 9
	t.Parallel()
	b := set(t)
	for range 3 {
		if _, err := b.does(t, "record-payment", flow.RecordPayment{Amount: dec("100"), ReceivedOn: march(10), Applications: []billing.Application{}}); err != nil {
			t.Fatal(err)
		}
	}
	inv := b.issued(t, 60)
	r := b.gives(t, flow.RefundCredit{Amount: dec("250")})
	p := fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT id FROM payment ORDER BY id LIMIT 1`)
	var wg sync.WaitGroup
	var reversed atomic.Int32
	for range 6 {
		back := b.command(t, b.AM, flow.Account, b.Client, "reverse-refund", flow.ReverseRefund{RefundID: r, Reason: "twice"})
		wg.Go(func() {
			if _, err := b.acts.CommitAccount(t.Context(), back); err == nil {
				reversed.Add(1)
			} else if code(err) != billing.RefundReversed {
				t.Error(err)
			}
		})
		for verb, body := range map[string]any{
			"refund": flow.RefundCredit{Amount: dec("70")}, "apply": flow.ApplyCredit{PaymentID: &p, Applications: []billing.Application{{InvoiceID: inv, Amount: dec("15")}}},
		} {
			c := b.command(t, b.AM, flow.Account, b.Client, verb, body)
			wg.Go(func() {
				if _, err := b.acts.CommitAccount(t.Context(), c); err != nil && code(err) != billing.ExceedsCredit && code(err) != billing.ExceedsPayment && code(err) != billing.ExceedsBalance {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if n := reversed.Load(); n != 1 {
		t.Errorf("it was reversed %d times", n)
	}
	b.adds(t)
}

func TestWhatWasTakenBackIsNoCredit(t *testing.T) { // N.04, N.05, billing "Payments"
	t.Parallel()
	b := set(t)
	none := func(of string) {
		t.Helper()
		if _, err := b.does(t, "refund", flow.RefundCredit{Amount: dec("1")}); code(err) != billing.ExceedsCredit {
			t.Errorf("given back of %s: %v", of, err)
		}
	}
	p := b.pays(t, "50")
	if _, err := b.does(t, "reverse", flow.ReversePayment{PaymentID: p, Reason: "bounced"}); err != nil {
		t.Fatal(err)
	}
	none("a payment that was reversed")
	id := b.issued(t, 60)
	b.pays(t, "120")
	if err := b.credits(t, id, flow.CreditLine{LineID: b.shown(t, id).Lines[0].ID, WriteOff: true}); err != nil {
		t.Fatal(err)
	}
	if got := b.left(t); got != "120.00 GBP, credit_note 120.00" {
		t.Errorf("left over: %s", got)
	}
	if err := b.voidsNote(t, b.note(t)); err != nil {
		t.Fatal(err)
	}
	none("a credit note that was made void")
	b.adds(t)
}

func TestAPaymentIsReversedThoughTheFirmsDayIsEarlierNow(t *testing.T) { // N.05: the firm moved to another zone
	t.Parallel()
	b := set(t)
	id := b.issued(t, 60)
	b.Store.Now = func() time.Time { return time.Date(2027, 3, 20, 12, 0, 0, 0, time.UTC) }
	b.Exec(t, `UPDATE provider SET time_zone = 'Pacific/Kiritimati'`)
	if _, err := b.does(t, "record-payment", flow.RecordPayment{Amount: dec("120"), ReceivedOn: civil.Of(2027, time.March, 21)}); err != nil {
		t.Fatal(err)
	}
	b.isShown(t, id, "paid 120.00+0.00 of 120.00, 0.00 owed")
	b.Exec(t, `UPDATE provider SET time_zone = 'Pacific/Pago_Pago'`)
	p := fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT id FROM payment`)
	if _, err := b.does(t, "reverse", flow.ReversePayment{PaymentID: p, Reason: "bounced"}); err != nil {
		t.Fatal(err)
	}
	b.isShown(t, id, "complete 0.00+0.00 of 120.00, 120.00 owed")
	if on := fixture.One[string](t, b.Store.Pool, `SELECT undone_on::text FROM payment_application`); on != "2027-03-21" {
		t.Errorf("undone on %s, before it was applied", on)
	}
}

func TestMoneyStaysWithItsClientAndCurrency(t *testing.T) { // S1.80, N.05, billing "Payments": same client, same currency
	t.Parallel()
	b := set(t)
	other := &bench{b.Store, fixture.NewFirm(t, b.Store), b.acts, b.files}
	foreign := other.issued(t, 60)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: 60})
	euros := b.collect(t)
	b.Exec(t, `UPDATE invoice SET currency = 'EUR' WHERE id = $1`, euros)
	b.completes(t, euros)
	pounds := b.issued(t, 60)
	b.pays(t, "300")
	b.isShown(t, foreign, "complete 0.00+0.00 of 120.00, 120.00 owed")
	b.isShown(t, euros, "complete 0.00+0.00 of 120.00, 120.00 owed")
	b.isShown(t, pounds, "paid 120.00+0.00 of 120.00, 0.00 owed")
	if _, err := b.does(t, "record-payment", flow.RecordPayment{Amount: dec("150"), Currency: "EUR", ReceivedOn: march(10)}); err != nil {
		t.Fatal(err)
	}
	b.isShown(t, euros, "paid 120.00+0.00 of 120.00, 0.00 owed")
	if err := b.credits(t, euros, flow.CreditLine{LineID: b.shown(t, euros).Lines[0].ID, WriteOff: true}); err != nil {
		t.Fatal(err)
	}
	other.pays(t, "500")
	if _, err := b.does(t, "refund", flow.RefundCredit{Amount: dec("180.01")}); code(err) != billing.ExceedsCredit {
		t.Errorf("given back of euros, or of another's: %v", err)
	}
	b.gives(t, flow.RefundCredit{Amount: dec("180")})
	if got := b.left(t); got != "150.00 EUR, payment 30.00, credit_note 120.00" {
		t.Errorf("left over: %s", got)
	}
	r := b.gives(t, flow.RefundCredit{Amount: dec("150"), Currency: "EUR"})
	if _, err := b.does(t, "reverse-refund", flow.ReverseRefund{RefundID: r, Reason: "sent back"}); err != nil {
		t.Fatal(err)
	}
	if err := b.voidsNote(t, b.note(t)); err != nil { // what was given back of it came back
		t.Error(err)
	}
}

func TestAStatementMeetsOnlyWhatIsTheSamePayment(t *testing.T) { // S1.79
	t.Parallel()
	b := set(t)
	pay := func(currency, reference, key string) error {
		_, err := b.does(t, "record-payment", flow.RecordPayment{Amount: dec("10"), Currency: currency, ReceivedOn: march(1), Reference: reference, ImportKey: key, Applications: []billing.Application{}})
		return err
	}
	if err := pay("GBP", "HAND", ""); err != nil {
		t.Fatal(err)
	}
	if err := pay("EUR", "HAND", "1"); err != nil {
		t.Errorf("in another currency: %v", err)
	}
	p := fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT id FROM payment WHERE reference = 'HAND'`)
	if _, err := b.does(t, "reverse", flow.ReversePayment{PaymentID: p, Reason: "typed in twice"}); err != nil {
		t.Fatal(err)
	}
	if err := pay("GBP", "HAND", "2"); err != nil {
		t.Errorf("where what was recorded by hand is reversed: %v", err)
	}
	if got := fixture.One[string](t, b.Store.Pool, `SELECT reference || '/' || note FROM payment WHERE import_key = '2'`); got != "HAND/" {
		t.Errorf("it is recorded as %s", got)
	}
}
