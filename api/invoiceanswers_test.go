package api_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/activities"
	"steward/api"
	"steward/internal/fixture"
	"steward/internal/postgres"
)

// sameLines tells whether an answer has the lines that GET shows, and how many.
func (c caller) sameLines(id string, a answer, want int) {
	c.w.t.Helper()
	shown := c.must("GET", "/invoices/"+id, nil).body["lines"]
	lines, ok := a.body["lines"].([]any)
	if !ok || len(lines) != want || string(postgres.JSON(shown)) != string(postgres.JSON(lines)) {
		c.w.t.Errorf("lines are %s, want %d: %s", postgres.JSON(a.body["lines"]), want, postgres.JSON(shown))
	}
}

func TestWhatIsDoneToAnInvoiceAnswersItsLines(t *testing.T) { // S1.77, S1.78, N.04
	t.Parallel()
	w := newWorld(t).inEarnest(t)
	am := w.as(w.AM)
	_, path := drafted(t, w)
	id := strings.TrimPrefix(path, "/invoices/")
	var line any
	for _, verb := range []string{"complete", "send", "credit", "void"} {
		body := object{"complete": object{}, "send": object{"by": "paper"}, "void": object{"reason": "wrong"},
			"credit": object{"lines": []any{object{"line_id": line, "treatment": "write_off"}}}}[verb]
		if verb == "void" { // what was credited cannot be
			_, path = drafted(t, w)
			id = strings.TrimPrefix(path, "/invoices/")
			am.must("POST", path+"/complete", object{})
		}
		one := am.with("Idempotency-Key", verb)
		first := one.must("POST", path+"/"+verb, body)
		am.sameLines(id, first, 1)
		if again := one.must("POST", path+"/"+verb, body); again.text != first.text || again.header.Get("ETag") != first.header.Get("ETag") {
			t.Errorf("%s again: got\n%s\nwant\n%s", verb, again.text, first.text)
		}
		line = first.body["lines"].([]any)[0].(object)["id"]
	}
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM command_log WHERE entity_kind = 'invoice' AND verb IN ('complete', 'send', 'credit', 'void') AND answer ? 'lines'`); n != 0 {
		t.Errorf("%d answers are kept with lines", n)
	}
}

func TestADraftsPDFIsForTheStaff(t *testing.T) { // S1.77, S1.05
	t.Parallel()
	w := newWorldWith(t, func(o *api.Options) { o.Draft = activities.New(o.Store, nil, "").WriteDraft })
	_, path := drafted(t, w)
	pdf := w.as(w.AM).must("GET", path+".pdf", nil)
	if !strings.HasPrefix(pdf.text, "%PDF-") || pdf.header.Get("Content-Type") != "application/pdf" || pdf.header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %v, %.20q", pdf.header, pdf.text)
	}
	if got := pdf.header.Get("Content-Disposition"); !strings.HasPrefix(got, `inline; filename="draft-2026-`) {
		t.Errorf("the file is %s", got)
	}
	w.as(w.Bob).refused(403, "forbidden", "GET", path+".pdf", nil)
	w.as(w.contact(t)).refused(404, "not_found", "GET", path+".pdf", nil)
	w.as(w.AM).refused(404, "not_found", "GET", "/invoices/"+uuid.NewString()+".pdf", nil)
}

func TestALargeDraftIsAnsweredWhole(t *testing.T) { // S1.76
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM).with("Idempotency-Key", "k")
	id := w.as(w.AM).must("POST", "/invoices", object{"client_id": w.Client, "through": "2026-03-15"}).str("id")
	w.Exec(t, `INSERT INTO invoice_line (id, invoice_id, position, kind, description, quantity, unit_price, amount, tax_percent)
		SELECT gen_random_uuid(), $1, n, 'charge', 'Page ' || n, 1, 1, 1, 20 FROM generate_series(1, 200) n`, uuid.MustParse(id))
	body := object{"kind": "charge", "description": "One more", "unit_price": "1"}
	first := am.must("POST", "/invoices/"+id+"/items", body)
	am.sameLines(id, first, 201)
	if again := am.must("POST", "/invoices/"+id+"/items", body); again.text != first.text {
		t.Errorf("again: %.300s", again.text)
	}
	if n := fixture.One[int](t, w.Pool, `SELECT max(length(answer::text)) FROM command_log`); n > 2000 {
		t.Errorf("an answer of %d letters is kept", n)
	}
	w.as(w.AM).must("POST", "/invoices/"+id+"/items", body)
	if later := am.must("POST", "/invoices/"+id+"/items", body); later.body["lines"] != nil || later.str("total") != first.str("total") {
		t.Errorf("an answer from before the draft was changed has the lines of now: %.300s", later.text)
	}
}

func TestWhatHasNothingYetSaysSo(t *testing.T) { // S1.75, S1.76
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	empty := func(what string, a answer, field string) {
		t.Helper()
		if list, ok := a.body[field].([]any); !ok || len(list) != 0 {
			t.Errorf("%s: %s is %v in %s", what, field, a.body[field], a.text)
		}
	}
	draft := am.must("POST", "/invoices", object{"client_id": w.Client, "through": "2026-03-15"})
	empty("a new draft", draft, "lines")
	empty("a draft", am.must("GET", "/invoices/"+draft.str("id"), nil), "lines")
	run := w.store.NewID()
	w.Exec(t, `INSERT INTO billing_run (id, through, complete, project_ids) VALUES ($1, '2026-03-15', false, '{}')`, run)
	empty("a run", am.must("GET", "/billing-runs/"+run.String(), nil), "items")
	for path, field := range map[string]string{"/invoices": "lines", "/billing-runs": "items"} {
		if _, ok := am.must("GET", path, nil).items()[0][field]; ok {
			t.Errorf("%s has %s", path, field)
		}
	}
}
