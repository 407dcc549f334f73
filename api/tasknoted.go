package api

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// addition is a note or a file on a task, as people are told of it (N.21).
type addition struct {
	what       string // "note", "file"
	note       uuid.UUID
	visibility string
	text       string
	shown      bool // it was there, and is visible to the client from now on
}

// tellOfAddition tells who answers for a task and who works on it: a client's
// contact only of what they see (S2.08).
func (s *Server) tellOfAddition(ctx context.Context, q *db.Queries, r request, task uuid.UUID, a addition) error {
	t, err := q.TaskForAction(ctx, task)
	if err != nil {
		return err
	}
	owner, assignee := t.OwnerID, uuid.Nil
	if t.AssigneePersonID != nil {
		contact, hears, err := hears(ctx, q, *t.AssigneePersonID, t, a.visibility)
		if err != nil {
			return err
		}
		if hears && (contact || !a.shown) {
			assignee = *t.AssigneePersonID
		}
	}
	if a.shown {
		owner = uuid.Nil
	}
	return s.store.Tell(ctx, q, r.actor, postgres.News{
		About: string(flow.Task), ID: t.ID, NoteID: a.note, Name: postgres.TaskKey(t.Code, t.Number) + " " + t.Title, Where: a.what, Note: a.text, Told: work.NotedOn(owner, assignee, r.actor.ID),
	})
}

// hears tells whether somebody who works on a task is a contact, and whether
// they hear of what is added to it.
func hears(ctx context.Context, q *db.Queries, person uuid.UUID, t db.TaskForActionRow, visibility string) (contact, hears bool, err error) {
	p, err := q.AssigneePerson(ctx, person)
	if errors.Is(err, pgx.ErrNoRows) { // they have left
		return false, false, nil
	}
	if err != nil || p.Kind == "staff" {
		return false, err == nil, err
	}
	if visibility != visibleOutside || !t.VisibleToClient {
		return true, false, nil
	}
	sees, err := q.MaySeeProject(ctx, person, t.ProjectID)
	return true, sees, err
}
