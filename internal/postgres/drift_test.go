package postgres_test

import (
	"os"
	"strings"
	"testing"
)

// What is counted as open is what reconcile tells: a kind that is added to one
// is added to the other.
func TestWhatIsCountedAsOpenIsWhatReconcileTells(t *testing.T) { // N.32
	union := func(file, from, to string) string {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, after, ok := strings.Cut(string(b), from)
		body, _, closed := strings.Cut(after, to)
		if !ok || !closed {
			t.Fatalf("%s has no %q … %q", file, from, to)
		}
		return strings.TrimSpace(strings.Replace(body, " AS entity_kind", "", 1))
	}
	_, afterTell, _ := strings.Cut(union("queries/commands.sql", "-- name: TellAll :execrows", ";"), "(entity_kind, entity_id)")
	told, counted := strings.TrimSpace(afterTell), union("queries/drift.sql", "FROM (", ") AS open_thing")
	if told != counted {
		t.Errorf("TellAll tells\n%s\nCountOpenThings counts\n%s", told, counted)
	}
}
