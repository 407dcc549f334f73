package postgres_test

import (
	"html"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"steward/internal/postgres"
)

func TestWordsAreWhatStandsBetweenSigns(t *testing.T) { // N.23
	t.Parallel()
	for q, want := range map[string]string{
		"web shop": "'web':* & 'shop':*", "Söhne & Co.": "'söhne':* & 'co':*", "ann@firm.example": "'ann':* & 'firm':* & 'example':*", "it's!": "'it':* & 's':*",
		"\\':*|&()": "", "a b c d e f g h i j k l": "'a':* & 'b':* & 'c':* & 'd':* & 'e':* & 'f':* & 'g':* & 'h':* & 'i':* & 'j':*",
	} {
		if got := postgres.Query(postgres.Words(q)); got != want {
			t.Errorf("%q is looked for as %s, want %s", q, got, want)
		}
	}
}

func TestAFragmentMarksWhatWasFound(t *testing.T) { // N.23
	t.Parallel()
	long := strings.Repeat("lorem ipsum ", 30)
	for _, c := range []struct{ text, q, want string }{
		{"The web shop", "shop we", "The <mark>web</mark> <mark>shop</mark>"},
		{"<b>Shop</b> & more", "shop", "&lt;b&gt;<mark>Shop</mark>&lt;/b&gt; &amp; more"},
		{"Workshop", "shop", "Workshop"},
		{"Shopping\n\nlist", "SHOP", "<mark>Shopping</mark> list"},
	} {
		if got, _ := postgres.Fragment(c.text, postgres.Words(c.q)); got != c.want {
			t.Errorf("%q in %q: %s, want %s", c.q, c.text, got, c.want)
		}
	}
	got, hit := postgres.Fragment(long+"needle "+long, postgres.Words("needle"))
	if !hit || !strings.HasPrefix(got, "…") || !strings.HasSuffix(got, "…") || !strings.Contains(got, "<mark>needle</mark>") || utf8.RuneCountInString(got) > 200 {
		t.Errorf("%v: %s", hit, got)
	}
}

// What a client's contact writes must not end the staff's search.
func TestWordsAreFoundLateInAnAddress(t *testing.T) { // N.23
	t.Parallel()
	text := "See https://shop.example.com/catalogue/summer/2026/outdoor-furniture/checkout for it"
	if got, hit := postgres.Fragment(text, postgres.Words("checkout")); !hit || got != "…<mark>checkout</mark> for it" {
		t.Errorf("%v: %s", hit, got)
	}
	if got, hit := postgres.Fragment(strings.Repeat("-", 300)+"needle", postgres.Words("needle")); !hit || got != "…<mark>needle</mark>" {
		t.Errorf("%v: %s", hit, got)
	}
	rapid.Check(t, func(t *rapid.T) { // with few blanks
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"needle", "/", "-", "lorem/", "ipsum-", " "}), 20, 200).Draw(t, "text"), "")
		if got, hit := postgres.Fragment(text, []string{"needle"}); hit != strings.Contains(got, "needle") {
			t.Fatalf("%v: %q becomes %q", hit, text, got)
		}
	})
}

func TestAFragmentIsSafeInAPage(t *testing.T) { // N.23
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("<>&\"' ab<é日\n"))).Draw(t, "text")
		got, _ := postgres.Fragment(text, postgres.Words(rapid.String().Draw(t, "q")))
		bare := strings.NewReplacer("<mark>", "", "</mark>", "").Replace(got)
		if strings.ContainsAny(bare, `<>"`) || strings.Count(got, "<mark>") != strings.Count(got, "</mark>") {
			t.Fatalf("%q becomes %q", text, got)
		}
		if !strings.Contains(strings.Join(strings.Fields(text), " "), strings.Trim(html.UnescapeString(bare), "…")) {
			t.Fatalf("%q becomes %q", text, got)
		}
	})
}
