package e2e

import (
	"os"
	"os/exec"
	"testing"

	"steward/internal/embedded"
)

// diskSize is room for what a few runs write, and little enough to be filled.
const diskSize = "size=1500m,mode=0711"

// newOwnServersOnADisk are servers whose data lies on a small disk in memory, if
// this machine lets one be mounted; where it does not, no disk gets full.
func newOwnServersOnADisk(t *testing.T) *ownServers {
	t.Helper()
	dir, remove, err := embedded.TempDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(remove)
	o := &ownServers{t: t, dir: dir}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", diskSize, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Logf("no disk of its own can be mounted here, so none gets full: %s", out)
		return startedIn(t, o)
	}
	o.ownDisk = true
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "--lazy", dir).CombinedOutput(); err != nil {
			t.Errorf("umount %s: %s", dir, out)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return startedIn(t, o)
}
