package activities

import (
	"context"
	"errors"

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
	to, _, err := s.target(ctx, in.AssignTo)
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
// It is locked, so that it is not completed at the same time.
func (s *step) parent(ctx context.Context, in flow.CreateTask, facts *postgres.TaskFacts) error {
	if err := s.LockTask(ctx, *in.ParentID); err != nil {
		return err
	}
	above, err := postgres.OneTask(ctx, s.Queries, *in.ParentID)
	if fault.Is(err, fault.NotFound) || err == nil && above.ProjectID != in.ProjectID {
		return fault.Wrong("parent_id", "there is no such task in the project")
	}
	if err != nil {
		return err
	}
	if above.Status.Closed() {
		return fault.New(work.TaskClosed, "the task above is %s", above.Status)
	}
	facts.ParentOwnerID, facts.AssigneePersonID = &above.OwnerID, above.Facts.AssigneePersonID
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

// change is a task on its way through a rule.
type change struct {
	work.Task
	assignee string // by name
	note     string
}

// taskVerb is a rule with its right.
type taskVerb struct {
	action access.Action
	apply  func(ctx context.Context, s *step, c *change, f work.Facts) error
}

var taskVerbs = map[string]taskVerb{
	"assign": {access.AssignTask, assignTask},
	"accept": {access.AcceptTask, acceptTask},
	"status": {access.SetStatus, setStatus},
	"edit":   {access.EditTask, editTask},
}

// changeTask asks the rule about the task, which is locked, and writes what
// follows.
func (s *step) changeTask(ctx context.Context) (postgres.Task, error) {
	verb, ok := taskVerbs[s.cmd.Verb]
	if !ok {
		return postgres.Task{}, fault.New(fault.Invalid, "a task does not take %q", s.cmd.Verb)
	}
	view, err := postgres.OneTask(ctx, s.Queries, s.cmd.EntityID)
	if err != nil {
		return view, err
	}
	if err := s.fresh(view.Version); err != nil {
		return view, err
	}
	before := postgres.Machine(view.Facts)
	if err := s.allowed(ctx, verb.action, view); err != nil {
		return view, err
	}
	after := change{Task: before, assignee: view.Facts.AssigneeName}
	if err := verb.apply(ctx, s, &after, s.facts(view)); err != nil {
		return view, err
	}
	view = view.After(after.Task, after.assignee)
	return view, s.writeTask(ctx, before, after, view)
}

// allowed asks the table of rights. Somebody who has just lost a race for the
// task is told so, rather than that the task is not in their group.
func (s *step) allowed(ctx context.Context, action access.Action, view postgres.Task) error {
	r := view.Facts
	if action == access.AcceptTask && r.AssigneeGroupID == nil {
		return nil // the rule says why not
	}
	facts := postgres.TaskFacts{
		OwnerID: r.OwnerID, AccountManagerID: r.AccountManagerID, AssigneePersonID: r.AssigneePersonID,
		AssigneeGroupID: r.AssigneeGroupID, ParentOwnerID: r.ParentOwnerID,
	}
	if action == access.AssignTask && r.AssigneePersonID != nil && len(s.actor.Manages) > 0 {
		p, err := s.ActorByPerson(ctx, *r.AssigneePersonID)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		facts.AssigneeGroups = p.Groups
	}
	return access.Can(s.actor, action, facts.Relation(s.actor))
}

func (s *step) facts(view postgres.Task) work.Facts {
	return work.Facts{
		Now: s.store.Now(), ActorID: s.actor.ID, ActorSkills: s.cmd.Skills, ProjectStatus: work.ProjectStatus(view.Facts.ProjectStatus),
		OpenChildren: int(view.Facts.OpenChildren), WaitingOn: int(view.Facts.WaitingOn),
	}
}

func (s *step) writeTask(ctx context.Context, before work.Task, c change, view postgres.Task) error {
	t := c.Task
	person, group := postgres.AssigneeColumns(t.Assignee)
	return s.WriteTask(ctx, db.WriteTaskParams{
		ID: t.ID, ParentID: t.ParentID, Title: t.Title, Description: t.Description, Status: string(t.Status), Priority: int16(t.Priority),
		OwnerID: t.OwnerID, AssigneePersonID: person, AssigneeGroupID: group, Delegated: t.Delegated, AssignedAt: t.AssignedAt,
		EstimateMinutes: postgres.Minutes32(t.EstimateMinutes), Skills: t.Skills, VisibleToClient: t.VisibleToClient,
		ClosedAt: t.ClosedAt, Version: view.Version,
		CommandID: s.cmd.ID, Answer: postgres.JSON(view), Now: ptr(s.store.Now()),
		EventID: s.store.NewID(), ActorID: &s.cmd.ActorID, Verb: s.cmd.Verb, Changes: postgres.JSON(postgres.Diff(auditTask(before), auditTask(t))), Note: c.note, Source: s.cmd.Source,
	})
}

func assignTask(ctx context.Context, s *step, c *change, f work.Facts) error {
	var in flow.AssignTask
	if err := s.body(&in); err != nil {
		return err
	}
	to, name, err := s.target(ctx, &in.To)
	if err != nil {
		return err
	}
	c.Task, err = c.Assign(to, f)
	c.assignee, c.note = name, in.Note
	return err
}

func acceptTask(_ context.Context, s *step, c *change, f work.Facts) (err error) {
	c.Task, err = c.Accept(f)
	c.assignee = s.actor.Name
	return err
}

func setStatus(_ context.Context, s *step, c *change, f work.Facts) error {
	var in flow.SetStatus
	err := s.body(&in)
	if err != nil {
		return err
	}
	if c.note = in.Note; s.actor.ID != c.OwnerID {
		c.note = "by the account manager. " + in.Note // S1.34: noted as such
	}
	c.Task, err = c.SetStatus(in.Status, f)
	return err
}

func editTask(_ context.Context, s *step, c *change, _ work.Facts) error {
	var in work.Edit
	err := s.body(&in)
	c.Task = c.Edit(in)
	return err
}

// target finds the person or group that a task is to go to, and their name.
func (s *step) target(ctx context.Context, t *flow.Target) (work.Target, string, error) {
	to := work.Target{Assignee: t.Assignee()}
	if t == nil {
		return to, "", nil
	}
	switch to.Kind {
	case work.Person:
		if s.cmd.TargetName != "" { // read with the command
			return to, s.cmd.TargetName, nil
		}
		p, err := s.AssigneePerson(ctx, to.ID)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && p.Kind != "staff" {
			return to, "", fault.Wrong("to", "there is no such person on the staff")
		}
		return to, p.Name, err
	case work.Group:
		g, err := s.Group(ctx, to.ID)
		if err != nil {
			return to, "", notThere(err, "to", "there is no such group")
		}
		to.Managers, err = s.GroupManagers(ctx, to.ID)
		return to, g.Name, err
	}
	return to, "", fault.Wrong("to", "name either a user_id or a group_id")
}

// notThere says which field names something that does not exist.
func notThere(err error, field, sentence string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.Wrong(field, "%s", sentence)
	}
	return err
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
