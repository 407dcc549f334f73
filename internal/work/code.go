package work

import (
	"strconv"
	"strings"
)

// Longest codes: as stored, and as made from a name.
const (
	codeLimit = 10
	nameLimit = 6
)

// ProjectCode chooses the short code that a project's tasks are numbered
// under: the ACME of "ACME-12". It is the wanted one if that is a code (a
// capital, then up to nine capitals and digits) and free, or else the name's
// first letters and digits, with a number behind them from 2 on until it is
// free. taken tells whether another project has the code.
func ProjectCode(wanted, name string, taken func(string) bool) string {
	if isCode(wanted) && !taken(wanted) {
		return wanted
	}
	stem := codeOf(name)
	code := stem
	for n := 2; taken(code); n++ {
		number := strconv.Itoa(n)
		code = stem[:min(len(stem), codeLimit-len(number))] + number
	}
	return code
}

func isCode(s string) bool {
	if s == "" || len(s) > codeLimit || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// codeOf is what of a name can stand in a code; "P" if nothing can.
func codeOf(name string) string {
	var b strings.Builder
	for _, c := range strings.ToUpper(name) {
		letter := 'A' <= c && c <= 'Z'
		digit := '0' <= c && c <= '9' && b.Len() > 0
		if letter || digit {
			b.WriteRune(c)
		}
		if b.Len() == nameLimit {
			break
		}
	}
	if b.Len() == 0 {
		return "P"
	}
	return b.String()
}
