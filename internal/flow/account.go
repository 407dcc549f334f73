package flow

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
)

// RecordPayment is the body of "record-payment" on an account (S1.79).
type RecordPayment struct {
	ClientID     uuid.UUID             `json:"client_id"`
	Amount       decimal.Decimal       `json:"amount" doc:"Above zero"`
	Currency     string                `json:"currency,omitempty" maxLength:"10" doc:"The client's, if left out"`
	ReceivedOn   civil.Date            `json:"received_on" format:"date" doc:"Not after today"`
	Method       string                `json:"method,omitempty" maxLength:"50" doc:"How it came: bank transfer, card, cheque …"`
	Reference    string                `json:"reference,omitempty" maxLength:"200" doc:"Once for each client"`
	Note         string                `json:"note,omitempty" maxLength:"2000"`
	Applications []billing.Application `json:"applications" required:"false" nullable:"true" maxItems:"500" doc:"Which invoices it is for; if left out, the oldest due first; an empty list leaves all of it as credit"`
	ImportKey    string                `json:"import_key,omitempty" hidden:"true" maxLength:"200"`
}

// ApplyCredit is the body of "apply" on an account: what is left of a payment
// or of a credit note goes to invoices (S1.80).
type ApplyCredit struct {
	PaymentID    *uuid.UUID            `json:"payment_id,omitempty" hidden:"true"`
	CreditNoteID *uuid.UUID            `json:"credit_note_id,omitempty" hidden:"true"`
	Applications []billing.Application `json:"applications" required:"false" nullable:"true" maxItems:"500" doc:"Which invoices it is for; if left out, the oldest due first"`
}

// ReversePayment is the body of "reverse" on an account.
type ReversePayment struct {
	PaymentID uuid.UUID `json:"payment_id,omitzero" required:"false" hidden:"true"`
	Reason    string    `json:"reason" minLength:"1" maxLength:"2000" pattern:"\\S"`
}

// RefundCredit is the body of "refund" on an account (N.05).
type RefundCredit struct {
	Amount     decimal.Decimal `json:"amount" doc:"At most the client's credit in that currency"`
	Currency   string          `json:"currency,omitempty" maxLength:"10" doc:"The client's, if left out"`
	RefundedOn civil.Date      `json:"refunded_on,omitzero" required:"false" format:"date" doc:"Today, if left out"`
	Method     string          `json:"method,omitempty" maxLength:"50"`
	Reference  string          `json:"reference,omitempty" maxLength:"200"`
	Note       string          `json:"note,omitempty" maxLength:"2000"`
}

// ReverseRefund is the body of "reverse-refund" on an account: it was recorded
// by mistake, or the bank sent it back (N.05).
type ReverseRefund struct {
	RefundID uuid.UUID `json:"refund_id,omitzero" required:"false" hidden:"true"`
	Reason   string    `json:"reason" minLength:"1" maxLength:"2000" pattern:"\\S"`
}

// VoidInvoice is the body of "void" on an invoice.
type VoidInvoice struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000" pattern:"\\S"`
}

// VoidCreditNote is the body of "void-credit-note" on an invoice (N.04).
type VoidCreditNote struct {
	CreditNoteID uuid.UUID `json:"credit_note_id,omitzero" required:"false" hidden:"true"`
	Reason       string    `json:"reason" minLength:"1" maxLength:"2000" pattern:"\\S"`
}

// WriteOff is the body of "write-off" on an invoice: what is owed and will not
// be paid.
type WriteOff struct {
	Amount *decimal.Decimal `json:"amount,omitempty" doc:"All that is owed, if left out"`
	Reason string           `json:"reason" minLength:"1" maxLength:"2000" pattern:"\\S"`
}

// ReverseWriteOff is the body of "reverse-write-off" on an invoice.
type ReverseWriteOff struct {
	WriteOffID uuid.UUID `json:"write_off_id,omitzero" required:"false" hidden:"true"`
	Reason     string    `json:"reason" minLength:"1" maxLength:"2000" pattern:"\\S"`
}

// CreditInvoice is the body of "credit" on an invoice (N.04).
type CreditInvoice struct {
	Lines  []CreditLine `json:"lines" minItems:"1" maxItems:"1000"`
	Reason string       `json:"reason,omitempty" maxLength:"2000" doc:"Printed on the credit note"`
	Send   string       `json:"send,omitempty" enum:"email,paper,none" doc:"How the credit note goes to the client; not at all, if left out"`
}

// CreditLine is what is taken back of one line: say release or write_off, by
// treatment or by the flag of that name.
type CreditLine struct {
	LineID    uuid.UUID         `json:"line_id"`
	Entries   []uuid.UUID       `json:"entries,omitempty" maxItems:"10000" doc:"Of a line of time: which of its entries; all that are left, if left out"`
	Amount    *decimal.Decimal  `json:"amount,omitempty" doc:"Of another line: how much; all that is left, if left out"`
	Treatment billing.Treatment `json:"treatment,omitempty" enum:"release,write_off" doc:"release: the time is billable again; write_off: it is not"`
	Release   bool              `json:"release,omitempty" doc:"The same as treatment release"`
	WriteOff  bool              `json:"write_off,omitempty" doc:"The same as treatment write_off"`
}

// Treated is what becomes of the time; empty where it is not said, or said
// twice.
func (l CreditLine) Treated() billing.Treatment {
	said := map[billing.Treatment]bool{}
	if l.Treatment != "" {
		said[l.Treatment] = true
	}
	if l.Release {
		said[billing.Release] = true
	}
	if l.WriteOff {
		said[billing.WriteOff] = true
	}
	if len(said) != 1 {
		return ""
	}
	for t := range said {
		return t
	}
	return ""
}
