package work

import (
	"github.com/google/uuid"

	"steward/internal/fault"
)

// ProjectStatus is where a project is in its life (S1.06).
type ProjectStatus string

// The comment says who moves next.
const (
	Draft             ProjectStatus = "draft"              // the AM plans, then asks for clearance
	AwaitingClearance ProjectStatus = "awaiting_clearance" // another AM or an admin gives or refuses it
	Active            ProjectStatus = "active"             // the contributors work
	OnHold            ProjectStatus = "on_hold"            // the AM resumes it
	ProjectComplete   ProjectStatus = "complete"           // final
	ProjectCancelled  ProjectStatus = "cancelled"          // final
)

// Ended tells whether nothing more happens in the project.
func (s ProjectStatus) Ended() bool { return s == ProjectComplete || s == ProjectCancelled }

// Cleared tells whether work goes on in the project, or is only held up.
func (s ProjectStatus) Cleared() bool { return s == Active || s == OnHold }

// ProjectVerb is an action on a project's life.
type ProjectVerb string

// The verbs, as they stand in the HTTP contract.
const (
	RequestClearance  ProjectVerb = "request-clearance"
	Clear             ProjectVerb = "clear"
	RefuseClearance   ProjectVerb = "refuse-clearance"
	WithdrawClearance ProjectVerb = "withdraw-clearance"
	Hold              ProjectVerb = "hold"
	Resume            ProjectVerb = "resume"
	CompleteProject   ProjectVerb = "complete"
	CancelProject     ProjectVerb = "cancel"
)

// projectNext is the machine: verb → from → to.
var projectNext = map[ProjectVerb]map[ProjectStatus]ProjectStatus{
	RequestClearance:  {Draft: AwaitingClearance},
	Clear:             {AwaitingClearance: Active},
	RefuseClearance:   {AwaitingClearance: Draft},
	WithdrawClearance: {AwaitingClearance: Draft},
	Hold:              {Active: OnHold},
	Resume:            {OnHold: Active},
	CompleteProject:   {Active: ProjectComplete, OnHold: ProjectComplete},
	CancelProject: {Draft: ProjectCancelled, AwaitingClearance: ProjectCancelled,
		Active: ProjectCancelled, OnHold: ProjectCancelled},
}

// Project is what the machine knows of a project.
type Project struct {
	Status      ProjectStatus
	RequestedBy uuid.UUID // who asked for clearance last
}

// Do moves the project along its machine. Clearance is given or refused by
// somebody else than who asked for it (S1.06); the last open task must be closed
// before the project is completed.
func (p Project) Do(verb ProjectVerb, by uuid.UUID, openTasks int) (Project, error) {
	to, ok := projectNext[verb][p.Status]
	if !ok {
		return p, fault.New(BadTransition, "a project that is %s does not take %q", p.Status, verb)
	}
	if verb == Clear && by == p.RequestedBy {
		return p, fault.New(SelfClearance, "clearance is given by somebody else than who asked for it")
	}
	if verb == RefuseClearance && by == p.RequestedBy {
		return p, fault.New(SelfClearance, "clearance is refused by somebody else than who asked for it; withdraw it instead")
	}
	if verb == CompleteProject && openTasks > 0 {
		return p, fault.New(OpenSubtasks, "%d tasks of the project are neither complete nor cancelled", openTasks)
	}
	p.Status = to
	if verb == RequestClearance {
		p.RequestedBy = by
	}
	return p, nil
}

// ProjectTransition is a row of the project's machine.
type ProjectTransition struct {
	Verb     ProjectVerb
	From, To ProjectStatus
}

// ProjectTransitions is the machine as a list, in the order of a project's life.
func ProjectTransitions() []ProjectTransition {
	var all []ProjectTransition
	for _, verb := range []ProjectVerb{RequestClearance, Clear, RefuseClearance, WithdrawClearance, Hold, Resume, CompleteProject, CancelProject} {
		for _, from := range []ProjectStatus{Draft, AwaitingClearance, Active, OnHold} {
			if to, ok := projectNext[verb][from]; ok {
				all = append(all, ProjectTransition{verb, from, to})
			}
		}
	}
	return all
}
