package dispatch

import (
	"testing"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/types/known/timestamppb"

	"steward/internal/flow"
)

// What ended without a mail has not gone out: it is sent when there is something
// to say.
func TestWhoHasWrittenMailIsReadFromTheHistory(t *testing.T) { // N.31 N.32
	data, at := converter.GetDefaultDataConverter(), time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		activity, state string
		mailed          bool
	}{
		{"SendReminder", "sent", true},
		{"SendReminder", "skipped", false},
		{"SendStatus", "sent", true},
		{"SendStatus", "review", false},
		{"SendInvoice", "partly_paid", true},
		{"RenderInvoice", "sent", false},
	} {
		result, err := data.ToPayloads(flow.Snapshot{Version: 3, State: c.state})
		if err != nil {
			t.Fatal(err)
		}
		k := knowing{data: data, steps: map[int64]string{}}
		for _, e := range []*history.HistoryEvent{
			{EventId: 5, EventType: enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, Attributes: &history.HistoryEvent_ActivityTaskScheduledEventAttributes{
				ActivityTaskScheduledEventAttributes: &history.ActivityTaskScheduledEventAttributes{ActivityType: &common.ActivityType{Name: c.activity}}}},
			{EventId: 7, EventType: enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED, EventTime: timestamppb.New(at), Attributes: &history.HistoryEvent_ActivityTaskCompletedEventAttributes{
				ActivityTaskCompletedEventAttributes: &history.ActivityTaskCompletedEventAttributes{ScheduledEventId: 5, Result: result}}},
		} {
			if err := k.learn(e); err != nil {
				t.Fatal(err)
			}
		}
		if k.Mailed.Equal(at) != c.mailed || k.Snapshot.State != c.state {
			t.Errorf("%s that leaves it %s: mailed at %s, knows %+v", c.activity, c.state, k.Mailed, k.Snapshot)
		}
	}
}
