package postgres

import (
	"context"

	"github.com/google/uuid"

	"steward/internal/postgres/db"
	"steward/internal/story"
	"steward/internal/work"
)

// ProjectNews is what people are told of a project.
type ProjectNews struct {
	ID    uuid.UUID
	Name  string     // as people call it: "ACME Web shop"
	Verb  string     // what was done to it
	Actor *uuid.UUID // nil: steward itself
	By    string     // the actor by name
	Note  string
}

// TellOfProject writes what people are told of a project, in the transaction
// of q.
func (s *Store) TellOfProject(ctx context.Context, q *db.Queries, n ProjectNews, told []work.Notice) error {
	if len(told) == 0 {
		return nil
	}
	p := db.InsertProjectNoticesParams{ProjectID: &n.ID, ActorID: n.Actor, Body: n.Note}
	for _, t := range told {
		p.Ids, p.People = append(p.Ids, s.NewID()), append(p.People, t.Person)
		p.Kinds = append(p.Kinds, string(t.Kind))
		p.Subjects = append(p.Subjects, story.ProjectNews(string(t.Kind), n.Verb, n.By, n.Name))
	}
	return q.InsertProjectNotices(ctx, p)
}
