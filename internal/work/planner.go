package work

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
)

// minute counts minutes since 1970: the plan is made of them.
type minute int64

func (m minute) time() time.Time { return time.Unix(int64(m)*60, 0).UTC() }

// notBefore is the first whole minute from an instant on.
func notBefore(t time.Time) minute {
	at := t.Unix()
	if t.Nanosecond() > 0 {
		at++
	}
	return minute((at + 59) / 60)
}

// within is the whole minutes of an interval.
func within(i civil.Interval) span {
	return span{notBefore(i.Start), minute(i.End.Unix() / 60)}
}

type span struct{ from, to minute }

// planner plans: first what hangs on what, then a walk through time in which
// desks take tasks.
type planner struct {
	jobs   []job // by id: the index is the order
	desks  []desk
	now    minute
	until  minute
	events events
}

type job struct {
	Job
	left    int
	known   bool
	covers  bool // stands for open sub-tasks
	desk    int  // -1: none
	before  []int
	after   []int
	waiting int // of those before
	reason  Reason
	start   minute // 0: never
	end     minute
	cut     int
}

type desk struct {
	person uuid.UUID
	hours  []span
	next   int // the first of the hours that is not over
	ready  []int
	busy   bool // has a task, or will choose one
	blocks []Block
}

func newPlanner(in Plannable) *planner {
	all := within(civil.Interval{Start: in.AsOf, End: in.Until})
	p := &planner{now: all.from, until: all.to}
	desks := make(map[uuid.UUID]int, len(in.Desks))
	for _, d := range slices.SortedFunc(slices.Values(in.Desks), func(a, b Desk) int { return compareIDs(a.PersonID, b.PersonID) }) {
		desks[d.PersonID] = len(p.desks)
		p.desks = append(p.desks, desk{person: d.PersonID, hours: clip(d.Hours, p.now, p.until)})
	}
	for _, j := range slices.SortedFunc(slices.Values(in.Jobs), func(a, b Job) int { return compareIDs(a.ID, b.ID) }) {
		at, seated := desks[j.Assignee.ID]
		if !seated || j.Assignee.Kind != Person {
			at = -1
		}
		left, known := j.Left()
		p.jobs = append(p.jobs, job{Job: j, left: left, known: known, desk: at})
	}
	p.connect(in.Above)
	return p
}

// clip is the part of working time that the plan can use.
func clip(hours []civil.Interval, from, to minute) []span {
	var all []span
	for _, i := range hours {
		s := within(i)
		s.from, s.to = max(s.from, from), min(s.to, to)
		if s.from < s.to {
			all = append(all, s)
		}
	}
	return all
}

// connect finds what each task waits for: what it and those above it depend on,
// and its sub-tasks.
func (p *planner) connect(above []Above) {
	index, tree := make(map[uuid.UUID]int, len(p.jobs)), make(map[uuid.UUID]Above, len(p.jobs)+len(above))
	for _, a := range above {
		tree[a.ID] = a
	}
	for i, j := range p.jobs {
		index[j.ID], tree[j.ID] = i, Above{j.ID, j.ParentID, j.DependsOn}
	}
	for i := range p.jobs {
		for at, ok := tree[p.jobs[i].ID], true; ok; at, ok = tree[orNone(at.ParentID)] {
			for _, id := range at.DependsOn {
				if before, open := index[id]; open {
					p.jobs[i].before = append(p.jobs[i].before, before)
				}
			}
		}
		if parent := p.jobs[i].ParentID; parent != nil {
			if above, open := index[*parent]; open {
				p.jobs[above].before = append(p.jobs[above].before, i)
				p.jobs[above].covers, p.jobs[above].left, p.jobs[above].known = true, 0, true
			}
		}
	}
	for i := range p.jobs {
		j := &p.jobs[i]
		slices.Sort(j.before)
		j.before = slices.Compact(j.before)
		j.waiting = len(j.before)
		for _, b := range j.before {
			p.jobs[b].after = append(p.jobs[b].after, i)
		}
	}
}

// orNone is the id of no task where there is none.
func orNone(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

// sort finds the tasks that cannot be planned whatever the calendars say.
func (p *planner) sort() {
	for _, knot := range p.knots() {
		if i := knot[0]; len(knot) == 1 && !slices.Contains(p.jobs[i].before, i) {
			p.jobs[i].reason = p.reason(i)
			continue
		}
		for _, i := range knot {
			p.jobs[i].reason = DependencyCycle
		}
	}
}

// reason is why a task that is in no cycle cannot be planned, once that is
// known of all before it.
func (p *planner) reason(i int) Reason {
	j := p.jobs[i]
	switch {
	case j.Stopped:
		return ProjectStopped
	case !j.covers && j.Assignee.Kind != Person:
		return NobodyAssigned
	case !j.known:
		return NoEstimate
	case slices.ContainsFunc(j.before, func(b int) bool { return p.jobs[b].reason != "" }):
		return WaitsForUnplanned
	case j.left > 0 && (j.desk < 0 || len(p.desks[j.desk].hours) == 0):
		return NoWorkingTime
	}
	return ""
}

// knots are the tasks that wait for each other, each knot after those that it
// waits for; a task that is in no cycle is a knot of its own. (Tarjan)
func (p *planner) knots() [][]int {
	k := knotter{jobs: p.jobs, seen: make([]int, len(p.jobs)), low: make([]int, len(p.jobs)), open: make([]bool, len(p.jobs))}
	for i := range p.jobs {
		if k.seen[i] == 0 {
			k.visit(i)
		}
	}
	return k.knots
}

type knotter struct {
	jobs  []job
	count int
	seen  []int
	low   []int
	open  []bool
	stack []int
	knots [][]int
}

func (k *knotter) visit(i int) {
	k.count++
	k.seen[i], k.low[i], k.open[i] = k.count, k.count, true
	k.stack = append(k.stack, i)
	for _, b := range k.jobs[i].before {
		if k.seen[b] == 0 {
			k.visit(b)
		}
		if k.open[b] {
			k.low[i] = min(k.low[i], k.low[b])
		}
	}
	if k.low[i] != k.seen[i] {
		return
	}
	from := slices.Index(k.stack, i)
	knot := slices.Clone(k.stack[from:])
	k.stack = k.stack[:from]
	for _, member := range knot {
		k.open[member] = false
	}
	k.knots = append(k.knots, knot)
}

// event is something that happens at a minute.
type event struct {
	at    minute
	kind  kind
	index int // of the desk that chooses, or of the task
}

// kind is that of an event, in the order of those of one minute.
type kind int

const (
	ends    kind = iota
	opens        // its project starts
	chooses      // a desk does
)

type events []event

func (e events) Len() int      { return len(e) }
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e events) Less(i, j int) bool {
	a, b := e[i], e[j]
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.kind, b.kind), cmp.Compare(a.index, b.index)) < 0
}

// Push and Pop make events a heap.
func (e *events) Push(x any) { *e = append(*e, x.(event)) }

// Pop takes the last.
func (e *events) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	*e = (*e)[:last]
	return x
}

// run walks through time.
func (p *planner) run() {
	for i := range p.jobs {
		if p.jobs[i].reason == "" && p.jobs[i].waiting == 0 {
			p.release(i, p.now)
		}
	}
	for len(p.events) > 0 {
		switch e := heap.Pop(&p.events).(event); e.kind {
		case ends:
			p.finish(e.index, e.at)
		case opens:
			p.release(e.index, e.at)
		case chooses:
			p.choose(e.index, e.at)
		}
	}
}

// release lets a task be worked on from a minute on, or once its project starts.
func (p *planner) release(i int, at minute) {
	j := &p.jobs[i]
	if from := notBefore(j.NotBefore); from > at {
		if from <= p.until {
			heap.Push(&p.events, event{from, opens, i})
		}
		return
	}
	if j.left == 0 {
		j.start = at
		heap.Push(&p.events, event{at, ends, i})
		return
	}
	d := &p.desks[j.desk]
	rank, _ := slices.BinarySearchFunc(d.ready, i, p.order)
	d.ready = slices.Insert(d.ready, rank, i)
	p.wake(j.desk, at)
}

// order is which of two tasks on a desk comes last: the desk takes from the end.
func (p *planner) order(a, b int) int {
	x, y := &p.jobs[a], &p.jobs[b]
	if x.Begun != y.Begun {
		if x.Begun {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(y.Priority, x.Priority), cmp.Compare(y.length(), x.length()), cmp.Compare(b, a))
}

// wake makes a desk choose at its next working minute, if it has nothing to do.
func (p *planner) wake(desk int, at minute) {
	d := &p.desks[desk]
	if d.busy {
		return
	}
	for d.next < len(d.hours) && d.hours[d.next].to <= at {
		d.next++
	}
	if d.next == len(d.hours) {
		return
	}
	d.busy = true
	heap.Push(&p.events, event{max(at, d.hours[d.next].from), chooses, desk})
}

// choose takes the first task that can be worked on.
func (p *planner) choose(desk int, at minute) {
	d := &p.desks[desk]
	d.busy = false
	if len(d.ready) == 0 {
		return
	}
	i := d.ready[len(d.ready)-1]
	d.ready = d.ready[:len(d.ready)-1]
	j := &p.jobs[i]
	j.start, j.cut = at, j.left
	for ; j.cut > 0 && d.next < len(d.hours); d.next++ {
		h := d.hours[d.next]
		from := max(at, h.from)
		to := min(h.to, from+minute(j.cut))
		d.blocks = append(d.blocks, Block{TaskID: j.ID, Start: from.time(), End: to.time(), Minutes: int(to - from)})
		j.cut -= int(to - from)
		if j.cut == 0 {
			heap.Push(&p.events, event{to, ends, i})
			p.wake(desk, to)
			return
		}
	}
}

// finish ends a task and lets go what waited for it alone.
func (p *planner) finish(i int, at minute) {
	p.jobs[i].end = at
	for _, after := range p.jobs[i].after {
		j := &p.jobs[after]
		j.waiting--
		if j.waiting == 0 && j.reason == "" {
			p.release(after, at)
		}
	}
}

// plan is what came of it.
func (p *planner) plan(in Plannable) Plan {
	plan := Plan{AsOf: in.AsOf, Until: in.Until}
	for _, d := range p.desks {
		plan.Desks = append(plan.Desks, DeskPlan{PersonID: d.person, Blocks: d.blocks})
	}
	p.coverSubtasks()
	for _, j := range p.jobs {
		plan.Tasks = append(plan.Tasks, j.projection())
		if j.reason == "" && j.start == 0 {
			j.reason = AfterHorizon
		}
		if j.reason != "" && (!j.covers || j.reason == DependencyCycle) {
			plan.Unplanned = append(plan.Unplanned, Unplanned{j.ID, j.reason})
		}
	}
	return plan
}

// coverSubtasks lets a task with sub-tasks begin with the first of them, from
// the leaves of the tree up.
func (p *planner) coverSubtasks() {
	index := make(map[uuid.UUID]int, len(p.jobs))
	for i := range p.jobs {
		index[p.jobs[i].ID] = i
		if p.jobs[i].covers {
			p.jobs[i].start = 0
		}
	}
	for i := range p.jobs {
		if p.jobs[i].covers || p.jobs[i].start == 0 {
			continue
		}
		start := p.jobs[i].start
		for at, ok := i, true; ok && p.jobs[at].ParentID != nil; {
			if at, ok = index[*p.jobs[at].ParentID]; !ok {
				break
			}
			if above := &p.jobs[at]; above.start == 0 || start < above.start {
				above.start = start
				continue
			}
			break
		}
	}
}

func (j job) projection() Projection {
	at := func(m minute) time.Time {
		if m == 0 {
			return time.Time{}
		}
		return m.time()
	}
	r := Projection{TaskID: j.ID, Start: at(j.start), End: at(j.end), Left: j.left}
	if j.start != 0 && j.end == 0 {
		r.Cut = j.cut
	}
	return r
}
