package api

import (
	"context"
	"errors"
	"net"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
)

// cookieName holds a session's secret.
const cookieName = "steward_session"

// who is the caller of a request, and where it came from.
type who struct {
	actor   access.Actor
	source  string
	session []byte // the hash of the cookie's secret, if it was used
}

type whoKey struct{}

func actorOf(ctx context.Context) access.Actor {
	w, _ := ctx.Value(whoKey{}).(who)
	return w.actor
}

func sourceOf(ctx context.Context) string {
	w, _ := ctx.Value(whoKey{}).(who)
	return w.source
}

// authenticate finds out who calls, for every operation that asks for it. An
// operation that takes a secret in its address looks at that by itself.
func (s *Server) authenticate(ctx huma.Context, next func(huma.Context)) {
	secretly := ctx.Operation().Metadata["secret"] == true && ctx.Query("secret") != ""
	if len(ctx.Operation().Security) == 0 || secretly {
		next(huma.WithValue(ctx, whoKey{}, who{source: host(ctx)}))
		return
	}
	w, err := s.identify(ctx)
	if err != nil {
		var p *Problem
		if errors.As(s.refuse(err), &p) {
			say(humagin.Unwrap(ctx), fault.New(p.Code, "%s", p.Detail))
		}
		return
	}
	next(huma.WithValue(ctx, whoKey{}, w))
}

func (s *Server) identify(ctx huma.Context) (who, error) {
	w := who{source: host(ctx)}
	if h := ctx.Header("Authorization"); h != "" {
		token, ok := strings.CutPrefix(h, "Bearer ")
		if !ok {
			return w, fault.New(fault.Unauthorized, "send Authorization: Bearer TOKEN")
		}
		var err error
		w.actor, err = s.tokenOf(ctx.Context(), secret.Hash(token))
		return w, unknown(err, "the token is wrong, has expired or was revoked")
	}
	cookie, err := huma.ReadCookie(ctx, cookieName)
	if err != nil {
		return w, fault.New(fault.Unauthorized, "sign in, or send Authorization: Bearer TOKEN")
	}
	w.session = secret.Hash(cookie.Value)
	r, err := s.store.ActorBySession(ctx.Context(), w.session, s.store.Now())
	w.actor = postgres.Actor(db.ActorByTokenRow{
		ID: r.ID, Kind: r.Kind, ClientID: r.ClientID, Name: r.Name, Roles: r.Roles, TimeZone: r.TimeZone, Groups: r.Groups, Manages: r.Manages,
	})
	return w, unknown(err, "the session has ended; sign in again")
}

// tokenOf is whom a token belongs to.
func (s *Server) tokenOf(ctx context.Context, hash []byte) (access.Actor, error) {
	now := s.store.Now()
	if a, ok := s.actors.find(hash, now); ok {
		return a, nil
	}
	r, err := s.store.ActorByToken(ctx, hash, &now)
	if err != nil {
		return access.Actor{}, err
	}
	a := postgres.Actor(r)
	s.actors.remember(hash, a, now)
	return a, nil
}

// host is where a request comes from, without the port.
func host(ctx huma.Context) string {
	h, _, err := net.SplitHostPort(ctx.RemoteAddr())
	if err != nil {
		return ctx.RemoteAddr()
	}
	return h
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

// sessionCookie keeps a secret in the browser, out of reach of scripts and of
// other sites.
func sessionCookie(token string, age int) http.Cookie {
	return http.Cookie{Name: cookieName, Value: token, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode}
}
