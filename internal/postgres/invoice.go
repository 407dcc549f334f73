package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/money"
	"steward/internal/postgres/db"
)

// Invoice is an invoice as staff sees it. Amounts are text with the currency's
// decimals.
type Invoice struct {
	ID          uuid.UUID     `json:"id"`
	Number      *string       `json:"number" doc:"Null while it is a draft" example:"INV-2026-00042"`
	State       string        `json:"state" enum:"draft,complete,sent,partly_paid,paid,void"`
	PastDue     bool          `json:"past_due"`
	ClientID    uuid.UUID     `json:"client_id"`
	ClientName  string        `json:"client_name"`
	ProjectIDs  []uuid.UUID   `json:"project_ids"`
	Codes       []string      `json:"project_codes" doc:"Of each of project_ids, in their order"`
	Currency    string        `json:"currency"`
	Through     civil.Date    `json:"through" format:"date" doc:"The last work date that was collected"`
	IssuedOn    civil.Date    `json:"issued_on" format:"date" nullable:"true"`
	DueOn       civil.Date    `json:"due_on" format:"date" nullable:"true"`
	Lines       []InvoiceLine `json:"lines,omitzero" doc:"In the answer for one invoice"`
	Subtotal    string        `json:"subtotal"`
	Tax         string        `json:"tax"`
	Total       string        `json:"total"`
	Paid        string        `json:"paid"`
	Credited    string        `json:"credited" doc:"By credit notes"`
	WrittenOff  string        `json:"written_off" doc:"Given up: it is owed no more"`
	Balance     string        `json:"balance"`
	Rerated     []Rerated     `json:"rerated,omitempty" doc:"In the answer to collect: time that has another rate than before, the first 200"`
	CreditNotes []Credited    `json:"credit_notes,omitempty" doc:"In the answer for one invoice"`
	WriteOffs   []WrittenOff  `json:"write_offs,omitempty" doc:"In the answer for one invoice, for the staff; also what was reversed"`
	SentAt      *time.Time    `json:"sent_at,omitempty" doc:"When it first reached the client: the mail server took it, or it was posted"`
	Sendings    []Sending     `json:"sendings,omitempty" doc:"In the answer for one invoice"`
	VoidedOn    civil.Date    `json:"voided_on,omitzero" format:"date"`
	VoidReason  string        `json:"void_reason,omitempty"`
	HasPDF      bool          `json:"has_pdf" doc:"Whether the PDF of the completed invoice is made; a draft's is rendered when it is asked for"`
	RunID       *uuid.UUID    `json:"billing_run_id,omitempty"`
	CreatedAt   time.Time     `json:"created_at"`
	CompletedAt *time.Time    `json:"completed_at"`
	Version     int32         `json:"version"`
}

// InvoiceLine is a line of an invoice.
type InvoiceLine struct {
	ID          uuid.UUID  `json:"id"`
	Kind        string     `json:"kind" enum:"time,expense,fixed,charge,discount"`
	ProjectID   *uuid.UUID `json:"project_id,omitempty"`
	TaskID      *uuid.UUID `json:"task_id,omitempty"`
	UserID      *uuid.UUID `json:"user_id,omitempty"`
	Who         string     `json:"who,omitempty" doc:"Who did the work, by name"`
	Description string     `json:"description"`
	Minutes     *int64     `json:"minutes" doc:"Null: the line is not of time"`
	Quantity    string     `json:"quantity" doc:"As printed, exactly: hours like 7.25 or 7:16, or a number of pieces"`
	UnitPrice   string     `json:"unit_price"`
	Amount      string     `json:"amount"`
	TaxPercent  string     `json:"tax_percent"`
	RateSource  *string    `json:"rate_source,omitempty" enum:"entry,project_person,work_statement,person_default,no_charge"`
	Late        bool       `json:"late,omitempty" doc:"Worked in a period that was billed before"`
	FirstDate   civil.Date `json:"first_date,omitzero" format:"date"`
	LastDate    civil.Date `json:"last_date,omitzero" format:"date"`
}

// OneInvoice reads an invoice with its lines, as it stands at an instant.
func OneInvoice(ctx context.Context, q *db.Queries, id uuid.UUID, now time.Time) (Invoice, error) {
	r, err := q.Invoice(ctx, id)
	if err != nil {
		return Invoice{}, Refusal(err)
	}
	inv := InvoiceOf(db.InvoicesRow(r), now)
	lines, err := q.InvoiceLines(ctx, id)
	inv.Lines = make([]InvoiceLine, len(lines))
	for i, l := range lines {
		inv.Lines[i] = lineOf(l, money.Currency(r.Currency))
	}
	if err != nil || r.Number == nil {
		return inv, err
	}
	if inv.CreditNotes, err = creditedOf(ctx, q, id, money.Currency(r.Currency)); err != nil {
		return inv, err
	}
	if inv.WriteOffs, err = writeOffsOf(ctx, q, id, money.Currency(r.Currency)); err != nil {
		return inv, err
	}
	inv.Sendings, err = sendingsOf(ctx, q, id)
	return inv, err
}

// InvoiceOf is a row of a list as staff sees it at an instant.
func InvoiceOf(r db.InvoicesRow, now time.Time) Invoice {
	c := money.Currency(r.Currency)
	balance := r.Total.Sub(r.Paid).Sub(r.Credited)
	if r.State == "void" {
		balance = decimal.Zero // nothing is owed on it
	}
	return Invoice{
		ID: r.ID, Number: r.Number, State: shownState(r), PastDue: r.State == "complete" && billing.PastDue(balance, r.DueOn, today(now, r.TimeZone)),
		ClientID: r.ClientID, ClientName: r.ClientName, ProjectIDs: r.ProjectIds, Codes: r.ProjectCodes, Currency: r.Currency, Through: r.Through,
		IssuedOn: r.IssuedOn, DueOn: r.DueOn, Subtotal: c.Format(r.Subtotal), Tax: c.Format(r.Tax), Total: c.Format(r.Total),
		Paid: c.Format(r.Paid), Credited: c.Format(r.Credited.Sub(r.WrittenOff)), WrittenOff: c.Format(r.WrittenOff), Balance: c.Format(balance), SentAt: r.SentAt, VoidedOn: r.VoidedOn, VoidReason: r.VoidReason, HasPDF: r.PDFFileID != nil, RunID: r.BillingRunID,
		CreatedAt: r.CreatedAt, CompletedAt: r.CompletedAt, Version: r.Version,
	}
}

// shownState adds to the stored state what follows from sending and payments.
// What credit notes settled in full counts as paid, and what comes to nothing:
// nothing is owed on it.
func shownState(r db.InvoicesRow) string {
	switch {
	case r.State != "complete":
		return r.State
	case r.Paid.Add(r.Credited).GreaterThanOrEqual(r.Total):
		return "paid"
	case r.Paid.Sign() > 0:
		return "partly_paid"
	case r.SentAt != nil:
		return "sent"
	}
	return r.State
}

// WrittenOff is what was given up of an invoice.
type WrittenOff struct {
	ID             uuid.UUID  `json:"id"`
	Amount         string     `json:"amount"`
	WrittenOffOn   civil.Date `json:"written_off_on" format:"date"`
	Reason         string     `json:"reason"`
	ReversedOn     civil.Date `json:"reversed_on,omitzero" format:"date"`
	ReversalReason string     `json:"reversal_reason,omitempty"`
}

func writeOffsOf(ctx context.Context, q *db.Queries, invoice uuid.UUID, c money.Currency) ([]WrittenOff, error) {
	rows, err := q.WriteOffs(ctx, invoice)
	var all []WrittenOff
	for _, r := range rows {
		all = append(all, WrittenOff{r.ID, c.Format(r.Amount), r.WrittenOffOn, r.Reason, r.ReversedOn, r.ReversalReason})
	}
	return all, err
}

// Todays is what day it is where clients are, zone by zone, at an instant: for
// lists that ask what is past due.
func Todays(ctx context.Context, q *db.Queries, now time.Time) (zones []string, days []civil.Date, err error) {
	zones, err = q.ClientZones(ctx)
	for _, z := range zones {
		days = append(days, today(now, z))
	}
	return zones, days, err
}

// today is the civil date of an instant in a named zone; UTC for an unknown one.
func today(now time.Time, zone string) civil.Date { return civil.In(now, Zone(zone)) }

func lineOf(l db.InvoiceLinesRow, c money.Currency) InvoiceLine {
	return InvoiceLine{
		ID: l.ID, Kind: l.Kind, ProjectID: l.ProjectID, TaskID: l.TaskID, UserID: l.PersonID, Who: l.Who, Description: l.Description,
		Minutes: l.Minutes, Quantity: PrintedQuantity(l.Minutes, l.Quantity), UnitPrice: PrintedPrice(l.UnitPrice, c),
		Amount: c.Format(l.Amount), TaxPercent: l.TaxPercent.String(), RateSource: l.RateSource, Late: l.Late,
		FirstDate: l.FirstDate, LastDate: l.LastDate,
	}
}

// PrintedQuantity is exact: hours for time, else the number itself.
func PrintedQuantity(minutes *int64, quantity decimal.Decimal) string {
	if minutes != nil {
		return money.Hours(*minutes)
	}
	return quantity.String()
}

// PrintedPrice has the currency's decimals, or as many more as the price has.
func PrintedPrice(p decimal.Decimal, c money.Currency) string {
	if c.Fits(p) {
		return c.Format(p)
	}
	return p.String()
}

// LineSource is a line with what its amount was made of.
type LineSource struct {
	ID         uuid.UUID `json:"id"`
	Kind       string    `json:"kind"`
	Minutes    *int64    `json:"minutes" doc:"Null: the line is not of time"`
	Quantity   string    `json:"quantity"`
	UnitPrice  string    `json:"unit_price"`
	RateSource *string   `json:"rate_source,omitempty"`
	Amount     string    `json:"amount"`
	Currency   string    `json:"currency"`
	Late       bool      `json:"late"`
}

// SourceOf is a stored line with what its amount was made of.
func SourceOf(l db.InvoiceLineRow) LineSource {
	c := money.Currency(l.Currency)
	return LineSource{
		ID: l.ID, Kind: l.Kind, Minutes: l.Minutes, Quantity: PrintedQuantity(l.Minutes, l.Quantity), UnitPrice: PrintedPrice(l.UnitPrice, c),
		RateSource: l.RateSource, Amount: c.Format(l.Amount), Currency: l.Currency, Late: l.Late,
	}
}
