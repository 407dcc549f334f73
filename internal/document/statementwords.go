package document

import (
	"steward/internal/billing"
)

// statementWords are the words of a statement of account in one language.
type statementWords struct {
	title, date, what, charge, payment, balance string
	brought, owed, favour                       string
	due, forInvoice                             string // a date, a number
	byAge                                       string // a date
	credit                                      string
	kinds                                       map[billing.LedgerKind]string
}

func statementWordsFor(language string) statementWords {
	return inLanguage(statementLanguages, language)
}

// statementLanguages holds the words by ISO 639 code.
var statementLanguages = map[string]statementWords{
	"en": {
		title: "Statement of account", date: "Date", what: "What", charge: "Charge", payment: "Payment, credit", balance: "Balance",
		brought: "Balance brought forward", owed: "Balance owed", favour: "Balance in your favour",
		due: "due %s", forInvoice: "for invoice %s", byAge: "Owed by age on %s", credit: "Open credit",
		kinds: map[billing.LedgerKind]string{
			billing.InvoiceIssued: "Invoice", billing.InvoiceVoided: "Void: invoice", billing.CreditIssued: "Credit note", billing.CreditVoided: "Void: credit note", billing.PaidIn: "Payment",
			billing.Reversed: "Payment reversed", billing.PaidBack: "Refund", billing.BackAgain: "Refund reversed",
			billing.WrittenOff: "Written off: invoice", billing.OwedAgain: "Owed again: invoice",
		},
	},
	"de": {
		title: "Kontoauszug", date: "Datum", what: "Vorgang", charge: "Belastung", payment: "Zahlung, Gutschrift", balance: "Saldo",
		brought: "Saldovortrag", owed: "Offener Saldo", favour: "Saldo zu Ihren Gunsten",
		due: "fällig am %s", forInvoice: "zu Rechnung %s", byAge: "Offen nach Alter am %s", credit: "Guthaben",
		kinds: map[billing.LedgerKind]string{
			billing.InvoiceIssued: "Rechnung", billing.InvoiceVoided: "Storniert: Rechnung", billing.CreditIssued: "Gutschrift", billing.CreditVoided: "Storniert: Gutschrift", billing.PaidIn: "Zahlung",
			billing.Reversed: "Zahlung zurückgebucht", billing.PaidBack: "Erstattung", billing.BackAgain: "Erstattung zurückgebucht",
			billing.WrittenOff: "Ausgebucht: Rechnung", billing.OwedAgain: "Wieder offen: Rechnung",
		},
	},
	"fr": {
		title: "Relevé de compte", date: "Date", what: "Opération", charge: "Débit", payment: "Paiement, avoir", balance: "Solde",
		brought: "Solde reporté", owed: "Solde dû", favour: "Solde en votre faveur",
		due: "échéance le %s", forInvoice: "sur facture %s", byAge: "Dû par ancienneté au %s", credit: "Avoir ouvert",
		kinds: map[billing.LedgerKind]string{
			billing.InvoiceIssued: "Facture", billing.InvoiceVoided: "Annulée : facture", billing.CreditIssued: "Avoir", billing.CreditVoided: "Annulé : avoir", billing.PaidIn: "Paiement",
			billing.Reversed: "Paiement rejeté", billing.PaidBack: "Remboursement", billing.BackAgain: "Remboursement annulé",
			billing.WrittenOff: "Passée en perte : facture", billing.OwedAgain: "De nouveau due : facture",
		},
	},
	"es": {
		title: "Estado de cuenta", date: "Fecha", what: "Concepto", charge: "Cargo", payment: "Pago, abono", balance: "Saldo",
		brought: "Saldo anterior", owed: "Saldo pendiente", favour: "Saldo a su favor",
		due: "vence el %s", forInvoice: "de la factura %s", byAge: "Pendiente por antigüedad al %s", credit: "Abono abierto",
		kinds: map[billing.LedgerKind]string{
			billing.InvoiceIssued: "Factura", billing.InvoiceVoided: "Anulada: factura", billing.CreditIssued: "Rectificativa", billing.CreditVoided: "Anulada: rectificativa", billing.PaidIn: "Pago",
			billing.Reversed: "Pago devuelto", billing.PaidBack: "Reembolso", billing.BackAgain: "Reembolso devuelto",
			billing.WrittenOff: "Condonada: factura", billing.OwedAgain: "De nuevo pendiente: factura",
		},
	},
}
