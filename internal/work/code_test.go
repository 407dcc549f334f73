package work

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

func TestProjectCode(t *testing.T) { // S2.02
	used := map[string]bool{"ACME": true, "ACME2": true, "PC1": true}
	for _, c := range []struct{ wanted, name, want string }{
		{"PC2", "Project PC2", "PC2"},
		{"PC1", "Project PC1", "PROJEC"},
		{"", "Acme", "ACME3"},
		{"acme", "Website relaunch", "WEBSIT"},
		{"TOOLONGACODE", "2nd phase", "NDPHAS"},
		{"1A", "ünï", "N"},
		{"", "日本", "P"},
		{"", "", "P"},
		{"A-B", "a b", "AB"},
	} {
		got := ProjectCode(c.wanted, c.name, func(s string) bool { return used[s] })
		if got != c.want {
			t.Errorf("ProjectCode(%q, %q) = %q, want %q", c.wanted, c.name, got, c.want)
		}
	}
}

func TestProjectCodeIsAlwaysFreeAndFits(t *testing.T) { // S2.02
	form := regexp.MustCompile(`^[A-Z][A-Z0-9]{0,9}$`)
	rapid.Check(t, func(t *rapid.T) {
		used := map[string]bool{}
		for range 30 {
			code := ProjectCode(rapid.String().Draw(t, "wanted"), rapid.StringMatching(`[a-cé1 ]{0,8}`).Draw(t, "name"),
				func(s string) bool { return used[s] })
			if used[code] || !form.MatchString(code) {
				t.Fatalf("code %q, used: %v", code, used[code])
			}
			used[code] = true
		}
	})
}

func TestProjectCodeShortensForTheNumber(t *testing.T) { // S2.02
	n := 0
	got := ProjectCode("", "ABCDEFGH", func(string) bool { n++; return n < 100_000 })
	if want := "ABCD100000"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
