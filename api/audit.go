package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) auditRoutes() {
	read(s, op(http.MethodGet, "/audit", "list-audit", "Who did what, the newest first", http.StatusOK), s.listAudit)
}

// AuditEvent is who did what, when, from where, before and after (N.14).
type AuditEvent struct {
	ID         uuid.UUID       `json:"id"`
	At         time.Time       `json:"at"`
	ActorID    *uuid.UUID      `json:"actor_id" doc:"Null for steward itself or an operator's command"`
	ActorName  string          `json:"actor_name,omitempty"`
	EntityKind string          `json:"entity_kind" example:"task"`
	EntityID   uuid.UUID       `json:"entity_id"`
	Verb       string          `json:"verb" example:"assign"`
	Version    int32           `json:"version" doc:"Of the thing, after"`
	Changes    json.RawMessage `json:"changes" doc:"Each changed field with its value before and after"`
	Note       string          `json:"note,omitempty"`
	Source     string          `json:"source,omitempty" doc:"An address, or the command that did it"`
}

type auditInput struct {
	PageInput
	Entity string `query:"entity" doc:"The id of a thing"`
	Actor  string `query:"actor" doc:"me, or a person's id"`
	From   string `query:"from" doc:"A date, or an instant in RFC 3339; earlier events are left out"`
}

func (s *Server) listAudit(ctx context.Context, in *auditInput) (*PageOutput[AuditEvent], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	if err := can(ctx, access.ReadAudit); err != nil {
		return nil, err
	}
	var q db.AuditEventsParams
	var err error
	if q.EntityID, err = optionalID("entity", in.Entity); err != nil {
		return nil, err
	}
	if q.ActorID, err = optionalPerson(ctx, "actor", in.Actor); err != nil {
		return nil, err
	}
	if in.From != "" {
		if q.FromID, err = fromInstant(in.From); err != nil {
			return nil, err
		}
	}
	return s.auditPage(ctx, in.PageInput, q)
}

// fromInstant reads an instant, or a date as its first instant in UTC, as the
// first id that an event of then or later can have.
func fromInstant(s string) (uuid.UUID, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil {
			return postgres.FirstID(at), nil
		}
	}
	return uuid.Nil, wrongFilter("from", "%q is neither a date nor an instant like 2026-11-22T09:00:00Z", s)
}

// optionalPerson reads a filter that names a person, or the caller as "me".
func optionalPerson(ctx context.Context, name, value string) (*uuid.UUID, error) {
	if value == "me" {
		return ptr(actorOf(ctx).ID), nil
	}
	return optionalID(name, value)
}

// auditPage reads a page of events, the newest first.
func (s *Server) auditPage(ctx context.Context, p PageInput, q db.AuditEventsParams) (*PageOutput[AuditEvent], error) {
	c, err := p.after()
	if err != nil {
		return nil, err
	}
	if q.Before = c.ID; c.ID == uuid.Nil {
		q.Before = uuid.Max
	}
	q.Page = p.Limit + 1
	rows, err := s.store.Lists.AuditEvents(ctx, q)
	return page(p, rows, func(r db.AuditEventsRow) cursor { return cursor{ID: r.ID} }, auditOf), err
}

func auditOf(r db.AuditEventsRow) AuditEvent {
	return AuditEvent{
		ID: r.ID, At: r.At, ActorID: r.ActorID, ActorName: r.ActorName, EntityKind: r.EntityKind, EntityID: r.EntityID,
		Verb: r.Verb, Version: r.Version, Changes: r.Changes, Note: r.Note, Source: r.Source,
	}
}
