package importer

import (
	"context"
	"fmt"
	"strings"
	"time"

	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/postgres"
)

// A task is a row of tasks.csv, or a task that is stored already. What it
// refers to is known once all rows are read.
type task struct {
	postgres.ImportTask
	project   *postgres.ImportProject // nil if the row names none
	line      int                     // 0 if it is stored already
	bad       bool
	parent    string
	dependsOn []string
	above     *task
	before    []*task
}

func (f *firm) readTasks(ctx context.Context) error {
	var rows []*task
	read := func(r *row, key string) *task {
		t := f.task(r, key)
		if f.tasks.stored[key] == nil {
			rows = append(rows, t)
		}
		return t
	}
	if err := readThings(ctx, f, f.tasks, read, func(*task) {}); err != nil {
		return err
	}
	f.link(rows)
	f.add.tasks = parentsFirst(rows)
	return nil
}

func (f *firm) task(r *row, key string) *task {
	t := &task{line: r.line, parent: r.cell("parent"), dependsOn: r.list("depends_on")}
	t.ImportTask = postgres.ImportTask{
		ID:              f.opts.newID(),
		Key:             key,
		Title:           r.needLine("title"),
		Status:          r.choice("status", UnknownStatus, taskStatuses, "planned"),
		Priority:        f.priority(r, key),
		EstimateMinutes: r.mayWhole("estimate_minutes", 0, 10_000_000),
		Skills:          r.list("skills"),
		VisibleToClient: r.yes("visible_to_client", false),
	}
	if t.project = f.projects.mustRefer(r, "project"); t.project != nil {
		t.ProjectID = t.project.ID
		f.checkCleared(r, t)
	}
	f.responsible(r, t)
	f.dates(r, t)
	t.bad = r.bad
	return t
}

// priority is 1 to 5; 3 if the cell is empty. Scales that go on to 10 are
// common elsewhere: what comes after 5 there comes last here.
func (f *firm) priority(r *row, key string) int {
	p := r.whole("priority", 1, 10, 3)
	if p <= 5 || f.tasks.stored[key] != nil {
		return min(p, 5)
	}
	f.notes.add(Problem{r.book.file, r.line, "priority", PriorityLowered,
		fmt.Sprintf("priority %d came in as 5, the last one", p)})
	return 5
}

// checkCleared refuses work that a project was not cleared for (S1.06).
func (f *firm) checkCleared(r *row, t *task) {
	begun := t.Status == "open" || t.Status == "complete"
	if !begun || cleared(t.project) {
		return
	}
	r.problem("status", NotCleared, "project %s is not cleared (%s): its tasks can be planned, none can be %s",
		quote(r.cell("project")), t.project.Status, t.Status)
}

// responsible finds the owner, who is the project's account manager if none is
// named, and the assignee.
func (f *firm) responsible(r *row, t *task) {
	if p := f.people.refer(r, "owner"); p != nil {
		t.OwnerID = p.ID
	}
	if r.cell("owner") == "" && t.project != nil {
		t.OwnerID = t.project.AccountManagerID
	}
	name := r.cell("assignee")
	if name == "" {
		return
	}
	p, code, reason := f.people.find(name)
	group, isGroup := f.groups[strings.ToLower(name)]
	switch {
	case p != nil:
		t.AssigneePersonID = p.ID
	case code == RefusedRow:
		r.problem("assignee", code, "%s", reason)
	case isGroup:
		t.AssigneeGroupID = group
	default:
		r.problem("assignee", UnknownAssignee, "%s is neither a person's key nor a group's name", quote(name))
	}
}

// dates sets when the task was made, assigned and closed. A task that is still
// to do counts as assigned now: a group has its time to accept it.
func (f *firm) dates(r *row, t *task) {
	created, completed := r.day("created_on"), r.day("completed_on")
	t.CreatedAt, t.AssignedAt = f.now, f.now
	if !created.IsZero() {
		t.CreatedAt = noon(created)
	}
	if t.Closed() {
		t.AssignedAt, t.ClosedAt = t.CreatedAt, t.CreatedAt
	}
	if completed.IsZero() || t.Status == "" {
		return
	}
	switch {
	case !t.Closed():
		r.problem("completed_on", Contradiction, "the task has a day of completion, but is %s", t.Status)
	case completed.Before(created):
		r.problem("completed_on", Contradiction, "the task was completed on %s, before it was created on %s", completed, created)
	}
	t.ClosedAt = noon(completed)
}

// noon stands for a day whose time is not known: the day is the same in nearly
// every zone.
func noon(d civil.Date) time.Time { return d.Start(time.UTC).Add(12 * time.Hour) }

// problem adds one that was found after all rows were read.
func (f *firm) problem(t *task, column string, code fault.Code, format string, args ...any) {
	f.problems.add(Problem{tasksFile, t.line, column, code, fmt.Sprintf(format, args...)})
	if !t.bad {
		t.bad = true
		f.counts[tasksFile].Refused++
	}
}
