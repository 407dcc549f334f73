package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"steward/internal/config"
	"steward/internal/embedded"
)

var address = regexp.MustCompile(`API +(http://\S+)`)

// devSystem is `steward dev` on a folder of its own, with everything embedded.
func devSystem(t *testing.T) *system {
	t.Helper()
	s := &system{t: t}
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !strings.HasPrefix(name, "STEWARD_") && !strings.HasPrefix(name, "TEMPORAL_") && name != "DATABASE_URL" {
			s.env = append(s.env, v)
		}
	}
	s.env = append(s.env, "STEWARD_DATA="+filepath.Join(t.TempDir(), "data"), "STEWARD_HTTP=127.0.0.1:0")
	return s
}

func (s *system) dev(args ...string) *process {
	s.t.Helper()
	p, m := s.start(address, nil, append([]string{"dev", "--temporal-ui-port", "0", "--temporal-port", "0", "--mail-port", "0"}, args...)...)
	s.url = m[1]
	return p
}

// children are the servers that a running dev has started.
func children(t *testing.T, p *process) []string {
	t.Helper()
	out, err := exec.Command("pgrep", "-P", fmt.Sprint(p.cmd.Process.Pid)).Output()
	if err != nil {
		t.Fatalf("list the children of steward: %v", err)
	}
	return strings.Fields(string(out))
}

func gone(t *testing.T, pids []string) {
	t.Helper()
	eventually(t, "nothing is left running", func() error {
		for _, pid := range pids {
			if err := exec.Command("kill", "-0", pid).Run(); err == nil {
				return fmt.Errorf("process %s runs", pid)
			}
		}
		return nil
	})
}

func TestDevIsReadyToUseAndKeepsItsData(t *testing.T) { // N.31, N.32
	t.Parallel()
	s := devSystem(t)
	p := s.dev("--demo")
	s.signIn(t, p)
	s.token = strings.TrimSpace(s.run("token", "create", "--email", "admin@steward.example"))
	firm := s.seen(t)
	if firm.clients != 3 || firm.drafts != 1 || firm.completed != 1 || firm.open < 5 {
		t.Errorf("the firm to look at is %+v", firm)
	}
	servers := children(t, p)
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if <-p.done; p.cmd.ProcessState.ExitCode() != 0 || len(servers) < 2 {
		t.Errorf("Ctrl-C ends with %s; it ran %d servers", p.cmd.ProcessState, len(servers))
	}
	gone(t, servers)

	p = s.dev("--demo") // finds its data
	if again := s.seen(t); again != firm {
		t.Errorf("after a restart the firm is %+v, it was %+v", again, firm)
	}
	servers = children(t, p)
	p.kill()
	for _, pid := range servers {
		_ = exec.Command("kill", "-9", pid).Run()
	}
	p = s.dev() // recovers by itself
	if again := s.seen(t); again != firm {
		t.Errorf("after kill -9 of everything the firm is %+v, it was %+v", again, firm)
	}
	s.loseTheEngine(t, p, firm)
	if _, errs, err := s.try("dev"); err == nil || !strings.Contains(errs, "used by another steward") {
		t.Errorf("a second dev on the folder: %v %s", err, errs)
	}
}

// loseTheEngine deletes Temporal's whole database; one command brings every
// process back from Postgres (N.32).
func (s *system) loseTheEngine(t *testing.T, p *process, firm sight) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	<-p.done
	lost, err := filepath.Glob(filepath.Join(s.data(), "temporal.*"))
	if err != nil || len(lost) == 0 {
		t.Fatalf("Temporal keeps nothing in %s: %v", s.data(), err)
	}
	for _, file := range lost {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	s.dev()
	s.run("reconcile")
	c := s.engine(t)
	eventually(t, "every open task has its process again", func() error {
		r, err := c.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: "WorkflowType = 'Task' AND State = 'open' AND ExecutionStatus = 'Running'"})
		if err != nil || int(r.Count) != firm.open {
			return fmt.Errorf("%d of %d have, %v", r.GetCount(), firm.open, err)
		}
		return nil
	})
}

// data is the system's folder.
func (s *system) data() string {
	for _, v := range s.env {
		if dir, ok := strings.CutPrefix(v, "STEWARD_DATA="); ok {
			return dir
		}
	}
	return ""
}

// engine is a client of the Temporal that a running dev has announced.
func (s *system) engine(t *testing.T) client.Client {
	t.Helper()
	found, err := config.Settings{Data: s.data()}.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	c, err := embedded.DialTemporal(t.Context(), found.Temporal, found.Namespace)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// signIn signs in with the password that was printed.
func (s *system) signIn(t *testing.T, p *process) {
	t.Helper()
	p.mu.Lock()
	m := regexp.MustCompile(`Password +(\S+)`).FindStringSubmatch(p.log.String())
	p.mu.Unlock()
	if m == nil {
		eventually(t, "the password is printed", func() error {
			p.mu.Lock()
			defer p.mu.Unlock()
			if m = regexp.MustCompile(`Password +(\S+)`).FindStringSubmatch(p.log.String()); m == nil {
				return os.ErrNotExist
			}
			return nil
		})
	}
	body, err := json.Marshal(object{"email": "admin@steward.example", "password": m[1]})
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(s.url+"/api/v1/sessions", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 || len(res.Cookies()) == 0 {
		t.Errorf("signing in: %s", res.Status)
	}
}

// what is seen of a firm over HTTP.
type sight struct{ clients, open, drafts, completed int }

func (s *system) seen(t *testing.T) sight {
	t.Helper()
	count := func(path string) int { return len(s.admin().must(t, "GET", path, nil)["items"].([]any)) }
	return sight{count("/clients"), count("/tasks?status=open"), count("/invoices?state=draft"), count("/invoices?state=complete")}
}

func TestCommandsSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := devSystem(t)
	for _, args := range [][]string{{"token", "create", "--email", "a@b.example"}, {"import", "."}, {"bill", "--through", "2026-01-01"}, {"worker"}} {
		if _, errs, err := s.try(args...); err == nil || !strings.Contains(errs, "steward dev") || strings.Count(errs, "\n") > 1 {
			t.Errorf("%v: %v %s", args, err, errs)
		}
	}
	for _, args := range [][]string{{}, {"nonsense"}, {"bill"}, {"bill", "--through", "2026-01-01", "--nonsense"}} {
		if _, errs, err := s.try(args...); err == nil || errs == "" {
			t.Errorf("%v is understood: %v %s", args, err, errs)
		}
	}
	if out := s.run("--help"); !strings.Contains(out, "reconcile") {
		t.Errorf("--help prints %s", out)
	}
}

func TestARunningDevIsFoundAndForgotten(t *testing.T) {
	t.Parallel()
	s := config.Settings{Data: t.TempDir(), HTTP: "127.0.0.1:8080"}
	if _, err := s.Resolve(); err == nil {
		t.Error("a dev is found where none is")
	}
	if err := s.Announce(config.Running{Database: "postgres://x", Temporal: "t:1", Namespace: "n", HTTP: "h:2"}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Resolve(); err != nil || got.Database != "postgres://x" || got.Temporal != "t:1" || got.Namespace != "n" || got.HTTP != "h:2" {
		t.Errorf("got %+v, %v", got, err)
	}
	s.Withdraw()
	if _, err := s.Resolve(); err == nil {
		t.Error("a dev is found that has gone")
	}
}
