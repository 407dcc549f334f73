package api_test

import (
	"testing"

	"github.com/google/uuid"
)

func TestTheTaxOfAProjectTakesThePlaceOfItsTemplates(t *testing.T) { // N.11
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	code := w.taxCode(t)
	for _, c := range []struct{ template, said, want object }{
		{object{"tax_code_id": code}, object{}, object{"tax_code_id": code}},
		{object{"tax_code_id": code}, object{"tax_percent": "5"}, object{"tax_percent": "5"}},
		{object{"tax_code_id": code}, object{"tax_percent": "0", "tax_category": "exempt"}, object{"tax_percent": "0", "tax_category": "exempt"}},
		{object{"tax_percent": "5"}, object{"tax_code_id": code}, object{"tax_code_id": code}},
	} {
		am.must("PUT", w.home()+"/work-statement", c.template)
		template := am.must("POST", w.home()+"/save-as-template", object{"name": "T" + uuid.NewString()}).str("id")
		made := am.must("POST", "/projects", w.project(object{"template_id": template, "work_statement": c.said}))
		got := am.must("GET", "/projects/"+made.str("id"), nil).body["work_statement"].(object)
		for _, f := range []string{"tax_code_id", "tax_percent", "tax_category"} {
			if got[f] != c.want[f] {
				t.Errorf("over %v, %v gives %s %v", c.template, c.said, f, got[f])
			}
		}
	}
}

func TestATaxCodeSetToWhatItIsStaysAsItIs(t *testing.T) { // N.11
	t.Parallel()
	w := newWorld(t)
	admin := w.as(w.admin)
	path := "/tax-codes/" + admin.must("POST", "/tax-codes", object{"code": "ES", "rates": []object{{"from": "2020-01-01", "tax_percent": "5.200"}, {"from": "2021-01-01", "tax_percent": "19.50"}}}).str("id")
	has(t, admin.must("PUT", path, object{"rates": []object{{"from": "2020-01-01", "tax_percent": 5.2}, {"from": "2021-01-01", "tax_percent": "19.5"}}}).body, object{"version": 1})
	admin.with("If-Match", `"7"`).refused(412, "stale", "PUT", path, object{"rates": []object{{"from": "2020-01-01", "tax_percent": 5}}})
	has(t, admin.with("Idempotency-Key", "k-put").must("PUT", path, object{"rates": []object{{"from": "2020-01-01", "tax_percent": 6}}}).body, object{"version": 2})
	has(t, admin.with("Idempotency-Key", "k-put").must("PUT", path, object{"rates": []object{{"from": "2020-01-01", "tax_percent": 6}}}).body, object{"version": 2})
}

func TestItemsWithoutAPercentAreTaxedAfreshWithTheirDraft(t *testing.T) { // N.11, S1.76
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	am.must("PATCH", "/clients/"+w.Client.String(), object{"tax_code_id": w.taxCode(t)})
	draft := w.through("2026-03-09")
	am.must("POST", draft+"/items", object{"kind": "charge", "description": "Hosting", "unit_price": "5"})
	am.must("POST", draft+"/items", object{"kind": "charge", "description": "Books", "unit_price": "6", "tax_percent": "19"})
	am.must("POST", draft+"/items", object{"kind": "charge", "description": "Changed", "unit_price": "7"})
	change := func(i int, body object) {
		am.must("PATCH", draft+"/items/"+am.must("GET", draft, nil).body["lines"].([]any)[i].(object)["id"].(string), body)
	}
	change(2, object{"unit_price": "8"}) // it still has no percent of its own
	if got := am.taxed(draft); got != "charge 5.00 at 19; charge 6.00 at 19; charge 8.00 at 19; tax 3.61" {
		t.Errorf("the invoice is %s", got)
	}
	am.must("POST", draft+"/collect", object{"through": "2026-03-15"})
	if got := am.taxed(draft); got != "charge 5.00 at 16; charge 6.00 at 19; charge 8.00 at 16; tax 3.22" {
		t.Errorf("through a later day the invoice is %s", got)
	}
	change(0, object{"tax_percent": "16"}) // now it has
	am.must("PUT", w.home()+"/work-statement", object{"tax_percent": "7"})
	am.must("POST", draft+"/collect", object{})
	if got := am.taxed(draft); got != "charge 5.00 at 16; charge 6.00 at 19; charge 8.00 at 7; tax 2.50" {
		t.Errorf("with a percent of the project the invoice is %s", got)
	}
}
