package embedded

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"
)

// stopOrphan stops process pid, which keeps data in use, if mark is a word of
// its command line. A process that has nothing to do with it, because the
// number was used again, is left alone. The caller holds the lock on the data,
// so that no living steward wants the process.
func stopOrphan(pid int, mark, data string, steps ...step) error {
	ours := func() bool { return startedWith(pid, mark) }
	for _, s := range steps {
		if !ours() {
			return nil
		}
		if err := syscall.Kill(pid, s.signal); errors.Is(err, syscall.EPERM) {
			return fmt.Errorf("process %d still uses %s and belongs to another user: stop it first", pid, data)
		}
		for end := time.Now().Add(s.wait); ours() && time.Now().Before(end); {
			time.Sleep(20 * time.Millisecond)
		}
	}
	if ours() {
		return fmt.Errorf("process %d still uses %s and does not stop: stop it first", pid, data)
	}
	return nil
}

// startedWith tells whether process pid lives and its command line has a word
// that ends in mark.
func startedWith(pid int, mark string) bool {
	return strings.Contains(commandLine(pid)+" ", mark+" ")
}
