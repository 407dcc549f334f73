package api_test

import (
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

// account makes a payment and a credit note for each client, with something
// left of both, and a refund.
func (m *matrix) account(t testing.TB) {
	admin := m.client("admin")
	for s, f := range map[side]*fixture.Firm{own: m.Firm, other: m.second} {
		m.put(aBill, s, m.things[anInvoice][s])
		short := admin.must("POST", "/invoices", object{"client_id": f.Client, "project_ids": []uuid.UUID{f.Project}, "through": "2026-01-01"})
		admin.must("POST", "/invoices/"+short.str("id")+"/items", object{"kind": "expense", "description": "taxi", "unit_price": "10"})
		admin.must("POST", "/invoices/"+short.str("id")+"/complete", object{})
		off := admin.must("POST", "/invoices/"+short.str("id")+"/write-off", object{"amount": "0.01", "reason": "short"})
		m.put(aShortOne, s, uuid.MustParse(short.str("id")))
		m.inner[s]["write_off"] = uuid.MustParse(off.body["write_offs"].([]any)[0].(object)["id"].(string))
		draft := admin.must("POST", "/invoices", object{"client_id": f.Client, "project_ids": []uuid.UUID{f.Project}, "through": "2026-01-01"})
		path := "/invoices/" + draft.str("id")
		admin.must("POST", path+"/items", object{"kind": "expense", "description": "train", "unit_price": "10"})
		admin.must("POST", path+"/complete", object{})
		total := admin.must("GET", path, nil).str("total")
		admin.must("POST", "/payments", object{"client_id": f.Client, "amount": total, "received_on": "2026-03-19", "applications": []object{{"invoice_id": draft.str("id"), "amount": total}}})
		admin.must("POST", "/payments", object{"client_id": f.Client, "amount": "1.00", "received_on": "2026-03-18", "applications": []object{}})
		m.put(aRefund, s, uuid.MustParse(admin.must("POST", "/clients/"+f.Client.String()+"/refunds", object{"amount": "1.00"}).str("id")))
		paid := admin.must("POST", "/payments", object{"client_id": f.Client, "amount": "5.00", "received_on": "2026-03-19", "applications": []object{}})
		m.put(aPayment, s, uuid.MustParse(paid.str("id")))
		line := fixture.One[uuid.UUID](t, m.Pool, `SELECT id FROM invoice_line WHERE invoice_id = $1`, draft.str("id"))
		admin.must("POST", path+"/credit", object{"lines": []object{{"line_id": line, "write_off": true}}, "reason": "not by train"})
		m.Exec(t, `UPDATE credit_note SET visible_at = now() WHERE invoice_id = $1`, draft.str("id"))
		m.Exec(t, `UPDATE invoice SET visible_at = now() WHERE id = $1`, draft.str("id"))
		m.put(aCreditNote, s, fixture.One[uuid.UUID](t, m.Pool, `SELECT id FROM credit_note WHERE invoice_id = $1`, draft.str("id")))
	}
}

// requests are asked for by the clients' contacts, and worked on by Ann; one
// waits in each group.
func (m *matrix) requests(t testing.TB) {
	for s, f := range map[side]*fixture.Firm{own: m.Firm, other: m.second} {
		client, am := m.client(map[side]string{own: "contact", other: "cm of another"}[s]), m.client(map[side]string{own: "am", other: "am of another"}[s])
		ask := func(title string) answer {
			return client.must("POST", "/requests", object{"client_id": f.Client, "project_id": f.Project, "kind": "issue", "title": title})
		}
		made := ask(m.mark(s) + " is slow")
		m.put(aRequest, s, uuid.MustParse(made.str("id")))
		path := "/requests/" + made.str("id")
		client.must("POST", path+"/notes", object{"body": "since Monday"})
		am.must("POST", path+"/assign", object{"to": object{"user_id": f.Ann}})
		am.must("POST", path+"/notes", object{"body": m.inside(s), "visibility": "internal"})
		waiting := ask(m.mark(s) + " is late")
		m.put(aQueued, s, uuid.MustParse(waiting.str("id")))
		am.must("POST", "/requests/"+waiting.str("id")+"/assign", object{"to": object{"group_id": f.Group}})
		if s == own {
			about := am.must("POST", path+"/ask", object{"to": object{"user_id": f.Ann}, "question": markTask})
			m.put(aRequest, hidden, uuid.MustParse(about.str("id")))
		}
		item := m.store.NewID()
		m.inner[s]["project_item"] = item
		m.Exec(t, `INSERT INTO project_item (id, project_id, request_id, kind, title, priority, created_by) VALUES ($1, $2, $3, 'project_issue', 'an issue', 3, $4)`,
			item, f.Project, m.things[aQueued][s], f.AM)
		template := m.put(aTemplate, s, m.store.NewID())
		m.Exec(t, `INSERT INTO template (id, name, work_statement, created_by) VALUES ($1, $2, jsonb_build_object('budget_amount', $4::text, 'retainer_amount', $5::text), $3)`, template, template.String(), f.Ann, markBudget, markFee)
	}
}

func (m *matrix) mark(s side) string   { return map[side]string{own: markFirst, other: markSecond}[s] }
func (m *matrix) inside(s side) string { return map[side]string{own: markNote, other: markSecond}[s] }
