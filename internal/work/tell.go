package work

import (
	"slices"

	"github.com/google/uuid"
)

// Told says whom of a group new work is told to (S1.14).
type Told string

// The choices of a group's manager.
const (
	ToldMembers  Told = "members"
	ToldManagers Told = "managers"
	ToldNobody   Told = "nobody"
)

// Audience is a group that is to hear of something.
type Audience struct {
	Told     Told
	Digest   bool // once a day rather than at once
	Members  []uuid.UUID
	Managers []uuid.UUID // members too
}

// NoticeKind is what somebody is told of.
type NoticeKind string

// What people hear of tasks (N.21).
const (
	Assigned      NoticeKind = "assigned"       // it is on your desk and yours to answer for
	Delegated     NoticeKind = "delegated"      // it is on your desk, somebody else answers for it
	GroupWork     NoticeKind = "group_work"     // it waits in your group
	TakenAway     NoticeKind = "reassigned"     // it was on your desk
	HandedOn      NoticeKind = "handed_over"    // you answer for it, and it went to another desk
	AnsweredFor   NoticeKind = "answered_for"   // so you did, and who has it answers for it now
	Accepted      NoticeKind = "accepted"       // you answered for it, and somebody took it
	StatusSet     NoticeKind = "status"         // you answer for it or work on it
	Ready         NoticeKind = "ready"          // what it waited for is closed, or taken away
	Escalated     NoticeKind = "escalated"      // nobody of your group accepts it
	NeedsSubtasks NoticeKind = "needs_subtasks" // it is to be broken down (S1.10)
	Noted         NoticeKind = "noted"          // a note or file was added to what you answer for or work on
)

// What account managers hear of billing.
const (
	InvoiceReady    NoticeKind = "invoice_ready"    // a period was drafted
	InvoiceRefused  NoticeKind = "invoice_refused"  // a draft was to be completed by itself and was not
	BillingParked   NoticeKind = "billing_parked"   // a project of theirs was left out of its period
	BudgetWarned    NoticeKind = "budget_warning"   // a part of it is used (N.07)
	ReviewReminders NoticeKind = "review_reminders" // they go by themselves, unless you hold them back
)

// What admins hear of the installation.
const (
	WebhookStopped NoticeKind = "webhook_stopped" // its receiver was not there for days (N.16)
)

// WebhookOff is who hears that a webhook was switched off.
func WebhookOff(admins []uuid.UUID) []Notice {
	n := notices{}
	n.tell(WebhookStopped, false, admins...)
	return n.all
}

// Notice is one person to be told of something.
type Notice struct {
	Person uuid.UUID
	Kind   NoticeKind
	Digest bool
}

// notices collects whom to tell: nobody twice, and not who did it.
type notices struct {
	by  uuid.UUID
	all []Notice
}

func (n *notices) tell(kind NoticeKind, digest bool, people ...uuid.UUID) {
	for _, p := range people {
		known := slices.ContainsFunc(n.all, func(o Notice) bool { return o.Person == p })
		if p != uuid.Nil && p != n.by && !known {
			n.all = append(n.all, Notice{p, kind, digest})
		}
	}
}

func (n *notices) group(kind NoticeKind, a Audience) {
	switch a.Told {
	case ToldMembers:
		n.tell(kind, a.Digest, a.Members...)
	case ToldManagers:
		n.tell(kind, a.Digest, a.Managers...)
	}
}

// desk tells whoever is to work on the task.
func (n *notices) desk(kind NoticeKind, t Task, a Audience) {
	if t.Assignee.Kind != Group {
		n.tell(kind, false, t.Assignee.ID)
		return
	}
	if kind != Ready {
		kind = GroupWork
	}
	n.group(kind, a)
}

// person is the assignee where it is not a group.
func (a Assignee) person() uuid.UUID {
	if a.Kind == Person {
		return a.ID
	}
	return uuid.Nil
}

// Handed is who hears that a task was assigned or delegated: the desk it went
// to, the one it came from, and who answers for it, or did until then.
func Handed(before, after Task, by uuid.UUID, a Audience) []Notice {
	n := notices{by: by}
	kind := Assigned
	if after.HandOver != nil {
		kind = Delegated
	}
	n.desk(kind, after, a)
	n.tell(TakenAway, false, before.Assignee.person())
	owner := HandedOn
	if after.OwnerID != before.OwnerID {
		owner = AnsweredFor
	}
	n.tell(owner, false, before.OwnerID)
	return n.all
}

// Taken is who hears that somebody accepted a task: who answered for it.
func Taken(before Task, by uuid.UUID) []Notice {
	n := notices{by: by}
	n.tell(Accepted, false, before.OwnerID)
	return n.all
}

// Turned is who hears of a new status: who answers for the task and who works
// on it, or may accept it now that it is open (S1.14); and, where it is open and
// not broken down, its owner and the AM too when they did it themselves (S1.10).
// The audience is that of the group it waits in, if its members can start.
func Turned(t Task, by, am uuid.UUID, children int, a Audience) []Notice {
	n := notices{}
	if t.NeedsSubtasks(children) {
		n.tell(NeedsSubtasks, false, t.OwnerID, am)
	}
	n.by = by
	n.tell(StatusSet, false, t.OwnerID, t.Assignee.person())
	if t.Status == Open {
		n.group(GroupWork, a)
	}
	return n.all
}

// Freed is who hears that nothing stands before a task any more (S1.32): the
// desk it is on, and its owner where it is theirs to open or to assign.
func Freed(t Task, by uuid.UUID, a Audience) []Notice {
	n := notices{by: by}
	if t.Status.Closed() {
		return nil
	}
	n.desk(Ready, t, a)
	if t.Status == Planned || t.Assignee.IsZero() {
		n.tell(Ready, false, t.OwnerID)
	}
	return n.all
}

// NotedOn is who hears that a note or file was added to a task: who answers for
// it and who works on it. Zero is nobody.
func NotedOn(owner, assignee, by uuid.UUID) []Notice {
	n := notices{by: by}
	n.tell(Noted, false, owner, assignee)
	return n.all
}

// Unaccepted is who hears that nobody accepts a task or request: the managers of
// its group, or where that has none who answer for it (S1.14).
func Unaccepted(a Audience, answer ...uuid.UUID) []Notice {
	if len(a.Managers) > 0 {
		answer = a.Managers
	}
	return only(Escalated, answer...)
}

// InvoiceDrafted is who hears that the clock drafted an invoice: the account
// managers of its projects.
func InvoiceDrafted(managers []uuid.UUID) []Notice {
	return only(InvoiceReady, managers...)
}

// InvoiceNotCompleted is who hears that an invoice stays a draft that was to be
// completed by itself: the account managers of its projects, and who asked.
func InvoiceNotCompleted(people []uuid.UUID) []Notice {
	return only(InvoiceRefused, people...)
}

// PeriodNotBilled is who hears that a project was left out of its period: its
// account manager.
func PeriodNotBilled(am uuid.UUID) []Notice {
	return only(BillingParked, am)
}

// BudgetUsed is who hears that a part of a project's budget is used: its account
// manager.
func BudgetUsed(am uuid.UUID) []Notice { return only(BudgetWarned, am) }

// RemindersMade is who is to look at the reminders of a month.
func RemindersMade(am uuid.UUID) []Notice { return only(ReviewReminders, am) }

// only is what some people hear at once, whoever they are.
func only(kind NoticeKind, people ...uuid.UUID) []Notice {
	n := notices{}
	n.tell(kind, false, people...)
	return n.all
}
