package einvoice

import (
	"regexp"
	"strings"

	"steward/internal/fault"
)

// ForProfile makes a document that is not frozen yet one of its profile, and
// refuses as [Document.Check] does what the profile's countries ask for. One
// that was frozen stays as it is.
func (d *Document) ForProfile() error {
	switch d.Profile {
	case Peppol:
		return d.forPeppol()
	case XRechnung: // BR-DE-1; what a credit note comes to is set off
		if d.Kind == CreditNote {
			d.Payment.Means = setOff
		}
	}
	return nil
}

var (
	threeDigits = regexp.MustCompile(`[0-9].*[0-9].*[0-9]`)             // BR-DE-27
	dotted      = regexp.MustCompile(`^[^@\s]+@([^@.\s]+\.)+[^@.\s]+$`) // BR-DE-28
)

// xrechnung are the terms of its rules: BR-DE-1, BR-DE-2 to BR-DE-9, BR-DE-15,
// BR-DE-23-a, BR-DE-27 and BR-DE-28, and those that it has of Peppol: R010, and
// R020, for which the e-mail address will do. BR-DE-16 is among what every tax
// asks for.
func (d *Document) xrechnung(m *missing) {
	m.need(d.Payment.Means != "" || d.Payment.IBAN != "", "BT-84", "the seller's account")
	m.need(line(d.BuyerReference) != "", "BT-10", "the buyer's reference, its Leitweg-ID say,")
	m.need(line(d.Seller.Contact) != "", "BT-41", "whom to ask at the seller")
	m.need(threeDigits.MatchString(d.Seller.Phone), "BT-42", "the seller's telephone number")
	m.need(dotted.MatchString(line(d.Seller.Email)), "BT-43", "the seller's e-mail address")
	m.need(d.Buyer.Endpoint != "" || line(d.Buyer.Email) != "", "BT-49", "the buyer's electronic or e-mail address")
	d.Seller.at(m, "", "BT-37", "BT-38")
	d.Buyer.at(m, "", "BT-52", "BT-53")
}

// german refuses what XRechnung cannot say: tax without a rate (BR-DE-14), and
// terms that look like a discount for early payment, which steward does not have
// (BR-DE-18).
func (d *Document) german() error {
	if d.has(OutOfScope) {
		return fault.New(Impossible, "XRechnung takes no invoice that is not subject to VAT (BR-DE-14): exempt it, and say by which law")
	}
	if strings.HasPrefix(line(d.Payment.Terms), "#") {
		return fault.New(Impossible, "terms of payment that begin with # are a discount for early payment to XRechnung (BR-DE-18)")
	}
	return nil
}
