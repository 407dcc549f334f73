package work

import (
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
)

// Clearance is a project that waits for clearance (S1.06).
type Clearance struct {
	AskedAt   time.Time
	Reminders int // that are over
}

// reminderDays are the working days, after the one on which clearance was asked
// for, on whose mornings it is reminded of; then once a week.
var reminderDays = []int{1, 3, 7}

const reminderWeek = 5

// Days is the working day of the next reminder, counted from the day after
// clearance was asked for.
func (c Clearance) Days() int {
	if c.Reminders < len(reminderDays) {
		return reminderDays[c.Reminders]
	}
	last := len(reminderDays) - 1
	return reminderDays[last] + reminderWeek*(c.Reminders-last)
}

// Next is when it is reminded of next: when work begins on that day. It is
// false where nobody ever works.
func (c Clearance) Next(h civil.Hours) (time.Time, bool) {
	day, ok := h.AfterWorkdays(civil.In(c.AskedAt, h.Zone()), c.Days())
	if !ok {
		return time.Time{}, false
	}
	hours := h.Day(day)
	if len(hours) == 0 { // clocks skip all of it
		return day.Start(h.Zone()), true
	}
	return hours[0].Start, true
}

// Remind is the clearance after a reminder at an instant, if one is due.
// Those that were missed count as over: nobody is reminded twice at once.
func (c Clearance) Remind(now time.Time, h civil.Hours) (Clearance, bool) {
	due := false
	for at, ok := c.Next(h); ok && !now.Before(at); at, ok = c.Next(h) {
		c.Reminders++
		due = true
	}
	return c, due
}

// What people hear of projects (N.21).
const (
	ClearanceAsked     NoticeKind = "clearance_asked"     // you may give it
	ClearanceReminder  NoticeKind = "clearance_reminder"  // it waits still
	Cleared            NoticeKind = "cleared"             // you asked for it, or manage the project
	ClearanceRefused   NoticeKind = "clearance_refused"   // you asked for it, or manage the project
	ClearanceWithdrawn NoticeKind = "clearance_withdrawn" // so did you, or you were asked for it
	ProjectGiven       NoticeKind = "project_given"       // you manage it now
	ProjectTaken       NoticeKind = "project_taken"       // you managed it
	ProjectTurned      NoticeKind = "project_status"      // you manage it or have its tasks
)

// ProjectAudience is who may have to hear of a project.
type ProjectAudience struct {
	AM       uuid.UUID
	AskedBy  uuid.UUID   // for clearance
	MayClear []uuid.UUID // who have the right to give it
	Team     []uuid.UUID // who answer for or work on its planned and open tasks
}

// ProjectTold is who hears of an action on a project's life: of a request for
// clearance those who may give it; that it is refused who asked for it and the
// account manager; that it is withdrawn all of these; of clearance who asked for
// it; of everything else, and of clearance too, the account manager and the team.
func ProjectTold(verb ProjectVerb, by uuid.UUID, a ProjectAudience) []Notice {
	n := notices{by: by}
	switch verb {
	case RequestClearance:
		n.tell(ClearanceAsked, false, a.MayClear...)
		return n.all
	case RefuseClearance:
		n.tell(ClearanceRefused, false, a.AskedBy, a.AM)
		return n.all
	case WithdrawClearance:
		n.tell(ClearanceWithdrawn, false, a.AskedBy, a.AM)
		n.tell(ClearanceWithdrawn, false, a.MayClear...)
		return n.all
	case Clear:
		n.tell(Cleared, false, a.AskedBy, a.AM)
	}
	n.tell(ProjectTurned, false, a.AM)
	n.tell(ProjectTurned, false, a.Team...)
	return n.all
}

// ClearanceOverdue is who is reminded that a project waits for clearance.
func ClearanceOverdue(a ProjectAudience) []Notice {
	n := notices{by: a.AskedBy} // who asked does not give it
	n.tell(ClearanceReminder, false, a.MayClear...)
	return n.all
}

// ProjectHandedOver is who hears that a project has another account manager
// (S1.07): both.
func ProjectHandedOver(from, to, by uuid.UUID) []Notice {
	n := notices{by: by}
	n.tell(ProjectGiven, false, to)
	n.tell(ProjectTaken, false, from)
	return n.all
}
