package importer

import "strings"

// link finds what the tasks refer to, and refuses those that cannot be.
func (f *firm) link(rows []*task) {
	for _, t := range rows {
		f.linkParent(t)
		f.linkDependencies(t)
	}
	loose := map[*task]bool{} // in no tree
	for _, loop := range loops(rows, func(t *task) []*task { return one(t.above) }) {
		for _, t := range loop {
			f.problem(t, "parent", ParentCycle, "the task is below itself: %s", route(loop))
			loose[t] = true
		}
	}
	for _, loop := range knots(rows, loose) {
		f.refuseKnot(loop)
	}
	f.spread(rows)
	for _, t := range rows {
		if t.bad && f.tasks.fresh[t.Key] == t {
			f.tasks.refuse(t.Key)
		}
	}
}

func (f *firm) linkParent(t *task) {
	if t.parent == "" {
		return
	}
	p, code, reason := f.tasks.find(t.parent)
	switch {
	case p == nil:
		f.problem(t, "parent", code, "%s", reason)
	case p.project != nil && t.project != nil && p.ProjectID != t.ProjectID:
		f.problem(t, "parent", ParentElsewhere, "task %s is in project %s", quote(t.parent), quote(p.project.Key))
	default:
		t.above, t.ParentID = p, p.ID
	}
}

func (f *firm) linkDependencies(t *task) {
	for _, key := range t.dependsOn {
		p, code, reason := f.tasks.find(key)
		switch {
		case p == nil:
			f.problem(t, "depends_on", code, "%s", reason)
		case p.project != nil && t.project != nil && p.ProjectID != t.ProjectID: // S1.31
			f.problem(t, "depends_on", DependsElsewhere, "task %s is in project %s; a task depends only on tasks of its own project", quote(key), quote(p.project.Key))
		default:
			t.before = append(t.before, p)
			t.DependsOn = append(t.DependsOn, p.ID)
		}
	}
}

// refuseKnot refuses tasks that wait for each other, but what is stored already.
func (f *firm) refuseKnot(loop []*task) {
	told := map[*task]bool{}
	for _, t := range loop {
		if t.line > 0 && !told[t] {
			f.problem(t, "depends_on", DependencyCycle, "the task waits for itself: %s", route(loop))
		}
		told[t] = true
	}
}

// spread refuses what depends on a refused task, directly or not.
func (f *firm) spread(rows []*task) {
	below, after := map[*task][]*task{}, map[*task][]*task{}
	var bad []*task
	for _, t := range rows {
		for _, p := range one(t.above) {
			below[p] = append(below[p], t)
		}
		for _, p := range t.before {
			after[p] = append(after[p], t)
		}
		if t.bad {
			bad = append(bad, t)
		}
	}
	for ; len(bad) > 0; bad = bad[1:] {
		bad = append(bad, f.drag(bad[0], "parent", below)...)
		bad = append(bad, f.drag(bad[0], "depends_on", after)...)
	}
}

// drag refuses the good tasks that refer to a bad one in a column.
func (f *firm) drag(bad *task, column string, refer map[*task][]*task) (more []*task) {
	for _, t := range refer[bad] {
		if t.bad {
			continue
		}
		f.problem(t, column, RefusedRow, "task %s was refused: %s, line %d", quote(bad.Key), tasksFile, bad.line)
		more = append(more, t)
	}
	return more
}

// parentsFirst orders the good rows: in file order, but a parent before its
// sub-tasks. Their numbers follow it.
func parentsFirst(rows []*task) []*task {
	placed := map[*task]bool{}
	var all []*task
	for _, t := range rows {
		var up []*task
		for ; t != nil && t.line > 0 && !t.bad && !placed[t]; t = t.above {
			placed[t] = true
			up = append(up, t)
		}
		for i := len(up) - 1; i >= 0; i-- {
			all = append(all, up[i])
		}
	}
	return all
}

// A moment is when a task starts, or when it is complete.
type moment struct {
	*task
	starts bool
}

// knots finds tasks that wait for each other (S1.31). A task starts after all
// that it and those above it depend on are complete, and is complete after all
// that is below it.
func knots(rows []*task, loose map[*task]bool) [][]*task {
	below := map[*task][]moment{}
	ends := make([]moment, len(rows))
	for i, t := range rows {
		if ends[i] = (moment{t, false}); t.above != nil && !loose[t] {
			below[t.above] = append(below[t.above], ends[i])
		}
	}
	var all [][]*task
	for _, loop := range loops(ends, func(m moment) []moment {
		if !m.starts {
			return append([]moment{{m.task, true}}, below[m.task]...)
		}
		var first []moment
		if m.above != nil && !loose[m.task] {
			first = append(first, moment{m.above, true})
		}
		for _, p := range m.before {
			first = append(first, moment{p, false})
		}
		return first
	}) {
		all = append(all, tasksOf(loop))
	}
	return all
}

// tasksOf is a circle of moments as one of tasks.
func tasksOf(loop []moment) []*task {
	var all []*task
	for _, m := range loop {
		if len(all) == 0 || all[len(all)-1] != m.task {
			all = append(all, m.task)
		}
	}
	if last := len(all) - 1; last > 0 && all[last] == all[0] {
		all = all[:last]
	}
	return all
}

// loops finds circles: all that leads back to itself by next is in one, or leads
// to one.
func loops[N comparable](all []N, next func(N) []N) [][]N {
	w := walk[N]{next: next, place: map[N]int{}}
	for _, n := range all {
		w.from(n)
	}
	return w.found
}

// A walk goes into the depth, without recursion: chains may be long. What is in
// a circle is not followed further.
type walk[N comparable] struct {
	next  func(N) []N
	place map[N]int // on the path: its place there from 1 on; -1: left
	path  []N
	todo  [][]N // for each on the path: where it still leads
	found [][]N
}

func (w *walk[N]) from(t N) {
	w.enter(t)
	for len(w.path) > 0 {
		last := len(w.path) - 1
		if len(w.todo[last]) == 0 {
			w.place[w.path[last]] = -1
			w.path, w.todo = w.path[:last], w.todo[:last]
			continue
		}
		to := w.todo[last][0]
		w.todo[last] = w.todo[last][1:]
		w.enter(to)
	}
}

func (w *walk[N]) enter(t N) {
	switch at := w.place[t]; {
	case at > 0:
		w.found = append(w.found, append([]N(nil), w.path[at-1:]...))
		clear(w.todo[at-1:])
	case at == 0:
		w.path = append(w.path, t)
		w.todo = append(w.todo, w.next(t))
		w.place[t] = len(w.path)
	}
}

func one(t *task) []*task {
	if t == nil {
		return nil
	}
	return []*task{t}
}

// route shows a circle: "T1 → T2 → T1".
func route(loop []*task) string {
	var b strings.Builder
	for i, t := range loop {
		if i == 8 {
			b.WriteString("… → ")
			break
		}
		b.WriteString(shorten(t.Key, 40) + " → ")
	}
	return b.String() + shorten(loop[0].Key, 40)
}
