package activities

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// refund gives credit back (N.05).
func (b *book) refund(ctx context.Context) (any, error) {
	var in flow.RefundCredit
	if err := b.body(&in); err != nil {
		return nil, err
	}
	c, err := b.currency(ctx, in.Currency)
	if err == nil {
		err = billing.Received("amount", in.Amount, c)
	}
	if in.RefundedOn.IsZero() {
		in.RefundedOn = b.today
	}
	if err == nil {
		err = b.past("refunded_on", in.RefundedOn)
	}
	if err != nil {
		return nil, err
	}
	credits, err := b.credits(ctx, c)
	if err != nil {
		return nil, err
	}
	parts, err := billing.Take(in.Amount, credits, c)
	if err != nil {
		return nil, err
	}
	r := db.InsertRefundParams{ID: b.store.NewID(), ClientID: b.client, Currency: string(c), Amount: in.Amount, RefundedOn: in.RefundedOn,
		Method: in.Method, Reference: in.Reference, Note: in.Note, CreatedBy: &b.cmd.ActorID, CreatedAt: b.store.Now()}
	if err := b.InsertRefund(ctx, r); err != nil {
		return nil, err
	}
	for _, p := range parts {
		if p.Free.After(in.RefundedOn) {
			return nil, fault.Wrong("refunded_on", "some of the credit came after %s, on %s", in.RefundedOn, p.Free)
		}
		row := db.InsertApplicationParams{ID: b.store.NewID(), ClientID: b.client, Currency: string(c), RefundID: &r.ID, Amount: p.Amount, AppliedOn: in.RefundedOn}
		if row.PaymentID = &p.ID; p.Note {
			row.PaymentID, row.CreditNoteID = nil, &p.ID
		}
		if err := b.InsertApplication(ctx, row); err != nil {
			return nil, err
		}
	}
	changes := map[string]postgres.Change{"amount": {nil, c.Format(in.Amount) + " " + string(c)}}
	if err := b.told(ctx, "refund", r.ID, "refund", 1, changes, in.Note); err != nil {
		return nil, err
	}
	return postgres.OneRefund(ctx, b.Queries, r.ID)
}

// credits locks all that the client has left over in a currency.
func (b *book) credits(ctx context.Context, c money.Currency) ([]billing.Credit, error) {
	payments, err := b.LockCredits(ctx, b.client, string(c))
	if err != nil {
		return nil, err
	}
	notes, err := b.LockNoteCredits(ctx, b.client, string(c))
	var all []billing.Credit
	for _, p := range payments {
		all = append(all, billing.Credit{ID: p.ID, On: p.OnDay, Free: p.FreeOn, Left: p.Rest})
	}
	for _, n := range notes {
		all = append(all, billing.Credit{ID: n.ID, Note: true, On: n.OnDay, Free: n.FreeOn, Left: n.Rest})
	}
	return all, err
}

// reverseRefund takes a refund back: what it gave back is the client's credit
// again, left over where it was taken of (N.05).
func (b *book) reverseRefund(ctx context.Context) (any, error) {
	var in flow.ReverseRefund
	if err := b.body(&in); err != nil {
		return nil, err
	}
	r, err := b.LockRefund(ctx, in.RefundID)
	if err != nil {
		return nil, postgres.Refusal(err)
	}
	if r.ClientID != b.client {
		return nil, fault.New(fault.NotFound, "not found")
	}
	if r.ReversedAt != nil {
		return nil, fault.New(billing.RefundReversed, "the refund was reversed")
	}
	if err := b.fresh(r.Version); err != nil {
		return nil, err
	}
	if err := b.LockRefundedPayments(ctx, &r.ID); err != nil {
		return nil, err
	}
	if err := b.LockRefundedNotes(ctx, &r.ID); err != nil {
		return nil, err
	}
	on, now := civil.Later(b.today, r.RefundedOn), b.store.Now()
	if err := b.UndoRefund(ctx, on, &r.ID); err != nil {
		return nil, err
	}
	if err := b.ReverseRefund(ctx, db.ReverseRefundParams{ID: r.ID, ReversedAt: &now, ReversedOn: on, Reason: in.Reason}); err != nil {
		return nil, err
	}
	c := money.Currency(r.Currency)
	changes := map[string]postgres.Change{"amount": {c.Format(r.Amount) + " " + r.Currency, nil}}
	if err := b.told(ctx, "refund", r.ID, "reverse", r.Version+1, changes, in.Reason); err != nil {
		return nil, err
	}
	return postgres.OneRefund(ctx, b.Queries, r.ID)
}

// keeps refuses a payment of which something was given back, and names the
// refunds that are to be reversed first.
func (b *book) keeps(ctx context.Context, payment uuid.UUID, c money.Currency) error {
	refunds, err := b.PaymentRefunds(ctx, &payment)
	if err != nil || len(refunds) == 0 {
		return err
	}
	var named []string
	for _, r := range refunds {
		named = append(named, fmt.Sprintf("%s of it on %s (refund %s)", c.Format(r.Amount), r.RefundedOn, r.ID))
	}
	return fault.New(billing.PaymentRefunded, "the client was given back %s; reverse that first", strings.Join(named, ", "))
}
