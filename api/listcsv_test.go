package api_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"steward/internal/civil"
	"steward/internal/fixture"
)

// sheet reads an answer in CSV: its columns by name, row by row.
func sheet(t *testing.T, a answer) []map[string]string {
	t.Helper()
	if kind := a.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/csv") {
		t.Fatalf("it is %s: %s", kind, a.text)
	}
	lines, err := csv.NewReader(strings.NewReader(a.text)).ReadAll()
	if err != nil || len(lines) == 0 {
		t.Fatalf("%v: %s", err, a.text)
	}
	var all []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, c := range line {
			row[lines[0][i]] = c
		}
		all = append(all, row)
	}
	return all
}

func TestTimeIsReadAsCSV(t *testing.T) { // N.18
	t.Parallel()
	w := newWorld(t)
	var entries []fixture.Entry
	for i := range 1050 { // more than are read at a time
		entries = append(entries, fixture.Entry{Task: w.Task, Person: w.Ann, Date: civil.Of(2026, 3, 1+i%20), Minutes: 1 + i%60})
	}
	ids := w.Record(t, append(entries, fixture.Entry{Task: w.Task, Person: w.Bob, Date: civil.Of(2026, 3, 2), Minutes: 7})...)
	w.Exec(t, `UPDATE time_entry SET description = '=1+1', remaining_minutes = 0, started_at = '2026-03-02 09:00Z' WHERE id = $1`, ids[1050])
	am := w.as(w.AM)
	if all := sheet(t, am.must("GET", "/time-entries.csv", nil)); len(all) != 1051 || all[0]["id"] != ids[0].String() || all[1050]["id"] != ids[1050].String() {
		t.Errorf("%d rows", len(all))
	}
	bobs := sheet(t, am.must("GET", "/time-entries.csv?user="+w.Bob.String(), nil))
	if len(bobs) != 1 {
		t.Fatalf("of Bob there are %v", bobs)
	}
	key := fixture.One[string](t, w.Pool, `SELECT j.code || '-' || t.number FROM task t JOIN project j ON j.id = t.project_id WHERE t.id = $1`, w.Task)
	for column, want := range map[string]string{"work_date": "2026-03-02", "start": "2026-03-02T09:00:00Z", "minutes": "7", "billing": "billable", "person": w.name(w.Bob), "task": key, "title": "Task 1", "description": "'=1+1", "remaining_minutes": "0", "invoice_id": ""} {
		if bobs[0][column] != want {
			t.Errorf("%s is %q, want %q", column, bobs[0][column], want)
		}
	}
	if seen := sheet(t, w.as(w.Bob).must("GET", "/time-entries.csv", nil)); len(seen) != len(w.as(w.Bob).must("GET", "/time-entries?limit=200", nil).items()) {
		t.Errorf("Bob reads %d rows", len(seen))
	}
	am.refused(422, "invalid", "GET", "/time-entries.csv?project=odd", nil)
	w.as(w.contact(t)).refused(404, "not_found", "GET", "/time-entries.csv", nil)
}

func TestInvoicesAreReadAsCSV(t *testing.T) { // N.18, S1.05
	t.Parallel()
	d := newDebt(t)
	am := d.as(d.AM)
	am.must("POST", "/invoices", object{"client_id": d.Client, "through": "2026-03-31"})
	all := sheet(t, am.must("GET", "/invoices.csv", nil))
	if len(all) != 2 || all[1]["number"] != "" || all[1]["state"] != "draft" {
		t.Fatalf("there are %v", all)
	}
	for column, want := range map[string]string{"number": "INV-2026-00001", "state": "sent", "past_due": "true", "currency": "GBP", "issued_on": "2026-01-01", "due_on": "2026-01-31", "total": "100.00", "balance": "100.00", "sent_at": "2026-01-01T00:00:00Z"} {
		if all[0][column] != want {
			t.Errorf("%s is %q, want %q", column, all[0][column], want)
		}
	}
	if some := sheet(t, am.must("GET", "/invoices.csv?state=draft", nil)); len(some) != 1 {
		t.Errorf("of drafts there are %v", some)
	}
	boss := d.as(d.contact(t))
	if seen := sheet(t, boss.must("GET", "/invoices.csv", nil)); len(seen) != len(boss.must("GET", "/invoices", nil).items()) {
		t.Errorf("the client's manager reads %v", seen)
	}
	d.as(d.Bob).refused(403, "forbidden", "GET", "/invoices.csv", nil)
}
