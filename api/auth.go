package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
)

// who is the caller of a request, and where it came from.
type who struct {
	actor   access.Actor
	source  string
	agent   string // the browser or program, as it calls itself
	session []byte // the hash of the session cookie's secret, if it came and no token did
	device  string // the device cookie
}

type whoKey struct{}

func callerOf(ctx context.Context) who {
	w, _ := ctx.Value(whoKey{}).(who)
	return w
}

func actorOf(ctx context.Context) access.Actor { return callerOf(ctx).actor }

func sourceOf(ctx context.Context) string { return callerOf(ctx).source }

// authenticate finds out who calls, for every operation that asks for it. An
// operation that takes a secret in its address looks at that by itself.
func (s *Server) authenticate(ctx huma.Context, next func(huma.Context)) {
	secretly := ctx.Operation().Metadata["secret"] == true && ctx.Query("secret") != ""
	if len(ctx.Operation().Security) == 0 || secretly {
		next(huma.WithValue(ctx, whoKey{}, s.stranger(humagin.Unwrap(ctx).Request)))
		return
	}
	w, err := s.identify(ctx)
	if err == nil {
		err = s.pace(w.actor.ID)
	}
	if err == nil {
		err = reaches(w.actor, ctx.Operation())
	}
	if err != nil {
		var p *Problem
		if errors.As(s.refuse(err), &p) {
			p.log(ctx.Context(), s.log)
			sayProblem(humagin.Unwrap(ctx), p)
		}
		return
	}
	next(huma.WithValue(ctx, whoKey{}, w))
}

// stranger is a caller of whom nothing is known but what came along.
func (s *Server) stranger(r *http.Request) who {
	agent := r.UserAgent()
	w := who{source: s.source(r), agent: line(agent[:min(len(agent), longestAgent)]), device: s.cookies.read(r, deviceName)}
	if v := s.cookies.read(r, cookieName); v != "" {
		w.session = secret.Hash(v)
	}
	return w
}

func (s *Server) identify(ctx huma.Context) (who, error) {
	w := s.stranger(humagin.Unwrap(ctx).Request)
	if h := ctx.Header("Authorization"); h != "" {
		w.session = nil
		scheme, token, _ := strings.Cut(h, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return w, fault.New(fault.Unauthorized, "send Authorization: Bearer TOKEN")
		}
		var err error
		w.actor, err = s.tokenOf(ctx.Context(), secret.Hash(token))
		return w, unknown(err, "the token is wrong, has expired or was revoked")
	}
	if w.session == nil {
		return w, fault.New(fault.Unauthorized, "sign in, or send Authorization: Bearer TOKEN")
	}
	var err error
	w.actor, err = s.sessionOf(ctx.Context(), w.session)
	return w, unknown(err, "the session has ended; sign in again")
}

// seenEvery is how often it is written that a session is used, usedEvery that a
// token is.
const (
	seenEvery = time.Minute
	usedEvery = time.Hour
)

// sessionOf is whom a session belongs to.
func (s *Server) sessionOf(ctx context.Context, hash []byte) (access.Actor, error) {
	now := s.store.Now()
	r, err := s.store.ActorBySession(ctx, db.ActorBySessionParams{SecretHash: hash, Now: now, IdleSince: now.Add(-s.idle)})
	if err != nil {
		return access.Actor{}, err
	}
	if now.Sub(r.SeenAt) >= seenEvery {
		s.noted(ctx, s.later.SeeSession(ctx, now, hash))
	}
	return postgres.Actor(db.ActorByTokenRow{
		ID: r.ID, Kind: r.Kind, ClientID: r.ClientID, Name: r.Name, Roles: r.Roles, TimeZone: r.TimeZone, Groups: r.Groups, Manages: r.Manages,
	}), nil
}

// noted logs that something could not be written that nobody waits for.
func (s *Server) noted(ctx context.Context, err error) {
	if err != nil {
		s.log.WarnContext(ctx, "it is not written when a session or token was used", "error", err)
	}
}

// tokenOf is whom a token belongs to.
func (s *Server) tokenOf(ctx context.Context, hash []byte) (access.Actor, error) {
	now := s.store.Now()
	a, era, ok := s.actors.find(hash, now)
	if ok {
		return a, nil
	}
	r, err := s.store.ActorByToken(ctx, hash, &now)
	if err != nil {
		return access.Actor{}, err
	}
	if r.UsedAt == nil || now.Sub(*r.UsedAt) >= usedEvery {
		s.noted(ctx, s.later.UseToken(ctx, &now, r.TokenID))
	}
	a = postgres.Actor(r)
	s.actors.remember(hash, a, now, era)
	return a, nil
}

func unknown(err error, sentence string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.Unauthorized, "%s", sentence)
	}
	return err
}

// can asks for a right that depends on nothing but the caller.
func can(ctx context.Context, act access.Action) error {
	return access.Can(actorOf(ctx), act, 0)
}

// see hides from clients' contacts what only staff may know of.
func see(ctx context.Context) error {
	if err := can(ctx, access.ReadFirm); err != nil {
		return fault.New(fault.NotFound, "not found")
	}
	return nil
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

func ptr[T any](v T) *T { return &v }
