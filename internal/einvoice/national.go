package einvoice

import (
	"regexp"
	"strings"

	"steward/internal/fault"
)

// register is how a country's rules know an organisation.
type register struct {
	scheme string // of the list ICD
	number *regexp.Regexp
}

var registers = map[string][]register{
	"DK": {{"0184", regexp.MustCompile(`^(DK)?[0-9]{8}$`)}},
	"IS": {{"0196", regexp.MustCompile(`^[0-9]{10}$`)}},
	"NL": {{"0106", regexp.MustCompile(`^[0-9]{8}$`)}, {"0190", regexp.MustCompile(`^[0-9]{20}$`)}},
	"SE": {{"0007", regexp.MustCompile(`^[0-9]{10}$`)}},
}

// registered says in which register a party is, where its country's rules ask.
func (p *Party) registered() {
	number := tight(p.Registration)
	for _, r := range registers[p.Address.Country] {
		if r.number.MatchString(number) {
			p.Registration, p.Scheme = number, r.scheme
		}
	}
}

// forPeppol makes a Peppol document one of its parties' countries, and refuses
// what Peppol BIS Billing calls fatal (3.0.21): its rules of these countries,
// named as there, and addresses that its network does not deliver to.
func (d *Document) forPeppol() error {
	d.Seller.registered()
	d.Buyer.registered()
	var m missing
	m.need(d.Seller.delivered(), "BT-34", "an electronic address of the seller that Peppol knows")
	m.need(d.Buyer.delivered(), "BT-49", "an electronic address of the buyer that Peppol knows")
	from, home := d.Seller.Address.Country, d.Seller.Address.Country == d.Buyer.Address.Country
	switch {
	case from == "GR": // GR-R-004-1
		return fault.New(Impossible, "an invoice of a Greek firm goes to myDATA before it goes by Peppol, which steward does not do")
	case from == "DE" && home:
		if d.has(OutOfScope) { // DE-R-014
			return fault.New(Impossible, "Peppol takes no invoice within Germany that is not subject to VAT: exempt it, and say by which law")
		}
		d.atHome(&m)
	case from == "NL":
		d.dutch(&m, home)
	case from == "DK":
		d.danish(&m, home)
	case from == "IS": // IS-R-002 to IS-R-005
		d.Seller.known(&m, "BT-30", "the seller's kennitala")
		d.Seller.at(&m, "BT-35", "", "BT-38")
		if home {
			d.Buyer.known(&m, "BT-47", "the buyer's kennitala")
			d.Buyer.at(&m, "BT-50", "", "BT-53")
		}
	case from == "IT": // IT-R-001 to IT-R-004
		m.need(d.Seller.TaxID == "" || italian.MatchString(d.Seller.TaxID), "BT-32", "a tax number of 11 to 16 letters and digits")
		d.Seller.at(&m, "BT-35", "BT-37", "BT-38")
	case from == "SE": // SE-R-001 to SE-R-005
		m.need(d.Seller.TaxID == "" || strings.EqualFold(line(d.Seller.TaxID), approved), "BT-32", approved+", or no tax number but the VAT identifier,")
		m.need(d.Seller.VATID == "" || swedish.MatchString(d.Seller.VATID), "BT-31", "a VAT identifier of SE and 12 digits")
		m.need(d.Seller.Registration == "" || d.Seller.Scheme != "", "BT-30", "an organisation number of 10 digits")
	case from == "NO": // NO-R-001
		m.need(d.Seller.VATID == "" || norwegian.MatchString(d.Seller.VATID), "BT-31", "a VAT identifier of NO, 9 digits and MVA")
	}
	return m.refusal()
}

// approved is the one thing that a Swedish firm has in place of a tax number.
const approved = "Godkänd för F-skatt"

var (
	italian   = regexp.MustCompile(`^[A-Z0-9]{11,16}$`)
	swedish   = regexp.MustCompile(`^SE[0-9]{12}$`)
	norwegian = regexp.MustCompile(`^NO[0-9]{9}MVA$`)
)

// Codes of UNTDID 4461 for how an invoice is paid.
const (
	sepaTransfer = "58"
	setOff       = "97" // between partners
)

// atHome, in Germany: DE-R-001 to DE-R-009, DE-R-015. What a credit note comes to is set off.
func (d *Document) atHome(m *missing) {
	if d.Kind == CreditNote {
		d.Payment.Means = setOff
	}
	m.need(d.Kind == CreditNote || d.Payment.IBAN != "", "BT-84", "the seller's account")
	m.need(line(d.BuyerReference) != "", "BT-10", "the buyer's reference")
	m.need(line(d.Seller.Phone) != "", "BT-42", "the seller's telephone number")
	m.need(line(d.Seller.Email) != "", "BT-43", "the seller's e-mail address")
	d.Seller.at(m, "", "BT-37", "BT-38")
	d.Buyer.at(m, "", "BT-52", "BT-53")
}

// dutch: NL-R-002 to NL-R-005, NL-R-007.
func (d *Document) dutch(m *missing, home bool) {
	d.Seller.at(m, "BT-35", "BT-37", "BT-38")
	m.need(d.Seller.Registration == "" || d.Seller.Scheme != "", "BT-30", "the seller's KvK number of 8 digits, or OIN of 20,")
	m.need(d.Kind == CreditNote || d.payable().Sign() <= 0 || d.Payment.IBAN != "", "BT-84", "the seller's account")
	if home {
		d.Buyer.at(m, "BT-50", "BT-52", "BT-53")
		m.need(d.Buyer.Registration == "" || d.Buyer.Scheme != "", "BT-47", "the buyer's KvK number of 8 digits, or OIN of 20,")
	}
}

// danish: DK-R-002, DK-R-005, DK-R-014, DK-R-017.
func (d *Document) danish(m *missing, home bool) {
	d.Seller.known(m, "BT-30", "the seller's CVR number")
	if home {
		m.need(d.Buyer.Registration == "" || d.Buyer.Scheme != "", "BT-47", "the buyer's CVR number of 8 digits")
	}
	if home && d.Payment.IBAN != "" {
		d.Payment.Means = sepaTransfer
	}
}

// known asks for a registration that the country's register has.
func (p Party) known(m *missing, term, what string) { m.need(p.Scheme != "", term, what) }

// at asks for parts of an address, those that have a term.
func (p Party) at(m *missing, street, city, code string) {
	m.need(street == "" || lines(p.Address.Street) != "" || len(p.Address.Free) > 0, street, "the street")
	m.need(city == "" || line(p.Address.City) != "", city, "the city")
	m.need(code == "" || line(p.Address.PostalCode) != "", code, "the postal code")
}

// delivered tells whether Peppol's network knows addresses of the party's kind:
// PEPPOL-EN16931-CL008. E-mail, say, is none of them.
func (p Party) delivered() bool {
	scheme, _ := endpoint(p.Endpoint)
	return scheme == "" || listed(schemes, scheme) && !listed(elsewhere, scheme)
}

// elsewhere are the kinds of electronic addresses that are none of Peppol's.
const elsewhere = " 0037 0147 0154 0170 0177 0193 0194 0202 0203 0205 0212 0213 0215 0217 0219 0220 AN AQ AS AU EM "
