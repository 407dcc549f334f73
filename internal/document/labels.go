package document

import (
	"fmt"

	"steward/internal/civil"
)

// labels are the words and the habits of one language.
type labels struct {
	invoice, draft, notInvoice                          string
	number, issued, due, period, through, order, client string
	buyerTaxID, taxID, phone                            string
	buyerVATID, vatID, taxNumber, buyerTaxNumber        string // where there is a VAT identifier
	creditNumber, creditOf, credited, creditReason      string
	description, quantity, rate, tax, amount            string
	continued, late, sectionTotal                       string
	subtotal, taxOn, taxTotal, total, paid, amountDue   string
	dueBy, payment, reference, terms, notes, page       string
	scan, scanWith                                      string

	decimal, thousands string     // 12,345.60
	ordinal            string     // behind a day: "3." in German
	months             [12]string // as in a short date
}

// languages holds the labels by ISO 639 code; [labelsFor] falls back on English.
var languages = map[string]labels{"en": english, "de": german, "fr": french, "es": spanish}

var english = labels{
	invoice: "Invoice", draft: "draft", notInvoice: "Draft – not an invoice",
	number: "Invoice number", issued: "Issue date", due: "Due date", period: "Period",
	through: "Work through", order: "Your order", client: "Client number",
	creditNumber: "Credit note", creditOf: "For invoice", credited: "Credited to you", creditReason: "Reason",
	buyerTaxID: "Your tax ID", taxID: "Tax ID", phone: "Tel.",
	buyerVATID: "Your VAT ID", vatID: "VAT ID", taxNumber: "Tax number", buyerTaxNumber: "Your tax number",
	description: "Description", quantity: "Quantity", rate: "Rate", tax: "Tax", amount: "Amount",
	continued: "continued", late: "recorded late", sectionTotal: "Total",
	subtotal: "Subtotal", taxOn: "%s %s%% on %s", taxTotal: "Tax", total: "Total", paid: "Paid",
	amountDue: "Amount due", dueBy: "Due %s", payment: "Payment details", reference: "Reference",
	terms: "Terms", notes: "Notes", page: "Page %d of %d",
	scan: "Scan to pay", scanWith: "with your banking app (EPC QR code)",
	decimal: ".", thousands: ",",
	months: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
}

func labelsFor(language string) labels {
	return inLanguage(languages, language)
}

// day writes a date with its month in letters, the same to every reader:
// "3 Nov 2026".
func (l labels) day(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s %d", l.dayAndMonth(d), d.Year)
}

func (l labels) dayAndMonth(d civil.Date) string {
	return fmt.Sprintf("%d%s %s", d.Day, l.ordinal, l.months[(d.Month+11)%12])
}

// days writes a span of dates without repeating itself: "3–14 Nov 2026".
func (l labels) days(from, to civil.Date) string {
	switch {
	case from.IsZero() || from == to:
		return l.day(to)
	case to.IsZero():
		return l.day(from)
	case from.Year != to.Year:
		return l.day(from) + " – " + l.day(to)
	case from.Month != to.Month:
		return l.dayAndMonth(from) + " – " + l.day(to)
	}
	return fmt.Sprintf("%d%s–%s", from.Day, l.ordinal, l.day(to))
}
