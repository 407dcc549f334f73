package document

import (
	"strings"

	"github.com/shopspring/decimal"

	"steward/internal/money"
)

// money writes an amount with the decimals of its currency: "12,345.60".
func (l labels) money(d decimal.Decimal, c money.Currency) string { return l.group(c.Format(d)) }

// price writes a unit price with the decimals of its currency, and with more
// where it has more: "0.0125".
func (l labels) price(d decimal.Decimal, c money.Currency) string {
	if c.Fits(d) {
		return l.money(d, c)
	}
	return l.group(d.String())
}

// percent writes a tax rate as short as it is: "20" or "7.7".
func (l labels) percent(d decimal.Decimal) string { return l.group(d.String()) }

// count writes how many there are of something: "7.25"; what is no figure, such
// as hours and minutes, "7:16", as it is.
func (l labels) count(s string) string {
	if _, err := decimal.NewFromString(s); err != nil {
		return s
	}
	return l.group(s)
}

// group sets the marks of thousands and of decimals into a plain figure.
func (l labels) group(plain string) string {
	sign := ""
	if strings.HasPrefix(plain, "-") {
		sign, plain = "-", plain[1:]
	}
	whole, fraction, _ := strings.Cut(plain, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(l.thousands)
		}
		b.WriteRune(digit)
	}
	if fraction != "" {
		b.WriteString(l.decimal + fraction)
	}
	return b.String()
}
