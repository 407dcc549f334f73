package importer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"steward/internal/fault"
)

// exported are the files of an export.
func exported(t *testing.T, pool *pgxpool.Pool) files {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "firm")
	all, err := Export(t.Context(), pool, dir, ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f := files{}
	for _, e := range all {
		text, err := os.ReadFile(filepath.Join(dir, e.File))
		if err != nil {
			t.Fatal(err)
		}
		f[e.File] = string(text)
	}
	if there, err := os.ReadDir(dir); err != nil || len(there) != len(layouts) {
		t.Errorf("the folder has %v, %v", there, err)
	}
	return f
}

func (f files) same(t *testing.T, again files) {
	t.Helper()
	for _, l := range layouts {
		if f[l.file] != again[l.file] {
			t.Errorf("%s was\n%s\nand is\n%s", l.file, f[l.file], again[l.file])
		}
	}
}

func TestWhatIsExportedImportsToTheSame(t *testing.T) { // N.18
	t.Parallel()
	first, second := database(t), database(t)
	if _, err := imported(t, first, small(), Options{}); err != nil {
		t.Fatal(err)
	}
	out := exported(t, first)
	if r, err := imported(t, second, out, Options{}); err != nil {
		t.Fatal(err, r.Problems)
	}
	out.same(t, exported(t, second))
	for file, lines := range map[string][]string{
		clientsFile:  {"client,name,currency,email,payment_terms_days,tax_percent,time_zone,billing_address,tax_id,billing_cc", "C1,Acme,GBP,accounts@acme.example,30,20,Europe/London,,,cfo@acme.example;ann@acme.example"},
		peopleFile:   {`P2,Bob,bob@firm.example,group_manager,Development;Testing,Go;SQL,America/New_York`},
		projectsFile: {"ACME,C1,Shop,P1,active,2026-01-01,2026-12-31,monthly,31", "glob-1,C2,Relaunch of the site,P1,draft,,,monthly,31"},
		ratesFile:    {",ACME,60,GBP,2026-01-01", "P1,,67,GBP,1970-01-01", "P1,,80,GBP,2026-01-01", "P1,ACME,95.125,GBP,2026-03-01", "P2,,74.5,GBP,1970-01-01"},
		tasksFile:    {"T2,ACME,T1,Sub-task before its parent,complete,1,60,P2,P2,Go,,true,2026-01-05,2026-02-01", "T1,ACME,,Major part,open,3,0,P1,Development,,,false,2026-01-02,"},
		timeFile:     {"E1,T2,P2,2026-01-15,09:30,450,Design,billable,120", "E2,T2,P2,2026-01-16,,30,\"Two lines,\nquoted\",internal,0"},
	} {
		for _, want := range lines {
			if !strings.Contains(strings.ToLower(out[file]), strings.ToLower("\n"+want+"\n")) && !strings.HasPrefix(out[file], want+"\n") {
				t.Errorf("%s lacks %q:\n%s", file, want, out[file])
			}
		}
	}
}

// What was made in steward has no key of an importer, and may hold what the
// files part values with.
func TestWhatWasNeverImportedIsExported(t *testing.T) { // N.18
	t.Parallel()
	first, second := database(t), database(t)
	if _, err := imported(t, first, small(), Options{}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`UPDATE client SET external_key = NULL, billing_address = E' 1 High Street\r\nLeeds ', name = E'Acme\n"Ltd", too' WHERE external_key = 'C1'`,
		`UPDATE person SET external_key = NULL, skills = '{"a;b",c}', active = false WHERE external_key = 'P2'`,
		`UPDATE project SET external_key = NULL WHERE external_key = 'ACME'`,
		`UPDATE project SET external_key = 'ACME' WHERE external_key = 'glob-1'`, // the code of the other
		`UPDATE task SET external_key = NULL WHERE external_key = 'T1'`,
		`UPDATE task SET external_key = 'a;b' WHERE external_key = 'T2'`,
		`UPDATE work_group SET name = 'Dev; Ops' WHERE name = 'Development'`,
		`UPDATE time_entry SET external_key = NULL, started_at = '2026-01-15 03:00Z' WHERE external_key = 'E1'`, // the day before in New York
		`INSERT INTO work_group (id, name) VALUES (gen_random_uuid(), 'Empty')`,
		`UPDATE task SET assignee_person_id = NULL, assignee_group_id = (SELECT id FROM work_group WHERE name = 'Empty') WHERE external_key = 'T3'`,
		`INSERT INTO person (id, kind, client_id, name, email, roles) SELECT gen_random_uuid(), 'client', id, 'Carl', 'carl@client.example', '{client_contact}' FROM client WHERE name = 'Globex'`,
	} {
		if _, err := first.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	out := exported(t, first)
	for file, want := range map[string]string{
		clientsFile: `,"Acme ""Ltd"", too",GBP,`, peopleFile: "bob@firm.example,Bob,", tasksFile: "ACME-1,", timeFile: ",bob@firm.example,2026-01-15,,450,",
	} {
		if !strings.Contains(out[file], want) {
			t.Errorf("%s lacks %q:\n%s", file, want, out[file])
		}
	}
	if strings.Contains(out[peopleFile], "Carl") || strings.Contains(out[tasksFile], "Empty") {
		t.Errorf("more is exported than an import takes:\n%s%s", out[peopleFile], out[tasksFile])
	}
	if r, err := imported(t, second, out, Options{}); err != nil {
		t.Fatal(err, r.Problems)
	}
	out.same(t, exported(t, second))
}

func TestOfATaxCodeThePercentOfTheDayIsExported(t *testing.T) { // N.18, N.11
	t.Parallel()
	for rates, want := range map[string]string{
		"(current_date - 9, 19), (current_date, 16), (current_date + 9, 21)": "16", "(current_date + 9, 21), (current_date + 2, 5.5)": "5.5",
	} {
		pool := database(t)
		if _, err := imported(t, pool, small(), Options{}); err != nil {
			t.Fatal(err)
		}
		sql := `WITH code AS (INSERT INTO tax_code (id, code) VALUES (gen_random_uuid(), 'X') RETURNING id), rates AS (
			INSERT INTO tax_rate (tax_code_id, from_on, percent) SELECT code.id, r.* FROM code, (VALUES ` + rates + `) r)
			UPDATE client SET tax_code_id = code.id FROM code WHERE external_key = 'C1'`
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
		if out := exported(t, pool)[clientsFile]; !strings.Contains(out, ",30,"+want+",") {
			t.Errorf("with %s exported is\n%s", rates, out)
		}
	}
}

func TestAnExportIsWholeOrNotAtAll(t *testing.T) { // N.18
	t.Parallel()
	pool, dir := database(t), t.TempDir()
	old := filepath.Join(dir, clientsFile)
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Export(t.Context(), pool, dir, ExportOptions{}); !fault.Is(err, NotEmpty) {
		t.Errorf("into a folder with something in it: %v", err)
	}
	if _, err := pool.Exec(t.Context(), `ALTER TABLE time_entry RENAME TO gone`); err != nil {
		t.Fatal(err)
	}
	if _, err := Export(t.Context(), pool, dir, ExportOptions{Force: true}); err == nil {
		t.Error("there is no time, and it was exported")
	}
	if text, _ := os.ReadFile(old); string(text) != "old" {
		t.Errorf("an export that failed left %q", text)
	}
	if there, _ := os.ReadDir(dir); len(there) != 1 {
		t.Errorf("an export that failed left %v", there)
	}
	if _, err := pool.Exec(t.Context(), `ALTER TABLE gone RENAME TO time_entry`); err != nil {
		t.Fatal(err)
	}
	var said []string
	_, err := Export(t.Context(), pool, dir, ExportOptions{Force: true, Progress: func(stage string, done, total int) { said = append(said, stage) }})
	if text, _ := os.ReadFile(old); err != nil || !strings.HasPrefix(string(text), "client,name") || len(said) != 12 {
		t.Errorf("%q, %v, %v", text, said, err)
	}
}
