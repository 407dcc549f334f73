package e2e

import (
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"steward/internal/embedded"
	"steward/internal/fixture"
)

// ownServers are a Postgres and a Temporal of one test alone, to be killed and
// started again where they were. What they have said to be kept is on the disk.
type ownServers struct {
	t        *testing.T
	dir      string
	ownDisk  bool // dir is a disk of its own, that can be full
	postgres *embedded.Postgres
	temporal *embedded.Temporal
	pgPort   int
	pgData   string
	tPort    int
}

func newOwnServers(t *testing.T) *ownServers {
	t.Helper()
	dir, remove, err := embedded.TempDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(remove)
	return startedIn(t, &ownServers{t: t, dir: dir})
}

// startedIn starts both in their folder.
func startedIn(t *testing.T, o *ownServers) *ownServers {
	t.Helper()
	t.Cleanup(func() {
		for _, stop := range []func(){o.temporal.Stop, o.postgres.Stop} {
			stop()
		}
	})
	o.startPostgres()
	o.startTemporal()
	return o
}

func (o *ownServers) startPostgres() {
	o.t.Helper()
	p, err := embedded.StartPostgres(o.t.Context(), embedded.PostgresOptions{Dir: o.dir, Port: o.pgPort})
	if err != nil {
		o.t.Fatal(err)
	}
	if o.postgres = p; o.pgPort != 0 {
		return
	}
	u, err := url.Parse(p.URL())
	if err != nil {
		o.t.Fatal(err)
	}
	o.pgPort = number(o.t, u.Port())
	pool, err := pgxpool.New(o.t.Context(), p.URL())
	if err != nil {
		o.t.Fatal(err)
	}
	defer pool.Close()
	o.pgData = fixture.One[string](o.t, pool, `SHOW data_directory`)
}

func (o *ownServers) startTemporal() {
	o.t.Helper()
	s, err := embedded.StartTemporal(o.t.Context(), embedded.TemporalOptions{Dir: o.dir, Port: o.tPort, UIPort: -1})
	if err != nil {
		o.t.Fatal(err)
	}
	_, port, _ := strings.Cut(s.Address(), ":")
	o.temporal, o.tPort = s, number(o.t, port)
}

// killPostgres ends the server as a power cut would, but for the disk's cache;
// what it has forked finds out by itself.
func (o *ownServers) killPostgres() {
	o.t.Helper()
	kill9(o.t, filepath.Join(o.pgData, "postmaster.pid"))
	<-o.postgres.Done()
	o.postgres.Stop()
}

func (o *ownServers) killTemporal() {
	o.t.Helper()
	kill9(o.t, filepath.Join(o.dir, "temporal.pid"))
	<-o.temporal.Done()
	o.temporal.Stop()
}

// kill9 kills the process whose id is in the first line of a file.
func kill9(t *testing.T, file string) {
	t.Helper()
	if err := syscall.Kill(pidIn(t, file), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// systemOn is a system on servers of its own.
func systemOn(t *testing.T, o *ownServers) *system {
	t.Helper()
	if err := fixture.Migrate(t.Context(), o.postgres.URL()); err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.New(t.Context(), o.postgres.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s := &system{t: t, pool: pool, namespace: "default", address: o.temporal.Address()}
	s.env = s.settings(o.postgres.URL())
	return s
}
