package einvoice_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// paper is a document with names for what invoice and credit note call
// differently.
type paper struct {
	*node
	lines []*node
}

func (p paper) quantity(l *node) *node {
	for _, name := range []string{"InvoicedQuantity", "CreditedQuantity"} {
		if q := l.all(name); len(q) > 0 {
			return q[0]
		}
	}
	return &node{}
}

func (p paper) groups() []*node { return p.all("TaxTotal/TaxSubtotal") }

// vatID is a party's VAT identifier, in words of EN 16931 BT-31 and BT-48;
// other is BT-32.
func (p paper) taxID(party, scheme string) string {
	for _, s := range p.all(party + "/Party/PartyTaxScheme") {
		if s.get("TaxScheme/ID") == scheme {
			return s.get("CompanyID")
		}
	}
	return ""
}

const (
	sells = "AccountingSupplierParty"
	buys  = "AccountingCustomerParty"
	total = "LegalMonetaryTotal/"
)

func in(list string, s string) bool { return slices.Contains(strings.Fields(list), s) }

func decimals(s string) int {
	_, after, _ := strings.Cut(s, ".")
	return len(after)
}

// rules are the business rules of EN 16931 as far as what is written touches
// them: true is kept. They are written from the standard's words, apart from
// the writer.
var rules = map[string]func(p paper) bool{
	"BR-01": func(p paper) bool { return strings.HasPrefix(p.get("CustomizationID"), "urn:cen.eu:en16931:2017") },
	"BR-02": func(p paper) bool { return p.get("ID") != "" },
	"BR-03": func(p paper) bool { return len(p.get("IssueDate")) == 10 },
	"BR-04": func(p paper) bool { return p.get("InvoiceTypeCode") == "380" || p.get("CreditNoteTypeCode") == "381" },
	"BR-05": func(p paper) bool { return len(p.get("DocumentCurrencyCode")) == 3 },
	"BR-06": func(p paper) bool { return p.get(sells+"/Party/PartyLegalEntity/RegistrationName") != "" },
	"BR-07": func(p paper) bool { return p.get(buys+"/Party/PartyLegalEntity/RegistrationName") != "" },
	"BR-08": func(p paper) bool { return p.has(sells + "/Party/PostalAddress") },
	"BR-09": func(p paper) bool { return len(p.get(sells+"/Party/PostalAddress/Country/IdentificationCode")) == 2 },
	"BR-10": func(p paper) bool { return p.has(buys + "/Party/PostalAddress") },
	"BR-11": func(p paper) bool { return len(p.get(buys+"/Party/PostalAddress/Country/IdentificationCode")) == 2 },
	"BR-12": func(p paper) bool { return p.get(total+"LineExtensionAmount") != "" },
	"BR-13": func(p paper) bool { return p.get(total+"TaxExclusiveAmount") != "" },
	"BR-14": func(p paper) bool { return p.get(total+"TaxInclusiveAmount") != "" },
	"BR-15": func(p paper) bool { return p.get(total+"PayableAmount") != "" },
	"BR-16": func(p paper) bool { return len(p.lines) > 0 },
	"BR-21": each(func(_ paper, l *node) bool { return l.get("ID") != "" }),
	"BR-22": each(func(p paper, l *node) bool { return p.quantity(l).text != "" }),
	"BR-23": each(func(p paper, l *node) bool { return in("HUR MIN C62", p.quantity(l).attrs["unitCode"]) }),
	"BR-24": each(func(_ paper, l *node) bool { return l.get("LineExtensionAmount") != "" }),
	"BR-25": each(func(_ paper, l *node) bool { return l.get("Item/Name") != "" }),
	"BR-26": each(func(_ paper, l *node) bool { return l.get("Price/PriceAmount") != "" }),
	"BR-27": each(func(_ paper, l *node) bool { return l.dec("Price/PriceAmount").Sign() >= 0 }),
	"BR-29": func(p paper) bool { return ordered(p.node) },
	"BR-30": each(func(_ paper, l *node) bool { return ordered(l) }),
	"BR-45": group(func(_ paper, g *node) bool { return g.get("TaxableAmount") != "" }),
	"BR-46": group(func(_ paper, g *node) bool { return g.get("TaxAmount") != "" }),
	"BR-47": group(func(_ paper, g *node) bool { return in("S Z E AE O", g.get("TaxCategory/ID")) }),
	"BR-48": group(func(_ paper, g *node) bool {
		return (g.get("TaxCategory/Percent") != "") == (g.get("TaxCategory/ID") != "O")
	}),
	"BR-49": func(p paper) bool {
		return !p.has("PaymentMeans") || in("30 58 97", p.get("PaymentMeans/PaymentMeansCode"))
	},
	"BR-53": func(p paper) bool { return !p.has("TaxCurrencyCode") },
	"BR-55": func(p paper) bool {
		return len(p.all("BillingReference")) == len(p.all("BillingReference/InvoiceDocumentReference/ID"))
	},
	"BR-61": func(p paper) bool {
		return !in("30 58", p.get("PaymentMeans/PaymentMeansCode")) || p.get("PaymentMeans/PayeeFinancialAccount/ID") != ""
	},
	"BR-62": func(p paper) bool { return named(p, sells) },
	"BR-63": func(p paper) bool { return named(p, buys) },

	"BR-CO-04": each(func(_ paper, l *node) bool { return l.get("Item/ClassifiedTaxCategory/ID") != "" }),
	"BR-CO-09": func(p paper) bool {
		for _, id := range []string{p.taxID(sells, "VAT"), p.taxID(buys, "VAT")} {
			if id != "" && strings.Trim(id[:2], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
				return false
			}
		}
		return true
	},
	"BR-CO-10": func(p paper) bool {
		sum := decimal.Zero
		for _, l := range p.lines {
			sum = sum.Add(l.dec("LineExtensionAmount"))
		}
		return sum.Equal(p.dec(total + "LineExtensionAmount"))
	},
	"BR-CO-13": func(p paper) bool {
		return p.dec(total + "TaxExclusiveAmount").Equal(p.dec(total + "LineExtensionAmount"))
	},
	"BR-CO-14": func(p paper) bool { return p.dec("TaxTotal/TaxAmount").Equal(p.sum("TaxTotal/TaxSubtotal/TaxAmount")) },
	"BR-CO-15": func(p paper) bool {
		return p.dec(total + "TaxInclusiveAmount").Equal(p.dec(total + "TaxExclusiveAmount").Add(p.dec("TaxTotal/TaxAmount")))
	},
	"BR-CO-16": func(p paper) bool {
		return p.dec(total + "PayableAmount").Equal(p.dec(total + "TaxInclusiveAmount").Sub(p.dec(total + "PrepaidAmount")))
	},
	"BR-CO-17": group(func(p paper, g *node) bool { // to the currency's decimals: none for yen
		exact := g.dec("TaxableAmount").Mul(g.dec("TaxCategory/Percent")).Shift(-2)
		off := g.dec("TaxAmount").Sub(exact.Round(int32(decimals(g.get("TaxAmount")))))
		return off.IsZero() || p.name == "CreditNote" && off.Abs().LessThanOrEqual(dec("0.01"))
	}),
	"BR-CO-18": func(p paper) bool { return len(p.groups()) > 0 },
	"BR-CO-19": func(p paper) bool {
		return !p.has("InvoicePeriod") || p.get("InvoicePeriod/StartDate")+p.get("InvoicePeriod/EndDate") != ""
	},
	"BR-CO-25": func(p paper) bool {
		return p.dec(total+"PayableAmount").Sign() <= 0 || p.get("DueDate")+p.get("PaymentMeans/PaymentDueDate")+p.get("PaymentTerms/Note") != ""
	},
	"BR-CO-26": func(p paper) bool {
		return p.taxID(sells, "VAT") != "" || p.get(sells+"/Party/PartyLegalEntity/CompanyID") != ""
	},

	"BR-DEC-09": two(total + "LineExtensionAmount"),
	"BR-DEC-12": two(total + "TaxExclusiveAmount"),
	"BR-DEC-13": two("TaxTotal/TaxAmount"),
	"BR-DEC-14": two(total + "TaxInclusiveAmount"),
	"BR-DEC-16": two(total + "PrepaidAmount"),
	"BR-DEC-18": two(total + "PayableAmount"),
	"BR-DEC-19": group(func(_ paper, g *node) bool { return decimals(g.get("TaxableAmount")) <= 2 }),
	"BR-DEC-20": group(func(_ paper, g *node) bool { return decimals(g.get("TaxAmount")) <= 2 }),
	"BR-DEC-23": each(func(_ paper, l *node) bool { return decimals(l.get("LineExtensionAmount")) <= 2 }),

	// What is the same for each category, and what is its own.
	"BR-S-01": sameCategories("S"), "BR-Z-01": sameCategories("Z"), "BR-E-01": sameCategories("E"), "BR-AE-01": sameCategories("AE"), "BR-O-01": sameCategories("O"),
	"BR-S-02": sellerTaxed("S"), "BR-Z-02": sellerTaxed("Z"), "BR-E-02": sellerTaxed("E"),
	"BR-AE-02": func(p paper) bool {
		return !p.uses("AE") || sellerTaxed("AE")(p) && p.taxID(buys, "VAT")+p.get(buys+"/Party/PartyLegalEntity/CompanyID") != ""
	},
	"BR-O-02": func(p paper) bool { return !p.uses("O") || p.taxID(sells, "VAT")+p.taxID(buys, "VAT") == "" },
	"BR-S-05": rate("S", func(s string) bool { return s != "" && !decimal.RequireFromString(s).IsZero() }),
	"BR-Z-05": rate("Z", nought), "BR-E-05": rate("E", nought), "BR-AE-05": rate("AE", nought),
	"BR-O-05": rate("O", func(s string) bool { return s == "" }),
	"BR-S-08": bases("S"), "BR-Z-08": bases("Z"), "BR-E-08": bases("E"), "BR-AE-08": bases("AE"), "BR-O-08": bases("O"),
	"BR-Z-09": untaxed("Z"), "BR-E-09": untaxed("E"), "BR-AE-09": untaxed("AE"), "BR-O-09": untaxed("O"),
	"BR-S-10": reason("S", false), "BR-Z-10": reason("Z", false), "BR-E-10": reason("E", true), "BR-AE-10": reason("AE", true), "BR-O-10": reason("O", true),
	"BR-O-11": func(p paper) bool { return !p.uses("O") || len(p.groups()) == 1 },
	"BR-O-12": each(func(p paper, l *node) bool { return !p.uses("O") || l.get("Item/ClassifiedTaxCategory/ID") == "O" }),

	// PEPPOL-EN16931-R120, which is the standard's own formula of BT-131.
	"PEPPOL-EN16931-R120": each(func(p paper, l *node) bool {
		base := l.dec("Price/BaseQuantity")
		if base.IsZero() {
			base = decimal.NewFromInt(1)
		}
		exact := decimal.RequireFromString(p.quantity(l).text).Mul(l.dec("Price/PriceAmount")).DivRound(base, 20)
		amount := l.get("LineExtensionAmount")
		return exact.Round(int32(decimals(amount))).Equal(decimal.RequireFromString(amount))
	}),
	"PEPPOL-EN16931-R130": each(func(p paper, l *node) bool {
		return !l.has("Price/BaseQuantity") || l.all("Price/BaseQuantity")[0].attrs["unitCode"] == p.quantity(l).attrs["unitCode"]
	}),
	"PEPPOL-EN16931-R008": func(p paper) bool {
		full := true
		p.walk(func(n *node) { full = full && (len(n.below) > 0 || strings.TrimSpace(n.text) != "") })
		return full
	},
	"PEPPOL-EN16931-R002": func(p paper) bool { return len(p.all("Note")) <= 1 },
	"BR-CL-03": func(p paper) bool {
		same := true
		p.walk(func(n *node) {
			c, ok := n.attrs["currencyID"]
			same = same && (!ok || c == p.get("DocumentCurrencyCode"))
		})
		return same
	},
}

func each(f func(paper, *node) bool) func(paper) bool {
	return func(p paper) bool { return !slices.ContainsFunc(p.lines, func(l *node) bool { return !f(p, l) }) }
}

func group(f func(paper, *node) bool) func(paper) bool {
	return func(p paper) bool {
		return !slices.ContainsFunc(p.groups(), func(g *node) bool { return !f(p, g) })
	}
}

func two(path string) func(paper) bool {
	return func(p paper) bool { return decimals(p.get(path)) <= 2 }
}

func ordered(n *node) bool {
	from, to := n.get("InvoicePeriod/StartDate"), n.get("InvoicePeriod/EndDate")
	return from == "" || to == "" || from <= to
}

func named(p paper, party string) bool {
	e := p.all(party + "/Party/EndpointID")
	return len(e) == 0 || e[0].attrs["schemeID"] != ""
}

func nought(s string) bool { return s != "" && decimal.RequireFromString(s).IsZero() }

// uses tells whether a line has a category.
func (p paper) uses(category string) bool {
	return slices.ContainsFunc(p.lines, func(l *node) bool { return l.get("Item/ClassifiedTaxCategory/ID") == category })
}

// sameCategories: a category is among the sums just when a line has it; all but
// S once.
func sameCategories(category string) func(paper) bool {
	return func(p paper) bool {
		n := 0
		for _, g := range p.groups() {
			if g.get("TaxCategory/ID") == category {
				n++
			}
		}
		return (n > 0) == p.uses(category) && (n <= 1 || category == "S")
	}
}

func sellerTaxed(category string) func(paper) bool {
	return func(p paper) bool { return !p.uses(category) || p.taxID(sells, "VAT")+p.taxID(sells, "FC") != "" }
}

func rate(category string, ok func(string) bool) func(paper) bool {
	return each(func(_ paper, l *node) bool {
		c := l.all("Item/ClassifiedTaxCategory")[0]
		return c.get("ID") != category || ok(c.get("Percent"))
	})
}

func bases(category string) func(paper) bool {
	return group(func(p paper, g *node) bool {
		if g.get("TaxCategory/ID") != category {
			return true
		}
		sum := decimal.Zero
		for _, l := range p.lines {
			c := l.all("Item/ClassifiedTaxCategory")[0]
			if c.get("ID") == category && c.dec("Percent").Equal(g.dec("TaxCategory/Percent")) {
				sum = sum.Add(l.dec("LineExtensionAmount"))
			}
		}
		return sum.Equal(g.dec("TaxableAmount"))
	})
}

func untaxed(category string) func(paper) bool {
	return group(func(_ paper, g *node) bool {
		return g.get("TaxCategory/ID") != category || g.dec("TaxAmount").IsZero()
	})
}

func reason(category string, wanted bool) func(paper) bool {
	return group(func(_ paper, g *node) bool {
		c := g.all("TaxCategory")[0]
		return c.get("ID") != category || (c.get("TaxExemptionReason")+c.get("TaxExemptionReasonCode") != "") == wanted
	})
}

// keeps holds a document to all rules.
func keeps(t testing.TB, b []byte) paper {
	t.Helper()
	p := paper{node: parse(t, b)}
	p.lines = append(p.all("InvoiceLine"), p.all("CreditNoteLine")...)
	for id, kept := range rules {
		if !kept(p) {
			t.Errorf("%s is broken by\n%s", id, b)
		}
	}
	for id, kept := range german {
		if strings.Contains(p.get("CustomizationID"), "xrechnung") && !kept(p) {
			t.Errorf("%s is broken by\n%s", id, b)
		}
	}
	return p
}

// TestTheRulesFindWhatIsBroken breaks a good document in one place at a time.
func TestTheRulesFindWhatIsBroken(t *testing.T) {
	good := string(ubl(t, sample()))
	for _, c := range []struct{ id, old, broken string }{
		{"BR-01", "urn:cen.eu:en16931:2017", "urn:other"}, {"BR-02", "<cbc:ID>INV-2026-00042</cbc:ID>\n  <cbc:IssueDate>", "<cbc:IssueDate>"},
		{"BR-09", "<cbc:IdentificationCode>GB<", "<cbc:IdentificationCode>GBR<"}, {"BR-27", `<cbc:PriceAmount currencyID="GBP">120<`, `<cbc:PriceAmount currencyID="GBP">-120<`},
		{"BR-CO-10", `<cbc:LineExtensionAmount currencyID="GBP">870.00<`, `<cbc:LineExtensionAmount currencyID="GBP">870.01<`},
		{"BR-CO-14", `<cbc:TaxAmount currencyID="GBP">176.30</cbc:TaxAmount>` + "\n    <cac:TaxSub", `<cbc:TaxAmount currencyID="GBP">176.31</cbc:TaxAmount>` + "\n    <cac:TaxSub"},
		{"BR-CO-15", `<cbc:TaxInclusiveAmount currencyID="GBP">1095.79<`, `<cbc:TaxInclusiveAmount currencyID="GBP">1095.78<`},
		{"BR-CO-16", `<cbc:PayableAmount currencyID="GBP">1095.79<`, `<cbc:PayableAmount currencyID="GBP">1<`},
		{"BR-S-08", `<cbc:TaxableAmount currencyID="GBP">881.49<`, `<cbc:TaxableAmount currencyID="GBP">881.48<`},
		{"BR-DEC-18", `<cbc:PayableAmount currencyID="GBP">1095.79<`, `<cbc:PayableAmount currencyID="GBP">1095.790<`},
		{"BR-Z-01", "<cbc:ID>Z</cbc:ID>\n        <cbc:Percent>0</cbc:Percent>\n        <cac:TaxScheme>", "<cbc:ID>E</cbc:ID>\n        <cbc:Percent>0</cbc:Percent>\n        <cac:TaxScheme>"},
		{"PEPPOL-EN16931-R120", `unitCode="MIN">7<`, `unitCode="MIN">9<`}, {"PEPPOL-EN16931-R130", `unitCode="MIN">60<`, `unitCode="HUR">60<`},
		{"BR-CL-03", `currencyID="GBP">11.49`, `currencyID="EUR">11.49`},
	} {
		broken := strings.Replace(good, c.old, c.broken, 1)
		if broken == good {
			t.Errorf("%s: %q is not in\n%s", c.id, c.old, good)
			continue
		}
		p := paper{node: parse(t, []byte(broken))}
		p.lines = p.all("InvoiceLine")
		if rules[c.id](p) {
			t.Errorf("%s does not see %q", c.id, c.broken)
		}
	}
}
