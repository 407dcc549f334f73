package work_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/fault"
	"steward/internal/work"
)

var (
	owner, other, manager = uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3}
	group                 = uuid.UUID{9}
	now                   = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
)

func facts(by uuid.UUID) work.Facts {
	return work.Facts{Now: now, ActorID: by, ProjectStatus: work.Active}
}

func code(err error) fault.Code {
	f, ok := fault.From(err)
	if !ok {
		return ""
	}
	return f.Code
}

func TestAStatusLeadsWhereTheTableSays(t *testing.T) { // S1.33
	all := []work.Status{work.Planned, work.Open, work.Complete, work.Cancelled}
	allowed := map[string]bool{
		"planned→open": true, "planned→cancelled": true, "open→planned": true, "open→complete": true, "open→cancelled": true,
		"complete→open": true, "cancelled→planned": true, "cancelled→open": true,
	}
	for _, from := range all {
		for _, to := range all {
			name := fmt.Sprintf("%s→%s", from, to)
			t.Run(name, func(t *testing.T) {
				got, err := work.Task{Status: from}.SetStatus(to, facts(owner))
				if !allowed[name] {
					if code(err) != work.BadTransition {
						t.Errorf("got %v, want bad_transition", err)
					}
					return
				}
				if err != nil || got.Status != to || (got.ClosedAt != nil) != to.Closed() {
					t.Errorf("got %+v, %v", got, err)
				}
			})
		}
	}
}

func TestATaskOpensOnlyInAnActiveProject(t *testing.T) { // S1.06
	for _, s := range []work.ProjectStatus{work.Draft, work.AwaitingClearance, work.OnHold, work.ProjectComplete, work.ProjectCancelled} {
		f := facts(owner)
		f.ProjectStatus = s
		if _, err := (work.Task{Status: work.Planned}).SetStatus(work.Open, f); code(err) != work.ProjectNotActive {
			t.Errorf("in a project that is %s: got %v", s, err)
		}
	}
}

func TestNoTaskIsPlannedAgainInAProjectThatHasEnded(t *testing.T) { // S1.06, S1.33
	for _, s := range []work.ProjectStatus{work.Draft, work.AwaitingClearance, work.Active, work.OnHold, work.ProjectComplete, work.ProjectCancelled} {
		f, want := facts(owner), fault.Code("")
		if f.ProjectStatus = s; s.Ended() {
			want = work.ProjectNotActive
		}
		if _, err := (work.Task{Status: work.Cancelled}).SetStatus(work.Planned, f); code(err) != want {
			t.Errorf("in a project that is %s: got %v", s, err)
		}
	}
}

func TestATaskWithOpenSubtasksIsNotClosed(t *testing.T) { // S1.33
	f := facts(owner)
	f.OpenChildren = 2
	for _, to := range []work.Status{work.Complete, work.Cancelled} {
		if _, err := (work.Task{Status: work.Open}).SetStatus(to, f); code(err) != work.OpenSubtasks {
			t.Errorf("%s: got %v", to, err)
		}
	}
}

func TestWhatWaitsIsNotCompleteAndMayBeCancelled(t *testing.T) { // S1.31, S1.33
	f := facts(owner)
	f.WaitingOn = 1
	for to, want := range map[work.Status]fault.Code{work.Complete: work.DependencyIncomplete, work.Cancelled: "", work.Planned: ""} {
		if _, err := (work.Task{Status: work.Open}).SetStatus(to, f); code(err) != want {
			t.Errorf("to %s: %v", to, err)
		}
	}
	f = facts(owner)
	f.OpenChildren = 1 // hinder no task from being opened
	if _, err := (work.Task{Status: work.Planned}).SetStatus(work.Open, f); err != nil {
		t.Error(err)
	}
	f = facts(owner)
	f.ProjectStatus = work.ProjectCancelled // what is open in it can be closed
	if _, err := (work.Task{Status: work.Open}).SetStatus(work.Cancelled, f); err != nil {
		t.Error(err)
	}
}

func TestATaskWaitsOnlyForWhatCanCome(t *testing.T) { // S1.31
	here := work.Place{SameProject: true}
	for name, c := range map[string]struct {
		status work.Status
		on     uuid.UUID
		place  work.Place
		want   fault.Code
	}{
		"another":                  {work.Open, other, here, ""},
		"itself":                   {work.Open, owner, here, work.Circular},
		"what waits for it":        {work.Open, other, work.Place{SameProject: true, Circular: true}, work.Circular},
		"one of another project":   {work.Open, other, work.Place{}, work.OtherProject},
		"another, and it is ended": {work.Complete, other, here, work.TaskClosed},
	} {
		if err := (work.Task{ID: owner, Status: c.status}).Depend(c.on, c.place); code(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestAContactOutsideStartsAndEndsAndCompletes(t *testing.T) { // S2.08, S2.16
	f := facts(other)
	for _, s := range []work.Status{work.Planned, work.Complete, work.Cancelled} {
		if _, err := (work.Task{Status: s}).Start(f); code(err) != work.BadTransition {
			t.Errorf("started while %s: %v", s, err)
		}
		if err := work.OutsideMay(s); (err == nil) != (s == work.Complete) {
			t.Errorf("sets %s: %v", s, err)
		}
	}
	waits := f
	waits.WaitingOn = 2
	if _, err := (work.Task{Status: work.Open}).Start(waits); code(err) != work.DependencyIncomplete {
		t.Errorf("started while it waits: %v", err)
	}
	if _, err := (work.Task{Status: work.Open}).End(f); code(err) != work.NotStarted {
		t.Errorf("ended before it began: %v", err)
	}
	task, err := work.Task{Status: work.Open}.Start(f)
	if err != nil || task.StartedAt == nil || !task.StartedAt.Equal(now) || task.EndedAt != nil {
		t.Fatalf("started: %+v, %v", task, err)
	}
	if _, err := task.Start(f); code(err) != work.AlreadyStarted {
		t.Errorf("started twice: %v", err)
	}
	f.Now = now.Add(time.Hour)
	if task, err = task.End(f); err != nil || task.EndedAt == nil || !task.EndedAt.Equal(f.Now) {
		t.Fatalf("ended: %+v, %v", task, err)
	}
	if _, err := task.End(f); code(err) != work.NotStarted {
		t.Errorf("ended twice: %v", err)
	}
	f.Now = now.Add(2 * time.Hour)
	if task, err = task.Start(f); err != nil || !task.StartedAt.Equal(f.Now) || task.EndedAt != nil {
		t.Errorf("started again: %+v, %v", task, err)
	}
	for _, known := range []fault.Code{work.DependencyIncomplete, work.OpenSubtasks} {
		if err := work.Countless(fault.New(known, "there are 7")); code(err) != known || strings.Contains(err.Error(), "7") {
			t.Errorf("%s tells how many there are: %v", known, err)
		}
	}
	if as := fault.New(work.BadTransition, "as it is"); work.Countless(as) != error(as) || work.Countless(nil) != nil {
		t.Error("another refusal is put in other words")
	}
}

func TestNothingIsReopenedUnderAClosedTask(t *testing.T) { // S1.33
	for _, above := range []work.Status{work.Complete, work.Cancelled} {
		f := facts(owner)
		f.ParentStatus = above
		if _, err := (work.Task{Status: work.Cancelled}).SetStatus(work.Open, f); code(err) != work.ParentComplete {
			t.Errorf("under one that is %s: got %v", above, err)
		}
	}
}

func TestAssigningHandsAccountabilityOn(t *testing.T) { // S1.09, S1.41
	open := work.Task{Status: work.Open, OwnerID: owner}
	toPerson, err := open.Assign(work.Target{Assignee: work.Assignee{Kind: work.Person, ID: other}}, facts(owner))
	if err != nil || toPerson.OwnerID != other || toPerson.Assignee.ID != other || toPerson.AssignedAt != now {
		t.Errorf("to a person: %+v, %v", toPerson, err)
	}
	toGroup, err := open.Assign(work.Target{Assignee: work.Assignee{Kind: work.Group, ID: group}, Managers: []uuid.UUID{manager}}, facts(owner))
	if err != nil || toGroup.OwnerID != manager || toGroup.Assignee.Kind != work.Group {
		t.Errorf("to a group: %+v, %v", toGroup, err)
	}
	if _, err := open.Assign(work.Target{Assignee: work.Assignee{Kind: work.Group, ID: group}}, facts(owner)); code(err) != work.NoManager {
		t.Errorf("to a group without a manager: %v", err)
	}
	if _, err := (work.Task{Status: work.Complete}).Assign(work.Target{Assignee: work.Assignee{Kind: work.Person, ID: other}}, facts(owner)); code(err) != work.TaskClosed {
		t.Errorf("a closed task: %v", err)
	}
}

func TestAManagerPassingOnADelegatedTaskLeavesItsOwner(t *testing.T) { // S1.38, S1.41
	delegated := work.Task{Status: work.Open, OwnerID: owner, Delegated: true, HandOver: &finished, Assignee: work.Assignee{Kind: work.Group, ID: group}}
	got, err := delegated.Assign(work.Target{Assignee: work.Assignee{Kind: work.Person, ID: other}}, facts(manager))
	if err != nil || got.OwnerID != owner || got.Assignee.ID != other || !got.Delegated {
		t.Errorf("got %+v, %v", got, err)
	}
	f := facts(manager)
	f.AnswersForProject = true // an AM, who has to be able to replace an owner that left
	got, err = delegated.Assign(work.Target{Assignee: work.Assignee{Kind: work.Person, ID: other}}, f)
	if err != nil || got.OwnerID != other || got.Delegated || got.HandOver != nil {
		t.Errorf("by the project's account manager: got %+v, %v", got, err)
	}
}

func TestAcceptIsForWhatWaitsInAGroup(t *testing.T) { // S1.47, S1.48
	waiting := work.Task{Status: work.Open, OwnerID: manager, Assignee: work.Assignee{Kind: work.Group, ID: group}}
	got, err := waiting.Accept(facts(other))
	if err != nil || got.Assignee != (work.Assignee{Kind: work.Person, ID: other}) || got.OwnerID != other {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := got.Accept(facts(owner)); code(err) != work.AlreadyAssigned {
		t.Errorf("the second gets %v, want already_assigned", err)
	}
	if _, err := (work.Task{Status: work.Open, OwnerID: manager}).Accept(facts(owner)); code(err) != work.NotInGroup {
		t.Errorf("what nobody has: %v, want not_in_group", err)
	}
	f := facts(other)
	f.WaitingOn = 1
	if a, b := work.Others(1), work.Others(2); a != "another task" || b != "2 other tasks" {
		t.Errorf("it waits for %s, for %s", a, b)
	}
	if _, err := waiting.Accept(f); code(err) != work.DependencyIncomplete { // S1.31
		t.Errorf("while it depends on others: %v", err)
	}
	waiting.Skills = []string{"welding"}
	if _, err := waiting.Accept(facts(other)); code(err) != work.SkillMissing { // S1.30
		t.Errorf("without the skill: %v", err)
	}
	waiting.Skills = []string{"", "welding"}
	if _, err := waiting.Accept(facts(other)); code(err) != work.SkillMissing { // S1.30
		t.Errorf("without the skill, behind one that says nothing: %v", err)
	}
	f = facts(other)
	f.ActorSkills = []string{"welding"}
	if _, err := waiting.Accept(f); err != nil {
		t.Errorf("with the skill: %v", err)
	}
}

func TestAcceptingADelegatedTaskLeavesItsOwner(t *testing.T) { // S1.41
	waiting := work.Task{Status: work.Open, OwnerID: owner, Delegated: true, Assignee: work.Assignee{Kind: work.Group, ID: group}}
	if got, err := waiting.Accept(facts(other)); err != nil || got.OwnerID != owner || got.Assignee.ID != other {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestANewTaskIsPlannedAndOwned(t *testing.T) { // S1.08, S1.09
	got, err := work.New(work.Task{Title: "Analysis"}, work.Target{}, facts(owner))
	if err != nil || got.Status != work.Planned || got.OwnerID != owner {
		t.Errorf("assigned to nobody: %+v, %v", got, err)
	}
	got, err = work.New(work.Task{}, work.Target{Assignee: work.Assignee{Kind: work.Person, ID: other}}, facts(owner))
	if err != nil || got.OwnerID != other {
		t.Errorf("assigned to a person: %+v, %v", got, err)
	}
	f := facts(owner)
	f.ProjectStatus = work.ProjectCancelled
	if _, err := work.New(work.Task{}, work.Target{}, f); code(err) != work.ProjectNotActive {
		t.Errorf("in a cancelled project: %v", err)
	}
	f.ProjectStatus = work.Draft // S1.06: a draft project's tasks can be planned
	if _, err := work.New(work.Task{}, work.Target{}, f); err != nil {
		t.Errorf("in a draft project: %v", err)
	}
}

func TestEditChangesOnlyWhatIsGiven(t *testing.T) { // S1.23
	zero, title := 0, "New"
	before := work.Task{Title: "Old", Description: "text", Priority: 2, Skills: []string{"a"}}
	text, first, skills, seen := "more", 1, []string{"b"}, true
	all := before.Edit(work.Edit{Description: &text, Priority: &first, Skills: &skills, VisibleToClient: &seen})
	if all.Title != "Old" || all.Description != text || all.Priority != 1 || all.Skills[0] != "b" || !all.VisibleToClient {
		t.Errorf("of all but the title: %+v", all)
	}
	got := before.Edit(work.Edit{Title: &title, EstimateMinutes: work.Maybe[int]{Said: true, Value: &zero}})
	if got.Title != "New" || got.Description != "text" || got.Priority != 2 || *got.EstimateMinutes != 0 || len(got.Skills) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestAProjectNeedsClearanceFromSomebodyElse(t *testing.T) { // S1.06
	p, err := work.Project{Status: work.Draft}.Do(work.RequestClearance, owner, 0)
	if err != nil || p.Status != work.AwaitingClearance {
		t.Fatalf("got %+v, %v", p, err)
	}
	if _, err := p.Do(work.Clear, owner, 0); code(err) != work.SelfClearance {
		t.Errorf("by who asked: %v", err)
	}
	if p, err = p.Do(work.Clear, other, 0); err != nil || p.Status != work.Active {
		t.Errorf("by another: %+v, %v", p, err)
	}
	if p.RequestedBy != owner {
		t.Errorf("asked for by %s", p.RequestedBy)
	}
	if held, err := p.Do(work.Hold, owner, 1); err != nil || held.Status != work.OnHold {
		t.Errorf("held with open tasks: %+v, %v", held, err)
	}
	if _, err := p.Do(work.CompleteProject, owner, 1); code(err) != work.OpenSubtasks {
		t.Errorf("with open tasks: %v", err)
	}
	if _, err := (work.Project{Status: work.Draft}).Do(work.Clear, other, 0); code(err) != work.BadTransition {
		t.Errorf("a draft is cleared: %v", err)
	}
}

func TestClearanceIsRefusedOrWithdrawnBackToADraft(t *testing.T) { // S1.06
	asked, err := work.Project{Status: work.Draft}.Do(work.RequestClearance, owner, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := asked.Do(work.RefuseClearance, owner, 0); code(err) != work.SelfClearance {
		t.Errorf("refused by who asked: %v", err)
	}
	for verb, by := range map[work.ProjectVerb]uuid.UUID{work.RefuseClearance: other, work.WithdrawClearance: owner} {
		p, err := asked.Do(verb, by, 0)
		if err != nil || p.Status != work.Draft {
			t.Errorf("%s: %+v, %v", verb, p, err)
		}
		if p, err = p.Do(work.RequestClearance, other, 0); err != nil || p.RequestedBy != other {
			t.Errorf("asked again after %s: %+v, %v", verb, p, err)
		}
		for _, s := range []work.ProjectStatus{work.Draft, work.Active, work.OnHold, work.ProjectComplete, work.ProjectCancelled} {
			if _, err := (work.Project{Status: s, RequestedBy: owner}).Do(verb, by, 0); code(err) != work.BadTransition {
				t.Errorf("%s while it is %s: %v", verb, s, err)
			}
		}
	}
}
