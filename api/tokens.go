package api

import (
	"context"
	"encoding/json"
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

func (s *Server) tokenRoutes() {
	write[Token](s, op(http.MethodPost, "/tokens", "create-token", "Make a token for a program; its secret is answered only this once", http.StatusCreated), s.createToken)
	read(s, op(http.MethodGet, "/tokens", "list-tokens", "List your tokens, the oldest first", http.StatusOK), s.listTokens)
	write[Nothing](s, op(http.MethodDelete, "/tokens/{id}", "revoke-token", "End a token of yours, or as an admin anybody's", http.StatusOK), s.revokeToken)
	read(s, op(http.MethodGet, "/users/{id}/tokens", "list-user-tokens", "For admins: somebody's tokens, the oldest first", http.StatusOK), s.listTokensOf)
}

// TokenBody asks for a token (N.15).
type TokenBody struct {
	Name      string       `json:"name" minLength:"1" maxLength:"200" pattern:"\\S" doc:"What it is for"`
	Scopes    []TokenScope `json:"scopes,omitempty" maxItems:"30" doc:"What it may do; none: all that you may"`
	ExpiresAt *time.Time   `json:"expires_at,omitempty" doc:"Never, if left out"`
}

// Token is a secret for a program, without the secret.
type Token struct {
	ID        uuid.UUID  `json:"id"`
	Name      string     `json:"name"`
	Scopes    []string   `json:"scopes" doc:"None: all"`
	ExpiresAt *time.Time `json:"expires_at"`
	RevokedAt *time.Time `json:"revoked_at"`
	CreatedAt time.Time  `json:"created_at"`
	UsedAt    *time.Time `json:"used_at" doc:"Used last, to the hour"`
	Secret    string     `json:"secret,omitempty" doc:"Only in the answer that made it, and not when the same Idempotency-Key comes again"`
}

func (s *Server) createToken(ctx context.Context, in *newInput[TokenBody]) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, tokenKind, s.store.NewID(), "create", in.Body)
	if err == nil {
		err = s.mayPassOn(r.actor, in.Body)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	token, hash := secret.NewToken()
	d, err := s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		t := Token{ID: r.id, Name: in.Body.Name, Scopes: scopesOf(in.Body.Scopes), ExpiresAt: utc(in.Body.ExpiresAt), CreatedAt: s.store.Now().UTC()}
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

// mayPassOn refuses a token that could do more than the one it is made with, or
// do it for longer, or that has ended before it began (N.15).
func (s *Server) mayPassOn(a access.Actor, b TokenBody) error {
	if b.ExpiresAt != nil && !b.ExpiresAt.After(s.store.Now()) {
		return fault.Wrong("expires_at", "is over")
	}
	if a.Ends != nil && (b.ExpiresAt == nil || b.ExpiresAt.After(*a.Ends)) {
		return fault.New(fault.Forbidden, "this token ends at %s, so it cannot make one that lasts longer; name expires_at", a.Ends.UTC().Format(time.RFC3339))
	}
	if !a.Limited() {
		return nil
	}
	for _, scope := range b.Scopes {
		if !a.Covers(access.Scope(scope)) {
			return fault.New(fault.Forbidden, "this token does not reach as far as %s, so it cannot make one that does", scope)
		}
	}
	if len(b.Scopes) == 0 {
		return fault.New(fault.Forbidden, "this token is limited, so it cannot make one without limits; name scopes")
	}
	return nil
}

// scopesOf are the scopes as they are kept, each once.
func scopesOf(asked []TokenScope) []string {
	scopes := make([]string, len(asked))
	for i, s := range asked {
		scopes[i] = string(s)
	}
	return distinct(scopes)
}

func (s *Server) listTokens(ctx context.Context, in *struct{ PageInput }) (*PageOutput[Token], error) {
	return s.tokensOf(ctx, in.PageInput, actorOf(ctx).ID)
}

func (s *Server) listTokensOf(ctx context.Context, in *struct {
	ByID
	PageInput
}) (*PageOutput[Token], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	if err := can(ctx, access.ManagePeople); err != nil {
		return nil, err
	}
	if _, err := s.store.Person(ctx, in.ID); err != nil {
		return nil, err
	}
	return s.tokensOf(ctx, in.PageInput, in.ID)
}

func (s *Server) tokensOf(ctx context.Context, in PageInput, person uuid.UUID) (*PageOutput[Token], error) {
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Tokens(ctx, db.TokensParams{PersonID: person, After: c.ID, Page: in.Limit + 1})
	return page(in, rows, func(t db.TokensRow) cursor { return cursor{ID: t.ID} }, tokenOf), err
}

func tokenOf(t db.TokensRow) Token {
	return Token{ID: t.ID, Name: t.Name, Scopes: t.Scopes, ExpiresAt: t.ExpiresAt, RevokedAt: t.RevokedAt, CreatedAt: t.CreatedAt, UsedAt: t.UsedAt}
}

func (s *Server) revokeToken(ctx context.Context, in *noBody) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, tokenKind, in.ID, "revoke", struct{}{})
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		owner, err := revoked(ctx, q, r, s.store.Now())
		if errors.Is(err, pgx.ErrNoRows) {
			err = fault.New(fault.NotFound, "you have no such token, or it was revoked before")
		}
		if err != nil {
			return nil, err
		}
		note := ""
		if owner != r.actor.ID {
			note = "the token of " + owner.String()
		}
		return struct{}{}, r.audited(ctx, s, q, 2, nil, note)
	})
}

// revoked ends a token and says whose it was: one's own, or for admins any.
func revoked(ctx context.Context, q *db.Queries, r request, now time.Time) (uuid.UUID, error) {
	if access.Can(r.actor, access.ManagePeople, 0) == nil {
		return q.RevokeTokenOfAnybody(ctx, &now, r.id)
	}
	n, err := q.RevokeToken(ctx, db.RevokeTokenParams{ID: r.id, PersonID: r.actor.ID, Now: &now})
	if err == nil && n == 0 {
		err = pgx.ErrNoRows
	}
	return r.actor.ID, err
}
