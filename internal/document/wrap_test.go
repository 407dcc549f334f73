package document

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTidyKeepsWhatCanBeRead(t *testing.T) { // S1.77
	t.Parallel()
	for in, want := range map[string]string{
		"Nguye\u0302\u0303n":     "Nguyễn",
		"a\tb\r\nc\u2028d":       "a b\nc\nd",
		"so\u00ADft\u200B\uFEFF": "soft",
		"heart ❤\uFE0F":          "heart ❤",
		"smile 😀":                "smile \uFFFD",
		"\xff\x00\x1b":           "\uFFFD",
		"山田":                     "山田",
	} {
		if got := tidy(in); got != want {
			t.Errorf("tidy(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWrapBreaksWhereOneWould(t *testing.T) { // S1.77
	t.Parallel()
	s := newSheet()
	for text, want := range map[string][]string{
		"":                         {""},
		"  one  two ":              {"one two"},
		"first\n\nthird":           {"first", "", "third"},
		"a short word of work":     {"a short word", "of work"},
		"Projekt-Management GmbH":  {"Projekt-", "Management", "GmbH"},
		"12\u00A0345\u00A0678 EUR": {"12\u00A0345\u00A0678", "EUR"},
		"Grundstücksverkehr":       {"Grundstücksv", "erkehr"},
		"2026-11-22 2026-11-23":    {"2026-11-22", "2026-11-23"},
	} {
		if diff := cmp.Diff(want, s.wrap(text, bodyStyle, 22)); diff != "" {
			t.Errorf("wrap(%q) (-want +got):\n%s", text, diff)
		}
	}
}

func TestWrappedLinesFitAndLoseNothing(t *testing.T) { // S1.77
	t.Parallel()
	s := newSheet()
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.String().Draw(r, "text")
		width := rapid.Float64Range(10, 80).Draw(r, "width")
		lines := s.wrap(text, bodyStyle, width)
		for _, l := range lines {
			if wide := s.width(l, bodyStyle); wide > width+0.01 {
				r.Fatalf("%q is %.2f wide, more than %.2f", l, wide, width)
			}
		}
		if got, want := letters(strings.Join(lines, "")), letters(tidy(text)); got != want {
			r.Fatalf("got letters %q, want %q", got, want)
		}
	})
}

// letters is text without the spaces at which lines may break.
func letters(s string) string { return strings.Join(strings.FieldsFunc(s, breakable), "") }

func TestOneLineEndsWithAnEllipsisWhereItIsCut(t *testing.T) { // S1.77
	t.Parallel()
	s := newSheet()
	if got := s.oneLine("Harrowfield\n& Lane", bodyStyle, 50); got != "Harrowfield & Lane" {
		t.Errorf("got %q, want it whole", got)
	}
	if got := s.oneLine("Harrowfield & Lane", bodyStyle, 22); got != "Harrowfield…" {
		t.Errorf("got %q, want %q", got, "Harrowfield…")
	}
}

func TestClipTellsThatThereIsMore(t *testing.T) { // S1.77
	t.Parallel()
	lines := []string{"a", "b", "c"}
	if diff := cmp.Diff([]string{"a", "b …"}, clip(lines, 2)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, clip(lines, 3)); diff != "" {
		t.Errorf("the lines were changed or cut:\n%s", diff)
	}
}
