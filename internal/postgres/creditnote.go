package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/money"
	"steward/internal/postgres/db"
)

// CreditNote is what was taken back of an invoice, as staff sees it.
type CreditNote struct {
	ID            uuid.UUID        `json:"id"`
	Number        string           `json:"number" example:"CN-2026-00001"`
	InvoiceID     uuid.UUID        `json:"invoice_id"`
	InvoiceNumber string           `json:"invoice_number"`
	ClientID      uuid.UUID        `json:"client_id"`
	ClientName    string           `json:"client_name"`
	Currency      string           `json:"currency"`
	IssuedOn      civil.Date       `json:"issued_on" format:"date"`
	Reason        string           `json:"reason"`
	Lines         []CreditNoteLine `json:"lines,omitempty" doc:"In the answer for one credit note"`
	Subtotal      string           `json:"subtotal"`
	Tax           string           `json:"tax"`
	Total         string           `json:"total"`
	Unapplied     string           `json:"unapplied" doc:"Left over when the invoice's balance was taken off: the client's credit"`
	VoidedOn      civil.Date       `json:"voided_on,omitzero" format:"date" doc:"It counts no more since"`
	VoidReason    string           `json:"void_reason,omitempty"`
	HasPDF        bool             `json:"has_pdf"`
	SentAt        *time.Time       `json:"sent_at,omitempty" doc:"When it first reached the client: the mail server took it, or it was posted"`
	Sendings      []Sending        `json:"sendings,omitempty" doc:"In the answer for one credit note, for the staff"`
	CreatedAt     time.Time        `json:"created_at"`
	Version       int32            `json:"version"`
}

// CreditNoteLine is what was taken back of a line.
type CreditNoteLine struct {
	LineID      uuid.UUID   `json:"line_id" doc:"Of the invoice"`
	Kind        string      `json:"kind"`
	Description string      `json:"description"`
	Treatment   string      `json:"treatment" enum:"release,write_off"`
	Entries     []uuid.UUID `json:"entries,omitempty"`
	Minutes     *int64      `json:"minutes,omitempty"`
	Amount      string      `json:"amount"`
	TaxPercent  string      `json:"tax_percent"`
}

// OneCreditNote reads a credit note with its lines; which time entries each took
// back, and how it was sent, is for the staff.
func OneCreditNote(ctx context.Context, q *db.Queries, id uuid.UUID, staff bool) (CreditNote, error) {
	r, err := q.CreditNote(ctx, id)
	if err != nil {
		return CreditNote{}, Refusal(err)
	}
	n := CreditNoteOf(db.CreditNotesRow(r))
	lines, err := q.CreditLines(ctx, id)
	for _, l := range lines {
		n.Lines = append(n.Lines, CreditNoteLine{
			LineID: l.InvoiceLineID, Kind: l.Kind, Description: l.Description, Treatment: l.Treatment, Minutes: l.Minutes,
			Amount: money.Currency(r.Currency).Format(l.Amount), TaxPercent: l.TaxPercent.String(),
		})
	}
	if err != nil || !staff {
		return n, err
	}
	entries, err := q.CreditedEntries(ctx, &id)
	for i, l := range n.Lines {
		for _, e := range entries {
			if e.InvoiceLineID == l.LineID && e.Treatment == l.Treatment {
				n.Lines[i].Entries = append(n.Lines[i].Entries, e.EntryID)
			}
		}
	}
	if err != nil {
		return n, err
	}
	sendings, err := q.CreditSendings(ctx, id)
	for _, s := range sendings {
		n.Sendings = append(n.Sendings, sendingOf(db.SendingsRow(s)))
	}
	return n, err
}

// CreditNoteOf is a row of a list.
func CreditNoteOf(r db.CreditNotesRow) CreditNote {
	c, left := money.Currency(r.Currency), r.Total.Sub(r.Applied)
	if !r.VoidedOn.IsZero() {
		left = decimal.Zero
	}
	return CreditNote{
		ID: r.ID, Number: r.Number, InvoiceID: r.InvoiceID, InvoiceNumber: *r.InvoiceNumber, ClientID: r.ClientID, ClientName: r.ClientName,
		Currency: r.Currency, IssuedOn: r.IssuedOn, Reason: r.Reason, Subtotal: c.Format(r.Subtotal), Tax: c.Format(r.Tax), Total: c.Format(r.Total),
		Unapplied: c.Format(left), VoidedOn: r.VoidedOn, VoidReason: r.VoidReason, HasPDF: r.PDFFileID != nil, SentAt: r.SentAt, CreatedAt: r.CreatedAt, Version: r.Version,
	}
}

// CreditNoteKey is where a credit note's PDF is in the file store.
func CreditNoteKey(id uuid.UUID) string { return "credit-notes/" + id.String() + ".pdf" }

// CreditEInvoiceKey is where a credit note's e-invoice is that went with a mail.
func CreditEInvoiceKey(id uuid.UUID) string { return "credit-notes/" + id.String() + ".xml" }

// Credited names a credit note of an invoice.
type Credited struct {
	ID       uuid.UUID  `json:"id"`
	Number   string     `json:"number"`
	IssuedOn civil.Date `json:"issued_on" format:"date"`
	Total    string     `json:"total"`
	VoidedOn civil.Date `json:"voided_on,omitzero" format:"date"`
}

// creditedOf are the credit notes of an invoice.
func creditedOf(ctx context.Context, q *db.Queries, invoice uuid.UUID, c money.Currency) ([]Credited, error) {
	rows, err := q.CreditNoteNames(ctx, invoice)
	var all []Credited
	for _, r := range rows {
		all = append(all, Credited{r.ID, r.Number, r.IssuedOn, c.Format(r.Total), r.VoidedOn})
	}
	return all, err
}
