package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

// taxed are the lines of an invoice in words, with their percents.
func (c caller) taxed(path string) string {
	c.w.t.Helper()
	inv := c.must("GET", path, nil).body
	var all []string
	list, _ := inv["lines"].([]any)
	for _, l := range list {
		all = append(all, fmt.Sprint(l.(object)["kind"], " ", l.(object)["amount"], " at ", l.(object)["tax_percent"]))
	}
	return strings.Join(all, "; ") + fmt.Sprint("; tax ", inv["tax"])
}

// taxCode adds one that falls from 19 to 16 % on the tenth of March.
func (w *world) taxCode(t *testing.T) string {
	t.Helper()
	return w.as(w.admin).must("POST", "/tax-codes", object{"code": "DE-STANDARD", "name": "Umsatzsteuer", "rates": []object{
		{"from": "2026-03-10", "tax_percent": "16"}, {"from": "2007-01-01", "tax_percent": 19},
	}}).str("id")
}

func TestATaxCodeIsKeptAndChanged(t *testing.T) { // N.11, N.14
	t.Parallel()
	w := newWorld(t)
	admin, am := w.as(w.admin), w.as(w.AM)
	path := "/tax-codes/" + w.taxCode(t)
	rates := []any{object{"from": "2007-01-01", "tax_percent": "19"}, object{"from": "2026-03-10", "tax_percent": "16"}}
	has(t, am.must("GET", path, nil).body, object{"code": "DE-STANDARD", "name": "Umsatzsteuer", "version": 1, "rates": rates})
	admin.refused(409, "code_taken", "POST", "/tax-codes", object{"code": "DE-STANDARD", "rates": rates})
	am.refused(403, "forbidden", "PUT", path, object{"rates": rates})
	for _, body := range []object{
		{"rates": []object{}}, {"rates": []object{{"from": "2026-01-01", "tax_percent": "101"}}}, {"rates": []object{{"from": "2026-01-01", "tax_percent": "1.0001"}}},
		{"rates": []object{{"tax_percent": "1"}}}, {"rates": []object{{"from": "2026-01-01"}}}, {"rates": []object{{"from": "2026-01-01", "tax_percent": "1"}, {"from": "2026-01-01", "tax_percent": "2"}}},
		{"code": "OTHER", "rates": rates}, {},
	} {
		admin.refused(422, "invalid", "PUT", path, body)
	}
	for _, code := range []string{"", "de", "A B", strings.Repeat("A", 21)} {
		admin.refused(422, "invalid", "POST", "/tax-codes", object{"code": code, "rates": rates})
	}
	admin.with("If-Match", `"7"`).refused(412, "stale", "PUT", path, object{"rates": rates})
	more := append(rates, object{"from": "2026-07-01", "tax_percent": "19"})
	has(t, admin.must("PUT", path, object{"name": "USt", "rates": more}).body, object{"name": "USt", "version": 2, "rates": more})
	has(t, admin.must("PUT", path, object{"name": "USt", "rates": more}).body, object{"version": 2}) // nothing is new
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM audit_event WHERE entity_kind = 'tax_code'`); n != 2 {
		t.Errorf("%d changes are in the audit, want 2", n)
	}
	list := am.must("GET", "/tax-codes?code=DE-STANDARD", nil).items()
	if len(list) != 1 || len(list[0]["rates"].([]any)) != 3 || len(am.must("GET", "/tax-codes?code=FR", nil).items()) != 0 {
		t.Errorf("the list is %v", list)
	}
	am.refused(404, "not_found", "GET", "/tax-codes/"+uuid.NewString(), nil)
}

func TestAClientHasAPercentOrATaxCode(t *testing.T) { // N.11
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	code := w.taxCode(t)
	client := "/clients/" + w.Client.String()
	has(t, am.must("PATCH", client, object{"tax_code_id": code}).body, object{"tax_code_id": code, "tax_percent": nil})
	has(t, am.must("PATCH", client, object{"name": "Other"}).body, object{"tax_code_id": code, "tax_percent": nil})
	am.refused(422, "invalid", "PATCH", client, object{"tax_code_id": code, "tax_percent": "5"})
	am.refused(422, "invalid", "PATCH", client, object{"tax_code_id": uuid.New()})
	am.refused(422, "invalid", "PATCH", client, object{"tax_category": "exempt"})
	has(t, am.must("PATCH", client, object{"tax_category": "exempt", "tax_percent": 0}).body, object{"tax_code_id": nil, "tax_percent": "0", "tax_category": "exempt"})
	am.refused(422, "invalid", "PATCH", client, object{"tax_code_id": code})
	made := am.must("POST", "/clients", object{"name": "New", "currency": "EUR", "tax_code_id": code})
	has(t, made.body, object{"tax_code_id": code, "tax_percent": nil})
	am.refused(422, "invalid", "POST", "/clients", object{"name": "Newer", "currency": "EUR", "tax_code_id": code, "tax_percent": "5"})
	am.refused(422, "invalid", "PUT", w.home()+"/work-statement", object{"tax_code_id": code, "tax_percent": "5"})
	am.refused(422, "invalid", "PUT", w.home()+"/work-statement", object{"tax_code_id": code, "tax_category": "exempt"})
	am.refused(422, "invalid", "PUT", w.home()+"/work-statement", object{"tax_code_id": uuid.New()})
	am.refused(422, "invalid", "POST", "/projects", w.project(object{"work_statement": object{"tax_code_id": uuid.New()}}))
	am.must("PUT", w.home()+"/work-statement", object{"tax_code_id": code})
	am.must("PUT", w.home()+"/work-statement", object{"tax_percent": "7"})
	versions := am.must("GET", w.home()+"/work-statements", nil).items()
	has(t, versions[0]["work_statement"].(object), object{"tax_percent": "7"})
	before := versions[1]["work_statement"].(object)
	if has(t, before, object{"tax_code_id": code}); before["tax_percent"] != nil {
		t.Errorf("with a tax code the work statement said %v", before)
	}
}

func TestWhatIsBilledIsTaxedAsOfItsDay(t *testing.T) { // N.11
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	am.must("PATCH", "/clients/"+w.Client.String(), object{"tax_code_id": w.taxCode(t)})
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(9), Minutes: 60}, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(10), Minutes: 60})
	am.must("POST", w.home()+"/milestones", object{"name": "Signed", "amount": "1000", "due_on": "2026-03-09"})
	am.must("POST", w.home()+"/milestones", object{"name": "Built", "amount": "2000", "task_id": w.Task})
	w.Exec(t, `UPDATE task SET status = 'complete', closed_at = '2026-03-10T00:00:00Z'`)
	for _, d := range []string{"2026-03-09", "2026-03-10"} {
		am.must("POST", w.home()+"/expenses", object{"spent_on": d, "description": "Train", "amount": "50"})
	}
	am.must("POST", w.home()+"/expenses", object{"spent_on": "2026-03-11", "description": "Book", "amount": "10", "tax_percent": "7"})
	draft := w.draft(t)
	am.must("POST", draft+"/items", object{"kind": "charge", "description": "Hosting", "unit_price": "5"}) // as of the invoice's last day
	want := "time 100.00 at 19; time 100.00 at 16; fixed 1000.00 at 19; fixed 2000.00 at 16; expense 50.00 at 19; expense 50.00 at 16; expense 10.00 at 7; charge 5.00 at 16; tax 564.00"
	if got := am.taxed(draft); got != want {
		t.Errorf("the invoice is\n%s, want\n%s", got, want)
	}
	// What the work statement says goes before the client.
	am.must("PUT", w.home()+"/work-statement", object{"tax_percent": "5"})
	am.must("POST", draft+"/collect", object{})
	if got := am.taxed(draft); !strings.HasPrefix(got, "time 200.00 at 5; fixed 1000.00 at 5") {
		t.Errorf("with a percent of the project the invoice is %s", got)
	}
}

func TestWhatAFeeIncludesIsTakenOffAsItWasTaxed(t *testing.T) { // N.08, N.11
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	code := w.taxCode(t)
	am.must("PUT", w.home()+"/work-statement", object{"retainer_amount": "500", "retainer_minutes": 600, "billing_from": "2026-02-20", "billing_period": "monthly", "anchor_day": 12, "tax_code_id": code})
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(9), Minutes: 60}, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(10), Minutes: 120})
	draft := "/invoices/" + am.must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []uuid.UUID{w.Project}, "through": "2026-03-12"}).str("id")
	want := "time 100.00 at 19; time 200.00 at 16; fixed 500.00 at 16; discount -100.00 at 19; discount -200.00 at 16; tax 80.00"
	if got := am.taxed(draft); got != want {
		t.Errorf("the invoice is\n%s, want\n%s", got, want)
	}
}
