package story_test

import (
	"encoding/json"
	"slices"
	"testing"

	"steward/internal/story"
)

func TestWhatHappenedHasAName(t *testing.T) { // N.16
	t.Parallel()
	for _, c := range [][4]string{
		{"task", "create", `{}`, "task.created"}, {"task", "status", `{"status": ["open", "complete"]}`, "task.completed"}, {"task", "status", `{"status": ["planned", "open"]}`, "task.opened"},
		{"task", "status", `{"status": ["complete", "open"]}`, "task.reopened"}, {"task", "status", `{"status": ["open", "planned"]}`, "task.planned"}, {"task", "assign", `{}`, "task.assigned"},
		{"request", "create", `{}`, "request.created"}, {"request", "status", `{"status": ["open", "completed"]}`, "request.completed"}, {"request", "status", `{"status": ["completed", "open"]}`, "request.reopened"},
		{"project", "clear", `{}`, "project.cleared"}, {"invoice", "complete", `{}`, "invoice.completed"}, {"invoice", "void", `{}`, "invoice.voided"},
		{"invoice", "settle", `{"balance": [null, "0.00 GBP"]}`, "invoice.paid"}, {"invoice", "settle", `{"balance": [null, "0 JPY"]}`, "invoice.paid"},
		{"invoice", "settle", `{"balance": [null, "0.50 GBP"]}`, "invoice.partly_paid"}, {"invoice", "settle", `{"balance": [null, "10.00 GBP"]}`, "invoice.partly_paid"},
		{"payment", "record", `{}`, "payment.received"}, {"time_entry", "record", `{}`, "time_entry.recorded"},
		{"user", "sign-in", `{}`, ""}, {"token", "create", `{}`, ""}, {"webhook", "edit", `{}`, ""}, {"task", "imported", `{}`, ""}, {"task", "status", `{}`, ""}, {"task", "status", `null`, ""},
	} {
		got := story.Happened(c[0], c[1], json.RawMessage(c[2]))
		if got != c[3] {
			t.Errorf("%s %s %s is %q, want %q", c[0], c[1], c[2], got, c[3])
		}
		if got != "" && !slices.Contains(story.Happenings(), got) {
			t.Errorf("%s is not in the list of events", got)
		}
	}
}

func TestAListOfEventsSaysWhatIsWanted(t *testing.T) { // N.16
	t.Parallel()
	for _, c := range []struct {
		list        []string
		event       string
		wants, good bool
	}{
		{[]string{"*"}, "task.completed", true, true}, {[]string{"task.*"}, "task.completed", true, true}, {[]string{"task.*"}, "invoice.paid", false, true},
		{[]string{"task.completed"}, "task.completed", true, true}, {[]string{"task.completed"}, "task.created", false, true}, {[]string{"tas.*"}, "task.completed", false, false},
		{[]string{"task"}, "task.completed", false, false}, {[]string{"*.completed"}, "task.completed", false, false}, {[]string{""}, "task.completed", false, false},
	} {
		if got := story.Wants(c.list, c.event); got != c.wants {
			t.Errorf("%v wants %s: %v", c.list, c.event, got)
		}
		if got := story.Wanted(c.list[0]); got != c.good {
			t.Errorf("%q can stand in a list: %v", c.list[0], got)
		}
	}
}
