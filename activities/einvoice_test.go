package activities_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/bank"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/document"
	"steward/internal/einvoice"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres/db"
)

// letterhead gives the firm and its client what an e-invoice needs.
func (b *bench) letterhead(t *testing.T) {
	t.Helper()
	b.Exec(t, `UPDATE provider SET name = 'Harbour & Finch', address = E'14 Wharf Lane\nBristol', country_code = 'GB', tax_id = 'GB 123 4567 89', registration = '01234567', iban = 'GB82WEST12345698765432'`)
	b.Exec(t, `UPDATE client SET name = 'Müller', country_code = 'DE', vat_id = 'DE123456789', tax_percent = 20 WHERE id = $1`, b.Client)
}

// frozen completes an invoice and reads what is kept of it.
func (b *bench) frozen(t *testing.T, id uuid.UUID) (printed document.InvoiceData, doc einvoice.Document) {
	t.Helper()
	if _, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "complete", flow.CompleteInvoice{})); err != nil {
		t.Fatal(err)
	}
	snap := []byte(fixture.One[string](t, b.Store.Pool, `SELECT snapshot::text FROM invoice WHERE id = $1`, id))
	var with struct {
		EInvoice einvoice.Document `json:"einvoice"`
	}
	if err := json.Unmarshal(snap, &with); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(snap, &printed); err != nil {
		t.Fatal(err)
	}
	return printed, with.EInvoice
}

// items adds lines by hand to a draft.
func (b *bench) items(t *testing.T, invoice uuid.UUID) {
	t.Helper()
	b.Exec(t, `INSERT INTO invoice_line (id, invoice_id, position, kind, description, quantity, unit_price, amount, tax_percent) VALUES
		(gen_random_uuid(), $1, 98, 'expense', 'train', 1, 42, 42, 0), (gen_random_uuid(), $1, 99, 'discount', 'rebate', 2, 3.5, -7, 20)`, invoice)
	b.totals(t, invoice)
}

// totals adds a draft up again.
func (b *bench) totals(t *testing.T, invoice uuid.UUID) {
	t.Helper()
	err := b.Tx(t.Context(), func(q *db.Queries, _ pgx.Tx) error {
		return b.Total(t.Context(), q, invoice, money.Currency("GBP"), march(31))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnInvoiceKeepsWhatItsEInvoiceSays(t *testing.T) { // N.17
	t.Parallel()
	b := set(t)
	b.letterhead(t)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Bob, Date: march(5), Minutes: 7})
	id := b.draft(t)
	b.items(t, id)
	printed, doc := b.frozen(t, id)
	first, err := doc.UBL()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<cbc:ID>" + printed.Number + "</cbc:ID>\n  <cbc:IssueDate>" + printed.IssuedOn.String(), "<cbc:DueDate>" + printed.DueOn.String(),
		">GB123456789<", ">DE123456789<", ">GB82WEST12345698765432<", "<cbc:StreetName>14 Wharf Lane<", `unitCode="MIN">7<`, `unitCode="HUR">1<`, `unitCode="C62">-2<`,
		`<cbc:PayableAmount currencyID="GBP">` + printed.Total.StringFixed(2), `<cbc:TaxExclusiveAmount currencyID="GBP">` + printed.Subtotal.StringFixed(2),
		`<cbc:TaxAmount currencyID="GBP">` + printed.Tax.StringFixed(2),
	} {
		if !strings.Contains(string(first), want) {
			t.Errorf("%s is not in\n%s", want, first)
		}
	}
	if strings.Contains(string(first), ">FC<") {
		t.Error("the tax number stands there twice")
	}
	lines := 0
	for _, s := range printed.Sections {
		lines += len(s.Lines)
	}
	if lines != len(doc.Lines) || printed.Notes != "" {
		t.Errorf("%d lines are printed, %d are in the e-invoice; the notes are %q", lines, len(doc.Lines), printed.Notes)
	}
}

func TestReverseChargeIsSaidAndPrinted(t *testing.T) { // N.11
	t.Parallel()
	b := set(t)
	b.letterhead(t)
	b.Exec(t, `UPDATE work_statement SET tax_category = 'reverse_charge', tax_percent = NULL WHERE project_id = $1`, b.Project) // whatever the client's percent
	printed, doc := b.frozen(t, b.draft(t))
	if _, err := doc.UBL(); err != nil {
		t.Fatal(err)
	}
	if !printed.Tax.IsZero() || printed.Notes != "Reverse charge" || doc.Taxes[0].Category != einvoice.ReverseCharge {
		t.Errorf("the tax is %s, the note %q, the category %s", printed.Tax, printed.Notes, doc.Taxes[0].Category)
	}
}

func TestItemsGoWithTheCategoryOfTheirProjects(t *testing.T) { // N.11, N.17
	t.Parallel()
	for category, want := range map[string]einvoice.Category{"reverse_charge": einvoice.CategoryOf("reverse_charge", decimal.Zero), "standard": einvoice.CategoryOf("standard", decimal.Zero)} {
		b := set(t)
		b.letterhead(t)
		b.Exec(t, `UPDATE work_statement SET tax_category = $1, tax_percent = 0`, category)
		b.Record(t, fixture.Entry{Task: b.Task, Person: b.Bob, Date: march(5), Minutes: 60})
		id := b.draft(t)
		b.Exec(t, `INSERT INTO invoice_line (id, invoice_id, position, kind, description, quantity, unit_price, amount, tax_percent) VALUES (gen_random_uuid(), $1, 98, 'charge', 'hosting', 1, 42, 42, 0)`, id)
		b.totals(t, id)
		_, doc := b.frozen(t, id)
		if last := doc.Lines[len(doc.Lines)-1]; last.Description != "hosting" || last.Category != want || len(doc.Taxes) != 1 {
			t.Errorf("%s: %+v, taxed by %+v", category, last, doc.Taxes)
		}
	}
}

func TestExemptClientsAreToldWhy(t *testing.T) { // N.11
	t.Parallel()
	b := set(t)
	b.letterhead(t)
	b.Exec(t, `UPDATE client SET tax_category = 'exempt', tax_percent = 0, tax_note = 'Exempt: Article 132' WHERE id = $1`, b.Client)
	printed, doc := b.frozen(t, b.draft(t))
	body, err := doc.UBL()
	if err != nil || printed.Notes != "Exempt: Article 132" || !strings.Contains(string(body), "<cbc:TaxExemptionReason>Exempt: Article 132<") {
		t.Errorf("%v, %q\n%s", err, printed.Notes, body)
	}
}

func TestAClientThatInsistsGetsNoInvoiceWithoutItsEInvoice(t *testing.T) { // N.17
	t.Parallel()
	b := set(t)
	b.letterhead(t)
	b.Exec(t, `UPDATE client SET einvoice = 'peppol' WHERE id = $1`, b.Client)
	id := b.draft(t)
	_, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "complete", flow.CompleteInvoice{}))
	if code(err) != einvoice.Incomplete || !strings.Contains(err.Error(), "BT-49") {
		t.Errorf("got %v", err)
	}
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM invoice WHERE state = 'draft'`); n != 1 {
		t.Errorf("%d drafts are left", n)
	}
	b.Exec(t, `UPDATE client SET electronic_address = '9930:de123456789', buyer_reference = 'x' WHERE id = $1`, b.Client)
	b.Exec(t, `UPDATE provider SET electronic_address = '0088:5060012349998'`)
	if _, doc := b.frozen(t, id); doc.Profile != einvoice.Peppol || !strings.HasSuffix(doc.Number, "-00001") {
		t.Errorf("it is %s in %s", doc.Number, doc.Profile)
	}
}

// What a country asks for is frozen with the invoice and with what is credited of it.
func TestPeppolIsHeldToTheRulesOfTheCountry(t *testing.T) { // N.17
	t.Parallel()
	b := set(t)
	b.letterhead(t)
	b.Exec(t, `UPDATE client SET einvoice = 'peppol', electronic_address = '0204:991-1', buyer_reference = '991-1', country_code = 'DE', city = 'Bonn', postal_code = '53113' WHERE id = $1`, b.Client)
	b.Exec(t, `UPDATE provider SET electronic_address = '9930:DE123456789', vat_id = 'DE123456789', country_code = 'DE', city = 'Hamburg', postal_code = '20457', iban = 'DE89370400440532013000', phone = '', email = 'a@b.example'`)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: 60})
	id := b.collect(t)
	_, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "complete", flow.CompleteInvoice{}))
	if code(err) != einvoice.Incomplete || !strings.Contains(err.Error(), "BT-42") {
		t.Errorf("got %v", err)
	}
	b.Exec(t, `UPDATE provider SET phone = '+49 40 1234'`)
	if _, doc := b.frozen(t, id); doc.Seller.Contact == "" {
		t.Errorf("nobody is to be asked: %+v", doc.Seller)
	}
	if err := b.credits(t, id, flow.CreditLine{LineID: b.shown(t, id).Lines[0].ID, Release: true}); err != nil {
		t.Fatal(err)
	}
	if means := fixture.One[string](t, b.Store.Pool, `SELECT snapshot->'einvoice'->'payment'->>'means' FROM credit_note`); means != "97" {
		t.Errorf("the credit note is paid by %q", means)
	}
}

// The code that an invoice is paid by is kept when it is completed, of the parts of
// the addresses and not of what is printed; a credit note has none.
func TestAnInvoiceKeepsTheCodeToPayItBy(t *testing.T) { // S1.77, S1.78, N.17
	t.Parallel()
	firm := bank.Party{Name: "Harbour & Finch"}
	whole := bank.Party{Name: "Harbour & Finch", Street: "Rue du Lac", Building: "1268", PostalCode: "2501", Town: "Biel", Country: "CH"}
	const swiss = `UPDATE provider SET iban = 'CH4431999123000889012', street = 'Rue du Lac 1268', postal_code = '2501', city = 'Biel', country_code = 'CH'`
	for change, want := range map[string]*bank.Code{
		`UPDATE provider SET iban = 'DE89370400440532013000', bic = 'COBADEFFXXX'`: {
			Standard: bank.EPC, IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX", Creditor: firm, Message: "INV-2026-00001",
		},
		`UPDATE provider SET iban = 'DE89370400440532013000', creditor_reference = true`: {
			Standard: bank.EPC, IBAN: "DE89370400440532013000", Creditor: firm, Message: "INV-2026-00001", Reference: "RF76INV202600001",
		},
		swiss: {
			Standard: bank.Swiss, IBAN: "CH4431999123000889012", Creditor: whole, Message: "INV-2026-00001", Reference: "000000002552020260000000011",
		},
		swiss + `; UPDATE client SET city = 'Hamburg', postal_code = '22767'`: {
			Standard: bank.Swiss, IBAN: "CH4431999123000889012", Creditor: whole, Message: "INV-2026-00001", Reference: "000000002552020260000000011",
			Debtor: &bank.Party{Name: "Müller", PostalCode: "22767", Town: "Hamburg", Country: "DE"},
		},
		`UPDATE provider SET iban = 'CH4431999123000889012'`:                        nil, // no address to pay to
		`UPDATE provider SET iban = ''`:                                             nil,
		`UPDATE provider SET iban = 'DE89370400440532013000', payment_code = false`: nil,
	} {
		b := set(t)
		b.letterhead(t)
		b.Exec(t, `UPDATE provider SET address = '14 Wharf Lane', bank_details = 'by cheque'; `+change)
		id := b.draft(t)
		b.Exec(t, `UPDATE invoice SET currency = 'EUR' WHERE id = $1`, id)
		printed, _ := b.frozen(t, id)
		if diff := cmp.Diff(want, printed.PayBy); diff != "" {
			t.Errorf("%s (-want +got):\n%s", change, diff)
		}
		if err := b.credits(t, id, flow.CreditLine{LineID: b.shown(t, id).Lines[0].ID, WriteOff: true}); err != nil {
			t.Fatal(err)
		}
		if snap := fixture.One[string](t, b.Store.Pool, `SELECT snapshot::text FROM credit_note`); strings.Contains(snap, `"pay_by"`) {
			t.Errorf("the credit note has a code: %s", snap)
		}
	}
}

// The payer is asked for a reference that banks check, where the firm wants that or
// its account takes no other; a credit note is not paid.
func TestAnInvoiceSaysTheReferenceToPayItBy(t *testing.T) { // S1.77, S1.79, N.17
	t.Parallel()
	for _, c := range []struct{ set, printed, said string }{
		{`UPDATE provider SET bic = ''`, "", "INV-2026-00001"},
		{`UPDATE provider SET creditor_reference = true`, "RF76 INV2 0260 0001", "RF76INV202600001"},
		{`UPDATE provider SET iban = 'CH4431999123000889012'`, "00 00000 02552 02026 00000 00011", "000000002552020260000000011"},
	} {
		b := set(t)
		b.letterhead(t)
		b.Exec(t, c.set)
		id := b.draft(t)
		printed, doc := b.frozen(t, id)
		body, err := doc.UBL()
		if err != nil || printed.Reference != c.printed || !strings.Contains(string(body), "<cbc:PaymentID>"+c.said+"</cbc:PaymentID>") {
			t.Errorf("%s: %v, %q is printed\n%s", c.set, err, printed.Reference, body)
		}
		if printed.PayBy != nil {
			t.Errorf("%s: pounds are paid by the code %+v", c.set, *printed.PayBy)
		}
		if err := b.credits(t, id, flow.CreditLine{LineID: b.shown(t, id).Lines[0].ID, WriteOff: true}); err != nil {
			t.Fatal(err)
		}
		if snap := fixture.One[string](t, b.Store.Pool, `SELECT snapshot::text FROM credit_note`); strings.Contains(snap, `"reference"`) {
			t.Errorf("the credit note asks for a reference: %s", snap)
		}
	}
}

// An invoice, also of items alone, and what is credited of it say of which days
// they are.
func TestXRechnungIsHeldToItsRules(t *testing.T) { // N.17
	t.Parallel()
	for _, alone := range []bool{false, true} {
		b := set(t)
		b.letterhead(t)
		b.Exec(t, `UPDATE client SET einvoice = 'xrechnung', email = 'rechnung@bund.example', city = 'Bonn', postal_code = '53113' WHERE id = $1`, b.Client)
		b.Exec(t, `UPDATE provider SET vat_id = 'DE123456789', country_code = 'DE', city = 'Hamburg', postal_code = '20457', iban = 'DE89370400440532013000', phone = '+49 40 1234', email = 'a@b.example'`)
		id := b.draft(t)
		first := march(3)
		if alone {
			b.Exec(t, `UPDATE time_entry SET invoice_line_id = NULL`)
			b.Exec(t, `DELETE FROM invoice_line WHERE invoice_id = $1`, id)
			first = march(31) // the day that it goes through
		}
		b.items(t, id)
		_, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "complete", flow.CompleteInvoice{}))
		if code(err) != einvoice.Incomplete || !strings.Contains(err.Error(), "BT-10") {
			t.Errorf("got %v", err)
		}
		b.Exec(t, `UPDATE client SET buyer_reference = '04011000-12345-34' WHERE id = $1`, b.Client)
		_, invoiced := b.frozen(t, id)
		var all []flow.CreditLine
		for _, l := range b.shown(t, id).Lines {
			all = append(all, flow.CreditLine{LineID: l.ID, WriteOff: true})
		}
		if err := b.credits(t, id, all...); err != nil {
			t.Fatal(err)
		}
		var credited einvoice.Document
		if err := json.Unmarshal([]byte(fixture.One[string](t, b.Store.Pool, `SELECT snapshot->>'einvoice' FROM credit_note`)), &credited); err != nil {
			t.Fatal(err)
		}
		for _, d := range []einvoice.Document{invoiced, credited} {
			body, err := d.UBL()
			if err != nil || d.From != first || !strings.Contains(string(body), "xrechnung_3.0<") || !strings.Contains(string(body), "<cbc:PaymentMeansCode>") {
				t.Errorf("%s of %s: %v\n%s", d.Number, d.From, err, body)
			}
		}
	}
}

func TestTaxIsNotStoredWhereNoneIsCharged(t *testing.T) { // N.11
	t.Parallel()
	b := set(t)
	for _, sql := range []string{
		`UPDATE client SET tax_category = 'exempt', tax_percent = 5`, `UPDATE work_statement SET tax_category = 'reverse_charge', tax_percent = 5`,
		`UPDATE client SET tax_category = 'other'`, `UPDATE client SET country_code = 'de'`, `UPDATE provider SET iban = 'x'`, `UPDATE client SET einvoice = 'x'`,
	} {
		if _, err := b.Store.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s was taken", sql)
		}
	}
}

func TestACreditNoteKeepsWhatItsEInvoiceSays(t *testing.T) { // N.17, N.04
	t.Parallel()
	b := set(t)
	b.letterhead(t)
	b.Exec(t, `UPDATE client SET einvoice = 'en16931'`)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: 7}, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(4), Minutes: 8})
	id := b.collect(t)
	b.items(t, id)
	_, invoiced := b.frozen(t, id)
	var asks []flow.CreditLine
	for _, l := range b.shown(t, id).Lines {
		asks = append(asks, flow.CreditLine{LineID: l.ID, WriteOff: true})
	}
	asks[0].Entries = b.entries(t)[:1]
	for range 2 { // a part, and all that is left
		if err := b.credits(t, id, asks...); err != nil {
			t.Fatal(err)
		}
		asks = []flow.CreditLine{{LineID: asks[0].LineID, Release: true}}
	}
	notes := fixture.One[[]string](t, b.Store.Pool, `SELECT array_agg(snapshot::text ORDER BY number) FROM credit_note`)
	total := decimal.Zero
	for _, snap := range notes {
		var kept struct {
			Number   string            `json:"number"`
			Total    decimal.Decimal   `json:"total"`
			EInvoice einvoice.Document `json:"einvoice"`
		}
		if err := json.Unmarshal([]byte(snap), &kept); err != nil {
			t.Fatal(err)
		}
		doc := kept.EInvoice
		if doc.Kind != einvoice.CreditNote || doc.Number == "" || doc.Number != kept.Number || len(doc.Preceding) != 1 || doc.Preceding[0].Number != invoiced.Number || !doc.Total.Equal(kept.Total) {
			t.Errorf("the credit note says %+v", doc)
		}
		xml, err := doc.UBL()
		if err != nil || !strings.Contains(string(xml), "<CreditNote ") {
			t.Errorf("%v\n%s", err, xml)
		}
		total = total.Add(doc.Total)
	}
	if !total.Equal(invoiced.Total) || len(notes) != 2 {
		t.Errorf("%d credit notes come to %s, the invoice to %s", len(notes), total, invoiced.Total)
	}
}

func TestACreditNoteIsTaxedAsItsInvoiceWas(t *testing.T) { // N.04, N.11, N.17
	t.Parallel()
	b := set(t)
	b.letterhead(t)
	b.Exec(t, `UPDATE client SET tax_category = 'reverse_charge', tax_percent = 0, tax_note = 'Steuerschuldnerschaft', einvoice = 'en16931'`)
	id := b.draft(t)
	b.Exec(t, `INSERT INTO invoice_line (id, invoice_id, position, kind, description, quantity, unit_price, amount, tax_percent) VALUES (gen_random_uuid(), $1, 98, 'charge', 'hosting', 1, 42, 42, 0)`, id)
	b.totals(t, id)
	b.frozen(t, id)
	for _, since := range []string{`tax_category = 'standard', tax_percent = 20`, `tax_category = 'exempt', tax_percent = 0`} { // which would lack its reason
		b.Exec(t, `UPDATE client SET tax_note = '', vat_id = '', `+since) // and has no VAT identifier any more
		for _, l := range b.shown(t, id).Lines {
			ask := flow.CreditLine{LineID: l.ID, WriteOff: true}
			if l.Kind != "time" {
				ask.Amount = ptrTo(dec("21"))
			}
			if err := b.credits(t, id, ask); err != nil && code(err) != "already_credited" {
				t.Fatalf("%s: %v", since, err)
			}
		}
	}
	notes := fixture.One[[]string](t, b.Store.Pool, `SELECT array_agg(snapshot::text ORDER BY number) FROM credit_note`)
	for _, snap := range notes {
		var kept struct {
			Notes    string            `json:"notes"`
			EInvoice einvoice.Document `json:"einvoice"`
		}
		if err := json.Unmarshal([]byte(snap), &kept); err != nil {
			t.Fatal(err)
		}
		if x := kept.EInvoice.Taxes; len(x) != 1 || x[0].Category != einvoice.ReverseCharge || !strings.Contains(kept.Notes, "Steuerschuldnerschaft") || kept.EInvoice.Buyer.VATID != "DE123456789" {
			t.Errorf("the credit note is taxed by %+v, its notes are %q", x, kept.Notes)
		}
	}
	if len(notes) != 3 {
		t.Errorf("%d credit notes", len(notes))
	}
}

func TestADraftTaxedBeforeItsClientWasIsNotCompletedWithoutTax(t *testing.T) { // N.11
	t.Parallel()
	b := set(t)
	b.Exec(t, `UPDATE client SET tax_category = 'reverse_charge', tax_percent = 0`)
	b.Exec(t, `INSERT INTO milestone (id, project_id, name, amount, due_on) VALUES (gen_random_uuid(), $1, 'Signed', 100, '2026-03-01')`, b.Project)
	b.Exec(t, `INSERT INTO expense (id, project_id, person_id, spent_on, description, amount, tax_percent) VALUES (gen_random_uuid(), $1, $2, '2026-03-02', 'Fee of an office', 40, 0)`, b.Project, b.Ann)
	b.Exec(t, `UPDATE work_statement SET billing_kind = 'fixed_price'`)
	id := b.draft(t)
	b.Exec(t, `UPDATE client SET tax_category = 'standard', tax_percent = 20`)
	_, err := b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, "complete", flow.CompleteInvoice{}))
	if code(err) != billing.TaxChanged {
		t.Fatalf("completing what was to be reverse charge, and would be a zero rate: %v", err)
	}
	b.Exec(t, `INSERT INTO invoice_line (id, invoice_id, position, kind, project_id, description, quantity, unit_price, amount, tax_percent) VALUES (gen_random_uuid(), $1, 99, 'fixed', $2, 'Untaxed, as was said', 1, 7, 7, 0)`, id, b.Project)
	if err := b.Tx(t.Context(), func(_ *db.Queries, tx pgx.Tx) error { return b.Collect(t.Context(), tx, id, civil.Date{}) }); err != nil {
		t.Fatal(err)
	}
	if printed, _ := b.frozen(t, id); printed.Tax.StringFixed(2) != "20.00" { // the expense says itself that it has none
		t.Errorf("the tax is %s", printed.Tax)
	}
}

func TestAnInvoiceNamesBothByTheirPartsAndSaysWhyNoTaxInTheClientsLanguage(t *testing.T) { // S1.77, N.11
	t.Parallel()
	for language, want := range map[string]string{"en": "Reverse charge", "de": "Steuerschuldnerschaft des Leistungsempfängers", "fr": "Autoliquidation", "es": "Inversión del sujeto pasivo"} {
		b := set(t)
		b.Exec(t, `UPDATE provider SET street = '14 Wharf Lane', city = 'Bristol', postal_code = 'BS1 4RW', country_code = 'GB', vat_id = 'GB123456789', tax_id = 'UTR 1234', iban = 'GB82WEST12345698765432'`)
		b.Exec(t, `UPDATE client SET billing_address = '', street = 'Weg 1', city = 'Kiel', postal_code = '24103', country_code = 'DE', vat_id = 'DE123456789', tax_category = 'reverse_charge', tax_percent = 0, language = $2 WHERE id = $1`, b.Client, language)
		printed, doc := b.frozen(t, b.draft(t))
		if printed.Notes != want || doc.Taxes[0].Reason != "Reverse charge" {
			t.Errorf("in %q: printed is %q, the e-invoice says %q", language, printed.Notes, doc.Taxes[0].Reason)
		}
		if s := printed.Seller; s.VATID != "GB123456789" || s.TaxID != "UTR 1234" || strings.Join(s.Address, ", ") != "14 Wharf Lane, Bristol BS1 4RW" || strings.Join(s.Bank, ", ") != "IBAN: GB82 WEST 1234 5698 7654 32" {
			t.Errorf("the firm is %+v", s)
		}
		if p := printed.Buyer; p.VATID != "DE123456789" || len(p.Address) != 3 || p.Address[1] != "24103 Kiel" {
			t.Errorf("the client is %+v", p)
		}
	}
}
