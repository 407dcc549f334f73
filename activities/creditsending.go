package activities

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"steward/internal/document"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// sendCreditNote sends a credit note on another occasion (N.04, S1.78). The
// process of its invoice mails it, and the invoice is locked.
func (a *Activities) sendCreditNote(ctx context.Context, s *step) (outcome, error) {
	var in flow.SendCreditNote
	if err := s.body(&in); err != nil {
		return outcome{}, err
	}
	inv, err := s.LockInvoice(ctx, s.cmd.EntityID)
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
	if n.VoidedAt != nil {
		return outcome{}, fault.New(NotSent, "a void credit note is not sent")
	}
	if err := s.creditToSend(ctx, inv, n.ID, in.By); err != nil {
		return outcome{}, err
	}
	err = s.store.Audit(ctx, s.Queries, postgres.Event{
		Actor: &s.cmd.ActorID, Kind: "credit_note", ID: n.ID, Verb: "send", Version: n.Version + 1, Source: s.cmd.Source,
		Changes: map[string]postgres.Change{"sent_by": {nil, in.By}},
	})
	if err != nil {
		return outcome{}, err
	}
	view, err := postgres.OneCreditNote(ctx, s.Queries, n.ID, true)
	if err != nil {
		return outcome{}, err
	}
	snap, err := a.invoiceSnapshot(ctx, s.Queries, inv.ID)
	return outcome{answer: view, snap: snap}, err
}

// creditToSend notes that a credit note is to be mailed, which the process of its
// invoice does once it has its PDF, or that it was printed and posted. The
// invoice is locked; its version tells its process that there is something to do.
func (s *step) creditToSend(ctx context.Context, inv db.LockInvoiceRow, note uuid.UUID, by string) error {
	now := s.store.Now()
	sending := db.InsertCreditSendingParams{ID: s.store.NewID(), CreditNoteID: note, By: by, AskedBy: &s.cmd.ActorID, AskedAt: now}
	var err error
	switch by {
	case "email":
		sending.ToAddress, sending.CC, err = s.addressee(ctx, inv.ClientID, note, "credit note", s.CreditSendingUnderWay)
	case "paper":
		if sending.PrintedOn, err = firmToday(ctx, s.Queries, s.store); err == nil {
			err = s.MarkCreditNoteSent(ctx, &now, note)
		}
	default:
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.InsertCreditSending(ctx, sending); err != nil {
		return err
	}
	if err := s.TouchCreditNote(ctx, note); err != nil {
		return err
	}
	return s.InvoiceChanged(ctx, inv.ID)
}

// storeCreditEInvoices stores what goes with the PDFs of an invoice's credit
// notes that are to be mailed, as [Activities.storeEInvoice] does: by credit
// note, whether one goes.
func (a *Activities) storeCreditEInvoices(ctx context.Context, invoice uuid.UUID) (map[uuid.UUID]bool, error) {
	waiting, err := a.store.CreditSendingsToMail(ctx, invoice)
	also := map[uuid.UUID]bool{}
	for _, s := range waiting {
		if err == nil {
			also[s.CreditNoteID], err = a.storeUBL(ctx, postgres.CreditEInvoiceKey(s.CreditNoteID), s.Number, s.Snapshot)
		}
	}
	return also, err
}

// mailCreditNotes writes the mails of an invoice's credit notes that are to be
// sent, once for each occasion. One that was asked for since their e-invoices
// were stored is left for the next step of the process. The keys of the mails
// begin with the process's id, so that they are held with the invoice's own
// where Postgres was restored to a moment before them.
func (a *Activities) mailCreditNotes(ctx context.Context, q *db.Queries, inv db.LockInvoiceRow, also map[uuid.UUID]bool) error {
	waiting, err := q.CreditSendingsToMail(ctx, inv.ID)
	if err != nil || len(waiting) == 0 {
		return err
	}
	c, err := q.Client(ctx, inv.ClientID)
	if err != nil {
		return err
	}
	firm, err := q.Provider(ctx)
	if err != nil {
		return err
	}
	for _, s := range waiting {
		xml, stored := also[s.CreditNoteID]
		if !stored {
			continue
		}
		m := packed{
			key: fmt.Sprintf("%s/credit-note/%s/%d", flow.ID(flow.Invoice, inv.ID), s.CreditNoteID, s.Occasion), to: s.ToAddress, cc: s.CC, name: c.Name,
			letter: a.creditLetter(inv, s, c, firm.Name), file: s.Number + ".pdf", fileKey: postgres.CreditNoteKey(s.CreditNoteID),
		}
		if xml {
			m.einvoice, m.einvoiceKey = s.Number+".xml", postgres.CreditEInvoiceKey(s.CreditNoteID)
		}
		mailID, err := a.mailPacked(ctx, q, m)
		if err == nil {
			err = q.CreditSendingHasMail(ctx, &mailID, s.ID)
		}
		if err == nil {
			err = q.TouchCreditNote(ctx, s.CreditNoteID)
		}
		if err != nil {
			return err
		}
	}
	return q.InvoiceChanged(ctx, inv.ID)
}

// creditLetter is the mail that a credit note goes with, in the client's words.
func (a *Activities) creditLetter(inv db.LockInvoiceRow, s db.CreditSendingsToMailRow, c db.Client, firm string) letter {
	w, cur := wordsFor(c.Language), money.Currency(inv.Currency)
	link := fmt.Sprintf("%s/api/v1/credit-notes/%s.pdf", a.link, s.CreditNoteID)
	return letter{
		subject: fmt.Sprintf(w.creditSubject, s.Number, firm),
		body: fmt.Sprintf(w.creditBody, line(c.Name), s.Number, document.Day(c.Language, s.IssuedOn), document.Money(c.Language, s.Total, cur),
			*inv.Number, link, firm),
	}
}
