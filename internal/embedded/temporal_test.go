package embedded

import (
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

func startTemporal(t *testing.T, o TemporalOptions) *Temporal {
	t.Helper()
	s, err := StartTemporal(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func refuseTemporal(t *testing.T, o TemporalOptions) error {
	t.Helper()
	s, err := StartTemporal(t.Context(), o)
	if err == nil {
		s.Stop()
		t.Fatal("it started")
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("not one sentence: %v", err)
	}
	return err
}

func dial(t *testing.T, s *Temporal) client.Client {
	t.Helper()
	c, err := DialTemporal(t.Context(), s.Address(), s.opts.Namespace)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestTemporalHasNamespaceAttributesAndUI(t *testing.T) {
	t.Parallel()
	s := startTemporal(t, TemporalOptions{Namespace: "firm"})
	have, err := dial(t, s).OperatorService().ListSearchAttributes(t.Context(), &operatorservice.ListSearchAttributesRequest{Namespace: "firm"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range SearchAttributes() {
		if got := have.CustomAttributes[name]; got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	answer, err := http.Get(s.UIAddress())
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("the UI answers %s", answer.Status)
	}
}

// echo answers one update.
func echo(ctx workflow.Context) error {
	answered := false
	err := workflow.SetUpdateHandler(ctx, "echo", func(_ workflow.Context, said string) (string, error) {
		answered = true
		return said, nil
	})
	if err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return answered })
}

func TestTemporalServesUpdateWithStart(t *testing.T) {
	t.Parallel()
	c := dial(t, startTemporal(t, TemporalOptions{UIPort: -1}))
	w := worker.New(c, "queue", worker.Options{})
	w.RegisterWorkflow(echo)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	start := c.NewWithStartWorkflowOperation(client.StartWorkflowOptions{ID: "one", TaskQueue: "queue", WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING}, echo)
	handle, err := c.UpdateWithStartWorkflow(t.Context(), client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start,
		UpdateOptions:          client.UpdateWorkflowOptions{UpdateName: "echo", Args: []any{"hello"}, WaitForStage: client.WorkflowUpdateStageCompleted},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got string
	if err := handle.Get(t.Context(), &got); err != nil || got != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
}

// begin starts a workflow that nobody works on.
func begin(t *testing.T, s *Temporal) {
	t.Helper()
	_, err := dial(t, s).ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "waiting", TaskQueue: "nobody"}, echo)
	if err != nil {
		t.Fatal(err)
	}
}

func mustKnow(t *testing.T, s *Temporal) {
	t.Helper()
	if _, err := dial(t, s).DescribeWorkflowExecution(t.Context(), "waiting", ""); err != nil {
		t.Errorf("the workflow is lost: %v", err)
	}
}

func TestTemporalFindsItsFileAgain(t *testing.T) {
	t.Parallel()
	o := TemporalOptions{Dir: t.TempDir(), UIPort: -1}
	write(t, filepath.Join(o.Dir, "temporal.db"), "left half made by a start that was killed")
	s := startTemporal(t, o)
	if err := refuseTemporal(t, o); !strings.Contains(err.Error(), "is used by another steward") {
		t.Errorf("a second one: got %v", err)
	}
	begin(t, s)
	s.Stop()
	mustKnow(t, startTemporal(t, o))
}

func TestTemporalReplacesAnOrphan(t *testing.T) {
	t.Parallel()
	o := TemporalOptions{Dir: t.TempDir(), UIPort: -1}
	orphan := startTemporal(t, o)
	begin(t, orphan)
	orphan.unlock() // its steward is gone
	mustKnow(t, startTemporal(t, o))
	<-orphan.Done()
}

func TestTemporalRefusesAFileOfAnotherServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "temporal.db"), "")
	write(t, filepath.Join(dir, "temporal.version"), "1.7.0\n")
	err := refuseTemporal(t, TemporalOptions{Dir: dir, UIPort: -1})
	if !strings.Contains(err.Error(), "was made by Temporal server 1.7.0, but this machine has 1.") {
		t.Errorf("got %v", err)
	}
}

func TestTemporalNamesATakenPort(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	for setting, o := range map[string]TemporalOptions{
		"--temporal-port":    {Port: port, UIPort: -1},
		"--temporal-ui-port": {UIPort: port},
	} {
		err := refuseTemporal(t, o)
		taken := (*PortTaken)(nil)
		if !errors.As(err, &taken) || taken.Port != port || taken.Setting != setting {
			t.Errorf("%s: got %v", setting, err)
		}
	}
}
