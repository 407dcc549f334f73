package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"steward/activities"
	"steward/internal/bank"
	"steward/internal/civil"
	"steward/internal/dispatch"
	"steward/internal/files"
	"steward/internal/fixture"
	"steward/internal/flow"
)

// inEarnest lets the engine carry out what it is asked for.
func (w *world) inEarnest(t *testing.T) *world {
	t.Helper()
	f, err := files.Open(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	acts := activities.New(w.store, f, "http://localhost")
	w.engine.act = func(ctx context.Context, a dispatch.Action) error {
		commit := map[flow.Kind]func(context.Context, flow.Command) (flow.Snapshot, error){flow.Account: acts.CommitAccount, flow.Invoice: acts.CommitInvoice}[a.Kind]
		if _, err := commit(ctx, flow.Command{ID: a.Command}); err != nil {
			if _, refused := flow.Refused(err); !refused {
				t.Errorf("%s %s: %v", a.Verb, a.Kind, err)
			}
		}
		return nil
	}
	return w
}

// invoice bills minutes of Ann's at 100 an hour and 20 % tax.
func (w *world) invoice(t *testing.T, minutes int) string {
	t.Helper()
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: civil.Of(2026, 3, 3), Minutes: minutes})
	am := w.as(w.AM)
	id := am.must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []any{w.Project}, "through": "2026-03-20"}).str("id")
	am.must("POST", "/invoices/"+id+"/complete", object{})
	return id
}

func TestAPaymentIsRecordedAppliedAndReversed(t *testing.T) { // S1.79–S1.81, N.05
	t.Parallel()
	w := newWorld(t).inEarnest(t)
	am := w.as(w.AM)
	first, second := w.invoice(t, 60), w.invoice(t, 60)
	body := object{"client_id": w.Client, "amount": "150.00", "currency": "GBP", "received_on": "2026-03-19", "method": "transfer", "reference": "R-1"}
	p := am.with("Idempotency-Key", "k").must("POST", "/payments", body)
	again := am.with("Idempotency-Key", "k").must("POST", "/payments", body)
	if p.str("id") != again.str("id") || p.status != 201 {
		t.Errorf("%d, made twice: %s, %s", p.status, p.str("id"), again.str("id"))
	}
	has(t, p.body, object{"amount": "150.00", "unapplied": "0.00", "reference": "R-1"})
	has(t, am.must("GET", "/invoices/"+first, nil).body, object{"state": "paid", "paid": "120.00", "balance": "0.00"})
	has(t, am.must("GET", "/invoices/"+second, nil).body, object{"state": "partly_paid", "paid": "30.00", "balance": "90.00"})
	am.refused(409, "reference_taken", "POST", "/payments", body)
	am.refused(409, "exceeds_balance", "POST", "/payments", object{"client_id": w.Client, "amount": "100", "received_on": "2026-03-19", "applications": []any{object{"invoice_id": second, "amount": "91"}}})
	w.as(w.Ann).refused(403, "forbidden", "POST", "/payments", body)
	w.as(w.contact(t)).refused(404, "not_found", "GET", "/payments/"+p.str("id"), nil)
	over := am.must("POST", "/payments", object{"client_id": w.Client, "amount": "100", "received_on": "2026-03-19", "applications": []any{}})
	has(t, over.body, object{"unapplied": "100.00"})
	has(t, am.must("POST", "/payments/"+over.str("id")+"/apply", object{"applications": []any{object{"invoice_id": second, "amount": "40"}}}).body, object{"unapplied": "60.00"})
	has(t, am.must("POST", "/clients/"+w.Client.String()+"/refunds", object{"amount": "10"}).body, object{"amount": "10.00", "refunded_on": "2026-03-20"})
	refunds := am.must("GET", "/clients/"+w.Client.String()+"/refunds", nil).items()
	if len(refunds) != 1 {
		t.Fatalf("got %v", refunds)
	}
	has(t, refunds[0], object{"amount": "10.00", "currency": "GBP", "refunded_on": "2026-03-20"}) // N.05
	has(t, refunds[0]["sources"].([]any)[0].(object), object{"id": over.str("id"), "kind": "payment", "amount": "10.00"})
	has(t, am.must("GET", "/refunds/"+refunds[0]["id"].(string), nil).body, refunds[0])
	am.refused(404, "not_found", "GET", "/refunds/"+over.str("id"), nil)
	am.refused(404, "not_found", "GET", "/clients/"+over.str("id")+"/refunds", nil)
	w.as(w.Ann).refused(403, "forbidden", "GET", "/refunds/"+refunds[0]["id"].(string), nil)
	w.as(w.contact(t)).refused(404, "not_found", "GET", "/clients/"+w.Client.String()+"/refunds", nil)
	credit := am.must("GET", "/clients/"+w.Client.String()+"/credit", nil)
	if !strings.Contains(credit.text, `"credit":"50.00"`) {
		t.Errorf("the credit is %s", credit.text)
	}
	am.must("POST", "/payments/"+p.str("id")+"/reverse", object{"reason": "bounced"})
	has(t, am.must("GET", "/invoices/"+first, nil).body, object{"state": "complete", "paid": "0.00", "balance": "120.00"})
	if list := am.must("GET", "/payments?client="+w.Client.String()+"&unapplied=true", nil).items(); len(list) != 1 || list[0]["id"] != over.str("id") {
		t.Errorf("with something left: %v", list)
	}
	if h := am.must("GET", "/invoices/"+first+"/history", nil); !strings.Contains(h.text, "bounced") {
		t.Errorf("the history does not tell: %s", h.text)
	}
	am.refused(409, "payment_refunded", "POST", "/payments/"+over.str("id")+"/reverse", object{"reason": "x"})
	am.refused(422, "invalid", "POST", "/payments/"+over.str("id")+"/reverse", object{"reason": " "})
}

func TestARefundIsReversedOverHTTP(t *testing.T) { // N.05
	t.Parallel()
	w := newWorld(t).inEarnest(t)
	am := w.as(w.AM)
	p := am.must("POST", "/payments", object{"client_id": w.Client, "amount": "100", "received_on": "2026-03-19", "applications": []any{}})
	refund := am.must("POST", "/clients/"+w.Client.String()+"/refunds", object{"amount": "10", "reference": "R-1"})
	path := "/refunds/" + refund.str("id") + "/reverse"
	has(t, refund.body, object{"reversed_on": nil, "version": 1.0})
	am.with("If-Match", `"7"`).refused(412, "stale", "POST", path, object{"reason": "sent back"})
	am.refused(422, "invalid", "POST", path, object{"reason": " "})
	am.refused(404, "not_found", "POST", "/refunds/"+p.str("id")+"/reverse", object{"reason": "sent back"})
	w.as(w.Ann).refused(403, "forbidden", "POST", path, object{"reason": "sent back"})
	back := am.with("If-Match", refund.header.Get("ETag")).must("POST", path, object{"reason": "sent back"})
	has(t, back.body, object{"reversed_on": "2026-03-20", "reversal_reason": "sent back", "amount": "10.00", "version": 2.0})
	has(t, am.must("GET", "/refunds/"+refund.str("id"), nil).body, back.body)
	am.refused(409, "refund_reversed", "POST", path, object{"reason": "again"})
	if c := am.must("GET", "/clients/"+w.Client.String()+"/credit", nil); !strings.Contains(c.text, `"credit":"100.00"`) {
		t.Errorf("the credit is %s", c.text)
	}
	st := "/clients/" + w.Client.String() + "/statement"
	if csv := am.must("GET", st+".csv?to=2026-03-20", nil).text; !strings.Contains(csv, "2026-03-20,refund_reversal,R-1,sent back,,GBP,-10.00,-100.00") {
		t.Errorf("the statement is\n%s", csv)
	}
	if seen := w.as(w.outside(w.Client, "client_manager")).must("GET", st, nil); !strings.Contains(seen.text, "refund_reversal") {
		t.Errorf("the client's manager reads %s", seen.text)
	}
	if a := am.must("GET", "/payments/"+p.str("id"), nil); !strings.Contains(a.text, `"refunded":"0.00"`) {
		t.Errorf("the payment is %s", a.text)
	}
	if told := w.as(w.admin).must("GET", "/audit?entity="+refund.str("id"), nil); !strings.Contains(told.text, "took it back") {
		t.Errorf("the audit tells %s", told.text)
	}
	am.must("POST", "/payments/"+p.str("id")+"/reverse", object{"reason": "bounced"})
}

func TestVoidAndCreditOverHTTP(t *testing.T) { // N.04, billing "Void and credit"
	t.Parallel()
	w := newWorld(t).inEarnest(t)
	am := w.as(w.AM)
	id := w.invoice(t, 60)
	w.Exec(t, `UPDATE provider SET country_code = 'GB', vat_id = 'GB123456789'`)
	w.Exec(t, `UPDATE client SET country_code = 'DE'`)
	has(t, am.must("POST", "/invoices/"+id+"/void", object{"reason": "wrong client"}).body, object{"state": "void", "number": "INV-2026-00001", "balance": "0.00"})
	am.refused(409, "not_complete", "POST", "/invoices/"+id+"/void", object{"reason": "again"})
	id = w.invoice(t, 30) // the released hour and half an hour more
	inv := am.must("GET", "/invoices/"+id, nil)
	has(t, inv.body, object{"subtotal": "150.00", "number": "INV-2026-00002"})
	line := inv.body["lines"].([]any)[0].(object)["id"].(string)
	credited := am.must("POST", "/invoices/"+id+"/credit", object{"reason": "agreed", "lines": []any{object{"line_id": line, "treatment": "release"}}})
	has(t, credited.body, object{"state": "paid", "credited": "180.00", "balance": "0.00"})
	note := am.must("GET", "/credit-notes?invoice="+id, nil).items()[0]
	has(t, note, object{"number": "CN-2026-00001", "total": "180.00", "invoice_number": "INV-2026-00002", "unapplied": "0.00"})
	xml := am.must("GET", "/credit-notes/"+note["id"].(string)+".xml", nil) // N.17
	if !strings.Contains(xml.text, "<CreditNote ") || !strings.Contains(xml.text, "INV-2026-00002") || !strings.Contains(xml.header.Get("Content-Disposition"), `"CN-2026-00001.xml"`) {
		t.Errorf("the e-invoice is %s", xml.text)
	}
	w.as(w.Ann).refused(403, "forbidden", "GET", "/credit-notes/"+note["id"].(string)+"/xml", nil)
	am.refused(404, "not_found", "GET", "/credit-notes/"+id+"/xml", nil)
	one := am.must("GET", "/credit-notes/"+note["id"].(string), nil)
	if !strings.Contains(one.text, line) {
		t.Errorf("got %s", one.text)
	}
	am.refused(409, "already_credited", "POST", "/invoices/"+id+"/credit", object{"reason": "agreed", "lines": []any{object{"line_id": line, "write_off": true}}})
	if e := am.must("GET", "/invoices/"+id+"/lines/"+line+"/explain", nil); strings.Count(e.text, `"corrected":"release"`) != 2 || strings.Count(e.text, `"user_name":`) != 2 {
		t.Errorf("the line explains itself as %s", e.text)
	}
}

func TestAStatementAndItsAgeOnAnyDay(t *testing.T) { // N.13
	t.Parallel()
	w := newWorld(t).inEarnest(t)
	am := w.as(w.AM)
	w.Exec(t, `UPDATE client SET name = '=HYPERLINK("x")'`)
	w.invoice(t, 60) // issued on 20 March, due on 19 April
	w.at(noon.AddDate(0, 2, 0))
	am.must("POST", "/payments", object{"client_id": w.Client, "amount": "50", "received_on": "2026-05-10"})
	for _, c := range []struct{ asOf, want string }{
		{"2026-03-19", `"items":[]`}, {"2026-04-19", `"current":"120.00"`}, {"2026-04-20", `"days_1_30":"120.00"`}, {"2026-05-09", `"days_1_30":"120.00"`},
		{"2026-05-10", `"days_1_30":"70.00"`}, {"2026-05-20", `"days_31_60":"70.00"`}, {"2026-07-18", `"days_61_90":"70.00"`}, {"2027-01-01", `"days_over_90":"70.00"`},
	} {
		if got := am.must("GET", "/reports/aging?as_of="+c.asOf, nil).text; !strings.Contains(got, c.want) {
			t.Errorf("as of %s: %s, want %s", c.asOf, got, c.want)
		}
	}
	st := am.must("GET", "/clients/"+w.Client.String()+"/statement?from=2026-05-01&to=2026-05-31", nil)
	for _, want := range []string{`"opening_balance":"120.00"`, `"closing_balance":"70.00"`, `"amount":"-50.00"`, `"days_31_60":"70.00"`} {
		if !strings.Contains(st.text, want) {
			t.Errorf("no %s in %s", want, st.text)
		}
	}
	csv := am.must("GET", "/clients/"+w.Client.String()+"/statement.csv?from=2026-05-01&to=2026-05-31", nil)
	if !strings.Contains(csv.text, "2026-05-10,payment,,,,GBP,-50.00,70.00\r\n") || !strings.HasPrefix(csv.header.Get("Content-Type"), "text/csv") {
		t.Errorf("got %s", csv.text)
	}
	aging := am.must("GET", "/reports/aging?format=csv&as_of=2026-05-20", nil)
	if !strings.Contains(aging.text, `"'=HYPERLINK(""x"")",GBP,0.00,0.00,70.00`) {
		t.Errorf("got %s", aging.text)
	}
	if pdf := am.must("GET", "/reports/aging.pdf?as_of=2026-05-20", nil); !strings.HasPrefix(pdf.text, "%PDF-") || pdf.header.Get("Content-Type") != "application/pdf" {
		t.Errorf("got %s, %.20q", pdf.header.Get("Content-Type"), pdf.text)
	}
	am.refused(422, "invalid", "GET", "/reports/aging.pdf?as_of=yesterday", nil)
	am.refused(422, "not_available", "GET", "/clients/"+w.Client.String()+"/statement.pdf", nil)
	w.as(w.Ann).refused(403, "forbidden", "GET", "/reports/aging", nil)
	am.refused(422, "invalid", "GET", "/clients/"+w.Client.String()+"/statement?from=2026-05-01&to=2026-04-01", nil)
}

func TestAStatementOfTheBankIsReadOnce(t *testing.T) { // S1.79, S1.80
	t.Parallel()
	w := newWorld(t).inEarnest(t)
	am := w.as(w.AM)
	first, second := w.invoice(t, 60), w.invoice(t, 90)
	csv := "date,amount,currency,text,payer\n" +
		"2026-03-20,120.00,GBP,Rechnung INV202600001,Acme\n" +
		"2026-03-20,10.00,GBP,INV-2026-00002,Acme\n" +
		"2026-03-20,10.00,GBP,no idea,Nobody\n" +
		"2026-03-20,180.00,EUR,INV-2026-00002,Acme\n"
	send := func(text, kind string) answer {
		return am.with("Content-Type", kind).must("POST", "/payments/import", text)
	}
	count := func(a answer) string {
		return fmt.Sprint(len(a.body["recorded"].([]any)), len(a.body["known"].([]any)), len(a.body["unmatched"].([]any)))
	}
	got := send(csv, "text/csv")
	if count(got) != "1 0 3" || !strings.Contains(got.text, `"amount":"120.00"`) || !strings.Contains(got.text, "other_amount") || !strings.Contains(got.text, "no_invoice") || !strings.Contains(got.text, "other_currency") {
		t.Errorf("got %s", got.text)
	}
	has(t, am.must("GET", "/invoices/"+first, nil).body, object{"state": "paid"})
	if got := send(csv, "text/csv"); count(got) != "0 1 3" {
		t.Errorf("again: %s", got.text)
	}
	// What the payer quoted goes before what stands in the text.
	third := w.invoice(t, 30)
	quoted := `<Document><BkToCstmrStmt><Stmt><Ntry><Amt Ccy="GBP">60.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-20</Dt></BookgDt>
		<NtryDtls><TxDtls><RmtInf><Ustrd>INV-2026-00002</Ustrd><Strd><CdtrRefInf><Ref>` + bank.Reference("", true, "INV-2026-00003") + `</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>`
	if got := send(quoted, "application/xml"); count(got) != "1 0 0" {
		t.Errorf("got %s", got.text)
	}
	has(t, am.must("GET", "/invoices/"+third, nil).body, object{"state": "paid"})
	camt := `<Document><BkToCstmrStmt><Stmt><Ntry><Amt Ccy="GBP">180.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-20</Dt></BookgDt>
		<NtryDtls><TxDtls><RmtInf><Ustrd>INV 2026 00002</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>`
	for _, want := range []string{"1 0 0", "0 1 0"} {
		if got := send(camt, "application/xml"); count(got) != want {
			t.Errorf("got %s, want %s", got.text, want)
		}
	}
	has(t, am.must("GET", "/invoices/"+second, nil).body, object{"state": "paid", "paid": "180.00"})
	if n := len(am.must("GET", "/payments", nil).items()); n != 3 {
		t.Errorf("%d payments", n)
	}
	am.with("Content-Type", "application/xml").refused(422, "bad_statement", "POST", "/payments/import", `<!DOCTYPE a [<!ENTITY b "c">]><a/>`)
	am.with("Content-Type", "text/csv").refused(413, "too_large", "POST", "/payments/import", strings.Repeat("x", 2<<20+1))
	w.as(w.AM, "read").with("Content-Type", "text/csv").refused(403, "forbidden", "POST", "/payments/import", csv)
}

// What no database keeps does no harm in a file of a bank, and the rest of it is read.
func TestRubbishInAStatementIsKeptOut(t *testing.T) { // S1.79
	t.Parallel()
	w := newWorld(t).inEarnest(t)
	w.invoice(t, 60)
	csv := "date,amount,currency,text,payer,reference\n2026-03-20,120.00,GBP,INV-2026-00001 \x00\xff\x01,A\x00,R\x00\xff\n2026-03-20,1.00,G\x00P,x,,\n"
	got := w.as(w.AM).with("Content-Type", "text/csv").must("POST", "/payments/import", csv)
	if len(got.body["recorded"].([]any)) != 1 {
		t.Errorf("got %s", got.text)
	}
	has(t, w.as(w.AM).must("GET", "/payments", nil).items()[0], object{"reference": "R \ufffd"})
}

// What a notification told comes again in the statement of the day; what the payer
// repeats each month is a payment each month.
func TestNotificationsAndStatementsAreReadTogether(t *testing.T) { // S1.79, S1.80
	t.Parallel()
	w := newWorld(t).inEarnest(t)
	am := w.as(w.AM).with("Content-Type", "application/xml")
	for range 3 {
		w.invoice(t, 60) // 120.00 each
	}
	entry := func(day, ref, inner string) string {
		return `<Ntry><Amt Ccy="GBP">120.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>` + day + `</Dt></BookgDt><AcctSvcrRef>` + ref + `</AcctSvcrRef>` + inner + `</Ntry>`
	}
	rent := func(number string) string {
		return `<NtryDtls><TxDtls><Refs><EndToEndId>RENT</EndToEndId></Refs><RmtInf><Ustrd>` + number + `</Ustrd></RmtInf></TxDtls></NtryDtls>`
	}
	told := func(entries string) string {
		return `<Document><BkToCstmrDbtCdtNtfctn><Ntfctn>` + entries + `</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>`
	}
	stated := func(entries string) string {
		return `<Document><BkToCstmrStmt><Stmt>` + entries + `</Stmt></BkToCstmrStmt></Document>`
	}
	january, february := entry("2026-01-05", "B1", rent("INV-2026-00001")), entry("2026-02-05", "B2", rent("INV-2026-00002"))
	together := entry("2026-03-05", "B3", "<NtryDtls><Btch><NbOfTxs>7</NbOfTxs></Btch></NtryDtls>")
	for _, c := range [][2]string{
		{told(january), "1 0 0"}, {stated(january + february + together), "1 1 1"}, {told(february), "0 1 0"},
	} {
		got := am.must("POST", "/payments/import", c[0])
		if n := fmt.Sprint(len(got.body["recorded"].([]any)), len(got.body["known"].([]any)), len(got.body["unmatched"].([]any))); n != c[1] {
			t.Errorf("got %s, want %s", got.text, c[1])
		}
		if strings.Contains(c[0], "NbOfTxs") && !strings.Contains(got.text, `"code":"together","reason":"it is 7 payments together`) {
			t.Errorf("got %s", got.text)
		}
	}
}

func TestUtilisationProfitAndWorkInProgress(t *testing.T) { // N.22
	t.Parallel()
	w := newWorld(t).inEarnest(t)
	am, admin := w.as(w.AM), w.as(w.admin)
	id := w.invoice(t, 60)
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: civil.Of(2026, 3, 4), Minutes: 120}, fixture.Entry{Task: w.Task, Person: w.Ann, Date: civil.Of(2026, 3, 4), Minutes: 60, Billing: "internal"})
	for _, u := range am.must("GET", "/reports/utilisation?from=2026-03-02&to=2026-03-06", nil).items() {
		if u["user_id"] == w.Ann.String() {
			has(t, u, object{"recorded_minutes": 240, "billable_minutes": 180})
			if u["available_minutes"].(float64) < 2000 || u["percent"] == nil {
				t.Errorf("got %v", u)
			}
		}
	}
	profit := "/reports/profitability?project=" + w.Project.String()
	has(t, am.must("GET", profit, nil).items()[0], object{"billed": "100.00", "to_bill": "200.00", "cost": "0.00", "uncosted_minutes": 240, "margin": nil})
	for _, r := range []object{{"rate": "30", "currency": "GBP", "from": "2026-01-01"}, {"rate": "40", "currency": "GBP", "from": "2026-03-04"}} {
		admin.must("POST", "/users/"+w.Ann.String()+"/cost-rates", r)
	}
	has(t, am.must("GET", profit, nil).items()[0], object{"cost": "150.00", "uncosted_minutes": 0, "margin": "150.00"}) // 30 + 3 × 40
	wip := func(day string) string {
		items := am.must("GET", "/reports/wip?as_of="+day, nil).items()
		if len(items) == 0 {
			return "none"
		}
		return fmt.Sprint(items[0]["minutes"], " ", items[0]["value"])
	}
	w.Exec(t, `UPDATE time_entry SET rate_override = 150 WHERE work_date = '2026-03-04'`)
	if got := wip("2026-03-19"); got != "180 400.00" { // N.03: at the rate of its own
		t.Errorf("with a rate of its own: %s", got)
	}
	w.Exec(t, `UPDATE time_entry SET rate_override = NULL WHERE work_date = '2026-03-04'`)
	w.at(noon.AddDate(0, 0, 5))
	am.must("POST", "/invoices/"+id+"/void", object{"reason": "wrong"})
	for _, c := range [][2]string{{"2026-03-02", "none"}, {"2026-03-19", "180 300.00"}, {"2026-03-20", "120 200.00"}, {"2026-03-24", "120 200.00"}, {"2026-03-25", "180 300.00"}} {
		if got := wip(c[0]); got != c[1] {
			t.Errorf("as of %s: %s, want %s", c[0], got, c[1])
		}
	}
	if csv := am.must("GET", "/reports/wip?format=csv", nil).text; !strings.HasPrefix(csv, "project,name,currency") {
		t.Errorf("got %s", csv)
	}
}
