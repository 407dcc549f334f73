package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// change is a task on its way through a rule.
type change struct {
	work.Task
	view    postgres.Task // before
	to      target        // whose desk it is on
	where   string        // in what people are told: the desk, or the status
	note    string
	by      string // in the history, before the note: in whose place it was done
	told    []work.Notice
	depends *postgres.Change // of what it depends on, which is stored beside its row
}

// taskVerb is a rule with its right.
type taskVerb struct {
	action access.Action
	apply  func(ctx context.Context, s *step, c *change, f work.Facts) error
}

var taskVerbs = map[string]taskVerb{
	"assign":   {access.AssignTask, assignTask},
	"delegate": {access.DelegateTask, delegateTask},
	"accept":   {access.AcceptTask, acceptTask},
	"status":   {access.SetStatus, setStatus},
	"edit":     {access.EditTask, editTask},
	"move":     {access.MoveTask, moveTask},
	"depend":   {access.DependTask, dependTask},
	"undepend": {access.DependTask, undependTask},
	"start":    {access.StartTask, startTask},
	"end":      {access.StartTask, endTask},
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
	if err := s.allowed(ctx, verb.action, view); err != nil {
		return view, err
	}
	c := change{Task: postgres.Machine(view.Facts), view: view, to: target{name: view.Facts.AssigneeName}}
	if err := verb.apply(ctx, s, &c, s.facts(view)); err != nil {
		return view, err
	}
	if err := s.freeOthers(ctx, &c); err != nil {
		return view, err
	}
	return s.writeTask(ctx, c)
}

// allowed asks the table of rights. Somebody who has just lost a race for the
// task is told so, rather than that the task is not in their group. To a contact
// who works for neither the client nor a partner of it any more the task is not
// there (S2.07).
func (s *step) allowed(ctx context.Context, action access.Action, view postgres.Task) error {
	r := view.Facts
	if !s.actor.Staff {
		if err := postgres.MayHelp(ctx, s.Queries, s.actor.ID, r.ClientID); err != nil {
			return err
		}
	}
	if action == access.AcceptTask && r.AssigneeGroupID == nil {
		return nil // the rule says why not
	}
	facts := postgres.TaskFacts{
		OwnerID: r.OwnerID, AccountManagerID: r.AccountManagerID, AssigneePersonID: r.AssigneePersonID,
		AssigneeGroupID: r.AssigneeGroupID, ParentOwnerID: r.ParentOwnerID,
	}
	handsOn := action == access.AssignTask || action == access.DelegateTask
	if handsOn && r.AssigneePersonID != nil && len(s.actor.Manages) > 0 {
		var err error
		if facts.AssigneeGroups, err = s.GroupsOfPerson(ctx, *r.AssigneePersonID); err != nil {
			return err
		}
	}
	return access.Can(s.actor, action, facts.Relation(s.actor))
}

func (s *step) facts(view postgres.Task) work.Facts {
	return work.Facts{
		Now: s.store.Now().UTC().Truncate(time.Microsecond), ActorID: s.actor.ID, ActorSkills: s.cmd.Skills, ProjectStatus: work.ProjectStatus(view.Facts.ProjectStatus),
		ParentStatus: work.Status(view.Facts.ParentStatus), OpenChildren: int(view.Facts.OpenChildren), WaitingOn: len(view.WaitsFor),
		AnswersForProject: s.actor.ID == view.Facts.AccountManagerID || s.actor.Is(access.Admin),
	}
}

// freeOthers lets the tasks that wait for this one, by themselves or by way of
// those above them, know when it closes or opens again: their processes always,
// people where nothing else stands in the way any more (S1.32).
func (s *step) freeOthers(ctx context.Context, c *change) error {
	if c.view.Status.Closed() == c.Status.Closed() {
		return nil
	}
	waiting, err := s.LockDependents(ctx, c.ID)
	if err != nil || len(waiting) == 0 {
		return err
	}
	if err := s.store.Last(s.tx).TellTasks(ctx, waiting); err != nil || !c.Status.Closed() {
		return err
	}
	tasks, err := postgres.Tasks(ctx, s.Queries, waiting)
	if err != nil {
		return err
	}
	this := []int32{c.view.Facts.Number} // is still open in what was read; who waits for it no more has heard so
	return s.tellFreed(ctx, slices.DeleteFunc(tasks, func(t postgres.Task) bool { return !slices.Equal(t.Facts.WaitsFor, this) }))
}

// tellFreed lets people know that nothing stands in the way of tasks any more;
// before clearance their project does (S1.06).
func (s *step) tellFreed(ctx context.Context, tasks []postgres.Task) error {
	groups := map[uuid.UUID]target{}
	var news []postgres.News
	for _, t := range tasks {
		if !work.ProjectStatus(t.Facts.ProjectStatus).Cleared() {
			continue
		}
		to, err := s.waitsIn(ctx, t, groups)
		if err != nil {
			return err
		}
		told, err := s.taskNews(ctx, t, to.name, "", work.Freed(postgres.Machine(t.Facts), s.actor.ID, to.audience), contacts(t, target{}))
		if err != nil {
			return err
		}
		news = append(news, told...)
	}
	return s.tell(ctx, news...)
}

// waitsIn is the group that a task waits in, read once; none when a person has
// the task.
func (s *step) waitsIn(ctx context.Context, t postgres.Task, groups map[uuid.UUID]target) (to target, err error) {
	id := t.Facts.AssigneeGroupID
	if id == nil {
		return target{}, nil
	}
	to, known := groups[*id]
	if !known {
		to, err = s.group(ctx, *id)
		groups[*id] = to
	}
	return to, err
}

// tell writes what the actor's deed lets people know.
func (s *step) tell(ctx context.Context, news ...postgres.News) error {
	return s.store.Tell(ctx, s.store.Last(s.tx), s.actor, news...)
}

func (s *step) writeTask(ctx context.Context, c change) (postgres.Task, error) {
	t := c.Task
	if t.Assignee != postgres.Machine(c.view.Facts).Assignee { // the time to accept it is the new group's
		g := c.to.group
		c.view.Facts.EscalateMinutes, c.view.Facts.GroupCalendar, c.view.Facts.GroupZone = g.EscalateMinutes, g.Calendar, g.TimeZone
	}
	before := postgres.Machine(c.view.Facts)
	var err error
	view := c.view.After(t, c.to.name)
	if t.OwnerID != before.OwnerID {
		if view.OwnerName, err = s.ownerName(ctx, t.OwnerID, c.to); err != nil {
			return view, err
		}
	}
	changes := postgres.Diff(auditTask(before), auditTask(t))
	if c.depends != nil {
		changes["depends_on"] = *c.depends
	}
	if _, moved := changes["parent_id"]; moved || c.depends != nil {
		if view, err = s.waitsAnew(ctx, c.view); err != nil {
			return view, err
		}
	}
	answer, err := s.seen(ctx, view)
	if err != nil {
		return view, err
	}
	if t.Title != before.Title || t.Description != before.Description {
		if err := s.store.Last(s.tx).SetTaskWords(ctx, db.SetTaskWordsParams{ID: t.ID, Title: t.Title, Description: t.Description}); err != nil {
			return view, err
		}
	}
	person, group := postgres.AssigneeColumns(t.Assignee)
	news, err := s.taskNews(ctx, view, cmp.Or(c.where, c.to.name), c.note, c.told, contacts(c.view, c.to))
	if err != nil {
		return view, err
	}
	told := s.store.Notices(s.actor, news...)
	err = s.store.Last(s.tx).WriteTask(ctx, db.WriteTaskParams{
		ID: t.ID, ParentID: t.ParentID, Status: string(t.Status), Priority: int16(t.Priority),
		OwnerID: t.OwnerID, AssigneePersonID: person, AssigneeGroupID: group, Delegated: t.Delegated, AssignedAt: t.AssignedAt,
		AcceptedFrom: t.AcceptedFrom, HandOver: orNull(t.HandOver), EscalatedAt: t.EscalatedAt, StatusAt: t.StatusAt, StartedAt: t.StartedAt, EndedAt: t.EndedAt,
		EstimateMinutes: postgres.Minutes32(t.EstimateMinutes), Skills: t.Skills, VisibleToClient: t.VisibleToClient, DueOn: t.DueOn,
		ClosedAt: t.ClosedAt, Version: view.Version,
		CommandID: s.cmd.ID, Answer: postgres.JSON(answer), Now: ptr(s.store.Now()),
		EventID: s.store.NewID(), ActorID: &s.cmd.ActorID, Verb: s.cmd.Verb, Changes: postgres.JSON(changes), Note: strings.TrimSpace(c.by + c.note), Source: s.cmd.Source,
		ToldIds: told.Ids, ToldPeople: told.People, ToldKinds: told.Kinds, ToldSubjects: told.Subjects, ToldTranslated: told.Translated, ToldBodies: told.Bodies, ToldDigests: told.Digests,
	})
	return view, err
}

// ownerName is what a task's new owner is called: who accepts it, who it was
// assigned to, or the manager of the group it was.
func (s *step) ownerName(ctx context.Context, owner uuid.UUID, to target) (string, error) {
	switch owner {
	case s.actor.ID:
		return s.actor.Name, nil
	case to.ID:
		return to.name, nil
	}
	p, err := s.Person(ctx, owner)
	return p.Name, err
}

// waitsAnew reads a task that is to wait for others than before. The processes of
// the tasks below it, which wait for the same, are told (S1.31).
func (s *step) waitsAnew(ctx context.Context, before postgres.Task) (postgres.Task, error) {
	if s.cmd.Verb != "depend" { // which takes nothing away
		if err := s.free(ctx, before); err != nil {
			return before, err
		}
	}
	view, err := postgres.OneTask(ctx, s.Queries, before.ID)
	if err != nil {
		return view, err
	}
	view.Version++
	return view, s.store.Last(s.tx).TellBelow(ctx, before.ID)
}

// free notes since when a task and those below it wait for no other, where what
// they waited for is taken away: from now, or since it was closed. The time to
// accept them is counted from then (S1.14). Of those that could not start until
// now people hear (S1.32).
func (s *step) free(ctx context.Context, before postgres.Task) error {
	since := before.Facts.FreedAt
	switch {
	case !before.Ready:
		since = s.store.Now()
	case !since.After(before.CreatedAt): // it never waited
		return nil
	}
	below, err := s.LockBelow(ctx, before.ID)
	if err != nil {
		return err
	}
	freed, err := s.FreeTasks(ctx, since, append(below, before.ID))
	if err != nil || before.Ready || len(freed) == 0 {
		return err
	}
	tasks, err := postgres.Tasks(ctx, s.Queries, freed)
	if err != nil {
		return err
	}
	return s.tellFreed(ctx, tasks)
}

// seen is the task as the actor may know it: that is what the command keeps as
// its answer.
func (s *step) seen(ctx context.Context, view postgres.Task) (any, error) {
	if s.actor.Staff {
		return view, nil
	}
	unseen, err := s.unseen(ctx, view.ProjectID)
	return view.ForContact(!unseen), err
}

// sorted is a set of ids as the history shows it.
func sorted(ids []uuid.UUID) []uuid.UUID {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return ids
}

// orNull stores nothing as NULL.
func orNull[T any](v *T) json.RawMessage {
	if v == nil {
		return nil
	}
	return postgres.JSON(v)
}
