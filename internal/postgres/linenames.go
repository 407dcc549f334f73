package postgres

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"steward/internal/billing"
	"steward/internal/postgres/db"
)

// lineNames finds the words for lines of time.
type lineNames struct {
	code   string
	tasks  map[uuid.UUID]db.TaskTitlesRow
	people map[uuid.UUID]string
}

func (c *collector) names(ctx context.Context, lines []billing.Line) (lineNames, error) {
	n := lineNames{code: c.project.Code, tasks: map[uuid.UUID]db.TaskTitlesRow{}, people: map[uuid.UUID]string{}}
	var taskIDs, personIDs []uuid.UUID
	for _, l := range lines {
		taskIDs, personIDs = append(taskIDs, l.TaskID), append(personIDs, l.PersonID)
	}
	tasks, err := c.q.TaskTitles(ctx, c.project.ID, unique(taskIDs))
	if err != nil {
		return n, err
	}
	for _, t := range tasks {
		n.tasks[t.ID] = t
	}
	people, err := c.q.PersonNames(ctx, unique(personIDs))
	for _, p := range people {
		n.people[p.ID] = p.Name
	}
	return n, err
}

// unique are ids in order, each once; it sorts the slice that it is given.
func unique(ids []uuid.UUID) []uuid.UUID {
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

// sort puts lines in the order that a reader expects: tasks by number, people
// by name, the earliest first.
func (n lineNames) sort(lines []billing.Line) {
	slices.SortStableFunc(lines, func(a, b billing.Line) int {
		return cmp.Or(
			cmp.Compare(n.tasks[a.TaskID].Number, n.tasks[b.TaskID].Number),
			cmp.Compare(n.people[a.PersonID], n.people[b.PersonID]),
			a.First.Compare(b.First),
		)
	})
}

// describe is the text of a line: what was worked on. Who did it stands beside it.
func (n lineNames) describe(l billing.Line) string {
	if t, ok := n.tasks[l.TaskID]; ok {
		return TaskKey(n.code, t.Number) + " " + t.Title
	}
	return "Work"
}
