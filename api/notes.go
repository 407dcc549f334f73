package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

const noteKind flow.Kind = "note"

func (s *Server) noteRoutes() {
	write[Note](s, op(http.MethodPost, "/tasks/{id}/notes", "add-note", "Write a note on a task", http.StatusCreated), s.addNote)
	read(s, op(http.MethodGet, "/tasks/{id}/notes", "list-notes", "The notes of a task, the oldest first", http.StatusOK), s.listNotes)
	write[Note](s, op(http.MethodPatch, "/notes/{id}", "edit-note", "Change your note; what it said before is kept", http.StatusOK), s.editNote)
	read(s, op(http.MethodGet, "/notes/{id}/versions", "note-versions", "What a note said before, the oldest first, and at last what it says now", http.StatusOK), s.noteVersions)
}

// Note is a text on a task (S1.18) or on a request (S1.58).
type Note struct {
	ID         uuid.UUID  `json:"id"`
	TaskID     *uuid.UUID `json:"task_id,omitempty"`
	RequestID  *uuid.UUID `json:"request_id,omitempty"`
	AuthorID   uuid.UUID  `json:"author_id"`
	AuthorName string     `json:"author_name" doc:"To a client's contact empty, where it is a contact of another organisation"`
	Body       string     `json:"body" doc:"Markdown"`
	Visibility string     `json:"visibility" enum:"internal,client"`
	CreatedAt  time.Time  `json:"created_at"`
	EditedAt   *time.Time `json:"edited_at"`
	Version    int32      `json:"version"`
}

// NoteBody is a new note.
type NoteBody struct {
	Body       string `json:"body" minLength:"1" maxLength:"50000" pattern:"\\S" doc:"Markdown"`
	Visibility string `json:"visibility,omitempty" enum:"internal,client" default:"internal" doc:"Who may see it"`
}

// NotePatch changes the given parts of a note.
type NotePatch struct {
	Body       *string `json:"body,omitempty" minLength:"1" maxLength:"50000" pattern:"\\S"`
	Visibility *string `json:"visibility,omitempty" enum:"internal,client"`
}

// NoteVersion is what a note said at a time (S1.19).
type NoteVersion struct {
	Version    int32     `json:"version"`
	Body       string    `json:"body"`
	Visibility string    `json:"visibility"`
	AuthorID   uuid.UUID `json:"author_id"`
	AuthorName string    `json:"author_name"`
	WrittenAt  time.Time `json:"written_at"`
}

func noteOf(n db.LockNoteRow) Note {
	return Note{n.ID, n.TaskID, n.RequestID, n.AuthorID, n.AuthorName, n.Body, n.Visibility, n.CreatedAt, n.EditedAt, n.Version}
}

func (s *Server) addNote(ctx context.Context, in *oneInput[NoteBody]) (*Done, error) {
	note := in.Body
	if outside(ctx) {
		note.Visibility = visibleOutside // what the client writes it sees
	}
	// The task is part of what makes two requests the same; the note's id is not.
	body := struct {
		TaskID uuid.UUID `json:"task_id"`
		NoteBody
	}{in.ID, note}
	r, err := s.newRequest(ctx, in.WriteHeaders, noteKind, s.store.NewID(), "create", body)
	if err == nil {
		err = s.seeTask(ctx, in.ID)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.TaskForAction(ctx, in.ID); err != nil {
			return nil, err
		}
		err := q.InsertNote(ctx, db.InsertNoteParams{ID: r.id, TaskID: in.ID, AuthorID: r.actor.ID, Body: note.Body, Visibility: note.Visibility})
		if err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, body), ""); err != nil {
			return nil, err
		}
		if err := s.tellOfAddition(ctx, q, r, in.ID, addition{what: "note", note: r.id, visibility: note.Visibility, text: note.Body}); err != nil {
			return nil, err
		}
		n, err := q.LockNote(ctx, r.id)
		return noteOf(n), err
	})
}

func (s *Server) editNote(ctx context.Context, in *patchInput[NotePatch]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, noteKind, in.ID, "edit", in.Body, access.WriteNote)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		row, err := q.LockNote(ctx, r.id)
		if err == nil {
			err = r.fresh(row.Version)
		}
		if err == nil {
			err = access.Can(r.actor, access.EditNote, authorOf(row, r.actor))
		}
		if err != nil {
			return nil, err
		}
		before := noteOf(row)
		after := before
		set(&after.Body, in.Body.Body)
		set(&after.Visibility, in.Body.Visibility)
		changes := postgres.Diff(before, after)
		if len(changes) == 0 {
			return before, nil
		}
		if before.Visibility != after.Visibility && after.Visibility == visibleOutside {
			if err := s.shown(ctx, q, r, after); err != nil {
				return nil, err
			}
		}
		return s.keepNote(ctx, q, r, after, changes)
	})
}

// shown does what follows when a note becomes visible to the client.
func (s *Server) shown(ctx context.Context, q *db.Queries, r request, n Note) error {
	if n.RequestID != nil {
		return s.noteSeen(ctx, q, r, *n.RequestID, n.Body)
	}
	return s.tellOfAddition(ctx, q, r, *n.TaskID, addition{what: "note", note: n.ID, visibility: n.Visibility, text: n.Body, shown: true})
}

func authorOf(n db.LockNoteRow, a access.Actor) access.Relation {
	if n.AuthorID == a.ID {
		return access.Self
	}
	return 0
}

// keepNote writes a changed note over what it said, which is kept (S1.19).
func (s *Server) keepNote(ctx context.Context, q *db.Queries, r request, n Note, changes map[string]postgres.Change) (any, error) {
	if err := q.KeepNoteVersion(ctx, n.ID); err != nil {
		return nil, err
	}
	if err := q.UpdateNote(ctx, db.UpdateNoteParams{ID: n.ID, Body: n.Body, Visibility: n.Visibility, EditedAt: ptr(s.store.Now())}); err != nil {
		return nil, err
	}
	if n.Visibility != visibleOutside {
		if err := q.HideNote(ctx, n.ID); err != nil {
			return nil, err
		}
	}
	if err := r.audited(ctx, s, q, n.Version+1, changes, ""); err != nil {
		return nil, err
	}
	row, err := q.LockNote(ctx, n.ID)
	return noteOf(row), err
}

func (s *Server) listNotes(ctx context.Context, in *struct {
	ByID
	PageInput
}) (*PageOutput[Note], error) {
	if outside(ctx) {
		return s.clientNotes(ctx, db.PortalNotesParams{TaskID: &in.ID}, in.PageInput)
	}
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	if _, err := s.store.TaskForAction(ctx, in.ID); err != nil {
		return nil, err
	}
	rows, err := s.store.NotesOfTask(ctx, db.NotesOfTaskParams{TaskID: in.ID, After: c.ID, Page: in.Limit + 1})
	return page(in.PageInput, rows, func(n db.NotesOfTaskRow) cursor { return cursor{ID: n.ID} },
		func(n db.NotesOfTaskRow) Note { return noteOf(db.LockNoteRow(n)) }), err
}

func (s *Server) noteVersions(ctx context.Context, in *ByID) (*PageOutput[NoteVersion], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	rows, err := s.store.NoteVersions(ctx, in.ID)
	if err == nil && len(rows) == 0 {
		err = pgx.ErrNoRows // there is no note: it would be its own version
	}
	return all(rows, func(v db.NoteVersionsRow) NoteVersion { return NoteVersion(v) }), err
}
