package work_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"steward/internal/civil"
	"steward/internal/work"
)

// drawn is a small firm by chance: cycles, groups, gaps and all.
func drawn(r *rapid.T) work.Plannable {
	in := work.Plannable{AsOf: monday, Until: monday.Add(work.Ahead)}
	people := rapid.IntRange(1, 4).Draw(r, "people")
	for p := range people {
		d := work.Desk{PersonID: id('p', p)}
		from := in.AsOf
		for range rapid.IntRange(0, 12).Draw(r, "intervals") {
			from = from.Add(time.Duration(rapid.IntRange(0, 600).Draw(r, "gap")) * time.Minute)
			to := from.Add(time.Duration(rapid.IntRange(1, 300).Draw(r, "length")) * time.Minute)
			d.Hours = append(d.Hours, civil.Interval{Start: from, End: to})
			from = to
		}
		in.Desks = append(in.Desks, d)
	}
	minutes := func(name string, most int) *int {
		if rapid.IntRange(0, 5).Draw(r, name+" said") == 0 {
			return nil
		}
		v := rapid.IntRange(0, most).Draw(r, name)
		return &v
	}
	count := rapid.IntRange(0, 25).Draw(r, "tasks")
	for n := range count {
		j := work.Job{
			ID: id('t', n), Priority: rapid.IntRange(1, 5).Draw(r, "priority"), Estimate: minutes("estimate", 400),
			Worked: rapid.IntRange(0, 100).Draw(r, "worked"), Begun: rapid.IntRange(0, 9).Draw(r, "begun") == 0,
			Assignee: work.Assignee{Kind: work.Person, ID: id('p', rapid.IntRange(0, people).Draw(r, "assignee"))}, // one more than there are
		}
		if rapid.IntRange(0, 3).Draw(r, "remains") == 0 {
			j.Remaining = minutes("remaining", 300)
		}
		if rapid.IntRange(0, 5).Draw(r, "starts later") == 0 {
			j.NotBefore = in.AsOf.Add(time.Duration(rapid.IntRange(-600, 15*24*60).Draw(r, "not before")) * time.Minute)
		}
		if rapid.IntRange(0, 15).Draw(r, "in a group") == 0 {
			j.Assignee = work.Assignee{Kind: work.Group, ID: id('g', 1)}
		}
		for range rapid.IntRange(0, 2).Draw(r, "dependencies") {
			j.DependsOn = append(j.DependsOn, id('t', pick(r, n, count)))
		}
		if n > 0 && rapid.IntRange(0, 3).Draw(r, "is below") == 0 {
			above := id('t', rapid.IntRange(0, n-1).Draw(r, "parent"))
			j.ParentID = &above
		}
		if rapid.IntRange(0, 9).Draw(r, "is below what is closed") == 0 {
			between := work.Above{ID: id('u', n), ParentID: j.ParentID, DependsOn: []uuid.UUID{id('t', pick(r, n, count))}}
			in.Above, j.ParentID = append(in.Above, between), &between.ID
		}
		in.Jobs = append(in.Jobs, j)
	}
	return in
}

// pick is mostly an earlier task, so that cycles are not the rule.
func pick(r *rapid.T, n, count int) int {
	if n == 0 || rapid.IntRange(0, 19).Draw(r, "any") == 0 {
		return rapid.IntRange(0, count-1).Draw(r, "dependency")
	}
	return rapid.IntRange(0, n-1).Draw(r, "dependency")
}

// checked is a plan beside what it was made of.
type checked struct {
	*rapid.T
	in     work.Plannable
	plan   work.Plan
	jobs   map[uuid.UUID]work.Job
	done   map[uuid.UUID]work.Projection
	blocks map[uuid.UUID][]work.Block
	hours  map[uuid.UUID][]civil.Interval
	covers map[uuid.UUID]bool
	tree   map[uuid.UUID]work.Above // of all, with what each depends on itself
}

func TestPlansHold(t *testing.T) { // S1.31, S1.42, S1.43, S1.44, S1.45, S1.66
	rapid.Check(t, func(r *rapid.T) {
		in := drawn(r)
		c := checked{r, in, work.MakePlan(in), map[uuid.UUID]work.Job{}, map[uuid.UUID]work.Projection{}, map[uuid.UUID][]work.Block{}, map[uuid.UUID][]civil.Interval{}, map[uuid.UUID]bool{}, map[uuid.UUID]work.Above{}}
		for _, j := range in.Jobs {
			c.jobs[j.ID], c.tree[j.ID] = j, work.Above{ID: j.ID, ParentID: j.ParentID, DependsOn: j.DependsOn}
			if j.ParentID != nil {
				c.covers[*j.ParentID] = true
			}
		}
		for _, a := range in.Above {
			c.tree[a.ID] = a
		}
		for _, d := range in.Desks {
			c.hours[d.PersonID] = d.Hours
		}
		for _, p := range c.plan.Tasks {
			c.done[p.TaskID] = p
		}
		c.nobodyWorksTwiceOrOutsideTheirHours()
		c.everythingIsDoneOrCutOrSaysWhy()
		c.nothingBeginsBeforeWhatItWaitsFor()
		c.theBestIsTakenAndNobodyIsIdle()
	})
}

func (c checked) nobodyWorksTwiceOrOutsideTheirHours() {
	for _, d := range c.plan.Desks {
		var last time.Time
		for _, b := range d.Blocks {
			c.blocks[b.TaskID] = append(c.blocks[b.TaskID], b)
			if b.Start.Before(last) || b.Minutes < 1 || b.End.Sub(b.Start) != time.Duration(b.Minutes)*time.Minute {
				c.Fatalf("%s has %v after %v", name(d.PersonID), b, last)
			}
			last = b.End
			inside := false
			for _, h := range c.hours[d.PersonID] {
				inside = inside || !b.Start.Before(h.Start) && !b.End.After(h.End)
			}
			if !inside || c.jobs[b.TaskID].Assignee.ID != d.PersonID {
				c.Fatalf("%s does not work on %v then", name(d.PersonID), b)
			}
		}
	}
}

func (c checked) everythingIsDoneOrCutOrSaysWhy() {
	why := map[uuid.UUID]work.Reason{}
	for _, u := range c.plan.Unplanned {
		why[u.TaskID] = u.Reason
	}
	for id, p := range c.done {
		sum := 0
		for _, b := range c.blocks[id] {
			sum += b.Minutes
		}
		left, _ := c.jobs[id].Left()
		if c.covers[id] {
			left = 0
		}
		switch {
		case why[id] != "" && (sum > 0 || !p.End.IsZero()):
			c.Fatalf("%s is planned, and not because of %s", name(id), why[id])
		case why[id] == "" && !c.covers[id] && (p.Start.IsZero() || sum+p.Cut != left || (p.Cut > 0) != p.End.IsZero()):
			c.Fatalf("%s: %+v with %d minutes of %d", name(id), p, sum, left)
		case p.Cut > 0 && c.free(c.jobs[id].Assignee.ID, p.Start, c.in.Until) != sum:
			c.Fatalf("%s is cut though there is time", name(id))
		}
	}
}

// before is what a task waits for: what it and all above it depend on, and its
// sub-tasks.
func (c checked) before(id uuid.UUID) []uuid.UUID {
	var all []uuid.UUID
	for at := &id; at != nil; at = c.tree[*at].ParentID {
		all = append(all, c.tree[*at].DependsOn...)
	}
	for _, j := range c.jobs {
		if j.ParentID != nil && *j.ParentID == id {
			all = append(all, j.ID)
		}
	}
	return all
}

// released is when a task can be worked on; false: not before the horizon.
func (c checked) released(id uuid.UUID) (time.Time, bool) {
	at := later(c.in.AsOf, c.jobs[id].NotBefore)
	if at.After(c.in.Until) {
		return at, false
	}
	for _, d := range c.before(id) {
		end := c.done[d].End
		if end.IsZero() {
			return at, false
		}
		if end.After(at) {
			at = end
		}
	}
	return at, true
}

func (c checked) nothingBeginsBeforeWhatItWaitsFor() {
	for id, p := range c.done {
		if from, ok := c.released(id); !p.Start.IsZero() && !c.covers[id] && (!ok || p.Start.Before(from)) {
			c.Fatalf("%s begins at %v, before what it waits for ends at %v", name(id), p.Start, from)
		}
	}
}

// free is how many minutes a person is at work.
func (c checked) free(person uuid.UUID, from, to time.Time) int {
	sum := 0
	for _, h := range c.hours[person] {
		start, end := h.Start, h.End
		if start.Before(from) {
			start = from
		}
		if end.After(to) {
			end = to
		}
		sum += max(0, int(end.Sub(start)/time.Minute))
	}
	return sum
}

func better(a, b work.Job) bool {
	length := func(j work.Job) int {
		if j.Estimate != nil {
			return *j.Estimate
		}
		return *j.Remaining
	}
	switch {
	case a.Begun != b.Begun:
		return a.Begun
	case a.Priority != b.Priority:
		return a.Priority < b.Priority
	case length(a) != length(b):
		return length(a) < length(b)
	}
	return a.ID.String() < b.ID.String()
}

func (c checked) theBestIsTakenAndNobodyIsIdle() {
	for id, blocks := range c.blocks {
		start := blocks[0].Start
		for other, j := range c.jobs {
			p := c.done[other]
			from, ok := c.released(other)
			if other == id || j.Assignee != c.jobs[id].Assignee || c.covers[other] || p.Left == 0 || !ok || from.After(start) || !p.Start.IsZero() && p.Start.Before(start) {
				continue
			}
			if _, known := j.Left(); known && better(j, c.jobs[id]) {
				c.Fatalf("%s is taken at %v, though %s comes first", name(id), start, name(other))
			}
		}
		from, _ := c.released(id)
		worked := 0
		for _, d := range c.plan.Desks {
			for _, b := range d.Blocks {
				if d.PersonID == c.jobs[id].Assignee.ID && !b.End.After(start) && b.End.After(from) {
					worked += int(b.End.Sub(later(b.Start, from)) / time.Minute)
				}
			}
		}
		if free := c.free(c.jobs[id].Assignee.ID, from, start); free != worked {
			c.Fatalf("%s waits from %v to %v, %d minutes of them idle", name(id), from, start, free-worked)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func TestAPlanDoesNotDependOnTheOrderOfItsInput(t *testing.T) { // S1.42
	rapid.Check(t, func(r *rapid.T) {
		in := drawn(r)
		want := work.MakePlan(in)
		shuffle := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		shuffle.Shuffle(len(in.Jobs), func(i, j int) { in.Jobs[i], in.Jobs[j] = in.Jobs[j], in.Jobs[i] })
		shuffle.Shuffle(len(in.Above), func(i, j int) { in.Above[i], in.Above[j] = in.Above[j], in.Above[i] })
		shuffle.Shuffle(len(in.Desks), func(i, j int) { in.Desks[i], in.Desks[j] = in.Desks[j], in.Desks[i] })
		if diff := cmp.Diff(want, work.MakePlan(in)); diff != "" {
			r.Fatal(diff)
		}
	})
}

func TestThePastIsPlacedWhereItWas(t *testing.T) { // S1.42
	hours, err := civil.Usual().Hours(time.UTC, nil)
	if err != nil {
		t.Fatal(err)
	}
	on := civil.In(monday, time.UTC)
	nine := monday.Add(time.Hour)
	noon := monday.Add(4 * time.Hour)
	got := work.Past([]work.Session{
		{TaskID: id('t', 2), On: on, Minutes: 30}, {TaskID: id('t', 1), On: on, Minutes: 20},
		{TaskID: id('t', 3), On: on, Start: &nine, Minutes: 45}, {TaskID: id('t', 2), On: on, Minutes: 5},
		{TaskID: id('t', 4), On: on.AddDays(-1), Minutes: 60}, // a Sunday
	}, hours, noon)
	block := func(task int, from time.Time, minutes int) work.Block {
		return work.Block{TaskID: id('t', task), Start: from, End: from.Add(time.Duration(minutes) * time.Minute), Minutes: minutes}
	}
	want := []work.Block{
		block(4, monday.Add(-23*time.Hour), 60), block(3, nine, 45), block(1, nine.Add(45*time.Minute), 20), block(2, nine.Add(65*time.Minute), 35),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// A night's work runs into the day after, whose own comes behind it, whichever is looked at first.
	nights, err := civil.Calendar{Weekly: civil.Week{Mon: []civil.Span{{"22:00", "24:00"}}, Tue: []civil.Span{{"00:00", "06:00"}}}}.Hours(time.UTC, nil)
	if err != nil {
		t.Fatal(err)
	}
	ten := monday.Add(14 * time.Hour)
	want = []work.Block{block(1, ten, 120), block(2, ten.Add(2*time.Hour), 180), block(3, ten.Add(5*time.Hour), 60)}
	for range 50 {
		got := work.Past([]work.Session{{TaskID: id('t', 3), On: on.AddDays(1), Minutes: 60}, {TaskID: id('t', 1), On: on, Minutes: 120}, {TaskID: id('t', 2), On: on, Minutes: 180}}, nights, ten.Add(20*time.Hour))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	}
	late := work.Past([]work.Session{{TaskID: id('t', 1), On: on, Minutes: 120}}, hours, nine.Add(time.Hour))
	if !late[0].End.Equal(nine.Add(time.Hour)) {
		t.Errorf("work that is done ends now: got %v", late)
	}
}
