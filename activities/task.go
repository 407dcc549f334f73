package activities

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// CommitTask carries out a command on a task in one transaction.
func (a *Activities) CommitTask(ctx context.Context, c flow.Command) (flow.Snapshot, error) {
	return a.commit(ctx, c, a.task, a.taskSnapshot)
}

// LoadTask reads what a task's process needs to know. A task that does not
// exist is closed.
func (a *Activities) LoadTask(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	return a.taskSnapshot(ctx, a.store.Queries, id)
}

func (a *Activities) task(ctx context.Context, s *step) (outcome, error) {
	var version int32
	var err error
	if s.cmd.Verb == "create" {
		version, err = 1, s.createTask(ctx)
	} else {
		version, err = s.changeTask(ctx)
	}
	if err != nil {
		return outcome{}, err
	}
	view, err := postgres.OneTask(ctx, s.Queries, s.cmd.EntityID)
	if err != nil {
		return outcome{}, err
	}
	if view.Version != version {
		return outcome{}, fmt.Errorf("task %s is at version %d, %d was written", view.ID, view.Version, version)
	}
	snap, err := a.taskSnapshot(ctx, s.Queries, s.cmd.EntityID)
	return outcome{view, snap}, err
}

// createTask inserts a task under its project's rules.
func (s *step) createTask(ctx context.Context) error {
	var in flow.CreateTask
	if err := s.body(&in); err != nil {
		return err
	}
	p, err := s.Project(ctx, in.ProjectID)
	if err != nil {
		return err
	}
	facts := postgres.TaskFacts{AccountManagerID: p.AccountManagerID}
	if in.ParentID != nil {
		if err := s.parent(ctx, in, &facts); err != nil {
			return err
		}
	}
	if err := access.Can(s.actor, access.CreateTask, facts.Relation(s.actor)); err != nil {
		return err
	}
	to, err := s.target(ctx, in.AssignTo)
	if err != nil {
		return err
	}
	t, err := work.New(work.Task{
		ID: s.cmd.EntityID, ParentID: in.ParentID, Title: in.Title, Description: in.Description, Priority: in.Priority,
		EstimateMinutes: in.EstimateMinutes, Skills: in.Skills, VisibleToClient: in.VisibleToClient,
	}, to, work.Facts{Now: s.store.Now(), ActorID: s.actor.ID, ProjectStatus: work.ProjectStatus(p.Status)})
	if err != nil {
		return err
	}
	if err := s.insertTask(ctx, t, p.ID); err != nil {
		return err
	}
	if err := s.depend(ctx, t.ID, p.ID, in.DependsOn); err != nil {
		return err
	}
	return s.audit(ctx, 1, postgres.Diff(struct{}{}, auditTask(t)), "")
}

// parent reads the task above; it must be of the same project and not closed.
func (s *step) parent(ctx context.Context, in flow.CreateTask, facts *postgres.TaskFacts) error {
	row, err := s.LockTask(ctx, *in.ParentID)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && row.Task.ProjectID != in.ProjectID {
		return fault.Wrong("parent_id", "there is no such task in the project")
	}
	if err != nil {
		return err
	}
	if status := work.Status(row.Task.Status); status.Closed() {
		return fault.New(work.TaskClosed, "the task above is %s", status)
	}
	above := factsOf(row)
	facts.ParentOwnerID, facts.AssigneePersonID = &row.Task.OwnerID, above.AssigneePersonID
	return nil
}

func (s *step) insertTask(ctx context.Context, t work.Task, project uuid.UUID) error {
	person, group := postgres.AssigneeColumns(t.Assignee)
	if t.Skills == nil {
		t.Skills = []string{}
	}
	return s.InsertTask(ctx, db.InsertTaskParams{
		ID: t.ID, ProjectID: project, Number: s.envelope.Number, ParentID: t.ParentID, Title: t.Title, Description: t.Description,
		Status: string(t.Status), Priority: int16(t.Priority), OwnerID: t.OwnerID, AssigneePersonID: person, AssigneeGroupID: group,
		AssignedAt: t.AssignedAt, EstimateMinutes: postgres.Minutes32(t.EstimateMinutes), Skills: t.Skills, VisibleToClient: t.VisibleToClient,
	})
}

// depend makes a new task wait for others of its project. Nothing waits for a
// new task yet, so that no cycle can come of it.
func (s *step) depend(ctx context.Context, task, project uuid.UUID, on []uuid.UUID) error {
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
		if err := s.InsertDependency(ctx, task, id); err != nil {
			return err
		}
	}
	return nil
}

// taskVerb is a rule with its right and its note.
type taskVerb struct {
	action access.Action
	apply  func(ctx context.Context, s *step, t work.Task, f work.Facts) (work.Task, string, error)
}

var taskVerbs = map[string]taskVerb{
	"assign": {access.AssignTask, assignTask},
	"accept": {access.AcceptTask, acceptTask},
	"status": {access.SetStatus, setStatus},
	"edit":   {access.EditTask, editTask},
}

// changeTask locks the task, asks the rule and writes what follows.
func (s *step) changeTask(ctx context.Context) (int32, error) {
	verb, ok := taskVerbs[s.cmd.Verb]
	if !ok {
		return 0, fault.New(fault.Invalid, "a task does not take %q", s.cmd.Verb)
	}
	row, err := s.LockTask(ctx, s.cmd.EntityID)
	if err != nil {
		return 0, err
	}
	if err := s.fresh(row.Task.Version); err != nil {
		return 0, err
	}
	before := postgres.Machine(row.Task)
	if err := s.allowed(ctx, verb.action, row, before); err != nil {
		return 0, err
	}
	after, note, err := verb.apply(ctx, s, before, s.taskFacts(row))
	if err != nil {
		return 0, err
	}
	version := row.Task.Version + 1
	if err := s.updateTask(ctx, after, version); err != nil {
		return 0, err
	}
	return version, s.audit(ctx, version, postgres.Diff(auditTask(before), auditTask(after)), note)
}

// allowed asks the table of rights. Somebody who has just lost a race for the
// task is told so, rather than that the task is not in their group.
func (s *step) allowed(ctx context.Context, action access.Action, row db.LockTaskRow, t work.Task) error {
	facts := factsOf(row)
	if action == access.AcceptTask && t.Assignee.Kind != work.Group {
		return nil // the rule says why not
	}
	if action == access.AssignTask && facts.AssigneePersonID != nil && len(s.actor.Manages) > 0 {
		p, err := s.ActorByPerson(ctx, *facts.AssigneePersonID)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		facts.AssigneeGroups = p.Groups
	}
	return access.Can(s.actor, action, facts.Relation(s.actor))
}

func factsOf(row db.LockTaskRow) postgres.TaskFacts {
	return postgres.TaskFacts{
		OwnerID: row.Task.OwnerID, AccountManagerID: row.AccountManagerID, AssigneePersonID: row.Task.AssigneePersonID,
		AssigneeGroupID: row.Task.AssigneeGroupID, ParentOwnerID: row.ParentOwnerID,
	}
}

func (s *step) taskFacts(row db.LockTaskRow) work.Facts {
	return work.Facts{
		Now: s.store.Now(), ActorID: s.actor.ID, ProjectStatus: work.ProjectStatus(row.ProjectStatus),
		OpenChildren: int(row.OpenChildren), WaitingOn: int(row.WaitingOn),
	}
}

func (s *step) updateTask(ctx context.Context, t work.Task, version int32) error {
	person, group := postgres.AssigneeColumns(t.Assignee)
	return s.UpdateTask(ctx, db.UpdateTaskParams{
		ID: t.ID, ParentID: t.ParentID, Title: t.Title, Description: t.Description, Status: string(t.Status), Priority: int16(t.Priority),
		OwnerID: t.OwnerID, AssigneePersonID: person, AssigneeGroupID: group, Delegated: t.Delegated, AssignedAt: t.AssignedAt,
		EstimateMinutes: postgres.Minutes32(t.EstimateMinutes), Skills: t.Skills, VisibleToClient: t.VisibleToClient,
		ClosedAt: t.ClosedAt, Version: version,
	})
}

func assignTask(ctx context.Context, s *step, t work.Task, f work.Facts) (work.Task, string, error) {
	var in flow.AssignTask
	if err := s.body(&in); err != nil {
		return t, "", err
	}
	to, err := s.target(ctx, &in.To)
	if err != nil {
		return t, "", err
	}
	t, err = t.Assign(to, f)
	return t, in.Note, err
}

func acceptTask(ctx context.Context, s *step, t work.Task, f work.Facts) (work.Task, string, error) {
	if len(t.Skills) > 0 {
		p, err := s.AssigneePerson(ctx, s.actor.ID)
		if err != nil {
			return t, "", err
		}
		f.ActorSkills = p.Skills
	}
	t, err := t.Accept(f)
	return t, "", err
}

func setStatus(_ context.Context, s *step, t work.Task, f work.Facts) (work.Task, string, error) {
	var in flow.SetStatus
	if err := s.body(&in); err != nil {
		return t, "", err
	}
	if s.actor.ID != t.OwnerID {
		in.Note = "by the account manager. " + in.Note // S1.34: noted as such
	}
	t, err := t.SetStatus(in.Status, f)
	return t, in.Note, err
}

func editTask(_ context.Context, s *step, t work.Task, _ work.Facts) (work.Task, string, error) {
	var in work.Edit
	err := s.body(&in)
	return t.Edit(in), "", err
}

// target finds the person or group that a task is to go to.
func (s *step) target(ctx context.Context, t *flow.Target) (work.Target, error) {
	to := work.Target{Assignee: t.Assignee()}
	if t == nil {
		return to, nil
	}
	switch to.Kind {
	case work.Person:
		p, err := s.AssigneePerson(ctx, to.ID)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && p.Kind != "staff" {
			return to, fault.Wrong("to", "there is no such person on the staff")
		}
		return to, err
	case work.Group:
		if _, err := s.Group(ctx, to.ID); err != nil {
			return to, fault.Wrong("to", "there is no such group")
		}
		managers, err := s.GroupManagers(ctx, to.ID)
		to.Managers = managers
		return to, err
	}
	return to, fault.Wrong("to", "name either a user_id or a group_id")
}

// auditTask is a task as its history shows it.
func auditTask(t work.Task) any {
	return struct {
		ParentID        *uuid.UUID     `json:"parent_id,omitempty"`
		Title           string         `json:"title"`
		Description     string         `json:"description,omitempty"`
		Status          work.Status    `json:"status"`
		Priority        int            `json:"priority"`
		OwnerID         uuid.UUID      `json:"owner_id"`
		Assignee        *work.Assignee `json:"assignee,omitempty"`
		Delegated       bool           `json:"delegated,omitempty"`
		EstimateMinutes *int           `json:"estimate_minutes,omitempty"`
		Skills          []string       `json:"skills,omitempty"`
		VisibleToClient bool           `json:"visible_to_client,omitempty"`
	}{t.ParentID, t.Title, t.Description, t.Status, t.Priority, t.OwnerID, nonZero(t.Assignee), t.Delegated, t.EstimateMinutes, t.Skills, t.VisibleToClient}
}

func nonZero(a work.Assignee) *work.Assignee {
	if a.IsZero() {
		return nil
	}
	return &a
}
