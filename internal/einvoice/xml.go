package einvoice

import (
	"bytes"
	"encoding/xml"
	"strings"
	"unicode"
	"unicode/utf8"
)

// writer writes elements one below the other. What is empty is left out: an
// empty element says nothing, and is refused by some who read it.
type writer struct {
	bytes.Buffer
	depth int
}

func (w *writer) start(name string, attrs []string) {
	w.WriteString(strings.Repeat("  ", w.depth) + "<" + name)
	for i := 0; i < len(attrs); i += 2 {
		w.WriteString(" " + attrs[i] + `="`)
		w.escape(attrs[i+1])
		w.WriteByte('"')
	}
	w.WriteByte('>')
}

// group writes an element with what is in it, if anything is.
func (w *writer) group(name string, inside func(), attrs ...string) {
	before := w.Len()
	w.start(name, attrs)
	w.WriteByte('\n')
	empty := w.Len()
	w.depth++
	inside()
	w.depth--
	if w.Len() == empty {
		w.Truncate(before)
		return
	}
	w.WriteString(strings.Repeat("  ", w.depth) + "</" + name + ">\n")
}

// text writes an element with a text of one line, if there is one.
func (w *writer) text(name, s string, attrs ...string) { w.raw(name, line(s), attrs...) }

// raw writes an element with a text that is clean already.
func (w *writer) raw(name, s string, attrs ...string) {
	if s == "" {
		return
	}
	w.start(name, attrs)
	w.escape(s)
	w.WriteString("</" + name + ">\n")
}

// escape never fails: a buffer takes all.
func (w *writer) escape(s string) { _ = xml.EscapeText(&w.Buffer, []byte(s)) }

// line is a text on one line, without characters that XML or people cannot
// read. Marks of direction stay: they belong to the words.
func line(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// lines is a text of several lines, each as [line] has it, without empty ones.
func lines(s string) string {
	var all []string
	for l := range strings.Lines(s) {
		if l = line(l); l != "" {
			all = append(all, l)
		}
	}
	return strings.Join(all, "\n")
}

// clean puts a space for each control character, and U+FFFD for what is no
// character.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case r == 0xFFFE || r == 0xFFFF:
			return utf8.RuneError
		}
		return r
	}, s)
}
