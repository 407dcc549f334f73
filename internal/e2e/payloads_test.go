package e2e

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/sdk/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"steward/internal/dispatch"
	"steward/internal/embedded/servers"
)

// payloadKey is the text of a key made of one byte.
func payloadKey(b string) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(b, 32)))
}

// words are what must not be read in Temporal's database: titles, names,
// sentences of refusals and of operators.
var words = regexp.MustCompile(`(?i)analysis|review\b|ann\b|olivia|söhne|acme web|it is slow|which page|waiting for:|billing through|digests for|owner of|read the row`)

func TestTemporalKeepsNothingThatCanBeRead(t *testing.T) { // N.30
	t.Parallel()
	f := furnish(t, started(t, "STEWARD_PAYLOAD_KEYS="+payloadKey("1"))).cleared(t)
	task, _ := f.everyKind(t)
	hidden := 0
	var last history.History
	f.seeEveryKind(t, func(kind, id string) {
		last = history.History{}
		for events := f.temporal().GetWorkflowHistory(t.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
			e, err := events.Next()
			if err != nil {
				t.Fatal(err)
			}
			last.Events = append(last.Events, e)
		}
		hidden += unreadable(t, kind, &last)
		list, err := f.temporal().DescribeWorkflowExecution(t.Context(), id, "")
		if err != nil {
			t.Fatal(err)
		}
		hidden += unreadable(t, kind+", described", list)
	})
	c := f.temporal()
	for _, id := range []string{"digest", "time-reminder", "billing", "reminders", "status"} {
		s, err := c.WorkflowService().DescribeSchedule(t.Context(), &workflowservice.DescribeScheduleRequest{Namespace: f.namespace, ScheduleId: id})
		if err != nil {
			t.Fatal(err)
		}
		hidden += unreadable(t, "the schedule "+id, s)
	}
	if hidden < 100 {
		t.Errorf("only %d payloads were looked at", hidden)
	}
	f.readByOperators(t, "task/"+task)
}

// unreadable looks at every payload of a message but search attributes, which
// are there to be searched, and counts them.
func unreadable(t *testing.T, what string, m proto.Message) (n int) {
	t.Helper()
	err := proxy.VisitPayloads(t.Context(), m, proxy.VisitPayloadsOptions{SkipSearchAttributes: true, Visitor: func(_ *proxy.VisitPayloadsContext, all []*common.Payload) ([]*common.Payload, error) {
		for _, p := range all {
			if n++; string(p.Metadata[converter.MetadataEncoding]) != "binary/encrypted" {
				return nil, fmt.Errorf("a payload can be read: %s %s", p.Metadata, p.Data)
			}
			p.Data = nil // in what is encrypted a short word comes by chance
		}
		return all, nil
	}})
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	text, err := protojson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if found := words.FindString(string(text)); found != "" {
		t.Errorf("%s can be read: %q of %s", what, found, text)
	}
	return n
}

// readByOperators looks at what the UI asks for, by way of the codec that
// `steward codec` serves.
func (f *firm) readByOperators(t *testing.T, id string) {
	t.Helper()
	_, m := f.start(regexp.MustCompile(`the codec listens on (http://\S+)`), nil, "codec", "--listen", "127.0.0.1:0")
	remote := converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), converter.NewRemotePayloadCodec(converter.RemotePayloadCodecOptions{Endpoint: m[1]}))
	d, err := f.temporal().DescribeWorkflowExecution(t.Context(), id, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := remote.ToString(d.ExecutionConfig.GetUserMetadata().GetSummary()); got != `"ACME-1 Analysis"` {
		t.Errorf("the summary is %s", got)
	}
	r, err := f.temporal().QueryWorkflow(t.Context(), id, "", "__temporal_workflow_metadata")
	if err == nil {
		err = r.Get(new(any))
	}
	if err == nil {
		t.Error("the current details can be read without a key")
	}
	own, err := client.DialContext(t.Context(), dispatch.Connection(dispatch.Link{Address: servers.Temporal(t), Namespace: f.namespace, Log: silent{}, Keys: mustKeys(t, payloadKey("1"))}))
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	if r, err = own.QueryWorkflow(t.Context(), id, "", "__temporal_workflow_metadata"); err != nil {
		t.Fatal(err)
	}
	var details sdk.WorkflowMetadata
	if err := r.Get(&details); err != nil || !strings.Contains(details.CurrentDetails, "Ann") {
		t.Errorf("the current details are %q, %v", details.CurrentDetails, err)
	}
}

func mustKeys(t *testing.T, text string) dispatch.Keys {
	t.Helper()
	k, err := dispatch.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A worker that lacks the key stops and ends nothing: what it could not read
// goes on under one that has it. Before there was a key, all was plain; that
// goes on too.
func TestAWorkerWithoutTheKeyEndsNothing(t *testing.T) { // N.31
	t.Parallel()
	f := newFirm(t).cleared(t) // without a key
	old := f.task(t, "Old", object{"group_id": f.group})
	f.worker.kill()
	f.env = append(f.env, "STEWARD_PAYLOAD_KEYS="+payloadKey("1"))
	f.url = f.startAPI()
	f.startWorker("STEWARD_PAYLOAD_KEYS=")
	answered := make(chan reply, 2)
	for _, a := range []struct {
		who  person
		path string
		body object
	}{{f.am, "/tasks", object{"project_id": f.project, "title": "New"}}, {f.manager, path("/tasks/%s/accept", old), object{}}} {
		go func() {
			r, err := a.who.attempt("POST", a.path, a.body)
			if err != nil {
				t.Error(err)
			}
			answered <- r
		}()
	}
	eventually(t, "the worker stops at what it cannot read", func() error { return f.stoppedAtAKey(t) })
	f.worker.kill()
	f.startWorker()
	for range 2 {
		if r := <-answered; r.Status >= 300 {
			t.Errorf("%d %s", r.Status, r.Raw)
		}
	}
	eventually(t, "both are carried out", func() error {
		tasks := f.manager.must(t, "GET", "/tasks?assignee=me", nil)["items"].([]any)
		all := f.am.must(t, "GET", "/tasks?project="+f.project, nil)["items"].([]any)
		if len(tasks) != 1 || len(all) != 2 {
			return fmt.Errorf("%d of hers, %d in all", len(tasks), len(all))
		}
		return nil
	})
}

// stoppedAtAKey looks for a process whose task failed for want of a key.
func (f *firm) stoppedAtAKey(t *testing.T) error {
	t.Helper()
	c := f.temporal()
	all, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: "WorkflowType = 'Task'"})
	if err != nil {
		return err
	}
	for _, e := range all.Executions {
		if e.Status != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
			t.Errorf("%s is %s", e.Execution.WorkflowId, e.Status)
		}
		events := c.GetWorkflowHistory(t.Context(), e.Execution.WorkflowId, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			event, err := events.Next()
			if err != nil {
				return err
			}
			if why := event.GetWorkflowTaskFailedEventAttributes().GetFailure().GetMessage(); strings.Contains(why, "STEWARD_PAYLOAD_KEYS has no key") {
				return nil
			}
		}
	}
	return fmt.Errorf("no task of %d processes failed", len(all.Executions))
}
