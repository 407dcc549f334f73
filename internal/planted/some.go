//go:build planted

package planted

import (
	"os"
	"sync/atomic"
	"time"
)

var bug, turns = os.Getenv("STEWARD_PLANTED"), atomic.Int64{}

func turn(of int64) bool { return turns.Add(1)%of == 0 }

// Lost tells whether this transaction is lost: every twentieth.
func Lost() bool { return bug == "lost" && turn(20) }

// Doubled tells whether the key of a write is forgotten: always.
func Doubled() bool { return bug == "doubled" }

// Disordered tells whether an action is put off, and for how long: every third
// edit, for a second.
func Disordered(verb string) (time.Duration, bool) {
	return time.Second, bug == "disordered" && verb == "edit" && turn(3)
}
