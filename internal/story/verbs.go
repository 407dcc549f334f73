package story

import (
	"slices"
	"strings"

	"github.com/google/uuid"
)

// teller says what a verb did.
type teller func(*tale) []string

// kinds are the verbs that say more than their word, by the kind of the thing.
var kinds = map[string]map[string]teller{
	"task": {
		"create": createdTask, "assign": assigned, "delegate": delegated, "accept": accepted, "status": status, "move": moved,
		"depend": waits, "undepend": waits, "escalate": escalated, "note": wroteNote, "file": attached,
	},
	"note":    {"create": wroteNote, "edit": changedNote},
	"file":    {"create": attached, "edit": showedFile, "remove": removedFile},
	"project": {"create": created("set it up")},
	"invoice": {"create": drafted, "draft": drafted, "collect": collected, "complete": completed, "send": sentInvoice, "add-item": item("added"),
		"change-item": item("changed"), "remove-item": item("removed")},
	"credit_note": {"send": sentInvoice},
	"client":      {"create": created("added it")},
	"user": {"sign-in": word("signed in"), "sign-out-everywhere": word("ended all their sessions"), "password": word("set a new password"),
		"password-reset": word("sent a mail to set a new password with"), "invite": word("sent an invitation"), "second-factor": word("set up an authenticator"),
		"second-factor-removed": word("removed their authenticator"), "reset-second-factor": word("removed the authenticator"),
		"link-identity": word("linked an account at the identity provider"), "unlink-identity": word("removed the link to an account at the identity provider")},
	"request": {
		"create": created("asked for it"), "assign": assigned, "delegate": delegated, "accept": accepted, "return": returned, "status": requestStatus,
		"wait": untelling("asked the client"), "resume": untelling("let its targets run again"), "respond": untelling("gave the client a first word"),
		"answer": untelling("answered it"), "answer-from-project": untelling("answered it with where the project stands"),
		"ask": linked("request_id", "asked about it as"), "ask-answered": linked("request_id", "answered"), "task": linked("task_id", "made of it the task"),
		"change-request": linked("item_id", "made of it the project's change request"), "project-issue": linked("item_id", "made of it the project's issue"), "warn": warned,
	},
	"project_item": {"create": linked("request_id", "made it from"), "status": itemStatus},
}

// mere are verbs that say no more than what changed.
var mere = []string{"edit", "partners", "contacts", "members", "work-statement", "targets"}

// verbatim are verbs that need no more than their word.
var verbatim = map[string]string{
	"create": "made it", "imported": "imported it", "request-clearance": "asked for clearance", "clear": "gave clearance", "hold": "put it on hold",
	"refuse-clearance": "refused clearance", "withdraw-clearance": "no longer asked for clearance",
	"resume": "resumed it", "remind": "reminded of clearance", "complete": "completed it", "cancel": "cancelled it", "void": "made it void", "delete": "deleted it", "skip": "left it out", "release": "let it go at once", "remove": "removed it",
	"record": "recorded it", "apply": "applied what was left of it", "reverse": "took it back", "refund": "gave credit back", "send": "sent it",
	"settle": "settled some of it", "unsettle": "took back what settled it", "credit": "credited some of it", "void-credit-note": "made a credit note of it void",
	"write-off": "wrote off some of what is owed", "reverse-write-off": "took a write-off back",
	"arrived": "found out that it has arrived", "disable": "switched it off", "rotate-secret": "gave it a new secret", "test": "sent it a test", "retry": "had a message sent again",
	"comment": "added a word", "post": "had it printed and posted", "supersede": "let a later one take its place", "dispute": "noted whether it is disputed", "promise": "noted a promise to pay", "pause-reminders": "decided about its reminders",
}

// word is a verb in the words of the field.
func word(words string) teller { return func(*tale) []string { return []string{words} } }

// created tells no field: all of it is new.
func created(words string) teller {
	return func(t *tale) []string { clear(t.changes); return []string{words} }
}

func createdTask(t *tale) []string {
	deeds := []string{"created it"}
	if c, ok := t.take("assignee"); ok {
		if to := assigneeOf(c[1]); to.ID != uuid.Nil {
			deeds = append(deeds, "assigned it to "+t.name(to.ID))
		}
	}
	clear(t.changes) // all of it is new
	return deeds
}

// assigned also says who answers for it, where that is somebody else.
func assigned(t *tale) []string {
	to := t.assignee()
	deed := "assigned it to " + t.name(to)
	if to == uuid.Nil {
		deed = "assigned it anew"
	}
	if c, ok := t.take("owner_id"); ok {
		if owner := idsOf(c[1]); len(owner) == 1 && owner[0] != to {
			deed += ", with " + t.name(owner[0]) + " accountable"
		}
	}
	t.drop("delegated", "accepted_from", "hand_over", "assigned_at", "escalated_at")
	return []string{deed}
}

// assignee is who works on it now, if that changed.
func (t *tale) assignee() uuid.UUID {
	c, _ := t.take("assignee")
	return assigneeOf(c[1]).ID
}

// reasons are why a task is delegated (S1.24).
var reasons = map[string]string{"my_part_finished": "their part is finished", "need_support": "support is needed"}

func delegated(t *tale) []string {
	deed := "delegated it"
	if to := t.assignee(); to != uuid.Nil {
		deed += " to " + t.name(to)
	}
	c, _ := t.take("hand_over")
	over := handOverOf(c[1])
	if why := reasons[over.Reason]; why != "" {
		deed += " because " + why
	}
	var parts []string
	for _, p := range [][2]string{{"done", over.Done}, {"next", over.Next}} {
		if p[1] != "" {
			parts = append(parts, p[0]+": "+clip(p[1], 300))
		}
	}
	if len(parts) > 0 {
		deed += " — " + strings.Join(parts, "; ")
		t.Note = "" // which is these two
	}
	t.drop("delegated", "accepted_from", "owner_id", "assigned_at", "escalated_at")
	return []string{deed}
}

func accepted(t *tale) []string {
	t.drop("assignee", "owner_id", "accepted_from", "assigned_at", "escalated_at")
	return []string{"accepted it"}
}

// statuses say what it is to bring a task there.
var statuses = map[string]string{"open": "opened it for work", "planned": "put it back into planning", "complete": "completed it", "cancelled": "cancelled it"}

func status(t *tale) []string {
	t.drop("closed_at")
	c, ok := t.take("status")
	from, to := textOf(c[0]), textOf(c[1])
	switch {
	case !ok:
		return []string{"looked at its status"}
	case to == "open" && (from == "complete" || from == "cancelled"):
		return []string{"reopened it"}
	case statuses[to] != "":
		return []string{statuses[to]}
	}
	return []string{"changed the status to " + clip(to, 120)}
}

func moved(t *tale) []string {
	c, _ := t.take("parent_id")
	if to := idsOf(c[1]); len(to) == 1 {
		return []string{"moved it below " + t.name(to[0])}
	}
	return []string{"moved it to the top"}
}

// waits tells of dependencies, whether all of them are given or only what came
// or went.
func waits(t *tale) []string {
	c, _ := t.take("depends_on")
	before, after := idsOf(c[0]), idsOf(c[1])
	var deeds []string
	if more := without(after, before); len(more) > 0 {
		deeds = append(deeds, "made it wait for "+t.called(more))
	}
	if less := without(before, after); len(less) > 0 {
		deeds = append(deeds, "let it no longer wait for "+t.called(less))
	}
	if len(deeds) == 0 {
		deeds = append(deeds, "changed what it waits for")
	}
	return deeds
}

func without(all, some []uuid.UUID) []uuid.UUID {
	return slices.DeleteFunc(slices.Clone(all), func(id uuid.UUID) bool { return slices.Contains(some, id) })
}

func escalated(t *tale) []string {
	t.drop("escalated_at")
	return []string{"told the group's managers that nobody has accepted it"}
}

func wroteNote(t *tale) []string {
	deed := "wrote a note"
	if c, ok := t.take("visibility"); ok && textOf(c[1]) == "client" {
		deed += " for the client"
	}
	c, ok := t.take("body")
	if body := textOf(c[1]); ok && body != "" {
		deed += ": " + clip(body, 120)
	}
	t.drop("task_id", "request_id")
	return []string{deed}
}

func changedNote(t *tale) []string {
	var deeds []string
	if c, ok := t.take("visibility"); ok {
		deeds = append(deeds, shown("a note", textOf(c[1])))
	}
	if c, ok := t.take("body"); ok {
		deeds = append(deeds, "changed a note: "+clip(textOf(c[1]), 120))
	}
	return deeds
}

// shown says who may see a thing from then on.
func shown(thing, visibility string) string {
	if visibility == "client" {
		return "let the client see " + thing
	}
	return "hid " + thing + " from the client"
}

// file is what the file is called.
func (t *tale) file() string {
	c, _ := t.take("name")
	for _, name := range []string{t.names[t.ID], textOf(c[1]), textOf(c[0])} {
		if name = clip(name, 255); name != "" {
			return name
		}
	}
	return "a file"
}

func attached(t *tale) []string {
	deed := "attached " + t.file()
	if c, ok := t.take("visibility"); ok && textOf(c[1]) == "client" {
		deed += " for the client"
	}
	clear(t.changes) // the rest is what the file is
	return []string{deed}
}

func showedFile(t *tale) []string {
	c, ok := t.take("visibility")
	if !ok {
		return []string{"changed " + t.file()}
	}
	return []string{shown(t.file(), textOf(c[1]))}
}

func removedFile(t *tale) []string {
	deed := "removed " + t.file()
	clear(t.changes)
	return []string{deed}
}

func drafted(t *tale) []string {
	c, ok := t.take("through")
	clear(t.changes)
	if !ok {
		return []string{"drafted it"}
	}
	return []string{"drafted it for work through " + textOf(c[1])}
}

func collected(t *tale) []string {
	t.drop("total")
	deed := "collected work"
	if _, ok := t.take("project_ids"); ok {
		deed += " of more projects"
	}
	if c, ok := t.take("through"); ok {
		deed += " through " + textOf(c[1])
	}
	return []string{deed}
}

func completed(t *tale) []string {
	c, ok := t.take("number")
	t.drop("state", "total")
	if !ok {
		return []string{"completed it"}
	}
	return []string{"completed it as " + textOf(c[1])}
}

// sentInvoice tells how an invoice or a credit note went to the client.
func sentInvoice(t *tale) []string {
	c, _ := t.take("sent_by")
	if textOf(c[1]) == "paper" {
		return []string{"printed and posted it"}
	}
	return []string{"sent it by e-mail"}
}

// item tells of a line made by hand what was done to it.
func item(did string) teller {
	return func(t *tale) []string {
		c, _ := t.take("item")
		t.drop("total")
		for _, raw := range c {
			if d := descriptionOf(raw); d != "" {
				return []string{did + " the item " + quote(clip(d, 120))}
			}
		}
		return []string{did + " an item"}
	}
}
