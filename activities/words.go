package activities

// words are the texts to clients in one language.
type words struct {
	net, monthEnd, onReceipt string // terms of payment
	tax, otherItems          string
	creditNote               string

	invoiceSubject string // number, firm
	invoiceBody    string // client, number, issued, amount, due, link, firm

	creditSubject string // number, firm
	creditBody    string // client, number, issued, amount, invoice, link, firm

	reminderSubject [3]string // by level, the last for all above: firm
	reminderBody    string    // client, opening, what is owed, comment, firm
	reminderTexts   [3]string // by level; the policy may have its own
	reminderOwed    string    // past due in one currency
	fee, interest   string    // charges: level; percent and day

	statusSubject string // day, firm
	statusBody    string // reader, day, comment, projects, link, firm
	statusProject string // project, hours: worked, since, a day, remaining
}

// languages are the texts by ISO 639 code; [wordsFor] falls back on English.
var languages = map[string]words{"en": english, "de": german, "fr": french, "es": spanish}

func wordsFor(language string) words {
	if w, ok := languages[language]; ok {
		return w
	}
	return english
}

// printedLanguage is the language as a document's snapshot has it: none for
// English.
func printedLanguage(language string) string {
	if language == "en" {
		return ""
	}
	return language
}

// byLevel is the text for a level of reminding, the last for all above.
func byLevel(texts [3]string, level int) string { return texts[min(max(level, 1), len(texts))-1] }

var english = words{
	net: "Net %d days", monthEnd: "End of month plus %d days", onReceipt: "Due on receipt",
	tax: "Tax", otherItems: "Other items", creditNote: "Credit note",
	invoiceSubject: "Invoice %s from %s",
	invoiceBody: `Hello %s,

attached is our invoice %s of %s over %s, due %s.

It can also be read here:
%s

Kind regards
%s
`,
	creditSubject: "Credit note %s from %s",
	creditBody: `Hello %s,

attached is our credit note %s of %s over %s, for our invoice %s.

It can also be read here:
%s

Kind regards
%s
`,
	reminderSubject: [3]string{"Payment reminder from %s", "Second payment reminder from %s", "Final payment reminder from %s"},
	reminderBody: `Hello %s,

%s

%s
The invoices and what is still open on each are in the attached letter.
%s
Kind regards
%s
`,
	reminderTexts: [3]string{
		"perhaps it has slipped your mind: we have not received all payments for our invoices yet. If you have paid in the meantime, please take no notice of this.",
		"we have reminded you before, and the payments are still missing. Please pay what is past due within seven days, or tell us what keeps you from it.",
		"in spite of our reminders the payments are still missing. Please pay what is past due at once; otherwise we shall have to take further steps.",
	},
	reminderOwed: "Past due: %s\n",
	fee:          "Reminder fee, level %d", interest: "Interest of %s%% a year on what was past due on %s",
	statusSubject: "Status of your projects, %s, from %s",
	statusBody: `Hello %s,

attached is how your projects stand as of %s.
%s
%s
It can also be read here:
%s

Kind regards
%s
`,
	statusProject: "%s\n  %s hours worked, %s of them since %s; %s remaining\n",
}

var german = words{
	net: "Zahlbar innerhalb von %d Tagen", monthEnd: "Zahlbar %d Tage nach Monatsende", onReceipt: "Zahlbar sofort",
	tax: "USt.", otherItems: "Weitere Positionen", creditNote: "Gutschrift",
	invoiceSubject: "Rechnung %s von %s",
	invoiceBody: `Guten Tag %s,

anbei erhalten Sie unsere Rechnung %s vom %s über %s, fällig am %s.

Sie finden sie auch hier:
%s

Mit freundlichen Grüßen
%s
`,
	creditSubject: "Gutschrift %s von %s",
	creditBody: `Guten Tag %s,

anbei erhalten Sie unsere Gutschrift %s vom %s über %s zu unserer Rechnung %s.

Sie finden sie auch hier:
%s

Mit freundlichen Grüßen
%s
`,
	reminderSubject: [3]string{"Zahlungserinnerung von %s", "Zweite Mahnung von %s", "Letzte Mahnung von %s"},
	reminderBody: `Guten Tag %s,

%s

%s
Die Rechnungen und die offenen Beträge finden Sie im beigefügten Schreiben.
%s
Mit freundlichen Grüßen
%s
`,
	reminderTexts: [3]string{
		"sicher ist es Ihrer Aufmerksamkeit entgangen: Zu unseren Rechnungen fehlen noch Zahlungen. Sollten Sie inzwischen gezahlt haben, betrachten Sie dieses Schreiben bitte als gegenstandslos.",
		"auf unsere Erinnerung haben wir noch keinen vollständigen Zahlungseingang feststellen können. Bitte begleichen Sie die überfälligen Beträge innerhalb von sieben Tagen oder teilen Sie uns mit, was dem entgegensteht.",
		"trotz unserer Mahnungen fehlen weiterhin Zahlungen. Bitte begleichen Sie die überfälligen Beträge umgehend; andernfalls müssen wir weitere Schritte einleiten.",
	},
	reminderOwed: "Überfällig: %s\n",
	fee:          "Mahngebühr, Stufe %d", interest: "Verzugszinsen von %s %% im Jahr auf die am %s überfälligen Beträge",
	statusSubject: "Stand Ihrer Projekte, %s, von %s",
	statusBody: `Guten Tag %s,

anbei erhalten Sie den Stand Ihrer Projekte, %s.
%s
%s
Sie finden ihn auch hier:
%s

Mit freundlichen Grüßen
%s
`,
	statusProject: "%s\n  %s Stunden geleistet, davon %s seit %s; %s verbleiben\n",
}

var french = words{
	net: "Paiement à %d jours", monthEnd: "Paiement à %d jours fin de mois", onReceipt: "Paiement à réception",
	tax: "TVA", otherItems: "Autres prestations", creditNote: "Avoir",
	invoiceSubject: "Facture %s de %s",
	invoiceBody: `Bonjour %s,

veuillez trouver ci-joint notre facture %s du %s d’un montant de %s, à régler avant le %s.

Elle se trouve aussi ici :
%s

Cordialement
%s
`,
	creditSubject: "Avoir %s de %s",
	creditBody: `Bonjour %s,

veuillez trouver ci-joint notre avoir %s du %s d’un montant de %s, relatif à notre facture %s.

Il se trouve aussi ici :
%s

Cordialement
%s
`,
	reminderSubject: [3]string{"Rappel de paiement de %s", "Deuxième rappel de paiement de %s", "Dernier rappel de paiement de %s"},
	reminderBody: `Bonjour %s,

%s

%s
Les factures et les montants restant dus figurent dans la lettre ci-jointe.
%s
Cordialement
%s
`,
	reminderTexts: [3]string{
		"sauf erreur de notre part, nous n’avons pas encore reçu tous les règlements de nos factures. Si vous avez payé entre-temps, veuillez ne pas tenir compte de ce rappel.",
		"malgré notre premier rappel, les règlements n’ont pas été reçus. Nous vous prions de payer les montants échus sous sept jours ou de nous dire ce qui s’y oppose.",
		"malgré nos rappels, les règlements n’ont toujours pas été reçus. Nous vous prions de payer sans délai les montants échus ; à défaut, nous devrons engager d’autres démarches.",
	},
	reminderOwed: "Montant échu : %s\n",
	fee:          "Frais de rappel, niveau %d", interest: "Intérêts de %s %% par an sur les montants échus au %s",
	statusSubject: "Avancement de vos projets, %s, de %s",
	statusBody: `Bonjour %s,

veuillez trouver ci-joint l’état d’avancement de vos projets au %s.
%s
%s
Il se trouve aussi ici :
%s

Cordialement
%s
`,
	statusProject: "%s\n  %s heures effectuées, dont %s depuis le %s ; %s restantes\n",
}

var spanish = words{
	net: "Pago a %d días", monthEnd: "Pago a %d días desde fin de mes", onReceipt: "Pago al recibir la factura",
	tax: "IVA", otherItems: "Otros conceptos", creditNote: "Factura rectificativa",
	invoiceSubject: "Factura %s de %s",
	invoiceBody: `Estimados señores de %s:

adjuntamos nuestra factura %s de fecha %s por un importe de %s, con vencimiento el %s.

También se encuentra aquí:
%s

Un cordial saludo
%s
`,
	creditSubject: "Factura rectificativa %s de %s",
	creditBody: `Estimados señores de %s:

adjuntamos nuestra factura rectificativa %s de fecha %s por un importe de %s, correspondiente a nuestra factura %s.

También se encuentra aquí:
%s

Un cordial saludo
%s
`,
	reminderSubject: [3]string{"Recordatorio de pago de %s", "Segundo recordatorio de pago de %s", "Último recordatorio de pago de %s"},
	reminderBody: `Estimados señores de %s:

%s

%s
Las facturas y los importes pendientes figuran en la carta adjunta.
%s
Un cordial saludo
%s
`,
	reminderTexts: [3]string{
		"quizá se les haya pasado por alto: todavía no hemos recibido todos los pagos de nuestras facturas. Si ya han pagado, les rogamos que no tengan en cuenta este aviso.",
		"a pesar de nuestro recordatorio, los pagos siguen pendientes. Les rogamos que abonen los importes vencidos en un plazo de siete días o que nos digan qué lo impide.",
		"a pesar de nuestros recordatorios, los pagos siguen pendientes. Les rogamos que abonen de inmediato los importes vencidos; de lo contrario tendremos que tomar otras medidas.",
	},
	reminderOwed: "Importe vencido: %s\n",
	fee:          "Gastos de recordatorio, nivel %d", interest: "Intereses del %s %% anual sobre los importes vencidos el %s",
	statusSubject: "Situación de sus proyectos, %s, de %s",
	statusBody: `Hola, %s:

adjuntamos la situación de sus proyectos al %s.
%s
%s
También se encuentra aquí:
%s

Un cordial saludo
%s
`,
	statusProject: "%s\n  %s horas trabajadas, %s de ellas desde el %s; quedan %s\n",
}
