package api

import "github.com/danielgtaylor/huma/v2"

// tags are what operations are read under, in the order in which a firm comes
// across them. Each operation has the first part of its path for its tag.
var tags = []struct{ name, says string }{
	{"sessions", "Signing in and out with a password, for browsers."},
	{"sign-in", "What there is to sign in with."},
	{"password-resets", "A new password by mail."},
	{"me", "Who is asking; their own password and authenticator."},
	{"tokens", "Secrets for programs."},
	{"provider", "The firm itself: letterhead, clock, reminder policy, locked time."},
	{"users", "Staff and clients' contacts, their calendars and rates."},
	{"groups", "Groups of staff, their managers, preferences, queues and lists."},
	{"tax-codes", "Percents of tax, each from a day on."},
	{"clients", "Who the firm works for, their contacts, partners, credit and statements of account."},
	{"templates", "What projects are made from."},
	{"projects", "A client's projects: clearance, work statement, rates, contacts, summary."},
	{"tasks", "What is to be done, who answers for it and who does it."},
	{"requests", "What clients and staff ask for, and what becomes of it."},
	{"notes", "What was said on tasks and requests."},
	{"files", "What hangs on tasks and requests."},
	{"plan", "Who works on what in the next two weeks, as JSON, picture and calendar."},
	{"time-entries", "Recorded time."},
	{"timesheets", "A person's weeks, submitted and approved."},
	{"milestones", "Fixed prices and hours sold beforehand."},
	{"expenses", "Money spent for clients."},
	{"billing-runs", "Billing many projects by hand, and previews of it."},
	{"billing-periods", "What the clock has billed, and what it could not."},
	{"invoices", "Drafts, their lines and items; completing, sending, voiding, crediting."},
	{"credit-notes", "What was taken back of invoices."},
	{"payments", "Money that came in, and which invoices it pays."},
	{"refunds", "Money that was given back."},
	{"reminders", "Letters to clients about what is past due."},
	{"status-reports", "What clients are told of their projects each week."},
	{"reports", "Receivables by age, utilisation, profitability, work in progress."},
	{"search", "Projects, tasks, requests and notes by words and keys."},
	{"notifications", "What people are told, in their inbox and by mail."},
	{"mails", "Mail that goes out, and what became of it."},
	{"webhooks", "Other systems that are told of what happens."},
	{"audit", "Who did what, when and from where."},
	{"actions", "What became of an action that was answered with 202."},
}

// described are the tags as the contract has them.
func described() []*huma.Tag {
	all := make([]*huma.Tag, len(tags))
	for i, t := range tags {
		all[i] = &huma.Tag{Name: t.name, Description: t.says}
	}
	return all
}
