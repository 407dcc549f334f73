package story_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"steward/internal/story"
)

var update = flag.Bool("update", false, "write testdata/*.txt afresh")

// wheres are what goes with news of a kind for a contact.
var wheres = map[string][]string{
	"reassigned": {"somebody else"},
	"status":     {"planned", "open", "complete", "completed", "cancelled"},
	"noted":      {"note", "file"},
}

func TestAContactReadsNewsInTheClientsLanguage(t *testing.T) { // N.21, S2.16
	t.Parallel()
	var b strings.Builder
	for _, kind := range story.Contacts {
		for _, where := range append(wheres[kind], "")[:max(1, len(wheres[kind]))] {
			d := story.Deed{Kind: kind, Actor: "Anna", Thing: "ACME-12 Analysis", Where: where}
			english, all := story.News(d), story.Translations(d)
			fmt.Fprintf(&b, "%s\n  en: %s\n", strings.TrimSpace(kind+" "+where), english)
			said := []string{english}
			for _, language := range []string{"de", "fr", "es"} {
				fmt.Fprintf(&b, "  %s: %s\n", language, all[language])
				if all[language] == "" || slices.Contains(said, all[language]) || where != "note" && where != "" && strings.Contains(all[language], where) {
					t.Errorf("%s %s is %q in %s", kind, where, all[language], language)
				}
				said = append(said, all[language])
			}
		}
	}
	const file = "testdata/contactnews.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || b.String() != string(want) {
		t.Errorf("%v; got\n%s", err, b.String())
	}
}

func TestNewsOfTheStaffIsNotTranslated(t *testing.T) { // N.21
	t.Parallel()
	if all := story.Translations(story.Deed{Kind: "escalated"}); len(all) != 0 {
		t.Errorf("got %v", all)
	}
}
