package e2e

import (
	"encoding/csv"
	"fmt"
	"math/big"
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
		fixture.WriteFirm(t, dir, 300, 3000)
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
