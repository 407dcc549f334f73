package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"steward/internal/fixture"
)

// fleet is an installation of several APIs and workers on a Postgres and a
// Temporal, each reached over a wire of its own. What dies is started again, as
// a service manager would.
type fleet struct {
	*system
	own     *ownServers
	office  *postOffice
	apis    []*node
	workers []*node
	begins  string // a planted bug begins once there is a file so named
}

// node is one process that is kept running.
type node struct {
	name     string
	command  func(env ...string) *exec.Cmd
	postgres *wire
	temporal *wire
	url      string // of an API
	address  string // where it listens

	mu      sync.Mutex
	cmd     *exec.Cmd
	log     bytes.Buffer
	clock   time.Duration // how far its clock is off from its next start on
	stopped bool
	ended   chan struct{} // the keeper has ended
	starts  int
}

// newFleet makes a database, a namespace, a folder, and the processes; they have
// a bug of internal/planted if one is named.
func newFleet(t *testing.T, own *ownServers, bug string) *fleet {
	t.Helper()
	name := "chaos_" + strings.ReplaceAll(uuid.NewString(), "-", "")[:12]
	database := own.database(t, name)
	pool, err := pgxpool.New(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s := &system{t: t, pool: pool, namespace: name, address: own.temporal.Address(), flawed: bug != ""}
	program := s.program()
	makeNamespace(t, s.address, s.namespace)
	c := &fleet{system: s, own: own, office: openPostOffice(t)}
	s.env = append(s.settings(database), "STEWARD_FILES_URL=file://"+own.folder(t, name), "STEWARD_SMTP_URL="+c.office.address, "STEWARD_MAIL_FROM=steward@firm.example")
	c.begins = filepath.Join(t.TempDir(), "begins")
	s.env = append(s.env, "STEWARD_PLANTED="+bug, "STEWARD_PLANTED_FROM="+c.begins)
	for i := range 2 {
		c.apis = append(c.apis, c.node(t, fmt.Sprintf("api %d", i+1), program, "api"))
		c.workers = append(c.workers, c.node(t, fmt.Sprintf("worker %d", i+1), program, "worker"))
	}
	for _, n := range c.nodes() {
		go n.keep()
	}
	t.Cleanup(func() {
		c.explain(t)
		for _, n := range c.nodes() {
			n.stop()
		}
	})
	for _, n := range c.apis {
		n.settle(t)
	}
	c.url = c.apis[0].url
	c.ready(t)
	return c
}

func (f *fleet) nodes() []*node { return append(append([]*node{}, f.apis...), f.workers...) }

func (f *fleet) node(t *testing.T, name, program, verb string) *node {
	t.Helper()
	u, err := url.Parse(f.pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	n := &node{name: name, postgres: newWire(t, u.Host), temporal: newWire(t, f.address), address: "127.0.0.1:0", ended: make(chan struct{})}
	u.Host = n.postgres.address()
	n.command = func(more ...string) *exec.Cmd {
		cmd := exec.Command(program, verb)
		cmd.Env = append(append([]string{}, f.env...), "DATABASE_URL="+u.String(), "TEMPORAL_ADDRESS="+n.temporal.address())
		cmd.Env = append(cmd.Env, more...)
		return cmd
	}
	return n
}

var listening = regexp.MustCompile(`the API listens on http://(\S+)`)

// settle waits until an API has chosen its address, which it keeps from then on.
func (n *node) settle(t *testing.T) {
	t.Helper()
	eventually(t, n.name+" listens", func() error {
		m := listening.FindStringSubmatch(n.said())
		if m == nil {
			return fmt.Errorf("it says %s", n.said())
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		n.url, n.address = "http://"+m[1], m[1]
		return nil
	})
}

// keep starts the process whenever it is not there, until it is stopped.
func (n *node) keep() {
	defer close(n.ended)
	for {
		n.mu.Lock()
		if n.stopped {
			n.mu.Unlock()
			return
		}
		n.cmd = n.command("STEWARD_CLOCK="+n.clock.String(), "STEWARD_HTTP="+n.address)
		n.cmd.Stderr = &lockedLog{n}
		err := n.cmd.Start()
		n.starts++
		cmd := n.cmd
		n.mu.Unlock()
		if err == nil {
			_ = cmd.Wait()
		}
		<-time.After(100 * time.Millisecond) // a service manager's pause between starts
	}
}

// lockedLog keeps what a process said, of all its lives.
type lockedLog struct{ *node }

func (l *lockedLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.Write(b)
}

func (n *node) signal(s syscall.Signal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd != nil && n.cmd.Process != nil {
		_ = n.cmd.Process.Signal(s) // it may just have ended
	}
}

func (n *node) stop() {
	n.mu.Lock()
	n.stopped = true
	n.mu.Unlock()
	n.signal(syscall.SIGCONT)
	n.signal(syscall.SIGKILL)
	<-n.ended
}

func (n *node) said() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.log.String()
}

// shift sets the clock of the process off, from its next start on.
func (n *node) shift(d time.Duration) {
	n.mu.Lock()
	n.clock = d
	n.mu.Unlock()
	n.signal(syscall.SIGKILL)
}

// ready waits until every API says that all it needs is there.
func (f *fleet) ready(t *testing.T) {
	t.Helper()
	for _, n := range f.apis {
		eventually(t, n.name+" is ready", func() error {
			r, err := http.Get(n.url + "/readyz")
			if err != nil {
				return err
			}
			defer r.Body.Close()
			if r.StatusCode != 200 {
				return fmt.Errorf("it says %d", r.StatusCode)
			}
			return nil
		})
	}
	for _, n := range f.workers {
		eventually(t, n.name+" is ready", func() error {
			if said := n.said(); !strings.Contains(said, "the worker takes what is waiting") {
				return fmt.Errorf("it says %s", said)
			}
			return nil
		})
	}
}

// explain prints the end of what everybody said, if the test has failed.
func (f *fleet) explain(t *testing.T) {
	t.Helper()
	if !t.Failed() {
		return
	}
	for _, n := range f.nodes() {
		said := n.said()
		t.Logf("%s, started %d times, said in the end:\n%s", n.name, n.starts, said[max(0, len(said)-20_000):])
	}
}

// any is one of the APIs, as behind a load balancer that knows nothing.
func (f *fleet) any(r *rand.Rand) string { return f.apis[r.IntN(len(f.apis))].url }

// database makes one more database on the servers, with all migrations.
func (o *ownServers) database(t *testing.T, name string) string {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), o.postgres.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(o.postgres.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	if err := fixture.Migrate(t.Context(), u.String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.drop(t, name) })
	return u.String()
}

// drop removes a database that nobody needs any more; what cannot be removed
// goes with the servers.
func (o *ownServers) drop(t *testing.T, name string) {
	pool, err := pgxpool.New(t.Context(), o.postgres.URL())
	if err != nil {
		return
	}
	defer pool.Close()
	_, _ = pool.Exec(t.Context(), "DROP DATABASE "+name+" WITH (FORCE)")
}

// folder is one beside the servers' data, on the same disk.
func (o *ownServers) folder(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(o.dir, "files-"+name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// family are a server's process and all that it has forked.
func family(pid int) []int {
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		out, _ := exec.Command("pgrep", "-P", strconv.Itoa(all[i])).Output() // none: an error
		for _, f := range strings.Fields(string(out)) {
			if n, err := strconv.Atoi(f); err == nil {
				all = append(all, n)
			}
		}
	}
	return all
}
