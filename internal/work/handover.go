package work

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"steward/internal/fault"
)

// Kind of assignee.
type Kind string

// A task is worked on by a person or waits in a group. The person may be a
// contact of the client or of a partner of it (S2.04).
const (
	Person Kind = "user"
	Group  Kind = "group"
)

// Assignee works on a task now. The zero Assignee is nobody.
type Assignee struct {
	Kind Kind      `json:"kind"`
	ID   uuid.UUID `json:"id"`
}

// IsZero tells whether nobody is assigned.
func (a Assignee) IsZero() bool { return a == Assignee{} }

// Target is whom a task is handed to, with what the rules need to know.
type Target struct {
	Assignee
	Outside         bool        // a contact of the client or of its partner
	Managers        []uuid.UUID // of the group, in a fixed order
	DefaultPriority int         // of the group; 0: none
}

// HandOverReason of a delegation (S1.25).
type HandOverReason string

// Why somebody hands a task on while its owner stays accountable.
const (
	MyPartFinished HandOverReason = "my_part_finished"
	NeedSupport    HandOverReason = "need_support"
)

// HandOver is what whoever delegates writes for whoever goes on (S1.26).
type HandOver struct {
	Reason HandOverReason `json:"reason" enum:"my_part_finished,need_support"`
	Done   string         `json:"done" doc:"What was done"`
	Next   string         `json:"next" doc:"What must be done next"`
	By     uuid.UUID      `json:"by"`
	At     time.Time      `json:"at"`
}

// check refuses a hand-over that does not say enough to go on with.
func (h HandOver) check() error {
	switch {
	case h.Reason != MyPartFinished && h.Reason != NeedSupport:
		return fault.Wrong("reason", "say whether your part is finished (my_part_finished) or you need help (need_support)")
	case strings.TrimSpace(h.Done) == "":
		return fault.Wrong("done", "say what was done")
	case strings.TrimSpace(h.Next) == "":
		return fault.Wrong("next", "say what must be done next")
	}
	return nil
}

// Assign hands the task on, accountability and all (S1.09, S1.38–S1.41): the
// person becomes the owner, or for a group its first manager. Where the task
// was delegated and whoever assigns it answers neither for it nor for the
// project, it is a manager passing it on, and the owner stays; so it does while
// the task is with a contact outside, who then must see it (S2.05).
func (t Task) Assign(to Target, f Facts) (Task, error) {
	if t.Status.Closed() {
		return t, fault.New(TaskClosed, "the task is %s; reopen it first", t.Status)
	}
	if to.Outside {
		t.Delegated, t.VisibleToClient = true, true
		return t.handed(to.Assignee, f), nil
	}
	if t.HandOver == nil || !t.Delegated || t.OwnerID == f.ActorID || f.AnswersForProject {
		owner, err := to.accountable()
		if err != nil {
			return t, err
		}
		t.OwnerID, t.Delegated, t.HandOver = owner, false, nil
	}
	return t.handed(to.Assignee, f), nil
}

// handed is the task on another desk: what was true of the last one ends. Back
// on its owner's it is delegated no more.
func (t Task) handed(to Assignee, f Facts) Task {
	t.Delegated = t.Delegated && to != Assignee{Person, t.OwnerID}
	t.Assignee, t.AssignedAt, t.AcceptedFrom, t.EscalatedAt, t.StartedAt, t.EndedAt = to, f.Now, nil, nil, nil, nil
	return t
}

// accountable is who answers for what is assigned to the target.
func (to Target) accountable() (uuid.UUID, error) {
	if to.Kind == Person {
		return to.ID, nil
	}
	if len(to.Managers) == 0 {
		return uuid.Nil, fault.New(NoManager, "the group has no manager who could be accountable for the task")
	}
	return to.Managers[0], nil
}

// Delegate hands the work on while accountability stays with the owner
// (S1.24–S1.26). It takes a reason, what was done and what is next; missing
// any of them is refused.
func (t Task) Delegate(to Target, h HandOver, f Facts) (Task, error) {
	if t.Status.Closed() {
		return t, fault.New(TaskClosed, "the task is %s; reopen it first", t.Status)
	}
	if err := h.check(); err != nil {
		return t, err
	}
	if to.Outside {
		return t, fault.Wrong("to", "a task is delegated within the firm; assign it to the client's contact instead")
	}
	if to.Assignee == t.Assignee {
		return t, fault.New(SameAssignee, "the task is there already")
	}
	h.By, h.At = f.ActorID, f.Now
	t.Delegated, t.HandOver = true, &h
	return t.handed(to.Assignee, f), nil
}

// Accept takes a task that waits in a group (S1.47, S1.48). What was assigned
// to the group is from then on the accepting person's to answer for; what was
// delegated stays the owner's. A member holds no more accepted tasks than the
// group's manager allows (S1.14).
func (t Task) Accept(f Facts) (Task, error) {
	switch {
	case t.Status.Closed():
		return t, fault.New(TaskClosed, "the task is %s", t.Status)
	case t.Assignee == Assignee{}:
		return t, fault.New(NotInGroup, "the task waits in no group to be accepted; its owner or the account manager assigns it")
	case t.Assignee.Kind != Group:
		return t, fault.New(AlreadyAssigned, "somebody accepted the task before")
	case f.WaitingOn > 0:
		return t, fault.New(DependencyIncomplete, "the task waits for %s to be complete", Others(f.WaitingOn))
	case f.HeldLimit > 0 && f.Held >= f.HeldLimit:
		return t, fault.New(TooManyAccepted, "you hold %d open tasks of this group, as many as its manager allows", f.Held)
	}
	if missing := lacking(t.Skills, f.ActorSkills); missing != "" {
		return t, fault.New(SkillMissing, "the task asks for the skill %q; the group's manager can assign it all the same", missing)
	}
	group := t.Assignee.ID
	t = t.handed(Assignee{Person, f.ActorID}, f)
	t.AcceptedFrom = &group
	if !t.Delegated {
		t.OwnerID = f.ActorID
	}
	return t, nil
}

// lacking is the first skill that is wanted and not there; a blank one is none.
func lacking(wanted, have []string) string {
	for _, s := range wanted {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(have, s) {
			return s
		}
	}
	return ""
}

// Escalate marks that the managers of the task's group heard of it (S1.14). It
// tells whether they are to be told now: the task is open and ready, nobody
// accepted it, and the group's time for that is over.
func (t Task) Escalate(deadline *time.Time, f Facts) (Task, bool) {
	if t.Status != Open || t.Assignee.Kind != Group || t.EscalatedAt != nil || f.WaitingOn > 0 {
		return t, false
	}
	if deadline == nil || f.Now.Before(*deadline) {
		return t, false
	}
	t.EscalatedAt = &f.Now
	return t, true
}
