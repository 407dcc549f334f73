package activities_test

import (
	"math/rand/v2"
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
)

// clerk does anything to the books of a client, on one day after the other.
type clerk struct {
	*bench
	random *rand.Rand
	now    time.Time
}

func (c *clerk) list(t *testing.T, sql string) []uuid.UUID {
	t.Helper()
	rows, err := c.Store.Pool.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func (c *clerk) oneOf(t *testing.T, table string) uuid.UUID {
	t.Helper()
	ids := c.list(t, `SELECT id FROM `+table+` ORDER BY id DESC LIMIT 8`)
	if len(ids) == 0 {
		return uuid.New()
	}
	return ids[c.random.IntN(len(ids))]
}

func (c *clerk) amount() decimal.Decimal { return decimal.New(1+c.random.Int64N(20_000), -2) }

func (c *clerk) today() civil.Date { return civil.In(c.now, time.UTC) }

// next does something; what cannot be is refused.
func (c *clerk) next(t *testing.T) error {
	var err error
	switch c.random.IntN(17) {
	case 0, 1, 2: // an invoice of some new time and all that was released
		for range 1 + c.random.IntN(4) {
			c.Record(t, fixture.Entry{Task: c.Task, Person: []uuid.UUID{c.Ann, c.Bob}[c.random.IntN(2)], Date: march(1 + c.random.IntN(28)), Minutes: 1 + c.random.IntN(200), Billing: []string{"billable", "billable", "no_charge"}[c.random.IntN(3)]})
		}
		id := c.collect(t)
		if c.random.IntN(4) == 0 {
			c.Exec(t, `INSERT INTO invoice_line (id, invoice_id, position, kind, description, quantity, unit_price, amount, tax_percent) VALUES (gen_random_uuid(), $1, 99, 'expense', 'train', 1, 33.33, 33.33, 7)`, id)
			c.Exec(t, `UPDATE invoice i SET subtotal = s.sum, tax = s.tax, total = s.sum + s.tax FROM (SELECT sum(amount) AS sum, round(coalesce(sum(amount) FILTER (WHERE tax_percent = 20), 0) * 0.2, 2) + 2.33 AS tax FROM invoice_line WHERE invoice_id = $1) s WHERE i.id = $1`, id)
		}
		_, err = c.acts.CommitInvoice(t.Context(), c.command(t, c.AM, flow.Invoice, id, "complete", flow.CompleteInvoice{}))
	case 3, 4, 5:
		in := flow.RecordPayment{Amount: c.amount(), ReceivedOn: c.today().AddDays(-c.random.IntN(20))}
		switch c.random.IntN(3) {
		case 0:
			in.Applications = []billing.Application{}
		case 1:
			in.Applications = []billing.Application{{InvoiceID: c.oneOf(t, "invoice"), Amount: c.amount()}}
		}
		_, err = c.does(t, "record-payment", in)
	case 6:
		p := c.oneOf(t, "payment")
		_, err = c.does(t, "apply", flow.ApplyCredit{PaymentID: &p})
	case 7:
		_, err = c.does(t, "reverse", flow.ReversePayment{PaymentID: c.oneOf(t, "payment"), Reason: "bounced"})
	case 8:
		_, err = c.does(t, "refund", flow.RefundCredit{Amount: c.amount(), RefundedOn: c.today().AddDays(-c.random.IntN(4))})
	case 9:
		_, err = c.acts.CommitInvoice(t.Context(), c.command(t, c.AM, flow.Invoice, c.oneOf(t, "invoice"), "void", flow.VoidInvoice{Reason: "wrong"}))
	case 10:
		err = c.creditSome(t)
	case 13:
		amount := []string{"", c.amount().String()}[c.random.IntN(2)]
		if _, err = c.writesOff(t, c.oneOf(t, "invoice"), amount); fault.Is(postgres.Refusal(err), fault.NotFound) {
			err = nil
		}
	case 14:
		err = c.takesBack(t, fixture.One[uuid.UUID](t, c.Store.Pool, `SELECT coalesce((SELECT invoice_id FROM write_off ORDER BY id DESC LIMIT 1), gen_random_uuid())`))
	case 12:
		if err = c.voidsNote(t, c.oneOf(t, "credit_note")); fault.Is(postgres.Refusal(err), fault.NotFound) {
			err = nil // there is none yet
		}
	case 11:
		_, err = c.does(t, "reverse-refund", flow.ReverseRefund{RefundID: c.oneOf(t, "refund"), Reason: "sent back"})
	case 15:
		err = c.bounces(t)
	default:
		n := c.oneOf(t, "credit_note")
		_, err = c.does(t, "apply", flow.ApplyCredit{CreditNoteID: &n})
	}
	return err
}

func (c *clerk) creditSome(t *testing.T) error { return c.creditInvoice(t, c.oneOf(t, "invoice")) }

func (c *clerk) creditInvoice(t *testing.T, id uuid.UUID) error {
	inv, err := postgres.OneInvoice(t.Context(), c.Queries, id, c.now)
	if fault.Is(postgres.Refusal(err), fault.NotFound) {
		return nil // there is none yet
	}
	if err != nil {
		return err
	}
	var lines []flow.CreditLine
	for _, l := range inv.Lines {
		x := flow.CreditLine{LineID: l.ID, Treatment: []billing.Treatment{billing.Release, billing.WriteOff}[c.random.IntN(2)]}
		entries := fixture.One[[]uuid.UUID](t, c.Store.Pool, `SELECT coalesce(array_agg(e.id), '{}') FROM time_entry e WHERE e.invoice_line_id = $1
			AND NOT EXISTS (SELECT FROM entry_correction x WHERE x.entry_id = e.id AND x.invoice_line_id = e.invoice_line_id)`, l.ID)
		if l.Kind == "time" && len(entries) == 0 {
			continue
		}
		if n := len(entries); n > 0 && c.random.IntN(2) == 0 {
			x.Entries = entries[:1+c.random.IntN(n)]
		}
		if c.random.IntN(3) > 0 {
			lines = append(lines, x)
		}
	}
	_, err = c.acts.CommitInvoice(t.Context(), c.command(t, c.AM, flow.Invoice, id, "credit", flow.CreditInvoice{Lines: lines, Reason: "agreed"}))
	return err
}

// owedOn are the invoices on which something is owed.
const owedOn = `SELECT id FROM invoice WHERE state = 'complete' AND paid + credited < total ORDER BY id`

// bounces takes a payment back of which everything else was settled: its invoice
// was credited, and the credit given back. What is owed then is written off.
func (c *clerk) bounces(t *testing.T) error {
	owed := c.list(t, owedOn)
	if len(owed) == 0 {
		return nil
	}
	id := owed[c.random.IntN(len(owed))]
	inv, err := postgres.OneInvoice(t.Context(), c.Queries, id, c.now)
	if err != nil {
		return err
	}
	all := []billing.Application{{InvoiceID: id, Amount: dec(inv.Balance)}}
	if _, err := c.does(t, "record-payment", flow.RecordPayment{Amount: dec(inv.Balance), ReceivedOn: c.today(), Applications: all}); err != nil {
		return err
	}
	p := fixture.One[uuid.UUID](t, c.Store.Pool, `SELECT id FROM payment ORDER BY id DESC LIMIT 1`)
	if err := c.creditInvoice(t, id); err != nil {
		return err
	}
	credit := fixture.One[decimal.Decimal](t, c.Store.Pool, `SELECT coalesce(sum(amount), 0) FROM open_credit`)
	if _, err := c.does(t, "refund", flow.RefundCredit{Amount: credit}); err != nil {
		return err
	}
	if _, err := c.does(t, "reverse", flow.ReversePayment{PaymentID: p, Reason: "bounced"}); err != nil {
		return err
	}
	_, err = c.writesOff(t, id, []string{"", inv.Balance}[c.random.IntN(2)])
	return err
}

// givesUp applies what credit notes have left over, and writes off all that is
// owed still: whatever happened before, nothing is in the way of either.
func (c *clerk) givesUp(t *testing.T) {
	t.Helper()
	for _, n := range c.list(t, `SELECT id FROM credit_note WHERE voided_at IS NULL AND applied < total`) {
		if _, err := c.does(t, "apply", flow.ApplyCredit{CreditNoteID: &n}); err != nil && code(err) != billing.NothingApplies {
			t.Errorf("credit is not applied: %v", err)
		}
	}
	for _, id := range c.list(t, owedOn) {
		if _, err := c.writesOff(t, id, ""); err != nil {
			t.Errorf("it can neither be paid nor written off: %v", err)
		}
	}
	c.adds(t)
}

// closing is what the ledger says at the end of a day, and what the aging does.
func (c *clerk) closing(t *testing.T, on civil.Date) (ledger, aged decimal.Decimal) {
	t.Helper()
	st, err := postgres.StatementOf(t.Context(), c.Queries, c.Client, civil.First, on, on)
	if err != nil {
		t.Fatal(err)
	}
	a := st.Accounts[0]
	for i, b := range a.Aging.Buckets {
		if b.IsNegative() {
			t.Errorf("bucket %d is %s on %s", i, b, on)
		}
	}
	if a.Aging.Credit.IsNegative() {
		t.Errorf("the credit is %s on %s", a.Aging.Credit, on)
	}
	return a.Closing, a.Aging.Owed()
}

// Whatever is billed, paid, applied, reversed, credited, made void, written off and
// given back, in whatever order: the books add up after each step, and on any day
// looked back at the ledger is what the aging says.
func TestTheBooksAddUpWhateverHappens(t *testing.T) { // S1.79–S1.81, N.04–N.06, N.13, billing lessons 7 and 9
	t.Parallel()
	s := *seed
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("-seed %d", s)
	b := set(t)
	c := &clerk{bench: b, random: rand.New(rand.NewPCG(s, 2)), now: time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)}
	b.Store.Now = func() time.Time { return c.now }
	outcomes := map[string]int{}
	for range *turns / 2 {
		err := c.next(t)
		if err != nil && code(err) == "" {
			t.Fatalf("failed rather than refused: %v", err)
		}
		outcomes[string(code(err))]++
		b.adds(t)
		if c.random.IntN(3) == 0 {
			c.now = c.now.AddDate(0, 0, 1+c.random.IntN(4))
		}
	}
	t.Log(outcomes)
	if outcomes[""] < *turns/8 {
		t.Errorf("too little was allowed for the test to mean much: %v", outcomes)
	}
	c.givesUp(t)
	for on := civil.Of(2026, 3, 1); !on.After(c.today()); on = on.AddDays(3) {
		if ledger, aged := c.closing(t, on); !ledger.Equal(aged) {
			t.Errorf("on %s the ledger says %s, the aging %s", on, ledger, aged)
		}
	}
}
