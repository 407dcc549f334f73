package einvoice

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"steward/internal/civil"
)

// What UBL 2.1 calls its documents, and how the standard and Peppol are named.
const (
	namespace      = "urn:oasis:names:specification:ubl:schema:xsd:"
	aggregates     = namespace + "CommonAggregateComponents-2"
	basics         = namespace + "CommonBasicComponents-2"
	standardID     = "urn:cen.eu:en16931:2017"
	peppolID       = standardID + "#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
	xrechnungID    = standardID + "#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
	peppolProcess  = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
	creditTransfer = "30"  // UNTDID 4461
	typeInvoice    = "380" // UNTDID 1001
	typeCreditNote = "381"
	hour           = "HUR" // UN/ECE recommendation 20
	minute         = "MIN"
	one            = "C62"
	vat            = "VAT"
	otherTaxScheme = "FC"
	unnamed        = "-"
	byEMail        = "EM"
	exemptReverse  = "VATEX-EU-AE"
	exemptOutside  = "VATEX-EU-O"
)

// UBL writes the document in UBL 2.1, the same bytes for the same document. It
// refuses what [Document.Check] refuses.
func (d *Document) UBL() ([]byte, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	root := "Invoice"
	if d.Kind == CreditNote {
		root = "CreditNote"
	}
	u := &ubl{Document: d}
	u.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
	u.group(root, u.document, "xmlns", namespace+root+"-2", "xmlns:cac", aggregates, "xmlns:cbc", basics)
	return u.Bytes(), nil
}

// ubl writes one document. The order of elements is the schema's.
type ubl struct {
	*Document
	writer
}

func (u *ubl) document() {
	u.head()
	u.references()
	u.group("cac:AccountingSupplierParty", func() { u.party(u.Seller, true) })
	u.group("cac:AccountingCustomerParty", func() { u.party(u.Buyer, false) })
	u.payment()
	u.taxes()
	u.totals()
	for i, l := range u.Lines {
		u.line(i+1, l)
	}
}

func (u *ubl) credit() bool { return u.Kind == CreditNote }

func (u *ubl) head() {
	switch u.Profile {
	case Peppol:
		u.raw("cbc:CustomizationID", peppolID)
		u.raw("cbc:ProfileID", peppolProcess)
	case XRechnung: // it has the process of Peppol: R001
		u.raw("cbc:CustomizationID", xrechnungID)
		u.raw("cbc:ProfileID", peppolProcess)
	default:
		u.raw("cbc:CustomizationID", standardID)
	}
	u.text("cbc:ID", u.Number)
	u.date("cbc:IssueDate", u.Issued)
	if u.credit() {
		u.raw("cbc:CreditNoteTypeCode", typeCreditNote)
	} else {
		u.date("cbc:DueDate", u.Due)
		u.raw("cbc:InvoiceTypeCode", typeInvoice)
	}
	u.raw("cbc:Note", lines(strings.Join(u.Notes, "\n"))) // one: Peppol takes no more
	u.raw("cbc:DocumentCurrencyCode", string(u.Currency))
	u.text("cbc:BuyerReference", u.BuyerReference)
}

func (u *ubl) references() {
	u.period(u.From, u.To)
	u.group("cac:OrderReference", func() { u.text("cbc:ID", u.PurchaseOrder) })
	for _, r := range u.Preceding {
		u.group("cac:BillingReference", func() {
			u.group("cac:InvoiceDocumentReference", func() {
				u.text("cbc:ID", r.Number)
				u.date("cbc:IssueDate", r.Issued)
			})
		})
	}
}

func (u *ubl) period(from, to civil.Date) {
	u.group("cac:InvoicePeriod", func() {
		u.date("cbc:StartDate", from)
		u.date("cbc:EndDate", to)
	})
}

func (u *ubl) party(p Party, seller bool) {
	u.group("cac:Party", func() {
		u.endpoint(p)
		u.address(p.Address)
		if !u.has(OutOfScope) { // BR-O-02
			u.taxScheme(p.VATID, vat)
		}
		if seller {
			u.taxScheme(p.TaxID, otherTaxScheme)
		}
		u.group("cac:PartyLegalEntity", func() {
			u.text("cbc:RegistrationName", p.Name)
			u.text("cbc:CompanyID", p.Registration, p.scheme()...)
		})
		u.group("cac:Contact", func() {
			u.text("cbc:Name", p.Contact)
			u.text("cbc:Telephone", p.Phone)
			u.text("cbc:ElectronicMail", p.Email)
		})
	})
}

// scheme is the attribute that says of which register the registration is.
func (p Party) scheme() []string {
	if p.Scheme == "" {
		return nil
	}
	return []string{"schemeID", p.Scheme}
}

func (u *ubl) endpoint(p Party) {
	scheme, address := endpoint(p.Endpoint)
	if address == "" {
		scheme, address = byEMail, p.Email
	}
	u.text("cbc:EndpointID", address, "schemeID", scheme)
}

func (u *ubl) address(a Address) {
	street := strings.Split(lines(a.Street), "\n")
	if street[0] == "" {
		street = strings.Split(lines(strings.Join(a.Free, "\n")), "\n")
	}
	street = append(street, "")
	u.group("cac:PostalAddress", func() {
		u.raw("cbc:StreetName", street[0])
		u.raw("cbc:AdditionalStreetName", street[1])
		u.text("cbc:CityName", a.City)
		u.text("cbc:PostalZone", a.PostalCode)
		u.group("cac:AddressLine", func() { u.text("cbc:Line", strings.TrimSuffix(strings.Join(street[2:], ", "), ", ")) })
		u.group("cac:Country", func() { u.text("cbc:IdentificationCode", a.Country) })
	})
}

func (u *ubl) taxScheme(id, scheme string) {
	if id == "" {
		return
	}
	u.group("cac:PartyTaxScheme", func() {
		u.text("cbc:CompanyID", id)
		u.scheme(scheme)
	})
}

func (u *ubl) scheme(id string) {
	u.group("cac:TaxScheme", func() { u.raw("cbc:ID", id) })
}

func (u *ubl) payment() {
	if u.Payment.IBAN != "" || u.Payment.Means != "" {
		u.group("cac:PaymentMeans", func() {
			u.raw("cbc:PaymentMeansCode", cmp.Or(u.Payment.Means, creditTransfer))
			if u.Payment.IBAN == "" {
				return
			}
			if u.credit() {
				u.date("cbc:PaymentDueDate", u.Due)
			}
			u.text("cbc:PaymentID", cmp.Or(u.Payment.Reference, u.Number))
			u.group("cac:PayeeFinancialAccount", func() {
				u.text("cbc:ID", u.Payment.IBAN)
				u.text("cbc:Name", u.Seller.Name)
				u.group("cac:FinancialInstitutionBranch", func() { u.text("cbc:ID", u.Payment.BIC) })
			})
		})
	}
	u.group("cac:PaymentTerms", func() { u.text("cbc:Note", u.Payment.Terms) })
}

func (u *ubl) taxes() {
	u.group("cac:TaxTotal", func() {
		u.amount("cbc:TaxAmount", u.Tax)
		for _, t := range u.Taxes {
			u.group("cac:TaxSubtotal", func() {
				u.amount("cbc:TaxableAmount", t.Base)
				u.amount("cbc:TaxAmount", t.Amount)
				u.group("cac:TaxCategory", func() { u.category(t.Category, t.Percent, t.Reason) })
			})
		}
	})
}

var exemptionCodes = map[Category]string{ReverseCharge: exemptReverse, OutOfScope: exemptOutside}

// category writes a category; its reason only stands with the sums.
func (u *ubl) category(c Category, percent decimal.Decimal, reason string) {
	u.raw("cbc:ID", string(c))
	if c != OutOfScope { // BR-O-05
		u.raw("cbc:Percent", percent.String())
	}
	if reason != "" {
		u.raw("cbc:TaxExemptionReasonCode", exemptionCodes[c])
		u.text("cbc:TaxExemptionReason", reason)
	}
	u.scheme(vat)
}

func (u *ubl) totals() {
	u.group("cac:LegalMonetaryTotal", func() {
		u.amount("cbc:LineExtensionAmount", u.Subtotal)
		u.amount("cbc:TaxExclusiveAmount", u.Subtotal)
		u.amount("cbc:TaxInclusiveAmount", u.Total)
		if !u.Paid.IsZero() {
			u.amount("cbc:PrepaidAmount", u.Paid)
		}
		u.amount("cbc:PayableAmount", u.payable())
	})
}

func (u *ubl) line(n int, l Line) {
	name, quantity := "cac:InvoiceLine", "cbc:InvoicedQuantity"
	if u.credit() {
		name, quantity = "cac:CreditNoteLine", "cbc:CreditedQuantity"
	}
	m := l.measure()
	u.group(name, func() {
		u.raw("cbc:ID", strconv.Itoa(n))
		u.raw("cbc:Note", lines(l.Note))
		u.raw(quantity, m.quantity, "unitCode", m.unit)
		u.amount("cbc:LineExtensionAmount", l.Amount)
		u.period(l.From, l.To)
		u.item(l)
		u.group("cac:Price", func() {
			u.raw("cbc:PriceAmount", l.UnitPrice.String(), "currencyID", string(u.Currency))
			u.raw("cbc:BaseQuantity", m.base, "unitCode", m.unit)
		})
	})
}

func (u *ubl) item(l Line) {
	u.group("cac:Item", func() {
		name := line(l.Description)
		if name == "" {
			name = unnamed
		}
		u.raw("cbc:Name", name)
		u.group("cac:ClassifiedTaxCategory", func() { u.category(l.Category, l.Percent, "") })
		u.attribute("Project", l.Project)
		u.attribute("Person", l.Person)
	})
}

func (u *ubl) attribute(name, value string) {
	if line(value) == "" {
		return
	}
	u.group("cac:AdditionalItemProperty", func() {
		u.raw("cbc:Name", name)
		u.text("cbc:Value", value)
	})
}

// measure is a quantity as it is written.
type measure struct{ quantity, unit, base string }

// measure is exact. Time is in hours where two decimals hold it (whole multiples
// of three minutes), as it is printed; else in minutes, and the price of an
// hour is that of 60 of them. Either way quantity ÷ base × price, rounded once,
// is the line's amount.
func (l Line) measure() measure {
	switch {
	case l.Minutes == 0:
		return measure{l.Quantity.String(), one, ""}
	case l.Minutes%3 == 0:
		return measure{decimal.New(l.Minutes/3*5, -2).String(), hour, ""}
	}
	return measure{strconv.FormatInt(l.Minutes, 10), minute, "60"}
}

// amount has the currency's decimals, two at most: [Document.Check] has seen
// that there are no more.
func (u *ubl) amount(name string, d decimal.Decimal) {
	u.raw(name, d.StringFixed(min(u.Currency.Decimals(), 2)), "currencyID", string(u.Currency))
}

func (u *ubl) date(name string, d civil.Date) {
	if !d.IsZero() {
		u.raw(name, d.String())
	}
}
