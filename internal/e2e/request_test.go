package e2e

import (
	"bytes"
	"fmt"
	"testing"
)

// atClient adds somebody at the client and signs them in.
func (f *firm) atClient(t testing.TB, name, email string, roles ...string) person {
	t.Helper()
	u := f.admin().must(t, "POST", "/users", object{"kind": "client", "client_id": f.client, "name": name, "email": email, "roles": roles, "skills": []string{}, "time_zone": "Europe/London"})
	return person{s: f.system, id: u["id"].(string), token: string(bytes.TrimSpace([]byte(f.run("token", "create", "--email", email))))}
}

func TestFromRequestToCompleted(t *testing.T) { // S1.49 S1.53 S1.54 S1.57 S1.59 S1.61 N.20
	t.Parallel()
	f := newFirm(t).cleared(t)
	clara := f.atClient(t, "Clara", "clara@acme.example", "client_manager")
	made := clara.must(t, "POST", "/requests", object{"client_id": f.client, "project_id": f.project, "kind": "issue", "title": "It is *slow*"})
	id := made["id"].(string)
	if made["key"] != "REQ-1" || made["account_manager_id"] != f.am.id {
		t.Errorf("the new request is %v", made)
	}
	f.waitsFor(t, "request/"+id, "account_manager")
	f.am.must(t, "POST", path("/requests/%s/assign", id), object{"to": object{"group_id": f.group}})
	f.ann.must(t, "POST", path("/requests/%s/accept", id), nil)
	f.bob.refused(t, 409, "already_assigned", "POST", path("/requests/%s/accept", id), nil)
	f.ann.must(t, "POST", path("/requests/%s/wait", id), object{"note": "Which page?"})
	f.waitsFor(t, "request/"+id, "client")
	clara.must(t, "POST", path("/requests/%s/notes", id), object{"body": "All of them"})
	f.waitsFor(t, "request/"+id, "assignee") // told by way of the outbox
	task := f.ann.must(t, "POST", path("/requests/%s/tasks", id), object{"title": "Find the index", "assign_to": object{"user_id": f.ann.id}})
	if task["request_id"] != id || task["key"] != "ACME-1" {
		t.Errorf("the task is %v", task)
	}
	f.ann.must(t, "POST", path("/requests/%s/return", id), object{"done": "found it"})
	clara.refused(t, 403, "forbidden", "POST", path("/requests/%s/status", id), object{"status": "completed"})
	f.am.must(t, "POST", path("/requests/%s/status", id), object{"status": "completed"})
	if got := clara.must(t, "GET", "/requests/"+id, nil); got["status"] != "completed" {
		t.Errorf("the client sees %v", got)
	}
	eventually(t, "the process has ended", func() error {
		d, err := f.temporal().DescribeWorkflowExecution(t.Context(), "request/"+id, "")
		if err == nil && d.WorkflowExecutionInfo.CloseTime == nil {
			err = fmt.Errorf("it is %s", d.WorkflowExecutionInfo.Status)
		}
		return err
	})
	f.am.must(t, "POST", path("/requests/%s/status", id), object{"status": "open"}) // a closed one opens again
	f.waitsFor(t, "request/"+id, "account_manager")
}
