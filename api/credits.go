package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) creditRoutes() {
	write[postgres.Invoice](s, acts(op(http.MethodPost, "/invoices/{id}/void", "void-invoice", "Make an invoice void; its time is billable again, its number stays", http.StatusOK)), s.voidInvoice)
	write[postgres.Invoice](s, acts(op(http.MethodPost, "/invoices/{id}/credit", "credit-invoice", "Take back a part of an invoice with a credit note", http.StatusOK)), s.creditInvoice)
	write[postgres.Invoice](s, acts(op(http.MethodPost, "/invoices/{id}/write-off", "write-off-invoice", "Write off what is owed on an invoice and will not be paid", http.StatusOK)), s.writeOffInvoice)
	write[postgres.Invoice](s, acts(op(http.MethodPost, "/invoices/{id}/write-offs/{write_off}/reverse", "reverse-write-off", "Take a write-off back; it is owed again", http.StatusOK)), s.reverseWriteOff)
	read(s, op(http.MethodGet, "/credit-notes", "list-credit-notes", "List credit notes, the oldest first", http.StatusOK), s.listCreditNotes)
	read(s, op(http.MethodGet, "/credit-notes/{id}", "get-credit-note", "One credit note with its lines", http.StatusOK), s.getCreditNote)
	read(s, answersPDF(op(http.MethodGet, "/credit-notes/{id}/pdf", "get-credit-note-pdf", "A credit note's PDF; /credit-notes/{id}.pdf is the same", http.StatusOK)), s.creditNotePDF)
	write[postgres.CreditNote](s, acts(op(http.MethodPost, "/credit-notes/{id}/apply", "apply-credit-note", "Apply what is left of a credit note to invoices", http.StatusOK)), s.applyCreditNote)
	write[postgres.CreditNote](s, acts(op(http.MethodPost, "/credit-notes/{id}/send", "send-credit-note", "Send a credit note by e-mail, or note that it was printed and posted", http.StatusOK)), s.sendCreditNote)
	write[postgres.CreditNote](s, acts(op(http.MethodPost, "/credit-notes/{id}/void", "void-credit-note", "Make a credit note void; what it took back is owed again", http.StatusOK)), s.voidCreditNote)
}

func (s *Server) voidInvoice(ctx context.Context, in *oneInput[flow.VoidInvoice]) (*Done, error) {
	return s.onInvoice(ctx, in.WriteHeaders, in.ID, "void", in.Body)
}

func (s *Server) creditInvoice(ctx context.Context, in *oneInput[flow.CreditInvoice]) (*Done, error) {
	return s.onInvoice(ctx, in.WriteHeaders, in.ID, "credit", in.Body)
}

func (s *Server) writeOffInvoice(ctx context.Context, in *oneInput[flow.WriteOff]) (*Done, error) {
	return s.onInvoice(ctx, in.WriteHeaders, in.ID, "write-off", in.Body)
}

type reverseWriteOffInput struct {
	ByID
	WriteOff uuid.UUID `path:"write_off"`
	WriteHeaders
	Body flow.ReverseWriteOff
}

func (s *Server) reverseWriteOff(ctx context.Context, in *reverseWriteOffInput) (*Done, error) {
	return s.onInvoice(ctx, in.WriteHeaders, in.ID, "reverse-write-off", flow.ReverseWriteOff{WriteOffID: in.WriteOff, Reason: in.Body.Reason})
}

type listCreditNotesInput struct {
	PageInput
	Client  string `query:"client"`
	Invoice string `query:"invoice"`
	Number  string `query:"number"`
}

func (s *Server) listCreditNotes(ctx context.Context, in *listCreditNotesInput) (*PageOutput[postgres.CreditNote], error) {
	if err := seeAccount(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	q := db.CreditNotesParams{After: c.ID, Page: in.Limit + 1, Number: optionalText(in.Number)}
	if q.ClientID, err = optionalID("client", in.Client); err != nil {
		return nil, err
	}
	if q.InvoiceID, err = optionalID("invoice", in.Invoice); err != nil {
		return nil, err
	}
	var rows []db.CreditNotesRow
	err = s.reading(ctx, func(d *db.Queries) (err error) {
		rows, err = d.CreditNotes(ctx, q)
		return err
	})
	return page(in.PageInput, rows, func(r db.CreditNotesRow) cursor { return cursor{ID: r.ID} }, postgres.CreditNoteOf), err
}

func (s *Server) getCreditNote(ctx context.Context, in *ByID) (*One[postgres.CreditNote], error) {
	n, err := s.creditNote(ctx, in.ID)
	return one(n, n.Version), err
}

// seeAccount asks the staff for the right to see money. Of whoever is outside the
// database asks it: the client's manager sees its account and what was taken back
// of its invoices (S1.05).
func seeAccount(ctx context.Context) error {
	if outside(ctx) {
		return nil
	}
	return seeMoney(ctx)
}

// seeCreditNote is a credit note without its lines, for who may see it.
func (s *Server) seeCreditNote(ctx context.Context, id uuid.UUID) (n db.CreditNoteRow, err error) {
	if err := seeAccount(ctx); err != nil {
		return n, err
	}
	err = s.reading(ctx, func(q *db.Queries) error {
		n, err = q.CreditNote(ctx, id)
		return err
	})
	return n, err
}

func (s *Server) creditNote(ctx context.Context, id uuid.UUID) (n postgres.CreditNote, err error) {
	if err := seeAccount(ctx); err != nil {
		return n, err
	}
	err = s.reading(ctx, func(q *db.Queries) error {
		n, err = postgres.OneCreditNote(ctx, q, id, !outside(ctx))
		return err
	})
	return n, err
}

func (s *Server) creditNotePDF(ctx context.Context, in *ByID) (*huma.StreamResponse, error) {
	var number string
	err := rendered(ctx, func() (bool, error) {
		n, err := s.seeCreditNote(ctx, in.ID)
		number = n.Number
		return n.PDFFileID != nil, err
	})
	if err != nil {
		return nil, err
	}
	return s.storedPDF(ctx, postgres.CreditNoteKey(in.ID), number)
}

// sendCreditNote goes through the process of the invoice, which mails it.
func (s *Server) sendCreditNote(ctx context.Context, in *oneInput[flow.SendCreditNote]) (*Done, error) {
	return s.onCreditNote(ctx, in.WriteHeaders, in.ID, "send-credit-note", flow.SendCreditNote{CreditNoteID: in.ID, By: in.Body.By})
}

func (s *Server) voidCreditNote(ctx context.Context, in *oneInput[flow.VoidCreditNote]) (*Done, error) {
	return s.onCreditNote(ctx, in.WriteHeaders, in.ID, "void-credit-note", flow.VoidCreditNote{CreditNoteID: in.ID, Reason: in.Body.Reason})
}

// onCreditNote is a verb on a credit note, carried out by the process of its invoice.
func (s *Server) onCreditNote(ctx context.Context, h WriteHeaders, id uuid.UUID, verb string, body any) (*Done, error) {
	if err := seeMoney(ctx); err != nil {
		return nil, s.refuse(err)
	}
	n, err := s.store.CreditNote(ctx, id)
	if err != nil {
		return nil, s.refuse(err)
	}
	r, err := s.newRequest(ctx, h, flow.Invoice, n.InvoiceID, verb, body)
	if err != nil {
		return nil, s.refuse(err)
	}
	r.name = "Invoice for " + n.ClientName
	return s.do(ctx, r, http.StatusOK)
}

func (s *Server) applyCreditNote(ctx context.Context, in *verbInput[flow.ApplyCredit]) (*Done, error) {
	if err := seeMoney(ctx); err != nil {
		return nil, s.refuse(err)
	}
	n, err := s.store.CreditNote(ctx, in.ID)
	if err != nil {
		return nil, s.refuse(err)
	}
	body := flow.ApplyCredit{CreditNoteID: &in.ID, Applications: in.said().Applications}
	r, err := s.onAccount(ctx, in.WriteHeaders, n.ClientID, "apply", body)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.do(ctx, r, http.StatusOK)
}
