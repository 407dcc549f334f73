package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/fixture"
)

// retained is a world whose project has a fee of 500 a month from January on.
func retained(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.as(w.AM).must("PUT", w.home()+"/work-statement", object{"retainer_amount": "500", "retainer_minutes": 600, "billing_from": "2026-01-01", "billing_period": "monthly"})
	return w
}

// fees are those that a draft charges, as months; the draft is kept as path.
func (w *world) fees(through string) (months, path string) {
	w.t.Helper()
	am := w.as(w.AM)
	path = "/invoices/" + am.must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []uuid.UUID{w.Project}, "through": through}).str("id")
	return strings.Join(feesOf(am.must("GET", path, nil).body["lines"]), " "), path
}

func feesOf(lines any) (days []string) {
	list, _ := lines.([]any)
	for _, l := range list {
		if l.(object)["kind"] == "fixed" {
			days = append(days, fmt.Sprint(l.(object)["first_date"], "/", l.(object)["last_date"]))
		}
	}
	return days
}

const (
	january  = "2026-01-01/2026-01-31"
	february = "2026-02-01/2026-02-28"
)

// A fee is for a period that is over, of a project that was cleared and had not
// ended when it began; what a preview of all projects shows is what is billed.
func TestAFeeIsForAPeriodThatWasWorked(t *testing.T) { // N.08, N.02
	t.Parallel()
	w := retained(t) // on 20 March
	am := w.as(w.AM)
	for _, c := range []struct{ status, ended, through, want string }{
		{"active", "", "2026-03-15", january + " " + february},
		{"active", "", "2026-12-31", january + " " + february}, // not those to come
		{"on_hold", "", "2026-12-31", january + " " + february},
		{"draft", "", "2026-03-15", ""},
		{"awaiting_clearance", "", "2026-03-15", ""},
		{"complete", "2026-02-01T12:00:00Z", "2026-03-15", january + " " + february},
		{"complete", "2026-01-31T12:00:00Z", "2026-03-15", january},
		{"complete", "2026-02-01T05:00:00Z", "2026-03-15", january}, // where the client is it is January still
		{"cancelled", "2026-01-15T12:00:00Z", "2026-03-15", january},
		{"cancelled", "", "2026-03-15", ""}, // before it was cleared
	} {
		w.Exec(t, `UPDATE client SET time_zone = 'America/Los_Angeles'`)
		w.Exec(t, `UPDATE project SET status = 'draft'`)
		w.Exec(t, `UPDATE project SET status = $1, ended_at = nullif($2, '')::timestamptz`, c.status, c.ended)
		var shown []string
		for _, p := range am.with("Idempotency-Key", uuid.NewString()).must("POST", "/billing-runs", object{"through": c.through, "preview": true}).body["projects"].([]any) {
			shown = append(shown, feesOf(p.(object)["lines"])...)
		}
		got, draft := w.fees(c.through)
		if got != c.want || strings.Join(shown, " ") != c.want {
			t.Errorf("%+v: billed is %q, shown %q", c, got, shown)
		}
		am.must("DELETE", draft, nil)
	}
}

// Time of a period whose fee is due later waits for it, not that of one which
// never has a fee.
func TestTimeWaitsForAFeeThatComes(t *testing.T) { // N.08
	t.Parallel()
	w := retained(t)
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 60})
	for _, c := range []struct{ status, ended, want string }{
		{"active", "", "fixed 500.00; fixed 500.00; 1000.00"},
		{"complete", "2026-03-02T12:00:00Z", "fixed 500.00; fixed 500.00; 1000.00"},
		{"complete", "2026-02-27T12:00:00Z", "time 100.00; fixed 500.00; fixed 500.00; 1100.00"},
		{"cancelled", "", "time 100.00; 100.00"},
		{"draft", "", "0.00"},
	} {
		w.Exec(t, `UPDATE project SET status = 'draft'`)
		w.Exec(t, `UPDATE project SET status = $1, ended_at = nullif($2, '')::timestamptz`, c.status, c.ended)
		for _, through := range []string{"2026-03-15", "2026-03-31", "2026-12-31"} { // 20 March is today
			_, draft := w.fees(through)
			if got := w.as(w.AM).lines(draft); got != c.want {
				t.Errorf("%+v through %s: %s", c, through, got)
			}
			w.as(w.AM).must("DELETE", draft, nil)
		}
	}
}

// Another anchor or cycle charges no day twice, and what was left of the hours
// before goes on.
func TestAnotherAnchorChargesNoDayTwice(t *testing.T) { // N.08, S1.11
	t.Parallel()
	for change, want := range map[string]string{
		"anchor_day = 15": "2026-02-16/2026-03-15", // that to 15 February has January in it
		"billing_period = 'weekly', anchor_day = 7":    "2026-02-02/2026-02-08 2026-02-09/2026-02-15 2026-02-16/2026-02-22 2026-02-23/2026-03-01 2026-03-02/2026-03-08 2026-03-09/2026-03-15",
		"billing_period = 'quarterly'":                 "",
		"billing_from = '2026-01-10'":                  february,
		"billing_from = '2026-02-10', anchor_day = 20": "2026-02-10/2026-02-20",
	} {
		w := retained(t)
		if got, _ := w.fees("2026-01-31"); got != january {
			t.Fatalf("first billed is %q", got)
		}
		w.Exec(t, `UPDATE work_statement SET retainer_rollover = true, `+change)
		got, draft := w.fees("2026-03-15")
		if got != want {
			t.Errorf("%s: billed are %q, want %q", change, got, want)
		}
		if n := fixture.One[int](t, w.Pool, `SELECT coalesce(min(u.carried), 600) FROM retainer_use u JOIN invoice_line l ON l.id = u.invoice_line_id WHERE l.invoice_id = $1`, uuid.MustParse(draft[len("/invoices/"):])); n != 600 {
			t.Errorf("%s: of January's 600 minutes %d are left", change, n)
		}
		if got, _ := w.fees("2026-03-15"); got != "" {
			t.Errorf("%s: billed again are %q", change, got)
		}
	}
}

// Time of days that have no fee any more does not wait for one.
func TestTimeOfAPeriodWithoutAFeeDoesNotWait(t *testing.T) { // N.08
	t.Parallel()
	w := retained(t)
	w.fees("2026-02-28")
	w.Exec(t, `UPDATE work_statement SET billing_period = 'quarterly'`)
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 60})
	if _, draft := w.fees("2026-03-15"); w.as(w.AM).lines(draft) != "time 100.00; 100.00" {
		t.Errorf("the invoice is %s", w.as(w.AM).lines(draft))
	}
}

func TestAFeeHasTheDecimalsOfItsCurrency(t *testing.T) { // N.08, N.12
	t.Parallel()
	w := retained(t)
	am := w.as(w.AM)
	body := func(amount string) object {
		return object{"retainer_amount": amount, "retainer_minutes": 600, "billing_from": "2026-01-01", "billing_period": "monthly"}
	}
	am.refused(422, "invalid", "PUT", w.home()+"/work-statement", body("500.005"))
	am.must("PUT", w.home()+"/work-statement", body("500.05"))
	project := object{"client_id": w.Client, "name": "New", "starts_on": "2026-03-10", "ends_on": "2027-03-10", "currency": "JPY"}
	project["template_id"] = am.must("POST", w.home()+"/save-as-template", object{"name": "Care"}).str("id")
	am.refused(422, "invalid", "POST", "/projects", project) // 500.05 yen there are not
	project["work_statement"] = object{"retainer_amount": "60000"}
	am.must("POST", "/projects", project)
	project["work_statement"], project["template_id"] = body("60000.5"), nil
	am.refused(422, "invalid", "POST", "/projects", project)
	w.Exec(t, `UPDATE work_statement SET retainer_amount = 500.005 WHERE project_id = $1`, w.Project) // as it was accepted once
	if _, draft := w.fees("2026-01-31"); am.lines(draft) != "fixed 500.01; 500.01" {
		t.Errorf("the invoice is %s", am.lines(draft))
	}
}

// Time that waited for its fee is not late: an invoice asked for through its
// days was not for them.
func TestTimeThatWaitedForItsFeeIsNotLate(t *testing.T) { // N.08, S1.74
	t.Parallel()
	w := retained(t)
	am := w.as(w.AM)
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 60})
	_, first := w.fees("2026-03-15")
	w.Exec(t, `UPDATE invoice SET state = 'complete', series = 'INV', year = 2026, sequence = 1, number = 'INV-2026-00001', issued_on = '2026-03-20', due_on = '2026-05-01', snapshot = '{}', completed_at = now() WHERE id = $1`,
		uuid.MustParse(first[len("/invoices/"):]))
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: civil.Of(2026, 2, 27), Minutes: 60}) // this is
	w.at(noon.AddDate(0, 1, 0))
	_, second := w.fees("2026-03-31")
	late := map[any]bool{}
	for _, l := range am.must("GET", second, nil).body["lines"].([]any) {
		if l.(object)["kind"] == "time" {
			late[l.(object)["first_date"]] = l.(object)["late"] == true
		}
	}
	if late["2026-03-03"] || !late["2026-02-27"] || len(late) != 2 {
		t.Errorf("late are %v", late)
	}
}

// What a fee comes to from a day on touches no period that began before it,
// whenever that is billed.
func TestAFeeChangesWithAPeriodThatBegins(t *testing.T) { // N.08, S1.65
	t.Parallel()
	w := newWorld(t) // on 20 March
	am := w.as(w.AM)
	agreed := func(changes ...object) object {
		return object{"retainer_amount": "500", "retainer_minutes": 600, "billing_from": "2026-01-01", "billing_period": "monthly", "retainer_changes": changes}
	}
	raised := object{"from": "2026-02-01", "retainer_amount": "650", "retainer_minutes": 720}
	for _, wrong := range []object{
		{"retainer_changes": []object{raised}, "billing_period": "monthly", "billing_from": "2026-01-01"}, // of no fee
		agreed(raised, raised),
		agreed(object{"from": "2026-02-01", "retainer_amount": "650"}),
		agreed(object{"from": "2026-02-01", "retainer_amount": "650.005", "retainer_minutes": 60}),
		agreed(object{"retainer_amount": "650", "retainer_minutes": 60}),
	} {
		am.refused(422, "invalid", "PUT", w.home()+"/work-statement", wrong)
	}
	later := object{"from": "2026-05-02", "retainer_amount": "800", "retainer_minutes": 60} // of June
	am.must("PUT", w.home()+"/work-statement", agreed(raised, later))
	got := am.must("GET", w.home(), nil).body["work_statement"].(object)
	if n := len(got["retainer_changes"].([]any)); n != 2 {
		t.Errorf("the work statement has %v", got["retainer_changes"])
	}
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: civil.Of(2026, 1, 5), Minutes: 660}, fixture.Entry{Task: w.Task, Person: w.Ann, Date: civil.Of(2026, 2, 5), Minutes: 720})
	_, draft := w.fees("2026-02-28")
	if got := am.lines(draft); got != "time 2300.00; fixed 500.00; fixed 650.00; discount -2200.00; 1250.00" {
		t.Errorf("the invoice is %s", got)
	}
	// January and February, March that goes on; April and May at 650, June at 800.
	w.Exec(t, `UPDATE project SET ends_on = '2026-06-10' WHERE id = $1`, w.Project)
	has(t, w.summary(w.AM), object{"to_bill": "1900.00", "estimated_total": "4000.00"})

	// Taken as it was read, the statement is what it was; without changes the first fee holds.
	if a := am.must("PUT", w.home()+"/work-statement", got); a.body["version"] != am.must("GET", w.home(), nil).body["version"] {
		t.Errorf("sent back as it was read it is %s", a.text)
	}
	versions := len(am.must("GET", w.home()+"/work-statements", nil).items())
	am.must("PUT", w.home()+"/work-statement", agreed())
	am.must("POST", draft+"/collect", object{})
	if got := am.lines(draft); got != "time 2300.00; fixed 500.00; fixed 500.00; discount -2000.00; 1300.00" {
		t.Errorf("without a change the invoice is %s", got)
	}
	kept := am.must("GET", w.home()+"/work-statements", nil).items()
	if before := kept[1]["work_statement"].(object); len(kept) != versions+1 || before["retainer_changes"] == nil {
		t.Errorf("the version before is %v", before)
	}

	// From a template a project begins at the fee of its day.
	am.must("PUT", w.home()+"/work-statement", agreed(raised, later))
	template := am.must("POST", w.home()+"/save-as-template", object{"name": "Care"}).str("id")
	made := am.must("POST", "/projects", object{"client_id": w.Client, "name": "New", "starts_on": "2026-04-01", "ends_on": "2027-04-01", "template_id": template}).body["work_statement"].(object)
	has(t, made, object{"retainer_amount": "650", "retainer_minutes": 720, "billing_from": "2026-04-01"})
	if changes := made["retainer_changes"].([]any); len(changes) != 1 || changes[0].(object)["retainer_amount"] != "800" {
		t.Errorf("later its fee is %v", changes)
	}
}
