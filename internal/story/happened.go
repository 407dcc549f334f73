package story

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// happenings are what programs elsewhere are told of (N.16), by the kind of
// thing and the verb of the audit. Verbs that say more by what changed are in
// happened below.
var happenings = map[string]map[string]string{
	"task": {
		"create": "created", "assign": "assigned", "delegate": "delegated", "accept": "accepted", "edit": "changed", "move": "changed", "depend": "changed", "undepend": "changed",
		"start": "started", "end": "ended", "escalate": "escalated",
	},
	"request": {
		"create": "created", "assign": "assigned", "delegate": "delegated", "accept": "accepted", "return": "returned", "edit": "changed", "answer": "answered",
		"answer-from-project": "answered", "wait": "awaiting_client", "resume": "resumed", "warn": "target_warned",
	},
	"project": {
		"create": "created", "edit": "changed", "request-clearance": "clearance_requested", "clear": "cleared", "refuse-clearance": "clearance_refused",
		"withdraw-clearance": "clearance_withdrawn", "hold": "held", "resume": "resumed", "complete": "completed",
		"cancel": "cancelled", "work-statement": "changed", "contacts": "changed",
	},
	"invoice": {"create": "drafted", "draft": "drafted", "complete": "completed", "send": "sent", "void": "voided", "credit": "credited", "unsettle": "unsettled", "void-credit-note": "unsettled", "delete": "deleted",
		"write-off": "written_off", "reverse-write-off": "unsettled"},
	"payment":     {"record": "received", "apply": "applied", "reverse": "reversed"},
	"credit_note": {"apply": "applied", "send": "sent", "void": "voided"},
	"refund":      {"refund": "made", "reverse": "reversed"},
	"client":      {"create": "created", "edit": "changed", "partners": "changed"},
	"time_entry":  {"record": "recorded", "edit": "changed", "delete": "deleted", "rate": "changed"},
	"note":        {"create": "created", "edit": "changed"},
	"file":        {"create": "created", "edit": "changed", "remove": "removed"},
}

// statusesReached are what it is to bring a thing to a status; coming back to
// open from an end is to reopen it.
var statusesReached = map[string]map[string]string{
	"task":    {"planned": "planned", "open": "opened", "complete": "completed", "cancelled": "cancelled"},
	"request": {"open": "reopened", "completed": "completed", "cancelled": "cancelled"},
}

// settledTypes are of an invoice that something was paid of.
const (
	paid       = "invoice.paid"
	partlyPaid = "invoice.partly_paid"
	reopened   = "task.reopened"
)

// Tested is the event that is sent to try a webhook.
const Tested = "webhook.tested"

// Happenings are the names of all events, in order.
func Happenings() []string {
	all := []string{paid, partlyPaid, reopened}
	for _, table := range []map[string]map[string]string{happenings, statusesReached} {
		for kind, verbs := range table {
			for _, did := range verbs {
				all = append(all, kind+"."+did)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Happened is the name of the event that an entry of the audit is, such as
// "task.completed"; none for what nobody elsewhere is told of.
func Happened(kind, verb string, changes json.RawMessage) string {
	switch {
	case verb == "status":
		return statusReached(kind, changes)
	case kind == "invoice" && verb == "settle":
		return settled(changes)
	}
	if did := happenings[kind][verb]; did != "" {
		return kind + "." + did
	}
	return ""
}

func statusReached(kind string, changes json.RawMessage) string {
	c := changed(changes, "status")
	from, to := textOf(c[0]), textOf(c[1])
	did := statusesReached[kind][to]
	switch {
	case did == "":
		return ""
	case kind == "task" && to == "open" && from != "planned":
		return reopened
	}
	return kind + "." + did
}

var nothing = regexp.MustCompile(`^0(\.0*)? `)

func settled(changes json.RawMessage) string {
	if nothing.MatchString(textOf(changed(changes, "balance")[1])) {
		return paid
	}
	return partlyPaid
}

// changed is what one field was and is.
func changed(changes json.RawMessage, field string) change {
	var all map[string]change
	_ = json.Unmarshal(changes, &all) // our own writing
	c := all[field]
	return c
}

// Wants tells whether a list of events has one: by its name, by its kind, as
// "task.*", or by "*".
func Wants(list []string, event string) bool {
	kind, _, _ := strings.Cut(event, ".")
	return slices.Contains(list, "*") || slices.Contains(list, event) || slices.Contains(list, kind+".*")
}

// Wanted tells whether a name can stand in such a list.
func Wanted(name string) bool {
	if name == "*" {
		return true
	}
	return slices.ContainsFunc(Happenings(), func(e string) bool { return name == e || Wants([]string{name}, e) })
}
