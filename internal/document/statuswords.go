package document

// statusWords are the words of a status report in one language. Of two texts
// the first is for one.
type statusWords struct {
	title, week, asOf, since                  string
	comment                                   string // by whom
	started, ends, billed, tasks, counts      string
	estimated, worked, workedSince, remaining string // the third since a day
	completed, opened, added, dropped, next   string
	unknown                                   string
	ago, ahead, others, some                  [2]string
}

func statusWordsFor(language string) statusWords {
	return inLanguage(statusLanguages, language)
}

// statusLanguages holds the words by ISO 639 code.
var statusLanguages = map[string]statusWords{
	"en": {
		title: "Status report", week: "Week", asOf: "As of", since: "Changes since", comment: "A word from %s",
		started: "Start", ends: "Estimated end", billed: "Billed so far", tasks: "Tasks", counts: "%d planned, %d open, %d complete",
		estimated: "Hours estimated", worked: "Hours worked", workedSince: "of these since %s", remaining: "Hours remaining",
		completed: "Completed", opened: "Begun", added: "New", dropped: "Dropped", next: "What comes next", unknown: "not known yet",
		ago: [2]string{"1 day ago", "%d days ago"}, ahead: [2]string{"in 1 day", "in %d days"},
		others: [2]string{"1 other task", "%d other tasks"}, some: [2]string{"1 task", "%d tasks"},
	},
	"de": {
		title: "Statusbericht", week: "Woche", asOf: "Stand", since: "Änderungen seit", comment: "Anmerkung von %s",
		started: "Beginn", ends: "Vorauss. Ende", billed: "Bisher berechnet", tasks: "Aufgaben", counts: "%d geplant, %d offen, %d erledigt",
		estimated: "Stunden geschätzt", worked: "Stunden geleistet", workedSince: "davon seit %s", remaining: "Stunden verbleibend",
		completed: "Erledigt", opened: "Begonnen", added: "Neu", dropped: "Entfallen", next: "Was als Nächstes kommt", unknown: "noch nicht bekannt",
		ago: [2]string{"vor 1 Tag", "vor %d Tagen"}, ahead: [2]string{"in 1 Tag", "in %d Tagen"},
		others: [2]string{"1 weitere Aufgabe", "%d weitere Aufgaben"}, some: [2]string{"1 Aufgabe", "%d Aufgaben"},
	},
	"fr": {
		title: "Rapport d’avancement", week: "Semaine", asOf: "État au", since: "Depuis le", comment: "Commentaire (%s)",
		started: "Début", ends: "Fin estimée", billed: "Facturé à ce jour", tasks: "Tâches", counts: "prévues : %d, en cours : %d, terminées : %d",
		estimated: "Heures estimées", worked: "Heures effectuées", workedSince: "dont depuis le %s", remaining: "Heures restantes",
		completed: "Terminé", opened: "Commencé", added: "Nouveau", dropped: "Abandonné", next: "La suite", unknown: "à préciser",
		ago: [2]string{"il y a 1 jour", "il y a %d jours"}, ahead: [2]string{"dans 1 jour", "dans %d jours"},
		others: [2]string{"1 autre tâche", "%d autres tâches"}, some: [2]string{"1 tâche", "%d tâches"},
	},
	"es": {
		title: "Informe de avance", week: "Semana", asOf: "Situación al", since: "Cambios desde", comment: "Unas palabras de %s",
		started: "Inicio", ends: "Fin estimado", billed: "Facturado", tasks: "Tareas", counts: "planificadas: %d, abiertas: %d, terminadas: %d",
		estimated: "Horas estimadas", worked: "Horas trabajadas", workedSince: "de ellas desde el %s", remaining: "Horas restantes",
		completed: "Terminado", opened: "Empezado", added: "Nuevo", dropped: "Descartado", next: "Lo que sigue", unknown: "por determinar",
		ago: [2]string{"hace 1 día", "hace %d días"}, ahead: [2]string{"dentro de 1 día", "dentro de %d días"},
		others: [2]string{"1 tarea más", "%d tareas más"}, some: [2]string{"1 tarea", "%d tareas"},
	},
}
