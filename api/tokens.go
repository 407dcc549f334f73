package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
)

func (s *Server) tokenRoutes() {
	write[Token](s, op(http.MethodPost, "/tokens", "create-token", "Make a token for a program; its secret is answered only this once", http.StatusCreated), s.createToken)
	read(s, op(http.MethodGet, "/tokens", "list-tokens", "List your tokens, the oldest first", http.StatusOK), s.listTokens)
	write[Nothing](s, op(http.MethodDelete, "/tokens/{id}", "revoke-token", "End a token of yours", http.StatusOK), s.revokeToken)
}

// TokenBody asks for a token (N.15).
type TokenBody struct {
	Name      string     `json:"name" minLength:"1" maxLength:"200" pattern:"\\S" doc:"What it is for"`
	Scopes    []string   `json:"scopes,omitempty" maxItems:"2" enum:"read,write" doc:"What it may do; none: all that you may"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"Never, if left out"`
}

// Token is a secret for a program, without the secret.
type Token struct {
	ID        uuid.UUID  `json:"id"`
	Name      string     `json:"name"`
	Scopes    []string   `json:"scopes" doc:"None: all"`
	ExpiresAt *time.Time `json:"expires_at"`
	RevokedAt *time.Time `json:"revoked_at"`
	CreatedAt time.Time  `json:"created_at"`
	Secret    string     `json:"secret,omitempty" doc:"Only in the answer that made it, and not when the same Idempotency-Key comes again"`
}

func (s *Server) createToken(ctx context.Context, in *newInput[TokenBody]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, tokenKind, s.store.NewID(), "create", in.Body, access.ReadFirm)
	if err == nil {
		err = s.mayPassOn(r.actor, in.Body)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	token, hash := secret.NewToken()
	d, err := s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		t := Token{ID: r.id, Name: in.Body.Name, Scopes: orNone(in.Body.Scopes), ExpiresAt: in.Body.ExpiresAt, CreatedAt: s.store.Now().UTC()}
		err := q.InsertToken(ctx, db.InsertTokenParams{ID: t.ID, PersonID: r.actor.ID, Name: t.Name, SecretHash: hash, Scopes: t.Scopes, ExpiresAt: t.ExpiresAt})
		if err != nil {
			return nil, err
		}
		return t, r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, in.Body), "")
	})
	if err != nil {
		return nil, err
	}
	return s.shownOnce(d, r.id, token)
}

// shownOnce adds the secret to the answer of whoever made the token. What is
// kept for the Idempotency-Key has none.
func (s *Server) shownOnce(d *Done, made uuid.UUID, secret string) (*Done, error) {
	var t Token
	if err := json.Unmarshal(d.Body, &t); err != nil {
		return nil, s.refuse(err)
	}
	if t.ID == made {
		t.Secret = secret
		d.Body = postgres.JSON(t)
	}
	return d, nil
}

// mayPassOn refuses a token that could do more than the one it is made with,
// or that has ended before it began.
func (s *Server) mayPassOn(a access.Actor, b TokenBody) error {
	if b.ExpiresAt != nil && !b.ExpiresAt.After(s.store.Now()) {
		return fault.Wrong("expires_at", "is over")
	}
	if len(a.Scopes) == 0 {
		return nil
	}
	for _, scope := range b.Scopes {
		if !slices.Contains(a.Scopes, access.Scope(scope)) {
			return fault.New(fault.Forbidden, "this token may not %s, so it cannot make one that may", scope)
		}
	}
	if len(b.Scopes) == 0 {
		return fault.New(fault.Forbidden, "this token is limited, so it cannot make one without limits; name scopes")
	}
	return nil
}

func (s *Server) listTokens(ctx context.Context, in *struct{ PageInput }) (*PageOutput[Token], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Tokens(ctx, db.TokensParams{PersonID: actorOf(ctx).ID, After: c.ID, Page: in.Limit + 1})
	return page(in.PageInput, rows, func(t db.TokensRow) cursor { return cursor{ID: t.ID} }, tokenOf), err
}

func tokenOf(t db.TokensRow) Token {
	return Token{ID: t.ID, Name: t.Name, Scopes: t.Scopes, ExpiresAt: t.ExpiresAt, RevokedAt: t.RevokedAt, CreatedAt: t.CreatedAt}
}

func (s *Server) revokeToken(ctx context.Context, in *noBody) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, tokenKind, in.ID, "revoke", struct{}{}, access.ReadFirm)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		n, err := q.RevokeToken(ctx, db.RevokeTokenParams{ID: r.id, PersonID: r.actor.ID, Now: ptr(s.store.Now())})
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "you have no such token, or it was revoked before")
		}
		if err != nil {
			return nil, err
		}
		return struct{}{}, r.audited(ctx, s, q, 2, nil, "")
	})
}
