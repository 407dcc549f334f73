package activities

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// messages are notices as they are stored, column by column.
type messages struct {
	ids, people     []uuid.UUID
	kinds, subjects []string
	digests         []bool
}

// sentences are what people read in their inbox: who did it, the task, where
// it went.
var sentences = map[work.NoticeKind]string{
	work.Assigned:      "%[1]s assigned %[2]s to you",
	work.Delegated:     "%[1]s delegated %[2]s to you",
	work.GroupWork:     "%[2]s waits in %[3]s to be accepted",
	work.TakenAway:     "%[1]s handed %[2]s, which you worked on, to %[3]s",
	work.HandedOn:      "%[1]s handed %[2]s, which you answer for, to %[3]s",
	work.Accepted:      "%[1]s accepted %[2]s",
	work.StatusSet:     "%[1]s marked %[2]s %[3]s",
	work.Ready:         "%[2]s can start: what it waited for is done",
	work.Escalated:     "Nobody of %[3]s has accepted %[2]s",
	work.NeedsSubtasks: "%[2]s is open and has no sub-tasks yet",

	work.Requested:         "%[1]s made the request %[2]s, which you answer for",
	work.Returned:          "%[1]s is finished with %[2]s and returned it to you",
	work.Asked:             "%[1]s asks you to record an answer: %[2]s",
	work.Answered:          "%[1]s answered %[2]s",
	work.ClientAwaited:     "%[1]s waits for an answer of yours about %[2]s",
	work.ClientWrote:       "%[1]s, the client, wrote about %[2]s",
	work.StaffWrote:        "%[1]s wrote to you about %[2]s",
	work.ResponseWarning:   "%[3]s of the time for a first word about %[2]s is over",
	work.ResolutionWarning: "%[3]s of the time to settle %[2]s is over",
	work.ResponseMissed:    "The time for a first word about %[2]s is over",
	work.ResolutionMissed:  "The time to settle %[2]s is over",
}

func (s *step) messages(task, where string, told []work.Notice) messages {
	return sayAll(s.store, s.actor.Name, task, where, told)
}

func sayAll(store *postgres.Store, actor, task, to string, told []work.Notice) messages {
	m := messages{ids: []uuid.UUID{}, people: []uuid.UUID{}, kinds: []string{}, subjects: []string{}, digests: []bool{}}
	for _, n := range told {
		m.ids, m.people = append(m.ids, store.NewID()), append(m.people, n.Person)
		m.kinds, m.digests = append(m.kinds, string(n.Kind)), append(m.digests, n.Digest)
		m.subjects = append(m.subjects, fmt.Sprintf(sentences[n.Kind], actor, task, to))
	}
	return m
}

// notify writes what people are told of another task than the command's own,
// or of one that is new.
func (s *step) notify(ctx context.Context, task uuid.UUID, name string, to target, told []work.Notice, body string) error {
	if len(told) == 0 {
		return nil
	}
	m := s.messages(name, to.name, told)
	return s.InsertNotifications(ctx, db.InsertNotificationsParams{
		Ids: m.ids, People: m.people, Kinds: m.kinds, TaskID: &task, ActorID: &s.actor.ID, Subjects: m.subjects, Body: body, Digests: m.digests,
	})
}

// orNull stores nothing as NULL.
func orNull[T any](v *T) json.RawMessage {
	if v == nil {
		return nil
	}
	return postgres.JSON(v)
}
