package story

import "cmp"

// Contacts are the kinds of news that a client's contact can get.
var Contacts = []string{"assigned", "reassigned", "status", "ready", "noted", "answered", "client_awaited", "staff_wrote"}

// newsWords are what a client's contact reads in their inbox, in one language.
type newsWords struct {
	news   map[string]string // by kind, as [news]
	wheres map[string]string // the words that go with it
}

// Translations are the line of [News] for a client's contact, by language;
// none where it is only for the staff.
func Translations(d Deed) map[string]string {
	all := map[string]string{}
	for language, w := range newsLanguages {
		words := w.news[d.Kind]
		if words != "" {
			in := d
			in.Where = cmp.Or(w.wheres[d.Where], d.Where)
			all[language] = in.in(words)
		}
	}
	return all
}

// newsLanguages hold the words by ISO 639 code. What stands for %p may begin
// with any letter and have any gender: nothing before it depends on that.
var newsLanguages = map[string]newsWords{
	"de": {
		news: map[string]string{
			"assigned":       "%a hat Ihnen %p zugewiesen",
			"reassigned":     "%a hat %p, woran Sie gearbeitet haben, an %w weitergegeben",
			"status":         "%a hat den Status von %p auf „%w“ gesetzt",
			"ready":          "%p kann beginnen: Es muss auf nichts mehr gewartet werden",
			"noted":          "%a hat %w hinzugefügt: %p",
			"answered":       "%a hat %p beantwortet",
			"client_awaited": "%a wartet auf Ihre Antwort zu %p",
			"staff_wrote":    "%a hat Ihnen zu %p geschrieben",
		},
		wheres: map[string]string{
			"planned": "geplant", "open": "offen", "complete": "erledigt", "completed": "erledigt", "cancelled": "abgebrochen",
			"note": "eine Notiz", "file": "eine Datei", "somebody else": "jemand anderen",
		},
	},
	"fr": {
		news: map[string]string{
			"assigned":       "%a vous a confié %p",
			"reassigned":     "%a a transmis à %w ce qui vous était confié : %p",
			"status":         "%a a changé l’état en « %w » : %p",
			"ready":          "%p peut commencer : plus rien n’est attendu",
			"noted":          "%a a ajouté %w : %p",
			"answered":       "%a a répondu : %p",
			"client_awaited": "%a attend votre réponse : %p",
			"staff_wrote":    "%a vous a écrit : %p",
		},
		wheres: map[string]string{
			"planned": "prévu", "open": "ouvert", "complete": "terminé", "completed": "terminé", "cancelled": "annulé",
			"note": "une note", "file": "un fichier", "somebody else": "quelqu’un d’autre",
		},
	},
	"es": {
		news: map[string]string{
			"assigned":       "%a le ha asignado %p",
			"reassigned":     "%a ha pasado a %w lo que usted tenía asignado: %p",
			"status":         "%a ha cambiado el estado a «%w»: %p",
			"ready":          "%p puede empezar: ya no hay que esperar nada",
			"noted":          "%a ha añadido %w: %p",
			"answered":       "%a ha respondido: %p",
			"client_awaited": "%a espera su respuesta: %p",
			"staff_wrote":    "%a le ha escrito: %p",
		},
		wheres: map[string]string{
			"planned": "planificado", "open": "abierto", "complete": "terminado", "completed": "terminado", "cancelled": "cancelado",
			"note": "una nota", "file": "un archivo", "somebody else": "otra persona",
		},
	},
}
