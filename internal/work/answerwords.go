package work

import (
	"fmt"
	"strings"
)

// answerWords are an answer from the project, in one language. Of two texts the
// first is for one day.
type answerWords struct {
	hours        string // begins what it says of hours
	figures      string // estimated, worked, remaining
	managersOnly string // in their place for who reads none
	begun, ends  [2]string
}

// answerLanguages holds the words by ISO 639 code. How each speaks of hours is
// how stored answers are known ([Answer.WithoutHours]): it never changes.
var answerLanguages = map[string]answerWords{
	"en": {
		hours: "Hours: ", figures: "%s estimated, %s worked, %s estimated to remain.",
		managersOnly: "The hours are for those to read who manage your organisation's projects.",
		begun:        [2]string{"Begun on %s, 1 day ago.", "Begun on %s, %d days ago."},
		ends:         [2]string{"Its end is planned for %s, in 1 day.", "Its end is planned for %s, in %d days."},
	},
	"de": {
		hours: "Stunden: ", figures: "%s geschätzt, %s geleistet, voraussichtlich verbleiben %s.",
		managersOnly: "Die Stunden sind denen vorbehalten, die die Projekte Ihrer Organisation verantworten.",
		begun:        [2]string{"Begonnen am %s, vor 1 Tag.", "Begonnen am %s, vor %d Tagen."},
		ends:         [2]string{"Das Ende ist für den %s geplant, in 1 Tag.", "Das Ende ist für den %s geplant, in %d Tagen."},
	},
	"fr": {
		hours: "Heures : ", figures: "%s estimées, %s effectuées, %s restantes selon l’estimation.",
		managersOnly: "Les heures sont réservées aux responsables des projets de votre organisation.",
		begun:        [2]string{"Début le %s, il y a 1 jour.", "Début le %s, il y a %d jours."},
		ends:         [2]string{"La fin est prévue le %s, dans 1 jour.", "La fin est prévue le %s, dans %d jours."},
	},
	"es": {
		hours: "Horas: ", figures: "%s estimadas, %s trabajadas, %s restantes según la estimación.",
		managersOnly: "Las horas están reservadas a quienes dirigen los proyectos de su organización.",
		begun:        [2]string{"Inicio el %s, hace 1 día.", "Inicio el %s, hace %d días."},
		ends:         [2]string{"El fin está previsto para el %s, dentro de 1 día.", "El fin está previsto para el %s, dentro de %d días."},
	},
}

func answerWordsFor(language string) answerWords {
	if w, ok := answerLanguages[language]; ok {
		return w
	}
	return answerLanguages["en"]
}

// Hours is what an answer from the project says of its hours.
func Hours(language, estimated, worked, remaining string) string {
	w := answerWordsFor(language)
	return w.hours + fmt.Sprintf(w.figures, estimated, worked, remaining)
}

// Begun is what it says of the project's start.
func Begun(language, day string, ago int) string {
	return withDays(answerWordsFor(language).begun, day, ago)
}

// Ends is what it says of its end.
func Ends(language, day string, ahead int) string {
	return withDays(answerWordsFor(language).ends, day, ahead)
}

func withDays(words [2]string, day string, n int) string {
	if n == 1 {
		return fmt.Sprintf(words[0], day)
	}
	return fmt.Sprintf(words[1], day, n)
}

// WithoutHours is an answer from the project for a contact who does not manage
// the client's affairs, and so is told no hours (S1.05). They are in the last
// sentence that begins so, in whatever language: what somebody wrote stands
// before it and stays, and after it come only days.
func (a Answer) WithoutHours() Answer {
	a.Summary = nil
	last, says := -1, answerWords{}
	for _, w := range answerLanguages {
		if at := strings.LastIndex(a.Text, w.hours); at > last {
			last, says = at, w
		}
	}
	if last >= 0 {
		_, rest, _ := strings.Cut(a.Text[last:], "\n\n")
		a.Text = strings.TrimSpace(a.Text[:last] + says.managersOnly + "\n\n" + rest)
	}
	return a
}
