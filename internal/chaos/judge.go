package chaos

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Judge names every violation in what was kept of the writes and seen by the
// reads, register by register. The order of writes and reads says nothing.
func Judge(writes []Write, reads []Read, kept map[Register]Kept) []Violation {
	byRegister := map[Register][]Write{}
	for _, w := range writes {
		byRegister[w.Register] = append(byRegister[w.Register], w)
	}
	seen := map[Register][]Read{}
	for _, r := range reads {
		seen[r.Register] = append(seen[r.Register], r)
	}
	all := map[Register]bool{}
	for r := range byRegister {
		all[r] = true
	}
	for r := range kept {
		all[r] = true
	}
	for r := range seen {
		all[r] = true
	}
	var out []Violation
	for _, r := range slices.Sorted(maps.Keys(all)) {
		c := &court{register: r, kept: kept[r], writes: map[string]Write{}, at: map[string]int{}}
		c.counts(byRegister[r])
		if c.kept.Ordered {
			c.order()
			c.reads(seen[r])
		}
		out = append(out, c.found...)
	}
	return out
}

// court judges one register.
type court struct {
	register Register
	kept     Kept
	writes   map[string]Write // by value
	at       map[string]int   // where a value was kept first
	found    []Violation
}

func (c *court) say(k Kind, format string, args ...any) {
	c.found = append(c.found, Violation{k, c.register, fmt.Sprintf(format, args...)})
}

// counts compares how often each write is there with what was answered.
func (c *court) counts(writes []Write) {
	times := map[string]int{}
	for i, v := range c.kept.Values {
		if times[v]++; times[v] == 1 {
			c.at[v] = i
		}
	}
	for _, w := range writes {
		c.writes[w.Value] = w
		switch n := times[w.Value]; {
		case n > 1:
			c.say(Doubled, "%s is there %d times", w.told(), n)
		case n == 0 && w.Outcome == Done:
			c.say(Lost, "%s is not there", w.told())
		case n == 1 && w.Outcome == Refused:
			c.say(Undead, "%s is there", w.told())
		}
	}
	for _, v := range slices.Sorted(maps.Keys(times)) {
		if _, ok := c.writes[v]; !ok {
			c.say(Invented, "%q is there %d times, and nobody asked for it", v, times[v])
		}
	}
}

// order looks for a write that comes after one which was asked for only when it
// was over.
func (c *court) order() {
	var latest Write // asked for last, of those so far
	for i, v := range c.kept.Values {
		w, ok := c.writes[v]
		if !ok || c.at[v] != i {
			continue
		}
		if latest.Value != "" && w.over() < latest.Asked {
			c.say(Disordered, "%s comes after %s, which was asked for %d later", w.told(), latest.told(), latest.Asked-w.over())
		}
		if w.Asked > latest.Asked || latest.Value == "" {
			latest = w
		}
	}
}

// reads looks at what each read saw.
func (c *court) reads(reads []Read) {
	// overwritten[i] is the first moment at which something after place i-1 was over.
	overwritten := make([]int64, len(c.kept.Values)+1)
	overwritten[len(c.kept.Values)] = math.MaxInt64
	for i := len(c.kept.Values) - 1; i >= 0; i-- {
		overwritten[i] = overwritten[i+1]
		if w, ok := c.writes[c.kept.Values[i]]; ok {
			overwritten[i] = min(overwritten[i], w.over())
		}
	}
	for _, r := range reads {
		place := 0 // before the first write
		if r.Value != "" {
			at, ok := c.at[r.Value]
			if !ok {
				c.say(Early, "%s saw %q, which was not kept", r.By, r.Value)
				continue
			}
			place = at + 1
			if w, ok := c.writes[r.Value]; ok && w.Asked > r.Answered {
				c.say(Early, "%s saw %s before it was asked for", r.By, w.told())
			}
		}
		if overwritten[place] < r.Asked {
			c.say(Stale, "%s saw %q, which was overwritten %d before it asked", r.By, r.Value, r.Asked-overwritten[place])
		}
	}
}

func (w Write) told() string {
	return fmt.Sprintf("%s %q by %s, %s (%s),", w.What, w.Value, w.By, w.Outcome, w.Answer)
}
