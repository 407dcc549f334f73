package work

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/fault"
)

func TestATimesheetGoesWhereItsVerbsLead(t *testing.T) { // N.01
	t.Parallel()
	by, now := uuid.New(), time.Date(2026, 3, 16, 9, 0, 0, 0, time.UTC)
	leads := map[TimesheetState]map[string]TimesheetState{
		TimesheetOpen:      {"submit": TimesheetSubmitted},
		TimesheetSubmitted: {"approve": TimesheetApproved, "reject": TimesheetRejected, "reopen": TimesheetOpen},
		TimesheetApproved:  {"reject": TimesheetRejected, "reopen": TimesheetOpen},
		TimesheetRejected:  {"submit": TimesheetSubmitted, "reopen": TimesheetOpen},
	}
	before := now.Add(-time.Hour)
	for state, to := range leads {
		for _, verb := range []string{"submit", "approve", "reject", "reopen", "forget"} {
			sheet := Timesheet{State: state}
			if state != TimesheetOpen {
				sheet.SubmittedAt = &before
			}
			got, err := sheet.Move(verb, by, now)
			want, ok := to[verb]
			if !ok {
				if !fault.Is(err, BadTransition) || got.State != state {
					t.Errorf("%s from %s: %s, %v", verb, state, got.State, err)
				}
				continue
			}
			decided := want == TimesheetApproved || want == TimesheetRejected
			if err != nil || got.State != want || (got.DecidedBy != nil) != decided || (got.DecidedAt != nil) != decided || (got.SubmittedAt != nil) != (want != TimesheetOpen) || want == TimesheetSubmitted && *got.SubmittedAt != now {
				t.Errorf("%s from %s: %+v, %v; want %s", verb, state, got, err, want)
			}
			if got.Closed() != (want == TimesheetSubmitted || want == TimesheetApproved) {
				t.Errorf("a %s timesheet is closed: %v", want, got.Closed())
			}
		}
	}
}
