//go:build planted

package planted

import (
	"os"
	"sync/atomic"
	"time"
)

var (
	bug, turns = os.Getenv("STEWARD_PLANTED"), atomic.Int64{}
	from, on   = os.Getenv("STEWARD_PLANTED_FROM"), atomic.Bool{}
)

// shows tells whether a bug is the one that there is, and has begun.
func shows(name string) bool {
	if bug != name {
		return false
	}
	if !on.Load() {
		_, err := os.Stat(from)
		on.Store(err == nil)
	}
	return on.Load()
}

func turn(of int64) bool { return turns.Add(1)%of == 0 }

// Lost tells whether this transaction is lost: every twentieth.
func Lost() bool { return shows("lost") && turn(20) }

// Doubled tells whether the key of a write is forgotten: always.
func Doubled() bool { return shows("doubled") }

// Disordered tells whether an action is put off, and for how long: every third
// edit, for a second.
func Disordered(verb string) (time.Duration, bool) {
	return time.Second, shows("disordered") && verb == "edit" && turn(3)
}
