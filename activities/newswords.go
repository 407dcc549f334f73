package activities

// newsWords are the words around news in a mail, in one language.
type newsWords struct {
	hello         string // name
	more          string // behind the first one's subject: how many
	colon         string // between a digest's day and how much is in it
	things        [2]string
	since         string // opens a digest
	inInbox       string // how many a mail does not tell
	atOnce, daily string // how it came, and how to have it otherwise
}

// newsWordsFor are the words of a language, else the English ones.
func newsWordsFor(language string) newsWords {
	if w, ok := newsLanguages[language]; ok {
		return w
	}
	return newsLanguages["en"]
}

// newsLanguages holds the words by ISO 639 code. Staff read English.
var newsLanguages = map[string]newsWords{
	"en": {
		hello: "Hello %s,", more: " (and %d more)", colon: ": ", things: [2]string{"1 thing to know", "%d things to know"},
		since: "this is new since your last digest:", inInbox: "And %d more, which are in your inbox.",
		atOnce: "You are told at once.\nTo be told once a day, or not by mail, change that in steward:",
		daily:  "You get this once a day, when there is something to tell.\nTo be told at once, or not by mail, change that in steward:",
	},
	"de": {
		hello: "Guten Tag %s,", more: " (und %d weitere)", colon: ": ", things: [2]string{"1 Neuigkeit", "%d Neuigkeiten"},
		since: "das ist neu seit der letzten Zusammenfassung:", inInbox: "Weitere im Posteingang: %d.",
		atOnce: "Sie werden sofort benachrichtigt.\nEinmal am Tag oder gar nicht per E-Mail? Das ändern Sie in steward:",
		daily:  "Sie erhalten dies einmal am Tag, wenn es Neues gibt.\nSofort oder gar nicht per E-Mail? Das ändern Sie in steward:",
	},
	"fr": {
		hello: "Bonjour %s,", more: " (et %d de plus)", colon: " : ", things: [2]string{"1 nouvelle", "%d nouvelles"},
		since: "voici ce qui est nouveau depuis le dernier résumé :", inInbox: "Autres nouvelles dans votre boîte de réception : %d.",
		atOnce: "Vous recevez les nouvelles aussitôt.\nUne fois par jour, ou pas par courriel ? Cela se change dans steward :",
		daily:  "Vous recevez ce résumé une fois par jour, s’il y a du nouveau.\nAussitôt, ou pas par courriel ? Cela se change dans steward :",
	},
	"es": {
		hello: "Hola, %s:", more: " (y %d más)", colon: ": ", things: [2]string{"1 novedad", "%d novedades"},
		since: "esto es nuevo desde el último resumen:", inInbox: "Otras novedades en su bandeja de entrada: %d.",
		atOnce: "Recibe las novedades al momento.\n¿Una vez al día, o no por correo? Puede cambiarlo en steward:",
		daily:  "Recibe este resumen una vez al día, cuando hay novedades.\n¿Al momento, o no por correo? Puede cambiarlo en steward:",
	},
}
