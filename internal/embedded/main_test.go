package embedded

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// asSteward makes this test binary a steward with servers, to be killed.
const asSteward = "STEWARD_TEST_AS_STEWARD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(asSteward); dir != "" {
		beSteward(dir)
	}
	os.Exit(m.Run())
}

// beSteward starts both servers, prints their processes, and lives on.
func beSteward(dir string) {
	p, err := StartPostgres(context.Background(), PostgresOptions{Dir: dir, Ephemeral: true})
	if err != nil {
		panic(err)
	}
	t, err := StartTemporal(context.Background(), TemporalOptions{Dir: dir, UIPort: -1})
	if err != nil {
		panic(err)
	}
	fmt.Println(p.child.cmd.Process.Pid, t.child.cmd.Process.Pid)
	select {}
}

// dataDir is a data folder that Postgres can enter.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, remove, err := TempDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(remove)
	return dir
}
