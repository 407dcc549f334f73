package work

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"steward/internal/fault"
)

// TimesheetState is how far a person's week is (N.01).
type TimesheetState string

// The states. Only approved time is billed where the work statement asks for
// approval.
const (
	TimesheetOpen      TimesheetState = "open"
	TimesheetSubmitted TimesheetState = "submitted"
	TimesheetApproved  TimesheetState = "approved"
	TimesheetRejected  TimesheetState = "rejected"
)

// timesheetMoves say where a verb leads from, and where to.
var timesheetMoves = map[string]struct {
	from []TimesheetState
	to   TimesheetState
}{
	"submit":  {[]TimesheetState{TimesheetOpen, TimesheetRejected}, TimesheetSubmitted},
	"approve": {[]TimesheetState{TimesheetSubmitted}, TimesheetApproved},
	"reject":  {[]TimesheetState{TimesheetSubmitted, TimesheetApproved}, TimesheetRejected},
	"reopen":  {[]TimesheetState{TimesheetSubmitted, TimesheetApproved, TimesheetRejected}, TimesheetOpen},
}

// Timesheet is a person's week as its rules see it.
type Timesheet struct {
	State       TimesheetState
	SubmittedAt *time.Time
	DecidedBy   *uuid.UUID // of what is approved or rejected
	DecidedAt   *time.Time
}

// Closed tells whether the time of the week stays as it is.
func (t Timesheet) Closed() bool {
	return t.State == TimesheetSubmitted || t.State == TimesheetApproved
}

// Move is the timesheet after a verb: submit, approve, reject or reopen. It
// refuses with [BadTransition] what the state does not take. Rule: N.01.
func (t Timesheet) Move(verb string, by uuid.UUID, now time.Time) (Timesheet, error) {
	m := timesheetMoves[verb]
	if !slices.Contains(m.from, t.State) {
		return t, fault.New(BadTransition, "the timesheet is %s: it cannot be %s", t.State, m.to)
	}
	after := Timesheet{State: m.to, SubmittedAt: t.SubmittedAt}
	switch m.to {
	case TimesheetSubmitted:
		after.SubmittedAt = &now
	case TimesheetOpen:
		after.SubmittedAt = nil
	default:
		after.DecidedBy, after.DecidedAt = &by, &now
	}
	return after, nil
}
