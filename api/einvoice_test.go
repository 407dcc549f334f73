package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/einvoice"
)

// completed stores a completed invoice with its snapshot.
func (w *world) completed(t testing.TB, number string, snapshot any) string {
	t.Helper()
	id := w.store.NewID()
	text, err := json.Marshal(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	w.Exec(t, `INSERT INTO invoice (id, client_id, currency, state, through, series, year, sequence, number, issued_on, due_on, subtotal, tax, total, snapshot, completed_at)
		VALUES ($1, $2, 'GBP', 'complete', '2026-02-28', $3, 2026, 1, $3, '2026-03-01', '2026-03-31', 120, 24, 144, $4::text::jsonb, now())`, id, w.Client, number, string(text))
	return id.String()
}

func contractOf(number string) einvoice.Document {
	d := decimal.NewFromInt
	return einvoice.Document{
		Kind: einvoice.Invoice, Number: number, Issued: civil.Of(2026, 3, 1), Due: civil.Of(2026, 3, 31), Currency: "GBP",
		Seller:   einvoice.Party{Name: "Firm", VATID: "GB123456789", Address: einvoice.Address{Country: "GB"}},
		Buyer:    einvoice.Party{Name: "Client", Address: einvoice.Address{Country: "DE"}},
		Lines:    []einvoice.Line{{Description: "Work", Minutes: 60, UnitPrice: d(120), Amount: d(120), Category: "S", Percent: d(20)}},
		Taxes:    []einvoice.Tax{{Category: "S", Percent: d(20), Base: d(120), Amount: d(24)}},
		Subtotal: d(120), Tax: d(24), Total: d(144),
	}
}

func TestAnInvoiceIsReadAsAnEInvoice(t *testing.T) { // N.17
	t.Parallel()
	w := newWorld(t)
	am, doc := w.as(w.AM), contractOf("INV-2026-00001")
	path := "/invoices/" + w.completed(t, doc.Number, map[string]any{"number": doc.Number, "einvoice": doc})
	got := am.must("GET", path+".xml", nil)
	want, err := doc.UBL()
	if err != nil || got.text != string(want) {
		t.Fatalf("%v\n%s", err, got.text)
	}
	tag := got.header.Get("ETag")
	if got.header.Get("Content-Type") != "application/xml" || !strings.Contains(got.header.Get("Content-Disposition"), `"INV-2026-00001.xml"`) || len(tag) != 66 {
		t.Errorf("it came with %v", got.header)
	}
	w.Exec(t, `UPDATE client SET name = 'Renamed', country_code = 'FR'`)
	w.Exec(t, `UPDATE provider SET name = 'Another firm', country_code = 'FR'`)
	if again := am.must("GET", path+"/xml", nil); again.text != got.text || again.header.Get("ETag") != tag {
		t.Error("it has changed with the client")
	}
	for header, status := range map[string]int{tag: 304, "W/" + tag: 304, `"x", ` + tag: 304, "*": 304, `"x"`: 200} {
		a := am.with("If-None-Match", header).send("GET", path+".xml", nil)
		if a.status != status || a.header.Get("ETag") != tag || (status == 304) != (a.text == "") {
			t.Errorf("If-None-Match %s: %d %q", header, a.status, a.text)
		}
	}
	w.as(w.Ann).refused(403, "forbidden", "GET", path+".xml", nil)
	w.nobody().refused(401, "unauthorized", "GET", path+".xml", nil)
	am.refused(404, "not_found", "GET", "/invoices/"+w.Task.String()+".xml", nil)
}

func TestWhatCannotBeAnEInvoiceIsRefused(t *testing.T) { // N.17
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	draft := am.must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []uuid.UUID{w.Project}, "through": "2026-02-28"}).str("id")
	am.refused(409, "not_rendered", "GET", "/invoices/"+draft+".xml", nil)
	doc := contractOf("A-1")
	doc.Seller.Address.Country, doc.Buyer.Address.Country = "", ""
	a := am.refused(409, "einvoice_incomplete", "GET", "/invoices/"+w.completed(t, "A", map[string]any{"einvoice": doc})+".xml", nil)
	if !strings.Contains(a.str("detail"), "BT-40") || !strings.Contains(a.str("detail"), "BT-55") || !strings.Contains(a.text, `"location":"BT-55"`) {
		t.Errorf("it says %s", a.text)
	}
	am.refused(409, "einvoice_incomplete", "GET", "/invoices/"+w.completed(t, "B", map[string]any{"number": "B-1"})+".xml", nil) // from before
	doc = contractOf("C-1")
	doc.Currency = "KWD"
	doc.Lines[0].Amount, doc.Taxes[0].Base, doc.Subtotal, doc.Total = decimal.RequireFromString("120.004"), decimal.RequireFromString("120.004"), decimal.RequireFromString("120.004"), decimal.RequireFromString("144.005")
	doc.Taxes[0].Amount, doc.Tax = decimal.RequireFromString("24.001"), decimal.RequireFromString("24.001")
	am.refused(409, "einvoice_impossible", "GET", "/invoices/"+w.completed(t, "C", map[string]any{"einvoice": doc})+".xml", nil)
}

func TestWhatAnEInvoiceNeedsIsSet(t *testing.T) { // N.11, N.17
	t.Parallel()
	w := newWorld(t)
	am, admin, path := w.as(w.AM), w.as(w.admin), "/clients/"+w.Client.String()
	has(t, am.must("PATCH", path, object{
		"street": "Lange Straße 7", "city": "Bremen", "postal_code": "28195", "country_code": "de", "vat_id": "DE 123 456 789", "registration": "HRB 1", "electronic_address": "9930:de123456789",
		"buyer_reference": "04011000-1234512345-35", "einvoice": "peppol", "tax_category": "reverse_charge", "tax_note": "Steuerschuldnerschaft", "tax_percent": 0,
	}).body, object{"country_code": "DE", "vat_id": "DE123456789", "einvoice": "peppol", "tax_category": "reverse_charge", "electronic_address": "9930:de123456789"})
	has(t, am.must("PATCH", "/clients/"+w.Client.String(), object{"einvoice": "xrechnung"}).body, object{"einvoice": "xrechnung"})
	has(t, am.must("POST", "/clients", object{"name": "New", "currency": "GBP", "country_code": "fr", "tax_category": "exempt"}).body, object{"country_code": "FR", "tax_category": "exempt", "einvoice": ""})
	has(t, am.must("POST", "/clients", object{"name": "Plain", "currency": "GBP"}).body, object{"country_code": "", "tax_category": "standard"})
	for _, wrong := range []object{
		{"country_code": "UK"}, {"country_code": "DEU"}, {"vat_id": "123456789"}, {"electronic_address": "9999:1"}, {"einvoice": "paper"}, {"tax_category": "none"}, {"tax_category": ""}, {"tax_percent": 5},
	} {
		am.refused(422, "invalid", "PATCH", path, wrong)
	}
	has(t, admin.must("PATCH", "/provider", object{
		"street": "14 Wharf Lane", "city": "Bristol", "postal_code": "BS1 4QF", "country_code": "gb", "vat_id": "GB 123 4567 89", "registration": "01234567",
		"electronic_address": "0088:5060012349998", "iban": "gb82 west 1234 5698 7654 32", "bic": "westgb2l",
	}).body, object{"country_code": "GB", "vat_id": "GB123456789", "iban": "GB82WEST12345698765432", "bic": "WESTGB2L", "version": 2})
	for _, wrong := range []object{{"iban": "GB00 SVAN 0000 0012 3456 78"}, {"bic": "x"}, {"country_code": "XX"}, {"vat_id": "1"}} {
		admin.refused(422, "invalid", "PATCH", "/provider", wrong)
	}
	project := "/projects/" + w.Project.String()
	am.must("PUT", project+"/work-statement", object{"tax_category": "exempt"})
	has(t, am.must("GET", project, nil).body["work_statement"].(object), object{"tax_category": "exempt"})
	am.refused(422, "invalid", "PUT", project+"/work-statement", object{"tax_category": "exempt", "tax_percent": 5})
}
