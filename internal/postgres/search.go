package postgres

import (
	"html"
	"strings"
	"unicode"
)

// mostWords is how many words of a search are looked for.
const mostWords = 10

// Words are what is looked for: what stands between signs, in small letters.
func Words(q string) []string {
	words := strings.FieldsFunc(strings.ToLower(q), func(r rune) bool { return !inWord(r) })
	return words[:min(len(words), mostWords)]
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// Query finds what has all of the words, or longer ones that begin so.
func Query(words []string) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = "'" + w + "':*"
	}
	return strings.Join(parts, " & ")
}

// How much of a text is shown: so many letters, of which so many before the
// first that was found.
const (
	fragmentLength = 180
	fragmentBefore = 50
)

// Fragment is the part of a text in which words are found first, with what was
// found in <mark>. All else is escaped: it can stand in a page as it is. It
// tells whether anything was found.
func Fragment(text string, words []string) (string, bool) {
	letters := []rune(strings.Join(strings.Fields(text), " "))
	hits := hitsIn(letters, words)
	from := 0
	if len(hits) > 0 {
		from = min(wordBegin(letters, max(hits[0][0]-fragmentBefore, 0)), hits[0][0]) // within an address there is no blank
	}
	to := min(from+fragmentLength, len(letters))
	var b strings.Builder
	if from > 0 {
		b.WriteString("…")
	}
	at := from
	for _, h := range hits {
		if h[1] > to {
			break
		}
		b.WriteString(html.EscapeString(string(letters[at:h[0]])))
		b.WriteString("<mark>" + html.EscapeString(string(letters[h[0]:h[1]])) + "</mark>")
		at = h[1]
	}
	b.WriteString(html.EscapeString(string(letters[at:to])))
	if to < len(letters) {
		b.WriteString("…")
	}
	return b.String(), len(hits) > 0
}

// hitsIn are the words of a text that begin with one of those looked for, from
// where to where.
func hitsIn(letters []rune, words []string) [][2]int {
	var hits [][2]int
	for i := 0; i < len(letters); {
		if !inWord(letters[i]) {
			i++
			continue
		}
		end := i
		for end < len(letters) && inWord(letters[end]) {
			end++
		}
		word := strings.ToLower(string(letters[i:end]))
		for _, w := range words {
			if strings.HasPrefix(word, w) {
				hits = append(hits, [2]int{i, end})
				break
			}
		}
		i = end
	}
	return hits
}

// wordBegin is where the next word begins, at or after a letter.
func wordBegin(letters []rune, at int) int {
	for at > 0 && at < len(letters) && letters[at-1] != ' ' {
		at++
	}
	return at
}
