package config

import (
	"os"
	"runtime/debug"
)

// garbage is by how much of what is alive the heap may grow before it is
// collected, in percent. Little is alive here and much is short-lived: with Go's
// own 100, a third of the time that documents and requests take went into
// collecting.
const garbage = 200

// Memory sets how memory is traded for time, unless GOGC says it. A limit is for
// whoever runs the process to set, with GOMEMLIMIT.
func Memory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
}
