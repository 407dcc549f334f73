package billing

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/money"
)

// Bucket is how long something has been owed.
type Bucket int

// The buckets of receivables by age (N.13). What is due on the day is current.
const (
	Current Bucket = iota
	To30
	To60
	To90
	Over90
	buckets
)

// Age is the bucket of what was due on a day, as of another.
func Age(due, asOf civil.Date) Bucket {
	switch days := asOf.DaysSince(due); {
	case days <= 0:
		return Current
	case days <= 30:
		return To30
	case days <= 60:
		return To60
	case days <= 90:
		return To90
	}
	return Over90
}

// Aging is what is owed, by age; Total is what all buckets come to, and Owed is
// that less the credit left over: what the client's ledger says.
type Aging struct {
	Buckets       [buckets]decimal.Decimal
	Total, Credit decimal.Decimal
}

// Add adds what is owed on an invoice.
func (a *Aging) Add(balance decimal.Decimal, due, asOf civil.Date) {
	b := Age(due, asOf)
	a.Buckets[b] = a.Buckets[b].Add(balance)
	a.Total = a.Total.Add(balance)
}

// Merge adds what is owed to others.
func (a *Aging) Merge(b Aging) {
	for i := range b.Buckets {
		a.Buckets[i] = a.Buckets[i].Add(b.Buckets[i])
	}
	a.Total, a.Credit = a.Total.Add(b.Total), a.Credit.Add(b.Credit)
}

// Owed is what is owed less the credit left over.
func (a *Aging) Owed() decimal.Decimal { return a.Total.Sub(a.Credit) }

// Receivables is what a client owes in a currency, by age (N.13).
type Receivables struct {
	ClientID   uuid.UUID
	ClientName string
	Currency   money.Currency
	Aging
}

// AgedReceivables is what all clients owe on a day (N.13).
type AgedReceivables struct {
	Firm    Party
	On      civil.Date // the day it is made
	AsOf    civil.Date // the day it is about
	Clients []Receivables
}

// LedgerKind is what moves a client's ledger.
type LedgerKind string

// The kinds of movements: what adds to what is owed, and what takes from it.
const (
	InvoiceIssued LedgerKind = "invoice"
	InvoiceVoided LedgerKind = "void"
	CreditIssued  LedgerKind = "credit_note"
	CreditVoided  LedgerKind = "credit_note_void"
	PaidIn        LedgerKind = "payment"
	Reversed      LedgerKind = "reversal"
	PaidBack      LedgerKind = "refund"
	BackAgain     LedgerKind = "refund_reversal"
	WrittenOff    LedgerKind = "write_off"
	OwedAgain     LedgerKind = "write_off_reversal"
)

// Movement is a line of a statement of account; Amount is above zero where more
// is owed after it.
type Movement struct {
	On      civil.Date
	Kind    LedgerKind
	Number  string // of the invoice or credit note, or the payment's reference
	Text    string
	DueOn   civil.Date // of an invoice
	Amount  decimal.Decimal
	Balance decimal.Decimal // after it
}

// Account is the statement of one client in one currency: the ledger from a day
// to a day, and what is owed at its end by age.
type Account struct {
	Currency         money.Currency
	From, To         civil.Date
	Opening, Closing decimal.Decimal
	Movements        []Movement
	Aging            Aging
}

// Run computes the balance after each movement.
func (a *Account) Run() {
	a.Closing = a.Opening
	for i := range a.Movements {
		a.Closing = a.Closing.Add(a.Movements[i].Amount)
		a.Movements[i].Balance = a.Closing
	}
}

// Party is the firm or a client as it is kept, with what its documents print: as
// it was written for them, or else the parts that its e-invoices say.
type Party struct {
	Name, Address, Email, Phone, Web, TaxID, Bank, Footer string

	Street, City, PostalCode, Country string // instead of an Address
	VATID, IBAN, BIC                  string // IBAN and BIC instead of a Bank
}

// Statement is all that a statement of account prints: an account for each
// currency (N.13).
type Statement struct {
	Firm, Client Party
	Language     string // the client's: en, de, fr, es
	On           civil.Date
	From, To     civil.Date
	Accounts     []Account
}
