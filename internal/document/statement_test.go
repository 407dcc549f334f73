package document

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"steward/internal/billing"
)

// ledger is a statement of everyday size, or of n invoices.
func ledger(n int) billing.Statement {
	a := billing.Account{Currency: "GBP", From: day(time.January, 1), To: day(time.March, 31), Opening: amount("1200")}
	add := func(m time.Month, d int, kind billing.LedgerKind, number, text, by string) {
		a.Movements = append(a.Movements, billing.Movement{On: day(m, d), Kind: kind, Number: number, Text: text, DueOn: day(m, d).AddDays(30), Amount: amount(by)})
	}
	add(time.January, 5, billing.PaidIn, "TRF 88120", "bank transfer", "-1200")
	add(time.January, 31, billing.InvoiceIssued, "INV-2026-00012", "", "12345.60")
	add(time.February, 3, billing.CreditIssued, "CN-2026-00002", "INV-2026-00012", "-345.60")
	add(time.February, 28, billing.InvoiceIssued, "INV-2026-00019", "", "960")
	add(time.March, 1, billing.InvoiceVoided, "INV-2026-00019", "wrong purchase order", "-960")
	add(time.March, 2, billing.PaidIn, "TRF 90311", "", "-13000")
	add(time.March, 9, billing.PaidBack, "", "bank transfer", "500")
	for i := range n {
		add(time.March, 10, billing.InvoiceIssued, fmt.Sprintf("INV-2026-%05d", 20+i), "", "120.00")
	}
	a.Run()
	a.Aging.Add(amount("12000"), day(time.March, 2), a.To)
	a.Aging.Credit = amount("500")
	e := billing.Account{Currency: "EUR", From: a.From, To: a.To, Opening: decimal.Zero, Movements: []billing.Movement{
		{On: day(time.March, 12), Kind: billing.InvoiceIssued, Number: "INV-2026-00031", DueOn: day(time.April, 11), Amount: amount("99.5")}}}
	e.Run()
	return billing.Statement{
		On: day(time.April, 1), From: a.From, To: a.To, Accounts: []billing.Account{a, e},
		Firm: billing.Party{Name: "Harrowfield & Byrne Ltd", Address: "12 Canal Street\nLeeds LS1 4DY", Email: "accounts@harrowfield.example", Phone: "+44 113 496 0000",
			TaxID: "GB 123 4567 89", Bank: "IBAN: GB29 NWBK 6016 1331 9268 19\nBIC: NWBKGB2L", Footer: "Harrowfield & Byrne Ltd"},
		Client: billing.Party{Name: "Northgate Logistics GmbH", Address: "Große Elbstraße 14\n22767 Hamburg\nGermany", TaxID: "DE 811 907 980"},
	}
}

func statementBytes(t *testing.T, in billing.Statement) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Statement(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAStatementOfAccountPrintsItsLedger(t *testing.T) { // N.13
	t.Parallel()
	for name, in := range map[string]billing.Statement{"statement": ledger(0), "statement-long": ledger(60)} {
		pdf := statementBytes(t, in)
		if !bytes.Equal(pdf, statementBytes(t, in)) {
			t.Error("the same statement has other bytes")
		}
		golden(t, name+".golden", describe(read(t, pdf)))
		all := texts(slices.Concat(read(t, pdf)...))
		for _, a := range in.Accounts {
			for _, m := range a.Movements {
				if !slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, m.Number) }) {
					t.Errorf("%s is not on the statement", m.Number)
				}
			}
		}
	}
}

func TestAStatementSpeaksTheClientsLanguage(t *testing.T) { // N.13
	t.Parallel()
	for language, wants := range map[string][]string{
		"en": {"Statement of account", "Balance brought forward", "Payment reversed X", "12,345.60", "Over 90 days"},
		"de": {"Kontoauszug", "Saldovortrag", "Zahlung zurückgebucht X", "12.345,60", "Über 90 Tage", "zu Rechnung INV-2026-00012"},
		"fr": {"Relevé de compte", "Solde reporté", "Paiement rejeté X", "12 345,60", "Plus de 90 jours"},
		"es": {"Estado de cuenta", "Saldo anterior", "Pago devuelto X", "12.345,60", "Más de 90 días"},
		"xx": {"Statement of account"},
	} {
		in := ledger(0)
		in.Language = language
		in.Accounts[0].Movements = append(in.Accounts[0].Movements, billing.Movement{On: day(time.March, 20), Kind: billing.Reversed, Number: "X", Amount: amount("1")})
		all := strings.ReplaceAll(strings.Join(texts(slices.Concat(read(t, statementBytes(t, in))...)), "\n"), "\u00a0", " ")
		for _, want := range wants {
			if !strings.Contains(all, want) {
				t.Errorf("%s: no %q in %s", language, want, all)
			}
		}
	}
	kinds := statementLanguages["en"].kinds
	for language, w := range statementLanguages {
		if len(w.kinds) != len(kinds) {
			t.Errorf("%s names %d kinds of movements, English %d", language, len(w.kinds), len(kinds))
		}
	}
}

// creditNote takes back a part of the sample.
func creditNote() InvoiceData {
	in := sample()
	in.Title, in.Number, in.CreditOf, in.Terms, in.Notes = "Credit note", "CN-2026-00001", "INV-2026-00042", "", "The workshop was shorter than billed, as agreed with Frau Dr. Schüßler."
	in.DueOn, in.PeriodFrom, in.Through = civilZero, civilZero, civilZero
	in.Sections = []Section{{Heading: "NG-12 Warehouse portal", Lines: []Line{
		{Kind: "time", Description: "Requirements workshop with the dispatch team", Who: "Hannah Whitlock", Quantity: "3.50", Unit: "h", UnitPrice: amount("140"), Amount: amount("490.00"), TaxPercent: amount("20")}}}}
	in.Taxes = []Tax{{Percent: amount("20"), Label: "VAT", Base: amount("490"), Amount: amount("98")}}
	in.Subtotal, in.Tax, in.Total, in.Balance, in.Paid = amount("490"), amount("98"), amount("588"), amount("588"), decimal.Zero
	return in
}

func TestACreditNoteNamesItsInvoice(t *testing.T) { // N.04
	t.Parallel()
	all := texts(slices.Concat(read(t, render(t, creditNote()))...))
	for _, want := range []string{"Credit note CN-2026-00001", "INV-2026-00042", "Credited to you", "GBP 588.00"} {
		if !slices.Contains(all, want) {
			t.Errorf("%q is not on the credit note", want)
		}
	}
	if slices.Contains(all, "Payment details") || slices.Contains(all, "Amount due") {
		t.Error("it asks to be paid")
	}
	bare := creditNote()
	bare.Notes, bare.Unexplained = "", true
	if all := texts(slices.Concat(read(t, render(t, bare))...)); slices.Contains(all, "Reason") || slices.Contains(all, "Notes") {
		t.Errorf("without a reason it has a heading for one: %q", all)
	}
	bare.Notes = "Reverse charge"
	if all := texts(slices.Concat(read(t, render(t, bare))...)); slices.Contains(all, "Reason") || !slices.Contains(all, "Notes") {
		t.Errorf("what the law wants said is shown as the reason: %q", all)
	}
	golden(t, "credit-note.golden", describe(read(t, render(t, creditNote()))))
}
