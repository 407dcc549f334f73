package einvoice

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"steward/internal/fault"
	"steward/internal/money"
)

// Codes of this package's refusals.
const (
	Incomplete fault.Code = "einvoice_incomplete" // terms are missing; the fields name them
	Impossible fault.Code = "einvoice_impossible" // the standard cannot say it
)

// Check refuses a document that the standard or its profile would not take:
// with [Incomplete] and a field for each term that is missing, named BT-40 say,
// or with [Impossible]. Figures that do not add up are a mistake of ours.
func (d *Document) Check() error {
	if err := d.addsUp(); err != nil {
		return err
	}
	if err := d.possible(); err != nil {
		return err
	}
	var m missing
	d.general(&m)
	d.taxTerms(&m)
	switch d.Profile {
	case Peppol:
		d.peppol(&m)
	case XRechnung:
		d.xrechnung(&m)
	}
	return m.refusal()
}

// missing gathers terms.
type missing []fault.Field

func (m *missing) need(there bool, term, what string) {
	if !there {
		*m = append(*m, fault.Field{Location: term, Message: what + " is missing"})
	}
}

func (m missing) refusal() error {
	if len(m) == 0 {
		return nil
	}
	terms := make([]string, len(m))
	for i, f := range m {
		terms[i] = f.Location + ", " + strings.TrimSuffix(f.Message, " is missing")
	}
	return &fault.Fault{Code: Incomplete, Message: "the e-invoice lacks " + strings.Join(terms, "; "), Fields: m}
}

// general are the terms that every invoice has.
func (d *Document) general(m *missing) {
	m.need(d.Number != "", "BT-1", "the number")
	m.need(!d.Issued.IsZero(), "BT-2", "the day of issue")
	m.need(line(d.Seller.Name) != "", "BT-27", "the seller's name")
	m.need(d.Seller.Address.Country != "", "BT-40", "the seller's country code")
	m.need(line(d.Buyer.Name) != "", "BT-44", "the buyer's name")
	m.need(d.Buyer.Address.Country != "", "BT-55", "the buyer's country code")
	m.need(len(d.Lines) > 0, "BG-25", "a line")
	m.need(d.payable().Sign() <= 0 || d.dueIsSaid(), "BT-20", "when it is to be paid") // BR-CO-25
}

// dueIsSaid: the due date of a credit note stands with the account.
func (d *Document) dueIsSaid() bool {
	return line(d.Payment.Terms) != "" || !d.Due.IsZero() && (d.Kind != CreditNote || d.Payment.IBAN != "")
}

// taxTerms are those that the categories of tax ask for.
func (d *Document) taxTerms(m *missing) {
	if d.has(OutOfScope) { // BR-O-02: no VAT identifiers, so BR-CO-26 asks for another
		m.need(d.Seller.Registration != "", "BT-30", "the seller's registration")
		return
	}
	// BR-S-02, BR-Z-02, BR-E-02, BR-AE-02
	m.need(d.Seller.VATID != "" || d.Seller.TaxID != "", "BT-31", "the seller's VAT identifier")
	// BR-CO-26
	m.need(d.Seller.VATID != "" || d.Seller.TaxID == "" || d.Seller.Registration != "", "BT-31", "the seller's VAT identifier or registration (BT-30)")
	if d.has(ReverseCharge) { // BR-AE-02
		m.need(d.Buyer.VATID != "" || d.Buyer.Registration != "", "BT-48", "the buyer's VAT identifier")
	}
	for _, t := range d.Taxes { // BR-E-10
		m.need(t.Category != Exempt || line(t.Reason) != "", "BT-120", "the reason of the exemption")
	}
}

// peppol are the terms of its rules R003, R010 and R020.
func (d *Document) peppol(m *missing) {
	m.need(d.BuyerReference != "" || d.PurchaseOrder != "", "BT-10", "the buyer's reference or purchase order (BT-13)")
	m.need(d.Seller.Endpoint != "", "BT-34", "the seller's electronic address")
	m.need(d.Buyer.Endpoint != "", "BT-49", "the buyer's electronic address")
}

// possible refuses what cannot be said in this format.
func (d *Document) possible() error {
	if len(d.Taxes) > 1 && d.has(OutOfScope) {
		return fault.New(Impossible, "an e-invoice that is not subject to VAT holds nothing else (BR-O-11): bill that on an invoice of its own")
	}
	for _, a := range d.amounts() {
		if !a.Equal(a.Truncate(2)) {
			return fault.New(Impossible, "%s %s has three decimals; an e-invoice has two at most (BR-DEC)", d.Currency, d.Currency.Format(a))
		}
	}
	if d.Profile == Peppol || d.Profile == XRechnung {
		for i, l := range d.Lines {
			if off := l.Amount.Sub(l.exact()).Abs(); off.GreaterThan(decimal.New(2, -2)) {
				return fault.New(Impossible, "line %d is rounded by %s; Peppol and XRechnung allow 0.02 (PEPPOL-EN16931-R120)", i+1, off.Round(4))
			}
		}
	}
	if d.Profile == XRechnung {
		return d.german()
	}
	return nil
}

// amounts are those that the standard gives two decimals.
func (d *Document) amounts() []decimal.Decimal {
	all := []decimal.Decimal{d.Subtotal, d.Tax, d.Total, d.Paid}
	for _, l := range d.Lines {
		all = append(all, l.Amount)
	}
	for _, t := range d.Taxes {
		all = append(all, t.Base, t.Amount)
	}
	return all
}

// exact is what the line comes to before it is rounded.
func (l Line) exact() decimal.Decimal {
	if l.Minutes != 0 {
		return l.UnitPrice.Mul(decimal.NewFromInt(l.Minutes)).DivRound(sixty, 12)
	}
	return l.UnitPrice.Mul(l.Quantity)
}

var sixty = decimal.NewFromInt(60)

// near allows the tax of a credit note one smallest unit: what several take back
// of an invoice comes to its tax together.
func (d *Document) near(a, b decimal.Decimal) bool {
	if d.Kind != CreditNote {
		return a.Equal(b)
	}
	return a.Sub(b).Abs().LessThanOrEqual(decimal.New(1, -d.Currency.Decimals()))
}

// addsUp finds mistakes of ours: BR-CO-10, BR-CO-14, BR-CO-15, and each group's
// base.
func (d *Document) addsUp() error {
	lines, base, tax := decimal.Zero, decimal.Zero, decimal.Zero
	for i, l := range d.Lines {
		if l.UnitPrice.Sign() < 0 {
			return fmt.Errorf("einvoice %s: the price of line %d is below zero", d.Number, i+1)
		}
		lines = lines.Add(l.Amount)
	}
	groups, err := Group(d.Lines, d.Currency)
	if err != nil {
		return err
	}
	if len(groups) != len(d.Taxes) {
		return fmt.Errorf("einvoice %s has %d groups of tax, its lines have %d", d.Number, len(d.Taxes), len(groups))
	}
	for i, t := range d.Taxes {
		if g := groups[i]; g.Category != t.Category || !g.Percent.Equal(t.Percent) || !g.Base.Equal(t.Base) || !d.near(g.Amount, t.Amount) {
			return fmt.Errorf("einvoice %s: tax %s %s %% of %s is %s, its lines come to %s of %s", d.Number, t.Category, t.Percent, t.Base, t.Amount, g.Amount, g.Base)
		}
		base, tax = base.Add(t.Base), tax.Add(t.Amount)
	}
	if !lines.Equal(d.Subtotal) || !base.Equal(d.Subtotal) || !tax.Equal(d.Tax) || !d.Subtotal.Add(d.Tax).Equal(d.Total) {
		return fmt.Errorf("einvoice %s: %s + %s = %s does not add up: lines %s, tax %s", d.Number, d.Subtotal, d.Tax, d.Total, lines, tax)
	}
	_, err = money.Check(d.Total)
	return err
}
