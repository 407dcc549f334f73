package load

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Tally is how long operations took, and how many failed.
type Tally struct {
	mu    sync.Mutex
	took  map[string][]time.Duration
	wrong map[string]int
	why   map[string]error // the first of each
}

// NewTally makes an empty one.
func NewTally() *Tally {
	return &Tally{took: map[string][]time.Duration{}, wrong: map[string]int{}, why: map[string]error{}}
}

func (t *Tally) add(name string, took time.Duration, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		t.took[name] = append(t.took[name], took)
		return
	}
	t.wrong[name]++
	if t.why[name] == nil {
		t.why[name] = err
	}
}

// Count is how many operations succeeded.
func (t *Tally) Count() (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, all := range t.took {
		n += len(all)
	}
	return n
}

// Wrong are how many failed, each kind with one reason.
func (t *Tally) Wrong() (n int, why []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, wrong := range t.wrong {
		n += wrong
		why = append(why, fmt.Sprintf("%s, %d times, such as: %v", name, wrong, t.why[name]))
	}
	slices.Sort(why)
	return n, why
}

// at is the time within which this part of an operation's answers came; 0
// without any.
func (t *Tally) at(name string, part float64) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := slices.Sorted(slices.Values(t.took[name]))
	if len(all) == 0 {
		return 0
	}
	return all[min(len(all)-1, int(part*float64(len(all))))]
}

// Quantiles says how long some operations took.
func (t *Tally) Quantiles(names ...string) string {
	said := make([]string, len(names))
	for i, name := range names {
		said[i] = fmt.Sprintf("%s p50 %.0f p99 %.0f ms", name, ms(t.at(name, .5)), ms(t.at(name, .99)))
	}
	return strings.Join(said, ", ")
}

func (t *Tally) counts(name string) (done, wrong int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.took[name]), t.wrong[name]
}

// together adds up tallies.
func together(some []*Tally) *Tally {
	sum := NewTally()
	for _, t := range some {
		t.mu.Lock()
		for name, all := range t.took {
			sum.took[name] = append(sum.took[name], all...)
		}
		for name, n := range t.wrong {
			sum.wrong[name] += n
			sum.why[name] = t.why[name]
		}
		t.mu.Unlock()
	}
	return sum
}
