package document

import (
	"github.com/shopspring/decimal"

	"steward/internal/bank"
	"steward/internal/civil"
	"steward/internal/money"
)

// InvoiceData is everything that an invoice prints. It is the snapshot that is
// frozen at completion and stored as JSON: rendered from it again, the invoice
// has the same bytes, whatever became of the seller, the buyer or the rates.
// Amounts are in the currency and rounded already; nothing is computed here but
// the totals of its sections.
type InvoiceData struct {
	Number   string         `json:"number,omitempty"`    // without one it is a draft and says so on every page
	Title    string         `json:"title,omitempty"`     // instead of "Invoice": "Credit note"
	CreditOf string         `json:"credit_of,omitempty"` // the invoice that a credit note takes back from
	Language string         `json:"language,omitempty"`  // ISO 639; "en" where empty or not known
	Currency money.Currency `json:"currency"`

	IssuedOn      civil.Date `json:"issued_on,omitzero"`
	DueOn         civil.Date `json:"due_on,omitzero"`
	PeriodFrom    civil.Date `json:"period_from,omitzero"` // no date: work of any day up to Through
	Through       civil.Date `json:"through,omitzero"`
	PurchaseOrder string     `json:"purchase_order,omitempty"`
	Terms         string     `json:"terms,omitempty"`
	Reference     string     `json:"reference,omitempty"`   // to pay it by; none: its number
	Notes         string     `json:"notes,omitempty"`       // of a credit note, why it was made
	Unexplained   bool       `json:"unexplained,omitempty"` // a credit note without a reason: its notes are notes

	Seller   Seller    `json:"seller"`
	Buyer    Buyer     `json:"buyer"`
	Sections []Section `json:"sections"`
	Taxes    []Tax     `json:"taxes,omitempty"`

	Subtotal decimal.Decimal `json:"subtotal"`
	Tax      decimal.Decimal `json:"tax"`
	Total    decimal.Decimal `json:"total"`
	Paid     decimal.Decimal `json:"paid,omitzero"`
	Balance  decimal.Decimal `json:"balance"`

	PayBy *bank.Code `json:"pay_by,omitempty"` // over the balance; none: no code is printed
}

// Seller is the firm as it stands on the letterhead, in the payment details and
// in the foot of each page.
type Seller struct {
	Name         string   `json:"name"`
	Address      []string `json:"address,omitempty"`
	TaxID        string   `json:"tax_id,omitempty"`
	VATID        string   `json:"vat_id,omitempty"`
	Email        string   `json:"email,omitempty"`
	Phone        string   `json:"phone,omitempty"`
	Web          string   `json:"web,omitempty"`
	Bank         []string `json:"bank,omitempty"`         // a line each: "IBAN: DE89 …"
	Registration string   `json:"registration,omitempty"` // "Registered in England, 01234567"
	FooterNote   string   `json:"footer_note,omitempty"`
}

// Buyer is the client as the invoice addresses it.
type Buyer struct {
	Name         string   `json:"name"`
	Address      []string `json:"address,omitempty"`
	TaxID        string   `json:"tax_id,omitempty"`
	VATID        string   `json:"vat_id,omitempty"`
	Email        string   `json:"email,omitempty"` // where it was sent; not printed
	ClientNumber string   `json:"client_number,omitempty"`
}

// Section is the lines of one project, in the order in which they print. A
// section without a heading prints its lines alone.
type Section struct {
	Heading string `json:"heading,omitempty"`
	Lines   []Line `json:"lines"`
}

// Line is one charge. Quantity is exact, and printed with the marks of the
// language; without one the line shows its amount alone.
type Line struct {
	Kind        string          `json:"kind,omitempty"` // time, expense …; not printed
	Description string          `json:"description"`
	Who         string          `json:"who,omitempty"`
	Quantity    string          `json:"quantity,omitempty"` // "7.25" or "7:16"
	Unit        string          `json:"unit,omitempty"`     // "h", "pcs"
	UnitPrice   decimal.Decimal `json:"unit_price,omitzero"`
	Amount      decimal.Decimal `json:"amount"`
	TaxPercent  decimal.Decimal `json:"tax_percent,omitzero"`
	WorkedFrom  civil.Date      `json:"worked_from,omitzero"`
	WorkedTo    civil.Date      `json:"worked_to,omitzero"`
	Late        bool            `json:"late,omitempty"` // for a period that was billed before
}

// Tax is the tax of all lines with one rate.
type Tax struct {
	Percent decimal.Decimal `json:"percent"`
	Label   string          `json:"label"` // "VAT"
	Base    decimal.Decimal `json:"base"`
	Amount  decimal.Decimal `json:"amount"`
}

// draft tells whether the invoice is not complete yet.
func (in InvoiceData) draft() bool { return in.Number == "" }

// taxed tells whether rates of tax are worth a column.
func (in InvoiceData) taxed() bool {
	for _, t := range in.Taxes {
		if !t.Percent.IsZero() {
			return true
		}
	}
	return false
}
