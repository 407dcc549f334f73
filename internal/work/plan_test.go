package work_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/work"
)

var update = flag.Bool("update", false, "write the golden plans and docs/machines.md afresh")

// monday is when the plans of these tests are made.
var monday = time.Date(2026, time.November, 23, 8, 0, 0, 0, time.UTC)

// id makes ids that can be read: id('a', 1).
func id(kind byte, n int) uuid.UUID { return uuid.UUID{0: kind, 14: byte(n >> 8), 15: byte(n)} }

func name(u uuid.UUID) string { return fmt.Sprintf("%c%d", u[0], int(u[14])<<8|int(u[15])) }

// at is a desk with the usual hours.
func at(t testing.TB, person uuid.UUID, c civil.Calendar, from, until time.Time) work.Desk {
	t.Helper()
	h, err := c.Hours(time.UTC, nil)
	if err != nil {
		t.Fatal(err)
	}
	return work.Desk{PersonID: person, Hours: h.Spans(from, until)}
}

// jobs reads a table: id, assignee (p1, g1 or -), priority, estimate, and what
// else is said of it.
func jobs(t testing.TB, table string) []work.Job {
	t.Helper()
	var all []work.Job
	read := func(s string) uuid.UUID {
		n := 0
		if _, err := fmt.Sscanf(s[1:], "%d", &n); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		return id(s[0], n)
	}
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		j := work.Job{ID: read(f[0])}
		switch f[1][0] {
		case 'p':
			j.Assignee = work.Assignee{Kind: work.Person, ID: read(f[1])}
		case 'g':
			j.Assignee = work.Assignee{Kind: work.Group, ID: read(f[1])}
		}
		fmt.Sscan(f[2], &j.Priority)
		number := func(s string) *int {
			n := 0
			if _, err := fmt.Sscan(s, &n); err != nil {
				t.Fatal(err)
			}
			return &n
		}
		if f[3] != "-" {
			j.Estimate = number(f[3])
		}
		for _, w := range f[4:] {
			switch key, value, _ := strings.Cut(w, "="); key {
			case "after":
				for _, d := range strings.Split(value, ",") {
					j.DependsOn = append(j.DependsOn, read(d))
				}
			case "under":
				parent := read(value)
				j.ParentID = &parent
			case "remaining":
				j.Remaining = number(value)
			case "worked":
				j.Worked = *number(value)
			case "from": // hours after the plan begins
				j.NotBefore = monday.Add(time.Duration(*number(value)) * time.Hour)
			case "begun":
				j.Begun = true
			case "parent":
				j.Parent = true
			case "stopped":
				j.Stopped = true
			default:
				t.Fatal(w)
			}
		}
		all = append(all, j)
	}
	return all
}

// text is a plan as people read it.
func text(p work.Plan) string {
	var b strings.Builder
	when := func(t time.Time) string {
		if t.IsZero() {
			return "—"
		}
		return t.Format("Mon 2 15:04")
	}
	for _, d := range p.Desks {
		fmt.Fprintf(&b, "%s\n", name(d.PersonID))
		for _, k := range d.Blocks {
			fmt.Fprintf(&b, "  %s  %s to %s  %d min\n", name(k.TaskID), when(k.Start), k.End.Format("15:04"), k.Minutes)
		}
	}
	for _, t := range p.Tasks {
		cut := ""
		if t.Cut > 0 {
			cut = fmt.Sprintf(", %d of them beyond", t.Cut)
		}
		fmt.Fprintf(&b, "%s  from %s to %s, %d min%s\n", name(t.TaskID), when(t.Start), when(t.End), t.Left, cut)
	}
	for _, u := range p.Unplanned {
		fmt.Fprintf(&b, "%s  not planned: %s\n", name(u.TaskID), u.Reason)
	}
	return b.String()
}

// plan plans the table for p1, p2 and p3, who work as is usual, and p9, who never does.
func plan(t testing.TB, table string) work.Plan {
	t.Helper()
	in := work.Plannable{AsOf: monday, Until: monday.Add(work.Ahead), Jobs: jobs(t, table)}
	for n := 1; n <= 3; n++ {
		in.Desks = append(in.Desks, at(t, id('p', n), civil.Usual(), in.AsOf, in.Until))
	}
	in.Desks = append(in.Desks, work.Desk{PersonID: id('p', 9)})
	return work.MakePlan(in)
}

// order is in which order a desk takes its tasks.
func order(p work.Plan, person uuid.UUID) string {
	var all []string
	for _, d := range p.Desks {
		for _, b := range d.Blocks {
			if d.PersonID == person && !slices.Contains(all, name(b.TaskID)) {
				all = append(all, name(b.TaskID))
			}
		}
	}
	return strings.Join(all, " ")
}

func TestADeskTakesItsTasksInOrder(t *testing.T) { // S1.43, S1.44
	for _, c := range []struct{ name, table, want string }{
		{"by priority", "t1 p1 3 60\nt2 p1 1 60\nt3 p1 2 60", "t2 t3 t1"},
		{"by priority however long it takes", "t1 p1 2 30\nt2 p1 1 600", "t2 t1"},
		{"then the shortest", "t1 p1 3 90\nt2 p1 3 30\nt3 p1 3 60", "t2 t3 t1"},
		{"then the oldest", "t3 p1 3 60\nt1 p1 3 60\nt2 p1 3 60", "t1 t2 t3"},
		{"what is in hand first", "t1 p1 1 60\nt2 p1 5 600 begun", "t2 t1"},
		{"the estimate, not what is left of it", "t1 p1 3 300 remaining=10\nt2 p1 3 60", "t2 t1"},
		{"without an estimate by what is left", "t1 p1 3 - remaining=100\nt2 p1 3 60", "t2 t1"},
		{"dependencies before priority", "t1 p1 1 60 after=t2\nt2 p1 5 60\nt3 p1 4 30", "t3 t2 t1"},
		{"somebody else's work is waited for with other work", "t1 p1 1 60 after=t2\nt2 p2 1 60\nt3 p1 5 90", "t3 t1"},
		{"planned tasks too", "t1 p1 1 60\nt2 p1 2 60", "t1 t2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := order(plan(t, c.table), id('p', 1)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestWhatIsLeftToDo(t *testing.T) { // S1.23, S1.42
	n := func(v int) *int { return &v }
	for _, c := range []struct {
		name  string
		job   work.Job
		want  int
		known bool
	}{
		{"nothing is known", work.Job{}, 0, false},
		{"nor after some work", work.Job{Worked: 60}, 0, false},
		{"the estimate", work.Job{Estimate: n(100)}, 100, true},
		{"less the work", work.Job{Estimate: n(100), Worked: 30}, 70, true},
		{"and not less than nothing", work.Job{Estimate: n(100), Worked: 130}, 0, true},
		{"an estimate of nothing is one", work.Job{Estimate: n(0)}, 0, true},
		{"what was said", work.Job{Estimate: n(100), Remaining: n(80), Worked: 90}, 80, true},
		{"nothing, if that was said", work.Job{Estimate: n(100), Remaining: n(0)}, 0, true},
		{"without an estimate", work.Job{Remaining: n(5)}, 5, true},
		{"of a task with sub-tasks what was said", work.Job{Parent: true, Estimate: n(1000), Remaining: n(5)}, 5, true},
		{"or nothing", work.Job{Parent: true, Estimate: n(1000)}, 0, true},
	} {
		if got, known := c.job.Left(); got != c.want || known != c.known {
			t.Errorf("%s: got %d, %v, want %d, %v", c.name, got, known, c.want, c.known)
		}
	}
}

func TestWhatCannotBePlannedSaysWhy(t *testing.T) { // S1.42
	for _, c := range []struct{ name, table, want string }{
		{"nobody has it", "t1 - 3 60\nt2 g1 3 60", "t1 nobody_assigned, t2 nobody_assigned"},
		{"nobody said how long", "t1 p1 3 -\nt2 p1 3 - worked=60", "t1 no_estimate, t2 no_estimate"},
		{"it waits for itself", "t1 p1 3 60 after=t1", "t1 dependency_cycle"},
		{"by way of other desks", "t1 p1 3 60 after=t2\nt2 p2 3 60 after=t3\nt3 p3 3 60 after=t1\nt4 p1 3 60 after=t3\nt5 p1 3 60",
			"t1 dependency_cycle, t2 dependency_cycle, t3 dependency_cycle, t4 waits_for_unplanned"},
		{"by way of a group", "t1 p1 3 60 after=t2\nt2 g1 3 60 after=t1", "t1 dependency_cycle, t2 dependency_cycle"},
		{"by way of the task above", "t1 p1 3 60 parent\nt2 p2 3 60 under=t1 after=t1", "t1 dependency_cycle, t2 dependency_cycle"},
		{"by way of what the task above depends on", "t1 p1 3 60 parent after=t2\nt2 p2 3 60 after=t3\nt3 p3 3 60 under=t1", "t2 dependency_cycle, t3 dependency_cycle"}, // S1.31
		{"what the task above depends on has no place", "t1 p1 3 60 parent after=t3\nt2 p1 3 60 under=t1\nt3 g1 3 60", "t2 waits_for_unplanned, t3 nobody_assigned"},
		{"what it depends on has no place", "t1 g1 3 60\nt2 p1 3 60 after=t1\nt3 p2 3 60 after=t2", "t1 nobody_assigned, t2 waits_for_unplanned, t3 waits_for_unplanned"},
		{"it comes too late", "t1 p1 1 100000\nt2 p1 2 60\nt3 p2 3 60 after=t1", "t2 beyond_horizon, t3 beyond_horizon"},
		{"nobody is at work", "t1 p9 3 60\nt2 p7 3 60\nt3 p1 3 60 after=t1", "t1 no_working_time, t2 no_working_time, t3 waits_for_unplanned"},
		{"its project has stopped", "t1 p1 3 60 stopped\nt2 p1 3 60 after=t1", "t1 project_stopped, t2 waits_for_unplanned"},
		{"what is done is no reason", "t1 p1 3 60 after=t8", ""},
		{"nothing left takes nobody", "t1 p9 3 0\nt2 p1 3 60 after=t1", ""},
		{"a sub-task without a place", "t1 p1 3 60 parent\nt2 p2 3 - under=t1\nt3 p3 3 60 after=t1", "t2 no_estimate, t3 waits_for_unplanned"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, u := range plan(t, c.table).Unplanned {
				got = append(got, fmt.Sprintf("%s %s", name(u.TaskID), u.Reason))
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("got %s, want %s", strings.Join(got, ", "), c.want)
			}
		})
	}
}

func TestSubTasksWaitForWhatTheTaskAboveDependsOn(t *testing.T) { // S1.31, S1.42, S1.44
	const analysis = "t1 p2 3 120\n"
	for name, table := range map[string]string{
		"a sub-task":             analysis + "t2 p3 3 900 parent after=t1\nt3 p1 1 60 under=t2",
		"at any depth":           analysis + "t2 p3 3 900 parent after=t1\nt4 p3 3 900 parent under=t2\nt5 p3 3 900 parent under=t4\nt3 p1 1 60 under=t5",
		"beside other work":      analysis + "t2 p3 3 900 parent after=t1\nt3 p1 1 60 under=t2\nt4 p1 5 30",
		"what it depends on too": "t1 p2 3 90\nt6 p2 4 30\nt2 p3 3 900 parent after=t1\nt3 p1 1 60 under=t2 after=t6",
	} {
		if got, _ := plan(t, table).ByID(id('t', 3)); !got.Start.Equal(monday.Add(3 * time.Hour)) { // p2 has ended then
			t.Errorf("%s begins at %v", name, got.Start)
		}
	}
	closed := id('u', 1) // between them
	in := work.Plannable{AsOf: monday, Until: monday.Add(work.Ahead), Jobs: jobs(t, analysis+"t2 p3 3 900 after=t1\nt3 p1 1 60\nt4 p1 2 60")}
	in.Jobs[2].ParentID, in.Jobs[3].ParentID = &closed, &closed
	in.Above = []work.Above{{ID: closed, ParentID: &in.Jobs[1].ID}}
	for n := 1; n <= 3; n++ {
		in.Desks = append(in.Desks, at(t, id('p', n), civil.Usual(), in.AsOf, in.Until))
	}
	if got := work.MakePlan(in); !got.Desks[0].Blocks[0].Start.Equal(monday.Add(3 * time.Hour)) {
		t.Errorf("below a closed task they begin so:\n%s", text(got))
	}
}

func TestNothingBeginsBeforeItsProjectDoes(t *testing.T) { // S1.42, S1.66
	for _, c := range []struct{ name, table, want string }{
		{"it waits", "t1 p1 1 60 from=25", "t1 Tue 24 09:00"},
		{"until the middle of a day", "t1 p1 1 60 from=3", "t1 Mon 23 11:00"},
		{"while other work is done", "t1 p1 1 60 from=2 begun\nt2 p1 5 300", "t1 Mon 23 15:00, t2 Mon 23 09:00"},
		{"and is done first from then on", "t1 p1 1 60 from=2\nt2 p1 5 60\nt3 p1 4 90", "t1 Mon 23 10:30, t2 Mon 23 11:30, t3 Mon 23 09:00"},
		{"what depends on it follows", "t1 p1 1 60 from=25\nt2 p2 1 60 after=t1", "t1 Tue 24 09:00, t2 Tue 24 10:00"},
		{"what is done too", "t1 p1 1 0 from=26\nt2 p2 1 60 after=t1", "t1 Tue 24 10:00, t2 Tue 24 10:00"},
		{"it has begun", "t1 p1 1 60 from=-100", "t1 Mon 23 09:00"},
		{"it begins when what it waits for is over", "t1 p1 1 60 from=2 after=t2\nt2 p2 1 240", "t1 Mon 23 14:00, t2 Mon 23 09:00"},
		{"too late for this plan", "t1 p1 1 60 from=400\nt2 p1 1 0 from=400\nt3 p2 1 60 after=t2", "t1 beyond_horizon, t2 beyond_horizon, t3 beyond_horizon"},
	} {
		p, got := plan(t, c.table), []string(nil)
		for _, r := range p.Tasks {
			if !r.Start.IsZero() {
				got = append(got, name(r.TaskID)+r.Start.Format(" Mon 2 15:04"))
			}
		}
		for _, u := range p.Unplanned {
			got = append(got, fmt.Sprintf("%s %s", name(u.TaskID), u.Reason))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: got %s, want %s", c.name, strings.Join(got, ", "), c.want)
		}
	}
}

func TestPlansAreTheGoldenOnes(t *testing.T) { // S1.42, S1.43, S1.44, S1.45, S1.06
	for file, table := range map[string]string{
		"days":         "t1 p1 2 600\nt2 p1 3 60\nt3 p1 3 400",                                        // over breaks, nights and a week's end
		"hand-over":    "t1 p1 1 120\nt2 p2 1 500 after=t1\nt3 p1 2 60 after=t2\nt4 p3 3 30 after=t3", // from desk to desk
		"horizon":      "t1 p1 1 4600\nt2 p1 2 10\nt3 p2 1 4500\nt4 p2 2 1",                           // 4,500 minutes are two weeks
		"sub-tasks":    "t1 p3 1 9000 parent\nt2 p1 2 100 under=t1\nt3 p2 3 200 under=t1 after=t2\nt4 p3 3 60 after=t1\nt5 p3 1 900 parent remaining=20",
		"nothing-left": "t1 p1 3 60 worked=90\nt2 p1 3 50\nt3 p2 3 30 after=t1\nt4 p2 3 0 after=t3\nt5 p3 3 10 after=t4,t2",
	} {
		t.Run(file, func(t *testing.T) {
			got := text(plan(t, table))
			path := "testdata/" + file + ".plan"
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPlanBeginsWithAWholeMinute(t *testing.T) { // S1.42
	now := monday.Add(90*time.Minute + 30*time.Second)
	in := work.Plannable{AsOf: now, Until: now.Add(work.Ahead), Jobs: jobs(t, "t1 p1 3 30")}
	in.Desks = []work.Desk{at(t, id('p', 1), civil.Usual(), in.AsOf, in.Until)}
	b := work.MakePlan(in).Desks[0].Blocks
	if len(b) != 1 || !b[0].Start.Equal(monday.Add(91*time.Minute)) || b[0].Minutes != 30 || b[0].End.Sub(b[0].Start) != 30*time.Minute {
		t.Errorf("got %v", b)
	}
}

// firm is a large firm with work for all.
func firm(t testing.TB, people, tasks int) work.Plannable {
	r := rand.New(rand.NewPCG(1, 2))
	in := work.Plannable{AsOf: monday, Until: monday.Add(work.Ahead)}
	for n := range people {
		in.Desks = append(in.Desks, at(t, id('p', n), civil.Usual(), in.AsOf, in.Until))
	}
	for n := range tasks {
		estimate := 15 * (1 + r.IntN(40))
		j := work.Job{ID: id('t', n), Assignee: work.Assignee{Kind: work.Person, ID: id('p', r.IntN(people))}, Priority: 1 + r.IntN(5), Estimate: &estimate}
		for range r.IntN(3) {
			if n > 0 {
				j.DependsOn = append(j.DependsOn, id('t', max(0, n-1-r.IntN(200))))
			}
		}
		in.Jobs = append(in.Jobs, j)
	}
	return in
}

func BenchmarkPlanOf500PeopleWith10000Tasks(b *testing.B) {
	in := firm(b, 500, 10_000)
	for b.Loop() {
		work.MakePlan(in)
	}
}
