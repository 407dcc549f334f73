package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/fault"
	"steward/internal/mail"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
)

// ResetOver is the code for a secret that sets no password.
const ResetOver fault.Code = "reset_over"

// How long the secret in a mail sets a password: one that was asked for, and one
// that comes unasked.
const (
	resetAge  = time.Hour
	inviteAge = 7 * 24 * time.Hour
)

func (s *Server) resetRoutes() {
	ask := op(http.MethodPost, "/password-resets", "ask-password-reset", "Have a mail sent that sets a new password; the same answer whether there is such an account or not", http.StatusAccepted)
	ask.Security, ask.Errors = nil, []int{400, 422, 429, 503}
	read(s, ask, s.askReset)
	redeem := op(http.MethodPost, "/password-resets/redeem", "reset-password", "Set a password with the secret from a mail; ends all sessions", http.StatusNoContent)
	redeem.Security, redeem.Errors = nil, []int{400, 410, 422, 429, 503}
	read(s, redeem, s.redeemReset)
	write[User](s, op(http.MethodPost, "/users/{id}/invite", "invite-user", "Send somebody a mail to set their password with; for 7 days", http.StatusOK), s.invite)
}

// AskReset says whose password is to be set.
type AskReset struct {
	Email string `json:"email" minLength:"1" maxLength:"320"`
}

// askReset does the same work for everybody: it counts, looks up, and runs one
// statement, which has an effect for who is there. Who asks too often for an
// account is told nothing either; the mails that were sent are still good.
func (s *Server) askReset(ctx context.Context, in *struct{ Body AskReset }) (*struct{}, error) {
	if err := s.take(ctx, guessing(resetsFromAddress, "reset from", network(sourceOf(ctx)))); err != nil {
		return nil, err
	}
	p, err := s.store.PersonByEmail(ctx, in.Body.Email)
	if ignoreNoRows(err) != nil {
		return nil, err
	}
	token, hash := secret.NewToken()
	to, err := s.store.Reader(ctx, p.ID) // for whom there is not too
	if ignoreNoRows(err) != nil {
		return nil, err
	}
	l := s.resetLetter(to, token)
	return nil, s.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		wait, err := s.takeOne(ctx, q, guessing(resetsOfAccount, "reset of", strings.ToLower(in.Body.Email)))
		if err != nil || wait > 0 {
			return err
		}
		return s.letIn(ctx, q, letIn{person: p.ID, hash: hash, letter: l, verb: "password-reset", age: resetAge})
	})
}

// letIn is a secret on its way to somebody.
type letIn struct {
	person uuid.UUID
	by     *uuid.UUID // nil: whoever asked is not known
	hash   []byte
	letter letter
	verb   string
	age    time.Duration
}

func (s *Server) letIn(ctx context.Context, q *db.Queries, l letIn) error {
	id, now := s.store.NewID(), s.store.Now()
	key := l.verb + "/" + id.String()
	_, err := q.LetIn(ctx, db.LetInParams{
		PersonID: l.person, ID: id, SecretHash: l.hash, Now: now, ExpiresAt: now.Add(l.age), EventID: s.store.NewID(), ActorID: l.by, Verb: l.verb, Source: sourceOf(ctx),
		MailID: s.store.NewID(), MailKey: key, MessageID: mail.MessageID(key, s.public), Subject: l.letter.subject, Body: l.letter.body,
	})
	return err
}

// RedeemReset sets a password.
type RedeemReset struct {
	Secret string `json:"secret" minLength:"1" maxLength:"200" doc:"From the mail"`
	New    string `json:"new" minLength:"1" maxLength:"1000" doc:"10 to 200 signs; not your name or e-mail address, and none of the commonest"`
}

func (s *Server) redeemReset(ctx context.Context, in *struct{ Body RedeemReset }) (*struct{}, error) {
	p, err := s.store.OpenReset(ctx, secret.Hash(in.Body.Secret), s.store.Now())
	over := fault.New(ResetOver, "this address has set a password before, is too old, or never did; ask for another")
	if err != nil {
		return nil, gone(err, over)
	}
	hash, err := hashed(ctx, in.Body.New, p.Email, p.Name)
	if err != nil {
		return nil, err
	}
	return nil, s.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		n, err := q.UseReset(ctx, ptr(s.store.Now()), p.ID)
		if err == nil && n == 0 { // the same secret at the same time
			err = over
		}
		if err != nil {
			return err
		}
		if err := s.setPassword(ctx, q, p.PersonID, hash); err != nil {
			return err
		}
		if err := s.tellChange(ctx, q, p.PersonID, p.Name, p.Email, passwordMailed, ""); err != nil {
			return err
		}
		return s.store.Audit(ctx, q, postgres.Event{Actor: &p.PersonID, Kind: string(userKind), ID: p.PersonID, Verb: "password", Version: p.Version, Note: "with a secret sent by mail", Source: sourceOf(ctx)})
	})
}

// invite lets an admin, and for a client's contact an account manager, send the
// mail that somebody cannot ask for or has lost.
func (s *Server) invite(ctx context.Context, in *noBody) (*Done, error) {
	u, err := oneUser(ctx, s.store.Queries, in.ID)
	if err != nil {
		return nil, s.refuse(err)
	}
	r, err := s.content(ctx, in.WriteHeaders, userKind, in.ID, "invite", struct{}{}, mayAddPerson(u.Kind))
	if err == nil && !u.Active {
		err = fault.New(fault.Conflict, "%s is not active", u.Name)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	to, err := s.store.Reader(ctx, in.ID)
	if err != nil {
		return nil, s.refuse(err)
	}
	token, hash := secret.NewToken()
	l := s.inviteLetter(to, r.actor.Name, token, s.store.Now().Add(inviteAge))
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		err := s.letIn(ctx, q, letIn{person: u.ID, by: &r.actor.ID, hash: hash, letter: l, verb: r.verb, age: inviteAge})
		return u, err
	})
}
