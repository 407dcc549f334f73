package work_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/fault"
	"steward/internal/work"
)

var (
	toGroup  = work.Target{Assignee: work.Assignee{Kind: work.Group, ID: group}, Managers: []uuid.UUID{manager}}
	toOther  = work.Target{Assignee: work.Assignee{Kind: work.Person, ID: other}}
	toOwner  = work.Target{Assignee: work.Assignee{Kind: work.Person, ID: owner}}
	finished = work.HandOver{Reason: work.MyPartFinished, Done: "the layout", Next: "the text"}
)

func TestDelegatingLeavesAccountabilityAndSaysWhy(t *testing.T) { // S1.24, S1.25, S1.26, S1.41
	mine := work.Task{Status: work.Open, OwnerID: owner, Assignee: toOwner.Assignee}
	for _, to := range []work.Target{toGroup, toOther} {
		got, err := mine.Delegate(to, finished, facts(owner))
		if err != nil || got.OwnerID != owner || !got.Delegated || got.Assignee != to.Assignee {
			t.Errorf("got %+v, %v", got, err)
		}
		want := finished
		want.By, want.At = owner, now
		if got.HandOver == nil || *got.HandOver != want {
			t.Errorf("the hand-over is %+v, want %+v", got.HandOver, want)
		}
	}
}

func TestDelegatingWithoutItsReasonOrNoteIsRefused(t *testing.T) { // S1.25, S1.26
	mine := work.Task{Status: work.Open, OwnerID: owner, Assignee: toOwner.Assignee}
	for name, h := range map[string]work.HandOver{
		"no reason":   {Done: "a", Next: "b"},
		"unknown":     {Reason: "bored", Done: "a", Next: "b"},
		"not done":    {Reason: work.NeedSupport, Next: "b"},
		"only blanks": {Reason: work.NeedSupport, Done: " \n", Next: "b"},
		"not next":    {Reason: work.NeedSupport, Done: "a"},
	} {
		if got, err := mine.Delegate(toGroup, h, facts(owner)); code(err) != fault.Invalid || got.Delegated {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	if _, err := mine.Delegate(toOwner, finished, facts(owner)); code(err) != work.SameAssignee {
		t.Errorf("to where it is: %v", err)
	}
	outside := toOther
	outside.Outside = true
	if _, err := mine.Delegate(outside, finished, facts(owner)); code(err) != fault.Invalid { // S1.24: within the provider
		t.Errorf("to the client: %v", err)
	}
	mine.Status = work.Complete
	if _, err := mine.Delegate(toGroup, finished, facts(owner)); code(err) != work.TaskClosed {
		t.Errorf("a closed task: %v", err)
	}
}

func TestWhatComesBackToItsOwnerIsDelegatedNoMore(t *testing.T) { // S1.41
	away := work.Task{Status: work.Open, OwnerID: owner, Delegated: true, Assignee: toOther.Assignee}
	got, err := away.Delegate(toOwner, finished, facts(other))
	if err != nil || got.Delegated || got.OwnerID != owner || got.HandOver == nil {
		t.Errorf("got %+v, %v", got, err)
	}
	away.HandOver, away.Assignee = &finished, toGroup.Assignee
	if got, err = away.Accept(facts(owner)); err != nil || got.Delegated || got.OwnerID != owner {
		t.Errorf("accepted by its owner: %+v, %v", got, err)
	}
	if got, err = away.Assign(toOwner, facts(manager)); err != nil || got.Delegated || got.OwnerID != owner {
		t.Errorf("given back by a manager: %+v, %v", got, err)
	}
	if got, err = got.Assign(toOther, facts(manager)); err != nil || got.OwnerID != other { // S1.40
		t.Errorf("then accountability goes along: %+v, %v", got, err)
	}
}

func TestAssigningOutsideShowsTheTaskAndLeavesItsOwner(t *testing.T) { // S2.04, S2.05
	outside := toOther
	outside.Outside = true
	got, err := work.Task{Status: work.Open, OwnerID: owner}.Assign(outside, facts(owner))
	if err != nil || got.OwnerID != owner || !got.VisibleToClient || got.Assignee.ID != other {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAMemberHoldsOnlySoManyAcceptedTasks(t *testing.T) { // S1.14
	waiting := work.Task{Status: work.Open, OwnerID: manager, Assignee: toGroup.Assignee}
	f := facts(other)
	f.Held, f.HeldLimit = 2, 2
	if _, err := waiting.Accept(f); code(err) != work.TooManyAccepted {
		t.Errorf("got %v", err)
	}
	f.HeldLimit = 3
	got, err := waiting.Accept(f)
	if err != nil || got.AcceptedFrom == nil || *got.AcceptedFrom != group {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err = got.Assign(toOwner, f); err != nil || got.AcceptedFrom != nil {
		t.Errorf("on another desk it counts still: %+v, %v", got, err)
	}
}

func TestATaskForAGroupHasTheGroupsPriority(t *testing.T) { // S1.14, S1.28
	to := toGroup
	to.DefaultPriority = 1
	for given, want := range map[int]int{0: 1, 4: 4} {
		if got, err := work.New(work.Task{Priority: given}, to, facts(owner)); err != nil || got.Priority != want {
			t.Errorf("given %d: got %d, %v, want %d", given, got.Priority, err, want)
		}
	}
	if got, _ := work.New(work.Task{}, work.Target{}, facts(owner)); got.Priority != work.DefaultPriority {
		t.Errorf("for nobody: %d", got.Priority)
	}
}

func TestMovingStaysWithinTheProjectAndOutOfCircles(t *testing.T) { // S1.35
	task, to := work.Task{ID: uuid.UUID{1}, Status: work.Open}, uuid.UUID{2}
	for name, c := range map[string]struct {
		to    *uuid.UUID
		place work.Place
		want  fault.Code
	}{
		"under another":          {&to, work.Place{SameProject: true, ParentStatus: work.Open}, ""},
		"to the top":             {nil, work.Place{}, ""},
		"under itself":           {&task.ID, work.Place{SameProject: true, ParentStatus: work.Open}, work.Circular},
		"under its own sub-task": {&to, work.Place{SameProject: true, ParentStatus: work.Open, Circular: true}, work.Circular},
		"to another project":     {&to, work.Place{ParentStatus: work.Open}, work.OtherProject},
		"under a complete one":   {&to, work.Place{SameProject: true, ParentStatus: work.Complete}, work.TaskClosed},
		"under a cancelled one":  {&to, work.Place{SameProject: true, ParentStatus: work.Cancelled}, work.TaskClosed},
	} {
		got, err := task.Move(c.to, c.place, facts(owner))
		if code(err) != c.want || err == nil && got.ParentID != c.to {
			t.Errorf("%s: got %v, %v, want %q", name, got.ParentID, err, c.want)
		}
	}
}

func TestATaskUnderACompleteOneIsNotReopened(t *testing.T) { // S1.33
	f := facts(owner)
	f.ParentStatus = work.Complete
	if _, err := (work.Task{Status: work.Complete}).SetStatus(work.Open, f); code(err) != work.ParentComplete {
		t.Errorf("got %v", err)
	}
}

func TestNobodysTaskIsEscalatedOnce(t *testing.T) { // S1.14
	waiting := work.Task{Status: work.Open, Assignee: toGroup.Assignee}
	past, future := now.Add(-time.Second), now.Add(time.Second)
	got, told := waiting.Escalate(&past, facts(owner))
	if !told || got.EscalatedAt == nil || *got.EscalatedAt != now {
		t.Fatalf("got %+v, %v", got, told)
	}
	again := got
	taken, planned, blocked := waiting, waiting, facts(owner)
	taken.Assignee, planned.Status, blocked.WaitingOn = toOther.Assignee, work.Planned, 1
	for name, told := range map[string]bool{
		"again":        second(again.Escalate(&past, facts(owner))),
		"too early":    second(waiting.Escalate(&future, facts(owner))),
		"no deadline":  second(waiting.Escalate(nil, facts(owner))),
		"accepted":     second(taken.Escalate(&past, facts(owner))),
		"not approved": second(planned.Escalate(&past, facts(owner))),
		"not ready":    second(waiting.Escalate(&past, blocked)),
	} {
		if told {
			t.Errorf("%s: its managers are told", name)
		}
	}
	if got, _ = got.Assign(toGroup, facts(owner)); got.EscalatedAt != nil {
		t.Error("in a new group the time does not begin afresh")
	}
}

func second[A, B any](_ A, b B) B { return b }

func TestWhoHearsOfWhat(t *testing.T) { // S1.14, S1.32, N.21
	third := uuid.UUID{7}
	audience := work.Audience{Told: work.ToldMembers, Members: []uuid.UUID{manager, other, third}, Managers: []uuid.UUID{manager}}
	managers, nobody, daily := audience, audience, audience
	managers.Told, nobody.Told, daily.Digest = work.ToldManagers, work.ToldNobody, true
	at := func(a work.Assignee, by uuid.UUID) work.Task {
		return work.Task{Status: work.Open, OwnerID: by, Assignee: a, ParentID: &uuid.UUID{5}}
	}
	delegated := at(toOther.Assignee, owner)
	delegated.HandOver = &finished
	top := at(toOther.Assignee, owner)
	top.ParentID = nil
	planned, nobodys := at(toOther.Assignee, owner), at(work.Assignee{}, owner)
	planned.Status = work.Planned
	for name, c := range map[string]struct {
		got  []work.Notice
		want []work.Notice
	}{
		"assigned to a person":           {work.Handed(work.Task{OwnerID: owner}, at(toOther.Assignee, other), owner, work.Audience{}), []work.Notice{{other, work.Assigned, false}}},
		"assigned to oneself":            {work.Handed(work.Task{OwnerID: owner}, at(toOwner.Assignee, owner), owner, work.Audience{}), nil},
		"delegated by somebody else":     {work.Handed(at(work.Assignee{Kind: work.Person, ID: third}, owner), delegated, third, work.Audience{}), []work.Notice{{other, work.Delegated, false}, {owner, work.HandedOn, false}}},
		"taken away by a manager":        {work.Handed(at(work.Assignee{Kind: work.Person, ID: third}, manager), at(toOther.Assignee, other), manager, work.Audience{}), []work.Notice{{other, work.Assigned, false}, {third, work.TakenAway, false}}},
		"to a group, all members":        {work.Handed(work.Task{OwnerID: owner}, at(toGroup.Assignee, manager), owner, audience), []work.Notice{{manager, work.GroupWork, false}, {other, work.GroupWork, false}, {third, work.GroupWork, false}}},
		"to a group, managers only":      {work.Handed(work.Task{OwnerID: owner}, at(toGroup.Assignee, manager), owner, managers), []work.Notice{{manager, work.GroupWork, false}}},
		"to a group, nobody":             {work.Handed(work.Task{OwnerID: owner}, at(toGroup.Assignee, manager), owner, nobody), nil},
		"to a group, once a day":         {work.Handed(work.Task{OwnerID: owner}, at(toGroup.Assignee, manager), manager, daily), []work.Notice{{other, work.GroupWork, true}, {third, work.GroupWork, true}, {owner, work.AnsweredFor, false}}},
		"to who answers for it then":     {work.Handed(at(work.Assignee{Kind: work.Person, ID: third}, owner), at(toOther.Assignee, other), manager, work.Audience{}), []work.Notice{{other, work.Assigned, false}, {third, work.TakenAway, false}, {owner, work.AnsweredFor, false}}}, // S1.40
		"accepted":                       {work.Taken(at(toGroup.Assignee, manager), other), []work.Notice{{manager, work.Accepted, false}}},
		"completed by its owner":         {work.Turned(at(toOther.Assignee, owner), owner, manager, 0, work.Audience{}), []work.Notice{{other, work.StatusSet, false}}},
		"opened without sub-tasks":       {work.Turned(top, owner, manager, 0, work.Audience{}), []work.Notice{{owner, work.NeedsSubtasks, false}, {manager, work.NeedsSubtasks, false}, {other, work.StatusSet, false}}}, // S1.10
		"opened with sub-tasks":          {work.Turned(top, owner, manager, 2, work.Audience{}), []work.Notice{{other, work.StatusSet, false}}},
		"what it waited for is complete": {work.Freed(at(toOther.Assignee, owner), owner, work.Audience{}), []work.Notice{{other, work.Ready, false}}},
		"opened, in a group":             {work.Turned(at(toGroup.Assignee, manager), manager, manager, 0, audience), []work.Notice{{other, work.GroupWork, false}, {third, work.GroupWork, false}}},
		"cancelled, in a group":          {work.Turned(work.Task{Status: work.Cancelled, OwnerID: manager, Assignee: toGroup.Assignee}, owner, manager, 0, audience), []work.Notice{{manager, work.StatusSet, false}}},
		"the same, still planned":        {work.Freed(planned, third, work.Audience{}), []work.Notice{{other, work.Ready, false}, {owner, work.Ready, false}}},
		"the same, nobody's yet":         {work.Freed(nobodys, third, work.Audience{}), []work.Notice{{owner, work.Ready, false}}},
		"the same, in a group":           {work.Freed(at(toGroup.Assignee, owner), owner, managers), []work.Notice{{manager, work.Ready, false}}},
		"not accepted":                   {work.Unaccepted(audience, owner, third), []work.Notice{{manager, work.Escalated, false}}},
		"the same, without a manager":    {work.Unaccepted(work.Audience{Members: audience.Members}, owner, third), []work.Notice{{owner, work.Escalated, false}, {third, work.Escalated, false}}},
	} {
		if !sameNotices(c.got, c.want) {
			t.Errorf("%s: %v hear, want %v", name, c.got, c.want)
		}
	}
}

func sameNotices(a, b []work.Notice) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
