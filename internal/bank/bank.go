// Package bank reads money that came in from the files of banks: CSV with the
// columns that docs/billing.md lists, CAMT.053 statements and CAMT.054
// notifications (ISO 20022).
//
// The other way round it makes what an invoice is paid by: the reference, and the
// payment code, of the EPC or of the Swiss QR-bill.
//
// It owns the formats and nothing else: a line gets a key, by which the same
// payment is known again, and the numbers of invoices that its text names. Whose
// money it is, is found out by whoever has the invoices.
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
	Key       string     // the same for the same payment
	Also      []string   // keys that it may be known by too
	On        civil.Date // when the bank had it
	Amount    decimal.Decimal
	Currency  string
	Reference string // the bank's, or what the payer gave
	Payer     string
	Text      string // what it is for

	Structured []string // references of the firm's, in the place for them
	Together   int      // of so many payments that are not named one by one
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

// keyed gives each line its keys: of each of its names, the best first, with its
// turn among those of the file that are called the same.
func keyed(lines []Line, names [][]string) []Line {
	turns := map[string]int{}
	for i := range lines {
		var keys []string
		for _, name := range names[i] {
			turns[name]++
			sum := sha256.Sum256(fmt.Appendf(nil, "%s|%d", name, turns[name]))
			keys = append(keys, hex.EncodeToString(sum[:]))
		}
		lines[i].Key, lines[i].Also = keys[0], keys[1:]
	}
	return lines
}

// said names a line by what it says.
func (l Line) said() string {
	return fmt.Sprintf("%s|%s|%s|%s|%s|%s", l.On, l.Amount, l.Currency, l.Reference, l.Payer, l.Text)
}

// called names a line by what somebody calls it, with its day and amount: what
// is called the same on another day is another payment.
func (l Line) called(kind, name string) string {
	return fmt.Sprintf("%s|%s|%s|%s|%s", kind, name, l.On, l.Amount, l.Currency)
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
