package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/mail"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// letter is what a mail about somebody's own sign-in says.
type letter struct {
	subject, body string
}

// passwordPage is where a person sets a password. The secret stands behind the
// #, which browsers keep to themselves.
func (s *Server) passwordPage(secret string) string {
	return strings.TrimSuffix(s.public, "/") + "/password#" + secret
}

func (s *Server) resetLetter(to db.ReaderRow, secret string) letter {
	w := letterWordsFor(to.Language)
	return letter{w.resetSubject, fmt.Sprintf(w.reset, line(to.Name), s.passwordPage(secret))}
}

func (s *Server) inviteLetter(to db.ReaderRow, by, secret string, until time.Time) letter {
	w := letterWordsFor(to.Language)
	return letter{w.inviteSubject, fmt.Sprintf(w.invite, line(to.Name), line(by), readers(to, w, until), s.passwordPage(secret))}
}

// changedLetter tells somebody that the way they sign in is another now.
func changedLetter(to db.ReaderRow, what signInChange, which, source string, at time.Time) letter {
	w := letterWordsFor(to.Language)
	said := w.changes[what]
	if which != "" {
		said = fmt.Sprintf(said, which)
	}
	return letter{w.changedSubject, fmt.Sprintf(w.changed, line(to.Name), said, readers(to, w, at), source)}
}

// readers is a time by the reader's own clock, with the zone.
func readers(to db.ReaderRow, w letterWords, at time.Time) string {
	return civil.Format(at, postgres.Zone(to.TimeZone), w.at)
}

// tellChange writes a mail in the transaction of the change that it tells of.
// Which is what some changes name, else empty.
func (s *Server) tellChange(ctx context.Context, q *db.Queries, id uuid.UUID, name, email string, what signInChange, which string) error {
	mailID, now := s.store.NewID(), s.store.Now()
	key := "sign-in/" + mailID.String()
	to, err := q.Reader(ctx, id)
	if err != nil {
		return fmt.Errorf("tell %s of a change: %w", id, err)
	}
	to.Name = name
	l := changedLetter(to, what, which, sourceOf(ctx), now)
	_, err = q.InsertMail(ctx, db.InsertMailParams{ID: mailID, Key: key, MessageID: mail.MessageID(key, s.public), ToAddress: email, ToName: name, Subject: l.subject, Body: l.body, Now: now})
	if err != nil {
		return fmt.Errorf("tell %s of a change: %w", id, err)
	}
	return nil
}
