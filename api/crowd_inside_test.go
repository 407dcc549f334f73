package api

import (
	"testing"
	"time"
)

// held is a crowd before processes that get so many actions a second done, one
// after the other, for a while. Many more want in all the time. It gives the
// longest that one waited in the last second, and how many were done.
func held(c *crowd, at *time.Time, queue *[]time.Time, perSecond int, during time.Duration) (longest time.Duration, done int) {
	const step = time.Millisecond
	credit := 0
	for i := range int(during / step) {
		*at = at.Add(step)
		for c.enter() {
			*queue = append(*queue, *at)
		}
		for credit += perSecond; credit >= 1000; credit -= 1000 {
			waited := at.Sub((*queue)[0])
			*queue = (*queue)[1:]
			c.leave(*at, waited)
			done++
			if time.Duration(i)*step >= during-time.Second {
				longest = max(longest, waited)
			}
		}
	}
	return longest, done
}

func TestAsManyActionsAreLetInAsAreDoneInTime(t *testing.T) { // N.31
	t.Parallel()
	c, at, queue := newCrowd(), time.Unix(0, 0), []time.Time(nil)
	for _, s := range []struct {
		what      string
		perSecond int
		longest   time.Duration
		least     float64 // of room, so that what could be done is done
	}{
		{"a quiet machine", 120, crowdPatience, 30},
		{"one whose host is busy", 30, crowdPatience, crowdLeast},
		{"the same, quiet again", 120, crowdPatience, 30},
		{"one that hardly moves", 5, 2 * time.Second, crowdLeast}, // no fewer than eight
		{"a large installation", 2000, crowdPatience, 400},
		{"a larger one", 20000, crowdPatience, crowdMost},
		{"a small one again", 120, crowdPatience, 30},
	} {
		longest, done := held(c, &at, &queue, s.perSecond, time.Minute)
		if longest > s.longest*5/4 || c.room < s.least || c.room > crowdMost {
			t.Errorf("%s: waits of %s, want %s; room for %.0f", s.what, longest, s.longest, c.room)
		}
		if want := s.perSecond * 60; done < want*99/100 {
			t.Errorf("%s: %d of %d actions were done", s.what, done, want)
		}
	}
}

func TestWhatIsSlowByItselfMakesNoCrowd(t *testing.T) { // N.31
	t.Parallel()
	c, now := newCrowd(), time.Unix(0, 0)
	for range 1000 {
		if !c.enter() {
			t.Fatal("nobody was inside")
		}
		now = now.Add(8 * time.Second)
		c.leave(now, 8*time.Second)
	}
	for range crowdFirst {
		if !c.enter() {
			t.Fatalf("room for %.0f is left", c.room)
		}
	}
	if c.enter() {
		t.Error("one more was let in")
	}
}
