package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/access"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// CommitAccount carries out a command on a client's account in one transaction.
func (a *Activities) CommitAccount(ctx context.Context, c flow.Command) (flow.Snapshot, error) {
	return a.commit(ctx, c, nil, a.account, a.accountSnapshot)
}

// LoadAccount reads what an account's process needs to know.
func (a *Activities) LoadAccount(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	return a.accountSnapshot(ctx, a.store.Queries, id)
}

// account takes the lock of the client's account, then does what the verb says.
func (a *Activities) account(ctx context.Context, s *step) (outcome, error) {
	if err := access.Can(s.actor, access.ReceiveMoney, 0); err != nil {
		return outcome{}, err
	}
	if _, err := s.Client(ctx, s.cmd.EntityID); err != nil {
		return outcome{}, err
	}
	if _, err := s.LockAccount(ctx, s.cmd.EntityID); err != nil {
		return outcome{}, err
	}
	today, err := firmToday(ctx, s.Queries, s.store)
	if err != nil {
		return outcome{}, err
	}
	b := book{step: s, client: s.cmd.EntityID, today: today}
	verbs := map[string]func(context.Context) (any, error){"record-payment": b.record, "apply": b.apply, "reverse": b.reverse,
		"refund": b.refund, "reverse-refund": b.reverseRefund}
	do, ok := verbs[s.cmd.Verb]
	if !ok {
		return outcome{}, fmt.Errorf("an account has no verb %q", s.cmd.Verb)
	}
	view, err := do(ctx)
	if err != nil {
		return outcome{}, err
	}
	snap, err := a.accountSnapshot(ctx, s.Queries, b.client)
	return outcome{answer: view, snap: snap}, err
}

// firmToday is the day in the firm's zone: that of all dates of its books.
func firmToday(ctx context.Context, q *db.Queries, store *postgres.Store) (civil.Date, error) {
	p, err := q.Provider(ctx)
	return civil.In(store.Now(), postgres.Zone(p.TimeZone)), err
}

// book is the account of a client within a transaction that has its lock.
type book struct {
	*step
	client uuid.UUID
	today  civil.Date
}

// currency is the one that is named, or the client's.
func (b *book) currency(ctx context.Context, named string) (money.Currency, error) {
	if named != "" {
		return money.ParseCurrency(named)
	}
	c, err := b.Client(ctx, b.client)
	return money.Currency(c.Currency), err
}

// past refuses a day that has not come yet.
func (b *book) past(field string, d civil.Date) error {
	switch {
	case d.Before(civil.First):
		return fault.Wrong(field, "is required, and not before %s", civil.First)
	case d.After(b.today):
		return fault.Wrong(field, "%s has not come yet: it is %s", d, b.today)
	}
	return nil
}

// record writes a payment down and applies it (S1.79, S1.80).
func (b *book) record(ctx context.Context) (any, error) {
	var in flow.RecordPayment
	if err := b.body(&in); err != nil {
		return nil, err
	}
	in.Reference = strings.TrimSpace(in.Reference) // what was pasted is the same payment
	if was, err := b.imported(ctx, in.ImportKey); was != nil || err != nil {
		return was, err
	}
	p, err := b.payment(ctx, in)
	if err != nil {
		return nil, err
	}
	source := credit{payment: &p.ID, currency: money.Currency(p.Currency), left: p.Amount, on: p.ReceivedOn, name: paymentName(p.Reference)}
	// Invoices are locked before payments: one order for everybody.
	plan, err := b.plan(ctx, source, in.Applications)
	if err == nil {
		err = b.referenced(ctx, &p)
	}
	if err == nil {
		err = b.InsertPayment(ctx, p)
	}
	if err == nil {
		err = b.settle(ctx, source, plan)
	}
	if err == nil {
		err = b.recorded(ctx, p)
	}
	if err != nil {
		return nil, err
	}
	return postgres.OnePayment(ctx, b.Queries, p.ID)
}

// imported is the payment that the same line of the same statement of the bank
// was recorded as; nil: none.
func (b *book) imported(ctx context.Context, key string) (any, error) {
	if key == "" {
		return nil, nil
	}
	was, err := b.PaymentByImport(ctx, &key)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return postgres.OnePayment(ctx, b.Queries, was.ID)
}

// payment is what came in as its row, where it can be.
func (b *book) payment(ctx context.Context, in flow.RecordPayment) (db.InsertPaymentParams, error) {
	c, err := b.currency(ctx, in.Currency)
	if err == nil {
		err = billing.Received("amount", in.Amount, c)
	}
	if err == nil {
		err = b.past("received_on", in.ReceivedOn)
	}
	p := db.InsertPaymentParams{
		ID: b.store.NewID(), ClientID: b.client, Currency: string(c), Amount: in.Amount, ReceivedOn: in.ReceivedOn, Method: in.Method,
		Reference: in.Reference, Note: in.Note, CreatedBy: &b.cmd.ActorID, CreatedAt: b.store.Now(),
	}
	if in.ImportKey != "" {
		p.ImportKey = &in.ImportKey
	}
	return p, err
}

// recorded notes that a payment was written down.
func (b *book) recorded(ctx context.Context, p db.InsertPaymentParams) error {
	c := money.Currency(p.Currency)
	changes := map[string]postgres.Change{"amount": {nil, c.Format(p.Amount) + " " + p.Currency}, "received_on": {nil, p.ReceivedOn}}
	if p.Reference != "" {
		changes["reference"] = postgres.Change{nil, p.Reference}
	}
	return b.told(ctx, "payment", p.ID, "record", 1, changes, p.Note)
}

// referenced keeps a client's references each to one payment, where a statement of
// the bank repeats what payers repeat: a standing order has the same each month. A
// later one has it in its note, so that the payment is recorded. With the amount of
// one by hand of about that day it is that one, and refused (S1.79).
func (b *book) referenced(ctx context.Context, p *db.InsertPaymentParams) error {
	if p.Reference == "" || p.ImportKey == nil { // by hand: the database refuses
		return nil
	}
	was, err := b.ReferenceTaken(ctx, db.ReferenceTakenParams{ClientID: p.ClientID, Reference: p.Reference, Currency: p.Currency, Amount: p.Amount, ReceivedOn: p.ReceivedOn})
	switch {
	case err != nil || !was.Taken:
		return err
	case was.Same:
		return fault.New(billing.ReferenceTaken, "the client has a payment with this reference")
	}
	p.Reference, p.Note = "", strings.TrimSpace("Reference: "+p.Reference+"\n"+p.Note)
	return nil
}

func paymentName(reference string) string {
	if reference == "" {
		return "a payment"
	}
	return "the payment " + reference
}

// credit is a payment or a credit note that is being applied.
type credit struct {
	payment, note *uuid.UUID
	currency      money.Currency
	left          decimal.Decimal
	on            civil.Date // not applied before this day
	name          string
}

// planned is an application that the rules allow, on its day.
type planned struct {
	billing.Application
	on civil.Date
}

// plan locks the invoices that a credit can go to and asks the rules. Chosen
// ones that are nil are found by themselves.
func (b *book) plan(ctx context.Context, c credit, chosen []billing.Application) ([]planned, error) {
	ids := make([]uuid.UUID, len(chosen))
	for i, a := range chosen {
		ids[i] = a.InvoiceID
	}
	rows, err := b.LockOpenInvoices(ctx, db.LockOpenInvoicesParams{ClientID: b.client, Chosen: chosen != nil, Currency: string(c.currency), Ids: ids})
	if err != nil {
		return nil, err
	}
	days := map[uuid.UUID]civil.Date{}
	var owed []billing.Owed
	for _, r := range rows {
		// Never before the invoice was there, nor while another payment stood on it.
		days[r.ID] = civil.Later(c.on, civil.Later(r.IssuedOn, r.FreeOn))
		if r.Currency == string(c.currency) {
			owed = append(owed, billing.Owed{ID: r.ID, Number: *r.Number, DueOn: r.DueOn, Balance: r.Balance})
		}
	}
	if chosen == nil {
		chosen = billing.Spread(c.left, owed)
	} else if err := b.refused(ctx, c, chosen, owed); err != nil {
		return nil, err
	}
	plan := make([]planned, len(chosen))
	for i, a := range chosen {
		plan[i] = planned{Application: a, on: days[a.InvoiceID]}
	}
	return plan, nil
}

// refused says why the chosen applications cannot be: by the rules, and of an
// invoice that takes nothing in its own words.
func (b *book) refused(ctx context.Context, c credit, chosen []billing.Application, owed []billing.Owed) error {
	err := billing.Apply(c.left, chosen, owed, c.currency)
	if !fault.Is(err, billing.NotPayable) {
		return err
	}
	for _, a := range chosen {
		inv, found := b.InvoiceStanding(ctx, a.InvoiceID)
		switch {
		case errors.Is(found, pgx.ErrNoRows) || found == nil && inv.ClientID != b.client:
			return fault.New(billing.NotPayable, "the client has no invoice %s", a.InvoiceID)
		case found != nil:
			return found
		case inv.State != "complete":
			return fault.New(billing.NotPayable, "nothing can be paid on an invoice that is %s", inv.State)
		case inv.Currency != string(c.currency):
			return fault.New(money.CurrencyMismatch, "%s is in %s, the payment in %s", *inv.Number, inv.Currency, c.currency)
		case inv.Balance.Sign() == 0:
			return fault.New(billing.ExceedsBalance, "nothing is owed on %s", *inv.Number)
		}
	}
	return err
}

// settle writes the applications, and what became of each invoice.
func (b *book) settle(ctx context.Context, c credit, plan []planned) error {
	for _, p := range plan {
		err := b.InsertApplication(ctx, db.InsertApplicationParams{
			ID: b.store.NewID(), ClientID: b.client, Currency: string(c.currency), PaymentID: c.payment, CreditNoteID: c.note,
			InvoiceID: &p.InvoiceID, Amount: p.Amount, AppliedOn: p.on,
		})
		if err == nil {
			err = b.settled(ctx, p.InvoiceID, "settle", c.currency.Format(p.Amount)+" "+string(c.currency)+" of "+c.name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// settled notes on an invoice what was settled, and tells its process.
func (b *book) settled(ctx context.Context, invoice uuid.UUID, verb, note string) error {
	inv, err := b.Invoice(ctx, invoice)
	if err != nil {
		return err
	}
	changes := map[string]postgres.Change{"balance": {nil, balanceOf(inv)}}
	if err := b.told(ctx, "invoice", invoice, verb, inv.Version, changes, note); err != nil {
		return err
	}
	return b.InsertOutbox(ctx, string(flow.Invoice), invoice)
}

// told writes the audit of something that is not the account itself.
func (b *book) told(ctx context.Context, kind string, id uuid.UUID, verb string, version int32, changes map[string]postgres.Change, note string) error {
	return b.store.Audit(ctx, b.Queries, postgres.Event{
		Actor: &b.cmd.ActorID, Kind: kind, ID: id, Verb: verb, Version: version, Changes: changes, Note: note, Source: b.cmd.Source,
	})
}

// apply puts what is left of a payment or a credit note to invoices (S1.80).
func (b *book) apply(ctx context.Context) (any, error) {
	var in flow.ApplyCredit
	if err := b.body(&in); err != nil {
		return nil, err
	}
	if in.CreditNoteID != nil {
		return b.applyNote(ctx, in)
	}
	if in.PaymentID == nil {
		return nil, fault.Wrong("payment_id", "is required")
	}
	source, version, err := b.paymentLeft(ctx, *in.PaymentID)
	if err == nil {
		err = b.fresh(version)
	}
	if err == nil {
		err = b.spend(ctx, source, in.Applications)
	}
	if err != nil {
		return nil, err
	}
	if err := b.TouchPayment(ctx, *in.PaymentID); err != nil {
		return nil, err
	}
	if err := b.told(ctx, "payment", *in.PaymentID, "apply", version+1, nil, ""); err != nil {
		return nil, err
	}
	return postgres.OnePayment(ctx, b.Queries, *in.PaymentID)
}

// spend applies what is left, and refuses where there is nothing to do.
func (b *book) spend(ctx context.Context, source credit, chosen []billing.Application) error {
	plan, err := b.plan(ctx, source, chosen)
	if err != nil {
		return err
	}
	if len(plan) == 0 {
		return fault.New(billing.NothingApplies, "nothing of it is left, or nothing is owed in %s", source.currency)
	}
	return b.settle(ctx, source, plan)
}

// paymentLeft is what a payment still has. Its amount changes under the
// account's lock alone, so that the invoices can be locked first.
func (b *book) paymentLeft(ctx context.Context, id uuid.UUID) (credit, int32, error) {
	p, err := b.Payment(ctx, id)
	if err != nil {
		return credit{}, 0, err
	}
	if p.ClientID != b.client {
		return credit{}, 0, fault.New(fault.NotFound, "not found")
	}
	if p.ReversedAt != nil {
		return credit{}, 0, fault.New(billing.PaymentReversed, "the payment was reversed")
	}
	return credit{payment: &p.ID, currency: money.Currency(p.Currency), left: p.Amount.Sub(p.Applied), on: civil.Later(b.today, p.ReceivedOn), name: paymentName(p.Reference)}, p.Version, nil
}

func (b *book) applyNote(ctx context.Context, in flow.ApplyCredit) (any, error) {
	n, err := b.CreditNote(ctx, *in.CreditNoteID)
	if err != nil {
		return nil, err
	}
	if n.ClientID != b.client {
		return nil, fault.New(fault.NotFound, "not found")
	}
	if !n.VoidedOn.IsZero() {
		return nil, fault.New(billing.CreditVoid, "the credit note is void")
	}
	if err := b.fresh(n.Version); err != nil {
		return nil, err
	}
	source := credit{note: &n.ID, currency: money.Currency(n.Currency), left: n.Total.Sub(n.Applied), on: civil.Later(b.today, n.IssuedOn), name: n.Number}
	if err := b.spend(ctx, source, in.Applications); err != nil {
		return nil, err
	}
	if err := b.TouchCreditNote(ctx, n.ID); err != nil {
		return nil, err
	}
	if err := b.told(ctx, "credit_note", n.ID, "apply", n.Version+1, nil, ""); err != nil {
		return nil, err
	}
	return postgres.OneCreditNote(ctx, b.Queries, n.ID, true)
}

// reverse takes a payment back: what it was applied to is owed again.
func (b *book) reverse(ctx context.Context) (any, error) {
	var in flow.ReversePayment
	if err := b.body(&in); err != nil {
		return nil, err
	}
	source, version, err := b.paymentLeft(ctx, in.PaymentID)
	if err == nil {
		err = b.fresh(version)
	}
	if err != nil {
		return nil, err
	}
	if err := b.keeps(ctx, in.PaymentID, source.currency); err != nil {
		return nil, err
	}
	invoices, err := b.LockPaidInvoices(ctx, &in.PaymentID)
	if err != nil {
		return nil, err
	}
	if _, err := b.UndoApplications(ctx, b.today, &in.PaymentID); err != nil {
		return nil, err
	}
	now := b.store.Now()
	if err := b.ReversePayment(ctx, db.ReversePaymentParams{ID: in.PaymentID, ReversedAt: &now, ReversedOn: b.today, Reason: in.Reason}); err != nil {
		return nil, err
	}
	for _, id := range invoices {
		if err := b.settled(ctx, id, "unsettle", source.name+": "+in.Reason); err != nil {
			return nil, err
		}
	}
	if err := b.told(ctx, "payment", in.PaymentID, "reverse", version+1, nil, in.Reason); err != nil {
		return nil, err
	}
	return postgres.OnePayment(ctx, b.Queries, in.PaymentID)
}

// accountSnapshot is an account as its process and an operator see it.
func (a *Activities) accountSnapshot(ctx context.Context, q *db.Queries, id uuid.UUID) (flow.Snapshot, error) {
	r, err := q.Account(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return flow.None(), nil
	}
	if err != nil {
		return flow.Snapshot{}, err
	}
	snap := flow.Snapshot{Version: int(r.Version), Client: id.String()}
	switch {
	case r.OpenInvoices > 0:
		snap.State, snap.WaitingFor = "owes", "payment"
	case r.OpenCredits > 0:
		snap.State, snap.WaitingFor = "in_credit", "credit"
	default:
		snap.State, snap.WaitingFor, snap.Closed = "settled", "nobody", true
	}
	snap.Details = fmt.Sprintf("### Account of %s\n\n- **State:** %s\n- **Waits for:** %s\n%s- **Open invoices:** %d\n- **Payments and credit notes with something left:** %d\n",
		escape(r.ClientName), snap.State, waitWords[snap.WaitingFor], next(snap.WaitingFor), r.OpenInvoices, r.OpenCredits) + a.foundAt("clients", id.String()+"/statement")
	return snap, nil
}
