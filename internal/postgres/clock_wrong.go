//go:build crash

package postgres

import (
	"os"
	"sync"
	"time"
)

// here is the time as this machine has it: off by STEWARD_CLOCK, such as -90s,
// as where nobody sets the clock.
func here() time.Time { return time.Now().Add(wrong()) }

var wrong = sync.OnceValue(func() time.Duration {
	d, _ := time.ParseDuration(os.Getenv("STEWARD_CLOCK")) // without one it is right
	return d
})
