package dispatch

import (
	"context"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"steward/internal/flow"
)

// Knowledge is what a run of a process has learned, as its history tells.
type Knowledge struct {
	Thing    uuid.UUID // whose process it is
	Snapshot flow.Snapshot
	Read     bool      // it knows its row at all
	Mailed   time.Time // when it last wrote mail; zero: it has not
	Numbers  []flow.Number
}

// sending are the activities that write mail, with the state that they leave the
// thing in when they have: a letter that says nothing any more is skipped, and
// one without a reader is held. An invoice may be in any.
var sending = map[string]string{"SendInvoice": "", "SendReminder": "sent", "SendStatus": "sent"}

// localActivity is how the SDK calls the marker of a local activity, and
// result what it keeps there of its result: histories have to be read for ever,
// so that neither changes.
const (
	localActivity = "LocalActivity"
	result        = "result"
)

// Known reads what a run of a process knows of its row. No worker is needed.
func (p *Processes) Known(ctx context.Context, process, run string) (Knowledge, error) {
	k := knowing{data: p.data, steps: map[int64]string{}}
	events := p.client.GetWorkflowHistory(ctx, process, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err == nil {
			err = k.learn(e)
		}
		if err != nil {
			_, err = was(err) // ended so long ago that Temporal has forgotten it
			return k.Knowledge, err
		}
	}
	return k.Knowledge, nil
}

// knowing follows a process through its history.
type knowing struct {
	Knowledge
	data  converter.DataConverter
	steps map[int64]string // activities, by their events
}

func (k *knowing) learn(e *history.HistoryEvent) error {
	switch e.EventType {
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
		return k.begin(e.GetWorkflowExecutionStartedEventAttributes().GetInput())
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
		if e.GetWorkflowExecutionSignaledEventAttributes().SignalName == flow.Reread {
			k.Read = false
		}
	case enums.EVENT_TYPE_MARKER_RECORDED:
		if m := e.GetMarkerRecordedEventAttributes(); m.MarkerName == localActivity {
			return k.take(m.Details[result])
		}
	case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		k.steps[e.EventId] = e.GetActivityTaskScheduledEventAttributes().ActivityType.GetName()
	case enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		a := e.GetActivityTaskCompletedEventAttributes()
		err := k.take(a.Result)
		if state, ok := sending[k.steps[a.ScheduledEventId]]; ok && (state == "" || state == k.Snapshot.State) {
			k.Mailed = e.EventTime.AsTime()
		}
		return err
	}
	return nil
}

// begin reads what the run was started with.
func (k *knowing) begin(input *common.Payloads) error {
	var in flow.Input
	if err := k.data.FromPayloads(input, &in); err != nil {
		return err
	}
	if k.Thing = in.ID; in.Known != nil {
		k.believe(*in.Known)
	}
	return nil
}

func (k *knowing) take(result *common.Payloads) error {
	if len(result.GetPayloads()) == 0 { // a refusal
		return nil
	}
	var snap flow.Snapshot
	err := k.data.FromPayloads(result, &snap)
	if err == nil {
		k.believe(snap)
	}
	return err
}

// believe does as the process does.
func (k *knowing) believe(snap flow.Snapshot) {
	k.Numbers = append(k.Numbers, snap.Numbers...)
	if !k.Read || snap.Version >= k.Snapshot.Version {
		k.Snapshot, k.Read = snap, true
	}
}
