package bank

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"steward/internal/money"
)

// SEPA by the countries of accounts: those of the European Economic Area, to
// which version 002 needs no BIC, and those beyond it.
var (
	economicArea = []string{"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}
	beyondIt     = []string{"AD", "AL", "CH", "GB", "GI", "MC", "MD", "ME", "MK", "RS", "SM", "VA"}
)

// mostEPC is how many bytes a code of the EPC holds.
const mostEPC = 331

// epc is the code by EPC069-12, or nil where that has none: in another currency,
// to an account outside of SEPA, or without the BIC that is asked for.
func (c Code) epc(creditor Party, amount decimal.Decimal, currency money.Currency) *Code {
	if currency != "EUR" || len(c.IBAN) < 4 {
		return nil
	}
	country := c.IBAN[:2]
	if !slices.Contains(economicArea, country) && (c.BIC == "" || !slices.Contains(beyondIt, country)) {
		return nil
	}
	c.Standard, c.Creditor = EPC, Party{Name: named(creditor.Name)}
	if c.Creditor.Name == "" || len(c.epcPayload(amount)) > mostEPC {
		return nil
	}
	return &c
}

// epcPayload has a structured reference or a text, never both, and nothing
// behind the last element that is there. Rule: EPC069-12, version 002.
func (c Code) epcPayload(amount decimal.Decimal) string {
	const purpose = "" // a code that banks agree on; invoices need none
	message := c.Message
	if c.Reference != "" {
		message = ""
	}
	lines := []string{"BCD", "002", "1", "SCT", c.BIC, c.Creditor.Name, c.IBAN, "EUR" + amount.StringFixed(2), purpose, c.Reference, message}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}
