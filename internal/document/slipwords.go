package document

// A slipWording is what stands on the payment part of a QR-bill, word for word
// as its style guide has it.
type slipWording struct {
	part, receipt, account, reference, information string
	payer, payerBlank                              string
	currency, amount, acceptance, separate         string
}

// slipWordings are the four languages of the style guide; others read English.
var slipWordings = map[string]slipWording{
	"en": {
		part: "Payment part", receipt: "Receipt", account: "Account / Payable to", reference: "Reference", information: "Additional information",
		payer: "Payable by", payerBlank: "Payable by (name/address)",
		currency: "Currency", amount: "Amount", acceptance: "Acceptance point", separate: "Separate before paying in",
	},
	"de": {
		part: "Zahlteil", receipt: "Empfangsschein", account: "Konto / Zahlbar an", reference: "Referenz", information: "Zusätzliche Informationen",
		payer: "Zahlbar durch", payerBlank: "Zahlbar durch (Name/Adresse)",
		currency: "Währung", amount: "Betrag", acceptance: "Annahmestelle", separate: "Vor der Einzahlung abzutrennen",
	},
	"fr": {
		part: "Section paiement", receipt: "Récépissé", account: "Compte / Payable à", reference: "Référence", information: "Informations supplémentaires",
		payer: "Payable par", payerBlank: "Payable par (nom/adresse)",
		currency: "Monnaie", amount: "Montant", acceptance: "Point de dépôt", separate: "A détacher avant le versement",
	},
	"it": {
		part: "Sezione pagamento", receipt: "Ricevuta", account: "Conto / Pagabile a", reference: "Riferimento", information: "Informazioni supplementari",
		payer: "Pagabile da", payerBlank: "Pagabile da (nome/indirizzo)",
		currency: "Valuta", amount: "Importo", acceptance: "Punto di accettazione", separate: "Da staccare prima del versamento",
	},
}
