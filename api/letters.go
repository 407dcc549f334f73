package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"steward/internal/mail"
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

func (s *Server) resetLetter(name, secret string) letter {
	return letter{"Set a new password", fmt.Sprintf(`Hello %s,

somebody, we think you, asked to set a new password for steward. Within an
hour, this address does, once:

%s

If it was not you, do nothing: your password is what it was.
`, line(name), s.passwordPage(secret))}
}

func (s *Server) inviteLetter(name, by, secret string, until time.Time) letter {
	return letter{"Your account in steward", fmt.Sprintf(`Hello %s,

%s has made an account for you in steward. Set your password at this address,
once, until %s:

%s
`, line(name), line(by), until.UTC().Format("2 January 15:04 MST"), s.passwordPage(secret))}
}

// changedLetter tells somebody that the way they sign in is another now.
func changedLetter(name, what, source string, at time.Time) letter {
	return letter{"How you sign in to steward has changed", fmt.Sprintf(`Hello %s,

%s
It was done on %s from %s.

If it was not you, tell an admin at once.
`, line(name), what, at.UTC().Format("2 January at 15:04 MST"), source)}
}

// tellChange writes a mail in the transaction of the change that it tells of.
func (s *Server) tellChange(ctx context.Context, q *db.Queries, id uuid.UUID, name, email, what string) error {
	mailID, now := s.store.NewID(), s.store.Now()
	key := "sign-in/" + mailID.String()
	l := changedLetter(name, what, sourceOf(ctx), now)
	_, err := q.InsertMail(ctx, db.InsertMailParams{ID: mailID, Key: key, MessageID: mail.MessageID(key, s.public), ToAddress: email, ToName: name, Subject: l.subject, Body: l.body, Now: now})
	if err != nil {
		return fmt.Errorf("tell %s of a change: %w", id, err)
	}
	return nil
}
