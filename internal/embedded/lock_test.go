package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADataFolderHasOneSteward(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	unlock, err := LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = LockDir(dir)
	want := fmt.Sprintf("the data folder %s is used by another steward (process %d): stop that one, or choose another folder with STEWARD_DATA", dir, os.Getpid())
	if err == nil || err.Error() != want {
		t.Errorf("second lock: got %v, want %s", err, want)
	}
	unlock()
	if unlock, err = LockDir(dir); err != nil {
		t.Fatalf("after unlock: %v", err)
	}
	unlock()
}

func TestALockThatItsHolderLeftIsFree(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "steward.lock"), []byte("1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	unlock, err := LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

func TestAnUnusableDataFolderIsSaid(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := LockDir(filepath.Join(file, "data"))
	if err == nil || !strings.Contains(err.Error(), "cannot be written: not a directory") {
		t.Errorf("got %v", err)
	}
}
