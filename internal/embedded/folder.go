package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// realDir makes a data folder and answers its one true path.
func realDir(dir string) (string, error) {
	if err := makeDir(dir); err != nil {
		return "", err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// cacheDir is where binaries are kept from one run to the next: the user's
// cache, or the data folder for a user without one.
func cacheDir(fallback string) (string, error) {
	if base, err := os.UserCacheDir(); err == nil {
		dir := filepath.Join(base, "steward")
		if os.MkdirAll(dir, 0o755) == nil {
			return dir, nil
		}
	}
	if fallback == "" {
		return "", errors.New("there is no folder to keep binaries in: set HOME or XDG_CACHE_HOME")
	}
	return realDir(fallback)
}

// lockServer takes a server's lock in dir, or says who has it.
func lockServer(dir, name, what string) (unlock func(), err error) {
	unlock, err = lockFile(filepath.Join(dir, name))
	if h := (heldError{}); errors.As(err, &h) {
		return nil, fmt.Errorf("%s in %s is used by another steward%s: stop that one first", what, dir, h.who())
	}
	return unlock, err
}

// TempDir makes a data folder that Postgres can enter even when run by root,
// for tests and other short lives.
func TempDir() (dir string, remove func(), err error) {
	if dir, err = os.MkdirTemp("", "steward-"); err != nil {
		return "", nil, cannotWrite(os.TempDir(), err)
	}
	remove = func() { _ = os.RemoveAll(dir) }
	if err := os.Chmod(dir, 0o711); err != nil {
		remove()
		return "", nil, cannotWrite(dir, err)
	}
	return dir, remove, nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cannotWrite(filepath.Dir(path), err)
	}
	return nil
}
