package embedded

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// LockDir makes the data folder dir, if need be, and takes it for this process
// alone, until unlock is called or the process ends in whatever way. When
// another process has it, the error names that process.
func LockDir(dir string) (unlock func(), err error) {
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	unlock, err = lockFile(filepath.Join(dir, "steward.lock"))
	if h := (heldError{}); errors.As(err, &h) {
		return nil, fmt.Errorf("the data folder %s is used by another steward%s: stop that one, or choose another folder with STEWARD_DATA", dir, h.who())
	}
	return unlock, err
}

// A heldError says that another process holds a lock.
type heldError struct{ pid string }

func (h heldError) Error() string { return "in use" + h.who() }

func (h heldError) who() string {
	if h.pid == "" {
		return ""
	}
	return " (process " + h.pid + ")"
}

// lockFile takes an exclusive lock on path without waiting. The file stays
// when the lock goes: removing it would let two processes hold two files.
func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, cannotWrite(filepath.Dir(path), err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s cannot be locked: %w", path, err)
		}
		pid, _ := io.ReadAll(io.LimitReader(f, 20))
		return nil, heldError{pid: strings.TrimSpace(string(pid))}
	}
	if err := errors.Join(f.Truncate(0), writeAt(f, fmt.Sprintln(os.Getpid()))); err != nil {
		f.Close()
		return nil, cannotWrite(filepath.Dir(path), err)
	}
	return func() {
		// A child between its fork and its exec still has the file open, so
		// closing alone would not give the lock back at once.
		_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
		f.Close()
	}, nil
}

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// makeDir makes a data folder. One made by root may be passed through by
// others, so that Postgres, which is not root, reaches its cluster inside.
func makeDir(dir string) error {
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return cannotWrite(dir, err)
	}
	return nil
}

// cannotWrite says in one sentence why a folder is of no use.
func cannotWrite(dir string, err error) error {
	why := err
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		why = p.Err
	}
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("the disk that holds %s is full: %w", dir, why)
	}
	return fmt.Errorf("the folder %s cannot be written: %w", dir, why)
}
