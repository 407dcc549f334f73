// Package einvoice writes invoices and credit notes as programs read them:
// EN 16931 in the syntax UBL 2.1, plain, as Peppol BIS Billing 3.0 or as
// XRechnung 3.0.
//
// It owns the format: which term stands where, how figures and texts are
// written, and which terms a law or the standard asks for. It does not own
// figures: amounts come rounded, and are added up only to see that they agree.
// Terms are named as in the standard, BT-40 say; rules as its validators name
// them, BR-CO-15 say. Rules: N.11, N.12, N.17.
package einvoice

import (
	"slices"

	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/money"
)

// A Kind is what the document is.
type Kind string

// A credit note has positive figures: they are what is given back.
const (
	Invoice    Kind = "invoice"
	CreditNote Kind = "credit_note"
)

// A Profile is what is agreed beyond the standard; none is the plain standard.
type Profile string

// Profiles, as a client may insist on them.
const (
	Plain     Profile = "en16931"
	Peppol    Profile = "peppol"
	XRechnung Profile = "xrechnung" // Germany's
)

// A Category is why tax is charged or not: a code of UNTDID 5305.
type Category string

// Categories of tax.
const (
	Standard      Category = "S"
	Zero          Category = "Z"
	Exempt        Category = "E"
	ReverseCharge Category = "AE"
	OutOfScope    Category = "O"
)

// Document is everything that an e-invoice says. It is frozen with the invoice
// and stored as JSON: written from it again, it has the same bytes.
type Document struct {
	Profile Profile    `json:"profile,omitempty"`
	Kind    Kind       `json:"kind"`
	Number  string     `json:"number"`             // BT-1
	Issued  civil.Date `json:"issued_on,omitzero"` // BT-2
	Due     civil.Date `json:"due_on,omitzero"`    // BT-9

	Currency       money.Currency `json:"currency"`                  // BT-5
	Notes          []string       `json:"notes,omitempty"`           // BT-22
	BuyerReference string         `json:"buyer_reference,omitempty"` // BT-10
	PurchaseOrder  string         `json:"purchase_order,omitempty"`  // BT-13
	From           civil.Date     `json:"from,omitzero"`             // BT-73: the first day of what is billed
	To             civil.Date     `json:"to,omitzero"`               // BT-74: the last
	Preceding      []Reference    `json:"preceding,omitempty"`       // BG-3: what a credit note is about

	Seller  Party   `json:"seller"`
	Buyer   Party   `json:"buyer"`
	Payment Payment `json:"payment"`
	Lines   []Line  `json:"lines"`
	Taxes   []Tax   `json:"taxes"`

	Subtotal decimal.Decimal `json:"subtotal"`      // BT-106, BT-109
	Tax      decimal.Decimal `json:"tax"`           // BT-110
	Total    decimal.Decimal `json:"total"`         // BT-112
	Paid     decimal.Decimal `json:"paid,omitzero"` // BT-113
}

// Reference names an earlier invoice.
type Reference struct {
	Number string     `json:"number"`             // BT-25
	Issued civil.Date `json:"issued_on,omitzero"` // BT-26
}

// Party is the seller or the buyer. Their terms have different numbers; both
// are given.
type Party struct {
	Name         string  `json:"name"`                         // BT-27, BT-44
	Registration string  `json:"registration,omitempty"`       // BT-30, BT-47
	Scheme       string  `json:"scheme,omitempty"`             // of the registration, where its country asks for it
	VATID        string  `json:"vat_id,omitempty"`             // BT-31, BT-48
	TaxID        string  `json:"tax_id,omitempty"`             // BT-32, of the seller
	Endpoint     string  `json:"electronic_address,omitempty"` // BT-34, BT-49: "0192:987654325"; none: its e-mail address
	Contact      string  `json:"contact,omitempty"`            // BT-41, of the seller
	Phone        string  `json:"phone,omitempty"`              // BT-42, BT-57
	Email        string  `json:"email,omitempty"`              // BT-43, BT-58
	Address      Address `json:"address"`
}

// Address is where a party is. Without a street the free lines stand in its place.
type Address struct {
	Street     string   `json:"street,omitempty"`       // BT-35, BT-50; further lines BT-36, BT-162
	City       string   `json:"city,omitempty"`         // BT-37, BT-52
	PostalCode string   `json:"postal_code,omitempty"`  // BT-38, BT-53
	Country    string   `json:"country_code,omitempty"` // BT-40, BT-55
	Free       []string `json:"free,omitempty"`         // as printed
}

// Payment is how the invoice is to be paid.
type Payment struct {
	Terms string `json:"terms,omitempty"` // BT-20
	IBAN  string `json:"iban,omitempty"`  // BT-84
	BIC   string `json:"bic,omitempty"`   // BT-86
	Means string `json:"means,omitempty"` // BT-81; none: a credit transfer

	Reference string `json:"reference,omitempty"` // BT-83; none: the invoice's number
}

// Line is one charge. Time has minutes, all else a quantity of pieces; a
// discount is a line with a quantity below zero, since a price never is.
type Line struct {
	Description string          `json:"description"` // BT-153
	Minutes     int64           `json:"minutes,omitempty"`
	Quantity    decimal.Decimal `json:"quantity,omitzero"`
	UnitPrice   decimal.Decimal `json:"unit_price"` // BT-146: of an hour, of a piece
	Amount      decimal.Decimal `json:"amount"`     // BT-131
	Category    Category        `json:"tax_category"`
	Percent     decimal.Decimal `json:"tax_percent,omitzero"`
	From        civil.Date      `json:"from,omitzero"`     // BT-134
	To          civil.Date      `json:"to,omitzero"`       // BT-135
	Note        string          `json:"note,omitempty"`    // BT-127
	Project     string          `json:"project,omitempty"` // an attribute of the item, BG-32
	Person      string          `json:"person,omitempty"`  // another
}

// Tax is the tax of all lines of one category and rate: BG-23.
type Tax struct {
	Category Category        `json:"category"`
	Percent  decimal.Decimal `json:"percent,omitzero"`
	Base     decimal.Decimal `json:"base"`
	Amount   decimal.Decimal `json:"amount"`
	Reason   string          `json:"reason,omitempty"` // BT-120: why none is charged
}

// Crediting makes a credit note of the document, about earlier invoices. What it
// comes to is set off or paid back: no account to pay to is named.
func (d Document) Crediting(earlier ...Reference) Document {
	d.Kind, d.Preceding, d.Due = CreditNote, earlier, civil.Date{}
	d.Payment = Payment{Terms: "Set off against what is owed, or paid back"}
	return d
}

// words are the categories as the firm says them.
var words = map[string]Category{
	"standard": Standard, "zero": Zero, "exempt": Exempt, "reverse_charge": ReverseCharge, "out_of_scope": OutOfScope,
}

// CategoryOf is the category of a line of a client or project that is taxed in
// a way said in a word. Where tax is charged it is the standard one; a standard
// rate of 0 % is the zero rate.
func CategoryOf(word string, percent decimal.Decimal) Category {
	c := words[word]
	switch {
	case !percent.IsZero():
		return Standard
	case c == Standard || c == "":
		return Zero
	}
	return c
}

// usualReasons are what the law asks to be said of a category, in general.
var usualReasons = map[Category]string{ReverseCharge: "Reverse charge", OutOfScope: "Not subject to VAT"}

// lawful are those reasons as the law has them in the languages of clients; an
// invoice on paper says them so, an e-invoice has its codes.
var lawful = map[string]map[Category]string{
	"de": {ReverseCharge: "Steuerschuldnerschaft des Leistungsempfängers", OutOfScope: "Nicht steuerbar"},
	"fr": {ReverseCharge: "Autoliquidation", OutOfScope: "Non soumis à la TVA"},
	"es": {ReverseCharge: "Inversión del sujeto pasivo", OutOfScope: "No sujeto a IVA"},
}

// PrintedReason is why none of the tax is charged, in a language, unless the
// firm has said it in words of its own (N.11).
func (t Tax) PrintedReason(language string) string {
	if said := lawful[language][t.Category]; said != "" && t.Reason == usualReasons[t.Category] {
		return said
	}
	return t.Reason
}

// Reason is why no tax is charged on a category: in the words given, else as
// the law says it in general; "" where there is nothing to say.
func (c Category) Reason(given string) string {
	if c == Standard || c == Zero {
		return ""
	}
	if given != "" {
		return given
	}
	return usualReasons[c]
}

// Group is the tax of the lines, a group for each category and rate, the
// highest rate first. Tax is rounded once, on the sum of a group's lines. Why
// there is none is not said yet.
func Group(lines []Line, c money.Currency) ([]Tax, error) {
	var taxes []Tax
	for _, l := range lines {
		i := slices.IndexFunc(taxes, func(t Tax) bool { return t.Category == l.Category && t.Percent.Equal(l.Percent) })
		if i < 0 {
			taxes = append(taxes, Tax{Category: l.Category, Percent: l.Percent})
			i = len(taxes) - 1
		}
		taxes[i].Base = taxes[i].Base.Add(l.Amount)
	}
	for i := range taxes {
		amount, err := money.Percent(taxes[i].Base, taxes[i].Percent, c)
		if err != nil {
			return nil, err
		}
		taxes[i].Amount = amount
	}
	slices.SortStableFunc(taxes, func(a, b Tax) int { return b.Percent.Cmp(a.Percent) })
	return taxes, nil
}

// Span is the first and last day of the lines' work.
func Span(lines []Line) (from, to civil.Date) {
	for _, l := range lines {
		if !l.From.IsZero() && (from.IsZero() || l.From.Before(from)) {
			from = l.From
		}
		if !l.To.IsZero() && (to.IsZero() || l.To.After(to)) {
			to = l.To
		}
	}
	return from, to
}

// has tells whether a line is of a category.
func (d *Document) has(c Category) bool {
	return slices.ContainsFunc(d.Lines, func(l Line) bool { return l.Category == c })
}

// payable is BT-115: what is still asked for.
func (d *Document) payable() decimal.Decimal { return d.Total.Sub(d.Paid) }
