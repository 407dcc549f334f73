package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func startPostgres(t *testing.T, dir string) *Postgres {
	t.Helper()
	p, err := StartPostgres(t.Context(), PostgresOptions{Dir: dir, Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

// mustRefuse answers why Postgres did not start.
func mustRefuse(t *testing.T, o PostgresOptions) error {
	t.Helper()
	p, err := StartPostgres(t.Context(), o)
	if err == nil {
		p.Stop()
		t.Fatal("it started")
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("not one sentence: %v", err)
	}
	return err
}

func sql(t *testing.T, p *Postgres, query string) (answer string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), p.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&answer); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestPostgresFindsItsDataAgain(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	p := startPostgres(t, dir)
	sql(t, p, "create table kept as select 'still there' as what")
	p.Stop()
	select {
	case <-p.Done():
	default:
		t.Error("it runs after Stop")
	}
	if got := sql(t, startPostgres(t, dir), "select what from kept"); got != "still there" {
		t.Errorf("got %q", got)
	}
	info, err := os.Stat(filepath.Join(dir, "postgres.password"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the password's file: %v, %v", info.Mode(), err)
	}
}

func TestPostgresComesBackAfterItWasKilled(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	p, err := StartPostgres(t.Context(), PostgresOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	sql(t, p, "create table kept as select 'still there' as what")
	if err := p.child.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	p.close() // as the kernel does for a steward that was killed as well
	if got := sql(t, startPostgres(t, dir), "select what from kept"); got != "still there" {
		t.Errorf("got %q", got)
	}
}

func TestPostgresReplacesAnOrphan(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	orphan := startPostgres(t, dir)
	sql(t, orphan, "create table kept as select 'still there' as what")
	orphan.cluster.unlock() // its steward is gone
	if got := sql(t, startPostgres(t, dir), "select what from kept"); got != "still there" {
		t.Errorf("got %q", got)
	}
	<-orphan.Done()
}

func TestPostgresNamesATakenPort(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	err = mustRefuse(t, PostgresOptions{Dir: dataDir(t), Port: port, Ephemeral: true})
	taken := (*PortTaken)(nil)
	if !errors.As(err, &taken) || taken.Port != port || !strings.Contains(err.Error(), "--postgres-port") {
		t.Errorf("got %v", err)
	}
}

func TestPostgresIsForOneStewardOnThisMachine(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	p := startPostgres(t, dir)
	for setting, want := range map[string]string{"listen_addresses": "127.0.0.1", "server_encoding": "UTF8", "unix_socket_directories": ""} {
		if got := sql(t, p, "show "+setting); got != want {
			t.Errorf("%s: got %q, want %q", setting, got, want)
		}
	}
	if _, err := pgx.Connect(t.Context(), strings.Replace(p.URL(), p.cluster.password, "guess", 1)); err == nil {
		t.Error("a wrong password was good enough")
	}
	err := mustRefuse(t, PostgresOptions{Dir: dir})
	want := fmt.Sprintf("the database in %s is used by another steward (process %d): stop that one first", dir, os.Getpid())
	if err.Error() != want {
		t.Errorf("a second one:\ngot  %v\nwant %s", err, want)
	}
}

func TestWhatIsWrongWithTheDataIsSaid(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	p := startPostgres(t, dir)
	p.Stop()
	data, password := p.cluster.data(), filepath.Join(dir, "postgres.password")

	write(t, filepath.Join(data, "postmaster.pid"), fmt.Sprintf("%d\n%s\n0\n5432\n", os.Getpid(), data))
	startPostgres(t, dir).Stop() // a process number that is used again is nothing wrong

	write(t, password, "guess\n")
	if err := mustRefuse(t, PostgresOptions{Dir: dir}); !strings.Contains(err.Error(), "the password in "+password+" is not that of the database") {
		t.Errorf("a wrong password: got %v", err)
	}
	if err := os.Remove(password); err != nil {
		t.Fatal(err)
	}
	if err := mustRefuse(t, PostgresOptions{Dir: dir}); !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("no password: got %v", err)
	}
	write(t, filepath.Join(data, "PG_VERSION"), "9\n")
	want := fmt.Sprintf("the data in %s was made by Postgres 9, but this machine has Postgres %d (%s): install Postgres 9, or move the data away to begin with an empty database",
		data, p.cluster.bin.major, p.cluster.bin.dir)
	if err := mustRefuse(t, PostgresOptions{Dir: dir}); err.Error() != want {
		t.Errorf("another version:\ngot  %v\nwant %s", err, want)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestACancelledStartLeavesNothingLocked(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := StartPostgres(ctx, PostgresOptions{Dir: dir, Ephemeral: true}); err != context.Canceled {
		t.Fatalf("got %v", err)
	}
	startPostgres(t, dir)
}

// Root cannot run Postgres, and whoever runs it instead cannot pass a folder
// that only root may enter.
func TestPostgresLivesWhereItsUserCanEnter(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data") // below a folder that is its user's alone
	p, err := StartPostgres(t.Context(), PostgresOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Stop()
		os.RemoveAll(p.cluster.home)
	})
	if got, want := p.cluster.away, os.Geteuid() == 0; got != want {
		t.Errorf("away: got %v, want %v (%s)", got, want, p.cluster.home)
	}
	sql(t, p, "create table kept as select 'still there' as what")
	p.Stop()
	if got := sql(t, startPostgres(t, dir), "select what from kept"); got != "still there" {
		t.Errorf("got %q", got)
	}
}
