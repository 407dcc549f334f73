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

// What people hear of timesheets (N.01, N.21).
const (
	WeekSubmitted NoticeKind = "timesheet_submitted" // you may approve it; once a day, for there may be many
	WeekRejected  NoticeKind = "timesheet_rejected"  // it is yours, and was sent back
	WeekReopened  NoticeKind = "timesheet_reopened"  // it is yours, and can be changed again
)

// TimesheetTold is who hears of what was done to a person's week: who may
// approve it, that it was submitted; the person, that it is open again.
func TimesheetTold(verb string, person, by uuid.UUID, approvers []uuid.UUID) []Notice {
	n := notices{by: by}
	switch verb {
	case "submit":
		n.tell(WeekSubmitted, true, approvers...)
	case "reject":
		n.tell(WeekRejected, false, person)
	case "reopen":
		n.tell(WeekReopened, false, person)
	}
	return n.all
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
