package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// visibleOutside marks notes and files that the client sees.
const visibleOutside = "client"

func (s *Server) requestNoteRoutes() {
	write[Note](s, op(http.MethodPost, "/requests/{id}/notes", "add-request-note", "Write a note on a request; what the client writes everybody on it can read", http.StatusCreated), s.addRequestNote)
	read(s, op(http.MethodGet, "/requests/{id}/notes", "list-request-notes", "The notes of a request, the oldest first; to the client those that it may see", http.StatusOK), s.listRequestNotes)
	read(s, op(http.MethodGet, "/requests/{id}/files", "list-request-files", "The files on a request, the oldest first; to the client those that it may see", http.StatusOK), s.listRequestFiles)
}

func (s *Server) addRequestNote(ctx context.Context, in *oneInput[NoteBody]) (*Done, error) {
	note := in.Body
	if !actorOf(ctx).Staff {
		note.Visibility = visibleOutside // what the client writes it sees
	}
	body := struct {
		RequestID uuid.UUID `json:"request_id"`
		NoteBody
	}{in.ID, note}
	r, err := s.newRequest(ctx, in.WriteHeaders, noteKind, s.store.NewID(), "create", body)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if err := s.mayNote(ctx, q, r, in.ID); err != nil {
			return nil, err
		}
		err := q.InsertRequestNote(ctx, db.InsertRequestNoteParams{ID: r.id, RequestID: in.ID, AuthorID: r.actor.ID, Body: note.Body, Visibility: note.Visibility})
		if err == nil {
			err = r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, body), "")
		}
		if err == nil && note.Visibility == visibleOutside {
			err = s.noteSeen(ctx, q, r, in.ID, note.Body)
		}
		if err != nil {
			return nil, err
		}
		n, err := q.LockNote(ctx, r.id)
		return noteOf(n), err
	})
}

// mayNote locks a request, and asks for the right to write on it.
func (s *Server) mayNote(ctx context.Context, q *db.Queries, r request, id uuid.UUID) error {
	if err := q.LockRequest(ctx, id); err != nil {
		return err
	}
	v, err := postgres.OneRequest(ctx, q, id)
	if err == nil && access.Can(r.actor, access.ReadRequest, v.Relation(r.actor)) != nil {
		err = fault.New(fault.NotFound, "there is no such request")
	}
	if err != nil {
		return err
	}
	return access.Can(r.actor, access.NoteRequest, v.Relation(r.actor))
}

// noteSeen does what follows from a note that the client can read: the first
// one by the staff is the response, one by the client ends the waiting for it
// (N.20); and who should hear of it does.
func (s *Server) noteSeen(ctx context.Context, q *db.Queries, r request, id uuid.UUID, text string) error {
	if err := q.LockRequest(ctx, id); err != nil {
		return err
	}
	v, err := postgres.OneRequest(ctx, q, id)
	if err != nil {
		return err
	}
	byClient := !r.actor.Staff
	before := postgres.RequestMachine(v.Facts)
	after := before.Noted(byClient, work.Facts{Now: s.store.Now(), ActorID: r.actor.ID})
	if before.Waiting != after.Waiting || (before.RespondedAt == nil) != (after.RespondedAt == nil) {
		if err := s.writePromise(ctx, q, r, v, after); err != nil {
			return err
		}
	}
	return s.tellOfNote(ctx, q, r, v, after, text)
}

// writePromise keeps how far a promise is kept, and lets the process know.
func (s *Server) writePromise(ctx context.Context, q *db.Queries, r request, v postgres.Request, after work.Request) error {
	if err := q.WriteRequest(ctx, postgres.RequestColumns(after)); err != nil {
		return err
	}
	changes, verb := map[string]postgres.Change{"responded": {nil, true}}, "respond"
	if v.WaitingForClient {
		changes, verb = map[string]postgres.Change{"waiting_for_client": {true, nil}}, "resume"
	}
	err := s.store.Audit(ctx, q, postgres.Event{
		Actor: &r.actor.ID, Kind: string(flow.Request), ID: v.ID, Verb: verb, Version: v.Version + 1, Changes: changes, Source: r.source,
	})
	if err != nil {
		return err
	}
	return q.InsertOutbox(ctx, string(flow.Request), v.ID)
}

func (s *Server) tellOfNote(ctx context.Context, q *db.Queries, r request, v postgres.Request, after work.Request, text string) error {
	var audience work.Audience
	if g := v.Facts.AssigneeGroupID; g != nil {
		row, err := q.GroupForWork(ctx, *g)
		if err != nil {
			return err
		}
		audience = postgres.Audience(row)
	}
	told := work.RequestNoted(after, r.actor.ID, !r.actor.Staff, audience)
	return s.store.Tell(ctx, q, r.actor, postgres.News{About: string(flow.Request), ID: v.ID, NoteID: r.id, Name: v.Key + " " + v.Title, Note: text, Told: told})
}

func (s *Server) listRequestNotes(ctx context.Context, in *projectPage) (*PageOutput[Note], error) {
	if outside(ctx) {
		return s.clientNotes(ctx, db.PortalNotesParams{RequestID: &in.ID}, in.PageInput)
	}
	c, err := in.after()
	if err == nil {
		_, err = s.seenRequest(ctx, in.ID)
	}
	if err != nil {
		return nil, err
	}
	rows, err := s.store.NotesOfRequest(ctx, db.NotesOfRequestParams{RequestID: in.ID, After: c.ID, Page: in.Limit + 1})
	return page(in.PageInput, rows, func(n db.NotesOfRequestRow) cursor { return cursor{ID: n.ID} },
		func(n db.NotesOfRequestRow) Note { return noteOf(db.LockNoteRow(n)) }), err
}

func (s *Server) listRequestFiles(ctx context.Context, in *projectPage) (*PageOutput[File], error) {
	if outside(ctx) {
		return s.clientFiles(ctx, db.PortalFilesParams{RequestID: &in.ID}, in.PageInput)
	}
	c, err := in.after()
	if err == nil {
		_, err = s.seenRequest(ctx, in.ID)
	}
	if err != nil {
		return nil, err
	}
	rows, err := s.store.AttachmentsOfRequest(ctx, db.AttachmentsOfRequestParams{RequestID: in.ID, After: c.ID, Page: in.Limit + 1})
	return page(in.PageInput, rows, func(r db.AttachmentsOfRequestRow) cursor { return cursor{ID: r.ID} },
		func(r db.AttachmentsOfRequestRow) File { return fileOf(db.AttachmentRow(r)) }), err
}
