package activities

import (
	"context"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// CommitTask carries out a command on a task in one transaction.
func (a *Activities) CommitTask(ctx context.Context, c flow.Command) (flow.Snapshot, error) {
	return a.commit(ctx, c, foreseeTask, a.task, a.taskSnapshot)
}

// foreseeTask asks for the task, as most of what can be done with it does.
func foreseeTask(ctx context.Context, q *db.Queries, id uuid.UUID) {
	_, _ = postgres.OneTask(ctx, q, id) // it fails now, and is asked again
}

// LoadTask reads what a task's process needs to know. A task that does not
// exist is closed.
func (a *Activities) LoadTask(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	return a.taskSnapshot(ctx, a.store.Queries, id)
}

func (a *Activities) task(ctx context.Context, s *step) (outcome, error) {
	if s.cmd.Verb != "create" {
		view, err := s.changeTask(ctx)
		return outcome{view, a.snapshotOf(view), true}, err
	}
	if err := s.createTask(ctx); err != nil {
		return outcome{}, err
	}
	view, err := postgres.OneTask(ctx, s.Queries, s.cmd.EntityID)
	return outcome{answer: view, snap: a.snapshotOf(view)}, err
}

// createTask inserts a task under its project's rules.
func (s *step) createTask(ctx context.Context) error {
	var in flow.CreateTask
	if err := s.body(&in); err != nil {
		return err
	}
	p, err := s.livingProject(ctx, in.ProjectID)
	if err != nil {
		return err
	}
	facts := postgres.TaskFacts{AccountManagerID: p.AccountManagerID}
	above, err := s.parent(ctx, in, &facts)
	if err != nil {
		return err
	}
	handles, err := s.fromRequest(ctx, in.RequestID, p)
	if err != nil {
		return err
	}
	if err := access.Can(s.actor, access.CreateTask, facts.Relation(s.actor)|handles); err != nil {
		return err
	}
	to, err := s.target(ctx, in.AssignTo, p.ClientID)
	if err != nil {
		return err
	}
	t, err := work.New(work.Task{
		ID: s.cmd.EntityID, ParentID: in.ParentID, Title: in.Title, Description: in.Description, Priority: in.Priority,
		EstimateMinutes: in.EstimateMinutes, Skills: in.Skills, VisibleToClient: in.VisibleToClient, DueOn: in.DueOn,
	}, to.Target, work.Facts{Now: s.store.Now(), ActorID: s.actor.ID, ProjectStatus: work.ProjectStatus(p.Status), ParentStatus: above.Status})
	if err != nil {
		return err
	}
	if err := s.insertTask(ctx, t, p.ID, in.RequestID); err != nil {
		return err
	}
	if err := s.dependOn(ctx, t, p.ID, in.DependsOn); err != nil {
		return err
	}
	view := postgres.Task{ID: t.ID, ProjectID: p.ID, Key: postgres.TaskKey(p.Code, s.envelope.Number), Title: t.Title}
	view.Facts.ClientID = p.ClientID
	news, err := s.taskNews(ctx, view, to.name, "", work.Handed(work.Task{}, t, s.actor.ID, to.audience), contacts(view, to))
	if err == nil {
		err = s.tell(ctx, news...)
	}
	if err != nil {
		return err
	}
	if err := s.audit(ctx, 1, birth(t, in), ""); err != nil || in.RequestID == nil {
		return err
	}
	return s.alsoAudit(ctx, *in.RequestID, "task", map[string]postgres.Change{"task_id": {nil, t.ID}}, "")
}

// birth is what the history says of a new task.
func birth(t work.Task, in flow.CreateTask) map[string]postgres.Change {
	changes := postgres.Diff(struct{}{}, auditTask(t))
	if len(in.DependsOn) > 0 {
		changes["depends_on"] = postgres.Change{nil, sorted(in.DependsOn)}
	}
	if in.RequestID != nil {
		changes["request_id"] = postgres.Change{nil, *in.RequestID}
	}
	return changes
}

// parent reads the task above, which must be of the same project. It is locked,
// so that it is not completed at the same time.
func (s *step) parent(ctx context.Context, in flow.CreateTask, facts *postgres.TaskFacts) (postgres.Task, error) {
	if in.ParentID == nil {
		return postgres.Task{}, nil
	}
	if len(in.DependsOn) > 0 { // before the lock on the task: one order for everybody
		if err := s.ahead().TreeLock(ctx, in.ProjectID.String()); err != nil {
			return postgres.Task{}, err
		}
	}
	if err := s.ahead().LockTask(ctx, *in.ParentID); err != nil {
		return postgres.Task{}, err
	}
	above, err := postgres.OneTask(ctx, s.Queries, *in.ParentID)
	if fault.Is(err, fault.NotFound) || err == nil && above.ProjectID != in.ProjectID {
		return above, fault.Wrong("parent_id", "there is no such task in the project")
	}
	facts.ParentOwnerID, facts.AssigneePersonID = &above.OwnerID, above.Facts.AssigneePersonID
	return above, err
}

func (s *step) insertTask(ctx context.Context, t work.Task, project uuid.UUID, request *uuid.UUID) error {
	person, group := postgres.AssigneeColumns(t.Assignee)
	if t.Skills == nil {
		t.Skills = []string{}
	}
	return s.ahead().InsertTask(ctx, db.InsertTaskParams{
		ID: t.ID, ProjectID: project, Number: s.envelope.Number, ParentID: t.ParentID, Title: t.Title, Description: t.Description,
		Status: string(t.Status), Priority: int16(t.Priority), OwnerID: t.OwnerID, AssigneePersonID: person, AssigneeGroupID: group,
		Delegated: t.Delegated, AssignedAt: t.AssignedAt, StatusAt: t.StatusAt, EstimateMinutes: postgres.Minutes32(t.EstimateMinutes), Skills: t.Skills, VisibleToClient: t.VisibleToClient, DueOn: t.DueOn, RequestID: request,
	})
}

// dependOn makes a new task wait for others of its project. Nothing waits for a
// new task yet but the tasks above it.
func (s *step) dependOn(ctx context.Context, t work.Task, project uuid.UUID, on []uuid.UUID) error {
	if len(on) == 0 {
		return nil
	}
	known, err := s.TasksInProject(ctx, on, project)
	if err != nil {
		return err
	}
	if len(known) != len(on) {
		return fault.Wrong("depends_on", "one of the tasks is not in the project or is named twice")
	}
	for _, id := range on {
		place := work.Place{SameProject: true}
		if t.ParentID != nil {
			if place.Circular, err = s.ComesAfter(ctx, comesAfter(uuid.Nil, order{first: *t.ParentID, last: id})); err != nil {
				return err
			}
		}
		if err := t.Depend(id, place); err != nil {
			return err
		}
	}
	rows := make([]db.InsertDependenciesParams, len(on))
	for i, id := range on {
		rows[i] = db.InsertDependenciesParams{TaskID: t.ID, DependsOnID: id}
	}
	_, err = s.InsertDependencies(ctx, rows)
	return err
}

// auditTask is a task as its history shows it.
func auditTask(t work.Task) any { return postgres.AuditTask(t) }
