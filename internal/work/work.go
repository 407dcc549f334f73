// Package work holds the machines of tasks, requests and projects: which action follows
// which, and what it leaves behind; and the plan: who will work on what when.
//
// [MakePlan] reads what is open and who is at work when, and lets every desk
// take its tasks in order. It is a projection, not a promise, and it changes
// nothing: nobody is assigned and nothing is kept.
//
// Everything is a function of its arguments. Whoever calls it has read the
// facts under the row's lock and has asked package access whether the actor
// may; the instant comes in as an argument. Rules: requirements S1.06–S1.48.
package work

import "steward/internal/fault"

// Codes of this package's refusals.
const (
	BadTransition        fault.Code = "bad_transition"        // the status does not lead there
	ProjectNotActive     fault.Code = "project_not_active"    // S1.06
	DependencyIncomplete fault.Code = "dependency_incomplete" // S1.31
	OpenSubtasks         fault.Code = "open_subtasks"         // complete them first
	AlreadyAssigned      fault.Code = "already_assigned"      // somebody accepted it before
	NotInGroup           fault.Code = "not_in_group"          // it waits in none to be accepted
	TaskClosed           fault.Code = "task_closed"           // complete or cancelled
	SkillMissing         fault.Code = "skill_missing"         // S1.30
	NoManager            fault.Code = "group_without_manager" // nobody to be accountable
	SelfClearance        fault.Code = "self_clearance"        // clearance is given or refused by somebody else
	SameAssignee         fault.Code = "same_assignee"         // it is there already
	TooManyAccepted      fault.Code = "too_many_accepted"     // the group's limit (S1.14)
	Circular             fault.Code = "dependency_cycle"      // S1.31, S1.35
	OtherProject         fault.Code = "other_project"         // S1.35
	ParentComplete       fault.Code = "parent_complete"       // reopen the task above first
	RequestClosed        fault.Code = "request_closed"        // completed or cancelled
	AlreadyWaiting       fault.Code = "already_waiting"       // for the client (N.20)
	NotWaiting           fault.Code = "not_waiting"           // for the client
	NoAccountManager     fault.Code = "no_account_manager"    // nobody would answer for the request (S1.02)
	ItemExists           fault.Code = "item_exists"           // S2.13, S2.14
	NoProject            fault.Code = "no_project"            // the request is on none
	AlreadyStarted       fault.Code = "already_started"       // and not ended (S2.08)
	NotStarted           fault.Code = "not_started"           // so that it cannot end
)
