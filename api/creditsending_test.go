package api_test

import (
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

func TestACreditNoteIsSentOverHTTP(t *testing.T) { // N.04, S1.78
	t.Parallel()
	w := newWorld(t).inEarnest(t)
	am := w.as(w.AM)
	id := w.invoice(t, 60)
	line := am.must("GET", "/invoices/"+id, nil).body["lines"].([]any)[0].(object)["id"]
	body := object{"lines": []any{object{"line_id": line, "treatment": "write_off"}}, "send": "email"}
	w.Exec(t, `UPDATE client SET email = ''`)
	am.refused(409, "no_email", "POST", "/invoices/"+id+"/credit", body)
	w.Exec(t, `UPDATE client SET email = 'billing@client.example'`)
	am.must("POST", "/invoices/"+id+"/credit", body)
	note := am.must("GET", "/credit-notes?invoice="+id, nil).items()[0]["id"].(string)
	one := am.must("GET", "/credit-notes/"+note, nil)
	has(t, one.body["sendings"].([]any)[0].(object), object{"by": "email", "to": "billing@client.example", "asked_by": w.AM.String()})

	path := "/credit-notes/" + note + "/send"
	am.refused(409, "being_sent", "POST", path, object{"by": "email"})
	w.as(w.Ann).refused(403, "forbidden", "POST", path, object{"by": "paper"})
	am.refused(404, "not_found", "POST", "/credit-notes/"+id+"/send", object{"by": "paper"})
	am.refused(422, "invalid", "POST", path, object{"by": "fax"})
	am.with("If-Match", `"999"`).refused(412, "stale", "POST", path, object{"by": "paper"})
	keyed := am.with("Idempotency-Key", "once")
	first := keyed.must("POST", path, object{"by": "paper"})
	if again := keyed.must("POST", path, object{"by": "paper"}); again.text != first.text || len(first.body["sendings"].([]any)) != 2 || first.body["sent_at"] == nil {
		t.Errorf("got\n%s\nthen\n%s", first.text, again.text)
	}
	if etag := am.must("GET", "/credit-notes/"+note, nil).header.Get("ETag"); etag != first.header.Get("ETag") {
		t.Errorf("its ETag is %s, was answered as %s", etag, first.header.Get("ETag"))
	}
	keyed.refused(409, "idempotency_key_reused", "POST", path, object{"by": "email"})
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM credit_note_sending WHERE credit_note_id = $1`, uuid.MustParse(note)); n != 2 {
		t.Errorf("it was sent %d times", n)
	}
}
