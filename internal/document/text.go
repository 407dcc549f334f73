package document

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// tidy prepares text from people for the font. Letters with separate accents
// are joined; characters that are not there to be seen are dropped; what the
// font format cannot name (emoji, for one) becomes the replacement character,
// so that nothing readable disappears without a trace. Letters that the font
// lacks stay: they show as its box, and copy from the page as what they are.
func tidy(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(visible, norm.NFC.String(s))
}

func visible(r rune) rune {
	switch {
	case r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029':
		return '\n'
	case r == '\t':
		return ' '
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
		return -1
	case r > 0xFFFD:
		return '\uFFFD'
	}
	return r
}

// inline is tidy text on one line.
func inline(s string) string { return strings.Join(strings.FieldsFunc(tidy(s), breakable), " ") }

// breakable tells whether a line may end at r: at every space but those that
// are made not to.
func breakable(r rune) bool {
	return unicode.IsSpace(r) && r != '\u00A0' && r != '\u202F' && r != '\u2007'
}

// unbroken is short text that a line end does not divide.
func unbroken(s string) string { return strings.ReplaceAll(s, " ", "\u00A0") }

// present are the texts that are not blank.
func present(texts ...string) []string {
	var kept []string
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			kept = append(kept, t)
		}
	}
	return kept
}
