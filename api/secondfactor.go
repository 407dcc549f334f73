package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
)

// SecondFactorSet is the code for setting up what is set up.
const SecondFactorSet fault.Code = "second_factor_set"

func (s *Server) factorRoutes() {
	read(s, op(http.MethodGet, "/me/totp", "get-second-factor", "Whether sign-in asks you for a code", http.StatusOK), s.getFactor)
	read(s, op(http.MethodPost, "/me/totp", "make-second-factor", "Begin to set up an authenticator; its secret is answered only this once", http.StatusCreated), s.makeFactor)
	confirm := op(http.MethodPost, "/me/totp/confirm", "confirm-second-factor", "Have sign-in ask for codes from now on; answers the recovery codes, only this once", http.StatusOK)
	remove := op(http.MethodDelete, "/me/totp", "remove-second-factor", "Have sign-in ask for no code", http.StatusNoContent)
	confirm.Errors, remove.Errors = append(confirm.Errors, http.StatusTooManyRequests), append(remove.Errors, http.StatusTooManyRequests)
	read(s, confirm, s.confirmFactor)
	read(s, remove, s.removeFactor)
	write[Nothing](s, op(http.MethodDelete, "/users/{id}/totp", "reset-second-factor", "For admins: have sign-in ask somebody for no code, who has lost theirs", http.StatusOK), s.resetFactor)
}

// SecondFactor says how somebody signs in.
type SecondFactor struct {
	ConfirmedAt       *time.Time `json:"confirmed_at" doc:"Since when sign-in asks for a code; null: it does not"`
	RecoveryCodesLeft int64      `json:"recovery_codes_left"`
}

// NewSecondFactor is an authenticator to be, with its secret.
type NewSecondFactor struct {
	Secret string `json:"secret" doc:"In base32, for typing"`
	URI    string `json:"uri" doc:"For a picture that authenticators read" example:"otpauth://totp/steward:ann@firm.example?secret=…"`
}

// CodeBody is a code of an authenticator.
type CodeBody struct {
	Code string `json:"code" minLength:"6" maxLength:"20"`
}

// RecoveryCodes replace a lost authenticator, each once.
type RecoveryCodes struct {
	Codes []string `json:"codes"`
}

func (s *Server) getFactor(ctx context.Context, _ *struct{}) (*struct{ Body SecondFactor }, error) {
	id := actorOf(ctx).ID
	f, err := s.store.SecondFactor(ctx, id)
	if ignoreNoRows(err) != nil {
		return nil, err
	}
	left, err := s.store.RecoveryCodesLeft(ctx, id)
	return &struct{ Body SecondFactor }{SecondFactor{ConfirmedAt: f.ConfirmedAt, RecoveryCodesLeft: left}}, err
}

func (s *Server) makeFactor(ctx context.Context, in *struct{ Body PasswordAgain }) (*struct{ Body NewSecondFactor }, error) {
	if !s.key.Is() {
		return nil, fault.New(fault.NotAvailable, "this installation has no secret key to keep second factors with")
	}
	me, err := s.store.KeptPassword(ctx, actorOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	if me.PasswordHash == "" {
		return nil, fault.New(fault.Conflict, "who has no password signs in with none, and needs no code with it")
	}
	if _, err := s.proves(ctx, in.Body.Password); err != nil {
		return nil, err
	}
	app, uri, err := secret.NewAuthenticator(me.Email)
	if err != nil {
		return nil, err
	}
	n, err := s.store.PutSecondFactor(ctx, db.PutSecondFactorParams{PersonID: me.ID, Secret: s.key.Seal([]byte(app), me.ID.String()), Now: s.store.Now()})
	if err == nil && n == 0 {
		err = fault.New(SecondFactorSet, "an authenticator is set up already; remove it first")
	}
	return &struct{ Body NewSecondFactor }{NewSecondFactor{Secret: string(app), URI: uri}}, err
}

func (s *Server) confirmFactor(ctx context.Context, in *struct{ Body CodeBody }) (*struct{ Body RecoveryCodes }, error) {
	me, err := s.store.KeptPassword(ctx, actorOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	f, err := s.store.SecondFactor(ctx, me.ID)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, fault.New(fault.Conflict, "no authenticator is being set up; begin with POST /me/totp")
	case err == nil && f.ConfirmedAt != nil:
		return nil, fault.New(SecondFactorSet, "an authenticator is set up already; remove it first")
	}
	if err == nil {
		err = s.take(ctx, guessing(ofOneself, "confirm", me.ID.String()))
	}
	var step int64
	if err == nil {
		step, err = s.stepOf(me.ID, f, in.Body.Code)
	}
	if err != nil {
		return nil, err
	}
	if step == 0 {
		return nil, fault.Wrong("code", "is not what the authenticator shows now; look at the clock of its device")
	}
	codes, hashes := secret.NewRecoveryCodes()
	err = s.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		n, err := q.ConfirmSecondFactor(ctx, db.ConfirmSecondFactorParams{PersonID: me.ID, Secret: f.Secret, Step: step, Now: ptr(s.store.Now())})
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "another authenticator is being set up; confirm that")
		}
		if err != nil {
			return err
		}
		if err := q.InsertRecoveryCodes(ctx, me.ID, hashes); err != nil {
			return err
		}
		if err := q.ForgetGuesses(ctx, guessing(ofOneself, "confirm", me.ID.String()).key); err != nil {
			return err
		}
		return s.factorChanged(ctx, q, me, "second-factor", factorAdded)
	})
	return &struct{ Body RecoveryCodes }{RecoveryCodes{codes}}, err
}

// factorChanged tells the owner and the audit.
func (s *Server) factorChanged(ctx context.Context, q *db.Queries, p db.KeptPasswordRow, verb string, what signInChange) error {
	if err := s.tellChange(ctx, q, p.ID, p.Name, p.Email, what, ""); err != nil {
		return err
	}
	return s.store.Audit(ctx, q, postgres.Event{Actor: ptr(actorOf(ctx).ID), Kind: string(userKind), ID: p.ID, Verb: verb, Version: p.Version, Source: sourceOf(ctx)})
}

// stepOf is the step that a code belongs to, 0 if to none that is still good.
func (s *Server) stepOf(person uuid.UUID, f db.SecondFactorRow, code string) (int64, error) {
	app, err := s.key.Open(f.Secret, person.String())
	if err != nil {
		return 0, err
	}
	step, _ := secret.Authenticator(app).Match(code, s.store.Now(), f.LastStep)
	return step, nil
}

// PasswordAgain proves that it is still the owner who is signed in.
type PasswordAgain struct {
	Password string `json:"password" minLength:"1" maxLength:"1000"`
}

func (s *Server) removeFactor(ctx context.Context, in *struct{ Body PasswordAgain }) (*struct{}, error) {
	me, err := s.proves(ctx, in.Body.Password)
	if err != nil {
		return nil, err
	}
	return nil, s.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		if err := provenStill(ctx, q, me); err != nil {
			return err
		}
		if err := dropFactor(ctx, q, me.ID); err != nil {
			return err
		}
		return s.factorChanged(ctx, q, me, "second-factor-removed", factorGone)
	})
}

func dropFactor(ctx context.Context, q *db.Queries, person uuid.UUID) error {
	n, err := q.DeleteSecondFactor(ctx, person)
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "no authenticator is set up")
	}
	return err
}

func (s *Server) resetFactor(ctx context.Context, in *noBody) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, userKind, in.ID, "reset-second-factor", struct{}{}, access.ManagePeople)
	if err == nil {
		err = withoutScopes(r.actor, "having sign-in ask somebody for no code")
	}
	if err == nil && r.actor.ID == r.id {
		err = fault.New(fault.Conflict, "remove your own with DELETE /me/totp")
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		u, err := oneUser(ctx, q, r.id)
		if err == nil {
			err = dropFactor(ctx, q, r.id)
		}
		if err != nil {
			return nil, err
		}
		p := db.KeptPasswordRow{ID: u.ID, Name: u.Name, Email: u.Email, Version: u.Version}
		return struct{}{}, s.factorChanged(ctx, q, p, r.verb, factorRemoved)
	})
}

// mayCode lets somebody whose password is right try a code, if they need one:
// not too often, from wherever. Without a code, the try was no guess.
func (s *Server) mayCode(ctx context.Context, p db.PersonByEmailRow, code string, counted []*guess) ([]*guess, error) {
	f, err := s.store.SecondFactor(ctx, p.ID)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && f.ConfirmedAt == nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if code == "" {
		if err := s.giveBack(ctx, s.store.Queries, counted...); err != nil {
			return nil, err
		}
		return nil, fault.New(SecondFactorNeeded, "send the code that your authenticator shows, or a recovery code")
	}
	if _, known := s.deviceOf(callerOf(ctx).device, p.ID); known {
		return nil, nil // the device is counted already
	}
	g := guessing(ofCodes, "code", p.ID.String())
	return []*guess{g}, s.take(ctx, g)
}

// second looks at the code of whoever has an authenticator, in the transaction
// that signs them in: of two who send the same code, one comes in. It says what
// was used.
func (s *Server) second(ctx context.Context, q *db.Queries, p db.PersonByEmailRow, code string) (string, error) {
	f, err := q.SecondFactor(ctx, p.ID)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && f.ConfirmedAt == nil {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	step, err := s.stepOf(p.ID, f, code)
	if err != nil {
		return "", err
	}
	how, n := "with a code", int64(0)
	if step != 0 {
		n, err = q.UseStep(ctx, step, p.ID)
	} else {
		how = "with a recovery code"
		n, err = q.UseRecoveryCode(ctx, db.UseRecoveryCodeParams{PersonID: p.ID, CodeHash: secret.HashRecoveryCode(code), Now: ptr(s.store.Now())})
	}
	if err == nil && n == 0 {
		err = fault.New(SecondFactorNeeded, "the code is wrong, is over, or was used before")
	}
	return how, err
}
