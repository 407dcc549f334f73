package api

import (
	"sync"
	"time"
)

// How many actions wait for their processes at an API: never fewer than one for
// each of a few people, at first as many as two cores were measured to do well
// with, and on larger installations as many as they get done in time.
const (
	crowdLeast = 8
	crowdFirst = 64
	crowdMost  = 1024
)

// crowdPatience is the longest that actions should wait for each other. Past half
// a second of it Temporal takes a worker for dead, and has another read the
// process' history again: the more wait, the more there is to do for each.
const crowdPatience = 400 * time.Millisecond

// crowdLess is by how much fewer are let in when they wait longer than that.
const crowdLess = 0.8

// crowd lets in as many actions as are done in time: one more for each round
// that is, a fifth fewer when one is not, as TCP finds out what a line holds.
// What is slow by itself, with few beside it, says nothing.
type crowd struct {
	mu     sync.Mutex
	room   float64
	inside int
	less   time.Time // when it was made smaller last
}

func newCrowd() *crowd { return &crowd{room: crowdFirst} }

// enter lets an action in, or not.
func (c *crowd) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inside >= int(c.room) {
		return false
	}
	c.inside++
	return true
}

// leave says that it is done, and how long it waited.
func (c *crowd) leave(now time.Time, waited time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	full := float64(c.inside) >= c.room/2
	c.inside--
	switch {
	case !full:
	case waited <= crowdPatience:
		c.room = min(crowdMost, c.room+1/c.room)
	case now.Sub(c.less) >= waited: // those who wait now have not felt the last time yet
		c.room, c.less = max(crowdLeast, c.room*crowdLess), now
	}
}

// now is how many are inside, and how many may be.
func (c *crowd) now() (inside, room float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return float64(c.inside), float64(int(c.room))
}
