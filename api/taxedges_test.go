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
