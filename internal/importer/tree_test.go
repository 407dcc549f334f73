package importer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// tree is the small firm with these tasks in place of its own, each as
// "key parent depends_on", - for none, and no time.
func tree(rows ...string) files {
	f := small()
	var b strings.Builder
	b.WriteString("task,project,parent,depends_on,title\n")
	for _, r := range rows {
		c := strings.Fields(strings.ReplaceAll(r, "-", "''"))
		for i := range c {
			c[i] = strings.Trim(c[i], "'")
		}
		fmt.Fprintf(&b, "%s,ACME,%s,%s,Title\n", c[0], c[1], c[2])
	}
	f[tasksFile] = b.String()
	f[timeFile], _, _ = strings.Cut(f[timeFile], "\n")
	return f
}

func TestTreesOfTasks(t *testing.T) { // S1.31, S1.35, N.18
	for _, c := range []struct {
		rows []string
		want string // line, column and code of each problem
	}{
		{[]string{"A B -", "B C -", "C - -"}, ""},
		{[]string{"A - B;C", "B - C", "C - -"}, ""},
		{[]string{"A A -"}, "2 parent parent_cycle"},
		{[]string{"A - A"}, "2 depends_on dependency_cycle"},
		{[]string{"A B -", "B A -"}, "2 parent parent_cycle, 3 parent parent_cycle"},
		{[]string{"A - B", "B - C", "C - A", "D - A", "E D -", "F - -"},
			"2 depends_on dependency_cycle, 3 depends_on dependency_cycle, 4 depends_on dependency_cycle, " +
				"5 depends_on refused_row, 6 parent refused_row"},
		{[]string{"A B -", "B C -", "C B -"},
			"2 parent refused_row, 3 parent parent_cycle, 4 parent parent_cycle"},
		{[]string{"A X -", "B A -", "C - B"},
			"2 parent unknown_task, 3 parent refused_row, 4 depends_on refused_row"},
		{[]string{"C - B", "B A -", "A X -"},
			"2 depends_on refused_row, 3 parent refused_row, 4 parent unknown_task"},
		{[]string{"A - B;X", "B - A"},
			"2 depends_on unknown_task, 2 depends_on dependency_cycle, 3 depends_on dependency_cycle"},
		{[]string{"P - X", "C P -", "X - -"}, ""},
		{[]string{"P - X", "X - C", "C P -"}, // C waits for X with P
			"2 depends_on dependency_cycle, 3 depends_on dependency_cycle, 4 depends_on dependency_cycle"},
		{[]string{"P - X", "X - -", "Y X D", "C P -", "D C -"}, // X is complete after Y, and Y starts after D
			"2 depends_on dependency_cycle, 3 depends_on dependency_cycle, 4 depends_on dependency_cycle, " +
				"5 depends_on dependency_cycle, 6 depends_on dependency_cycle"},
		{[]string{"P - -", "C P P"}, "2 depends_on dependency_cycle, 3 depends_on dependency_cycle"},
		{[]string{"P - C", "C P -"}, "2 depends_on dependency_cycle, 3 depends_on dependency_cycle"},
		{[]string{"P - -", "C P D", "D P -"}, ""},
		{[]string{"A B A", "B A -"}, "2 parent parent_cycle, 2 depends_on dependency_cycle, 3 parent parent_cycle"},
	} {
		var got []string
		for _, p := range checked(t, tree(c.rows...), Options{}).report().Problems {
			got = append(got, fmt.Sprintf("%d %s %s", p.Line, p.Column, p.Code))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%v:\ngot  %s\nwant %s", c.rows, s, c.want)
		}
	}
}

func TestACircleIsShown(t *testing.T) { // S1.31
	p := checked(t, tree("A - B", "B - C", "C - A"), Options{}).report().Problems
	if want := "the task waits for itself: A → B → C → A"; p[0].Reason != want {
		t.Errorf("got %q, want %q", p[0].Reason, want)
	}
}

func TestLongChainsOfTasks(t *testing.T) { // N.18
	var rows, knots []string
	for i := range 50_000 {
		rows = append(rows, fmt.Sprintf("T%d T%d -", i, i+1), fmt.Sprintf("D%d - D%d", i, i+1))
		knots = append(knots, fmt.Sprintf("T%d T%d T%d", i, i+1, i+1))
	}
	x := checked(t, tree(append(rows, "T50000 - -", "D50000 - T0")...), Options{})
	if got := len(x.add.tasks); got != 100_002 || x.problems.total() > 0 {
		t.Fatalf("%d tasks, %d problems", got, x.problems.total())
	}
	if x.add.tasks[0].Key != "T50000" {
		t.Errorf("the first is %s", x.add.tasks[0].Key)
	}
	x = checked(t, tree(append(knots, "T50000 - -")...), Options{Partial: true})
	if got := len(x.add.tasks); got != 0 {
		t.Errorf("%d tasks wait for the one above and are good", got)
	}
}

// In a random graph the good rows hold no circle and need no refused one, and
// every refused row is refused for a reason.
func TestWhatIsGoodStandsAlone(t *testing.T) { // N.18
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "tasks")
		name := func(label string) string {
			return fmt.Sprintf("T%d", rapid.IntRange(0, n+1).Draw(t, label)) // the last two are nowhere
		}
		var rows []string
		for i := range n {
			parent, on := "-", "-"
			if rapid.Bool().Draw(t, "has parent") {
				parent = name("parent")
			}
			if rapid.Bool().Draw(t, "waits") {
				on = name("on") + ";" + name("on")
			}
			rows = append(rows, fmt.Sprintf("T%d %s %s", i, parent, on))
		}
		x := newFirm(tree(rows...).fs(), nothing, filled(Options{Partial: true}, time.Now, uuid.New))
		if err := x.read(t.Context()); err != nil {
			t.Fatal(err)
		}
		standsAlone(t, x, n)
	})
}

func standsAlone(t *rapid.T, x *firm, n int) {
	c := x.counts[tasksFile]
	if c.Read != n || len(x.add.tasks)+c.Refused != n {
		t.Fatalf("%d read, %d good, %d refused, want %d", c.Read, len(x.add.tasks), c.Refused, n)
	}
	reasons := map[int]bool{}
	for _, p := range x.report().Problems {
		reasons[p.Line] = true
	}
	if len(reasons) != c.Refused {
		t.Fatalf("%d rows have reasons, %d are refused", len(reasons), c.Refused)
	}
	good := x.add.tasks
	for i, g := range good {
		if g.above != nil && !slices.Contains(good[:i], g.above) {
			t.Fatalf("parent of %s is not before it", g.Key)
		}
	}
	started, done := map[*task]bool{}, map[*task]bool{}
	for range 2 * len(good) { // one more starts or is done each time, or there is a circle
		for _, g := range good {
			if (g.above == nil || started[g.above]) && !slices.ContainsFunc(g.before, func(p *task) bool { return !done[p] }) {
				started[g] = true
			}
			if started[g] && !slices.ContainsFunc(good, func(c *task) bool { return c.above == g && !done[c] }) {
				done[g] = true
			}
		}
	}
	if len(done) != len(good) {
		t.Fatalf("%d of %d can ever be done", len(done), len(good))
	}
}
