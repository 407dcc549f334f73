package importer

import (
	"strings"
	"testing"
)

func TestAGoodFirmHasNoProblems(t *testing.T) { // N.18
	x := checked(t, small(), Options{})
	if got := short(x.report().Problems); got != "" {
		t.Fatalf("problems:\n%s", got)
	}
	if err := x.refusal(); err != nil {
		t.Error(err)
	}
	if n := x.counts[timeFile].Read; n != 3 {
		t.Errorf("read %d time entries, want 3", n)
	}
}

// Each case replaces something in the small firm. Want is the list of problems,
// without those that follow from another.
func TestBadCells(t *testing.T) { // N.18, S1.22, S1.12
	for _, c := range []struct{ file, old, text, want string }{
		{clientsFile, "Acme,GBP", "Acme,XXX", "clients.csv:2 currency unknown_currency"},
		{clientsFile, "Acme,GBP", "Acme,", "clients.csv:2 currency missing"},
		{clientsFile, "Acme,GBP", " ,GBP", "clients.csv:2 name missing"},
		{clientsFile, "C1,Acme", ",Acme", "clients.csv:2 client missing\nprojects.csv:2 client unknown_client"},
		{clientsFile, "30,20", "366,20", "clients.csv:2 payment_terms_days out_of_range"},
		{clientsFile, "30,20", "30.5,20", "clients.csv:2 payment_terms_days bad_number"},
		{clientsFile, "30,20", "30,20.0001", "clients.csv:2 tax_percent bad_amount"},
		{clientsFile, "30,20", "30,100.5", "clients.csv:2 tax_percent out_of_range"},
		{clientsFile, "30,20", "30,1e1", "clients.csv:2 tax_percent bad_amount"},
		{clientsFile, "accounts@acme.example", "acme.example", "clients.csv:2 email bad_email"},
		{clientsFile, "ann@acme.example", "ann", "clients.csv:2 billing_cc bad_email"},
		{clientsFile, "ann@acme.example", strings.Join(strings.Split("abcdefghij", ""), "@acme.example;") + "@acme.example", "clients.csv:2 billing_cc out_of_range"},
		{clientsFile, "Europe/London", "Europe/Nowhere", "clients.csv:2 time_zone unknown_time_zone"},
		{clientsFile, "Europe/London", "Local", "clients.csv:2 time_zone unknown_time_zone"},
		{clientsFile, "C2,Globex", "C1,Globex", "clients.csv:3 client duplicate_key\nprojects.csv:3 client unknown_client"},
		{clientsFile, "Globex", strings.Repeat("é", 501), "clients.csv:3 name too_long"},
		{peopleFile, "account_manager;contributor", "account_manager;boss", "people.csv:2 roles unknown_role"},
		{peopleFile, "account_manager;contributor", "client_manager", "people.csv:2 roles unknown_role"},
		{peopleFile, "bob@firm.example", "ANN@firm.example", "people.csv:3 email duplicate_email"},
		{peopleFile, "bob@firm.example", "", "people.csv:3 email missing"},
		{peopleFile, "bob@firm.example", "Bob <bob@firm.example>", "people.csv:3 email bad_email"},
		{peopleFile, "67.00,GBP", "67.00,", "people.csv:2 currency missing"},
		{peopleFile, "67.00,GBP", "67.0000001,GBP", "people.csv:2 default_rate bad_amount"},
		{peopleFile, "67.00,GBP", "-1,GBP", "people.csv:2 default_rate out_of_range"},
		{peopleFile, "67.00,GBP", "£67,GBP", "people.csv:2 default_rate bad_amount"},
		{peopleFile, "67.00,GBP", "1e999999999,GBP", "people.csv:2 default_rate bad_amount"},
		{projectsFile, "ACME,C1", "ACME,C9", "projects.csv:2 client unknown_client"},
		{projectsFile, "Shop,P1", "Shop,P9", "projects.csv:2 account_manager unknown_person"},
		{projectsFile, "Shop,P1", "Shop,", "projects.csv:2 account_manager missing"},
		{projectsFile, "active", "running", "projects.csv:2 status unknown_status"},
		{projectsFile, "2026-12-31", "2025-12-31", "projects.csv:2 ends_on contradiction"},
		{projectsFile, "2026-12-31", "2026-02-30", "projects.csv:2 ends_on bad_date"},
		{projectsFile, "monthly", "daily", "projects.csv:2 billing_period unknown_choice"},
		{projectsFile, ",31\n", ",32\n", "projects.csv:2 billing_anchor_day out_of_range"},
		{ratesFile, "P1,,80", "P9,,80", "rates.csv:2 person unknown_person"},
		{ratesFile, "P1,ACME", "P1,NOPE", "rates.csv:3 project unknown_project"},
		{ratesFile, ",ACME,60", ",,60", "rates.csv:4 person missing"},
		{ratesFile, "GBP,2026-01-01", "GBP,", "rates.csv:2 from missing"},
		{ratesFile, "GBP,2026-01-01", "GBP,1970-01-01", "rates.csv:2 from overlapping_rates"},
		{ratesFile, "P1,ACME,95.125,GBP,2026-03-01", "P1,,95.125,GBP,2026-01-01", "rates.csv:3 from overlapping_rates"},
		{tasksFile, "complete,1", "finished,1", "tasks.csv:2 status unknown_status"},
		{tasksFile, "complete,1", "complete,0", "tasks.csv:2 priority out_of_range"},
		{tasksFile, "complete,1", "complete,11", "tasks.csv:2 priority out_of_range"},
		{tasksFile, "complete,1", "complete,high", "tasks.csv:2 priority bad_number"},
		{tasksFile, "1,60", "1,-60", "tasks.csv:2 estimate_minutes out_of_range"},
		{tasksFile, ",true,", ",maybe,", "tasks.csv:2 visible_to_client bad_boolean"},
		{tasksFile, "T1,ACME", "T1,NOPE", "tasks.csv:3 project unknown_project"},
		{tasksFile, "development", "the moon", "tasks.csv:3 assignee unknown_assignee"},
		{tasksFile, "planned,2,,P2", "planned,2,,P9", "tasks.csv:4 owner unknown_person"},
		{tasksFile, "T3,ACME,T1", "T3,ACME,T9", "tasks.csv:4 parent unknown_task"},
		{tasksFile, "T2;T4", "T2;T9", "tasks.csv:4 depends_on unknown_task"},
		{tasksFile, "T4,ACME", "T3,ACME", "tasks.csv:5 task duplicate_key\ntasks.csv:4 depends_on unknown_task"},
		{tasksFile, "G1,glob-1,", "G1,glob-1,T1", "tasks.csv:6 parent parent_elsewhere"},
		{tasksFile, "T2;T4", "T2;G1", "tasks.csv:4 depends_on depends_elsewhere"}, // S1.31
		{tasksFile, "Planned only,", "Opened,open", "tasks.csv:6 status project_not_cleared"},
		{tasksFile, "2026-01-05,2026-02-01", "2026-01-05,2026-01-04", "tasks.csv:2 completed_on contradiction"},
		{tasksFile, "2026-01-02,", "2026-01-02,2026-01-03", "tasks.csv:3 completed_on contradiction"},
		{tasksFile, "2026-01-02", "02/01/2026", "tasks.csv:3 created_on bad_date"},
		{timeFile, "450", "-450", "time.csv:2 minutes out_of_range"},
		{timeFile, "450", "0", "time.csv:2 minutes out_of_range"},
		{timeFile, "450", "1500", "time.csv:2 minutes out_of_range"},
		{timeFile, "450", "7.5", "time.csv:2 minutes bad_number"},
		{timeFile, "450", "", "time.csv:2 minutes missing"},
		{timeFile, "450", "99999999999999999999", "time.csv:2 minutes bad_number"},
		{timeFile, "2026-01-15", "0016-01-15", "time.csv:2 work_date bad_date"},
		{timeFile, "2026-01-15", "2025-02-29", "time.csv:2 work_date bad_date"},
		{timeFile, "2026-01-15", "2162-01-15", "time.csv:2 work_date future_date"}, // S1.21: as where it is recorded by hand
		{timeFile, "2026-01-15", "", "time.csv:2 work_date missing"},
		{timeFile, "E1,T2", "E1,T9", "time.csv:2 task unknown_task"},
		{timeFile, "E1,T2,P2", "E1,T2,", "time.csv:2 person missing"},
		{timeFile, "E1,T2,P2", "E1,T2,P7", "time.csv:2 person unknown_person"},
		{timeFile, "E1,T2", "E1,G1", "time.csv:2 task project_not_cleared"},
		{timeFile, "E2,", "E1,", "time.csv:3 entry duplicate_key"},
		{timeFile, "E2,", ",", "time.csv:3 entry missing"},
		{timeFile, "09:30", "9.30", "time.csv:2 start bad_time"},
		{timeFile, "2026-01-15,09:30", "2026-03-08,02:30", "time.csv:2 start bad_time"}, // New York's clocks skip it
		{timeFile, "true", "si", "time.csv:2 billable bad_boolean"},
		{timeFile, "Design", "", "time.csv:2 description missing"},
		{timeFile, "Design", strings.Repeat("x", 10_001), "time.csv:2 description too_long"},
		{timeFile, "120", "-1", "time.csv:2 remaining_minutes out_of_range"},
		{timeFile, "E3,T1", "E3,T9", "time.csv:5 task unknown_task"}, // after a row of two lines
		{timeFile, "Design", "De\x00sign", "time.csv:2 description bad_text"},
		{timeFile, "Design", "De\xffsign", "time.csv:2 description bad_encoding"},
		{timeFile, "Design", "De\"sign", "time.csv:2 bad_quotes"},
		{timeFile, "Travel", "\"Travel", "time.csv:5 bad_quotes"},
		{timeFile, "Design,true,120", "Design,true", "time.csv:2 wrong_cells"},
		{timeFile, "Design,true,120", "Design,true,120,", "time.csv:2 wrong_cells"},
	} {
		x := checked(t, small().with(c.file, c.old, c.text), Options{})
		if got := short(x.problems.causes.kept); got != c.want {
			t.Errorf("%s with %.40q for %q:\ngot  %s\nwant %s", c.file, c.text, c.old, got, c.want)
		}
		if x.refusal() == nil {
			t.Errorf("%s with %.40q for %q: not refused", c.file, c.text, c.old)
		}
	}
}

// What looks odd, but is as good as what it replaces.
func TestOddButGood(t *testing.T) { // N.18, S1.23
	unix := func(f files) files { return f }
	for name, change := range map[string]func(files) files{
		"BOM":           func(f files) files { f[tasksFile] = "\ufeff" + f[tasksFile]; return f },
		"CRLF":          func(f files) files { f[timeFile] = strings.ReplaceAll(f[timeFile], "\n", "\r\n"); return f },
		"blank lines":   func(f files) files { return f.with(timeFile, "E2", "\n  \n,,,,,,,,\nE2") },
		"no last line":  func(f files) files { f[timeFile] = strings.TrimSuffix(f[timeFile], "\n"); return f },
		"spaces":        func(f files) files { return f.with(timeFile, "E1,T2,P2", " E1 , T2 ,\tP2") },
		"space, quote":  func(f files) files { return f.with(timeFile, ",Design", `, "Design"`) },
		"HEADER":        func(f files) files { return f.with(timeFile, "entry,task", "Entry , TASK") },
		"other order":   func(f files) files { f[clientsFile] = "currency,name,client\nGBP,Acme,C1\nEUR,Globex,C2\n"; return f },
		"no rates":      func(f files) files { delete(f, ratesFile); return f },
		"no rows":       func(f files) files { f[timeFile], _, _ = strings.Cut(f[timeFile], "\n"); return f },
		"yes":           func(f files) files { return f.with(timeFile, "true", "YES") },
		"currency":      func(f files) files { return f.with(clientsFile, "GBP", "gbp") },
		"status":        func(f files) files { return f.with(tasksFile, "cancelled", "Cancelled") },
		"500 letters":   func(f files) files { return f.with(tasksFile, "Dropped", strings.Repeat("é", 500)) },
		"twice in cell": func(f files) files { return f.with(tasksFile, "T2;T4", "T2; ;T4;T2") },
		"nothing":       unix,
	} {
		if got := short(checked(t, change(small()), Options{}).report().Problems); got != "" {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) { // N.18
	for _, c := range []struct{ file, text, want string }{
		{clientsFile, "", "clients.csv:1 no_header"},
		{clientsFile, "client,name\n", "clients.csv:1 missing_column"},
		{clientsFile, "client,name,currency,nickname\n", "clients.csv:1 unknown_column"},
		{clientsFile, "client,name,currency,\n", "clients.csv:1 unknown_column"},
		{clientsFile, "client,name,currency,name\n", "clients.csv:1 duplicate_column"},
		{clientsFile, "client;name;currency\n", "clients.csv:1 unknown_column"},
		{clientsFile, "\xff\xfec\x00l\x00", "clients.csv:1 bad_encoding"},
		{clientsFile, "client,na\"me\n", "clients.csv:1 bad_quotes"},
		{clientsFile, "\n\nclient,name\n", "clients.csv:3 missing_column"},
	} {
		f := small()
		f[c.file] = c.text
		x := checked(t, f, Options{Partial: true})
		if got := short(x.report().Problems); got != c.want {
			t.Errorf("%q:\ngot  %s\nwant %s", c.text, got, c.want)
		}
		if x.refusal() == nil {
			t.Errorf("%q: not refused", c.text)
		}
	}
}

func TestMissingFilesAreNamed(t *testing.T) { // N.18
	f := small()
	delete(f, peopleFile)
	delete(f, timeFile)
	got := checked(t, f, Options{}).report().Problems
	if len(got) != 2 || got[0].String() != "people.csv: there is no people.csv in the folder (missing_file)" || got[1].File != timeFile {
		t.Errorf("got %v", got)
	}
}

func TestAProblemIsOneReadableLine(t *testing.T) { // N.18
	f := small().with(timeFile, "E1,T2", "E1,\"T\n9\x1b"+strings.Repeat("9", 400)+"\"")
	got := checked(t, f, Options{}).report().Problems[0].String()
	if strings.ContainsAny(got, "\n\x1b") || len(got) > 400 {
		t.Errorf("got %q", got)
	}
}

func TestPrioritiesOfLongerScales(t *testing.T) { // N.18
	x := checked(t, small().with(tasksFile, "complete,1", "complete,10"), Options{})
	r := x.report()
	if len(r.Problems) > 0 || short(r.Notes) != "tasks.csv:2 priority priority_lowered" {
		t.Errorf("problems %v, notes %v", r.Problems, r.Notes)
	}
	if got := x.tasks.fresh["T2"].Priority; got != 5 {
		t.Errorf("priority %d, want 5", got)
	}
}

func TestManyProblemsAreCounted(t *testing.T) { // N.18
	var b strings.Builder
	b.WriteString(small()[timeFile])
	for range 12_000 {
		b.WriteString(",T2,P2,2026-01-15,,0,x,true,\n")
	}
	f := small()
	f[timeFile] = b.String()
	r := checked(t, f, Options{}).report()
	if len(r.Problems) != 10_000 || r.MoreProblems != 14_000 || r.Time.Refused != 12_000 {
		t.Errorf("%d problems and %d more, %d rows refused", len(r.Problems), r.MoreProblems, r.Time.Refused)
	}
	var shown strings.Builder
	if err := r.Print(&shown, 20); err != nil || strings.Count(shown.String(), "time.csv:") != 20 {
		t.Errorf("shown: %s, %v", shown.String(), err)
	}
	if !strings.Contains(shown.String(), "and 23980 more problems\n") {
		t.Errorf("shown: %s", shown.String())
	}
}
