package story_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"steward/internal/story"
)

var (
	bob, mary, design, header, logo, acme = uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3}, uuid.UUID{4}, uuid.UUID{5}, uuid.UUID{6}
	names                                 = story.Names{bob: "Bob Stone", mary: "Mary Hill", design: "Design (group)", header: "ACME-3 Header", logo: "ACME-4 Logo", acme: "Acme Ltd"}
)

// in puts ids into the text of changes.
func in(changes string) string {
	return strings.NewReplacer("BOB", bob.String(), "MARY", mary.String(), "DESIGN", design.String(), "HEADER", header.String(), "LOGO", logo.String(), "ACME", acme.String()).Replace(changes)
}

func TestAnEventIsOneSentence(t *testing.T) { // S1.17, N.14
	for _, c := range []struct{ kind, verb, changes, note, want string }{
		{"task", "create", `{"title": [null, "x"], "priority": [null, 3], "assignee": [null, {"kind": "group", "id": "DESIGN"}]}`, "", "created it and assigned it to Design (group)"},
		{"task", "create", `{"title": [null, "x"]}`, "", "created it"},
		{"task", "imported", `{}`, "", "imported it"},
		{"task", "assign", `{"assignee": [null, {"kind": "group", "id": "DESIGN"}], "owner_id": ["BOB", "MARY"]}`, "please look\nat the header", "assigned it to Design (group), with Mary Hill accountable: please look at the header"},
		{"task", "assign", `{"assignee": [null, {"kind": "user", "id": "BOB"}], "owner_id": ["MARY", "BOB"], "delegated": [true, null]}`, "", "assigned it to Bob Stone"},
		{"task", "assign", `{"assignee": [null, {"kind": "user", "id": "BOB"}], "visible_to_client": [null, true]}`, "", "assigned it to Bob Stone and let the client see it"},
		{"task", "assign", `{}`, "", "assigned it anew"},
		{"task", "delegate", `{"assignee": [null, {"kind": "group", "id": "DESIGN"}], "delegated": [null, true], "hand_over": [null, {"reason": "need_support", "done": "half", "next": "the other half", "by": "BOB", "at": "2026-11-22T09:00:00Z"}]}`, "",
			"delegated it to Design (group) because support is needed — done: half; next: the other half"},
		{"task", "delegate", `{"assignee": [null, {"kind": "user", "id": "BOB"}], "hand_over": [null, {"reason": "my_part_finished", "done": "half", "next": "the rest"}]}`, "Done: half\n\nNext: the rest",
			"delegated it to Bob Stone because their part is finished — done: half; next: the rest"},
		{"task", "delegate", `{"assignee": [null, {"kind": "user", "id": "BOB"}], "hand_over": [null, {"reason": "my_part_finished"}]}`, "", "delegated it to Bob Stone because their part is finished"},
		{"task", "accept", `{"assignee": [{"kind": "group", "id": "DESIGN"}, {"kind": "user", "id": "BOB"}], "owner_id": ["MARY", "BOB"], "accepted_from": [null, "DESIGN"]}`, "", "accepted it"},
		{"task", "status", `{"status": ["planned", "open"]}`, "", "opened it for work"},
		{"task", "status", `{"status": ["open", "complete"], "closed_at": [null, "x"]}`, "well done", "completed it: well done"},
		{"task", "status", `{"status": ["complete", "open"]}`, "", "reopened it"},
		{"task", "status", `{"status": ["open", "cancelled"]}`, "", "cancelled it"},
		{"task", "status", `{"status": ["open", "planned"]}`, "", "put it back into planning"},
		{"task", "status", `{"status": ["open", "frozen"]}`, "", "changed the status to frozen"},
		{"task", "edit", `{"priority": [3, 1]}`, "", "changed the priority from 3 to 1"},
		{"task", "edit", `{"priority": [3, 1], "title": ["A", "B"], "description": ["x", "y"]}`, "", "changed the description, the priority from 3 to 1 and the title from “A” to “B”"},
		{"task", "edit", `{"estimate_minutes": [null, 90], "skills": [["go"], ["go", "sql"]]}`, "", "set the estimate to 1 h 30 min and changed the skills from go to go, sql"},
		{"task", "edit", `{"estimate_minutes": [45, null]}`, "", "cleared the estimate"},
		{"task", "edit", `{"visible_to_client": [true, null]}`, "", "hid it from the client"},
		{"task", "edit", `{"owner_id": ["BOB", "MARY"]}`, "", "changed the owner from Bob Stone to Mary Hill"},
		{"task", "edit", `{"shoe_size": [41, 42.5]}`, "", "changed the shoe size from 41 to 42.5"},
		{"task", "move", `{"parent_id": [null, "HEADER"]}`, "", "moved it below ACME-3 Header"},
		{"task", "move", `{"parent_id": ["HEADER", null]}`, "", "moved it to the top"},
		{"task", "depend", `{"depends_on": [["HEADER"], ["HEADER", "LOGO"]]}`, "", "made it wait for ACME-4 Logo"},
		{"task", "depend", `{"depends_on": [null, "LOGO"]}`, "", "made it wait for ACME-4 Logo"},
		{"task", "undepend", `{"depends_on": [["HEADER", "LOGO"], []]}`, "", "let it no longer wait for ACME-3 Header and ACME-4 Logo"},
		{"task", "escalate", `{"escalated_at": [null, "2026-11-22T09:00:00Z"]}`, "", "told the group's managers that nobody has accepted it"},
		{"task", "note", `{}`, "", "wrote a note"},
		{"task", "file", `{"name": [null, "logo.png"]}`, "", "attached logo.png"},
		{"task", "teleport", `{"place": ["here", "there"]}`, "", "did “teleport” and changed the place from here to there"},
		{"task", "edit", `{}`, "", "did “edit”"},
		{"task", "edit", `nonsense`, "", "did “edit”"},
		{"note", "create", `{"task_id": [null, "LOGO"], "body": [null, "# Hello\n\n*you*"], "visibility": [null, "client"]}`, "", "wrote a note for the client: # Hello *you*"},
		{"note", "edit", `{"body": ["a", "b"], "edited_at": [null, "x"]}`, "", "changed a note: b"},
		{"note", "edit", `{"visibility": ["client", "internal"]}`, "", "hid a note from the client"},
		{"file", "create", `{"name": [null, "logo.png"], "size": [null, 5]}`, "", "attached logo.png"},
		{"file", "create", `{"name": [null, "logo.png"], "visibility": [null, "client"]}`, "", "attached logo.png for the client"},
		{"file", "edit", `{"visibility": ["internal", "client"]}`, "", "let the client see a file"},
		{"file", "remove", `{"removed_at": [null, "x"], "removed_by": [null, "BOB"]}`, "", "removed a file"},
		{"project", "create", `{"name": [null, "x"]}`, "", "set it up"},
		{"project", "request-clearance", `{"status": ["draft", "awaiting_clearance"]}`, "as agreed", "asked for clearance: as agreed"},
		{"project", "refuse-clearance", `{"status": ["awaiting_clearance", "draft"]}`, "no budget", "refused clearance: no budget"},
		{"project", "withdraw-clearance", `{"status": ["awaiting_clearance", "draft"]}`, "", "no longer asked for clearance"},
		{"project", "edit", `{"ends_on": ["2026-01-01", "2026-02-01"], "account_manager_id": ["BOB", "MARY"]}`, "", "changed the account manager from Bob Stone to Mary Hill and the end from 2026-01-01 to 2026-02-01"},
		{"request", "create", `{"title": [null, "x"], "kind": [null, "issue"]}`, "", "asked for it"},
		{"request", "assign", `{"assignee": [null, {"kind": "group", "id": "DESIGN"}]}`, "", "assigned it to Design (group)"},
		{"request", "return", `{"assignee": [null, {"kind": "user", "id": "MARY"}], "hand_over": [null, {"done": "a"}]}`, "Done: a", "was finished and returned it to Mary Hill: Done: a"},
		{"request", "status", `{"status": ["open", "completed"], "responded": [null, true]}`, "", "completed it"},
		{"request", "status", `{"status": ["cancelled", "open"]}`, "", "reopened it"},
		{"request", "wait", `{"waiting_for_client": [null, true], "responded": [null, true]}`, "Which page?", "asked the client: Which page?"},
		{"request", "resume", `{"waiting_for_client": [true, null]}`, "", "let its targets run again"},
		{"request", "task", `{"task_id": [null, "HEADER"]}`, "", "made of it the task ACME-3 Header"},
		{"request", "change-request", `{"item_id": [null, "LOGO"]}`, "", "made of it the project's change request ACME-4 Logo"},
		{"request", "warn", `{"response_warned": [75, 90]}`, "", "warned that 90 % of the time for a first word is over"},
		{"project_item", "create", `{"request_id": [null, "HEADER"], "kind": [null, "project_issue"]}`, "", "made it from ACME-3 Header"},
		{"project_item", "status", `{"status": ["open", "done"]}`, "", "marked it done"},
		{"invoice", "draft", `{"through": [null, "2026-10-31"]}`, "", "drafted it for work through 2026-10-31"},
		{"invoice", "complete", `{"state": ["draft", "complete"], "number": [null, "INV-2026-00007"], "total": [null, "5"]}`, "", "completed it as INV-2026-00007"},
		{"invoice", "send", `{"sent_by": [null, "email"]}`, "", "sent it by e-mail"},
		{"invoice", "send", `{"sent_by": [null, "paper"]}`, "", "printed and posted it"},
		{"invoice", "add-item", `{"item": [null, {"description": "Train to Leeds"}], "total": [null, "5"]}`, "", "added the item “Train to Leeds”"},
		{"invoice", "remove-item 7", `{"item": [{"description": "Train to Leeds"}, null], "total": [null, "5"]}`, "", "removed the item “Train to Leeds”"},
		{"client", "partners", `{"client_ids": [[], ["ACME"]]}`, "", "set the partners to Acme Ltd"},
	} {
		e := story.Event{Actor: "Ann Lee", Kind: c.kind, Verb: c.verb, Changes: json.RawMessage(in(c.changes)), Note: c.note}
		if got, want := story.Of(e, names), "Ann Lee "+c.want; got != want {
			t.Errorf("%s %s %s\n got %s\nwant %s", c.kind, c.verb, c.changes, got, want)
		}
	}
}

func TestNobodyIsSteward(t *testing.T) {
	if got := story.Of(story.Event{Kind: "task", Verb: "status", Changes: json.RawMessage(`{"status": ["planned", "open"]}`)}, nil); got != "steward opened it for work" {
		t.Errorf("got %s", got)
	}
}

func TestEveryNameThatIsNeededIsAskedFor(t *testing.T) {
	e := story.Event{Kind: "file", ID: acme, Changes: json.RawMessage(in(`{"owner_id": ["BOB", null], "assignee": [null, {"kind": "user", "id": "MARY"}], "depends_on": [["HEADER"], ["LOGO"]], "title": ["DESIGN", "x"]}`))}
	ids := story.IDs(e)
	for id, want := range map[uuid.UUID]bool{bob: true, mary: true, header: true, logo: true, acme: true, design: false} {
		if slices.Contains(ids, id) != want {
			t.Errorf("%s: asked for is %t", names[id], !want)
		}
	}
}

func TestAnythingIsToldInOneLine(t *testing.T) {
	values := []string{`null`, `1`, `"x"`, `"a\nb"`, `[]`, `["x"]`, `{}`, `{"id": 5}`, `[{"a": [1]}]`, `true`, `"` + bob.String() + `"`, `"` + strings.Repeat("long ", 500) + `"`}
	fields := []string{"assignee", "hand_over", "status", "depends_on", "parent_id", "owner_id", "body", "item", "name", "visibility", "estimate_minutes", "skills", "anything"}
	verbs := []string{"create", "assign", "delegate", "accept", "status", "edit", "move", "depend", "undepend", "escalate", "note", "file", "remove", "complete", "draft", "collect", "add-item", "", "x y"}
	rapid.Check(t, func(t *rapid.T) {
		var changes []string
		for _, f := range rapid.SliceOfDistinct(rapid.SampledFrom(fields), func(f string) string { return f }).Draw(t, "fields") {
			changes = append(changes, fmt.Sprintf("%q: [%s, %s]", f, rapid.SampledFrom(values).Draw(t, "before"), rapid.SampledFrom(values).Draw(t, "after")))
		}
		e := story.Event{
			Actor: "Ann", Kind: rapid.SampledFrom([]string{"task", "note", "file", "project", "invoice", "client", "moon"}).Draw(t, "kind"),
			Verb: rapid.SampledFrom(verbs).Draw(t, "verb"), Note: rapid.String().Draw(t, "note"), Changes: json.RawMessage("{" + strings.Join(changes, ", ") + "}"),
		}
		story.IDs(e)
		if got := story.Of(e, names); len([]rune(got)) > 3000 || strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) }) || !strings.HasPrefix(got, "Ann ") {
			t.Errorf("got %q", got)
		}
	})
}
