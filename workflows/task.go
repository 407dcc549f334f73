package workflows

import (
	"go.temporal.io/sdk/workflow"

	"steward/activities"
	"steward/internal/flow"
)

// acts names the activities; it is never called through.
var acts *activities.Activities

// Task is the process of a task: it takes the actions on it and waits for the
// next until the task is closed.
func Task(ctx workflow.Context, in flow.Input) error {
	p := &process{in: in, commit: acts.CommitTask, load: acts.LoadTask}
	return p.live(ctx, Task, flow.Updates[flow.Task], p.taskStep)
}

// Project is the process of a project: clearance, work, its end (S1.06).
func Project(ctx workflow.Context, in flow.Input) error {
	p := &process{in: in, commit: acts.CommitProject, load: acts.LoadProject}
	return p.live(ctx, Project, flow.Updates[flow.Project], p.projectStep)
}

// taskStep takes the step that is the process's own, or waits.
func (p *process) taskStep(ctx workflow.Context) error {
	return p.own(ctx, flow.Escalate, "tell the group's managers that nobody accepts it", acts.EscalateTask)
}

// projectStep takes the step that is the process's own, or waits.
func (p *process) projectStep(ctx workflow.Context) error {
	return p.own(ctx, flow.Remind, "remind of clearance", acts.RemindOfClearance)
}

// own takes a step when it is the next, or waits. However long the step is tried,
// people act meanwhile: each of them locks the row, and an older snapshot is not
// believed.
func (p *process) own(ctx workflow.Context, step, summary string, activity any) error {
	if p.snap.Next != step {
		return p.wait(ctx)
	}
	if workflow.GetVersion(ctx, "people act while a step is tried", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		if err := p.lane.Lock(ctx); err != nil {
			return err
		}
		defer p.lane.Unlock()
	}
	var snap flow.Snapshot
	if err := perform(ctx, summary, activity, p.in.ID, &snap); err != nil {
		return err
	}
	p.take(ctx, snap)
	return nil
}

// live takes commands, and steps of its own, until the thing is closed.
func (p *process) live(ctx workflow.Context, self any, verbs []string, step func(workflow.Context) error) error {
	if err := p.listen(ctx, verbs); err != nil {
		return err
	}
	if err := p.start(ctx); err != nil {
		return err
	}
	for !p.done(ctx) {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return p.leave(ctx, self)
}
