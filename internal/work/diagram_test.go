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
	{"status", access.SetStatus, []work.Status{work.Planned, work.Open, work.Complete, work.Cancelled}, "along the machine above; opened in an active project and planned again before it has ended; closed only without open sub-tasks, complete when nothing stands before it", "S1.06, S1.31, S1.33, S1.34"},
	{"move", access.MoveTask, []work.Status{work.Planned, work.Open, work.Complete, work.Cancelled}, "under another task of the project that the owner owns too, never below itself", "S1.35"},
	{"depend", access.DependTask, []work.Status{work.Planned, work.Open}, "waiting, with all that is below it, until another task of the project is complete or cancelled; a circle is refused", "S1.31"},
	{"undepend", access.DependTask, []work.Status{work.Planned, work.Open, work.Complete, work.Cancelled}, "waiting for that one no more", "S1.31"},
	{"edit", access.EditTask, []work.Status{work.Planned, work.Open, work.Complete, work.Cancelled}, "with other words, priority, estimate, skills, visibility or due date", "S1.23, S1.27–S1.30"},
}

// requestActions are the verbs on a request, beside what only adds to it.
var requestActions = []struct {
	verb   string
	right  access.Action
	open   bool // only while it is open
	leaves string
	rules  string
}{
	{"assign", access.AssignRequest, true, "on the desk of somebody on the staff or of a group", "S1.53, S1.55"},
	{"delegate", access.DelegateRequest, true, "on another desk with a reason, what was done and what is next", "S1.60"},
	{"accept", access.AcceptRequest, true, "out of the group's queue on the member's desk", "S1.54"},
	{"return", access.ReturnRequest, true, "on its account manager's desk, with what was done", "S1.59"},
	{"status", access.StatusRequest, false, "along the machine above", "S1.61"},
	{"wait", access.HandleRequest, true, "waiting for the client, who is asked something; its targets do not run", "N.20"},
	{"resume", access.HandleRequest, true, "running again; so does the client's next note", "N.20"},
	{"answer", access.HandleRequest, true, "with an answer; an ask within the staff is completed by it", "S1.68"},
	{"answer-from-project", access.ReportRequest, true, "with an answer that holds where its project stood then", "S1.63"},
	{"edit", access.EditRequest, false, "with other words, another priority with its targets, or another account manager", "S1.02"},
	{"change-request", access.MakeItem, false, "linked to a change request of its project, the only one", "S2.12, S2.13"},
	{"project-issue", access.MakeItem, false, "linked to an issue of its project, the only one", "S2.12, S2.14"},
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
	b.WriteString("\nA task starts only when all that it and the tasks above it depend on is complete or cancelled: until then it is not accepted and takes no time, and its group's time to accept it (S1.14) does not run. That begins with the last of these, whether it is closed, or no longer depended on, or the task moves away from below it. When it is over the group's managers hear so, or where it has none the owner and the account manager. Its owner is always on the staff; who has a task that is not delegated is its owner. A delegated one that a manager assigns stays its owner's; assigned by the owner, the account manager or an admin, it is who gets it that answers for it.\n")
	b.WriteString("\n## Request\n\nIts status is set by its account manager alone (S1.61): the project's, or else the client's (S1.02).\n\n```mermaid\nstateDiagram-v2\n    [*] --> open: create\n")
	for _, t := range work.RequestTransitions {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", t.From, t.To, t.Means)
	}
	b.WriteString("```\n\n| action | who may | while it is | leaves the request | rules |\n|---|---|---|---|---|\n")
	for _, a := range requestActions {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", a.verb, strings.TrimPrefix(access.Who(a.right), "only "), map[bool]string{true: "open", false: "anything"}[a.open], a.leaves, a.rules)
	}
	b.WriteString("\nA request is always on a desk, at first on that of its account manager, who answers for it wherever it is. Its targets run in the client's working time, and not while the client is waited for or the request is closed. The first word that the client can read ends the first of them: a note, an answer, a question to the client, or that it is closed. People are warned once at 50, 75 and 90 per cent: whoever has it, from 90 its account manager too. At 100 so are the managers of its group. They hear too when nobody accepts it in the group's time, or where there is none its account manager.\n")
	b.WriteString("\n## Project\n\nWork begins with clearance by somebody else than who asked for it (S1.06), who may refuse it too. Until then who asked, the account manager or an admin may withdraw the asking.\n\n```mermaid\nstateDiagram-v2\n    [*] --> draft: create\n")
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
	b.WriteString(" …, counted from the day after it was asked for. Asking again begins anew.\n")
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
