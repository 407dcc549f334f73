// Package billing holds the rules of money: which rate an hour has, how time
// becomes invoice lines, what an invoice adds up to and when it is due.
//
// It owns arithmetic and order, not storage: whoever calls it has read the
// entries and rates in one transaction and writes the result in the same.
// A date is always the work date in the worker's zone, or a day in the
// Provider's zone for issuing. Rules: spec "Billing rules".
package billing

import "steward/internal/fault"

// Codes of this package's refusals.
const (
	MissingRate     fault.Code = "missing_rate"      // no rate for a person, project and date (S1.13)
	NothingToBill   fault.Code = "nothing_to_bill"   // the invoice has no line
	NegativeTotal   fault.Code = "negative_total"    // that would be a credit note
	AlreadyComplete fault.Code = "already_complete"  // a completed invoice does not change
	TimeInvoiced    fault.Code = "time_invoiced"     // time on a completed invoice is locked
	TimeUnapproved  fault.Code = "time_unapproved"   // the draft holds time of weeks that are not approved any more (N.01)
	MilestoneNotDue fault.Code = "milestone_not_due" // the draft holds milestones of tasks that are not complete any more (N.09)
	TaxChanged      fault.Code = "tax_changed"       // lines of the draft are without tax, and their project no more (N.11)
)
