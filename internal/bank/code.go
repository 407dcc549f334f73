package bank

import (
	"strings"

	"github.com/shopspring/decimal"

	"steward/internal/money"
)

// Standard is what a payment code is written by.
type Standard string

// The standards of payment codes.
const (
	EPC   Standard = "epc"   // the QR code of SEPA, EPC069-12; in Germany "GiroCode"
	Swiss Standard = "swiss" // the payment part of the Swiss QR-bill
)

// Code is how an invoice is paid with a telephone: what is in its payment code
// but the amount. It is frozen with the invoice, which names the amount.
type Code struct {
	Standard  Standard `json:"standard"`
	IBAN      string   `json:"iban"`
	BIC       string   `json:"bic,omitempty"`
	Creditor  Party    `json:"creditor"`
	Debtor    *Party   `json:"debtor,omitempty"`    // none: whoever pays writes it
	Reference string   `json:"reference,omitempty"` // of ISO 11649 or of the QR-bill; none: Message says what it is for
	Message   string   `json:"message"`             // the invoice's number
}

// Party is who is paid, or pays, by the parts of its address.
type Party struct {
	Name       string `json:"name"`
	Street     string `json:"street,omitempty"`
	Building   string `json:"building,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	Town       string `json:"town,omitempty"`
	Country    string `json:"country,omitempty"` // ISO 3166-1
}

// NewCode is the payment code of an invoice over an amount to an account; nil
// where no standard has one. To an account in Switzerland or Liechtenstein it is
// that of the QR-bill, in francs and euros; to another one of SEPA that of the
// EPC, in euros. Reference is the one that [Reference] makes, number the invoice's.
func NewCode(iban, bic string, creditor, debtor Party, reference, number string, amount decimal.Decimal, c money.Currency) *Code {
	if !payable(amount, c) {
		return nil
	}
	code := Code{IBAN: iban, BIC: bic, Reference: reference, Message: number}
	if swissIBAN(iban) {
		if s := code.swiss(creditor, debtor, amount, c); s != nil || qrIBAN(iban) {
			return s
		}
	}
	return code.epc(creditor, amount, c)
}

// Payload is the text of the code. Lines are ended by line feeds.
func (c Code) Payload(amount decimal.Decimal, currency money.Currency) string {
	if c.Standard == Swiss {
		return c.swissPayload(amount, currency)
	}
	return c.epcPayload(amount)
}

// payable tells whether an amount is within the limits of both standards, which
// have no more than cents.
func payable(amount decimal.Decimal, c money.Currency) bool {
	return (c == "EUR" || c == "CHF") && amount.IsPositive() && amount.LessThan(decimal.New(1, 9)) && amount.Equal(amount.Truncate(2))
}

// longestName is how many characters of a name are in a code, by both standards.
const longestName = 70

// named is a name on one line, cut to what a code holds.
func named(name string) string {
	all := []rune(onOneLine(name))
	return strings.TrimSpace(string(all[:min(len(all), longestName)]))
}

// onOneLine keeps what somebody wrote from being read as more lines of the code.
func onOneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
