package activities

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// voidCreditNote makes a credit note void, as an invoice is: its number and its
// lines stay, what it took off is owed again, and what it released is on the
// invoice's lines again, in one transaction. Rule: billing, "Void and credit"; N.04.
func (a *Activities) voidCreditNote(ctx context.Context, s *step) (outcome, error) {
	var in flow.VoidCreditNote
	if err := s.body(&in); err != nil {
		return outcome{}, err
	}
	inv, err := s.invoiceInOrder(ctx)
	if err != nil {
		return outcome{}, err
	}
	n, err := s.LockCreditNote(ctx, in.CreditNoteID, inv.ID)
	if err != nil {
		return outcome{}, postgres.Refusal(err)
	}
	if err := s.fresh(n.Version); err != nil {
		return outcome{}, err
	}
	if err := mayBill(ctx, s.Queries, s.actor, inv.ID); err != nil {
		return outcome{}, err
	}
	today, err := firmToday(ctx, s.Queries, s.store)
	if err != nil {
		return outcome{}, err
	}
	v := voiding{step: s, inv: inv, note: n, currency: money.Currency(inv.Currency)}
	if err := v.run(ctx, today, in.Reason); err != nil {
		return outcome{}, err
	}
	view, err := postgres.OneCreditNote(ctx, s.Queries, n.ID, true)
	if err != nil {
		return outcome{}, err
	}
	snap, err := a.invoiceSnapshot(ctx, s.Queries, inv.ID)
	return outcome{answer: view, snap: snap}, err
}

// voiding is a credit note that is made void. Its invoice's projects, the
// account, the invoice and the credit note are locked.
type voiding struct {
	*step
	inv      db.LockInvoiceRow
	note     db.LockCreditNoteRow
	currency money.Currency
}

func (v *voiding) run(ctx context.Context, today civil.Date, reason string) error {
	if err := v.allowed(ctx); err != nil {
		return err
	}
	if err := v.UndoCredit(ctx, today, &v.note.ID); err != nil {
		return err
	}
	err := v.VoidCreditNote(ctx, db.VoidCreditNoteParams{ID: v.note.ID, VoidedAt: ptr(v.store.Now()), VoidedOn: today, Reason: reason})
	if err != nil {
		return err
	}
	if err := v.putBack(ctx); err != nil {
		return err
	}
	return v.told(ctx, reason)
}

// allowed asks the rule with where the credit note went, and what came after it.
func (v *voiding) allowed(ctx context.Context) error {
	uses, err := v.CreditNoteUses(ctx, &v.note.ID, &v.inv.ID)
	if err != nil {
		return err
	}
	later, err := v.LaterCreditNote(ctx, v.inv.ID, v.note.ID)
	if err != nil {
		return err
	}
	var went []string
	for _, u := range uses {
		to := u.Number
		if u.RefundID != nil {
			to = fmt.Sprintf("the refund %s", *u.RefundID)
		}
		went = append(went, v.currency.Format(u.Amount)+" to "+to)
	}
	return billing.CreditVoidable(v.note.VoidedAt != nil, strings.Join(went, ", "), later)
}

// putBack puts time and items that were released on the lines that they were
// on, where they are as they were then, and forgets what was written off.
func (v *voiding) putBack(ctx context.Context) error {
	released, err := v.LockReleased(ctx, &v.note.ID)
	if err != nil {
		return err
	}
	for _, e := range released {
		if err := billing.PutBack(e.WorkDate, e.Billed, e.Number, e.Same); err != nil {
			return err
		}
	}
	if err := v.PutBackTime(ctx, &v.note.ID); err != nil {
		return err
	}
	if err := v.KeepCorrections(ctx, v.note.ID); err != nil {
		return err
	}
	if err := v.DropCorrections(ctx, v.note.ID); err != nil {
		return err
	}
	return v.putBackItems(ctx)
}

// putBackItems does so with milestones, expenses and prepaid hours.
func (v *voiding) putBackItems(ctx context.Context) error {
	want, err := v.ItemsReleased(ctx, v.note.ID)
	if err != nil || want == 0 {
		return err
	}
	if err := v.LockPrepaidReleased(ctx, v.note.ID); err != nil {
		return err
	}
	var got int64
	for _, put := range []func(context.Context, uuid.UUID) (int64, error){v.PutBackMilestones, v.PutBackExpenses, v.PutBackPrepaid} {
		n, err := put(ctx, v.note.ID)
		if err != nil {
			return err
		}
		got += n
	}
	if got != want {
		return billing.ItemsGone()
	}
	return nil
}

// told notes it on the credit note and on the invoice, and tells the account.
func (v *voiding) told(ctx context.Context, reason string) error {
	if err := v.InvoiceChanged(ctx, v.inv.ID); err != nil {
		return err
	}
	err := v.store.Audit(ctx, v.Queries, postgres.Event{
		Actor: &v.cmd.ActorID, Kind: "credit_note", ID: v.note.ID, Verb: "void", Version: v.note.Version + 1, Note: reason, Source: v.cmd.Source,
	})
	if err != nil {
		return err
	}
	return v.resettled(ctx, v.inv, map[string]postgres.Change{"credit_note": {v.note.Number, nil}}, reason)
}
