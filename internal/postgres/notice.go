package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/postgres/db"
	"steward/internal/story"
	"steward/internal/work"
)

// News is something to tell people of.
type News struct {
	About  string // "task", "request", "project", "invoice", "status_report"
	ID     uuid.UUID
	NoteID uuid.UUID // the note that it tells of, if it does
	Name   string    // as people call it: "ACME-12 Analysis"
	Verb   string    // what was done to a project
	Where  string    // the desk, status or figure that goes with it
	Note   string    // what was written with it
	Told   []work.Notice
}

// Tell writes what people are told, in the transaction of q. The zero actor is
// steward itself.
func (s *Store) Tell(ctx context.Context, q *db.Queries, by access.Actor, news ...News) error {
	p := s.Notices(by, news...)
	if len(p.Ids) == 0 {
		return nil
	}
	return q.InsertNotices(ctx, p)
}

// Notices is what people are told as it is stored, column by column.
func (s *Store) Notices(by access.Actor, news ...News) db.InsertNoticesParams {
	p := db.InsertNoticesParams{Now: s.Now()}
	if by.ID != uuid.Nil {
		p.ActorID = &by.ID
	}
	for _, n := range news {
		for _, t := range n.Told {
			p.Ids, p.People, p.Kinds, p.Digests = append(p.Ids, s.NewID()), append(p.People, t.Person), append(p.Kinds, string(t.Kind)), append(p.Digests, t.Digest)
			p.EntityKinds, p.EntityIds, p.Bodies = append(p.EntityKinds, n.About), append(p.EntityIds, n.ID), append(p.Bodies, n.Note)
			p.NoteIds = append(p.NoteIds, n.NoteID)
			deed := story.Deed{Kind: string(t.Kind), Verb: n.Verb, Actor: by.Name, Thing: n.Name, Where: n.Where}
			p.Subjects, p.Translated = append(p.Subjects, story.News(deed)), append(p.Translated, string(JSON(story.Translations(deed))))
		}
	}
	return p
}

// readersClock is how the staff read an instant.
const readersClock = "Monday 2 January 2006 at 15:04 MST"

// ByTheirClocks is news that names an instant: once for each who is told it, with
// the instant by their clock. Say puts it where it belongs. Whoever chose no zone
// reads it by the firm's clock.
func ByTheirClocks(ctx context.Context, q *db.Queries, at time.Time, n News, say func(n *News, at string)) ([]News, error) {
	people := make([]uuid.UUID, len(n.Told))
	for i, t := range n.Told {
		people[i] = t.Person
	}
	rows, err := q.ReaderZones(ctx, people)
	if err != nil {
		return nil, err
	}
	zones := map[uuid.UUID]string{}
	for _, r := range rows {
		zones[r.ID] = r.TimeZone
	}
	all := make([]News, len(n.Told))
	for i, t := range n.Told {
		all[i] = n
		all[i].Told = []work.Notice{t}
		say(&all[i], civil.Format(at, Zone(zones[t.Person]), readersClock))
	}
	return all, nil
}

// Audience is a group that is to hear of something.
func Audience(g db.GroupForWorkRow) work.Audience {
	return work.Audience{Told: work.Told(g.Told), Digest: g.Digest, Members: g.Members, Managers: g.Managers}
}
