package importer

import "strings"

// link finds what the tasks refer to, and refuses those that cannot be.
func (f *firm) link(rows []*task) {
	for _, t := range rows {
		f.linkParent(t)
		f.linkDependencies(t)
	}
	for _, loop := range loops(rows, func(t *task) []*task { return one(t.above) }) {
		for _, t := range loop {
			f.problem(t, "parent", ParentCycle, "the task is below itself: %s", route(loop))
		}
	}
	for _, loop := range loops(rows, func(t *task) []*task { return t.before }) {
		for _, t := range loop {
			f.problem(t, "depends_on", DependencyCycle, "the task waits for itself: %s", route(loop))
		}
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
		if p == nil {
			f.problem(t, "depends_on", code, "%s", reason)
			continue
		}
		t.before = append(t.before, p)
		t.DependsOn = append(t.DependsOn, p.ID)
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

// loops finds circles: every task that leads back to itself by next is in one,
// or leads to one.
func loops(rows []*task, next func(*task) []*task) [][]*task {
	w := walk{next: next, place: map[*task]int{}}
	for _, t := range rows {
		w.from(t)
	}
	return w.found
}

// A walk goes into the depth, without recursion: chains may be long.
type walk struct {
	next  func(*task) []*task
	place map[*task]int // on the path: its place there from 1 on; -1: left
	path  []*task
	todo  [][]*task // for each task on the path: where it still leads
	found [][]*task
}

func (w *walk) from(t *task) {
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

func (w *walk) enter(t *task) {
	switch at := w.place[t]; {
	case at > 0:
		w.found = append(w.found, append([]*task(nil), w.path[at-1:]...))
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
