package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

// rateLines shows rates as "rate from–to", as they are listed.
func rateLines(a answer) string {
	var lines []string
	for _, r := range a.items() {
		to, _ := r["to"].(string)
		lines = append(lines, fmt.Sprintf("%s %s–%s", r["rate"], r["from"], to))
	}
	return strings.Join(lines, ", ")
}

func TestARateFromADateEndsTheOneBeforeIt(t *testing.T) { // S1.13, billing lesson 11
	t.Parallel()
	w := newWorld(t)
	admin := w.as(w.admin)
	zoe := w.Person(t, "Zoë", "contributor", "")
	path := "/users/" + zoe.String() + "/rates"
	for _, c := range []struct{ rate, from, want string }{
		{"100", "2026-01-01", "100.00 2026-01-01–"},
		{"120.50", "2026-07-01", "100.00 2026-01-01–2026-07-01, 120.50 2026-07-01–"},
		{"110", "2026-04-01", "100.00 2026-01-01–2026-04-01, 110.00 2026-04-01–2026-07-01, 120.50 2026-07-01–"},                           // in between
		{"115", "2026-04-01", "100.00 2026-01-01–2026-04-01, 115.00 2026-04-01–2026-07-01, 120.50 2026-07-01–"},                           // instead
		{"0", "2025-01-01", "0.00 2025-01-01–2026-01-01, 100.00 2026-01-01–2026-04-01, 115.00 2026-04-01–2026-07-01, 120.50 2026-07-01–"}, // before all
	} {
		made := admin.must("POST", path, object{"rate": c.rate, "currency": "gbp", "from": c.from})
		has(t, made.body, object{"user_id": zoe, "project_id": nil, "currency": "GBP", "from": c.from})
		if got := rateLines(admin.must("GET", path, nil)); got != c.want {
			t.Errorf("%s from %s:\n got %s\nwant %s", c.rate, c.from, got, c.want)
		}
	}
	admin.must("POST", path, object{"rate": "200", "currency": "JPY", "from": "2026-02-01"}) // another currency is apart
	if got := rateLines(admin.must("GET", path, nil)); !strings.Contains(got, "100.00 2026-01-01–2026-04-01") || !strings.Contains(got, "200 2026-02-01–") {
		t.Errorf("got %s", got)
	}
}

func TestAProjectHasRatesOfItsOwn(t *testing.T) { // S1.12
	t.Parallel()
	w := newWorld(t)
	am, path := w.as(w.AM), "/projects/"+w.Project.String()+"/rates"
	has(t, am.must("POST", path, object{"user_id": w.Ann, "rate": "150", "from": "2026-02-01"}).body, object{"user_id": w.Ann, "project_id": w.Project, "rate": "150.00", "currency": "GBP", "to": nil})
	has(t, am.must("POST", path, object{"rate": "99.123456", "from": "2026-02-01"}).body, object{"user_id": nil, "project_id": w.Project, "rate": "99.123456"})
	am.must("POST", path, object{"user_id": w.Ann, "rate": "160", "from": "2026-03-01"})
	if got, want := rateLines(am.must("GET", path, nil)), "99.123456 2026-02-01–, 150.00 2026-02-01–2026-03-01, 160.00 2026-03-01–"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	other := w.Person(t, "Oscar", "account_manager", "")
	w.as(other).refused(403, "forbidden", "POST", path, object{"rate": "1", "from": "2026-02-01"}) // not the project's
	w.as(w.Ann).refused(403, "forbidden", "POST", path, object{"rate": "1", "from": "2026-02-01"})
	w.as(w.Ann).refused(403, "forbidden", "GET", path, nil)
	w.as(w.admin).must("GET", path, nil)
}

func TestWrongRatesAreRefused(t *testing.T) { // S1.13
	t.Parallel()
	w := newWorld(t)
	admin := w.as(w.admin)
	person, project := "/users/"+w.Ann.String()+"/rates", "/projects/"+w.Project.String()+"/rates"
	for _, c := range []struct {
		field string
		value any
	}{
		{"rate", "-1"}, {"rate", "0.0000001"}, {"rate", 0.0000001}, {"rate", "1000000000000"}, {"rate", "free"}, {"rate", nil}, {"from", "soon"}, {"from", "2026-02-30"}, {"from", ""}, {"from", nil}, {"from", "0016-01-01"}, {"to", "2026-09-01"},
	} {
		body := object{"rate": "1", "from": "2026-01-01"}
		body[c.field] = c.value
		a := admin.send("POST", project, body)
		if a.status != 422 {
			t.Errorf("%s = %v: got %d %s", c.field, c.value, a.status, a.text)
		}
	}
	admin.refused(422, "unknown_currency", "POST", person, object{"rate": "1", "currency": "XYZ", "from": "2026-01-01"})
	admin.refused(404, "not_found", "POST", "/users/"+w.Task.String()+"/rates", object{"rate": "1", "currency": "GBP", "from": "2026-01-01"})
	admin.refused(404, "not_found", "POST", "/projects/"+w.Task.String()+"/rates", object{"rate": "1", "from": "2026-01-01"})
	admin.refused(422, "invalid", "POST", project, object{"user_id": w.Task, "rate": "1", "from": "2026-01-01"})
	admin.refused(422, "invalid", "POST", project, object{"user_id": w.contact(t), "rate": "1", "from": "2026-01-01"})
	w.as(w.AM).refused(403, "forbidden", "POST", person, object{"rate": "1", "currency": "GBP", "from": "2026-01-01"})
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM rate WHERE project_id IS NOT NULL OR hourly = 1`); n != 0 {
		t.Errorf("%d refused rates are stored", n)
	}
}

func TestRatesSetAtOnceFollowEachOther(t *testing.T) { // S1.12
	t.Parallel()
	w := newWorld(t)
	am, path := w.as(w.AM), "/projects/"+w.Project.String()+"/rates"
	var wg sync.WaitGroup
	for day := range 20 {
		wg.Go(func() {
			if a := am.send("POST", path, object{"rate": "100", "from": fmt.Sprintf("2026-01-%02d", day%10+1)}); a.status != 201 {
				t.Errorf("got %d %s", a.status, a.text)
			}
		})
	}
	wg.Wait()
	if got := len(am.must("GET", path, nil).items()); got != 10 {
		t.Errorf("%d rates are left, want one for each of 10 days", got)
	}
	if gaps := fixture.One[int](t, w.Pool, `SELECT count(*) FROM (SELECT upper(valid) AS ends, lead(lower(valid)) OVER (ORDER BY valid) AS next FROM rate WHERE project_id = $1) r WHERE ends IS DISTINCT FROM next`, w.Project); gaps != 0 {
		t.Errorf("%d rates do not end where the next begins", gaps)
	}
}

func TestAProjectsHistoryKeepsItsRate(t *testing.T) { // S1.12, N.14
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	id := am.must("POST", "/projects", object{
		"client_id": w.Client, "name": "Priced", "starts_on": "2026-04-01", "ends_on": "2026-05-01", "work_statement": object{"hourly_rate": "173.19"},
	}).str("id")
	am.must("PUT", "/projects/"+id+"/work-statement", object{"hourly_rate": "173.20"})
	history := w.as(w.Ann).must("GET", "/projects/"+id+"/history", nil)
	if strings.Contains(history.text, "173.") || !strings.Contains(history.text, `"hourly_rate":[null,"set"]`) {
		t.Errorf("a contributor reads %s", history.text)
	}
	if rates := am.must("GET", "/projects/"+id+"/rates", nil); !strings.Contains(rates.text, "173.2") {
		t.Errorf("its rates are %s", rates.text)
	}
}

func TestAnAccountManagerOfBeforeSeesAndSetsNoPrices(t *testing.T) { // S1.12, S2.02
	t.Parallel()
	w := newWorld(t)
	path := "/projects/" + w.Project.String()
	priced := object{"budget_amount": "98765.40", "retainer_amount": "4321.00", "retainer_minutes": 600, "billing_from": "2026-01-01", "billing_period": "monthly",
		"retainer_changes": []object{{"from": "2026-06-01", "retainer_amount": "4321.50", "retainer_minutes": 60}}}
	w.as(w.AM).must("PUT", path+"/work-statement", priced)
	w.Exec(t, `UPDATE project SET account_manager_id = $2 WHERE id = $1`, w.Project, w.Ann)
	ann := w.as(w.Ann) // has no role to see money with, or none any more
	ann.refused(403, "forbidden", "POST", "/invoices", object{"client_id": w.Client, "project_ids": []uuid.UUID{w.Project}, "through": "2026-03-31"})
	ann.refused(403, "forbidden", "POST", path+"/rates", object{"rate": "99", "from": "2026-03-01"})
	ann.refused(403, "forbidden", "PUT", path+"/work-statement", object{"hourly_rate": "99"})
	for _, a := range []answer{
		ann.must("PATCH", path, object{"name": "Shop again"}), ann.must("PATCH", path, object{"name": "Shop again"}),
		ann.must("POST", path+"/save-as-template", object{"name": "Shops"}), ann.must("GET", path, nil),
	} {
		if strings.Contains(a.text, "98765") || strings.Contains(a.text, "4321") {
			t.Errorf("they read %s", a.text)
		}
	}
	has(t, w.as(w.admin).must("GET", path, nil).body["work_statement"].(object), object{"budget_amount": "98765.4"})
}

func TestATokenForProjectsSetsNoRate(t *testing.T) { // N.15, S1.12
	t.Parallel()
	w := newWorld(t)
	path := "/projects/" + w.Project.String() + "/work-statement"
	priced, plain := object{"hourly_rate": "99"}, object{"purchase_order": "PO-9"}
	for _, c := range []struct {
		scopes []string
		may    bool
	}{{[]string{"projects:write"}, false}, {[]string{"projects:write", "rates:read"}, false}, {[]string{"projects:write", "rates:write"}, true}, {[]string{"write"}, true}, {nil, true}} {
		by := w.as(w.AM, c.scopes...)
		by.must("PUT", path, plain)
		by.must("POST", "/projects", w.project(object{"work_statement": plain}))
		if c.may {
			by.must("PUT", path, priced)
			by.must("POST", "/projects", w.project(object{"work_statement": priced}))
			continue
		}
		by.refused(403, "forbidden", "PUT", path, priced)
		by.refused(403, "forbidden", "POST", "/projects", w.project(object{"work_statement": priced}))
	}
}
