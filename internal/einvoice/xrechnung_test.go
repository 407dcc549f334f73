package einvoice_test

import (
	"regexp"
	"strings"
	"testing"

	"steward/internal/einvoice"
	"steward/internal/fault"
)

// xrechnung is an invoice of a German firm to an authority.
func xrechnung() *einvoice.Document {
	d := sample()
	d.Profile, d.Currency, d.BuyerReference = einvoice.XRechnung, "EUR", "04011000-12345-34"
	d.Seller.Contact, d.Seller.VATID, d.Seller.TaxID = "Harbour & Finch GmbH", "DE987654321", "13/456/12345"
	d.Seller.Endpoint = "" // its e-mail address will do
	d.Seller.Address = einvoice.Address{Street: "Werftstraße 14", City: "Hamburg", PostalCode: "20457", Country: "DE"}
	d.Buyer.Endpoint = "0204:04011000-12345-34"
	d.Buyer.Address.City, d.Buyer.Address.PostalCode = "Bonn", "53113"
	d.Payment = einvoice.Payment{Terms: "Zahlbar innerhalb von 30 Tagen", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX"}
	return d
}

var (
	skonto = regexp.MustCompile(`^#(SKONTO)#TAGE=[0-9]+#PROZENT=[0-9]+\.[0-9]{2}(#BASISBETRAG=-?[0-9]+\.[0-9]{2})?#$`)
	phone  = regexp.MustCompile(`([0-9].*){3,}`)
	email  = regexp.MustCompile(`^[^@\s]+@([^@.\s]+\.)+[^@.\s]+$`)
)

// german are the rules of XRechnung 3.0 (KoSIT's Schematron 2.5) as far as what
// is written touches them, those of Peppol that it has among them.
var german = map[string]func(p paper) bool{
	"BR-DE-1":  func(p paper) bool { return p.has("PaymentMeans") },
	"BR-DE-2":  func(p paper) bool { return p.has(sells + "/Party/Contact") },
	"BR-DE-3":  func(p paper) bool { return p.get(sells+"/Party/PostalAddress/CityName") != "" },
	"BR-DE-4":  func(p paper) bool { return p.get(sells+"/Party/PostalAddress/PostalZone") != "" },
	"BR-DE-5":  func(p paper) bool { return p.get(sells+"/Party/Contact/Name") != "" },
	"BR-DE-6":  func(p paper) bool { return p.get(sells+"/Party/Contact/Telephone") != "" },
	"BR-DE-7":  func(p paper) bool { return p.get(sells+"/Party/Contact/ElectronicMail") != "" },
	"BR-DE-8":  func(p paper) bool { return p.get(buys+"/Party/PostalAddress/CityName") != "" },
	"BR-DE-9":  func(p paper) bool { return p.get(buys+"/Party/PostalAddress/PostalZone") != "" },
	"BR-DE-14": group(func(_ paper, g *node) bool { return g.get("TaxCategory/Percent") != "" }),
	"BR-DE-15": func(p paper) bool { return p.get("BuyerReference") != "" },
	"BR-DE-16": func(p paper) bool { return p.taxID(sells, "VAT")+p.taxID(sells, "FC") != "" },
	"BR-DE-17": func(p paper) bool {
		return in("326 380 384 389 381 875 876 877", p.get("InvoiceTypeCode")+p.get("CreditNoteTypeCode"))
	},
	"BR-DE-18": func(p paper) bool {
		for l := range strings.Lines(p.get("PaymentTerms/Note")) {
			if l = strings.TrimSpace(l); strings.HasPrefix(l, "#") && !skonto.MatchString(l) {
				return false
			}
		}
		return true
	},
	"BR-DE-21": func(p paper) bool {
		return p.get("CustomizationID") == "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
	},
	"BR-DE-23-a": func(p paper) bool {
		return !in("30 58", p.get("PaymentMeans/PaymentMeansCode")) || p.has("PaymentMeans/PayeeFinancialAccount")
	},
	"BR-DE-23-b": func(p paper) bool { return !p.has("PaymentMeans/CardAccount") && !p.has("PaymentMeans/PaymentMandate") },
	"BR-DE-27":   func(p paper) bool { return phone.MatchString(p.get(sells + "/Party/Contact/Telephone")) },
	"BR-DE-28":   func(p paper) bool { return email.MatchString(p.get(sells + "/Party/Contact/ElectronicMail")) },
	"BR-DE-TMP-32": func(p paper) bool {
		return p.has("InvoicePeriod") || p.has("Delivery/ActualDeliveryDate") || each(func(_ paper, l *node) bool { return l.has("InvoicePeriod") })(p)
	},
	"PEPPOL-EN16931-R001": func(p paper) bool { return p.get("ProfileID") != "" },
	"PEPPOL-EN16931-R010": func(p paper) bool { return p.get(buys+"/Party/EndpointID") != "" },
	"PEPPOL-EN16931-R020": func(p paper) bool { return p.get(sells+"/Party/EndpointID") != "" },
	"PEPPOL-EN16931-R110": func(p paper) bool {
		return within110(p, "StartDate", func(line, all string) bool { return line >= all })
	},
	"PEPPOL-EN16931-R111": func(p paper) bool { return within110(p, "EndDate", func(line, all string) bool { return line <= all }) },
}

// within110 tells whether every line's day is within those of the document.
func within110(p paper, day string, ok func(line, all string) bool) bool {
	all := p.get("InvoicePeriod/" + day)
	return each(func(_ paper, l *node) bool {
		own := l.get("InvoicePeriod/" + day)
		return all == "" || own == "" || ok(own, all)
	})(p)
}

func TestWhatXRechnungLacksIsNamed(t *testing.T) { // N.17
	for want, change := range map[string]func(*einvoice.Document){
		"": func(*einvoice.Document) {},
		" ": func(d *einvoice.Document) {
			d.Kind, d.Payment = einvoice.CreditNote, einvoice.Payment{Terms: "x", Means: "97"}
		},
		"BT-84": func(d *einvoice.Document) { d.Payment.IBAN = "" },                                         // BR-DE-1, BR-DE-23-a
		"BT-10": func(d *einvoice.Document) { d.BuyerReference = " " },                                      // BR-DE-15
		"BT-41": func(d *einvoice.Document) { d.Seller.Contact = "" },                                       // BR-DE-5
		"BT-42": func(d *einvoice.Document) { d.Seller.Phone = "ask at the desk 12" },                       // BR-DE-6, BR-DE-27
		"BT-43": func(d *einvoice.Document) { d.Seller.Email, d.Seller.Endpoint = "desk@firm", "9930:DE1" }, // BR-DE-28
		"BT-37 BT-38 BT-52 BT-53": func(d *einvoice.Document) { // BR-DE-3, -4, -8, -9
			d.Seller.Address.City, d.Seller.Address.PostalCode, d.Buyer.Address.City, d.Buyer.Address.PostalCode = "", "\x00", "", " "
		},
		"BT-41 BT-42 BT-43": func(d *einvoice.Document) { d.Seller.Contact, d.Seller.Phone, d.Seller.Email = "", "", "" }, // BR-DE-2
		"BT-49":             func(d *einvoice.Document) { d.Buyer.Endpoint, d.Buyer.Email = "", "" },                      // R010
		"BT-31":             func(d *einvoice.Document) { d.Seller.VATID, d.Seller.TaxID = "", "" },                       // BR-DE-16
	} {
		d := xrechnung()
		change(d)
		f, _ := fault.From(d.Check())
		var terms []string
		if f != nil {
			for _, x := range f.Fields {
				terms = append(terms, x.Location)
			}
		}
		if got := strings.Join(terms, " "); got != strings.TrimSpace(want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if d.Profile = einvoice.Plain; strings.HasPrefix(want, "BT-4") && d.Check() != nil {
			t.Errorf("%s: the plain standard asks for it", want)
		}
	}
}

func TestWhatXRechnungCannotSayIsRefused(t *testing.T) { // N.17
	outside := xrechnung()
	for i := range outside.Lines {
		outside.Lines[i].Category, outside.Lines[i].Percent = einvoice.OutOfScope, dec("0")
	}
	added(t, outside, "")
	skonto := xrechnung()
	skonto.Payment.Terms = "#SKONTO#TAGE=7#PROZENT=2.00#"
	for rule, d := range map[string]*einvoice.Document{"BR-DE-14": outside, "BR-DE-18": skonto} {
		if err := d.Check(); !fault.Is(err, einvoice.Impossible) || !strings.Contains(err.Error(), rule) {
			t.Errorf("%s: got %v", rule, err)
		}
	}
}

func TestTheRulesOfXRechnungFindWhatIsBroken(t *testing.T) {
	good := string(ubl(t, xrechnung()))
	for id, c := range map[string][2]string{
		"BR-DE-1": {"PaymentMeans>", "Payment>"}, "BR-DE-3": {"<cbc:CityName>Hamburg</cbc:CityName>", ""}, "BR-DE-9": {"53113", " "},
		"BR-DE-6": {"cbc:Telephone>", "cbc:Telefax>"}, "BR-DE-15": {"04011000-12345-34</cbc:BuyerReference>", "</cbc:BuyerReference>"}, "BR-DE-17": {">380<", ">751<"},
		"BR-DE-18": {"<cbc:Note>Zahlbar", "<cbc:Note>#Zahlbar"}, "BR-DE-21": {"_3.0<", "_2.3<"}, "BR-DE-23-a": {"PayeeFinancialAccount>", "CardAccount>"},
		"BR-DE-27": {"+44 117 496 0102", "none"}, "BR-DE-28": {"@harbourfinch", " at harbourfinch"}, "BR-DE-TMP-32": {"InvoicePeriod>", "Period>"},
		"PEPPOL-EN16931-R010": {">04011000-12345-34</cbc:EndpointID>", "></cbc:EndpointID>"}, "PEPPOL-EN16931-R110": {"<cbc:StartDate>2026-02-02", "<cbc:StartDate>2026-02-03"},
	} {
		broken := strings.ReplaceAll(good, c[0], c[1])
		if id == "PEPPOL-EN16931-R110" {
			broken = strings.Replace(good, c[0], c[1], 1)
		}
		p := paper{node: parse(t, []byte(broken))}
		p.lines = p.all("InvoiceLine")
		if broken == good || german[id](p) {
			t.Errorf("%s does not see %q", id, c[1])
		}
	}
}
