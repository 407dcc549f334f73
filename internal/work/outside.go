package work

import (
	"fmt"

	"steward/internal/fault"
)

// Others says how many other tasks one waits for.
func Others(n int) string {
	if n == 1 {
		return "another task"
	}
	return fmt.Sprintf("%d other tasks", n)
}

// Start notes that whoever has the task has begun (S2.08). Staff records time;
// a contact outside says when they start and end.
func (t Task) Start(f Facts) (Task, error) {
	switch {
	case t.Status != Open:
		return t, fault.New(BadTransition, "the task is %s: there is nothing to start", t.Status)
	case f.WaitingOn > 0:
		return t, fault.New(DependencyIncomplete, "the task waits for %s to be complete", Others(f.WaitingOn))
	case t.StartedAt != nil && t.EndedAt == nil:
		return t, fault.New(AlreadyStarted, "it was started before and has not ended")
	}
	t.StartedAt, t.EndedAt = &f.Now, nil
	return t, nil
}

// End notes that whoever has the task has stopped working on it for now.
func (t Task) End(f Facts) (Task, error) {
	if t.StartedAt == nil || t.EndedAt != nil {
		return t, fault.New(NotStarted, "it is not started")
	}
	t.EndedAt = &f.Now
	return t, nil
}

// Countless puts a refusal so that it does not say how many tasks there are that
// a contact outside does not see (S2.16).
func Countless(err error) error {
	f, ok := fault.From(err)
	switch {
	case ok && f.Code == DependencyIncomplete:
		return fault.New(DependencyIncomplete, "the task waits for other work to be complete")
	case ok && f.Code == OpenSubtasks:
		return fault.New(OpenSubtasks, "some of the task's work is neither complete nor cancelled")
	}
	return err
}

// OutsideMay refuses what a contact outside may not set: they complete what
// was given to them, and nothing else (S2.08).
func OutsideMay(to Status) error {
	if to != Complete {
		return fault.New(fault.Forbidden, "you may mark the task complete; its owner decides everything else")
	}
	return nil
}
