// Package servers gives tests a Postgres and a Temporal. Only tests import it.
//
// With STEWARD_TEST_DATABASE_URL or STEWARD_TEST_TEMPORAL_ADDRESS in the
// environment, as internal/embedded/withservers sets them, tests use those
// servers. Without, the first test that asks starts one for its process, and
// [Main] stops it. A server that cannot be had fails the test: nothing is
// skipped.
package servers

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"steward/internal/embedded"
)

// The variables that name running servers.
const (
	DatabaseURL     = "STEWARD_TEST_DATABASE_URL"     // of a role that may create schemas and extensions
	TemporalAddress = "STEWARD_TEST_TEMPORAL_ADDRESS" // host:port of a frontend with the namespace "default"
)

// shared is what the tests of this process share; it is a process that must
// not start two of each.
var shared struct {
	postgres, temporal server
}

// A server is started once, by whoever asks first.
type server struct {
	once    sync.Once
	address string
	err     error
	stop    func()
}

// Main runs the tests, stops what they started, and exits. Call it from
// TestMain.
func Main(m *testing.M) {
	code := m.Run()
	shared.postgres.close()
	shared.temporal.close()
	os.Exit(code)
}

// PostgresURL is a database that all tests share: write only to a schema of
// your own, as [Database] makes them.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return shared.postgres.get(t, "Postgres", DatabaseURL, startPostgres)
}

// Temporal is the address of a frontend that all tests share, with steward's
// search attributes in its namespace "default": use ids and task queues of
// your own.
func Temporal(t testing.TB) string {
	t.Helper()
	return shared.temporal.get(t, "Temporal", TemporalAddress, startTemporal)
}

func (s *server) get(t testing.TB, name, variable string, start func(*server) error) string {
	t.Helper()
	s.once.Do(func() {
		s.address = os.Getenv(variable)
		s.err = start(s)
	})
	if s.err != nil {
		t.Fatalf("this test needs %s: %v; or name a running one in %s", name, s.err, variable)
	}
	return s.address
}

func (s *server) close() {
	if s.stop != nil {
		s.stop()
	}
}

func startPostgres(s *server) error {
	if s.address != "" {
		return nil
	}
	dir, remove, err := embedded.TempDir()
	if err != nil {
		return err
	}
	p, err := embedded.StartPostgres(context.Background(), embedded.PostgresOptions{Dir: dir, Ephemeral: true, Say: say})
	if err != nil {
		remove()
		return err
	}
	s.address = p.URL()
	s.stop = func() { p.Stop(); remove() }
	return nil
}

func startTemporal(s *server) error {
	if s.address != "" {
		return prepare(s.address)
	}
	t, err := embedded.StartTemporal(context.Background(), embedded.TemporalOptions{UIPort: -1, Say: say})
	if err != nil {
		return err
	}
	s.address, s.stop = t.Address(), t.Stop
	return nil
}

// prepare gives a Temporal that others started what tests rely on.
func prepare(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := embedded.DialTemporal(ctx, address, "default")
	if err != nil {
		return err
	}
	defer c.Close()
	return embedded.RegisterSearchAttributes(ctx, c, "default")
}

func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "servers: "+format+"\n", args...)
}
