package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"steward/internal/embedded"
)

// Installation is steward as a firm runs it: a Postgres, a Temporal, and APIs
// and workers that are processes of their own.
type Installation struct {
	Dir      string // of the databases, logs and files
	Database string // Postgres, as a URL
	Temporal string // the frontend, as host:port
	Engine   Engine // what Temporal keeps its data in

	env   []string
	stops []func()
	log   *os.File

	mu   sync.Mutex
	apis []*Process
	work []*Process
}

// An Engine is a running Temporal as seen from outside.
type Engine struct {
	Name  string
	PID   func() int            // its process
	Bytes func() (int64, error) // what its data takes on the disk
}

// Process is a running steward.
type Process struct {
	URL  string // of an API
	cmd  *exec.Cmd
	done chan struct{}
}

// Say prints a line.
func Say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// Open starts the servers in a folder of their own: Postgres, and Temporal as
// a dev server on SQLite, or with cluster as a server on the same Postgres.
func Open(ctx context.Context, cluster bool) (*Installation, error) {
	in := &Installation{}
	err := in.open(ctx, cluster)
	if err != nil {
		in.Close()
		return nil, err
	}
	return in, nil
}

func (in *Installation) open(ctx context.Context, cluster bool) error {
	dir, remove, err := embedded.TempDir()
	if err != nil {
		return err
	}
	in.Dir = dir
	in.stops = append(in.stops, remove)
	if in.log, err = os.Create(filepath.Join(dir, "steward.log")); err != nil {
		return err
	}
	p, err := embedded.StartPostgres(ctx, embedded.PostgresOptions{Dir: dir, Say: Say})
	if err != nil {
		return err
	}
	in.stops = append(in.stops, p.Stop)
	in.Database = p.URL()
	start := in.devServer
	if cluster {
		start = in.server
	}
	if err := start(ctx); err != nil {
		return err
	}
	in.env = append(os.Environ(), "DATABASE_URL="+in.Database, "TEMPORAL_ADDRESS="+in.Temporal, "STEWARD_DATA="+dir, "STEWARD_HTTP=127.0.0.1:0",
		"STEWARD_PERSON_REQUESTS=0", "STEWARD_ADDRESS_REQUESTS=0", "STEWARD_LOG_LEVEL=warn")
	return nil
}

// devServer starts Temporal's dev server on a file.
func (in *Installation) devServer(ctx context.Context) error {
	t, err := embedded.StartTemporal(ctx, embedded.TemporalOptions{Dir: in.Dir, UIPort: -1, Say: Say})
	if err != nil {
		return err
	}
	in.stops = append(in.stops, t.Stop)
	in.Temporal = t.Address()
	in.Engine = Engine{Name: "Temporal's dev server on SQLite", PID: func() int { return numberIn(filepath.Join(in.Dir, "temporal.pid")) }, Bytes: func() (int64, error) {
		var all int64
		for _, end := range []string{"", "-wal"} {
			if f, err := os.Stat(filepath.Join(in.Dir, "temporal.db"+end)); err == nil {
				all += f.Size()
			}
		}
		return all, nil
	}}
	return nil
}

// Close stops what was started, the last first.
func (in *Installation) Close() {
	for _, p := range slices.Concat(in.APIs(), in.Workers()) {
		in.Stop(p)
	}
	for _, stop := range slices.Backward(in.stops) {
		stop()
	}
}

// Build builds the steward of a folder with its sources and returns the binary.
func (in *Installation) Build(ctx context.Context, source, name string) (string, error) {
	path := filepath.Join(in.Dir, name)
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "./cmd/steward")
	cmd.Dir = source
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build steward in %s: %w\n%s", source, err, out)
	}
	return path, nil
}

// Run runs a command of steward to its end and returns what it printed.
func (in *Installation) Run(ctx context.Context, binary string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = in.env
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = fmt.Errorf("steward %s: %w: %s", strings.Join(args, " "), err, failed.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}

var (
	listening = regexp.MustCompile(`the API listens on (http://\S+)`)
	taking    = regexp.MustCompile(`the worker takes`)
)

// StartAPI starts an API on a free port.
func (in *Installation) StartAPI(binary string) (*Process, error) {
	p, said, err := in.start(binary, listening, "api")
	if err != nil {
		return nil, err
	}
	p.URL = said[1]
	in.mu.Lock()
	defer in.mu.Unlock()
	in.apis = append(in.apis, p)
	return p, nil
}

// StartWorker starts a worker; args are further flags.
func (in *Installation) StartWorker(binary string, args ...string) (*Process, error) {
	p, _, err := in.start(binary, taking, append([]string{"worker"}, args...)...)
	if err != nil {
		return nil, err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.work = append(in.work, p)
	return p, nil
}

// start runs a command until it says what shows that it is ready.
func (in *Installation) start(binary string, ready *regexp.Regexp, args ...string) (*Process, []string, error) {
	p := &Process{cmd: exec.Command(binary, args...), done: make(chan struct{})}
	p.cmd.Env = in.env
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C reaches it by way of Close
	pipe, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, nil, err
	}
	found := make(chan []string, 1)
	go in.follow(p, pipe, ready, found)
	select {
	case said := <-found:
		return p, said, nil
	case <-p.done:
		return nil, nil, fmt.Errorf("steward %s ended before it was ready; its log is %s", strings.Join(args, " "), in.log.Name())
	case <-time.After(time.Minute):
		in.Stop(p)
		return nil, nil, fmt.Errorf("steward %s was not ready in a minute", strings.Join(args, " "))
	}
}

// follow keeps what a process says, and tells when it is ready.
func (in *Installation) follow(p *Process, said io.Reader, ready *regexp.Regexp, found chan<- []string) {
	defer close(p.done)
	lines := bufio.NewScanner(said)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		_, _ = in.log.WriteString(lines.Text() + "\n")
		if m := ready.FindStringSubmatch(lines.Text()); m != nil {
			select {
			case found <- m:
			default:
			}
		}
	}
	_, _ = io.Copy(io.Discard, said)
	_ = p.cmd.Wait()
}

// Stop ends a process as an operator does, and returns when it has ended. An
// API gets no new requests before.
func (in *Installation) Stop(p *Process) {
	in.mu.Lock()
	not := func(o *Process) bool { return o == p }
	in.apis, in.work = slices.DeleteFunc(slices.Clone(in.apis), not), slices.DeleteFunc(slices.Clone(in.work), not)
	in.mu.Unlock()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(time.Minute):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// APIs are those that take requests.
func (in *Installation) APIs() []*Process {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.apis
}

// Workers are those that run.
func (in *Installation) Workers() []*Process {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.work
}

// Last is the end of what the servers and processes said.
func (in *Installation) Last() error {
	b, err := os.ReadFile(in.log.Name())
	const most = 4 << 10
	return errors.Join(fmt.Errorf("what was said last:\n%s", b[max(0, len(b)-most):]), err)
}

// Said are the lines that the processes logged and that hold one of the texts.
func (in *Installation) Said(texts ...string) ([]string, error) {
	b, err := os.ReadFile(in.log.Name())
	var all []string
	for line := range strings.Lines(string(b)) {
		if slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(line, s) }) {
			all = append(all, strings.TrimSpace(line))
		}
	}
	return all, err
}
