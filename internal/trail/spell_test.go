package trail_test

import (
	"testing"
	"time"

	"steward/internal/trail"
)

func TestATroubleIsNewsWhenItBeginsChangesAndIsOver(t *testing.T) { // N.30
	var s trail.Spell
	began := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for n, step := range []struct {
		what   string
		news   bool
		lasted time.Duration
	}{
		{"", false, 0}, {"away", true, 0}, {"away", false, 0}, {"lacking", true, 0}, {"", true, 3 * time.Second}, {"", false, 0}, {"away", true, 0}, {"", true, time.Second},
	} {
		news, lasted := s.Is(step.what, began.Add(time.Duration(n)*time.Second))
		if news != step.news || lasted != step.lasted {
			t.Errorf("%d: %q: got %v, %s", n, step.what, news, lasted)
		}
	}
}
