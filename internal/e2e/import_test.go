package e2e

import (
	"encoding/csv"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"steward/internal/fixture"
)

// A firm's files go in, every project is billed and completed, and each invoice
// is what can be computed from the files alone, to the last penny. STEWARD_FIRM
// names a folder of other files to try the same with.
func TestImportedTimeIsBilledToTheLastPenny(t *testing.T) { // N.18, S1.74, S1.75, billing lesson 6
	t.Parallel()
	dir := os.Getenv("STEWARD_FIRM")
	if dir == "" {
		dir = t.TempDir()
		writeFirm(t, dir)
	}
	s := newSystem(t)
	began := time.Now()
	first := s.run("import", dir)
	t.Logf("imported in %s\n%s", time.Since(began), first)
	s.url = s.startAPI()
	s.startWorker()
	want := computed(t, dir)
	began = time.Now()
	got := billed(t, s.run("bill", "--through", "2014-12-31", "--complete"))
	t.Logf("billed %d invoices in %s", len(got), time.Since(began))
	if len(got) != len(want) {
		t.Errorf("%d invoices, want %d", len(got), len(want))
	}
	for client, total := range want {
		if got[client] != total {
			t.Errorf("%s is billed %s, want %s", client, got[client], total)
		}
	}
	if again := s.run("bill", "--through", "2014-12-31", "--complete"); again != "" {
		t.Errorf("billing again makes %s", again)
	}
	before := counts(t, s)
	s.run("import", dir)
	if after := counts(t, s); after != before {
		t.Errorf("importing again makes %s of %s", after, before)
	}
	f := &firm{system: s}
	f.checkBooks(t, 0)
	s.everyOpenTaskHasAProcess(t)
}

func counts(t *testing.T, s *system) string {
	t.Helper()
	return fixture.One[string](t, s.pool, `SELECT concat_ws(' ', (SELECT count(*) FROM client), (SELECT count(*) FROM person), (SELECT count(*) FROM project), (SELECT count(*) FROM task),
		(SELECT count(*) FROM time_entry), (SELECT sum(minutes) FROM time_entry), (SELECT count(*) FROM rate), (SELECT count(*) FROM audit_event), (SELECT count(*) FROM invoice))`)
}

// everyOpenTaskHasAProcess waits until the relay has started them all.
func (s *system) everyOpenTaskHasAProcess(t *testing.T) {
	t.Helper()
	eventually(t, "every open task has its process", func() error {
		if n := fixture.One[int](t, s.pool, `SELECT count(*) FROM outbox`); n > 0 {
			return fmt.Errorf("%d wait to be told", n)
		}
		return nil
	})
}

// billed reads what `steward bill` printed: client → total.
func billed(t *testing.T, out string) map[string]string {
	t.Helper()
	totals := map[string]string{}
	for line := range strings.Lines(out) {
		cells := strings.Split(strings.TrimSpace(line), "\t")
		if len(cells) != 4 || !strings.HasPrefix(cells[0], "INV-") {
			t.Fatalf("bill printed %q", line)
		}
		totals[cells[1]] = cells[3]
	}
	return totals
}

// computed is what each client owes, from the files alone and with other
// arithmetic than steward's: fractions, and rounding by integers.
func computed(t *testing.T, dir string) map[string]string {
	t.Helper()
	rate, project, client, tax := map[string]*big.Rat{}, map[string]string{}, map[string]string{}, map[string]*big.Rat{}
	name := map[string]string{}
	for _, r := range read(t, dir, "people.csv") {
		rate[r["person"]] = fraction(r["default_rate"])
	}
	for _, r := range read(t, dir, "clients.csv") {
		name[r["client"]], tax[r["client"]] = r["name"], fraction(r["tax_percent"])
	}
	for _, r := range read(t, dir, "projects.csv") {
		client[r["project"]] = r["client"]
	}
	for _, r := range read(t, dir, "tasks.csv") {
		project[r["task"]] = r["project"]
	}
	type line struct{ task, person string }
	minutes := map[line]int64{}
	for _, r := range read(t, dir, "time.csv") {
		if r["billable"] == "true" && r["work_date"] <= "2014-12-31" {
			n, err := strconv.ParseInt(r["minutes"], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			minutes[line{r["task"], r["person"]}] += n
		}
	}
	pence := map[string]int64{}
	for l, n := range minutes {
		amount := new(big.Rat).Mul(rate[l.person], big.NewRat(n*100, 60))
		pence[client[project[l.task]]] += halfUp(amount)
	}
	totals := map[string]string{}
	for c, p := range pence {
		p += halfUp(new(big.Rat).Mul(big.NewRat(p, 100), tax[c]))
		totals[name[c]] = fmt.Sprintf("%d.%02d", p/100, p%100)
	}
	return totals
}

func fraction(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("not a number: " + s)
	}
	return r
}

// halfUp rounds a fraction that is not negative.
func halfUp(r *big.Rat) int64 {
	twice := new(big.Int).Mul(r.Num(), big.NewInt(2))
	twice.Add(twice, r.Denom())
	return new(big.Int).Div(twice, new(big.Int).Mul(r.Denom(), big.NewInt(2))).Int64()
}

func read(t *testing.T, dir, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, cells := range rows[1:] {
		r := map[string]string{}
		for i, h := range rows[0] {
			r[h] = cells[i]
		}
		out = append(out, r)
	}
	return out
}

// writeFirm makes the files of a firm with odd rates and odd minutes.
func writeFirm(t *testing.T, dir string) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(7, 11))
	write := func(name, header string, rows []string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(header+"\n"+strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var people, clients, projects, tasks, entries []string
	for i := range 9 {
		roles := "contributor"
		if i == 0 {
			roles = "account_manager;contributor"
		}
		people = append(people, fmt.Sprintf("P%d,Person %d,p%d@firm.example,%s,makers,,%d.%02d,GBP,Europe/London", i, i, i, roles, 40+rnd.IntN(90), rnd.IntN(100)))
	}
	for i := range 4 {
		clients = append(clients, fmt.Sprintf("C%d,\"Client, the %dth\",GBP,c%d@client.example,30,%s,Europe/London", i, i, i, []string{"20", "17.5", "0", "5.125"}[i]))
		projects = append(projects, fmt.Sprintf("J%d,C%d,Project %d,P0,active,2010-01-01,,monthly,31", i, i, i))
		tasks = append(tasks, fmt.Sprintf("J%d-T,J%d,,Top,open,2,0,P0,,,,true,2010-01-01,", i, i))
	}
	for i := range 300 {
		status, done := "complete", "2014-06-30"
		if i%3 == 0 {
			status, done = "open", ""
		}
		tasks = append(tasks, fmt.Sprintf("T%d,J%d,J%d-T,Task %d,%s,%d,%d,P%d,P%d,,,false,2010-01-01,%s", i, i%4, i%4, i, status, 1+i%5, rnd.IntN(3000), i%9, i%9, done))
	}
	for i := range 3000 {
		day := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rnd.IntN(1640)).Format(time.DateOnly)
		entries = append(entries, fmt.Sprintf("E%d,T%d,P%d,%s,,%d,Work %d,%t,", i, rnd.IntN(300), rnd.IntN(9), day, 1+rnd.IntN(450), i, rnd.IntN(10) > 0))
	}
	write("people.csv", "person,name,email,roles,groups,skills,default_rate,currency,time_zone", people)
	write("clients.csv", "client,name,currency,email,payment_terms_days,tax_percent,time_zone", clients)
	write("projects.csv", "project,client,name,account_manager,status,starts_on,ends_on,billing_period,billing_anchor_day", projects)
	write("tasks.csv", "task,project,parent,title,status,priority,estimate_minutes,owner,assignee,skills,depends_on,visible_to_client,created_on,completed_on", tasks)
	write("time.csv", "entry,task,person,work_date,start,minutes,description,billable,remaining_minutes", entries)
}
