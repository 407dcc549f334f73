package work

import (
	"time"

	"github.com/google/uuid"
)

// Piece is a task as figures are made of it.
type Piece struct {
	ID        uuid.UUID
	ParentID  *uuid.UUID
	Status    Status
	Estimate  *int // minutes; nil: not estimated
	Remaining *int // minutes, as last said; nil: nobody said
	Worked    int
}

// Figures are minutes of a task with all below it, or of a project (S1.64).
type Figures struct{ Estimated, Worked, Remaining int }

func (f *Figures) add(o Figures) {
	f.Estimated += o.Estimated
	f.Worked += o.Worked
	f.Remaining += o.Remaining
}

// Progress is how much of the work is done, in whole percent: what was worked
// of that and what remains. Something that is open is never all done.
func (f Figures) Progress(open, complete int) int {
	done := 0
	if all := f.Worked + f.Remaining; all > 0 {
		done = f.Worked * 100 / all
	}
	if open > 0 {
		return min(done, 99)
	}
	if complete > 0 {
		return 100
	}
	return done
}

// RollUp adds tasks up, at any depth: the sum, and the figures of each task
// with all below it.
//
// The estimate of a task with sub-tasks is theirs. While some of them are not
// estimated, it is its own as long as that is more. What remains of an open
// task is what was last said, or what the estimate leaves after the time
// recorded; of one with sub-tasks it is what remains of them, and what somebody
// said remains beside them. While some of them have neither, it is what its own
// estimate leaves as long as that is more. Cancelled tasks have only the time
// that was recorded on them.
func RollUp(pieces []Piece) (Figures, map[uuid.UUID]Figures) {
	r := roller{below: map[uuid.UUID][]Piece{}, each: make(map[uuid.UUID]Figures, len(pieces))}
	known := make(map[uuid.UUID]bool, len(pieces))
	for _, p := range pieces {
		known[p.ID] = true
	}
	var tops []Piece
	for _, p := range pieces {
		if p.ParentID == nil || !known[*p.ParentID] {
			tops = append(tops, p)
			continue
		}
		r.below[*p.ParentID] = append(r.below[*p.ParentID], p)
	}
	var sum Figures
	for _, p := range tops {
		sum.add(r.fold(p).Figures)
	}
	return sum, r.each
}

type roller struct {
	below map[uuid.UUID][]Piece
	each  map[uuid.UUID]Figures
}

// folded is a task with all below it, and what is known of it.
type folded struct {
	Figures
	estimated bool // its estimate is known
	reckoned  bool // what remains is known
}

func (r roller) fold(p Piece) folded {
	sum, covered := folded{estimated: true, reckoned: true}, false
	for _, c := range r.below[p.ID] {
		f := r.fold(c)
		sum.add(f.Figures)
		if c.Status != Cancelled {
			covered = true
			sum.estimated, sum.reckoned = sum.estimated && f.estimated, sum.reckoned && f.reckoned
		}
	}
	sum.Worked += p.Worked
	if p.Status != Cancelled {
		sum.estimate(p, covered)
	}
	if !p.Status.Closed() {
		sum.remain(p, covered)
	}
	r.each[p.ID] = sum.Figures
	return sum
}

func (f *folded) estimate(p Piece, covered bool) {
	if covered && f.estimated {
		return
	}
	f.estimated = p.Estimate != nil
	if f.estimated {
		f.Estimated = max(f.Estimated, *p.Estimate)
	}
}

func (f *folded) remain(p Piece, covered bool) {
	switch {
	case p.Remaining != nil:
		f.Remaining += max(*p.Remaining, 0)
		f.reckoned = true
	case covered && f.reckoned:
	case p.Estimate == nil:
		f.reckoned = false
	case covered:
		f.Remaining, f.reckoned = max(f.Remaining, *p.Estimate-f.Worked), true
	default:
		f.Remaining, f.reckoned = f.Remaining+max(*p.Estimate-p.Worked, 0), true
	}
}

// Ending is when the work on some tasks ends, as a plan has it.
type Ending struct {
	Last     time.Time // the end of the last that ends before the horizon; zero: none
	Unplaced int       // tasks that no end could be found for
	Beyond   bool      // some of them end after the horizon, or may
}

// Ending looks at the tasks that are asked for (S1.66). A task with sub-tasks
// is not counted beside them.
func (p Plan) Ending(asked func(task uuid.UUID) bool) Ending {
	var e Ending
	for _, t := range p.Tasks {
		if !asked(t.TaskID) {
			continue
		}
		if t.End.After(e.Last) {
			e.Last = t.End
		}
		if t.Cut > 0 {
			e.Unplaced++
			e.Beyond = true
		}
	}
	for _, u := range p.Unplanned {
		if asked(u.TaskID) {
			e.Unplaced++
			e.Beyond = e.Beyond || u.Reason == AfterHorizon
		}
	}
	return e
}
