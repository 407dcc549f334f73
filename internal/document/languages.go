package document

import (
	"strings"

	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/money"
)

// Money writes an amount with its currency as a language does, in every document
// and mail: "EUR 1,234.50" in English, "1.234,50 EUR" in German, French and
// Spanish, as the European Union's style guide has it for the codes of ISO 4217.
func Money(language string, d decimal.Decimal, c money.Currency) string {
	l := labelsFor(language)
	return l.in(c, l.money(d, c))
}

// in puts a currency beside a figure.
func (l labels) in(c money.Currency, figure string) string {
	if l.decimal == "." {
		return string(c) + " " + figure
	}
	return figure + " " + string(c)
}

// inLanguage is what stands for an ISO 639 code, else the English.
func inLanguage[W any](all map[string]W, language string) W {
	if w, ok := all[strings.ToLower(language)]; ok {
		return w
	}
	return all["en"]
}

// Day writes a date with its month in letters, as a language does.
func Day(language string, d civil.Date) string { return labelsFor(language).day(d) }

// Percent writes a percentage without its sign, as a language does: "7,5".
func Percent(language string, d decimal.Decimal) string { return labelsFor(language).percent(d) }

var german = labels{
	invoice: "Rechnung", draft: "Entwurf", notInvoice: "Entwurf – keine Rechnung",
	number: "Rechnungsnr.", issued: "Datum", due: "Fällig am", period: "Zeitraum",
	through: "Leistung bis", order: "Ihre Bestellung", client: "Kundennr.",
	creditNumber: "Gutschriftsnr.", creditOf: "Zu Rechnung", credited: "Ihnen gutgeschrieben", creditReason: "Grund",
	buyerTaxID: "Ihre USt-IdNr.", taxID: "USt-IdNr.", phone: "Tel.",
	buyerVATID: "Ihre USt-IdNr.", vatID: "USt-IdNr.", taxNumber: "Steuernr.", buyerTaxNumber: "Ihre Steuernr.",
	description: "Beschreibung", quantity: "Menge", rate: "Satz", tax: "USt.", amount: "Betrag",
	continued: "Fortsetzung", late: "nacherfasst", sectionTotal: "Summe",
	subtotal: "Zwischensumme", taxOn: "%s %s %% auf %s", taxTotal: "USt. gesamt", total: "Gesamt", paid: "Bezahlt",
	amountDue: "Zu zahlen", dueBy: "Fällig am %s", payment: "Bankverbindung", reference: "Verwendungszweck",
	terms: "Zahlungsbedingungen", notes: "Hinweise", page: "Seite %d von %d",
	scan: "Scannen und bezahlen", scanWith: "mit der App Ihrer Bank (GiroCode)",
	decimal: ",", thousands: ".", ordinal: ".",
	months: [12]string{"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."},
}

var french = labels{
	invoice: "Facture", draft: "brouillon", notInvoice: "Brouillon – pas une facture",
	number: "Facture n°", issued: "Date", due: "Échéance", period: "Période",
	through: "Travaux jusqu’au", order: "Votre commande", client: "Client n°",
	creditNumber: "Avoir n°", creditOf: "Sur facture", credited: "À votre crédit", creditReason: "Motif",
	buyerTaxID: "Votre n° TVA", taxID: "N° TVA", phone: "Tél.",
	buyerVATID: "Votre n° TVA", vatID: "N° TVA", taxNumber: "N° fiscal", buyerTaxNumber: "Votre n° fiscal",
	description: "Désignation", quantity: "Quantité", rate: "Tarif", tax: "TVA", amount: "Montant",
	continued: "suite", late: "saisi tardivement", sectionTotal: "Total",
	subtotal: "Total HT", taxOn: "%s %s %% sur %s", taxTotal: "Total TVA", total: "Total TTC", paid: "Payé",
	amountDue: "À payer", dueBy: "Échéance le %s", payment: "Coordonnées bancaires", reference: "Référence",
	terms: "Conditions de paiement", notes: "Remarques", page: "Page %d sur %d",
	scan: "Scanner pour payer", scanWith: "avec l’application de votre banque (code QR SEPA)",
	decimal: ",", thousands: "\u00a0",
	months: [12]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
}

var spanish = labels{
	invoice: "Factura", draft: "borrador", notInvoice: "Borrador – no es factura",
	number: "Factura n.º", issued: "Fecha", due: "Vencimiento", period: "Periodo",
	through: "Trabajo hasta", order: "Su pedido", client: "Cliente n.º",
	creditNumber: "Rectificativa n.º", creditOf: "De la factura", credited: "A su favor", creditReason: "Motivo",
	buyerTaxID: "Su NIF", taxID: "NIF", phone: "Tel.",
	buyerVATID: "Su NIF-IVA", vatID: "NIF-IVA", taxNumber: "NIF", buyerTaxNumber: "Su NIF",
	description: "Descripción", quantity: "Cantidad", rate: "Tarifa", tax: "IVA", amount: "Importe",
	continued: "continuación", late: "registrado tarde", sectionTotal: "Total",
	subtotal: "Base imponible", taxOn: "%s %s %% sobre %s", taxTotal: "Total IVA", total: "Total", paid: "Pagado",
	amountDue: "A pagar", dueBy: "Vence el %s", payment: "Datos bancarios", reference: "Referencia",
	terms: "Condiciones de pago", notes: "Observaciones", page: "Página %d de %d",
	scan: "Escanear para pagar", scanWith: "con la aplicación de su banco (código QR SEPA)",
	decimal: ",", thousands: ".",
	months: [12]string{"ene.", "feb.", "mar.", "abr.", "may.", "jun.", "jul.", "ago.", "sept.", "oct.", "nov.", "dic."},
}
