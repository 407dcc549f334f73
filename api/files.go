package api

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

const fileKind flow.Kind = "file"

// FileRemoved is the code for a file that was there once.
const FileRemoved fault.Code = "file_removed"

func (s *Server) fileRoutes() {
	write[File](s, uploads(op(http.MethodPost, "/tasks/{id}/files", "attach-file", "Attach a file to a task", http.StatusCreated)), s.attachFile)
	describeUpload(s.api.OpenAPI().Paths[base+"/tasks/{id}/files"].Post)
	write[File](s, uploads(op(http.MethodPost, "/requests/{id}/files", "attach-request-file", "Attach a file to a request", http.StatusCreated)), s.attachRequestFile)
	describeUpload(s.api.OpenAPI().Paths[base+"/requests/{id}/files"].Post)
	read(s, op(http.MethodGet, "/tasks/{id}/files", "list-files", "The files on a task, the oldest first", http.StatusOK), s.listFiles)
	read(s, downloads(op(http.MethodGet, "/files/{id}", "download-file", "A file's bytes; parts of it by Range", http.StatusOK)), s.downloadFile)
	write[File](s, mayBeGone(op(http.MethodPatch, "/files/{id}", "edit-file", "Say who may see a file", http.StatusOK)), s.editFile)
	write[File](s, mayBeGone(op(http.MethodDelete, "/files/{id}", "remove-file", "Remove a file: its bytes are deleted, that it was there stays known", http.StatusOK)), s.removeFile)
}

// mayBeGone documents that the file may have been removed.
func mayBeGone(o huma.Operation) huma.Operation {
	o.Errors = append(o.Errors, http.StatusGone)
	return o
}

// File is a file on a task (S1.20) or on a request (S1.58).
type File struct {
	ID          uuid.UUID  `json:"id"`
	TaskID      *uuid.UUID `json:"task_id,omitempty"`
	RequestID   *uuid.UUID `json:"request_id,omitempty"`
	AuthorID    uuid.UUID  `json:"author_id"`
	AuthorName  string     `json:"author_name" doc:"To a client's contact empty, where it is a contact of another organisation"`
	Name        string     `json:"name"`
	ContentType string     `json:"content_type" doc:"As told from its bytes" example:"image/png"`
	Size        int64      `json:"size" doc:"In bytes"`
	SHA256      string     `json:"sha256" doc:"In hexadecimal digits"`
	Visibility  string     `json:"visibility" enum:"internal,client"`
	CreatedAt   time.Time  `json:"created_at"`
	RemovedAt   *time.Time `json:"removed_at,omitempty" doc:"Its bytes are deleted since then"`
	RemovedBy   *uuid.UUID `json:"removed_by,omitempty"`
}

// FilePatch changes who may see a file.
type FilePatch struct {
	Visibility *string `json:"visibility,omitempty" enum:"internal,client"`
}

// KeyHeader comes with writes to what has no version.
type KeyHeader struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"The same key and body again gives the same answer and one effect"`
}

func fileOf(r db.AttachmentRow) File {
	return File{
		ID: r.ID, TaskID: r.TaskID, RequestID: r.RequestID, AuthorID: r.AuthorID, AuthorName: r.AuthorName, Name: r.Name, ContentType: r.ContentType, Size: r.Size, SHA256: hex.EncodeToString(r.SHA256),
		Visibility: r.Visibility, CreatedAt: r.CreatedAt, RemovedAt: r.RemovedAt, RemovedBy: r.RemovedBy,
	}
}

// oneFile reads a file; one that was removed is [FileRemoved].
func oneFile(ctx context.Context, q *db.Queries, id uuid.UUID) (File, error) {
	r, err := q.Attachment(ctx, id)
	if err == nil && r.RemovedAt != nil {
		err = fault.New(FileRemoved, "%s was removed", r.Name)
	}
	return fileOf(r), err
}

func (s *Server) listFiles(ctx context.Context, in *struct {
	ByID
	PageInput
}) (*PageOutput[File], error) {
	if outside(ctx) {
		return s.clientFiles(ctx, db.PortalFilesParams{TaskID: &in.ID}, in.PageInput)
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
	rows, err := s.store.AttachmentsOfTask(ctx, db.AttachmentsOfTaskParams{TaskID: in.ID, After: c.ID, Page: in.Limit + 1})
	return page(in.PageInput, rows, func(r db.AttachmentsOfTaskRow) cursor { return cursor{ID: r.ID} },
		func(r db.AttachmentsOfTaskRow) File { return fileOf(db.AttachmentRow(r)) }), err
}

func (s *Server) editFile(ctx context.Context, in *struct {
	ByID
	KeyHeader
	patched[FilePatch]
}) (*Done, error) {
	return s.changeFile(ctx, in.Key, in.ID, "edit", in.Body, func(f *File) { set(&f.Visibility, in.Body.Visibility) })
}

func (s *Server) removeFile(ctx context.Context, in *struct {
	ByID
	KeyHeader
}) (*Done, error) {
	by, now := actorOf(ctx).ID, s.store.Now()
	d, err := s.changeFile(ctx, in.Key, in.ID, "remove", Nothing{}, func(f *File) { f.RemovedAt, f.RemovedBy = &now, &by })
	if err == nil {
		s.deleteBytes(ctx, in.ID)
	}
	return d, err
}

// changeFile changes what is known of a file in one transaction.
func (s *Server) changeFile(ctx context.Context, key string, id uuid.UUID, verb string, body any, f func(*File)) (*Done, error) {
	r, err := s.content(ctx, WriteHeaders{Key: key}, fileKind, id, verb, body, access.ReadFirm)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		row, err := q.LockAttachment(ctx, id)
		if err != nil {
			return nil, err
		}
		before, err := oneFile(ctx, q, id)
		if err == nil {
			err = access.Can(r.actor, access.EditFile, onFile(before, row.AccountManagerID, r.actor))
		}
		if err != nil {
			return nil, err
		}
		after := before
		f(&after)
		changes := postgres.Diff(before, after)
		if len(changes) == 0 {
			return before, nil
		}
		err = q.UpdateAttachment(ctx, db.UpdateAttachmentParams{FileID: id, Visibility: after.Visibility, RemovedAt: after.RemovedAt, RemovedBy: after.RemovedBy})
		if err != nil {
			return nil, err
		}
		return after, r.audited(ctx, s, q, row.Version+1, changes, "")
	})
}

// onFile is how an actor stands to a file of a project.
func onFile(f File, manager uuid.UUID, a access.Actor) access.Relation {
	rel := amOf(manager, a)
	if f.AuthorID == a.ID {
		rel |= access.Self
	}
	return rel
}

// deleteBytes deletes the bytes of a file that nobody needs. What cannot be
// deleted now is swept later.
func (s *Server) deleteBytes(ctx context.Context, id uuid.UUID) {
	if err := s.files.Delete(context.WithoutCancel(ctx), postgres.AttachmentKey(id)); err != nil {
		s.log.WarnContext(ctx, "a file's bytes are deleted later", "file", id, "error", err)
	}
}
