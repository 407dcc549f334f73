package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"steward/internal/embedded"
	"steward/internal/embedded/servers"
	"steward/internal/fixture"
)

func TestMain(m *testing.M) { servers.Main(m) }

// binary is steward, built once for all tests of this package. The tag adds
// nothing but the means to die at a chosen moment, and a clock that can be wrong.
var binary = sync.OnceValues(func() (string, error) { return built("crash") })

// flawed is steward with the bugs of internal/planted, of which one is chosen.
var flawed = sync.OnceValues(func() (string, error) { return built("crash,planted") })

func built(tags string) (string, error) {
	dir, err := os.MkdirTemp("", "steward-e2e-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "steward")
	out, err := exec.Command("go", "build", "-tags", tags, "-o", path, "steward/cmd/steward").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build steward: %w\n%s", err, out)
	}
	return path, nil
}

// system is an installation of its own: a schema, a namespace, a folder, and
// the processes a test starts on them.
type system struct {
	t         *testing.T
	pool      *pgxpool.Pool
	env       []string
	namespace string
	address   string // of Temporal
	url       string // of the API
	api       *process
	token     string // of an administrator who is also an account manager
	worker    *process
	flawed    bool      // has planted bugs
	stdout    io.Writer // of processes that are started; none: it is dropped
}

func newSystem(t *testing.T) *system {
	t.Helper()
	s := &system{t: t, pool: servers.Database(t, fixture.Migrate), namespace: "e2e-" + uuid.NewString(), address: servers.Temporal(t)}
	makeNamespace(t, s.address, s.namespace)
	s.env = s.settings(s.pool.Config().ConnString())
	return s
}

// settings are the environment of its processes.
func (s *system) settings(database string) []string {
	return append(os.Environ(), "DATABASE_URL="+database, "TEMPORAL_ADDRESS="+s.address, "TEMPORAL_NAMESPACE="+s.namespace,
		"STEWARD_DATA="+s.t.TempDir(), "STEWARD_HTTP=127.0.0.1:0", "STEWARD_DATABASE_CONNECTIONS=8", "STEWARD_PERSON_REQUESTS=0", "STEWARD_ADDRESS_REQUESTS=0")
}

// started is a system with its API and a worker, and somebody who may do all.
func started(t *testing.T, env ...string) *system {
	t.Helper()
	s := newSystem(t)
	s.env = append(s.env, env...)
	s.begin()
	return s
}

// begin starts the API and a worker, and adds somebody who may do all.
func (s *system) begin() {
	s.t.Helper()
	s.url = s.startAPI()
	s.startWorker()
	s.run("user", "add", "--email", "admin@firm.example", "--name", "Admin", "--role", "admin,account_manager")
	s.token = strings.TrimSpace(s.run("token", "create", "--email", "admin@firm.example"))
}

func makeNamespace(t *testing.T, address, name string) {
	t.Helper()
	c, err := embedded.DialTemporal(t.Context(), address, "default")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.WorkflowService().RegisterNamespace(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	own, err := client.NewLazyClient(client.Options{HostPort: address, Namespace: name, Logger: silent{}})
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	eventually(t, "the namespace can be used", func() error {
		if err := embedded.RegisterSearchAttributes(t.Context(), own, name); err != nil {
			return err
		}
		_, err := own.DescribeWorkflowExecution(t.Context(), "none", "")
		if err != nil && strings.Contains(err.Error(), "Namespace") {
			return err
		}
		return nil
	})
}

// run runs a command to its end and returns what it printed as its result.
func (s *system) run(args ...string) string {
	s.t.Helper()
	out, errs, err := s.try(args...)
	if err != nil {
		s.t.Fatalf("steward %s: %v\n%s%s", strings.Join(args, " "), err, out, errs)
	}
	return out
}

func (s *system) try(args ...string) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer
	cmd := s.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// program is where steward lies, built when it is first asked for. That can take
// minutes on a busy machine, so ask before the time of anything else runs.
func (s *system) program() string {
	s.t.Helper()
	build := binary
	if s.flawed {
		build = flawed
	}
	path, err := build()
	if err != nil {
		s.t.Fatal(err)
	}
	return path
}

func (s *system) command(args ...string) *exec.Cmd {
	s.t.Helper()
	cmd := exec.Command(s.program(), args...)
	cmd.Env = s.env
	return cmd
}

// process is a running steward.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	mu   sync.Mutex
	log  bytes.Buffer
}

// start runs a command until it says what shows that it is ready.
func (s *system) start(ready *regexp.Regexp, env []string, args ...string) (*process, []string) {
	s.t.Helper()
	p, found := s.launch(ready, env, args...)
	select {
	case m := <-found:
		return p, m
	case <-p.done:
		s.t.Fatalf("steward %s ended before it was ready:\n%s", strings.Join(args, " "), p.log.String())
	case <-time.After(2 * time.Minute):
		s.t.Fatalf("steward %s was not ready in two minutes", strings.Join(args, " "))
	}
	return nil, nil
}

// launch runs a command, and gives what it says that shows that it is ready.
func (s *system) launch(ready *regexp.Regexp, env []string, args ...string) (*process, <-chan []string) {
	s.t.Helper()
	p := &process{cmd: s.command(args...), done: make(chan struct{})}
	p.cmd.Env = append(p.cmd.Env, env...)
	p.cmd.Stdout = s.stdout
	pipe, err := p.cmd.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	found := make(chan []string, 1)
	go p.follow(bufio.NewScanner(pipe), ready, found)
	s.t.Cleanup(func() {
		p.kill()
		if s.t.Failed() {
			p.mu.Lock()
			defer p.mu.Unlock()
			s.t.Logf("%s said:\n%s", strings.Join(args, " "), p.log.String())
		}
	})
	return p, found
}

func (p *process) follow(lines *bufio.Scanner, ready *regexp.Regexp, found chan<- []string) {
	for lines.Scan() {
		p.mu.Lock()
		p.log.WriteString(lines.Text() + "\n")
		p.mu.Unlock()
		if m := ready.FindStringSubmatch(lines.Text()); m != nil {
			select {
			case found <- m:
			default:
			}
		}
	}
	_ = p.cmd.Wait()
	close(p.done)
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.done
}

func (s *system) startAPI(env ...string) string {
	s.t.Helper()
	var m []string
	s.api, m = s.start(regexp.MustCompile(`the API listens on (http://\S+)`), env, "api")
	return m[1]
}

var working = regexp.MustCompile(`the worker takes what is waiting`)

func (s *system) startWorker(env ...string) *process {
	s.t.Helper()
	s.worker, _ = s.start(working, env, "worker")
	return s.worker
}

// startDoomed starts a worker that dies at a moment. What it is to die of may
// wait for it, so that it has before it is ready.
func (s *system) startDoomed(at string) *process {
	s.t.Helper()
	s.worker, _ = s.launch(working, []string{"STEWARD_CRASH=" + at}, "worker")
	return s.worker
}

// eventually waits for something that others bring about.
func eventually(t testing.TB, what string, f func() error) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not in a minute: %s: %v", what, err)
		}
		<-tick.C
	}
}

// silent is a logger for clients that log nothing.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}

// temporal is a client of the system's own namespace.
func (s *system) temporal() client.Client {
	s.t.Helper()
	c, err := embedded.DialTemporal(context.WithoutCancel(s.t.Context()), s.address, s.namespace)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(c.Close)
	return c
}
