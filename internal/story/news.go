package story

import "strings"

// news are what people read in their inbox, by the kind of notice: %a is who
// did it, %p the thing, %w the desk, status or figure that goes with it.
var news = map[string]string{
	"assigned":       "%a assigned %p to you",
	"delegated":      "%a delegated %p to you",
	"group_work":     "%p waits in %w to be accepted",
	"reassigned":     "%a handed %p, which you worked on, to %w",
	"handed_over":    "%a handed %p, which you answer for, to %w",
	"answered_for":   "%a handed %p, which you answered for until now, to %w",
	"accepted":       "%a accepted %p",
	"status":         "%a marked %p %w",
	"ready":          "%p can start: it waits for nothing any more",
	"escalated":      "Nobody of %w has accepted %p",
	"needs_subtasks": "%p is open and has no sub-tasks yet",
	"noted":          "%a added a %w to %p",

	"requested":          "%a made the request %p, which you answer for",
	"request_given":      "%a made you the account manager of the request %p",
	"request_taken":      "%a handed the request %p, which you answered for, over to another account manager",
	"returned":           "%a is finished with %p and returned it to you",
	"asked":              "%a asks you to record an answer: %p",
	"answered":           "%a answered %p",
	"client_awaited":     "%a waits for an answer of yours about %p",
	"client_wrote":       "%a, the client, wrote about %p",
	"staff_wrote":        "%a wrote to you about %p",
	"response_warning":   "%w of the time for a first word about %p is over",
	"resolution_warning": "%w of the time to settle %p is over",
	"response_missed":    "The time for a first word about %p is over",
	"resolution_missed":  "The time to settle %p is over",

	"clearance_asked":     "%a asks for clearance of %p",
	"clearance_reminder":  "%p still waits for clearance",
	"cleared":             "%a gave clearance to %p: work can begin",
	"clearance_refused":   "%a refused clearance of %p: it is a draft again",
	"clearance_withdrawn": "%a no longer asks for clearance of %p",
	"project_given":       "%a made you the account manager of %p",
	"project_taken":       "%a handed %p, which you managed, over to another account manager",

	"invoice_ready":   "The invoice for %p is ready: %w",
	"invoice_refused": "The invoice for %p was not completed: %w",
	"billing_parked":  "%p was not billed through %w",
	"budget_warning":  "%p has used %w",

	"review_reminders": "Review the reminders of %p: %w",

	"timesheet_submitted": "The week of %w of %p waits for approval",
	"timesheet_rejected":  "%a sent your week of %w back",
	"timesheet_reopened":  "%a reopened your week of %w",

	"left": "%p has left: %w to hand on",

	"webhook_stopped": "The webhook to %p is switched off",

	"report_ready": "The status report for %p goes out on %w",
	"report_held":  "The status report for %p could not go out: nobody has an e-mail address",
}

// projectDeeds are what an action on a project's life did, where people have
// its tasks.
var projectDeeds = map[string]string{
	"clear":    "%a gave clearance to %p: its tasks can be opened",
	"hold":     "%a put %p on hold",
	"resume":   "%a resumed %p",
	"complete": "%a completed %p",
	"cancel":   "%a cancelled %p",
}

// Deed is what somebody is told of.
type Deed struct {
	Kind  string // of the notice
	Verb  string // what was done to a project
	Actor string // by name
	Thing string // as people call it: "ACME-12 Analysis"
	Where string // the desk, status or figure that goes with it
}

// News is what somebody is told, in a line.
func News(d Deed) string {
	words := news[d.Kind]
	if words == "" {
		words = projectDeeds[d.Verb]
	}
	if words == "" {
		words = "%a changed %p"
	}
	return d.in(words)
}

func (d Deed) in(words string) string {
	return strings.NewReplacer("%a", d.Actor, "%p", d.Thing, "%w", d.Where).Replace(words)
}
