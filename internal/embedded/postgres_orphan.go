package embedded

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// stopOrphans ends what a killed steward left running on the cluster. The
// caller holds its lock, so no living steward wants any of it.
func (c *cluster) stopOrphans(say func(string, ...any)) error {
	if pid, ok := c.notedServer(); ok {
		if err := c.stopServer(pid, say); err != nil {
			return err
		}
	}
	// A backend that is busy does not notice that its server was killed.
	for _, pid := range workingIn(c.data()) {
		if !isPostgres(pid) {
			continue
		}
		say("stopping a query that a killed Postgres left running (process %d)", pid)
		if err := stopOrphan(pid, "postgres:", c.data(), backendSteps...); err != nil {
			return err
		}
	}
	return nil
}

// notedServer is the process that the cluster's own note names.
func (c *cluster) notedServer() (pid int, ok bool) {
	text, err := os.ReadFile(c.note())
	if err != nil {
		return 0, false
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err = strconv.Atoi(strings.TrimSpace(first))
	return pid, err == nil && pid > 0
}

// stopServer ends the server that the note names, and removes the note of one
// that is gone. Whether another Postgres that got the same number is in the
// way, Postgres itself decides.
func (c *cluster) stopServer(pid int, say func(string, ...any)) error {
	ours := startedWith(pid, c.data())
	if !ours && isPostgres(pid) {
		return nil
	}
	if ours {
		say("stopping the Postgres that an earlier steward left running (process %d)", pid)
	}
	if err := stopOrphan(pid, c.data(), c.data(), postgresSteps...); err != nil {
		return err
	}
	return removeIfThere(c.note())
}

func (c *cluster) note() string { return filepath.Join(c.data(), "postmaster.pid") }

func isPostgres(pid int) bool {
	program, _, _ := strings.Cut(commandLine(pid), " ")
	return strings.HasPrefix(filepath.Base(program), "postgres")
}
