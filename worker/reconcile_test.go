package worker

import (
	"testing"
	"time"

	"steward/internal/dispatch"
	"steward/internal/flow"
)

// A process that knows anything else than its row says is behind it, also where
// the row's version is the same: what others did changed what it waits for.
func TestAProcessIsBehindItsRow(t *testing.T) { // N.32
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	later := noon.Add(time.Hour)
	row := flow.Snapshot{Version: 3, State: "open", WaitingFor: "assignee", Assignee: "a", Deadline: &noon, DueAt: &noon}
	for name, c := range map[string]struct {
		change func(*flow.Snapshot)
		want   flow.Drift
	}{
		"the same":            {func(*flow.Snapshot) {}, ""},
		"the same moment":     {func(s *flow.Snapshot) { m := noon.In(time.FixedZone("", 3600)); s.Deadline = &m }, ""},
		"other details":       {func(s *flow.Snapshot) { s.Details = "more" }, ""},
		"an earlier version":  {func(s *flow.Snapshot) { s.Version = 2 }, flow.Behind},
		"a later version":     {func(s *flow.Snapshot) { s.Version = 4 }, flow.Ahead},
		"closed":              {func(s *flow.Snapshot) { s.Closed = true }, flow.Behind},
		"another state":       {func(s *flow.Snapshot) { s.State = "planned" }, flow.Behind},
		"waits for another":   {func(s *flow.Snapshot) { s.WaitingFor = "dependencies" }, flow.Behind},
		"somebody else's":     {func(s *flow.Snapshot) { s.Assignee = "b" }, flow.Behind},
		"another deadline":    {func(s *flow.Snapshot) { s.Deadline = &later }, flow.Behind},
		"without a deadline":  {func(s *flow.Snapshot) { s.Deadline = nil }, flow.Behind},
		"due at another time": {func(s *flow.Snapshot) { s.DueAt = &later }, flow.Behind},
	} {
		known := row
		c.change(&known)
		if got := differs(dispatch.Knowledge{Read: true, Snapshot: known}, row); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if got := differs(dispatch.Knowledge{}, row); got != "" {
		t.Errorf("while it reads its row it is %q", got)
	}
}
