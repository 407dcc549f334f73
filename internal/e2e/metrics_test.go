package e2e

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
)

// scrape reads /metrics as Prometheus does: series with their values.
func (s *system) scrape(t *testing.T) map[string]float64 {
	t.Helper()
	r, err := http.Get(s.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		if i := strings.LastIndexByte(line, ' '); i > 0 && line[0] != '#' {
			v, err := strconv.ParseFloat(strings.TrimSpace(line[i+1:]), 64)
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			all[line[:i]] = v
		}
	}
	return all
}

// metric is the name of a metric of ours, or of the runtime's that we use.
var metric = regexp.MustCompile(`\b(?:steward|process|go)_[a-z_]+\b`)

// watched are the files for Prometheus and Grafana.
var watched = []string{"../../docs/ops/alerts.yml", "../../docs/ops/grafana-dashboard.json"}

func TestWhatIsWatchedIsThereAndDriftIsSeen(t *testing.T) { // N.30 N.32 N.33
	t.Parallel()
	f := newFirm(t).cleared(t)
	id := f.task(t, "Analysis", object{"group_id": f.group})
	var all map[string]float64
	eventually(t, "every open thing has its process", func() error {
		all = f.scrape(t)
		if _, ok := all["steward_reconcile_age_seconds"]; !ok {
			return errors.New("they were not compared yet")
		}
		return drift(all)
	})
	if all["steward_temporal_up"] != 1 || all[`steward_queue_workers{queue="actions"}`] < 1 || all[`steward_things_open{kind="task"}`] != 1 || all[`steward_schedule_late_seconds{schedule="billing"}`] != 0 {
		t.Errorf("got %v", all)
	}
	everyMetricIsThere(t, all)
	handle := f.temporal()
	if err := handle.TerminateWorkflow(t.Context(), "task/"+id, "", "by a test"); err != nil {
		t.Fatal(err)
	}
	if err := handle.ScheduleClient().GetHandle(t.Context(), "digest").Pause(t.Context(), client.SchedulePauseOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := handle.ScheduleClient().GetHandle(t.Context(), "billing").Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "that it has none is seen", func() error {
		all = f.scrape(t)
		if err := drift(all); err == nil || all[`steward_processes_running{kind="task"}`] != 0 || all[`steward_schedule_paused{schedule="digest"}`] != 1 || all[`steward_schedule_late_seconds{schedule="billing"}`] < 900 {
			return fmt.Errorf("%v: %v", err, all)
		}
		return nil
	})
	f.run("reconcile")
	if _, err := handle.ScheduleClient().GetHandle(t.Context(), "billing").Describe(t.Context()); err != nil {
		t.Errorf("after reconciling the schedule of billing: %v", err)
	}
	eventually(t, "it has one again", func() error { return drift(f.scrape(t)) })
	if d, err := handle.DescribeWorkflowExecution(t.Context(), "task/"+id, ""); err != nil || d.WorkflowExecutionInfo.Status != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
		t.Errorf("%v, %v", d, err)
	}
}

// drift is the difference between what is open and what runs.
func drift(all map[string]float64) error {
	kinds := 0
	for name, open := range all {
		kind, ok := strings.CutPrefix(name, "steward_things_open")
		if !ok {
			continue
		}
		kinds++
		if runs, ok := all["steward_processes_running"+kind]; !ok || runs != open {
			return fmt.Errorf("%s: %v are open, %v run", kind, open, runs)
		}
	}
	if kinds < 8 {
		return fmt.Errorf("only %d kinds are counted", kinds)
	}
	return nil
}

func everyMetricIsThere(t *testing.T, all map[string]float64) {
	t.Helper()
	var there []string
	for name := range all {
		base, _, _ := strings.Cut(name, "{")
		there = append(there, base)
	}
	for _, file := range watched {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		names := metric.FindAllString(string(text), -1)
		if len(names) < 20 {
			t.Errorf("%s names only %d metrics", file, len(names))
		}
		for _, name := range names {
			if !slices.Contains(there, name) {
				t.Errorf("%s names %s, which no API tells", file, name)
			}
		}
	}
}
