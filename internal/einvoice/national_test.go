package einvoice_test

import (
	"strings"
	"testing"

	"steward/internal/einvoice"
	"steward/internal/fault"
)

// within is a Peppol document of a firm and a client of one country, with all
// that its rules ask for.
func within(country string) *einvoice.Document {
	d := sample()
	d.Profile, d.Currency = einvoice.Peppol, "EUR"
	d.Seller.Contact, d.Seller.TaxID = d.Seller.Name, ""
	d.Seller.Address.Country, d.Seller.VATID = country, country+"123456789"
	d.Seller.Registration, d.Buyer.Registration = "12 34-56.78", "87654321"
	d.Buyer.Address = einvoice.Address{Street: "Weg 1", City: "Bonn", PostalCode: "53113", Country: country}
	return d
}

// The rules of countries are Peppol's own: a document that breaks one of them
// that is fatal is not delivered.
var national = map[string]func(p paper) bool{
	"DE-R-001": func(p paper) bool { return p.has("PaymentMeans") },
	"DE-R-005": func(p paper) bool { return p.get(sells+"/Party/Contact/Name") != "" },
	"DE-R-006": func(p paper) bool { return p.get(sells+"/Party/Contact/Telephone") != "" },
	"DE-R-007": func(p paper) bool { return p.get(sells+"/Party/Contact/ElectronicMail") != "" },
	"DE-R-008": func(p paper) bool { return p.get(buys+"/Party/PostalAddress/CityName") != "" },
	"DE-R-015": func(p paper) bool { return p.get("BuyerReference") != "" },
	"DE-R-023-1": func(p paper) bool {
		return !in("30 58", p.get("PaymentMeans/PaymentMeansCode")) || p.has("PaymentMeans/PayeeFinancialAccount")
	},
	"DK-R-005": func(p paper) bool {
		return in("1 10 31 42 48 49 50 58 59 93 97", p.get("PaymentMeans/PaymentMeansCode"))
	},
	"DK-R-014": registeredIn(sells, "0184"),
	"DK-R-017": registeredIn(buys, "0184"),
	"NL-R-003": registeredIn(sells, "0106"),
	"NL-R-005": registeredIn(buys, "0106"),
	"NL-R-007": func(p paper) bool { return p.name == "CreditNote" || p.has("PaymentMeans") },
}

func registeredIn(party, scheme string) func(paper) bool {
	return func(p paper) bool {
		id := p.all(party + "/Party/PartyLegalEntity/CompanyID")
		return len(id) == 1 && id[0].attrs["schemeID"] == scheme && strings.Trim(id[0].text, "0123456789") == ""
	}
}

func TestPeppolTakesInvoicesWithinACountry(t *testing.T) { // N.17
	for _, country := range []string{"DE", "DK", "NL"} {
		invoice := within(country)
		credit := within(country).Crediting(einvoice.Reference{Number: "INV-2026-00041", Issued: invoice.Issued})
		for _, d := range []*einvoice.Document{invoice, &credit} {
			if err := d.ForProfile(); err != nil {
				t.Fatalf("%s: %v", country, err)
			}
			p := keeps(t, ubl(t, d))
			for id, kept := range national {
				if strings.HasPrefix(id, country) && !(d.Kind == einvoice.CreditNote && id == "DK-R-005") && !kept(p) {
					t.Errorf("%s of %s is broken", id, d.Kind)
				}
			}
		}
	}
}

func TestWhatACountryAsksForIsSaid(t *testing.T) { // N.17
	for _, c := range []struct {
		country string
		change  func(*einvoice.Document)
		want    string
	}{
		{"DE", func(d *einvoice.Document) { d.Seller.Phone, d.BuyerReference, d.Payment.IBAN = "", "", "" }, "BT-84 BT-10 BT-42"},
		{"DE", func(d *einvoice.Document) { d.Seller.Address.City, d.Buyer.Address.PostalCode = "", " " }, "BT-37 BT-53"},
		{"DE", func(d *einvoice.Document) { d.Buyer.Address.Country, d.Seller.Phone = "FR", "" }, ""},
		{"NL", func(d *einvoice.Document) { d.Seller.Registration, d.Buyer.Address.Street = "Utrecht 7", "" }, "BT-30 BT-50"},
		{"DK", func(d *einvoice.Document) { d.Seller.Registration = "" }, "BT-30"},
		{"IS", func(*einvoice.Document) {}, "BT-30 BT-47"},
		{"IT", func(d *einvoice.Document) { d.Seller.TaxID, d.Seller.Address.City = "IT 1", "" }, "BT-32 BT-37"},
		{"SE", func(*einvoice.Document) {}, "BT-31 BT-30"},
		{"SE", func(d *einvoice.Document) {
			d.Seller.VATID, d.Seller.Registration, d.Seller.TaxID = "SE556036079301", "556036-0793", "GODKÄND FÖR F-SKATT"
		}, ""},
		{"SE", func(d *einvoice.Document) {
			d.Seller.VATID, d.Seller.Registration, d.Seller.TaxID = "SE556036079301", "556036-0793", "1"
		}, "BT-32"},
		{"NO", func(d *einvoice.Document) { d.Seller.VATID = "NO987654325MVA" }, ""},
		{"NO", func(*einvoice.Document) {}, "BT-31"},
		{"FR", func(*einvoice.Document) {}, ""},
		{"FR", func(d *einvoice.Document) { d.Seller.Endpoint, d.Buyer.Endpoint = "EM:a@firm.example", "AS:x" }, "BT-34 BT-49"},
	} {
		d := within(c.country)
		c.change(d)
		f, _ := fault.From(d.ForProfile())
		var terms []string
		if f != nil {
			for _, x := range f.Fields {
				terms = append(terms, x.Location)
			}
		}
		if got := strings.Join(terms, " "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.country, got, c.want)
		}
		if d.Profile = einvoice.Plain; d.ForProfile() != nil {
			t.Errorf("%s: the plain standard asks for it", c.country)
		}
	}
	if err := within("GR").ForProfile(); !fault.Is(err, einvoice.Impossible) {
		t.Errorf("GR: got %v", err)
	}
}
