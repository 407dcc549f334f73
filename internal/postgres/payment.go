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

// Payment is money received, as staff sees it.
type Payment struct {
	ID             uuid.UUID        `json:"id"`
	ClientID       uuid.UUID        `json:"client_id"`
	ClientName     string           `json:"client_name"`
	Amount         string           `json:"amount"`
	Currency       string           `json:"currency"`
	ReceivedOn     civil.Date       `json:"received_on" format:"date"`
	Method         string           `json:"method"`
	Reference      string           `json:"reference"`
	Note           string           `json:"note,omitempty"`
	Applications   []AppliedInvoice `json:"applications" nullable:"false"`
	Unapplied      string           `json:"unapplied" doc:"Left over: the client's credit"`
	Refunded       string           `json:"refunded"`
	ReversedOn     civil.Date       `json:"reversed_on" format:"date" nullable:"true"`
	ReversalReason string           `json:"reversal_reason,omitempty"`
	CreatedAt      time.Time        `json:"created_at"`
	Version        int32            `json:"version"`
}

// AppliedInvoice is how much of a payment went to an invoice.
type AppliedInvoice struct {
	InvoiceID uuid.UUID  `json:"invoice_id"`
	Number    string     `json:"number"`
	Amount    string     `json:"amount"`
	AppliedOn civil.Date `json:"applied_on" format:"date"`
}

// OnePayment reads a payment with where it went.
func OnePayment(ctx context.Context, q *db.Queries, id uuid.UUID) (Payment, error) {
	r, err := q.Payment(ctx, id)
	if err != nil {
		return Payment{}, Refusal(err)
	}
	all, err := PaymentsOf(ctx, q, []db.PaymentsRow{db.PaymentsRow(r)})
	if err != nil {
		return Payment{}, err
	}
	return all[0], nil
}

// PaymentsOf are rows of a list with where they went.
func PaymentsOf(ctx context.Context, q *db.Queries, rows []db.PaymentsRow) ([]Payment, error) {
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	applied, err := q.Applications(ctx, ids)
	if err != nil {
		return nil, err
	}
	by := map[uuid.UUID][]db.ApplicationsRow{}
	for _, a := range applied {
		by[*a.PaymentID] = append(by[*a.PaymentID], a)
	}
	all := make([]Payment, len(rows))
	for i, r := range rows {
		all[i] = paymentOf(r, by[r.ID])
	}
	return all, nil
}

func paymentOf(r db.PaymentsRow, applied []db.ApplicationsRow) Payment {
	c := money.Currency(r.Currency)
	left, refunded := r.Amount.Sub(r.Applied), decimal.Zero
	if r.ReversedAt != nil {
		left = decimal.Zero
	}
	p := Payment{
		ID: r.ID, ClientID: r.ClientID, ClientName: r.ClientName, Amount: c.Format(r.Amount), Currency: r.Currency, ReceivedOn: r.ReceivedOn,
		Method: r.Method, Reference: r.Reference, Note: r.Note, Applications: []AppliedInvoice{}, Unapplied: c.Format(left),
		ReversedOn: r.ReversedOn, ReversalReason: r.ReversalReason, CreatedAt: r.CreatedAt, Version: r.Version,
	}
	for _, a := range applied {
		if a.InvoiceID == nil {
			refunded = refunded.Add(a.Amount)
			continue
		}
		p.Applications = append(p.Applications, AppliedInvoice{*a.InvoiceID, a.Number, c.Format(a.Amount), a.AppliedOn})
	}
	p.Refunded = c.Format(refunded)
	return p
}

// Refund is credit given back (N.05).
type Refund struct {
	ID         uuid.UUID      `json:"id"`
	ClientID   uuid.UUID      `json:"client_id"`
	Amount     string         `json:"amount"`
	Currency   string         `json:"currency"`
	RefundedOn civil.Date     `json:"refunded_on" format:"date"`
	Method     string         `json:"method"`
	Reference  string         `json:"reference"`
	Note       string         `json:"note,omitempty"`
	Sources    []RefundSource `json:"sources" nullable:"false" doc:"The payments and credit notes that it was taken of, whose rest it is again where it was reversed"`

	ReversedOn     civil.Date `json:"reversed_on" format:"date" nullable:"true"`
	ReversalReason string     `json:"reversal_reason,omitempty"`
	CreatedAt      time.Time  `json:"created_at"`
	Version        int32      `json:"version"`
}

// RefundSource is how much of a payment or a credit note was given back.
type RefundSource struct {
	ID     uuid.UUID `json:"id"`
	Kind   string    `json:"kind" enum:"payment,credit_note"`
	Number string    `json:"number" doc:"The credit note's number, or the payment's reference"`
	Amount string    `json:"amount"`
}

// OneRefund reads a refund with what it was taken of.
func OneRefund(ctx context.Context, q *db.Queries, id uuid.UUID) (Refund, error) {
	r, err := q.Refund(ctx, id)
	if err != nil {
		return Refund{}, Refusal(err)
	}
	all, err := RefundsOf(ctx, q, []db.RefundsRow{db.RefundsRow(r)})
	if err != nil {
		return Refund{}, err
	}
	return all[0], nil
}

// RefundsOf are rows of a list with what they were taken of.
func RefundsOf(ctx context.Context, q *db.Queries, rows []db.RefundsRow) ([]Refund, error) {
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	taken, err := q.RefundSources(ctx, ids)
	if err != nil {
		return nil, err
	}
	by := map[uuid.UUID][]db.RefundSourcesRow{}
	for _, s := range taken {
		by[*s.RefundID] = append(by[*s.RefundID], s)
	}
	all := make([]Refund, len(rows))
	for i, r := range rows {
		c := money.Currency(r.Currency)
		all[i] = Refund{
			ID: r.ID, ClientID: r.ClientID, Amount: c.Format(r.Amount), Currency: r.Currency, RefundedOn: r.RefundedOn,
			Method: r.Method, Reference: r.Reference, Note: r.Note, Sources: []RefundSource{}, ReversedOn: r.ReversedOn, ReversalReason: r.ReversalReason,
			CreatedAt: r.CreatedAt, Version: r.Version,
		}
		for _, s := range by[r.ID] {
			all[i].Sources = append(all[i].Sources, refundSourceOf(s, c))
		}
	}
	return all, nil
}

func refundSourceOf(s db.RefundSourcesRow, c money.Currency) RefundSource {
	if s.CreditNoteID != nil {
		return RefundSource{*s.CreditNoteID, "credit_note", s.Number, c.Format(s.Amount)}
	}
	return RefundSource{*s.PaymentID, "payment", s.Number, c.Format(s.Amount)}
}

// ClientCredit is what a client has left over in a currency.
type ClientCredit struct {
	Currency string       `json:"currency"`
	Credit   string       `json:"credit"`
	Sources  []CreditLeft `json:"sources"`
}

// CreditLeft is what is left over of a payment or a credit note.
type CreditLeft struct {
	ID        uuid.UUID  `json:"id"`
	Kind      string     `json:"kind" enum:"payment,credit_note"`
	Number    string     `json:"number" doc:"The credit note's number, or the payment's reference"`
	On        civil.Date `json:"on" format:"date"`
	Unapplied string     `json:"unapplied"`
}

// CreditOf is all that a client has left over, by currency.
func CreditOf(ctx context.Context, q *db.Queries, client uuid.UUID) ([]ClientCredit, error) {
	rows, err := q.ClientCredits(ctx, client)
	all, sum := []ClientCredit{}, decimal.Zero
	for _, r := range rows {
		c := money.Currency(r.Currency)
		if n := len(all); n == 0 || all[n-1].Currency != r.Currency {
			all, sum = append(all, ClientCredit{Currency: r.Currency}), decimal.Zero
		}
		sum = sum.Add(r.Rest)
		last := &all[len(all)-1]
		last.Credit = c.Format(sum)
		last.Sources = append(last.Sources, CreditLeft{r.ID, r.Kind, r.Number, r.OnDay, c.Format(r.Rest)})
	}
	return all, err
}
