package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
)

// How long a browser stays signed in, unless the settings say otherwise: at
// most, and without being used.
const (
	sessionLife = 12 * time.Hour
	sessionIdle = 2 * time.Hour
)

// queueing is how long somebody waits for the turn of their password.
const queueing = 5 * time.Second

// longestAgent is how much is kept of what a browser calls itself.
const longestAgent = 200

// SecondFactorNeeded is the code for a right password without a right code.
const SecondFactorNeeded fault.Code = "second_factor_needed"

func (s *Server) sessionRoutes() {
	signIn := op(http.MethodPost, "/sessions", "sign-in", "Sign in with a password; sets a cookie", http.StatusCreated)
	signIn.Security, signIn.Errors = nil, []int{400, 401, 403, 422, 429, 503}
	read(s, signIn, s.signIn)
	read(s, op(http.MethodGet, "/sessions", "list-sessions", "Where you are signed in, the oldest first", http.StatusOK), s.listSessions)
	read(s, op(http.MethodDelete, "/sessions", "sign-out-everywhere", "End all your sessions", http.StatusNoContent), s.signOutEverywhere)
	read(s, op(http.MethodDelete, "/sessions/current", "sign-out", "End the session of the cookie", http.StatusNoContent), s.signOut)
	read(s, op(http.MethodDelete, "/sessions/{id}", "end-session", "End a session of yours", http.StatusNoContent), s.endSession)
	read(s, op(http.MethodGet, "/me", "get-me", "Who is signed in", http.StatusOK), s.getMe)
	s.identityRoutes()
	s.passwordRoutes()
	s.factorRoutes()
	s.resetRoutes()
	s.tokenRoutes()
}

// Credentials are what a person signs in with.
type Credentials struct {
	Email    string `json:"email" minLength:"1" maxLength:"320"`
	Password string `json:"password" minLength:"1" maxLength:"1000"`
	Code     string `json:"code,omitempty" maxLength:"100" doc:"Of the authenticator, if you have set one up, or a recovery code"`
}

// Me is who is signed in, with all that rights are derived from.
type Me struct {
	User
	ClientName string      `json:"client_name,omitempty" doc:"Of a client's contact"`
	GroupIDs   []uuid.UUID `json:"group_ids" doc:"The groups that the person is in"`
	ManagesIDs []uuid.UUID `json:"manages_ids" doc:"The groups that the person manages"`
	Scopes     []string    `json:"scopes" doc:"Of the token that was used; none: all"`

	Notifications Told `json:"notifications"`
}

type signedIn struct {
	Cookies []http.Cookie `header:"Set-Cookie"`
	Body    User
}

// signIn begins a session with a secret of its own. A session that the browser
// came with is ended: nobody can plant one and wait for its owner.
func (s *Server) signIn(ctx context.Context, in *struct{ Body Credentials }) (*signedIn, error) {
	p, counted, err := s.passes(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	w := callerOf(ctx)
	token, hash := secret.NewToken()
	out := &signedIn{}
	err = s.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		ok, err := unchanged(ctx, q, p.ID, p.PasswordHash)
		if err == nil && !ok {
			err = fault.New(fault.Unauthorized, wrongCredentials)
		}
		if err != nil {
			return err
		}
		how, err := s.second(ctx, q, p, in.Body.Code)
		if err != nil {
			return err
		}
		if err := s.right(ctx, q, counted...); err != nil {
			return err
		}
		if out.Body, err = oneUser(ctx, q, p.ID); err != nil {
			return err
		}
		return s.newSession(ctx, q, p.ID, p.Version, hash, how)
	})
	out.Cookies = append(out.Cookies, s.cookies.make(cookieName, token, s.life))
	if _, known := s.deviceOf(w.device, p.ID); !known && s.key.Is() {
		out.Cookies = append(out.Cookies, s.cookies.make(deviceName, s.newDevice(p.ID), deviceAge))
	}
	return out, err
}

// newSession begins a session, and ends the one that the browser came with and
// those whose time is over.
func (s *Server) newSession(ctx context.Context, q *db.Queries, person uuid.UUID, version int32, hash []byte, how string) error {
	w, now := callerOf(ctx), s.store.Now()
	if err := q.DeleteEndedSessions(ctx, db.DeleteEndedSessionsParams{PersonID: person, Now: now, IdleSince: now.Add(-s.idle)}); err != nil {
		return err
	}
	if err := q.DeleteSession(ctx, w.session); err != nil {
		return err
	}
	err := q.InsertSession(ctx, db.InsertSessionParams{ID: s.store.NewID(), SecretHash: hash, PersonID: person, Now: now, ExpiresAt: now.Add(s.life), Source: w.source, Agent: w.agent})
	if err != nil {
		return err
	}
	return s.store.Audit(ctx, q, postgres.Event{Actor: &person, Kind: string(userKind), ID: person, Verb: "sign-in", Version: version, Note: how, Source: w.source})
}

// unchanged tells whether a password that was right is so still, and has it stay
// so until the end of the transaction: whoever changed it meanwhile has ended all
// sessions, and what is done with the one before would outlive that.
func unchanged(ctx context.Context, q *db.Queries, person uuid.UUID, kept string) (bool, error) {
	if _, err := q.LockPerson(ctx, person); err != nil {
		return false, err
	}
	now, err := q.KeptPassword(ctx, person) // none: they were dismissed
	return now.PasswordHash == kept, ignoreNoRows(err)
}

// wrongCredentials is all that whoever may not sign in is told.
const wrongCredentials = "the e-mail address or the password is wrong"

// passes finds who has the e-mail address and checks the password. Whoever may
// not sign in gets one answer after the same work, so that nobody learns who is
// known. It returns what was counted as a guess and turned out to be none.
func (s *Server) passes(ctx context.Context, c Credentials) (db.PersonByEmailRow, []*guess, error) {
	p, err := s.store.PersonByEmail(ctx, c.Email)
	if ignoreNoRows(err) != nil {
		return p, nil, err
	}
	counted := s.guesses(ctx, c.Email, p.ID)
	if err := s.take(ctx, counted...); err != nil {
		return p, nil, err
	}
	ok, err := checks(ctx, c.Password, p.PasswordHash)
	if err != nil {
		return p, nil, err
	}
	if !ok || !p.Active {
		return p, nil, fault.New(fault.Unauthorized, wrongCredentials)
	}
	if s.openID != nil && s.only.holds(p.Kind) { // told to whoever knows the password: it was no guess
		if err := s.giveBack(ctx, s.store.Queries, counted...); err != nil {
			return p, nil, err
		}
		return p, nil, fault.New(OpenIDOnly, "you sign in with %s here", s.openID.Name())
	}
	more, err := s.mayCode(ctx, p, c.Code, counted)
	return p, append(counted, more...), err
}

// checks compares a password with what is kept of it. It waits for its turn, but
// not for long.
func checks(ctx context.Context, password, kept string) (bool, error) {
	waiting, cancel := context.WithTimeout(ctx, queueing)
	defer cancel()
	ok, err := secret.CheckPassword(waiting, password, kept)
	if errors.Is(err, context.DeadlineExceeded) {
		return false, fault.New(fault.TooMany, "too many people sign in at the moment; try again")
	}
	return ok, err
}

// Session is a browser that is signed in.
type Session struct {
	ID        uuid.UUID `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at" doc:"Used last, to the minute"`
	ExpiresAt time.Time `json:"expires_at" doc:"At the latest; sooner if it is not used"`
	Source    string    `json:"source" doc:"The address it began at"`
	Agent     string    `json:"agent" doc:"The browser, as it calls itself"`
	Current   bool      `json:"current" doc:"The one that asks"`
}

func (s *Server) listSessions(ctx context.Context, _ *struct{}) (*PageOutput[Session], error) {
	w, now := callerOf(ctx), s.store.Now()
	rows, err := s.store.Sessions(ctx, db.SessionsParams{PersonID: w.actor.ID, Now: now, IdleSince: now.Add(-s.idle)})
	return all(rows, func(r db.SessionsRow) Session {
		return Session{ID: r.ID, CreatedAt: r.CreatedAt, SeenAt: r.SeenAt, ExpiresAt: r.ExpiresAt, Source: r.Source, Agent: r.Agent, Current: bytes.Equal(r.SecretHash, w.session)}
	}), err
}

type signedOut struct {
	Cookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) signOut(ctx context.Context, _ *struct{}) (*signedOut, error) {
	w := callerOf(ctx)
	if w.session == nil {
		return nil, fault.New(fault.Conflict, "a token was sent, and no cookie: there is no session to end")
	}
	return &signedOut{Cookie: s.cookies.make(cookieName, "", 0)}, s.store.DeleteSession(ctx, w.session)
}

func (s *Server) signOutEverywhere(ctx context.Context, _ *struct{}) (*signedOut, error) {
	w := callerOf(ctx)
	err := s.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		if err := q.DeleteSessionsOf(ctx, w.actor.ID); err != nil {
			return err
		}
		return s.store.Audit(ctx, q, postgres.Event{Actor: &w.actor.ID, Kind: string(userKind), ID: w.actor.ID, Verb: "sign-out-everywhere", Source: w.source})
	})
	return &signedOut{Cookie: s.cookies.make(cookieName, "", 0)}, err
}

func (s *Server) endSession(ctx context.Context, in *ByID) (*struct{}, error) {
	n, err := s.store.EndSession(ctx, in.ID, actorOf(ctx).ID)
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "you have no such session, or it has ended")
	}
	return nil, err
}

func (s *Server) getMe(ctx context.Context, _ *struct{}) (*One[Me], error) {
	a := actorOf(ctx)
	u, err := oneUser(ctx, s.store.Queries, a.ID)
	me := Me{User: u, GroupIDs: orNone(a.Groups), ManagesIDs: orNone(a.Manages), Scopes: []string{}}
	for _, scope := range a.Scopes {
		me.Scopes = append(me.Scopes, string(scope))
	}
	if err == nil && u.ClientID != nil {
		c, wrong := s.store.Client(ctx, *u.ClientID)
		me.ClientName, err = c.Name, wrong
	}
	if err == nil {
		me.Notifications, err = toldHow(ctx, s.store.Queries, a.ID)
	}
	return one(me, me.Version), err
}

// What content is called in the audit and in the log of commands. The things
// that have a process are called as in package flow.
const (
	userKind     flow.Kind = "user"
	tokenKind    flow.Kind = "token"
	clientKind   flow.Kind = "client"
	providerKind flow.Kind = "provider"
	groupKind    flow.Kind = "group"
	timeKind     flow.Kind = "time_entry"
)
