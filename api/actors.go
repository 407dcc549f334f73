package api

import (
	"sync"
	"time"

	"steward/internal/access"
)

// actors remembers for a moment who a token belongs to: looking it up for every
// request took a quarter of what recording time takes. A right that is taken
// away through this process is gone at once, through another after a second.
type actors struct {
	mu    sync.Mutex
	known map[[32]byte]remembered
	era   int // grows each time that all is forgotten
}

type remembered struct {
	actor access.Actor
	until time.Time
}

const (
	memory     = time.Second
	mostActors = 10_000
)

// find gives back whom a token was seen to belong to a moment ago, and the era
// that it was looked for in.
func (a *actors) find(hash []byte, now time.Time) (access.Actor, int, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r, ok := a.known[[32]byte(hash)]
	return r.actor, a.era, ok && now.Before(r.until)
}

// remember keeps an actor for a moment, unless somebody's rights have changed
// since the era in which they were not found.
func (a *actors) remember(hash []byte, actor access.Actor, now time.Time, era int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if era != a.era {
		return
	}
	if len(a.known) >= mostActors || a.known == nil {
		a.known = map[[32]byte]remembered{}
	}
	a.known[[32]byte(hash)] = remembered{actor, now.Add(memory)}
}

// forget forgets everybody: somebody's rights have changed.
func (a *actors) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known = nil
	a.era++
}
