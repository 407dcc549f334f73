package api_test

import (
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

// An item by hand on an invoice of two projects is one's own, or nobody's.
func TestAnItemIsOfOneOfTheInvoicesProjects(t *testing.T) { // S1.76, N.07, N.11
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	other := uuid.MustParse(am.must("POST", "/projects", object{"client_id": w.Client, "name": "Other", "starts_on": "2026-03-01", "ends_on": "2026-12-31", "work_statement": object{"tax_percent": "7"}}).str("id"))
	elsewhere := am.must("POST", "/projects", object{"client_id": w.Client, "name": "Elsewhere", "starts_on": "2026-03-01", "ends_on": "2026-12-31"}).str("id")
	w.Exec(t, `UPDATE project SET status = 'active' WHERE status = 'draft'`)
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 60})
	am.must("PUT", w.home()+"/work-statement", object{"tax_percent": "20"})
	am.must("PATCH", "/clients/"+w.Client.String(), object{"tax_percent": "5"})
	draft := "/invoices/" + am.must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []uuid.UUID{w.Project, other}, "through": "2026-03-31"}).str("id")
	for _, inv := range []object{am.must("GET", draft, nil).body, am.must("GET", "/invoices", nil).items()[0]} {
		codes := inv["project_codes"].([]any)
		for i, id := range inv["project_ids"].([]any) {
			if want := fixture.One[string](t, w.Pool, `SELECT code FROM project WHERE id = $1::text::uuid`, id); codes[i] != want {
				t.Errorf("the code of project %s is %v, want %s", id, codes[i], want)
			}
		}
	}
	item := func(more object) object {
		b := object{"kind": "charge", "description": "Hosting", "unit_price": "10"}
		for k, v := range more {
			b[k] = v
		}
		return b
	}
	am.must("POST", draft+"/items", item(object{"project_id": other}))
	am.must("POST", draft+"/items", item(object{"project_id": w.Project}))
	am.must("POST", draft+"/items", item(object{"project_id": other, "tax_percent": "0"}))
	am.must("POST", draft+"/items", item(nil))
	am.refused(422, "invalid", "POST", draft+"/items", item(object{"project_id": elsewhere}))
	am.refused(422, "invalid", "POST", draft+"/items", item(object{"project_id": uuid.New()}))
	want := "time 100.00 at 20; charge 10.00 at 7; charge 10.00 at 20; charge 10.00 at 0; charge 10.00 at 5; tax 23.20"
	if got := am.taxed(draft); got != want {
		t.Errorf("the invoice is\n%s, want\n%s", got, want)
	}
	// Taxed afresh with its own project when the draft is collected again.
	am.must("PUT", "/projects/"+other.String()+"/work-statement", object{"tax_percent": "19"})
	am.must("POST", draft+"/collect", object{})
	want = "time 100.00 at 20; charge 10.00 at 19; charge 10.00 at 20; charge 10.00 at 0; charge 10.00 at 5; tax 24.40"
	if got := am.taxed(draft); got != want {
		t.Errorf("collected again the invoice is\n%s, want\n%s", got, want)
	}
	billed := func(project string) any {
		return am.must("GET", "/projects/"+project+"/summary", nil).body["to_bill"]
	}
	if a, b := billed(w.Project.String()), billed(other.String()); a != "110.00" || b != "20.00" {
		t.Errorf("of the projects are to be billed %v and %v, want 110.00 and 20.00", a, b)
	}

	// It can be given to another, or to none.
	lines := am.must("GET", draft, nil).body["lines"].([]any)
	hosting := draft + "/items/" + lines[1].(object)["id"].(string)
	am.must("PATCH", hosting, object{"unit_price": "30"})
	has(t, am.must("GET", draft, nil).body["lines"].([]any)[1].(object), object{"project_id": other, "tax_percent": "19", "amount": "30.00"})
	am.must("PATCH", hosting, object{"project_id": w.Project})
	has(t, am.must("GET", draft, nil).body["lines"].([]any)[1].(object), object{"project_id": w.Project, "tax_percent": "20"})
	am.must("PATCH", hosting, object{"project_id": nil})
	last := am.must("GET", draft, nil).body["lines"].([]any)[1].(object)
	if has(t, last, object{"tax_percent": "5"}); last["project_id"] != nil {
		t.Errorf("it is still of %v", last["project_id"])
	}
	if minutes, there := last["minutes"]; !there || minutes != nil { // the contract names it for every line
		t.Errorf("it has %v minutes (%v)", minutes, there)
	}
	am.refused(422, "invalid", "PATCH", hosting, object{"project_id": elsewhere})
}
