package activities

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/document"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// Codes of why something cannot be sent.
const (
	NoEmail   fault.Code = postgres.NoEmail // the client has no e-mail address
	BeingSent fault.Code = "being_sent"     // a mail with it is on its way
	NotSent   fault.Code = "not_sent"       // only a completed invoice is sent
)

// sendInvoice sends a completed invoice on another occasion (S1.78).
func (a *Activities) sendInvoice(ctx context.Context, s *step, inv db.LockInvoiceRow) error {
	var in flow.SendInvoice
	if err := s.body(&in); err != nil {
		return err
	}
	if inv.State != "complete" {
		return fault.New(NotSent, "only a completed invoice is sent; this one is %s", inv.State)
	}
	if err := s.toSend(ctx, inv, in.By); err != nil {
		return err
	}
	if err := s.InvoiceChanged(ctx, inv.ID); err != nil {
		return err
	}
	return s.audit(ctx, inv.Version+1, map[string]postgres.Change{"sent_by": {nil, in.By}}, "")
}

// toSend notes that an invoice is to be mailed, which its process does once it
// has its PDF, or that it was printed and posted. The invoice is locked.
func (s *step) toSend(ctx context.Context, inv db.LockInvoiceRow, by string) error {
	now := s.store.Now()
	sending := db.InsertSendingParams{ID: s.store.NewID(), InvoiceID: inv.ID, By: by, AskedBy: &s.cmd.ActorID, AskedAt: now}
	var err error
	switch by {
	case "email":
		sending.ToAddress, sending.CC, err = s.addressee(ctx, inv.ClientID, inv.ID, "invoice", s.SendingUnderWay)
	case "paper":
		if sending.PrintedOn, err = firmToday(ctx, s.Queries, s.store); err == nil {
			err = s.MarkInvoiceSent(ctx, db.MarkInvoiceSentParams{ID: inv.ID, SentAt: &now, SentBy: by})
		}
	default:
		return nil
	}
	if err != nil {
		return err
	}
	_, err = s.InsertSending(ctx, sending)
	return err
}

// addressee is where an invoice or a credit note is mailed to, and who gets a
// copy, unless it is on its way already.
func (s *step) addressee(ctx context.Context, client, id uuid.UUID, what string, underWay func(context.Context, uuid.UUID) (bool, error)) (to string, cc []string, err error) {
	c, err := s.Client(ctx, client)
	if err != nil {
		return "", nil, err
	}
	if c.Email == "" {
		return "", nil, fault.New(NoEmail, "%s has no e-mail address; set it, or send the %s on paper", c.Name, what)
	}
	under, err := underWay(ctx, id)
	if err == nil && under {
		err = fault.New(BeingSent, "a mail with the %s is on its way", what)
	}
	return c.Email, c.BillingCC, err
}

// SendInvoice writes the mails of an invoice that is to be sent and of its credit
// notes that are, once for each occasion, in one transaction. Run again, it finds
// nothing left to write.
func (a *Activities) SendInvoice(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	var snap flow.Snapshot
	also, err := a.storeEInvoice(ctx, id)
	if err != nil {
		return snap, err
	}
	credits, err := a.storeCreditEInvoices(ctx, id)
	if err != nil {
		return snap, err
	}
	err = a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		inv, err := q.LockInvoice(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) { // Postgres was restored to an earlier moment
			snap, err = a.invoiceSnapshot(ctx, q, id)
			return err
		}
		if err != nil {
			return err
		}
		waiting, err := q.SendingsToMail(ctx, id)
		if err != nil {
			return err
		}
		if inv.State == "complete" && inv.PDFFileID != nil && len(waiting) > 0 {
			if err := a.mailInvoice(ctx, q, inv, waiting, also); err != nil {
				return err
			}
		}
		if err := a.mailCreditNotes(ctx, q, inv, credits); err != nil {
			return err
		}
		snap, err = a.invoiceSnapshot(ctx, q, id)
		return err
	})
	return snap, err
}

func (a *Activities) mailInvoice(ctx context.Context, q *db.Queries, inv db.LockInvoiceRow, waiting []db.SendingsToMailRow, also bool) error {
	c, err := q.Client(ctx, inv.ClientID)
	if err != nil {
		return err
	}
	firm, err := q.Provider(ctx)
	if err != nil {
		return err
	}
	l := a.invoiceLetter(inv, c, firm.Name)
	for _, s := range waiting {
		m := packed{key: fmt.Sprintf("invoice/%s/%d", inv.ID, s.Occasion), to: s.ToAddress, cc: s.CC, name: c.Name, letter: l, file: *inv.Number + ".pdf", fileKey: postgres.InvoiceKey(inv.ID)}
		if also {
			m.einvoice, m.einvoiceKey = *inv.Number+".xml", postgres.EInvoiceKey(inv.ID)
		}
		mailID, err := a.mailPacked(ctx, q, m)
		if err != nil {
			return err
		}
		if err := q.SendingHasMail(ctx, &mailID, s.ID); err != nil {
			return err
		}
	}
	return q.InvoiceChanged(ctx, inv.ID)
}

// invoiceLetter is the mail that an invoice goes with, in the client's words.
func (a *Activities) invoiceLetter(inv db.LockInvoiceRow, c db.Client, firm string) letter {
	w, cur := wordsFor(c.Language), money.Currency(inv.Currency)
	link := fmt.Sprintf("%s/api/v1/invoices/%s.pdf", a.link, inv.ID)
	return letter{
		subject: fmt.Sprintf(w.invoiceSubject, *inv.Number, firm),
		body: fmt.Sprintf(w.invoiceBody, line(c.Name), *inv.Number, document.Day(c.Language, inv.IssuedOn),
			document.Money(c.Language, inv.Total, cur), document.Day(c.Language, inv.DueOn), link, firm),
	}
}

// packed is a mail with a PDF, and with an e-invoice where it has one.
type packed struct {
	key, to, name         string
	cc                    []string // who gets a copy
	letter                letter
	file, fileKey         string
	einvoice, einvoiceKey string
}

// mailPacked writes a mail with its attachments, in the transaction of q.
func (a *Activities) mailPacked(ctx context.Context, q *db.Queries, m packed) (uuid.UUID, error) {
	id, err := a.post(ctx, q, m.key, m.name, m.to, m.letter, m.cc...)
	if err != nil {
		return id, err
	}
	err = q.InsertMailAttachment(ctx, db.InsertMailAttachmentParams{MailID: id, Position: 1, Name: m.file, ContentType: "application/pdf", FileKey: m.fileKey})
	if err == nil && m.einvoice != "" {
		err = q.InsertMailAttachment(ctx, db.InsertMailAttachmentParams{MailID: id, Position: 2, Name: m.einvoice, ContentType: einvoiceType, FileKey: m.einvoiceKey})
	}
	return id, err
}
