package work_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"steward/internal/access"
	"steward/internal/work"
)

// actions are the verbs on a task as the seeds tell them, beside the status.
var actions = []struct {
	verb   string
	right  access.Action
	states []work.Status
	leaves string
	rules  string
}{
	{"assign", access.AssignTask, []work.Status{work.Planned, work.Open}, "on another desk, and theirs to answer for; a group's first manager answers for what waits in it", "S1.09, S1.38–S1.41"},
	{"delegate", access.DelegateTask, []work.Status{work.Planned, work.Open}, "on another desk with a reason, what was done and what is next; its owner stays accountable", "S1.24–S1.26, S1.41"},
	{"accept", access.AcceptTask, []work.Status{work.Planned, work.Open}, "out of the group's queue on the member's desk; refused while it waits for others, without its skills, or above the group's limit", "S1.14, S1.30, S1.31, S1.47, S1.48"},
	{"status", access.SetStatus, []work.Status{work.Planned, work.Open, work.Complete, work.Cancelled}, "along the machine above; complete only without open sub-tasks and when nothing stands before it", "S1.31, S1.33, S1.34"},
	{"move", access.MoveTask, []work.Status{work.Planned, work.Open, work.Complete, work.Cancelled}, "under another task of the project that the owner owns too, never below itself", "S1.35"},
	{"depend", access.DependTask, []work.Status{work.Planned, work.Open}, "waiting until another task of the project is complete or cancelled; a circle is refused", "S1.31"},
	{"undepend", access.DependTask, []work.Status{work.Planned, work.Open, work.Complete, work.Cancelled}, "waiting for that one no more", "S1.31"},
	{"edit", access.EditTask, []work.Status{work.Planned, work.Open, work.Complete, work.Cancelled}, "with other words, priority, estimate, skills, visibility or due date", "S1.23, S1.27–S1.30"},
}

// The page of the machines is made of their tables, so that it is never wrong.
func TestTheMachinesAreDocumentedGolden(t *testing.T) { // S1.33
	const page = "../../docs/machines.md"
	want := machines()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != want {
		t.Errorf("docs/machines.md is not what the tables say (%v); write it afresh with go test ./internal/work -run Golden -update", err)
	}
}

func machines() string {
	var b strings.Builder
	b.WriteString("# Machines\n\nMade of the tables in `internal/work` and `internal/access` by `go test ./internal/work -run Golden -update`.\n\n")
	b.WriteString("## Task\n\nIts status is set by its owner, or by the project's account manager, which is noted (S1.33, S1.34).\n\n```mermaid\nstateDiagram-v2\n    [*] --> planned: create\n")
	for _, t := range work.Transitions {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", t.From, t.To, t.Means)
	}
	b.WriteString("```\n\n| action | who may | while it is | leaves the task | rules |\n|---|---|---|---|---|\n")
	for _, a := range actions {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", a.verb, strings.TrimPrefix(access.Who(a.right), "only "), join(a.states), a.leaves, a.rules)
	}
	b.WriteString("\nA task starts only when those it depends on are complete or cancelled: until then it is not accepted and takes no time. Its owner is always on the staff; who has a task that is not delegated is its owner.\n")
	b.WriteString("\n## Project\n\nWork begins with clearance by somebody else than who asked for it (S1.06).\n\n```mermaid\nstateDiagram-v2\n    [*] --> draft: create\n")
	for _, t := range work.ProjectTransitions() {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", t.From, t.To, t.Verb)
	}
	b.WriteString("```\n\nWhile it awaits clearance, those who may give it (" + strings.Join(access.Roles(access.ClearProject), ", ") + ", but not who asked) are told at once and reminded on the mornings of working days:")
	for i := range 5 {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, " %d", work.Clearance{Reminders: i}.Days())
	}
	b.WriteString(" …, counted from the day after it was asked for.\n")
	return b.String()
}

func join(states []work.Status) string {
	if len(states) == 4 {
		return "anything"
	}
	words := make([]string, len(states))
	for i, s := range states {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}

// The table on the page says when an action is taken; this holds it against
// the rules.
func TestActionsAreTakenWhileTheTableSays(t *testing.T) { // S1.33
	do := map[string]func(work.Task) error{
		"assign":   func(t work.Task) error { _, err := t.Assign(toOther, facts(owner)); return err },
		"delegate": func(t work.Task) error { _, err := t.Delegate(toOther, finished, facts(owner)); return err },
		"accept":   func(t work.Task) error { _, err := t.Accept(facts(owner)); return err },
		"depend": func(t work.Task) error {
			return t.Depend(group, work.Place{SameProject: true})
		},
		"move": func(t work.Task) error {
			_, err := t.Move(&group, work.Place{SameProject: true, ParentStatus: work.Open}, facts(owner))
			return err
		},
	}
	for _, a := range actions {
		if do[a.verb] == nil {
			continue
		}
		for _, s := range []work.Status{work.Planned, work.Open, work.Complete, work.Cancelled} {
			err := do[a.verb](work.Task{Status: s, OwnerID: owner, Assignee: toGroup.Assignee})
			if slices.Contains(a.states, s) != (err == nil) {
				t.Errorf("%s while it is %s: %v", a.verb, s, err)
			}
		}
	}
}
