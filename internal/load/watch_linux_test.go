package load

import (
	"os"
	"testing"

	"github.com/prometheus/procfs"
)

func TestThisProcessIsCounted(t *testing.T) {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		t.Fatal(err)
	}
	all, err := processes(fs)
	if err != nil {
		t.Fatal(err)
	}
	memory, _ := family(all, os.Getpid())
	if memory < mib || all[os.Getpid()].parent != os.Getppid() {
		t.Errorf("this process has %d bytes and the parent %d", memory, all[os.Getpid()].parent)
	}
}
