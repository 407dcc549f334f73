package document

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"steward/internal/billing"
)

// SellerOf is the firm as its documents name it. What was not written for them
// is made of the parts that its e-invoices say (S1.77, N.17).
func SellerOf(p billing.Party) Seller {
	return Seller{
		Name: p.Name, Address: addressOf(p, p.Country, ""), Email: p.Email, Phone: p.Phone, Web: p.Web,
		TaxID: taxNumber(p), VATID: p.VATID, Bank: bankOf(p), FooterNote: p.Footer,
	}
}

// BuyerOf is a client as the documents of a firm in a country address it, in the
// client's language.
func BuyerOf(p billing.Party, from, language string) Buyer {
	return Buyer{Name: p.Name, Address: addressOf(p, from, language), TaxID: taxNumber(p), VATID: p.VATID, Email: p.Email}
}

// numberLast are the countries whose postal codes stand behind the town.
var numberLast = []string{"AU", "CA", "GB", "IE", "IN", "NZ", "SG", "US", "ZA"}

// addressOf is the address as it is printed, line by line: as it was written, or
// else of its parts, with the country where a letter leaves the sender's.
func addressOf(p billing.Party, from, language string) []string {
	if strings.TrimSpace(p.Address) != "" {
		return textLines(p.Address)
	}
	town := []string{p.PostalCode, p.City}
	if slices.Contains(numberLast, p.Country) {
		town = []string{p.City, p.PostalCode}
	}
	lines := present(p.Street, strings.Join(present(town...), " "))
	if len(lines) > 0 && p.Country != from {
		lines = append(lines, present(country(p.Country, language))...)
	}
	return lines
}

// country is its name in a language, or the code that has none.
func country(code, in string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return display.Regions(language.Make(in)).Name(region)
}

// bankOf is how to pay, line by line.
func bankOf(p billing.Party) []string {
	if strings.TrimSpace(p.Bank) != "" {
		return textLines(p.Bank)
	}
	return present(labelled("IBAN:", inFours(p.IBAN)), labelled("BIC:", p.BIC))
}

// inFours is an IBAN as people read it.
func inFours(iban string) string {
	var b strings.Builder
	for i, r := range []rune(iban) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// taxNumber is the tax number beside the VAT identifier: none, where it is that.
func taxNumber(p billing.Party) string {
	if p.VATID != "" && bare(p.TaxID) == bare(p.VATID) {
		return ""
	}
	return p.TaxID
}

// bare is a number without what people put between its groups.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, s)
}

func textLines(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' })
}
