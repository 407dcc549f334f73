package work_test

import (
	"fmt"
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
