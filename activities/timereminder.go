package activities

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// namedTasks is how many open tasks a reminder names.
const namedTasks = 5

// RemindOfTime reminds the next people who have open tasks and recorded no time
// on their latest day of work that has ended; once of each day, however often
// it is asked (S1.82).
func (a *Activities) RemindOfTime(ctx context.Context, after flow.After) (flow.Told, error) {
	people, err := a.store.PeopleToRemind(ctx, after.ID, peoplePage)
	if err != nil || len(people) == 0 {
		return flow.Told{}, err
	}
	out := flow.Told{Last: people[len(people)-1].ID, More: len(people) == peoplePage}
	now := a.store.Now()
	return page(ctx, out, people, func(p db.PeopleToRemindRow) string { return "the reminder of person " + p.ID.String() }, func(p db.PeopleToRemindRow) (int, error) {
		day, ended, ok := lastWorkday(postgres.Hours(p.Calendar, p.TimeZone), now)
		if !ok || !p.Since.Before(ended) { // they had nothing to do on that day
			return 0, nil
		}
		return a.remind(ctx, p.ID, day, now)
	})
}

func (a *Activities) remind(ctx context.Context, person uuid.UUID, day civil.Date, now time.Time) (int, error) {
	tasks, err := a.store.OpenTasksOf(ctx, &person, namedTasks)
	if err != nil || len(tasks) == 0 {
		return 0, err
	}
	n, err := a.store.RemindOfTime(ctx, db.RemindOfTimeParams{
		ID: a.store.NewID(), PersonID: person, AboutOn: day, Now: now,
		Subject: "You recorded no time on " + longDay(day), Body: a.openTasks(tasks),
	})
	return int(n), err
}

// openTasks says what somebody may have worked on.
func (a *Activities) openTasks(tasks []db.OpenTasksOfRow) string {
	var b strings.Builder
	b.WriteString("These tasks are open with you:\n")
	for _, t := range tasks {
		fmt.Fprintf(&b, "%s-%d %s\n", t.Code, t.Number, line(t.Title))
	}
	if more := int(tasks[0].Tasks) - len(tasks); more > 0 {
		fmt.Fprintf(&b, "and %d more\n", more)
	}
	return b.String()
}
