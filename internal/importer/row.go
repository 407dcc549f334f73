package importer

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"steward/internal/fault"
)

// A row is one row of a book. Its methods read a cell; what is wrong with it
// becomes a problem and marks the row as bad.
type row struct {
	book  *book
	line  int
	cells []string // as in the file, until the next row is read
	bad   bool
}

func (r *row) problem(column string, code fault.Code, format string, args ...any) {
	r.bad = true
	r.book.problems.add(Problem{r.book.file, r.line, column, code, fmt.Sprintf(format, args...)})
}

// blank tells whether there is nothing in the row: spreadsheets end with rows
// of commas.
func (r *row) blank() bool {
	for _, c := range r.cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// check refuses what no cell can be read from.
func (r *row) check() {
	if got, want := len(r.cells), len(r.book.headers); got != want {
		r.problem("", WrongCells, "the row has %d cells, the header has %d", got, want)
		return
	}
	for i, c := range r.cells {
		if !utf8.ValidString(c) {
			r.problem(r.book.headers[i], BadEncoding, "the text is not UTF-8: save the file as UTF-8")
		}
		if strings.ContainsRune(c, 0) {
			r.problem(r.book.headers[i], BadText, "the text holds a NUL character")
		}
	}
}

// cell is the text of a column, without space around it; empty if the file, or
// a row that is too short, has no such column.
func (r *row) cell(column string) string {
	i, ok := r.book.columns[column]
	if !ok || i >= len(r.cells) {
		return ""
	}
	return strings.TrimSpace(r.cells[i])
}

// text is a text of at most so many characters.
func (r *row) text(column string, most int) string {
	s := r.cell(column)
	if len(s) > most && utf8.RuneCountInString(s) > most {
		r.problem(column, TooLong, "the text has %d characters, at most %d are taken", utf8.RuneCountInString(s), most)
	}
	return s
}

// need is a text that must be there.
func (r *row) need(column string, most int) string {
	s := r.text(column, most)
	if s == "" {
		r.problem(column, Missing, "%s is missing", column)
	}
	return s
}

// needLine is a text of one line that must be there: names and titles stand in lists, where a new line is a space.
func (r *row) needLine(column string) string {
	s := r.need(column, nameLimit)
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	parts := strings.FieldsFunc(s, func(c rune) bool { return c == '\r' || c == '\n' })
	return strings.Join(parts, " ")
}

// key is the row's own key.
func (r *row) key() string { return r.need(r.book.key(), keyLimit) }

// list is the values of a cell, parted by ";", without empty and repeated ones.
func (r *row) list(column string) []string {
	var all []string
	seen := map[string]bool{}
	for _, s := range strings.Split(r.cell(column), ";") {
		s = strings.TrimSpace(s)
		if s == "" || seen[s] {
			continue
		}
		if utf8.RuneCountInString(s) > keyLimit {
			r.problem(column, TooLong, "%s has more than %d characters", quote(s), keyLimit)
		}
		seen[s] = true
		all = append(all, s)
	}
	return all
}

// quote shows a cell in a sentence, whatever is in it.
func quote(s string) string { return fmt.Sprintf("%q", shorten(s, 60)) }
