package importer

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"steward/internal/fault"
)

// everything is how many rows an import could have added.
const everything = `SELECT (SELECT count(*) FROM client) + (SELECT count(*) FROM person) + (SELECT count(*) FROM work_group)
+ (SELECT count(*) FROM work_group_member) + (SELECT count(*) FROM project) + (SELECT count(*) FROM work_statement)
+ (SELECT count(*) FROM rate) + (SELECT count(*) FROM task) + (SELECT count(*) FROM task_dependency)
+ (SELECT count(*) FROM time_entry) + (SELECT count(*) FROM audit_event) + (SELECT count(*) FROM outbox) || ''`

func TestAFirmIsStored(t *testing.T) { // N.18, N.14, S1.22, S1.23, S1.12, S1.13, S1.31
	t.Parallel()
	pool := database(t)
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	r, err := imported(t, pool, small(), Options{Now: func() time.Time { return now }})
	if err != nil || !r.Stored {
		t.Fatal(err, r.Problems)
	}
	if want := (Count{Read: 5, New: 5}); r.Tasks != want {
		t.Errorf("tasks: %+v", r.Tasks)
	}
	for sql, want := range map[string]string{
		`SELECT string_agg(concat_ws(' ', external_key, name, currency, email, payment_terms_days, tax_percent, time_zone), '|' ORDER BY id) FROM client`://
		"C1 Acme GBP accounts@acme.example 30 20.000 Europe/London|C2 Globex EUR  30 0.000 UTC",
		`SELECT string_agg(concat_ws(' ', external_key, kind, email, roles, skills, time_zone), '|' ORDER BY id) FROM person`://
		"P1 staff ann@firm.example {account_manager,contributor} {} Europe/London|P2 staff bob@firm.example {group_manager} {Go,SQL} America/New_York|P3 staff cy@firm.example {contributor} {} UTC",
		`SELECT string_agg(concat_ws(' ', g.name, p.external_key, m.is_manager), '|' ORDER BY g.id, p.id)
		 FROM work_group_member m JOIN work_group g ON g.id = m.group_id JOIN person p ON p.id = m.person_id`: //
		"Development P1 f|Development P2 t|Testing P2 t",
		`SELECT string_agg(concat_ws(' ', p.external_key, c.external_key, code, status, a.external_key, p.currency, starts_on, ends_on, last_number, billing_period, anchor_day), '|' ORDER BY p.id)
		 FROM project p JOIN client c ON c.id = p.client_id JOIN person a ON a.id = p.account_manager_id JOIN work_statement w ON w.project_id = p.id`: //
		"ACME C1 ACME active P1 GBP 2026-01-01 2026-12-31 4 monthly 31|glob-1 C2 RELAUN draft P1 EUR 1 monthly 31",
		`SELECT string_agg(concat_ws(' ', p.external_key, j.external_key, hourly, r.currency, valid), '|' ORDER BY p.external_key, j.external_key DESC, valid)
		 FROM rate r LEFT JOIN person p ON p.id = person_id LEFT JOIN project j ON j.id = project_id`: //
		"P1 67.000000 GBP [1970-01-01,2026-01-01)|P1 80.000000 GBP [2026-01-01,)|P1 ACME 95.125000 GBP [2026-03-01,)|P2 74.500000 GBP [1970-01-01,)|ACME 60.000000 GBP [2026-01-01,)",
		`SELECT string_agg(concat_ws(' ', number, t.external_key, parent_id IS NOT NULL, t.status, priority, estimate_minutes, o.external_key, a.external_key, g.name, t.skills, visible_to_client, t.created_at AT TIME ZONE 'UTC', closed_at AT TIME ZONE 'UTC'), '|' ORDER BY t.project_id, number)
		 FROM task t JOIN person o ON o.id = owner_id LEFT JOIN person a ON a.id = assignee_person_id LEFT JOIN work_group g ON g.id = assignee_group_id`: //
		"1 T1 f open 3 0 P1 Development {} f 2026-01-02 12:00:00|2 T2 t complete 1 60 P2 P2 {Go} t 2026-01-05 12:00:00 2026-02-01 12:00:00|" +
			"3 T3 t planned 2 P2 P3 {} f 2026-11-22 08:00:00|4 T4 f cancelled 3 P1 {} f 2026-01-09 12:00:00 2026-01-09 12:00:00|1 G1 f planned 3 P1 {} f 2026-11-22 08:00:00",
		`SELECT string_agg(t.external_key || ' ' || o.external_key, '|' ORDER BY o.external_key) FROM task_dependency d
		 JOIN task t ON t.id = d.task_id JOIN task o ON o.id = depends_on_id`: "T3 T2|T3 T4",
		`SELECT string_agg(concat_ws(' ', e.external_key, t.external_key, p.external_key, work_date, e.started_at AT TIME ZONE 'UTC', minutes, replace(e.description, E'\n', '/'), billing, remaining_minutes), '|' ORDER BY e.id)
		 FROM time_entry e JOIN task t ON t.id = task_id JOIN person p ON p.id = person_id`: //
		"E1 T2 P2 2026-01-15 2026-01-15 14:30:00 450 Design billable 120|E2 T2 P2 2026-01-16 30 Two lines,/quoted internal 0|E3 T1 P3 2026-01-16 1440 Travel no_charge",
		`SELECT string_agg(external_key, '|' ORDER BY o.id) FROM outbox o JOIN task t ON t.id = entity_id AND entity_kind = 'task'`:       "T1|T3|G1",
		`SELECT string_agg(external_key, '|' ORDER BY o.id) FROM outbox o JOIN project p ON p.id = entity_id AND entity_kind = 'project'`: "ACME|glob-1",
		`SELECT string_agg(concat_ws(' ', kind, n), '|' ORDER BY kind) FROM (SELECT entity_kind AS kind, count(*) AS n FROM audit_event
		 WHERE verb = 'imported' AND source = 'steward import' GROUP BY entity_kind) a`: "client 2|group 2|person 3|project 2|rate 5|task 5",
	} {
		if got := ask(t, pool, sql); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", sql, got, want)
		}
	}
}

func TestImportingAgainAddsOnlyWhatIsNew(t *testing.T) { // N.18
	t.Parallel()
	pool := database(t)
	if _, err := imported(t, pool, small(), Options{}); err != nil {
		t.Fatal(err)
	}
	before := ask(t, pool, everything)
	r, err := imported(t, pool, small().with(clientsFile, "Acme", "Renamed").with(tasksFile, "Dropped", "Other"), Options{})
	if err != nil || r.Tasks != (Count{Read: 5, There: 5}) || r.Rates != (Count{Read: 3, There: 3}) || r.Time != (Count{Read: 3, There: 3}) {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := ask(t, pool, everything); got != before {
		t.Errorf("%s rows, before %s", got, before)
	}
	if got := ask(t, pool, "SELECT string_agg(name, ' ' ORDER BY name) FROM client"); got != "Acme Globex" {
		t.Errorf("clients: %s", got)
	}
}

// New rows refer to what an earlier import brought, and that is not in the
// files any more.
func TestMoreIsAddedToWhatIsThere(t *testing.T) { // N.18, S1.13
	t.Parallel()
	pool := database(t)
	if _, err := imported(t, pool, small(), Options{}); err != nil {
		t.Fatal(err)
	}
	more := files{
		clientsFile:  "client,name,currency\n",
		peopleFile:   "person,name,email,groups\nP4,Di,di@firm.example,DEVELOPMENT\n",
		projectsFile: "project,client,name,account_manager,status\nglob-2,C2,Relaunch of the site,P4,active\n",
		ratesFile:    "person,project,rate,currency,from\nP1,,85,GBP,2026-07-01\nP2,,75,GBP,1970-01-01\n",
		tasksFile:    "task,project,parent,title,depends_on\nT5,ACME,T1,More,T3\nT6,glob-2,,New,\n",
		timeFile:     "entry,task,person,work_date,minutes,description\nE4,T1,P1,2026-02-01,5,x\nE5,T5,P4,2026-02-01,5,x\n",
	}
	r, err := imported(t, pool, more, Options{})
	if err != nil {
		t.Fatal(err, r.Problems)
	}
	if r.Rates != (Count{Read: 2, New: 1, There: 1}) || r.Time.New != 2 {
		t.Errorf("%+v", r)
	}
	for sql, want := range map[string]string{
		"SELECT number || '' FROM task WHERE external_key = 'T5'":                                                          "5",
		"SELECT code FROM project WHERE external_key = 'glob-2'":                                                           "RELAUN2",
		"SELECT count(*) || '' FROM work_group":                                                                            "2",
		"SELECT string_agg(valid || '', ' ' ORDER BY valid) FROM rate WHERE hourly IN (67, 80, 85) AND project_id IS NULL": "[1970-01-01,2026-01-01) [2026-01-01,2026-07-01) [2026-07-01,)",
		"SELECT changes::text FROM audit_event WHERE verb = 'ended'":                                                       `{"until": [null, "2026-07-01"]}`,
	} {
		if got := ask(t, pool, sql); got != want {
			t.Errorf("%s: got %s, want %s", sql, got, want)
		}
	}
}

func TestOneBadRowStopsAll(t *testing.T) { // N.18
	t.Parallel()
	pool := database(t)
	before := ask(t, pool, everything)
	r, err := imported(t, pool, small().with(timeFile, "1440", "1441"), Options{})
	if !fault.Is(err, Refused) || err.Error() != "nothing was imported: 1 row is bad" {
		t.Errorf("error %v", err)
	}
	if r.Stored || r.Clients != (Count{Read: 2}) || r.Time != (Count{Read: 3, Refused: 1}) || len(r.Problems) != 1 {
		t.Errorf("%+v", r)
	}
	if got := ask(t, pool, everything); got != before {
		t.Errorf("%s rows, before %s", got, before)
	}
}

func TestAPartialImportLeavesBadRowsOut(t *testing.T) { // N.18
	t.Parallel()
	pool := database(t)
	bad := small().with(tasksFile, "T1,ACME,,Major part,open", "T1,ACME,,Major part,begun").with(peopleFile, "cy@", "cy")
	r, err := imported(t, pool, bad, Options{Partial: true})
	if err != nil || !r.Stored {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"people.csv:4 email bad_email",
		"tasks.csv:2 parent refused_row",
		"tasks.csv:3 status unknown_status",
		"tasks.csv:4 assignee refused_row",
		"tasks.csv:4 parent refused_row",
		"time.csv:2 task refused_row",
		"time.csv:3 task refused_row",
		"time.csv:5 task refused_row",
		"time.csv:5 person refused_row",
	}, "\n")
	if got := short(r.Problems); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if r.Tasks != (Count{Read: 5, New: 2, Refused: 3}) || r.Time != (Count{Read: 3, Refused: 3}) || r.People != (Count{Read: 3, New: 2, Refused: 1}) {
		t.Errorf("%+v", r)
	}
	// Mended, the rest follows.
	r, err = imported(t, pool, small(), Options{})
	if err != nil || r.Tasks != (Count{Read: 5, New: 3, There: 2}) || r.Time.New != 3 || r.People != (Count{Read: 3, New: 1, There: 2}) {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAnAddressThatSomebodyHas(t *testing.T) { // N.18
	t.Parallel()
	pool := database(t)
	const sql = "INSERT INTO person (id, kind, name, email, roles) VALUES (gen_random_uuid(), 'staff', 'Ann', 'Ann@Firm.example', '{admin}') RETURNING name"
	ask(t, pool, sql)
	r, err := imported(t, pool, small(), Options{})
	if err == nil || !strings.HasPrefix(short(r.Problems), "people.csv:2 email duplicate_email\n") {
		t.Errorf("%v\n%s", err, short(r.Problems))
	}
}

func TestTwoImportsAtOnce(t *testing.T) { // N.18
	t.Parallel()
	pool := database(t)
	var reports [2]Report
	var all sync.WaitGroup
	for i := range reports {
		all.Go(func() {
			r, err := imported(t, pool, small(), Options{})
			if err != nil {
				t.Error(err, r.Problems)
			}
			reports[i] = r
		})
	}
	all.Wait()
	for _, c := range [][2]Count{{reports[0].Tasks, reports[1].Tasks}, {reports[0].Time, reports[1].Time}} {
		if c[0].New+c[1].New != c[0].Read || c[0].There+c[1].There != c[0].Read {
			t.Errorf("%+v", c)
		}
	}
}

func TestRunReadsAFolder(t *testing.T) { // N.18
	t.Parallel()
	pool, dir := database(t), t.TempDir()
	for name, text := range small() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stages := map[string]bool{}
	r, err := Run(t.Context(), pool, dir, Options{Progress: func(stage string, done, total int) {
		stages[stage] = done == total
	}})
	if err != nil || r.Time.New != 3 {
		t.Fatal(err, r.Problems)
	}
	for _, s := range []string{"checking clients.csv", "checking time.csv", "storing tasks", "storing time"} {
		if !stages[s] {
			t.Errorf("stage %s did not end: %v", s, stages)
		}
	}
	for _, wrong := range []string{filepath.Join(dir, "none"), filepath.Join(dir, tasksFile)} {
		if _, err := Run(t.Context(), pool, wrong, Options{}); err == nil || !strings.Contains(err.Error(), " folder") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

func TestACancelledImportLeavesNothing(t *testing.T) { // N.18, N.31
	t.Parallel()
	pool := database(t)
	before := ask(t, pool, everything)
	ctx, cancel := context.WithCancel(t.Context())
	o := Options{Progress: func(stage string, _, _ int) {
		if stage == "storing tasks" {
			cancel()
		}
	}}
	if _, err := run(ctx, pool, small().fs(), o); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := ask(t, pool, everything); got != before {
		t.Errorf("%s rows, before %s", got, before)
	}
}

// changing is a folder whose time.csv is another one from the third look on:
// the first is at its header, the second checks it, the third stores it.
type changing struct {
	fstest.MapFS
	looks int
}

func (c *changing) Open(name string) (fs.File, error) {
	if name == timeFile {
		c.looks++
	}
	if name == timeFile && c.looks == 3 {
		return fstest.MapFS{name: {Data: []byte(strings.Replace(small()[timeFile], "1440", "1441", 1))}}.Open(name)
	}
	return c.MapFS.Open(name)
}

func TestAFileThatChangesMeanwhile(t *testing.T) { // N.18
	t.Parallel()
	pool := database(t)
	before := ask(t, pool, everything)
	_, err := run(t.Context(), pool, &changing{MapFS: small().fs()}, Options{})
	if !fault.Is(err, Changed) {
		t.Errorf("got %v", err)
	}
	if got := ask(t, pool, everything); got != before {
		t.Errorf("%s rows, before %s", got, before)
	}
}
