package api_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/dispatch"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// project is a body that is taken.
func (w *world) project(more object) object {
	body := object{"client_id": w.Client, "name": "Web shop", "starts_on": "2026-04-01", "ends_on": "2026-09-30"}
	for k, v := range more {
		body[k] = v
	}
	return body
}

func TestWhoeverSetsAProjectUpIsItsAccountManager(t *testing.T) { // S1.06, S1.07, S2.02, N.14
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	made := am.must("POST", "/projects", w.project(nil))
	has(t, made.body, object{"client_id": w.Client, "name": "Web shop", "code": "WEBSHO", "status": "draft", "account_manager_id": w.AM, "currency": "GBP", "starts_on": "2026-04-01", "ends_on": "2026-09-30", "version": 1})
	path := "/projects/" + made.str("id")
	read := am.must("GET", path, nil)
	has(t, read.body, made.body)
	has(t, read.body["work_statement"].(object), object{"billing_kind": "time_and_materials", "billing_period": "monthly", "anchor_day": 31, "line_grouping": "task_person"})
	if read.header.Get("ETag") != `"1"` {
		t.Errorf("the ETag is %s", read.header.Get("ETag"))
	}
	history := am.must("GET", path+"/history", nil).items()
	if len(history) != 1 || history[0]["verb"] != "create" || history[0]["actor_id"] != w.AM.String() {
		t.Errorf("the history is %v", history)
	}
	if n := w.words(made.str("id")); n != 1 { // N.30: what is open has its process
		t.Errorf("the process of a draft project is told %d times to begin", n)
	}
	w.as(w.Ann).refused(403, "forbidden", "POST", "/projects", w.project(nil))
	has(t, w.as(w.admin).must("POST", "/projects", w.project(object{"account_manager_id": w.AM, "currency": "eur"})).body, object{"account_manager_id": w.AM, "currency": "EUR", "code": "WEBSHO2"})
}

func TestAWorkStatementBelongsToAProject(t *testing.T) { // S1.11, S1.12
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	statement := object{
		"billing_kind": "both", "billing_period": "quarterly", "anchor_day": 15, "payment_terms_days": 0, "terms_from_month_end": true, "tax_percent": "0", "line_grouping": "entry",
		"increment_minutes": 15, "purchase_order": "PO-7", "budget_minutes": 6000, "budget_amount": "12500.50", "description": "What was agreed", "hourly_rate": "95.25",
	}
	path := "/projects/" + am.must("POST", "/projects", w.project(object{"work_statement": statement})).str("id")
	delete(statement, "hourly_rate") // read at /rates
	statement["budget_amount"] = "12500.5"
	has(t, am.must("GET", path, nil).body["work_statement"].(object), statement)
	if got := rateLines(am.must("GET", path+"/rates", nil)); got != "95.25 2026-04-01–" {
		t.Errorf("the rates are %s", got)
	}
	changed := am.with("If-Match", `"1"`).must("PUT", path+"/work-statement", object{"billing_period": "weekly", "hourly_rate": "100"})
	has(t, changed.body, object{"version": 2})
	has(t, changed.body["work_statement"].(object), object{"billing_kind": "time_and_materials", "billing_period": "weekly", "purchase_order": nil, "tax_percent": nil})
	if got := rateLines(am.must("GET", path+"/rates", nil)); got != "100.00 2026-04-01–" {
		t.Errorf("the rates are %s", got)
	}
	am.with("If-Match", `"1"`).refused(412, "stale", "PUT", path+"/work-statement", object{})
	w.as(w.Ann).refused(403, "forbidden", "PUT", path+"/work-statement", object{})
	for field, value := range map[string]any{
		"billing_kind": "barter", "billing_period": "daily", "anchor_day": 32, "tax_percent": "101", "budget_amount": "0", "budget_minutes": 0, "increment_minutes": -1,
		"payment_terms_days": 400, "line_grouping": "x", "hourly_rate": "-1",
	} {
		am.refused(422, "invalid", "PUT", path+"/work-statement", object{field: value})
		am.refused(422, "invalid", "POST", "/projects", w.project(object{"work_statement": object{field: value}}))
	}
}

func TestWrongProjectsAreRefused(t *testing.T) { // S2.02
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	for field, value := range map[string]any{
		"client_id": w.Task, "name": " ", "starts_on": nil, "ends_on": "2026-03-31", "code": "lower", "account_manager_id": w.Ann, "template_id": w.Task,
	} {
		am.refused(422, "invalid", "POST", "/projects", w.project(object{field: value}))
	}
	am.refused(422, "unknown_currency", "POST", "/projects", w.project(object{"currency": "BTC"}))
	body := w.project(nil)
	delete(body, "ends_on")
	am.refused(422, "invalid", "POST", "/projects", body)
	am.must("POST", "/projects", w.project(object{"code": "SHOP"}))
	am.refused(409, "code_taken", "POST", "/projects", w.project(object{"code": "SHOP"}))
	am.refused(404, "not_found", "GET", "/projects/"+w.Task.String(), nil)
	am.refused(404, "not_found", "GET", "/projects/"+w.Task.String()+"/tasks", nil)
	am.refused(404, "not_found", "GET", "/projects/"+w.Task.String()+"/history", nil)
	am.refused(404, "not_found", "GET", "/projects/"+w.Task.String()+"/summary", nil)
	am.refused(404, "not_found", "POST", "/projects/"+w.Task.String()+"/hold", object{})
}

func TestProjectsOfOneNameAtOnceGetCodesOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			if a := am.send("POST", "/projects", w.project(nil)); a.status != 201 {
				t.Errorf("got %d %s", a.status, a.text)
			}
		})
	}
	wg.Wait()
	if n := fixture.One[int](t, w.Pool, `SELECT count(DISTINCT code) FROM project WHERE code LIKE 'WEBSH%'`); n != 12 {
		t.Errorf("%d codes, want 12", n)
	}
}

func TestAProjectIsChangedAndHandedOver(t *testing.T) { // S1.07
	t.Parallel()
	w := newWorld(t)
	next := w.Person(t, "Oscar", "account_manager", "")
	am, path := w.as(w.AM), "/projects/"+w.Project.String()
	w.as(next).refused(403, "forbidden", "PATCH", path, object{"account_manager_id": next})
	am.refused(422, "invalid", "PATCH", path, object{"account_manager_id": w.Ann})
	am.refused(422, "invalid", "PATCH", path, object{"ends_on": "2025-01-01"})
	am.refused(422, "invalid", "PATCH", path, object{"status": "on_hold"})
	has(t, am.must("PATCH", path, object{}).body, object{"version": 1})
	has(t, am.must("PATCH", path, object{"name": "Shop", "ends_on": "2026-06-30", "account_manager_id": next}).body, object{"name": "Shop", "starts_on": "2026-01-01", "ends_on": "2026-06-30", "account_manager_id": next, "version": 2})
	am.refused(403, "forbidden", "PATCH", path, object{"name": "Mine"})
	w.as(next).with("If-Match", `"1"`).refused(412, "stale", "PATCH", path, object{"name": "Late"})
	w.as(next).with("If-Match", `"2"`).must("PATCH", path, object{"name": "Ours"})
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM outbox WHERE entity_kind = 'project' AND entity_id = $1`, w.Project); n != 2 {
		t.Errorf("the project's process is told %d times, want 2", n)
	}
}

func TestProjectsAreFound(t *testing.T) { // S2.18
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	am.must("POST", "/projects", w.project(object{"code": "SHOP"}))
	w.as(w.admin).must("POST", "/projects", w.project(object{"name": "Scanner", "code": "SCAN"}))
	w.Exec(t, `UPDATE project SET external_key = 'X-1' WHERE code = 'SCAN'`)
	w.Exec(t, `UPDATE project SET code = 'FIRST' WHERE id = $1`, w.Project)
	for query, want := range map[string]string{
		"": "FIRST SHOP SCAN", "q=scan": "SCAN", "q=shop": "SHOP", "q=hop": "SHOP", "q=CAN": "SCAN", "status=draft": "SHOP SCAN", "status=active": "FIRST",
		"account_manager=me": "FIRST SHOP", "account_manager=" + w.admin.String(): "SCAN", "client=" + w.Client.String() + "&status=active": "FIRST", "client=" + w.Task.String(): "", "external_key=X-1": "SCAN",
	} {
		var codes []string
		for _, p := range am.must("GET", "/projects?"+query, nil).items() {
			codes = append(codes, p["code"].(string))
		}
		if got := strings.Join(codes, " "); got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	am.refused(422, "invalid", "GET", "/projects?status=odd", nil)
	am.refused(422, "invalid", "GET", "/projects?account_manager=Olivia", nil)
}

func TestAProjectsLifeGoesThroughItsProcess(t *testing.T) { // S1.06
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	p := am.must("POST", "/projects", w.project(object{"code": "SHOP"}))
	var got []string
	w.engine.act = func(ctx context.Context, a dispatch.Action) error {
		name, err := a.Name(ctx)
		if err != nil {
			return err
		}
		got = append(got, fmt.Sprintf("%s %s %q", a.Kind, a.Verb, name))
		_, err = w.store.AnswerCommand(ctx, db.AnswerCommandParams{ID: a.Command, State: "done", Answer: postgres.JSON(object{"id": a.ID, "version": 2}), DoneAt: ptr(noon)})
		return err
	}
	for _, verb := range flow.Updates[flow.Project] {
		a := am.must("POST", "/projects/"+p.str("id")+"/"+verb, object{"note": "because"})
		if a.str("id") != p.str("id") || a.header.Get("ETag") != `"2"` {
			t.Errorf("%s answers %s %s", verb, a.header.Get("ETag"), a.text)
		}
		if want := fmt.Sprintf(`project %s "SHOP Web shop"`, verb); got[len(got)-1] != want {
			t.Errorf("got %s, want %s", got[len(got)-1], want)
		}
	}
	if len(got) != 8 {
		t.Errorf("the process was asked for %v", got)
	}
	for _, note := range []any{object{}, object{"note": ""}, object{"note": " \n"}} {
		am.refused(422, "invalid", "POST", "/projects/"+p.str("id")+"/refuse-clearance", note)
	}
	am.must("POST", "/projects/"+p.str("id")+"/withdraw-clearance", nil)
	am.refused(422, "invalid", "POST", "/projects/"+p.str("id")+"/hold", object{"status": "x"})
}

func TestAProjectsTasksAreListedAsATree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	top := w.Task
	var want []string
	for range 5 {
		id := w.NewTask(t, "open")
		w.Exec(t, `UPDATE task SET parent_id = $2, priority = 1 WHERE id = $1`, id, top)
		want = append(want, id.String())
	}
	var got []string
	path := "/projects/" + w.Project.String() + "/tasks?limit=2"
	for cursor, more := "", true; more; {
		a := w.as(w.Ann).must("GET", path+cursor, nil)
		for _, task := range a.items() {
			got = append(got, task["id"].(string))
		}
		cursor, more = "&cursor="+a.str("next_cursor"), a.str("next_cursor") != ""
	}
	if strings.Join(got, " ") != top.String()+" "+strings.Join(want, " ") {
		t.Errorf("got %v", got)
	}
}

// summary reads a project's summary as somebody.
func (w *world) summary(as uuid.UUID) object {
	w.t.Helper()
	return w.as(as).must("GET", "/projects/"+w.Project.String()+"/summary", nil).body
}

func TestASummaryCountsHoursOfTheTasksThatAreDone(t *testing.T) { // S1.23, S1.64
	t.Parallel()
	w := newWorld(t)
	estimate := func(minutes int, status string, parent *uuid.UUID) uuid.UUID {
		id := w.NewTask(t, status)
		w.Exec(t, `UPDATE task SET estimate_minutes = $2, parent_id = $3 WHERE id = $1`, id, minutes, parent)
		return id
	}
	w.Exec(t, `UPDATE task SET estimate_minutes = 9999 WHERE id = $1`, w.Task) // its sub-tasks are what counts
	said := estimate(600, "open", &w.Task)
	estimate(300, "planned", &w.Task)
	estimate(200, "complete", &w.Task)
	estimate(5000, "cancelled", &w.Task)
	over := estimate(60, "open", nil)
	none := estimate(400, "open", nil)
	am := w.as(w.AM)
	for _, c := range []struct {
		task uuid.UUID
		more object
	}{
		{said, object{"minutes": 100, "remaining_minutes": 450}}, {said, object{"minutes": 50}}, // the last word stays 450
		{over, object{"minutes": 90}}, {none, object{"minutes": 30, "remaining_minutes": 0}}, {w.Task, object{"minutes": 10}},
	} {
		body := object{"work_date": "2026-03-02", "description": "work"}
		for k, v := range c.more {
			body[k] = v
		}
		am.must("POST", "/tasks/"+c.task.String()+"/time", body)
	}
	// remaining: 450 as said, 300 planned, nothing where more was worked than estimated, an explicit 0
	has(t, w.summary(w.Ann), object{"estimated_minutes": 600 + 300 + 200 + 60 + 400, "worked_minutes": 280, "remaining_minutes": 750})
}

func TestASummaryCountsMoney(t *testing.T) { // S1.65
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	w.Exec(t, `UPDATE task SET estimate_minutes = 600 WHERE id = $1`, w.Task)
	has(t, w.summary(w.AM), object{"billed": "0.00", "to_bill": "0.00", "estimated_total": nil}) // nothing to reckon with yet
	am.must("POST", "/projects/"+w.Project.String()+"/rates", object{"rate": "60", "from": "2026-03-10"})
	has(t, w.summary(w.AM), object{"to_bill": "0.00", "estimated_total": "600.00", "problem": nil}) // at the project's rate
	march := func(d int) (e fixture.Entry) {
		return fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(d), Minutes: 60}
	}
	w.Record(t, march(2)) // at Ann's own 100
	inv := am.must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []uuid.UUID{w.Project}, "through": "2026-03-05"})
	am.must("POST", "/invoices/"+inv.str("id")+"/items", object{"kind": "expense", "description": "Train", "unit_price": "40"})
	has(t, w.summary(w.AM), object{"billed": "0.00", "to_bill": "140.00", "estimated_total": "1040.00"}) // 140 + 9 h at 100
	w.Exec(t, `UPDATE invoice SET state = 'complete', series = 'INV', year = 2026, sequence = 1, number = 'INV-2026-00001', issued_on = '2026-04-01', due_on = '2026-05-01', snapshot = '{}', completed_at = now() WHERE id = $1`, uuid.MustParse(inv.str("id")))
	internal := march(12)
	internal.Billing = "internal"
	w.Record(t, march(12), internal)
	// billed 140; to bill 1 h at 60; 7 h remain at the average of 160 for 3 h worked
	has(t, w.summary(w.AM), object{"billed": "140.00", "to_bill": "60.00", "estimated_total": "573.33", "currency": "GBP"})
	contributor := w.summary(w.Ann)
	for _, field := range []string{"billed", "to_bill", "estimated_total", "problem"} {
		if _, ok := contributor[field]; ok {
			t.Errorf("a contributor sees %s", field)
		}
	}
	w.Exec(t, `UPDATE invoice SET state = 'void', voided_at = now(), voided_on = '2026-03-20', void_reason = 'wrong' WHERE id = $1`, uuid.MustParse(inv.str("id")))
	has(t, w.summary(w.AM), object{"billed": "0.00"})
}

func TestASummaryNamesTheRateThatIsMissing(t *testing.T) { // S1.13, S1.65
	t.Parallel()
	w := newWorld(t)
	poor := w.Person(t, "Nobody's rate", "contributor", "")
	w.Record(t, fixture.Entry{Task: w.Task, Person: poor, Date: day(3), Minutes: 60})
	sum := w.summary(w.AM)
	has(t, sum, object{"billed": "0.00", "to_bill": nil, "estimated_total": nil})
	if p, _ := sum["problem"].(string); !strings.Contains(p, "Nobody's rate") || !strings.Contains(p, "2026-03-03") {
		t.Errorf("the problem is %q", p)
	}
}

func TestAFixedPriceCoversTheHours(t *testing.T) { // S1.65
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `UPDATE work_statement SET billing_kind = 'fixed_price' WHERE project_id = $1`, w.Project)
	w.Exec(t, `UPDATE task SET estimate_minutes = 600 WHERE id = $1`, w.Task)
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 60})
	has(t, w.summary(w.AM), object{"billed": "0.00", "to_bill": "0.00", "estimated_total": "0.00"}) // no price is agreed yet

	// The price is to be billed before it is on a draft: what is due now, the rest later.
	am := w.as(w.AM)
	am.must("POST", w.home()+"/milestones", object{"name": "Signed", "amount": "10000", "due_on": "2026-03-10"})
	am.must("POST", w.home()+"/milestones", object{"name": "Live", "amount": "5000", "due_on": "2026-09-10"})
	am.must("POST", w.home()+"/milestones", object{"name": "Built", "amount": "15000", "task_id": w.Task})
	has(t, w.summary(w.AM), object{"billed": "0.00", "to_bill": "10000.00", "estimated_total": "30000.00"})
	am.must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []uuid.UUID{w.Project}, "through": "2026-03-15"})
	has(t, w.summary(w.AM), object{"billed": "0.00", "to_bill": "10000.00", "estimated_total": "30000.00"}) // on a draft it counts once
	w.Exec(t, `UPDATE task SET status = 'complete', closed_at = '2026-03-15T23:59:59Z' WHERE id = $1`, w.Task)
	has(t, w.summary(w.AM), object{"to_bill": "25000.00", "estimated_total": "30000.00"})
	am.must("POST", w.home()+"/milestones", object{"name": "Dropped", "amount": "7", "task_id": w.NewTask(t, "cancelled")})
	has(t, w.summary(w.AM), object{"to_bill": "25000.00", "estimated_total": "30000.00"}) // what will never be due
}

func TestExpensesAreToBillWithTheirMarkUp(t *testing.T) { // S1.65, N.10, N.22
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	am.must("POST", w.home()+"/expenses", object{"spent_on": "2026-03-06", "description": "Hotel", "amount": "100", "markup_percent": "12.5"})
	am.must("POST", w.home()+"/expenses", object{"spent_on": "2026-03-06", "description": "Our lunch", "amount": "9", "billable": false})
	has(t, w.summary(w.AM), object{"billed": "0.00", "to_bill": "112.50", "estimated_total": "112.50"})
	w.draft(t)
	has(t, w.summary(w.AM), object{"to_bill": "112.50", "estimated_total": "112.50"})
	// What was spent is no profit, and what nobody is billed for is lost.
	has(t, am.must("GET", "/reports/profitability?project="+w.Project.String(), nil).items()[0], object{"to_bill": "112.50", "cost": "0.00", "expenses": "109.00", "margin": "3.50"})
	if csv := am.must("GET", "/reports/profitability?format=csv&project="+w.Project.String(), nil).text; !strings.Contains(csv, ",3.50,,109.00") {
		t.Errorf("got %s", csv)
	}
}

func TestARetainerIsItsFeesAndWhatIsAbove(t *testing.T) { // S1.65, N.08
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	am.must("PUT", w.home()+"/work-statement", object{"retainer_amount": "500", "retainer_minutes": 600, "billing_from": "2026-01-01", "billing_period": "monthly"})
	w.Exec(t, `UPDATE project SET ends_on = '2026-05-20' WHERE id = $1`, w.Project)
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: civil.Of(2026, 1, 5), Minutes: 600},
		fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 960}) // in the period that goes on: 6 hours are above, at Ann's 100
	// three fees have begun; two more come, and nothing is left to do
	has(t, w.summary(w.AM), object{"billed": "0.00", "to_bill": "2100.00", "estimated_total": "3100.00"})
	am.must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []uuid.UUID{w.Project}, "through": "2026-01-31"})
	has(t, w.summary(w.AM), object{"to_bill": "2100.00", "estimated_total": "3100.00"})
	// 24 hours remain: April and May include 20, 4 are above
	w.Exec(t, `UPDATE task SET estimate_minutes = 3000 WHERE id = $1`, w.Task)
	has(t, w.summary(w.AM), object{"to_bill": "2100.00", "estimated_total": "3500.00"})
	w.Exec(t, `UPDATE project SET ends_on = NULL WHERE id = $1`, w.Project)
	w.Exec(t, `UPDATE task SET estimate_minutes = NULL WHERE id = $1`, w.Task)
	sum := w.summary(w.AM)
	has(t, sum, object{"to_bill": "2100.00", "estimated_total": nil})
	if p, _ := sum["problem"].(string); !strings.Contains(p, "no end") {
		t.Errorf("the problem is %q", p)
	}
}

func TestASummaryCountsDaysWhereTheClientIs(t *testing.T) { // S1.66
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `UPDATE client SET time_zone = 'Pacific/Kiritimati' WHERE id = $1`, w.Client)
	w.Exec(t, `UPDATE project SET starts_on = '2026-03-20', ends_on = '2026-03-31' WHERE id = $1`, w.Project)
	has(t, w.summary(w.Ann), object{"starts_on": "2026-03-20", "days_since_start": 1, "estimated_end_on": "2026-03-31", "days_to_end": 10}) // it is the 21st there
	w.at(time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC))
	has(t, w.summary(w.Ann), object{"days_since_start": 13, "days_to_end": -2})
	w.Exec(t, `UPDATE project SET starts_on = NULL, ends_on = NULL WHERE id = $1`, w.Project)
	has(t, w.summary(w.Ann), object{"starts_on": nil, "days_since_start": nil, "estimated_end_on": nil, "days_to_end": nil})
}
