package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// Only says who signs in with the firm's identity provider alone, and not with a
// password.
type Only string

// Who that may be.
const (
	OnlyNobody    Only = "nobody"
	OnlyStaff     Only = "staff"
	OnlyEverybody Only = "everybody"
)

// holds tells whether it is said of a kind of person.
func (o Only) holds(kind string) bool {
	return o == OnlyEverybody || o == OnlyStaff && kind == "staff"
}

func (s *Server) identityRoutes() {
	ways := op(http.MethodGet, "/sign-in", "get-sign-in", "How people sign in here, for the page that asks them", http.StatusOK)
	ways.Security, ways.Errors = nil, []int{429, 503}
	read(s, ways, s.signInWays)
	read(s, op(http.MethodGet, "/me/identities", "list-identities", "Your accounts at the firm's identity provider, with which you sign in", http.StatusOK), s.listIdentities)
	read(s, op(http.MethodDelete, "/me/identities/{id}", "delete-identity", "Sign in with an account there no more", http.StatusNoContent), s.deleteIdentity)
	write[Nothing](s, op(http.MethodDelete, "/users/{id}/identities", "delete-user-identities", "For admins: part somebody from their accounts at the identity provider, and end their sessions", http.StatusOK), s.deleteIdentities)
}

// SignInWays is how people sign in.
type SignInWays struct {
	Passwords string  `json:"passwords" enum:"everybody,contacts,nobody" doc:"Who signs in with a password: POST /sessions"`
	OpenID    *OpenID `json:"openid" doc:"The firm's identity provider; null where there is none"`
}

// OpenID is where a browser begins to sign in with the identity provider.
type OpenID struct {
	Name string `json:"name" doc:"What people know it by" example:"Acme ID"`
	URL  string `json:"url" doc:"Where a browser goes; ?to= is a path of this server where it wants to be then" example:"https://steward.firm.example/sign-in"`
}

func (s *Server) signInWays(context.Context, *struct{}) (*struct{ Body SignInWays }, error) {
	w := SignInWays{Passwords: "everybody"}
	if s.openID != nil {
		w.OpenID = &OpenID{Name: s.openID.Name(), URL: s.public + openIDPath}
		switch s.only {
		case OnlyStaff:
			w.Passwords = "contacts"
		case OnlyEverybody:
			w.Passwords = "nobody"
		}
	}
	return &struct{ Body SignInWays }{w}, nil
}

// Identity is an account at the identity provider that signs in as somebody.
type Identity struct {
	ID        uuid.UUID `json:"id"`
	Issuer    string    `json:"issuer" doc:"The identity provider, as it calls itself"`
	Subject   string    `json:"subject" doc:"Its name for them, which stays"`
	Email     string    `json:"email" doc:"As it had it last"`
	CreatedAt time.Time `json:"created_at"`
	UsedAt    time.Time `json:"used_at"`
}

func (s *Server) listIdentities(ctx context.Context, _ *struct{}) (*PageOutput[Identity], error) {
	rows, err := s.store.Identities(ctx, actorOf(ctx).ID)
	return all(rows, func(r db.IdentitiesRow) Identity { return Identity(r) }), err
}

// deleteIdentity is undone by signing in with it again.
func (s *Server) deleteIdentity(ctx context.Context, in *ByID) (*struct{}, error) {
	me := actorOf(ctx).ID
	return nil, s.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		n, err := q.DeleteIdentity(ctx, in.ID, me)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "you sign in with no such account")
		}
		if err != nil {
			return err
		}
		return s.parted(ctx, q, me, &me, "unlink-identity", identityLeft)
	})
}

// deleteIdentities is for somebody whose account there is another now, or not
// theirs.
func (s *Server) deleteIdentities(ctx context.Context, in *noBody) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, userKind, in.ID, "unlink-identity", struct{}{}, access.ManagePeople)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		n, err := q.DeleteIdentities(ctx, r.id)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "nobody is there who signs in with an account at the identity provider")
		}
		if err == nil {
			err = q.DeleteSessionsOf(ctx, r.id)
		}
		if err != nil {
			return nil, err
		}
		return struct{}{}, s.parted(ctx, q, r.id, &r.actor.ID, r.verb, identityParted)
	})
}

// parted tells the owner and the audit.
func (s *Server) parted(ctx context.Context, q *db.Queries, id uuid.UUID, by *uuid.UUID, verb string, what signInChange) error {
	u, err := oneUser(ctx, q, id)
	if err != nil {
		return err
	}
	if err := s.tellChange(ctx, q, u.ID, u.Name, u.Email, what, ""); err != nil {
		return err
	}
	return s.store.Audit(ctx, q, postgres.Event{Actor: by, Kind: string(userKind), ID: u.ID, Verb: verb, Version: u.Version, Source: sourceOf(ctx)})
}
