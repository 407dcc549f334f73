package api_test

import (
	"strings"
	"testing"
)

func TestACreditNoteIsMadeVoidOverHTTP(t *testing.T) { // N.04, S1.05, N.13
	t.Parallel()
	w := newWorld(t).inEarnest(t)
	am := w.as(w.AM)
	id := w.invoice(t, 60)
	line := am.must("GET", "/invoices/"+id, nil).body["lines"].([]any)[0].(object)["id"]
	manager := w.as(w.outside(w.Client, "client_manager"))
	billed := func() string {
		a := am.must("GET", w.home()+"/summary", nil)
		return a.str("billed") + " " + a.str("to_bill") + " " + manager.must("GET", w.home()+"/summary", nil).str("billed")
	}
	w.Exec(t, `UPDATE invoice SET visible_at = now()`)
	before := billed()
	am.must("POST", "/invoices/"+id+"/credit", object{"reason": "agreed", "lines": []any{object{"line_id": line, "release": true}}})
	note := am.must("GET", "/credit-notes?invoice="+id, nil).items()[0]
	path := "/credit-notes/" + note["id"].(string)
	w.Exec(t, `UPDATE credit_note SET visible_at = now()`)
	if credited := billed(); credited != "0.00 100.00 0.00" {
		t.Errorf("credited, the project is at %s", credited)
	}
	w.at(noon.AddDate(0, 0, 2))
	am.with("If-Match", `"7"`).refused(412, "stale", "POST", path+"/void", object{"reason": "by mistake"})
	am.refused(422, "invalid", "POST", path+"/void", object{"reason": " "})
	am.refused(404, "not_found", "POST", "/credit-notes/"+id+"/void", object{"reason": "by mistake"})
	w.as(w.Ann).refused(403, "forbidden", "POST", path+"/void", object{"reason": "by mistake"})
	void := am.must("POST", path+"/void", object{"reason": "by mistake"})
	has(t, void.body, object{"number": "CN-2026-00001", "voided_on": "2026-03-22", "void_reason": "by mistake", "total": "120.00", "unapplied": "0.00"})
	has(t, am.must("GET", "/credit-notes?invoice="+id, nil).items()[0], object{"voided_on": "2026-03-22"})
	inv := am.must("GET", "/invoices/"+id, nil)
	has(t, inv.body, object{"state": "complete", "credited": "0.00", "balance": "120.00"})
	has(t, inv.body["credit_notes"].([]any)[0].(object), object{"number": "CN-2026-00001", "voided_on": "2026-03-22"})
	if after := billed(); after != before {
		t.Errorf("the project was at %s, and is at %s", before, after)
	}
	am.refused(409, "credit_note_void", "POST", path+"/void", object{"reason": "again"})
	am.refused(409, "credit_note_void", "POST", path+"/apply", object{})
	am.refused(409, "not_sent", "POST", path+"/send", object{"by": "paper"})
	has(t, manager.must("GET", path, nil).body, object{"voided_on": "2026-03-22", "void_reason": "by mistake"})
	st := "/clients/" + w.Client.String() + "/statement"
	if csv := manager.must("GET", st+".csv?to=2026-03-22", nil).text; !strings.Contains(csv, "2026-03-22,credit_note_void,CN-2026-00001,by mistake,,GBP,120.00,120.00") {
		t.Errorf("the statement is\n%s", csv)
	}
	for day, want := range map[string]string{"19": `"minutes":60`, "20": `"minutes":60`, "21": `"minutes":60`, "22": `"items":[]`} { // released from the 20th to the 22nd
		if got := am.must("GET", "/reports/wip?as_of=2026-03-"+day, nil).text; !strings.Contains(got, want) {
			t.Errorf("in progress on the %s: %s, want %s", day, got, want)
		}
	}
	if h := am.must("GET", "/invoices/"+id+"/history", nil); !strings.Contains(h.text, "made a credit note of it void") {
		t.Errorf("the history does not tell: %s", h.text)
	}
}
