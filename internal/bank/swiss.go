package bank

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"

	"steward/internal/money"
)

// mostSwiss is how many characters a Swiss QR code holds; counted in bytes here,
// since it is bytes that fill the picture.
const mostSwiss = 997

// swissIBAN tells whether an account is in Switzerland or Liechtenstein.
func swissIBAN(iban string) bool {
	return len(iban) == 21 && (iban[:2] == "CH" || iban[:2] == "LI")
}

// swiss is the code of a QR-bill, or nil where the firm's address is not whole or
// a QR-IBAN has no reference. A debtor whose address is not whole is left out.
func (c Code) swiss(creditor, debtor Party, amount decimal.Decimal, currency money.Currency) *Code {
	c.Standard, c.BIC = Swiss, ""
	if (c.referenceType() == "QRR") != qrIBAN(c.IBAN) {
		return nil
	}
	var ok bool
	if c.Creditor, ok = creditor.structured(); !ok {
		return nil
	}
	if d, ok := debtor.structured(); ok {
		c.Debtor = &d
	}
	if len(c.swissPayload(amount, currency)) > mostSwiss {
		c.Debtor = nil
	}
	return &c
}

// referenceType is how the QR-bill calls the kind of a reference.
func (c Code) referenceType() string {
	switch {
	case c.Reference == "":
		return "NON"
	case strings.HasPrefix(c.Reference, "RF"):
		return "SCOR"
	}
	return "QRR"
}

// swissPayload has every element up to the trailer, empty or not. Rule: Swiss
// Implementation Guidelines QR-bill 2.3, 4.2.
func (c Code) swissPayload(amount decimal.Decimal, currency money.Currency) string {
	lines := append([]string{"SPC", "0200", "1", c.IBAN}, c.Creditor.lines()...)
	lines = append(lines, make([]string, 7)...) // the ultimate creditor, for future use
	lines = append(lines, amount.StringFixed(2), string(currency))
	if c.Debtor != nil {
		lines = append(lines, c.Debtor.lines()...)
	} else {
		lines = append(lines, make([]string, 7)...)
	}
	return strings.Join(append(lines, c.referenceType(), c.Reference, c.Message, "EPD"), "\n")
}

// lines are the party as seven elements of a structured address.
func (p Party) lines() []string {
	return []string{"S", p.Name, p.Street, p.Building, p.PostalCode, p.Town, p.Country}
}

// structured is the party as the QR-bill takes it, false where something is
// missing, too long or in letters that it does not know. Only names are cut.
func (p Party) structured() (Party, bool) {
	p.Name = named(latin(p.Name))
	p.Street, p.Building = parted(onOneLine(latin(p.Street)))
	p.PostalCode, p.Town = onOneLine(latin(p.PostalCode)), onOneLine(latin(p.Town))
	for _, part := range []struct {
		text string
		most int
		must bool
	}{{p.Name, longestName, true}, {p.Street, 70, false}, {p.Building, 16, false}, {p.PostalCode, 16, true}, {p.Town, 35, true}, {p.Country, 2, true}} {
		n := 0
		for _, r := range part.text {
			if n++; n > part.most || !unicode.Is(swissLetters, r) {
				return p, false
			}
		}
		if n == 0 && part.must {
			return p, false
		}
	}
	return p, true
}

// behind is a street with the number of the building behind it; a box of the
// post office is written in the same way, and is none.
var (
	behind  = regexp.MustCompile(`^(\D*\pL[.']?),? (\d+ ?\pL?(?:[-/+] ?\d+ ?\pL?)*)$`)
	postbox = regexp.MustCompile(`(?i)^(postfach|case postale|cp|casella postale|p\.? ?o\.? ?box)\b`)
)

// parted is a street and its building's number, where that is plain to see; with
// the number in the street the code is taken as well.
func parted(street string) (name, building string) {
	m := behind.FindStringSubmatch(street)
	if m == nil || len(m[2]) > 16 || postbox.MatchString(street) {
		return street, ""
	}
	return m[1], m[2]
}

// swissLetters may stand in the code: the Latin that the guidelines list.
var swissLetters = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x20, Hi: 0x7E, Stride: 1}, {Lo: 0xA0, Hi: 0x17F, Stride: 1}, {Lo: 0x218, Hi: 0x21B, Stride: 1}, {Lo: 0x20AC, Hi: 0x20AC, Stride: 1},
}, LatinOffset: 1}

// typed are signs that people use and the code does not know, as it knows them.
var typed = strings.NewReplacer("ẞ", "SS", "‘", "'", "’", "'", "‚", "'", "“", `"`, "”", `"`, "„", `"`, "–", "-", "—", "-", "‐", "-", "‑", "-", "…", "...")

// latin writes letters that the code does not know without their marks.
func latin(s string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(typed.Replace(s)) {
		if unicode.Is(swissLetters, r) || unicode.IsSpace(r) {
			b.WriteRune(r)
			continue
		}
		for _, d := range norm.NFD.String(string(r)) {
			if !unicode.Is(unicode.Mn, d) {
				b.WriteRune(d)
			}
		}
	}
	return b.String()
}
