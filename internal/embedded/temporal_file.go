package embedded

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// databaseFiles are the ends of the names of SQLite's files.
var databaseFiles = []string{"", "-wal", "-shm"}

// madeBy is the server version that made the file, empty while there is none.
// A file without a version comes from a server that was killed before it ever
// answered: nothing is in it, and it may be half made, so it goes.
func (t *Temporal) madeBy() (string, error) {
	version, err := os.ReadFile(t.versionFile())
	if err == nil {
		if _, err := os.Stat(t.file()); err == nil {
			return strings.TrimSpace(string(version)), nil
		}
	}
	for _, end := range databaseFiles {
		if err := removeIfThere(t.file() + end); err != nil {
			return "", err
		}
	}
	return "", nil
}

// remember keeps the version of the server that first answered on the file,
// and makes the file its user's alone.
func (t *Temporal) remember() error {
	if t.dir == "" || t.made != "" {
		return nil
	}
	for _, end := range databaseFiles {
		if err := os.Chmod(t.file()+end, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return cannotWrite(t.dir, err)
		}
	}
	if err := writeWhole(t.versionFile(), t.bin.server); err != nil {
		return cannotWrite(t.dir, err)
	}
	return nil
}

// note writes down the server's process, for a start after a kill.
func (t *Temporal) note() error {
	if t.dir == "" {
		return nil
	}
	if err := writeWhole(t.pidFile(), strconv.Itoa(t.child.cmd.Process.Pid)); err != nil {
		return cannotWrite(t.dir, err)
	}
	return nil
}

// stopOrphan ends a server that a killed steward left running on the file.
func (t *Temporal) stopOrphan() error {
	text, err := os.ReadFile(t.pidFile())
	if err != nil {
		return nil
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 0 || !startedWith(pid, t.file()) {
		return removeIfThere(t.pidFile())
	}
	t.opts.Say("stopping the Temporal that an earlier steward left running (process %d)", pid)
	if err := stopOrphan(pid, t.file(), t.file(), temporalSteps...); err != nil {
		return err
	}
	return removeIfThere(t.pidFile())
}
