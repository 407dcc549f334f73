package activities

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

func assignTask(ctx context.Context, s *step, c *change, f work.Facts) error {
	var in flow.AssignTask
	if err := s.body(&in); err != nil {
		return err
	}
	before := c.Task
	var err error
	if c.to, err = s.target(ctx, &in.To, c.view.Facts.ClientID); err != nil {
		return err
	}
	c.Task, err = c.Assign(c.to.Target, f)
	c.note, c.told = in.Note, work.Handed(before, c.Task, f.ActorID, c.to.audience)
	return err
}

func delegateTask(ctx context.Context, s *step, c *change, f work.Facts) error {
	var in flow.DelegateTask
	if err := s.body(&in); err != nil {
		return err
	}
	before := c.Task
	var err error
	if c.to, err = s.target(ctx, &in.To, c.view.Facts.ClientID); err != nil {
		return err
	}
	c.Task, err = c.Delegate(c.to.Target, work.HandOver{Reason: in.Reason, Done: in.Done, Next: in.Next}, f)
	if err != nil {
		return err
	}
	c.note, c.told = "Done: "+in.Done+"\n\nNext: "+in.Next, work.Handed(before, c.Task, f.ActorID, c.to.audience)
	return s.store.Last(s.tx).InsertNote(ctx, db.InsertNoteParams{
		ID: s.store.NewID(), TaskID: c.ID, AuthorID: s.actor.ID, Visibility: "internal",
		Body: "**Delegated: " + reasonWords[in.Reason] + ".**\n\n" + c.note,
	})
}

func acceptTask(ctx context.Context, s *step, c *change, f work.Facts) error {
	before := c.Task
	if c.Assignee.Kind == work.Group {
		if err := s.inGroup(ctx, c.Assignee.ID, &f); err != nil {
			return err
		}
	}
	var err error
	c.Task, err = c.Accept(f)
	c.to.name, c.told = s.actor.Name, work.Taken(before, f.ActorID)
	return err
}

// inGroup adds what the group gives its members and asks of them (S1.14).
func (s *step) inGroup(ctx context.Context, group uuid.UUID, f *work.Facts) error {
	g, err := s.GroupForWork(ctx, group)
	if err != nil {
		return err
	}
	f.ActorSkills = append(slices.Clone(f.ActorSkills), g.Skills...)
	if g.MaxAccepted == nil {
		return nil
	}
	f.HeldLimit = int(*g.MaxAccepted)
	if err := s.ahead().HeldLock(ctx, s.actor.ID.String()); err != nil {
		return err
	}
	held, err := s.CountHeld(ctx, &s.actor.ID, &group)
	f.Held = int(held)
	return err
}

func setStatus(ctx context.Context, s *step, c *change, f work.Facts) error {
	var in flow.SetStatus
	err := s.body(&in)
	if err != nil {
		return err
	}
	if c.note = in.Note; s.actor.Staff && s.actor.ID != c.OwnerID {
		c.by = "by the account manager. " // S1.34: noted as such
	}
	if !s.actor.Staff {
		if err := work.OutsideMay(in.Status); err != nil {
			return err
		}
	}
	if c.Status.Closed() {
		if f, err = s.reopens(ctx, c.Task, c.view.ProjectID, f); err != nil {
			return err
		}
	}
	if c.Task, err = c.SetStatus(in.Status, f); err != nil {
		return s.countless(err)
	}
	var waits target
	if in.Status == work.Open && f.WaitingOn == 0 { // otherwise they hear of it when it can start
		if waits, err = s.waitsIn(ctx, c.view, map[uuid.UUID]target{}); err != nil {
			return err
		}
	}
	c.where = string(in.Status)
	c.told = work.Turned(c.Task, f.ActorID, c.view.Facts.AccountManagerID, int(c.view.Facts.Children), waits.audience)
	return nil
}

// reopens are the facts of a closed task that may be open again: neither its
// project ends nor is the task above it closed before the end of the transaction.
func (s *step) reopens(ctx context.Context, t work.Task, project uuid.UUID, f work.Facts) (work.Facts, error) {
	p, err := s.livingProject(ctx, project)
	if err != nil {
		return f, err
	}
	if f.ProjectStatus = work.ProjectStatus(p.Status); t.ParentID != nil {
		f.ParentStatus, err = s.lockedStatus(ctx, *t.ParentID)
	}
	return f, err
}

func startTask(_ context.Context, s *step, c *change, f work.Facts) (err error) {
	c.Task, err = c.Start(f)
	return s.countless(err)
}

// countless is a refusal as the actor may know it.
func (s *step) countless(err error) error {
	if s.actor.Staff {
		return err
	}
	return work.Countless(err)
}

func endTask(_ context.Context, _ *step, c *change, f work.Facts) (err error) {
	c.Task, err = c.End(f)
	return err
}

// lockedStatus is the status of another task, which does not change until the
// end of the transaction.
func (s *step) lockedStatus(ctx context.Context, id uuid.UUID) (work.Status, error) {
	if err := s.ahead().LockTask(ctx, id); err != nil {
		return "", err
	}
	p, err := s.TaskPlace(ctx, id)
	return work.Status(p.Status), err
}

func editTask(_ context.Context, s *step, c *change, _ work.Facts) error {
	var in work.Edit
	err := s.body(&in)
	c.Task = c.Edit(in)
	return err
}

// moveTask puts a task under another that the actor owns too (S1.35).
func moveTask(ctx context.Context, s *step, c *change, f work.Facts) error {
	var in flow.MoveTask
	if err := s.body(&in); err != nil {
		return err
	}
	place, err := s.place(ctx, c, in.ParentID)
	if err != nil {
		return err
	}
	if c.Task, err = c.Move(in.ParentID, place, f); err != nil {
		return err
	}
	return s.ahead().PlaceTask(ctx, in.ParentID, c.ID)
}

// place looks at where a task is to go. The actor must own it there too; only
// the account manager has tasks at the top.
func (s *step) place(ctx context.Context, c *change, to *uuid.UUID) (work.Place, error) {
	project := c.view.ProjectID
	if err := s.ahead().TreeLock(ctx, project.String()); err != nil {
		return work.Place{}, err
	}
	if to == nil {
		facts := postgres.TaskFacts{AccountManagerID: c.view.Facts.AccountManagerID}
		return work.Place{}, access.Can(s.actor, access.MoveToTop, facts.Relation(s.actor))
	}
	if err := s.ahead().LockTask(ctx, *to); err != nil {
		return work.Place{}, err
	}
	above, circular, err := s.atPlace(ctx, *to, comesAfter(c.ID, order{first: *to, last: c.ID}, order{c.ID, true, *to, true}))
	if err != nil {
		return work.Place{}, notThere(err, "parent_id", "there is no such task")
	}
	facts := postgres.TaskFacts{OwnerID: above.OwnerID}
	if err := access.Can(s.actor, access.MoveTask, facts.Relation(s.actor)); err != nil {
		return work.Place{}, err
	}
	return work.Place{SameProject: above.ProjectID == project, ParentStatus: work.Status(above.Status), Circular: circular}, nil
}

// atPlace reads another task, and whether some order holds that would make a
// circle with it. Both are asked at once: who waits for the project's tree waits
// for each way to Postgres.
func (s *step) atPlace(ctx context.Context, id uuid.UUID, circle db.ComesAfterParams) (db.TaskPlaceRow, bool, error) {
	_, _ = s.store.Next(s.tx).ComesAfter(ctx, circle)
	at, err := s.TaskPlace(ctx, id)
	if err != nil {
		return at, false, err
	}
	circular, err := s.ComesAfter(ctx, circle)
	return at, circular, err
}

// order is that of two tasks: the last is complete, or starts, only after the
// first is complete, or starts. To go below another, a task must not be complete
// only after that one, and that one must not start only after it has (S1.31, S1.35).
type order struct {
	first      uuid.UUID
	starts     bool
	last       uuid.UUID
	lastStarts bool
}

// comesAfter asks whether any of some orders holds, where one task, if any, is
// being moved.
func comesAfter(moved uuid.UUID, orders ...order) db.ComesAfterParams {
	in := db.ComesAfterParams{Moved: moved}
	for _, o := range orders {
		in.Firsts, in.FirstStarts = append(in.Firsts, o.first), append(in.FirstStarts, o.starts)
		in.Lasts, in.LastStarts = append(in.Lasts, o.last), append(in.LastStarts, o.lastStarts)
	}
	return in
}

// dependTask makes the task wait for another (S1.31).
func dependTask(ctx context.Context, s *step, c *change, _ work.Facts) error {
	var in flow.Dependency
	if err := s.body(&in); err != nil {
		return err
	}
	if err := s.ahead().TreeLock(ctx, c.view.ProjectID.String()); err != nil {
		return err
	}
	if err := s.ahead().LockTask(ctx, in.TaskID); err != nil { // who completes it now sees that this one waits
		return err
	}
	other, circular, err := s.atPlace(ctx, in.TaskID, comesAfter(uuid.Nil, order{first: c.ID, starts: true, last: in.TaskID}))
	if err != nil {
		return notThere(err, "task_id", "there is no such task")
	}
	if err := c.Depend(in.TaskID, work.Place{SameProject: other.ProjectID == c.view.ProjectID, Circular: circular}); err != nil {
		return err
	}
	c.dependencies(append(slices.Clone(c.view.DependsOn), in.TaskID))
	return s.ahead().InsertDependency(ctx, c.ID, in.TaskID)
}

// undependTask makes the task wait for another no more.
func undependTask(ctx context.Context, s *step, c *change, _ work.Facts) error {
	var in flow.Dependency
	if err := s.body(&in); err != nil {
		return err
	}
	n, err := s.RemoveDependency(ctx, c.ID, in.TaskID)
	if err != nil || n == 0 {
		return err
	}
	c.dependencies(slices.DeleteFunc(slices.Clone(c.view.DependsOn), func(id uuid.UUID) bool { return id == in.TaskID }))
	return nil
}

// dependencies notes which tasks this one depends on now.
func (c *change) dependencies(now []uuid.UUID) {
	now = slices.Compact(sorted(now))
	if !slices.Equal(now, sorted(c.view.DependsOn)) {
		c.depends = &postgres.Change{sorted(c.view.DependsOn), now}
	}
}

// target is whom a task goes to, by name, with who is to hear of it.
type target struct {
	work.Target
	name     string
	audience work.Audience
	group    db.GroupForWorkRow // where it is one
}

// target finds the person or group that a task is to go to. A contact of the
// client or of its partner is outside.
func (s *step) target(ctx context.Context, t *flow.Target, client uuid.UUID) (target, error) {
	to := target{Target: work.Target{Assignee: t.Assignee()}}
	switch {
	case t == nil:
		return to, nil
	case to.Kind == work.Group:
		g, err := s.group(ctx, to.ID)
		return g, notThere(err, "to", "there is no such group")
	case to.Kind != work.Person:
		return to, fault.Wrong("to", "name either a user_id or a group_id")
	case s.cmd.TargetName != "": // read with the command
		to.name = s.cmd.TargetName
		return to, nil
	}
	return s.person(ctx, to, client)
}

func (s *step) person(ctx context.Context, to target, client uuid.UUID) (target, error) {
	p, err := s.AssigneePerson(ctx, to.ID)
	if err == nil && p.Kind == "client" {
		to.Outside, err = true, postgres.MayHelp(ctx, s.Queries, to.ID, client)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return to, fault.Wrong("to", "there is no such person on the staff, nor among the contacts of the client and its partners")
	}
	to.name = p.Name
	return to, err
}

func (s *step) group(ctx context.Context, id uuid.UUID) (target, error) {
	g, err := s.GroupForWork(ctx, id)
	to := target{Target: work.Target{Assignee: work.Assignee{Kind: work.Group, ID: id}, Managers: g.Managers}, name: g.Name, group: g,
		audience: postgres.Audience(g)}
	if g.DefaultPriority != nil {
		to.DefaultPriority = int(*g.DefaultPriority)
	}
	return to, err
}

// notThere says which field names something that does not exist.
func notThere(err error, field, sentence string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.Wrong(field, "%s", sentence)
	}
	return err
}
