package api

import (
	"strings"
	"testing"
	"time"

	"steward/internal/postgres/db"
)

func TestMailsAboutSignInAreInTheReadersWordsAndZone(t *testing.T) { // N.21
	t.Parallel()
	s, at := &Server{public: "https://steward.example"}, time.Date(2027, 2, 14, 23, 0, 0, 0, time.UTC)
	english := letterLanguages["en"]
	for language, w := range letterLanguages {
		to := db.ReaderRow{Name: "Erika", Language: language, TimeZone: "Europe/Berlin"}
		all := []letter{s.resetLetter(to, "secret"), s.inviteLetter(to, "Olivia", "secret", at)}
		for what := range english.changes {
			which := ""
			if strings.Contains(english.changes[what], "%s") {
				which = "erika@acme.example"
			}
			all = append(all, changedLetter(to, what, which, "192.0.2.1", at))
			if language != "en" && w.changes[what] == english.changes[what] {
				t.Errorf("%s has no words for %s", language, what)
			}
		}
		for i, l := range all {
			if l.subject == "" || strings.Contains(l.subject+l.body, "%!") || !strings.Contains(l.body, "Erika") || i > 0 && !strings.Contains(l.body, "00:00 CET") {
				t.Errorf("%s: got %s\n%s", language, l.subject, l.body)
			}
			if language != "en" && strings.Contains(l.body, "Hello") {
				t.Errorf("%s reads English: %s", language, l.body)
			}
		}
	}
}
