package workflows_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"steward/internal/flow"
	"steward/workflows"
)

// A change that would break processes that are running is red here: the
// histories were recorded by the end-to-end test, those in testdata/next by the
// version that is being made, and each release leaves its own in a folder of
// its name, for as long as processes of it may run. Those in testdata/met are put
// together of recorded ones, for what seldom meets: of a task, a command that goes
// on, another that waits for it, and a change of the row that is told as it ends.
func TestRecordedHistoriesReplay(t *testing.T) { // N.31
	files, err := filepath.Glob("testdata/*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no recorded histories (%v); make record makes them", err)
	}
	if stray, _ := filepath.Glob("testdata/*.json"); len(stray) > 0 {
		t.Errorf("%s are of no version: move them to testdata/next", stray)
	}
	for _, file := range files {
		t.Run(strings.TrimPrefix(file, "testdata/"), func(t *testing.T) {
			r := worker.NewWorkflowReplayer()
			r.RegisterWorkflowWithOptions(workflows.Task, workflow.RegisterOptions{Name: flow.TaskWorkflow})
			r.RegisterWorkflowWithOptions(workflows.Project, workflow.RegisterOptions{Name: flow.ProjectWorkflow})
			r.RegisterWorkflowWithOptions(workflows.Invoice, workflow.RegisterOptions{Name: flow.InvoiceWorkflow})
			r.RegisterWorkflowWithOptions(workflows.BillingRun, workflow.RegisterOptions{Name: flow.BillingRunWorkflow})
			r.RegisterWorkflowWithOptions(workflows.Request, workflow.RegisterOptions{Name: flow.RequestWorkflow})
			r.RegisterWorkflowWithOptions(workflows.Account, workflow.RegisterOptions{Name: flow.AccountWorkflow})
			r.RegisterWorkflowWithOptions(workflows.Digest, workflow.RegisterOptions{Name: flow.DigestWorkflow})
			r.RegisterWorkflowWithOptions(workflows.TimeReminder, workflow.RegisterOptions{Name: flow.TimeReminderWorkflow})
			r.RegisterWorkflowWithOptions(workflows.BillingTick, workflow.RegisterOptions{Name: flow.BillingTickWorkflow})
			r.RegisterWorkflowWithOptions(workflows.BillingPeriod, workflow.RegisterOptions{Name: flow.BillingPeriodWorkflow})
			r.RegisterWorkflowWithOptions(workflows.Reminders, workflow.RegisterOptions{Name: flow.RemindersWorkflow})
			r.RegisterWorkflowWithOptions(workflows.ReminderRun, workflow.RegisterOptions{Name: flow.ReminderRunWorkflow})
			r.RegisterWorkflowWithOptions(workflows.Reminder, workflow.RegisterOptions{Name: flow.ReminderWorkflow})
			r.RegisterWorkflowWithOptions(workflows.StatusReports, workflow.RegisterOptions{Name: flow.StatusReportsWorkflow})
			r.RegisterWorkflowWithOptions(workflows.StatusRun, workflow.RegisterOptions{Name: flow.StatusRunWorkflow})
			r.RegisterWorkflowWithOptions(workflows.Status, workflow.RegisterOptions{Name: flow.StatusWorkflow})
			r.RegisterWorkflowWithOptions(workflows.Reconcile, workflow.RegisterOptions{Name: flow.ReconcileWorkflow})
			if _, err := os.Stat(file); err != nil {
				t.Fatal(err)
			}
			if err := r.ReplayWorkflowHistoryFromJSONFile(nil, file); err != nil {
				t.Errorf("a process that was recorded in %s would break: %v", file, err)
			}
		})
	}
}
