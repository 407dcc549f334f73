package activities

import (
	"context"

	"github.com/google/uuid"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// writeOff gives up what is owed on an invoice, all of it or an amount: it
// settles as a payment does. Rule: billing, "Payments".
func (a *Activities) writeOff(ctx context.Context, s *step, inv db.LockInvoiceRow) error {
	var in flow.WriteOff
	if err := s.body(&in); err != nil {
		return err
	}
	credit, err := s.CreditNotesLeft(ctx, inv.ID)
	if err != nil {
		return err
	}
	c := money.Currency(inv.Currency)
	balance := inv.Total.Sub(inv.Paid).Sub(inv.Credited)
	amount := balance
	if in.Amount != nil {
		amount = *in.Amount
	}
	if err := billing.WritableOff(inv.State, amount, balance, credit, c); err != nil {
		return err
	}
	on, err := s.settledOn(ctx, inv)
	if err != nil {
		return err
	}
	w := db.InsertWriteOffParams{ID: s.store.NewID(), InvoiceID: inv.ID, ClientID: inv.ClientID, Currency: inv.Currency, Amount: amount,
		WrittenOffOn: on, Reason: in.Reason, CreatedBy: &s.cmd.ActorID, CreatedAt: s.store.Now()}
	if err := s.InsertWriteOff(ctx, w); err != nil {
		return err
	}
	if err := s.ApplyWriteOff(ctx, s.store.NewID(), w.ID); err != nil {
		return err
	}
	said := c.Format(amount) + " " + inv.Currency
	return s.resettled(ctx, inv, map[string]postgres.Change{"written_off": {nil, said}}, in.Reason)
}

// reverseWriteOff takes a write-off back: it is owed again.
func (a *Activities) reverseWriteOff(ctx context.Context, s *step, inv db.LockInvoiceRow) error {
	var in flow.ReverseWriteOff
	if err := s.body(&in); err != nil {
		return err
	}
	w, err := s.LockWriteOff(ctx, in.WriteOffID, inv.ID)
	if err != nil {
		return postgres.Refusal(err)
	}
	if w.ReversedAt != nil {
		return fault.New(billing.WriteOffReversed, "the write-off was reversed")
	}
	today, err := firmToday(ctx, s.Queries, s.store)
	if err != nil {
		return err
	}
	on, now := civil.Later(today, w.WrittenOffOn), s.store.Now()
	if err := s.UndoWriteOff(ctx, on, &w.ID); err != nil {
		return err
	}
	if err := s.ReverseWriteOff(ctx, db.ReverseWriteOffParams{ID: w.ID, ReversedAt: &now, ReversedOn: on, Reason: in.Reason}); err != nil {
		return err
	}
	said := money.Currency(inv.Currency).Format(w.Amount) + " " + inv.Currency
	return s.resettled(ctx, inv, map[string]postgres.Change{"written_off": {said, nil}}, in.Reason)
}

// settledOn is the day from which something settles an invoice that is locked:
// today, but never before the invoice was there, nor while a payment that was
// reversed stood on it.
func (s *step) settledOn(ctx context.Context, inv db.LockInvoiceRow) (civil.Date, error) {
	on, err := firmToday(ctx, s.Queries, s.store)
	if err != nil {
		return on, err
	}
	rows, err := s.LockOpenInvoices(ctx, db.LockOpenInvoicesParams{ClientID: inv.ClientID, Chosen: true, Currency: inv.Currency, Ids: []uuid.UUID{inv.ID}})
	for _, r := range rows {
		on = civil.Later(on, civil.Later(r.IssuedOn, r.FreeOn))
	}
	return on, err
}

// balanceOf is what is owed on an invoice, with its currency.
func balanceOf(i db.InvoiceRow) string {
	return money.Currency(i.Currency).Format(i.Total.Sub(i.Paid).Sub(i.Credited)) + " " + i.Currency
}

// resettled notes what became of an invoice's balance, and tells the account.
func (s *step) resettled(ctx context.Context, inv db.LockInvoiceRow, changes map[string]postgres.Change, reason string) error {
	now, err := s.Invoice(ctx, inv.ID)
	if err != nil {
		return err
	}
	changes["balance"] = postgres.Change{nil, balanceOf(now)}
	if err := s.audit(ctx, now.Version, changes, reason); err != nil {
		return err
	}
	return s.InsertOutbox(ctx, string(flow.Account), inv.ClientID)
}
