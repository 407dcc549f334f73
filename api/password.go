package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// WrongPassword is the code for a password asked for once more that was wrong.
const WrongPassword fault.Code = "wrong_password"

func (s *Server) passwordRoutes() {
	change := op(http.MethodPost, "/me/password", "change-password", "Change your password; ends your other sessions", http.StatusNoContent)
	change.Errors = append(change.Errors, http.StatusTooManyRequests)
	read(s, change, s.changePassword)
}

// PasswordBody changes a password.
type PasswordBody struct {
	Current string `json:"current" minLength:"1" maxLength:"1000"`
	New     string `json:"new" minLength:"1" maxLength:"1000" doc:"10 to 200 signs; not your name or e-mail address, and none of the commonest"`
}

// changePassword takes no Idempotency-Key: what came would have to be kept, and
// coming again it does nothing but fail.
func (s *Server) changePassword(ctx context.Context, in *struct{ Body PasswordBody }) (*struct{}, error) {
	p, err := s.proves(ctx, in.Body.Current)
	if err != nil {
		return nil, err
	}
	hash, err := hashed(ctx, in.Body.New, p.Email, p.Name)
	if err != nil {
		return nil, err
	}
	w := callerOf(ctx)
	return nil, s.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		if err := provenStill(ctx, q, p); err != nil {
			return err
		}
		if err := q.SetPassword(ctx, hash, p.ID); err != nil {
			return err
		}
		if err := q.EndOtherSessions(ctx, p.ID, orNone(w.session)); err != nil {
			return err
		}
		if err := q.WithdrawResets(ctx, ptr(s.store.Now()), p.ID); err != nil {
			return err
		}
		if err := s.tellChange(ctx, q, p.ID, p.Name, p.Email, passwordChanged, ""); err != nil {
			return err
		}
		return s.store.Audit(ctx, q, postgres.Event{Actor: &p.ID, Kind: string(userKind), ID: p.ID, Verb: "password", Version: p.Version, Source: w.source})
	})
}

// proves asks once more for the password of whoever is signed in: a session
// left open is not enough for what changes how one signs in.
func (s *Server) proves(ctx context.Context, password string) (db.KeptPasswordRow, error) {
	p, err := s.store.KeptPassword(ctx, actorOf(ctx).ID)
	if err != nil {
		return p, err
	}
	counted := guessing(ofOneself, "self", p.ID.String())
	if err := s.take(ctx, counted); err != nil {
		return p, err
	}
	ok, err := checks(ctx, password, p.PasswordHash)
	if err != nil {
		return p, err
	}
	if !ok {
		return p, fault.New(WrongPassword, "the password is wrong")
	}
	return p, s.right(ctx, s.store.Queries, counted)
}

// provenStill refuses what was proven with a password that was changed meanwhile.
func provenStill(ctx context.Context, q *db.Queries, p db.KeptPasswordRow) error {
	ok, err := unchanged(ctx, q, p.ID, p.PasswordHash)
	if err == nil && !ok {
		err = fault.New(WrongPassword, "the password was changed at the same time")
	}
	return err
}

// setPassword sets a password that came by way of a mail, or from an admin:
// whoever was signed in with the one before is out, and no mail sets it any more.
func (s *Server) setPassword(ctx context.Context, q *db.Queries, person uuid.UUID, hash string) error {
	if err := q.SetPassword(ctx, hash, person); err != nil {
		return err
	}
	if err := q.DeleteSessionsOf(ctx, person); err != nil {
		return err
	}
	return q.WithdrawResets(ctx, ptr(s.store.Now()), person)
}
