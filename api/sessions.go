package api

import (
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

// sessionAge is how long a browser stays signed in.
const sessionAge = 12 * time.Hour

// queueing is how long somebody waits for the turn of their password.
const queueing = 5 * time.Second

func (s *Server) sessionRoutes() {
	signIn := op(http.MethodPost, "/sessions", "sign-in", "Sign in with a password; sets a cookie", http.StatusCreated)
	signIn.Security, signIn.Errors = nil, []int{400, 401, 422, 429, 503}
	read(s, signIn, s.signIn)
	read(s, op(http.MethodDelete, "/sessions", "sign-out", "End the session of the cookie", http.StatusNoContent), s.signOut)
	read(s, op(http.MethodGet, "/me", "get-me", "Who is signed in", http.StatusOK), s.getMe)
	s.tokenRoutes()
}

// Credentials are what a person signs in with.
type Credentials struct {
	Email    string `json:"email" minLength:"1" maxLength:"320"`
	Password string `json:"password" minLength:"1" maxLength:"1000"`
}

// Me is who is signed in, with all that rights are derived from.
type Me struct {
	User
	GroupIDs   []uuid.UUID `json:"group_ids" doc:"The groups that the person is in"`
	ManagesIDs []uuid.UUID `json:"manages_ids" doc:"The groups that the person manages"`
	Scopes     []string    `json:"scopes" doc:"Of the token that was used; none: all"`

	Notifications Told `json:"notifications"`
}

type signedIn struct {
	Cookie http.Cookie `header:"Set-Cookie"`
	Body   User
}

func (s *Server) signIn(ctx context.Context, in *struct{ Body Credentials }) (*signedIn, error) {
	p, err := s.passes(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	token, hash := secret.NewToken()
	err = s.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		now := s.store.Now()
		if err := q.DeleteEndedSessions(ctx, p.ID, now); err != nil {
			return err
		}
		if err := q.InsertSession(ctx, db.InsertSessionParams{SecretHash: hash, PersonID: p.ID, ExpiresAt: now.Add(sessionAge)}); err != nil {
			return err
		}
		return s.store.Audit(ctx, q, postgres.Event{Actor: &p.ID, Kind: string(userKind), ID: p.ID, Verb: "sign-in", Version: p.Version, Source: sourceOf(ctx)})
	})
	return &signedIn{Cookie: sessionCookie(token, int(sessionAge.Seconds())), Body: p}, err
}

// passes finds who has the e-mail address and checks the password. Whoever may
// not sign in gets one answer in one time, so that nobody learns who is known.
func (s *Server) passes(ctx context.Context, c Credentials) (User, error) {
	p, err := s.store.PersonByEmail(ctx, c.Email)
	if ignoreNoRows(err) != nil {
		return User{}, err
	}
	waiting, cancel := context.WithTimeout(ctx, queueing)
	defer cancel()
	ok, err := secret.CheckPassword(waiting, c.Password, p.PasswordHash)
	if errors.Is(err, context.DeadlineExceeded) {
		return User{}, fault.New(fault.TooMany, "too many people sign in at the moment; try again")
	}
	if err != nil {
		return User{}, err
	}
	if !ok || !p.Active {
		return User{}, fault.New(fault.Unauthorized, "the e-mail address or the password is wrong")
	}
	return oneUser(ctx, s.store.Queries, p.ID)
}

type signedOut struct {
	Cookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) signOut(ctx context.Context, _ *struct{}) (*signedOut, error) {
	w, _ := ctx.Value(whoKey{}).(who)
	if w.session == nil {
		return nil, fault.New(fault.Conflict, "a token was sent, and no cookie: there is no session to end")
	}
	return &signedOut{Cookie: sessionCookie("", -1)}, s.store.DeleteSession(ctx, w.session)
}

func (s *Server) getMe(ctx context.Context, _ *struct{}) (*struct{ Body Me }, error) {
	a := actorOf(ctx)
	u, err := oneUser(ctx, s.store.Queries, a.ID)
	me := Me{User: u, GroupIDs: orNone(a.Groups), ManagesIDs: orNone(a.Manages), Scopes: []string{}}
	for _, scope := range a.Scopes {
		me.Scopes = append(me.Scopes, string(scope))
	}
	if err == nil {
		me.Notifications, err = toldHow(ctx, s.store.Queries, a.ID)
	}
	return &struct{ Body Me }{me}, err
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
