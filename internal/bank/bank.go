// Package bank reads money that came in from the files of banks: CSV with the
// columns that docs/billing.md lists, and CAMT.053 statements (ISO 20022).
//
// It owns the formats and nothing else: a line gets a key, by which the same
// line of the same statement is known again, and the numbers of invoices that
// its text names. Whose money it is, is found out by whoever has the invoices.
package bank

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/fault"
)

// BadFile is the code for what is not a statement that can be read.
const BadFile fault.Code = "bad_statement"

// most is how many lines a file may hold.
const most = 20_000

// Line is money that came in.
type Line struct {
	Place     int        // in the file, from 1
	Key       string     // the same for the same line of the same statement
	On        civil.Date // when the bank had it
	Amount    decimal.Decimal
	Currency  string
	Reference string // the bank's, or what the payer gave
	Payer     string
	Text      string // what it is for

	Structured []string // references of the firm's, in the place for them
}

// number is an invoice's number as people and banks write it: with hyphens,
// blanks or nothing between its parts.
var number = regexp.MustCompile(`(?i)\b([A-Z0-9]{1,8}?)[-/ .]?((?:19|20)[0-9]{2})[-/ .]?([0-9]{5,9})\b`)

// Numbers are the numbers of invoices that the text may name.
func (l Line) Numbers() []string {
	var all []string
	for _, m := range number.FindAllStringSubmatch(l.Text+" \n "+l.Reference, 100) {
		n := strings.ToUpper(m[1]) + "-" + m[2] + "-" + m[3]
		if !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	return all
}

// keyed gives each line its key: what the bank calls it, or what it says, with
// its turn among those that say the same.
func keyed(lines []Line, own []string) []Line {
	turns := map[string]int{}
	for i := range lines {
		l := &lines[i]
		said := fmt.Sprintf("%s|%s|%s|%s|%s|%s", l.On, l.Amount, l.Currency, l.Reference, l.Payer, l.Text)
		if own[i] != "" {
			said = fmt.Sprintf("own|%s|%s|%s|%s", own[i], l.On, l.Amount, l.Currency)
		}
		turns[said]++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s|%d", said, turns[said]))
		l.Key = hex.EncodeToString(sum[:])
	}
	return lines
}

// figure reads an amount: digits, at most one point, above zero.
func figure(s string) (decimal.Decimal, error) {
	s = strings.TrimSpace(s)
	if !plain.MatchString(s) {
		return decimal.Zero, fmt.Errorf("%.40q is not an amount such as 1234.50", s)
	}
	return decimal.NewFromString(s)
}

var plain = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,5})?$`)

func bad(place int, format string, args ...any) error {
	return fault.New(BadFile, "line %d: %s", place, fmt.Sprintf(format, args...))
}

func tooMany() error { return fault.New(BadFile, "the file has more than %d lines", most) }
