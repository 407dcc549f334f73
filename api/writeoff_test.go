package api_test

import (
	"strings"
	"testing"
)

func TestARestIsWrittenOffOverHTTP(t *testing.T) { // S1.80, S1.81, N.13
	t.Parallel()
	w := newWorld(t).inEarnest(t)
	am := w.as(w.AM)
	id := w.invoice(t, 60)
	w.Exec(t, `UPDATE invoice SET visible_at = now()`)
	am.must("POST", "/payments", object{"client_id": w.Client, "amount": "119.98", "received_on": "2026-03-20"})
	path := "/invoices/" + id
	am.with("If-Match", `"70"`).refused(412, "stale", "POST", path+"/write-off", object{"reason": "short"})
	am.refused(422, "invalid", "POST", path+"/write-off", object{"reason": " "})
	am.refused(409, "exceeds_balance", "POST", path+"/write-off", object{"reason": "short", "amount": "0.03"})
	w.as(w.Ann).refused(403, "forbidden", "POST", path+"/write-off", object{"reason": "short"})
	off := am.with("Idempotency-Key", "off").must("POST", path+"/write-off", object{"reason": "short"})
	again := am.with("Idempotency-Key", "off").must("POST", path+"/write-off", object{"reason": "short"})
	has(t, off.body, object{"state": "paid", "paid": "119.98", "credited": "0.00", "written_off": "0.02", "balance": "0.00", "tax": "20.00"})
	first := off.body["write_offs"].([]any)[0].(object)
	if len(again.body["write_offs"].([]any)) != 1 {
		t.Errorf("sent again: %s", again.text)
	}
	has(t, first, object{"amount": "0.02", "written_off_on": "2026-03-20", "reason": "short"})
	if aging := am.must("GET", "/reports/aging", nil); !strings.Contains(aging.text, `"items":[]`) {
		t.Errorf("owed: %s", aging.text)
	}
	if then := am.must("GET", "/reports/aging?as_of=2026-03-19", nil); !strings.Contains(then.text, `"items":[]`) {
		t.Errorf("owed the day before it was issued: %s", then.text)
	}
	manager := w.as(w.outside(w.Client, "client_manager"))
	seen := manager.must("GET", path, nil)
	has(t, seen.body, object{"written_off": "0.02", "balance": "0.00"})
	if strings.Contains(seen.text, "short") {
		t.Errorf("the client reads why: %s", seen.text)
	}
	for _, c := range []caller{am, manager} {
		csv := c.must("GET", "/clients/"+w.Client.String()+"/statement.csv?to=2026-03-20", nil).text
		if !strings.Contains(csv, "2026-03-20,write_off,INV-2026-00001,,,GBP,-0.02,0.00") {
			t.Errorf("the statement is\n%s", csv)
		}
	}
	if csv := am.must("GET", "/invoices.csv", nil).text; !strings.Contains(csv, ",client_id,written_off") || !strings.HasSuffix(strings.TrimSpace(csv), w.Client.String()+",0.02") {
		t.Errorf("the list is\n%s", csv)
	}
	w.at(noon.AddDate(0, 0, 3))
	back := path + "/write-offs/" + first["id"].(string) + "/reverse"
	am.refused(404, "not_found", "POST", path+"/write-offs/"+id+"/reverse", object{"reason": "paid"})
	has(t, am.must("POST", back, object{"reason": "paid after all"}).body, object{"state": "partly_paid", "written_off": "0.00", "balance": "0.02"})
	am.refused(409, "write_off_reversed", "POST", back, object{"reason": "again"})
	has(t, am.must("GET", path, nil).body["write_offs"].([]any)[0].(object), object{"reversed_on": "2026-03-23", "reversal_reason": "paid after all"})
	for day, want := range map[string]string{"20": `"items":[]`, "22": `"items":[]`, "23": `"current":"0.02"`} {
		if got := am.must("GET", "/reports/aging?as_of=2026-03-"+day, nil).text; !strings.Contains(got, want) {
			t.Errorf("owed on the %s: %s, want %s", day, got, want)
		}
	}
	if h := am.must("GET", path+"/history", nil); !strings.Contains(h.text, "wrote off some of what is owed") || !strings.Contains(h.text, "took a write-off back") {
		t.Errorf("the history does not tell: %s", h.text)
	}
}
