package document

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const ellipsis = "…"

// wrap breaks text into lines no wider than width: at line ends in the text,
// then between words, then after hyphens and slashes, and inside a word only
// where it is wider than a whole line. It returns at least one line.
func (s *sheet) wrap(text string, st style, width float64) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(strings.TrimFunc(tidy(text), breakable), "\n") {
		lines = append(lines, s.wrapParagraph(paragraph, st, width)...)
	}
	return lines
}

func (s *sheet) wrapParagraph(paragraph string, st style, width float64) []string {
	w := wrapper{sheet: s, style: st, width: width, space: s.width(" ", st)}
	for word := range strings.FieldsFuncSeq(paragraph, breakable) {
		for i, piece := range pieces(word) {
			w.add(piece, i == 0)
		}
	}
	return append(w.lines, w.line.String())
}

// wrapper fills one line after the other.
type wrapper struct {
	sheet        *sheet
	style        style
	width, space float64

	lines []string
	line  strings.Builder
	used  float64
}

// add puts a piece on the line, or on the next one where it does not fit.
func (w *wrapper) add(piece string, spaced bool) {
	wide := w.sheet.width(piece, w.style)
	gap := 0.0
	if spaced && w.line.Len() > 0 {
		gap = w.space
	}
	switch {
	case w.used+gap+wide <= w.width:
		w.put(piece, gap, wide)
	case wide <= w.width:
		w.end()
		w.put(piece, 0, wide)
	default:
		w.split(piece)
	}
}

// split breaks a piece that is wider than a line, never between a letter and
// its accents.
func (w *wrapper) split(piece string) {
	w.end()
	for piece != "" {
		n := cluster(piece)
		wide := w.sheet.width(piece[:n], w.style)
		if w.used+wide > w.width {
			w.end()
		}
		w.put(piece[:n], 0, wide)
		piece = piece[n:]
	}
}

func (w *wrapper) put(piece string, gap, wide float64) {
	if gap > 0 {
		w.line.WriteByte(' ')
	}
	w.line.WriteString(piece)
	w.used += gap + wide
}

func (w *wrapper) end() {
	if w.line.Len() == 0 {
		return
	}
	w.lines = append(w.lines, w.line.String())
	w.line.Reset()
	w.used = 0
}

// pieces cuts a word after each hyphen or slash between letters.
func pieces(word string) []string {
	var cut []string
	for {
		i := strings.IndexAny(word, "-/–—")
		if i <= 0 {
			return append(cut, word)
		}
		_, n := utf8.DecodeRuneInString(word[i:])
		next, _ := utf8.DecodeRuneInString(word[i+n:])
		if !unicode.IsLetter(next) {
			return append(cut, word)
		}
		cut, word = append(cut, word[:i+n]), word[i+n:]
	}
}

// cluster is the length in bytes of the first letter of s with its accents.
func cluster(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if !unicode.Is(unicode.M, r) {
			break
		}
		n += size
	}
	return n
}

// clip keeps the first n lines; where there are more, the last one kept ends
// with an ellipsis.
func clip(lines []string, n int) []string {
	if len(lines) <= n {
		return lines
	}
	kept := append([]string{}, lines[:n]...)
	kept[n-1] += " " + ellipsis
	return kept
}

// oneLine is text on a single line, cut with an ellipsis where it is too wide.
func (s *sheet) oneLine(text string, st style, width float64) string {
	text = inline(text)
	if s.width(text, st) <= width {
		return text
	}
	lines := s.wrap(text, st, width-s.width(ellipsis, st))
	return lines[0] + ellipsis
}
