package workflows

import (
	"github.com/google/uuid"
	"go.temporal.io/sdk/workflow"

	"steward/internal/flow"
)

// Reminders makes the reminders of the month once their day has come (S1.70).
// Whether there is one to make is found out from Postgres: a day that was
// missed is made good by the next tick, and of months that were, the last.
func Reminders(ctx workflow.Context) error {
	var run uuid.UUID
	if err := workflow.ExecuteActivity(runs(ctx, "see whether the reminders of the month are to be made"), acts.OpenReminderRun).Get(ctx, &run); err != nil {
		return err
	}
	if run == uuid.Nil {
		workflow.SetCurrentDetails(ctx, "Nothing is to be made now.")
		return nil
	}
	return remindAll(ctx, run)
}

// ReminderRun makes the letters of a run that a person has asked for.
func ReminderRun(ctx workflow.Context, in flow.Input) error {
	return asked(ctx, in, remindAll)
}

// asked makes a run that a person has asked for.
func asked(ctx workflow.Context, in flow.Input, run func(workflow.Context, uuid.UUID) error) error {
	again := workflow.GetSignalChannel(ctx, flow.Refresh) // comes with the start; there is nothing to read again
	if err := run(ctx, in.ID); err != nil {
		return err
	}
	for again.ReceiveAsync(nil) {
		continue
	}
	return nil
}

// remindAll lists what each client owes, page by page, then asks the account
// managers to look. Run again, it finds each letter there.
func remindAll(ctx workflow.Context, run uuid.UUID) error {
	err := pages(ctx, acts.PlanReminders, "list the next clients", "%d letters wait for review.", func(after uuid.UUID) any {
		return flow.RunPage{RunID: run, After: after}
	})
	if err != nil {
		return err
	}
	return workflow.ExecuteActivity(runs(ctx, "ask for review"), acts.FinishReminderRun, run).Get(ctx, nil)
}

// Reminder is the process of a letter to one client: it waits for the account
// manager's review, then sends what is owed by then, once (S1.71).
func Reminder(ctx workflow.Context, in flow.Input) error {
	return letter(ctx, in, Reminder, acts.LoadReminder, "read what is owed, and write the letter", acts.SendReminder)
}

// letter is the process of what is mailed to a client once its review is over.
// People change its row, and it is told.
func letter(ctx workflow.Context, in flow.Input, self, load any, summary string, send any) error {
	p := &process{in: in, load: load}
	if err := p.listen(ctx, nil); err != nil {
		return err
	}
	if err := p.start(ctx); err != nil {
		return err
	}
	for !p.done(ctx) {
		if err := p.letterStep(ctx, summary, send); err != nil {
			return err
		}
	}
	return p.leave(ctx, self)
}

func (p *process) letterStep(ctx workflow.Context, summary string, send any) error {
	if p.snap.Next == flow.Send {
		return p.step(ctx, summary, send)
	}
	return p.wait(ctx)
}
