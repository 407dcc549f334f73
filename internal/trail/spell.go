package trail

import (
	"sync"
	"time"
)

// Spell is a trouble that is logged once when it begins or is another, and once
// when it is over, however often it is met. Its zero value is none.
type Spell struct {
	mu    sync.Mutex
	what  string
	since time.Time
}

// Is says what the trouble is now, "" where there is none. It tells whether that
// is news and, where it is over, how long it lasted.
func (s *Spell) Is(what string, now time.Time) (news bool, lasted time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if what == s.what {
		return false, 0
	}
	if s.what == "" {
		s.since = now
	}
	if s.what = what; what == "" {
		lasted = now.Sub(s.since)
	}
	return true, lasted
}
