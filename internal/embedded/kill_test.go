package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

func TestBothComeBackAfterStewardWasKilled(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	steward := exec.Command(os.Args[0])
	steward.Env = append(os.Environ(), asSteward+"="+dir)
	steward.Stderr = os.Stderr
	out, err := steward.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := steward.Start(); err != nil {
		t.Fatal(err)
	}
	var postgres, temporal int
	if _, err := fmt.Fscan(out, &postgres, &temporal); err != nil {
		t.Fatal(err)
	}
	if err := steward.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = steward.Wait()
	startPostgres(t, dir)
	startTemporal(t, TemporalOptions{Dir: dir, UIPort: -1})
	for _, pid := range []int{postgres, temporal} {
		if startedWith(pid, dir+"/postgres/data") || startedWith(pid, dir+"/temporal.db") {
			t.Errorf("process %d still runs: %s", pid, commandLine(pid))
		}
	}
}
