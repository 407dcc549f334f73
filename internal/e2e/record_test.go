package e2e

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/encoding/protojson"
)

var record = flag.Bool("record", false, "write the histories of processes to workflows/testdata/next, to be replayed from then on")

// Every kind of process leaves a history that can be recorded; what the
// operators see of it is there too.
func TestEveryProcessCanBeSeen(t *testing.T) { // N.30
	t.Parallel()
	f := newFirm(t).cleared(t)
	id, week := f.everyKind(t)
	f.seeEveryKind(t, func(kind, id string) { f.save(t, kind, id) })
	f.waitsFor(t, "task/"+id, "assignee")
	f.waitsFor(t, path("status/%s/%s", f.client, week), "review")
}

// everyKind does what begins a process of every kind; it returns a task that
// somebody works on, and the week of a status report in review.
func (f *firm) everyKind(t *testing.T) (id string, week any) {
	t.Helper()
	id = f.task(t, "Analysis", object{"group_id": f.group})
	f.ann.must(t, "POST", path("/tasks/%s/accept", id), object{})
	f.ann.must(t, "POST", path("/tasks/%s/time", id), object{"work_date": "2026-03-02", "minutes": 61, "description": "reading"})
	f.ann.must(t, "PATCH", "/tasks/"+id, object{"title": "Analysis *and* review"})
	f.bob.refused(t, 403, "not_owner", "POST", path("/tasks/%s/status", id), object{"status": "complete"})
	request := f.am.must(t, "POST", "/requests", object{"client_id": f.client, "project_id": f.project, "kind": "issue", "title": "It is slow"})["id"].(string)
	f.am.must(t, "POST", path("/requests/%s/assign", request), object{"to": object{"group_id": f.group}})
	f.ann.must(t, "POST", path("/requests/%s/accept", request), object{})
	f.am.refused(t, 403, "not_owner", "POST", path("/requests/%s/return", request), object{"done": "nothing"})
	f.ann.must(t, "POST", path("/requests/%s/wait", request), object{"note": "Which page?"})
	f.run("bill", "--through", "2026-03-31", "--complete")
	f.checkBooks(t, 0)
	f.am.must(t, "POST", "/payments", object{"client_id": f.client, "amount": "1", "received_on": "2026-03-02"})
	for _, inv := range f.am.must(t, "GET", "/invoices", nil)["items"].([]any) {
		f.am.must(t, "POST", path("/invoices/%s/send", inv.(object)["id"]), object{"by": "paper"})
		f.am.must(t, "POST", path("/invoices/%s/send", inv.(object)["id"]), object{"by": "email"})
	}
	f.am.must(t, "POST", "/reminders/runs", object{"as_of": time.Now().AddDate(0, 2, 0).Format(time.DateOnly)})
	week = f.am.must(t, "POST", "/status-reports/runs", nil)["week"]
	c := f.temporal()
	for _, id := range []string{"digest", "time-reminder", "billing", "reminders", "status"} {
		if err := c.ScheduleClient().GetHandle(t.Context(), id).Trigger(t.Context(), client.ScheduleTriggerOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return id, week
}

// seeEveryKind calls see with a process of every kind, once it can be found.
func (f *firm) seeEveryKind(t *testing.T, see func(kind, id string)) {
	t.Helper()
	c := f.temporal()
	want := map[string]bool{"Task": true, "Project": true, "Invoice": true, "BillingRun": true, "Account": true, "Digest": true, "TimeReminder": true, "Request": true, "BillingTick": true, "BillingPeriod": true,
		"Reminders": true, "ReminderRun": true, "Reminder": true, "StatusReports": true, "StatusRun": true, "Status": true, "Reconcile": true}
	things := map[string]bool{"Task": true, "Project": true, "Invoice": true, "Account": true, "Request": true, "Reminder": true, "Status": true} // what is found by its search attributes
	eventually(t, "all kinds are listed with their search attributes", func() error {
		r, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{})
		if err != nil {
			return err
		}
		for _, e := range r.Executions {
			if !want[e.Type.Name] || e.Status == enums.WORKFLOW_EXECUTION_STATUS_RUNNING && !things[e.Type.Name] {
				continue // a run by the clock is recorded when it has ended
			}
			if things[e.Type.Name] && len(e.SearchAttributes.GetIndexedFields()) < 4 {
				continue // it shows them after its first step
			}
			delete(want, e.Type.Name)
			see(e.Type.Name, e.Execution.WorkflowId)
		}
		if len(want) > 0 {
			return os.ErrNotExist
		}
		return nil
	})
}

// waitsFor finds a process by whom it waits for, as an operator would.
func (f *firm) waitsFor(t *testing.T, id, whom string) {
	t.Helper()
	eventually(t, id+" waits for its "+whom, func() error {
		r, err := f.temporal().ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: "WaitingFor = '" + whom + "' AND ExecutionStatus = 'Running'"})
		if err != nil {
			return err
		}
		for _, e := range r.Executions {
			if e.Execution.WorkflowId == id {
				return nil
			}
		}
		return os.ErrNotExist
	})
}

// machine is where a worker ran: nothing that a history is kept for.
var machine = regexp.MustCompile(`"identity": ?"\d+@[^"]*"`)

// save records a history, if asked to.
func (f *firm) save(t *testing.T, kind, id string) {
	t.Helper()
	var h history.History
	events := f.temporal().GetWorkflowHistory(t.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		h.Events = append(h.Events, e)
	}
	text, err := protojson.Marshal(&h)
	if err != nil || len(h.Events) < 4 {
		t.Fatalf("%s has %d events, %v", id, len(h.Events), err)
	}
	text = machine.ReplaceAll(text, []byte(`"identity":"worker"`))
	if strings.Contains(string(text), "postgres://") {
		t.Errorf("the history of %s holds a secret", id)
	}
	if !*record {
		return
	}
	if err := os.WriteFile(filepath.Join("..", "..", "workflows", "testdata", "next", strings.ToLower(kind)+".json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}
