package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/story"
)

func (s *Server) auditRoutes() {
	read(s, op(http.MethodGet, "/audit", "list-audit", "Who did what, the newest first", http.StatusOK), s.listAudit)
	read(s, op(http.MethodGet, "/invoices/{id}/history", "invoice-history", "Who did what to an invoice, the newest first", http.StatusOK), s.invoiceHistory)
}

// AuditEvent is who did what, when, from where, before and after (N.14).
type AuditEvent struct {
	ID         uuid.UUID       `json:"id"`
	At         time.Time       `json:"at"`
	ActorID    *uuid.UUID      `json:"actor_id" doc:"Null for steward itself or an operator's command"`
	ActorName  string          `json:"actor_name,omitempty"`
	EntityKind string          `json:"entity_kind" example:"task"`
	EntityID   uuid.UUID       `json:"entity_id"`
	EntityName string          `json:"entity_name,omitempty" doc:"What people call it now, or what it is of; left out where it is gone or has no name" example:"ACME-12 Analysis"`
	Verb       string          `json:"verb" example:"assign"`
	Version    int32           `json:"version" doc:"Of the thing, after"`
	Changes    json.RawMessage `json:"changes" doc:"Each changed field with its value before and after"`
	Note       string          `json:"note,omitempty"`
	Source     string          `json:"source,omitempty" doc:"An address, or the command that did it"`
	Text       string          `json:"text" doc:"What happened, as a sentence for people; it may be put better any day" example:"Ann Lee changed the priority from 3 to 1"`
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

func (s *Server) invoiceHistory(ctx context.Context, in *struct {
	ByID
	PageInput
}) (*PageOutput[AuditEvent], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	if _, err := s.store.Invoice(ctx, in.ID); err != nil {
		return nil, err
	}
	return s.auditPage(ctx, in.PageInput, db.AuditEventsParams{EntityKind: ptr(string(flow.Invoice)), EntityID: &in.ID})
}

// auditPage reads a page of events, the newest first, each with its sentence.
func (s *Server) auditPage(ctx context.Context, p PageInput, q db.AuditEventsParams) (*PageOutput[AuditEvent], error) {
	var err error
	if q.Before, err = p.before(); err != nil {
		return nil, err
	}
	q.Page = p.Limit + 1
	rows, err := s.events(ctx, q)
	if err != nil {
		return nil, err
	}
	if q.EntityKind != nil && *q.EntityKind == string(flow.Project) {
		hideChangedPrices(ctx, rows)
	}
	names, err := s.names(ctx, rows)
	if err != nil {
		return nil, err
	}
	things, err := s.things(ctx, rows)
	return page(p, rows, func(r db.AuditEventsRow) cursor { return cursor{ID: r.ID} }, func(r db.AuditEventsRow) AuditEvent { return auditOf(r, names, things) }), err
}

// events reads what happened; to a task or request also what happened to its
// notes and files (S1.17).
func (s *Server) events(ctx context.Context, q db.AuditEventsParams) ([]db.AuditEventsRow, error) {
	if q.EntityKind != nil && *q.EntityKind == string(flow.Request) {
		found, err := s.store.Lists.RequestEvents(ctx, db.RequestEventsParams{RequestID: *q.EntityID, Before: q.Before, Page: q.Page})
		rows := make([]db.AuditEventsRow, len(found))
		for i, r := range found {
			rows[i] = db.AuditEventsRow(r)
		}
		return rows, err
	}
	if q.EntityKind == nil || *q.EntityKind != string(flow.Task) {
		return s.store.Lists.AuditEvents(ctx, q)
	}
	found, err := s.store.Lists.TaskEvents(ctx, db.TaskEventsParams{TaskID: *q.EntityID, Before: q.Before, Page: q.Page})
	rows := make([]db.AuditEventsRow, len(found))
	for i, r := range found {
		rows[i] = db.AuditEventsRow(r)
	}
	return rows, err
}

// names are what the sentences of a page call things, in one query.
func (s *Server) names(ctx context.Context, rows []db.AuditEventsRow) (story.Names, error) {
	var ids []uuid.UUID
	for _, r := range rows {
		ids = append(ids, story.IDs(told(r))...)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := s.store.Names(ctx, ids)
	names := make(story.Names, len(found))
	for _, f := range found {
		names[f.ID] = f.Name
	}
	return names, err
}

// things are what people call what the events of a page happened to, in one query.
func (s *Server) things(ctx context.Context, rows []db.AuditEventsRow) (story.Names, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.EntityID
	}
	found, err := s.store.EntityNames(ctx, ids)
	names := make(story.Names, len(found))
	for _, f := range found {
		names[f.ID] = f.Name
	}
	return names, err
}

// told is an event as far as its sentence needs it.
func told(r db.AuditEventsRow) story.Event {
	who := r.ActorName
	if r.ActorID == nil && (r.Source == "command line" || r.Verb == "imported") {
		who = "an operator"
	}
	return story.Event{Actor: who, Kind: r.EntityKind, ID: r.EntityID, Verb: r.Verb, Changes: r.Changes, Note: r.Note}
}

func auditOf(r db.AuditEventsRow, names, things story.Names) AuditEvent {
	return AuditEvent{
		ID: r.ID, At: r.At, ActorID: r.ActorID, ActorName: r.ActorName, EntityKind: r.EntityKind, EntityID: r.EntityID, EntityName: things[r.EntityID],
		Verb: r.Verb, Version: r.Version, Changes: r.Changes, Note: r.Note, Source: r.Source, Text: story.Of(told(r), names),
	}
}
