package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/fixture"
	"steward/internal/postgres"
)

func (w *world) home() string { return "/projects/" + w.Project.String() }

// lines are those of an invoice in words, by their amounts.
func (c caller) lines(path string) string {
	c.w.t.Helper()
	all := ""
	inv := c.must("GET", path, nil).body
	list, _ := inv["lines"].([]any)
	for _, l := range list {
		all += fmt.Sprint(l.(object)["kind"], " ", l.(object)["amount"], "; ")
	}
	return all + fmt.Sprint(inv["subtotal"])
}

func TestAFixedPriceIsBilledByItsMilestonesOnce(t *testing.T) { // N.09
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	w.Exec(t, `UPDATE work_statement SET billing_kind = 'fixed_price'`)
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 60}) // covered by the price
	am.must("POST", w.home()+"/milestones", object{"name": "Signed", "amount": "1000", "due_on": "2026-03-10"})
	am.must("POST", w.home()+"/milestones", object{"name": "Built", "amount": "2000.50", "task_id": w.Task})
	late := am.must("POST", w.home()+"/milestones", object{"name": "Much later", "amount": "1", "due_on": "2027-03-10"}).str("id")
	for _, body := range []object{{"name": "x", "amount": "1"}, {"name": "x", "amount": "1", "due_on": "2026-03-10", "task_id": w.Task}, {"name": "x", "amount": "0", "due_on": "2026-03-10"},
		{"name": "x", "amount": "1.001", "due_on": "2026-03-10"}, {"name": "x", "amount": "1", "task_id": uuid.New()}} {
		am.refused(422, "invalid", "POST", w.home()+"/milestones", body)
	}
	w.as(w.Ann).refused(403, "forbidden", "POST", w.home()+"/milestones", object{"name": "x", "amount": "1", "due_on": "2026-03-10"})
	first := w.draft(t)
	if got := am.lines(first); got != "fixed 1000.00; 1000.00" {
		t.Errorf("the invoice is %s", got)
	}
	w.Exec(t, `UPDATE task SET status = 'complete', closed_at = '2026-03-15T23:59:59Z'`)
	am.must("POST", first+"/collect", object{}) // rebuilt: each is on it once
	if got := am.lines(first); got != "fixed 1000.00; fixed 2000.50; 3000.50" {
		t.Errorf("the invoice is %s", got)
	}
	if got := am.lines(w.draft(t)); got != "0.00" {
		t.Errorf("another invoice is %s", got)
	}
	list := am.must("GET", w.home()+"/milestones", nil).items()
	signed := "/milestones/" + list[0]["id"].(string)
	am.must("DELETE", "/milestones/"+late, nil)
	line := am.must("GET", first, nil).body["lines"].([]any)[0].(object)["id"].(string)
	am.refused(409, "made_line", "PATCH", first+"/items/"+line, object{"unit_price": "1"})
	am.refused(409, "made_line", "DELETE", first+"/items/"+line, nil)

	// While its invoice is a draft it may be changed, and the draft follows (S1.76).
	for _, body := range []object{{"due_on": "2026-03-10", "task_id": w.Task}, {"amount": "0"}, {"amount": "1.001"}, {"task_id": uuid.New()}} {
		am.refused(422, "invalid", "PATCH", signed, body)
	}
	am.with("If-Match", `"7"`).refused(412, "stale", "PATCH", signed, object{"amount": "1100"})
	w.as(w.Ann).refused(403, "forbidden", "PATCH", signed, object{"amount": "1"})
	changed := am.must("PATCH", signed, object{"amount": "1100", "name": "Contract"})
	has(t, changed.body, object{"name": "Contract", "amount": "1100.00", "due_on": "2026-03-10", "task_id": nil, "version": 2, "invoice_id": strings.TrimPrefix(first, "/invoices/")})
	if got := am.lines(first); got != "fixed 1100.00; fixed 2000.50; 3100.50" {
		t.Errorf("after a change the invoice is %s", got)
	}
	has(t, am.must("PATCH", signed, object{"due_on": "2026-09-10"}).body, object{"due_on": "2026-09-10", "invoice_id": nil})
	if got := am.lines(first); got != "fixed 2000.50; 2000.50" {
		t.Errorf("with the milestone later the invoice is %s", got)
	}
	has(t, am.must("PATCH", signed, object{"task_id": w.Task}).body, object{"due_on": nil, "task_id": w.Task, "invoice_id": nil})
	am.must("POST", first+"/collect", object{})
	am.must("DELETE", "/milestones/"+list[1]["id"].(string), nil)
	if got := am.lines(first); got != "fixed 1100.00; 1100.00" {
		t.Errorf("without the milestone the invoice is %s", got)
	}
	w.complete(t, first)
	am.refused(409, "item_invoiced", "PATCH", signed, object{"amount": "1"})
	am.refused(409, "item_invoiced", "DELETE", signed, nil)
}

// complete numbers an invoice as its process does.
func (w *world) complete(t *testing.T, invoice string) {
	t.Helper()
	w.Exec(t, `UPDATE invoice SET state = 'complete', series = 'INV', year = 2026, sequence = 1, number = 'INV-2026-00001', issued_on = '2026-04-01', due_on = '2026-05-01', snapshot = '{}', completed_at = now() WHERE id = $1`,
		uuid.MustParse(strings.TrimPrefix(invoice, "/invoices/")))
}

func TestADiscountExplainsItselfAsItIsPrinted(t *testing.T) { // N.03
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	draft := w.draft(t)
	for kind, want := range map[string]string{"discount": "3 × -17.12 = GBP -51.36, rounded half up", "charge": "3 × 17.12 = GBP 51.36, rounded half up"} {
		am.must("POST", draft+"/items", object{"kind": kind, "description": kind, "quantity": "3", "unit_price": "17.12"})
		lines := am.must("GET", draft, nil).body["lines"].([]any)
		has(t, am.must("GET", draft+"/lines/"+lines[len(lines)-1].(object)["id"].(string)+"/explain", nil).body, object{"rule": want})
	}
}

func TestARetainerIncludesItsHoursAndBillsTheRest(t *testing.T) { // N.08
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	ws := object{"retainer_amount": "500", "retainer_minutes": 600, "billing_from": "2026-01-01", "billing_period": "monthly"}
	am.refused(422, "invalid", "PUT", w.home()+"/work-statement", object{"retainer_amount": "500"})
	am.refused(422, "invalid", "PUT", w.home()+"/work-statement", object{"retainer_amount": "500", "retainer_minutes": 600, "billing_period": "none", "billing_from": "2026-01-01"})
	am.refused(422, "invalid", "PUT", w.home()+"/work-statement", object{"retainer_amount": "500", "retainer_minutes": 600})
	am.must("PUT", w.home()+"/work-statement", ws)
	month := func(m int, d int) civil.Date { return civil.Of(2026, 1, 1).AddDays(31*(m-1) + d - 1) }
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: month(1, 5), Minutes: 420}, fixture.Entry{Task: w.Task, Person: w.Bob, Date: month(2, 5), Minutes: 700},
		fixture.Entry{Task: w.Task, Person: w.Bob, Date: day(3), Minutes: 100}) // March goes on: it waits for its fee
	draft := func() string {
		return "/invoices/" + am.must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []uuid.UUID{w.Project}, "through": "2026-03-15"}).str("id")
	}
	one := draft()
	// Bob's 700 minutes at 77.77 are 907.32, of which 600 are included: 777.70.
	if got := am.lines(one); got != "time 700.00; time 907.32; fixed 500.00; fixed 500.00; discount -1477.70; 1129.62" {
		t.Errorf("the invoice is %s", got)
	}
	if got := am.lines(draft()); got != "0.00" {
		t.Errorf("the fees are billed again: %s", got)
	}
	ws["retainer_rollover"] = true
	am.must("PUT", w.home()+"/work-statement", ws)
	am.must("POST", one+"/collect", object{}) // January leaves 180 minutes, so that all of February is included
	if got := am.lines(one); got != "time 700.00; time 907.32; fixed 500.00; fixed 500.00; discount -1607.32; 1000.00" {
		t.Errorf("with what was left the invoice is %s", got)
	}
	am.must("DELETE", one, nil)
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM retainer_use`); n != 0 {
		t.Errorf("%d fees are still used", n)
	}
}

func TestExpensesAreBilledWithTheirMarkUp(t *testing.T) { // N.10
	t.Parallel()
	w := newWorld(t)
	am, ann := w.as(w.AM), w.as(w.Ann)
	receipt := w.store.NewID()
	w.Exec(t, `INSERT INTO file (id, name, content_type, size, sha256) VALUES ($1, 'r.pdf', 'application/pdf', 1, sha256('x'))`, receipt)
	w.Exec(t, `INSERT INTO attachment (file_id, task_id, author_id) VALUES ($1, $2, $3)`, receipt, w.Task, w.Ann)
	train := ann.must("POST", w.home()+"/expenses", object{"spent_on": "2026-03-05", "description": "Train", "amount": "33.33", "receipt_file_id": receipt})
	has(t, train.body, object{"billed_amount": "33.33", "billable": true, "user_id": w.Ann, "receipt_file_id": receipt})
	am.must("POST", w.home()+"/expenses", object{"spent_on": "2026-03-06", "description": "Hotel", "amount": "100", "markup_percent": "12.5", "tax_percent": "0"})
	am.must("POST", w.home()+"/expenses", object{"spent_on": "2026-03-06", "description": "Our lunch", "amount": "9", "billable": false})
	am.must("POST", w.home()+"/expenses", object{"spent_on": "2026-03-16", "description": "Later", "amount": "1"})
	ann.refused(403, "forbidden", "POST", w.home()+"/expenses", object{"spent_on": "2026-03-05", "description": "x", "amount": "1", "markup_percent": "5"})
	ann.refused(422, "future_date", "POST", w.home()+"/expenses", object{"spent_on": "2026-03-25", "description": "x", "amount": "1"})
	ann.refused(422, "invalid", "POST", w.home()+"/expenses", object{"spent_on": "2026-03-05", "description": "x", "amount": "1", "receipt_file_id": uuid.New()})
	ann.refused(422, "invalid", "POST", w.home()+"/expenses", object{"spent_on": "2026-03-05", "description": "x", "amount": "0"})
	am.refused(422, "overflow", "POST", w.home()+"/expenses", object{"spent_on": "2026-03-05", "description": "x", "amount": "999999999999999", "markup_percent": "999"})
	draft := w.draft(t)
	has(t, am.must("GET", draft, nil).body, object{"subtotal": "145.83", "tax": "6.67", "total": "152.50"}) // 33.33 at 20 %, 112.50 at 0 %
	if mine, every := len(ann.must("GET", w.home()+"/expenses", nil).items()), len(am.must("GET", w.home()+"/expenses", nil).items()); mine != 1 || every != 4 {
		t.Errorf("Ann sees %d, the account manager %d", mine, every)
	}
	// While its invoice is a draft it may be changed, and the draft follows (S1.76).
	path := "/expenses/" + train.str("id")
	ann.refused(403, "forbidden", "PATCH", path, object{"markup_percent": "5"})
	ann.refused(422, "future_date", "PATCH", path, object{"spent_on": "2026-03-25"})
	ann.refused(422, "invalid", "PATCH", path, object{"receipt_file_id": uuid.New()})
	ann.refused(422, "invalid", "PATCH", path, object{"amount": "0"})
	ann.with("If-Match", `"7"`).refused(412, "stale", "PATCH", path, object{"amount": "30"})
	w.as(w.Bob).refused(404, "not_found", "PATCH", path, object{"amount": "30"})
	has(t, ann.must("PATCH", path, object{"amount": "30", "description": "Bus"}).body, object{"amount": "30.00", "description": "Bus", "receipt_file_id": receipt, "version": 2, "invoice_id": strings.TrimPrefix(draft, "/invoices/")})
	if got := am.lines(draft); got != "expense 30.00; expense 112.50; 142.50" {
		t.Errorf("after a change the invoice is %s", got)
	}
	has(t, am.must("PATCH", path, object{"markup_percent": "10"}).body, object{"billed_amount": "33.00"})
	has(t, ann.must("PATCH", path, object{"billable": false}).body, object{"billable": false, "invoice_id": nil})
	if got := am.lines(draft); got != "expense 112.50; 112.50" {
		t.Errorf("without the bus the invoice is %s", got)
	}
	bus := ann.must("POST", w.home()+"/expenses", object{"spent_on": "2026-03-07", "description": "Tram", "amount": "3"}).str("id")
	am.must("POST", draft+"/collect", object{})
	ann.must("DELETE", "/expenses/"+bus, nil)
	if got := am.lines(draft); got != "expense 112.50; 112.50" {
		t.Errorf("without the tram the invoice is %s", got)
	}
	hotel := am.must("GET", w.home()+"/expenses", nil).items()[1]["id"].(string)
	w.complete(t, draft)
	am.refused(409, "item_invoiced", "PATCH", "/expenses/"+hotel, object{"amount": "1"})
	am.refused(409, "item_invoiced", "DELETE", "/expenses/"+hotel, nil)
	w.as(w.Bob).refused(404, "not_found", "DELETE", "/expenses/"+train.str("id"), nil) // whose list does not show it
	w.as(w.Person(t, "Other", "account_manager", "")).refused(403, "not_author", "DELETE", "/expenses/"+train.str("id"), nil)
	ann.must("DELETE", "/expenses/"+train.str("id"), nil)
}

func TestExpensesComeLateOnAProjectThatIsNotWorkedOnAnyMore(t *testing.T) { // N.10, S1.06
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `UPDATE person SET time_zone = 'Asia/Tokyo' WHERE id = $1`, w.Ann)
	ann := w.as(w.Ann)
	spent := func(day string) object { return object{"spent_on": day, "description": "Train", "amount": "5"} }
	for _, status := range []string{"draft", "awaiting_clearance", "on_hold", "complete", "cancelled"} {
		w.Exec(t, `UPDATE project SET status = $2 WHERE id = $1`, w.Project, status)
		ann.refused(409, "project_not_active", "POST", w.home()+"/expenses", spent("2026-03-17"))
	}
	for _, status := range []string{"on_hold", "complete", "cancelled"} {
		w.Exec(t, `UPDATE project SET status = $2, left_at = '2026-03-17T16:00:00Z' WHERE id = $1`, w.Project, status) // the 18th in Tokyo
		path := "/expenses/" + ann.must("POST", w.home()+"/expenses", spent("2026-03-18")).str("id")
		ann.refused(409, "project_not_active", "POST", w.home()+"/expenses", spent("2026-03-19"))
		ann.must("PATCH", path, object{"spent_on": "2026-03-02"})
		ann.refused(409, "project_not_active", "PATCH", path, object{"spent_on": "2026-03-19"})
		ann.must("PATCH", path, object{"amount": "6"})
	}
}

func TestWhatIsBeingBilledIsNotDeletedBesideIt(t *testing.T) { // S1.76
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	for _, path := range []string{
		"/milestones/" + am.must("POST", w.home()+"/milestones", object{"name": "Signed", "amount": "1000", "due_on": "2026-03-10"}).str("id"),
		"/expenses/" + am.must("POST", w.home()+"/expenses", object{"spent_on": "2026-03-06", "description": "Hotel", "amount": "100"}).str("id"),
	} {
		tx, err := w.Pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		id := w.store.NewID()
		if err := w.store.DraftInvoice(t.Context(), tx, postgres.Draft{ID: id, ClientID: w.Client, ProjectIDs: []uuid.UUID{w.Project}, Through: civil.Of(2026, 3, 15)}); err != nil {
			t.Fatal(err)
		}
		gone := make(chan struct{})
		go func() { defer close(gone); am.must("DELETE", path, nil) }()
		select {
		case <-gone:
			t.Errorf("%s is deleted while it is being billed", path)
		case <-time.After(300 * time.Millisecond):
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-gone
		draft := "/invoices/" + id.String()
		if lines := fixture.One[int](t, w.Pool, `SELECT count(*) FROM invoice_line WHERE invoice_id = $1 AND made_of = $2`, id, strings.TrimSuffix(strings.Split(path, "/")[1], "s")); lines != 0 {
			t.Errorf("%s is gone, and the draft is %s", path, am.lines(draft))
		}
		am.must("DELETE", draft, nil)
	}
}

func TestItemsAreTaxedAsTheirProjectsAre(t *testing.T) { // N.11, S1.11
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	w.Exec(t, `UPDATE client SET tax_percent = 20`)
	second := uuid.MustParse(am.must("POST", "/projects", w.project(nil)).str("id"))
	taxed := func(body object, projects ...uuid.UUID) any {
		draft := "/invoices/" + am.must("POST", "/invoices", object{"client_id": w.Client, "project_ids": projects, "through": "2026-03-15"}).str("id")
		body["kind"], body["description"], body["unit_price"] = "charge", "Hosting", "100"
		am.must("POST", draft+"/items", body)
		return am.must("GET", draft, nil).body["lines"].([]any)[0].(object)["tax_percent"]
	}
	am.must("PUT", w.home()+"/work-statement", object{"tax_percent": "7"})
	for i, c := range []struct {
		got  any
		want string
	}{
		{taxed(object{}, w.Project), "7"}, {taxed(object{"tax_percent": "5"}, w.Project), "5"}, {taxed(object{}), "20"},
		{taxed(object{}, w.Project, second), "20"}, // they differ
	} {
		if c.got != c.want {
			t.Errorf("%d: the item is taxed at %v %%, want %s", i, c.got, c.want)
		}
	}
	am.must("PUT", "/projects/"+second.String()+"/work-statement", object{"tax_percent": "7"})
	if got := taxed(object{}, w.Project, second); got != "7" {
		t.Errorf("an item of two projects at 7 %% is taxed at %v", got)
	}
	am.must("PUT", w.home()+"/work-statement", object{"tax_category": "reverse_charge"})
	if got := taxed(object{}, w.Project); got != "0" {
		t.Errorf("an item of a project that is not taxed is taxed at %v", got)
	}
}

func TestARateForOneSessionIsSetByTheAccountManager(t *testing.T) { // S1.13, N.03
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	entry, draft := drafted(t, w)
	w.as(w.Ann).refused(403, "forbidden", "PUT", entry+"/rate", object{"rate": "1"})
	w.as(w.Person(t, "Other", "account_manager", "")).refused(403, "forbidden", "PUT", entry+"/rate", object{"rate": "1"})
	am.must("PUT", entry+"/rate", object{"rate": "250"})
	inv := am.must("GET", draft, nil).body
	has(t, inv, object{"subtotal": "250.00"})
	has(t, inv["lines"].([]any)[0].(object), object{"rate_source": "entry"})
	am.must("PUT", entry+"/rate", object{})
	has(t, am.must("GET", draft, nil).body, object{"subtotal": "100.00"})
}

func TestCollectingAgainSaysWhatHasAnotherRate(t *testing.T) { // N.14, billing "Rates"
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Bob, Date: day(3), Minutes: 90})
	_, draft := drafted(t, w) // an hour of Ann's at 100, and Bob's at 77.77
	if got := am.must("POST", draft+"/collect", object{}); got.body["rerated"] != nil {
		t.Errorf("nothing changed, and it says %v", got.body["rerated"])
	}
	am.must("POST", w.home()+"/rates", object{"user_id": w.Ann, "rate": "120.125", "from": "2026-03-01"})
	got := am.must("POST", draft+"/collect", object{})
	all := got.body["rerated"].([]any)
	if len(all) != 1 {
		t.Fatalf("it says %v", all)
	}
	has(t, all[0].(object), object{"project_id": w.Project, "task_id": w.Task, "user_id": w.Ann, "minutes": 60, "rate_before": "100.00", "rate_after": "120.125"})
	if text := fmt.Sprint(all[0].(object)["who"], ": ", all[0].(object)["text"]); !strings.HasPrefix(text, "Ann ") || !strings.Contains(text, "-1 ") {
		t.Errorf("it names %q", text)
	}
	if changes := fixture.One[string](t, w.Pool, `SELECT changes->>'total' FROM audit_event WHERE verb = 'collect' ORDER BY id DESC LIMIT 1`); changes == "" || strings.Contains(changes, "null") {
		t.Errorf("the history does not tell the total before and after: %s", changes)
	}
	if _, there := am.must("GET", draft, nil).body["rerated"]; there {
		t.Error("a draft that is read tells what was changed once")
	}
}

func TestADraftTakesMoreProjects(t *testing.T) { // S1.74, S1.75
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	_, draft := drafted(t, w)
	second := am.must("POST", "/projects", w.project(nil)).str("id")
	am.must("POST", "/projects/"+second+"/milestones", object{"name": "Signed", "amount": "50", "due_on": "2026-03-10"})
	foreign := am.must("POST", "/projects", w.project(object{"currency": "EUR"})).str("id")
	stranger := am.must("POST", "/clients", object{"name": "Stranger", "currency": "GBP"}).str("id")
	others := am.must("POST", "/projects", w.project(object{"client_id": stranger})).str("id")
	am.refused(422, "currency_mismatch", "POST", draft+"/collect", object{"project_ids": []string{foreign}})
	am.refused(422, "invalid", "POST", draft+"/collect", object{"project_ids": []string{others}})
	am.refused(422, "invalid", "POST", draft+"/collect", object{"project_ids": []uuid.UUID{uuid.New()}})
	colleague := w.Person(t, "Other", "account_manager", "")
	w.Exec(t, `UPDATE project SET account_manager_id = $1 WHERE id = $2`, colleague, uuid.MustParse(second))
	am.refused(403, "forbidden", "POST", draft+"/collect", object{"project_ids": []string{second}})
	if got := am.lines(draft); got != "time 100.00; 100.00" {
		t.Errorf("after refusals the invoice is %s", got)
	}
	w.Exec(t, `UPDATE project SET account_manager_id = $1 WHERE id = $2`, w.AM, uuid.MustParse(second))
	for range 2 { // the second time it is there already
		am.must("POST", draft+"/collect", object{"project_ids": []string{second}})
		if got := am.lines(draft); got != "time 100.00; fixed 50.00; 150.00" {
			t.Errorf("with another project the invoice is %s", got)
		}
	}
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM audit_event WHERE verb = 'collect' AND changes ? 'project_ids'`); n != 1 {
		t.Errorf("%d events tell of more projects", n)
	}
	w.complete(t, draft)
	am.refused(409, "already_complete", "POST", draft+"/collect", object{"project_ids": []string{second}})
}

func TestTimeIsBilledWhenItsTimesheetIsApproved(t *testing.T) { // N.01
	t.Parallel()
	w := newWorld(t)
	am, ann, gm := w.as(w.AM), w.as(w.Ann), w.as(w.Manager)
	w.Exec(t, `UPDATE work_statement SET needs_approval = true`)
	entry := ann.must("POST", timeOn(w.Task), session(object{"work_date": "2026-03-11"})).str("id")
	if got := am.lines(w.draft(t)); got != "0.00" {
		t.Errorf("unapproved time is billed: %s", got)
	}
	sheet := "/timesheets/" + w.Ann.String() + "/2026-03-13"
	has(t, ann.must("GET", sheet, nil).body, object{"week": "2026-03-09", "state": "open", "minutes": 90})
	w.as(w.Bob).refused(403, "forbidden", "GET", sheet, nil)
	gm.refused(409, "bad_transition", "POST", sheet+"/approve", nil)
	w.as(w.Bob).refused(403, "forbidden", "POST", sheet+"/submit", nil)
	has(t, ann.must("POST", sheet+"/submit", nil).body, object{"state": "submitted"})
	ann.refused(403, "forbidden", "POST", sheet+"/approve", nil)
	ann.refused(409, "timesheet_closed", "PATCH", "/time-entries/"+entry, object{"minutes": 5})
	ann.refused(409, "timesheet_closed", "DELETE", "/time-entries/"+entry, nil)
	ann.refused(409, "timesheet_closed", "POST", timeOn(w.Task), session(object{"work_date": "2026-03-15"}))
	other := ann.must("POST", timeOn(w.Task), session(object{"work_date": "2026-03-16"})).str("id") // the next week
	ann.refused(409, "timesheet_closed", "PATCH", "/time-entries/"+other, object{"work_date": "2026-03-15"})
	has(t, gm.must("POST", sheet+"/reject", object{"note": "which task?"}).body, object{"state": "rejected", "note": "which task?", "decided_by": w.Manager})
	ann.must("PATCH", "/time-entries/"+entry, object{"minutes": 60})
	ann.must("POST", sheet+"/submit", nil)
	if n := len(am.must("GET", "/timesheets?state=submitted", nil).items()); n != 1 {
		t.Errorf("the account manager sees %d", n)
	}
	has(t, am.must("POST", sheet+"/approve", nil).body, object{"state": "approved", "decided_by": w.AM, "minutes": 60})
	if got := am.lines(w.draft(t)); got != "time 100.00; 100.00" {
		t.Errorf("the invoice is %s", got)
	}
	am.must("POST", timeOn(w.Task), session(object{"work_date": "2026-03-11"}))
	own := "/timesheets/" + w.AM.String() + "/2026-03-11"
	am.must("POST", own+"/submit", nil)
	am.refused(403, "self_approval", "POST", own+"/approve", nil)
}

func TestLockedTimeIsTheAccountManagers(t *testing.T) { // N.01
	t.Parallel()
	for _, lock := range []string{"/provider/lock", ""} {
		w := newWorld(t)
		am, ann := w.as(w.AM), w.as(w.Ann)
		if lock == "" {
			lock = w.home() + "/lock"
		}
		entry := "/time-entries/" + ann.must("POST", timeOn(w.Task), session(object{"work_date": "2026-03-10"})).str("id")
		late := "/time-entries/" + ann.must("POST", timeOn(w.Task), session(object{"work_date": "2026-03-16"})).str("id")
		ann.refused(403, "forbidden", "PUT", lock, object{"through": "2026-03-15"})
		am.must("PUT", lock, object{"through": "2026-03-15"})
		ann.refused(409, "period_locked", "POST", timeOn(w.Task), session(object{"work_date": "2026-03-15"}))
		ann.refused(409, "period_locked", "PATCH", entry, object{"minutes": 1})
		ann.refused(409, "period_locked", "DELETE", entry, nil)
		ann.refused(409, "period_locked", "PATCH", late, object{"work_date": "2026-03-15"})
		ann.refused(409, "period_locked", "POST", w.home()+"/expenses", object{"spent_on": "2026-03-15", "description": "x", "amount": "1"})
		ann.must("PATCH", late, object{"minutes": 1})
		am.must("PATCH", entry, object{"minutes": 1})
		am.must("POST", timeOn(w.Task), session(object{"work_date": "2026-03-15", "user_id": w.Ann}))
		am.must("PUT", lock, object{"through": "2026-03-14"})
		if changes := fixture.One[string](t, w.Pool, `SELECT changes::text FROM audit_event WHERE verb = 'lock' ORDER BY id DESC LIMIT 1`); !strings.Contains(changes, "2026-03-15") {
			t.Errorf("the history does not tell what was locked before: %s", changes) // N.14
		}
		am.must("PUT", lock, object{"through": nil})
		ann.must("DELETE", entry, nil)
	}
}
