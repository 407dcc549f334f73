package billing

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"

	"steward/internal/civil"
)

// Prepaid is hours that were paid for beforehand (N.08): a milestone that includes
// time worked from its day on.
type Prepaid struct {
	ID    uuid.UUID
	Name  string
	From  civil.Date
	Until civil.Date // the last day; zero: there is none
	Left  int64      // minutes
}

// SortPrepaid puts first what is used first: what expires first, then what was due
// first.
func SortPrepaid(all []Prepaid) {
	slices.SortFunc(all, func(a, b Prepaid) int {
		return cmp.Or(endless(a.Until, b.Until), a.Until.Compare(b.Until), a.From.Compare(b.From), bytes.Compare(a.ID[:], b.ID[:]))
	})
}

// endless puts what has an end before what has none.
func endless(a, b civil.Date) int {
	switch {
	case a.IsZero() == b.IsZero():
		return 0
	case a.IsZero():
		return 1
	}
	return -1
}

// Include uses up what is left with the time worked from its first day to its
// last, in the order given; covered says for each session how many of its minutes
// are paid for, and is raised. It returns how many it took.
func (p *Prepaid) Include(all []Worked, covered []int64) int64 {
	before := p.Left
	for i, w := range all {
		if w.Date.Before(p.From) || !p.Until.IsZero() && w.Date.After(p.Until) {
			continue
		}
		n := min(w.Minutes-covered[i], p.Left)
		covered[i] += n
		p.Left -= n
	}
	return before - p.Left
}
