package work

import (
	"bytes"
	"slices"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
)

// Ahead is how far the plan looks (S1.42).
const Ahead = 14 * 24 * time.Hour

// Plannable is what the plan looks at: the open work of a firm, or of as much
// of it as hangs together. Times are cut to whole minutes.
type Plannable struct {
	AsOf  time.Time // now
	Until time.Time // the horizon: work beyond it is cut, not squeezed
	Desks []Desk
	Jobs  []Job
	Above []Above
}

// Desk is a person with their working time from AsOf to Until, in order.
type Desk struct {
	PersonID uuid.UUID
	Hours    []civil.Interval
}

// Job is a planned or open task, as the plan sees it.
type Job struct {
	ID        uuid.UUID
	ParentID  *uuid.UUID
	Assignee  Assignee
	Priority  int         // 1 comes first
	Estimate  *int        // minutes; nil: not estimated
	Remaining *int        // minutes, as last said; nil: nobody said, which is not 0
	Worked    int         // minutes recorded on it
	Begun     bool        // what its assignee has in hand: it continues first
	Parent    bool        // it has sub-tasks that are not cancelled
	Stopped   bool        // its project is on hold or has ended
	DependsOn []uuid.UUID // those that are not among the jobs are done
	NotBefore time.Time   // when its project starts; zero: it has begun, or nobody said
}

// Above is a task above some of the jobs that is not one of them: what it
// depends on, they wait for.
type Above struct {
	ID        uuid.UUID
	ParentID  *uuid.UUID
	DependsOn []uuid.UUID
}

// Left is how many minutes are left to do, and whether that is known. What
// somebody said remains is left, also if that is nothing. Otherwise it is what
// the estimate leaves after the time recorded, and nothing once that is used
// up. The estimate of a task with sub-tasks is that of the whole, whose work is
// done and recorded on them: of its own it has only what was said to remain.
// Cancelled sub-tasks are none, as in [RollUp].
func (j Job) Left() (minutes int, known bool) {
	switch {
	case j.Remaining != nil:
		return max(*j.Remaining, 0), true
	case j.Parent:
		return 0, true
	case j.Estimate == nil:
		return 0, false
	}
	return max(*j.Estimate-j.Worked, 0), true
}

// length is what tells short from long: the estimate, or without one what is left.
func (j Job) length() int {
	if j.Estimate != nil {
		return *j.Estimate
	}
	left, _ := j.Left()
	return left
}

// Reason says why a task has no place in the plan.
type Reason string

// The reasons. Where several hold, the first of them is given.
const (
	DependencyCycle   Reason = "dependency_cycle"    // it waits for itself, by way of others or of its sub-tasks
	ProjectStopped    Reason = "project_stopped"     // its project is on hold or has ended
	NobodyAssigned    Reason = "nobody_assigned"     // nobody has it, or it waits in a group
	NoEstimate        Reason = "no_estimate"         // nobody said how long it takes
	WaitsForUnplanned Reason = "waits_for_unplanned" // what it waits for has no place
	NoWorkingTime     Reason = "no_working_time"     // its assignee does not work before the horizon
	AfterHorizon      Reason = "beyond_horizon"      // its turn or its project comes later than the plan looks
)

// Block is work on a task without a break: within one working interval.
type Block struct {
	TaskID  uuid.UUID
	Start   time.Time
	End     time.Time
	Minutes int
}

// DeskPlan is what a person does, in order.
type DeskPlan struct {
	PersonID uuid.UUID
	Blocks   []Block
}

// Projection is when a task begins and ends, as far as the plan looks. A task
// with open sub-tasks begins with the first of them and ends with the last.
type Projection struct {
	TaskID uuid.UUID
	Start  time.Time // zero: not before the horizon
	End    time.Time // zero: not before the horizon
	Left   int       // minutes left to do
	Cut    int       // of these beyond the horizon, of a task that begins before it
}

// Unplanned is a task without a place.
type Unplanned struct {
	TaskID uuid.UUID
	Reason Reason
}

// Plan is who works on what when. Desks are in the order of their people's
// ids, projections and unplanned in that of their tasks'.
type Plan struct {
	AsOf      time.Time
	Until     time.Time
	Desks     []DeskPlan
	Tasks     []Projection
	Unplanned []Unplanned
}

// MakePlan plans (S1.42, S1.43, S1.44). Whenever somebody is free and at work,
// they take the first of the tasks that they can work on then: what they have
// in hand, then by priority, then the shortest, then the oldest. They stay with
// it to its end. A task can be worked on when all that it and the tasks above it
// depend on has ended (S1.31), on whosever desk; nobody waits for a better task
// while there is another. Nothing begins before its project does.
//
// A task with open sub-tasks has no work of its own and ends when they and what
// it depends on have ended. Planned tasks are planned like open ones (S1.06).
// What is left of a task that does not end before the horizon is cut there. The
// plan follows from its input alone, in whatever order that comes.
func MakePlan(in Plannable) Plan {
	p := newPlanner(in)
	p.sort()
	p.run()
	return p.plan(in)
}

// ByID is the projection of a task, if it is in the plan.
func (p Plan) ByID(task uuid.UUID) (Projection, bool) {
	i, ok := slices.BinarySearchFunc(p.Tasks, task, func(a Projection, id uuid.UUID) int { return compareIDs(a.TaskID, id) })
	if !ok {
		return Projection{}, false
	}
	return p.Tasks[i], true
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
