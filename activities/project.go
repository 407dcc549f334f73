package activities

import (
	"context"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// CommitProject carries out a command on a project's life in one transaction.
func (a *Activities) CommitProject(ctx context.Context, c flow.Command) (flow.Snapshot, error) {
	return a.commit(ctx, c, nil, a.project, a.projectSnapshot)
}

// LoadProject reads what a project's process needs to know.
func (a *Activities) LoadProject(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	return a.projectSnapshot(ctx, a.store.Queries, id)
}

func (a *Activities) project(ctx context.Context, s *step) (outcome, error) {
	var in flow.Noted
	if err := s.body(&in); err != nil {
		return outcome{}, err
	}
	if err := s.ahead().LockLife(ctx, s.cmd.EntityID.String()); err != nil { // no task is made or reopened meanwhile
		return outcome{}, err
	}
	p, err := s.LockProject(ctx, s.cmd.EntityID)
	if err != nil {
		return outcome{}, err
	}
	if err := s.fresh(p.Version); err != nil {
		return outcome{}, err
	}
	verb := work.ProjectVerb(s.cmd.Verb)
	if err := access.Can(s.actor, projectRight(verb), s.onProject(p)); err != nil {
		return outcome{}, err
	}
	open, err := s.OpenTasks(ctx, p.ID)
	if err != nil {
		return outcome{}, err
	}
	before := work.Project{Status: work.ProjectStatus(p.Status), RequestedBy: orNobody(p.ClearanceAskedBy)}
	after, err := before.Do(verb, s.actor.ID, int(open))
	if err != nil {
		return outcome{}, err
	}
	if err := s.turnProject(ctx, p, verb, after, in.Note); err != nil {
		return outcome{}, err
	}
	changes := map[string]postgres.Change{"status": {before.Status, after.Status}}
	if err := s.audit(ctx, p.Version+1, changes, in.Note); err != nil {
		return outcome{}, err
	}
	view, err := postgres.OneProject(ctx, s.Queries, p.ID)
	if err != nil {
		return outcome{}, err
	}
	if access.Can(s.actor, access.ReadMoney, 0) != nil { // an account manager of before
		view.WorkStatement.HidePrices()
	}
	snap, err := a.projectSnapshot(ctx, s.Queries, p.ID)
	return outcome{answer: view, snap: snap}, err
}

// livingProject reads a project that does not end before the transaction does, so
// that no task is open in one that has (S1.06).
func (s *step) livingProject(ctx context.Context, id uuid.UUID) (db.ProjectRow, error) {
	if err := s.ahead().ShareLife(ctx, id.String()); err != nil {
		return db.ProjectRow{}, err
	}
	return s.Project(ctx, id)
}

// projectRight is who may do what to a project's life (S1.06).
func projectRight(v work.ProjectVerb) access.Action {
	switch v {
	case work.Clear, work.RefuseClearance:
		return access.ClearProject
	case work.WithdrawClearance:
		return access.UnaskClearance
	}
	return access.EditProject
}

func (s *step) onProject(p db.LockProjectRow) access.Relation {
	var r access.Relation
	if p.AccountManagerID == s.actor.ID {
		r |= access.ProjectAM
	}
	if orNobody(p.ClearanceAskedBy) == s.actor.ID {
		r |= access.Requester
	}
	return r
}

// turnProject writes where the project stands, and what people are told of it.
func (s *step) turnProject(ctx context.Context, p db.LockProjectRow, verb work.ProjectVerb, after work.Project, note string) error {
	told, err := projectAudience(ctx, s.Queries, p.ID, p.AccountManagerID, after.RequestedBy)
	if err != nil {
		return err
	}
	if verb == work.RequestClearance {
		if err := s.ahead().AskForClearance(ctx, db.AskForClearanceParams{ID: p.ID, AskedBy: &s.actor.ID, AskedAt: s.store.Now()}); err != nil {
			return err
		}
	}
	turned := db.SetProjectStatusParams{ID: p.ID, Status: string(after.Status), Now: s.store.Now()}
	if after.Status.Ended() && work.ProjectStatus(p.Status).Cleared() {
		turned.EndedAt = &turned.Now
	}
	if err := s.ahead().SetProjectStatus(ctx, turned); err != nil {
		return err
	}
	if err := s.turnTasks(ctx, p.ID, verb, note); err != nil {
		return err
	}
	return s.tell(ctx, postgres.News{
		About: string(flow.Project), ID: p.ID, Name: p.Code + " " + p.Name, Verb: string(verb), Note: note, Told: work.ProjectTold(verb, s.actor.ID, told),
	})
}

// turnTasks does with a project's tasks what follows for them: those of a project
// that is held or resumed wait for somebody else now, and of a cancelled one
// nothing is left to do (S1.06).
func (s *step) turnTasks(ctx context.Context, project uuid.UUID, verb work.ProjectVerb, note string) error {
	switch verb {
	case work.Hold, work.Resume:
		return s.TellOpenTasks(ctx, project)
	case work.CancelProject:
		return s.cancelTasks(ctx, project, note)
	}
	return nil
}

func (s *step) cancelTasks(ctx context.Context, project uuid.UUID, note string) error {
	rows, err := s.LockOpenTasks(ctx, project)
	if err != nil || len(rows) == 0 {
		return err
	}
	left := db.CancelTasksParams{Now: s.store.Now(), ActorID: &s.cmd.ActorID, Note: note, Source: s.cmd.Source}
	for _, r := range rows {
		left.Ids, left.Were, left.EventIds = append(left.Ids, r.ID), append(left.Were, r.Status), append(left.EventIds, s.store.NewID())
	}
	return s.CancelTasks(ctx, left)
}

// projectAudience is who may have to hear of a project.
func projectAudience(ctx context.Context, q *db.Queries, id, am, askedBy uuid.UUID) (work.ProjectAudience, error) {
	a := work.ProjectAudience{AM: am, AskedBy: askedBy}
	var err error
	if a.MayClear, err = q.PeopleWithRoles(ctx, access.Roles(access.ClearProject)); err != nil {
		return a, err
	}
	a.Team, err = q.ProjectTeam(ctx, id)
	return a, err
}

func orNobody(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}
