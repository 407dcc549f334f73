package activities

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// CommitProject carries out a command on a project's life in one transaction.
func (a *Activities) CommitProject(ctx context.Context, c flow.Command) (flow.Snapshot, error) {
	return a.commit(ctx, c, a.project, a.projectSnapshot)
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
	before, open, err := s.projectFacts(ctx, p)
	if err != nil {
		return outcome{}, err
	}
	after, err := before.Do(verb, s.actor.ID, int(open))
	if err != nil {
		return outcome{}, err
	}
	if err := s.SetProjectStatus(ctx, string(after.Status), p.ID); err != nil {
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
	snap, err := a.projectSnapshot(ctx, s.Queries, p.ID)
	return outcome{answer: view, snap: snap}, err
}

// projectRight is who may do what to a project's life (S1.06).
func projectRight(v work.ProjectVerb) access.Action {
	if v == work.Clear {
		return access.ClearProject
	}
	return access.EditProject
}

func (s *step) onProject(p db.LockProjectRow) access.Relation {
	if p.AccountManagerID == s.actor.ID {
		return access.ProjectAM
	}
	return 0
}

func (s *step) projectFacts(ctx context.Context, p db.LockProjectRow) (work.Project, int64, error) {
	facts := work.Project{Status: work.ProjectStatus(p.Status)}
	open, err := s.OpenTasks(ctx, p.ID)
	if err != nil {
		return facts, 0, err
	}
	asked, err := s.LastRequestedClearance(ctx, p.ID)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return facts, 0, err
	}
	if asked != nil {
		facts.RequestedBy = *asked
	}
	return facts, open, nil
}
