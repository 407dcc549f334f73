package document

// reminderWords are the words of a reminder in one language.
type reminderWords struct {
	titles                        [3]string // by level, the last for all above
	number, invoice, open, days   string
	pastDue, credit, dueNow, owed string
	ages                          [5]string
}

func reminderWordsFor(language string) reminderWords {
	return inLanguage(reminderLanguages, language)
}

// reminderLanguages holds the words by ISO 639 code.
var reminderLanguages = map[string]reminderWords{
	"en": {
		titles: [3]string{"Payment reminder", "Second reminder", "Final reminder"},
		number: "Reminder", invoice: "Invoice", open: "Open", days: "Days",
		pastDue: "Past due", credit: "Your credit", dueNow: "To be paid now", owed: "Owed in total, with what is not listed above and less credit: %s",
		ages: [5]string{"Not due yet", "1–30 days", "31–60 days", "61–90 days", "Over 90 days"},
	},
	"de": {
		titles: [3]string{"Zahlungserinnerung", "Zweite Mahnung", "Letzte Mahnung"},
		number: "Mahnung", invoice: "Rechnung", open: "Offen", days: "Tage",
		pastDue: "Überfällig", credit: "Ihr Guthaben", dueNow: "Jetzt zu zahlen", owed: "Insgesamt offen, mit oben nicht Aufgeführtem und abzüglich Guthaben: %s",
		ages: [5]string{"Nicht fällig", "1–30 Tage", "31–60 Tage", "61–90 Tage", "Über 90 Tage"},
	},
	"fr": {
		titles: [3]string{"Rappel de paiement", "Deuxième rappel", "Dernier rappel"},
		number: "Rappel", invoice: "Facture", open: "Solde", days: "Jours",
		pastDue: "Échu", credit: "Votre avoir", dueNow: "À payer maintenant", owed: "Total dû, avec ce qui ne figure pas ci-dessus et déduction faite de l’avoir : %s",
		ages: [5]string{"Non échu", "1–30 jours", "31–60 jours", "61–90 jours", "Plus de 90 jours"},
	},
	"es": {
		titles: [3]string{"Recordatorio de pago", "Segundo recordatorio", "Último recordatorio"},
		number: "Recordatorio", invoice: "Factura", open: "Saldo", days: "Días",
		pastDue: "Vencido", credit: "Su saldo a favor", dueNow: "A pagar ahora", owed: "Total adeudado, con lo que no figura arriba y menos el saldo a favor: %s",
		ages: [5]string{"Por vencer", "1–30 días", "31–60 días", "61–90 días", "Más de 90 días"},
	},
}
