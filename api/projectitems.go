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
	"steward/internal/work"
)

const itemKind flow.Kind = "project_item"

func (s *Server) projectItemRoutes() {
	read(s, op(http.MethodGet, "/projects/{id}/items", "project-items", "The change requests and issues of a project, the oldest first", http.StatusOK), s.projectItems)
	write[ProjectItem](s, op(http.MethodPost, "/projects/{id}/items/{item}/status", "set-project-item-status", "Say that a change request or an issue is done, dropped or open again", http.StatusOK), s.setItemStatus)
}

// ProjectItem is a change request or an issue of a project, made from a request
// (S2.12).
type ProjectItem struct {
	ID          uuid.UUID     `json:"id"`
	ProjectID   uuid.UUID     `json:"project_id"`
	RequestID   uuid.UUID     `json:"request_id" doc:"What it was made from"`
	Kind        work.ItemKind `json:"kind" enum:"change_request,project_issue"`
	Title       string        `json:"title"`
	Description string        `json:"description" doc:"Markdown"`
	Priority    int16         `json:"priority"`
	Status      string        `json:"status" enum:"open,done,dropped"`
	CreatedBy   uuid.UUID     `json:"created_by"`
	CreatedAt   time.Time     `json:"created_at"`
	Version     int32         `json:"version"`
}

// ItemStatus is where a change request or an issue is.
type ItemStatus struct {
	Status string `json:"status" enum:"open,done,dropped"`
	Note   string `json:"note,omitempty" maxLength:"20000"`
}

func itemOf(i db.ProjectItem) ProjectItem {
	return ProjectItem{
		ID: i.ID, ProjectID: i.ProjectID, RequestID: i.RequestID, Kind: work.ItemKind(i.Kind), Title: i.Title, Description: i.Description,
		Priority: i.Priority, Status: i.Status, CreatedBy: i.CreatedBy, CreatedAt: i.CreatedAt, Version: i.Version,
	}
}

func (s *Server) projectItems(ctx context.Context, in *projectPage) (*PageOutput[ProjectItem], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	if _, err := s.store.Project(ctx, in.ID); err != nil {
		return nil, err
	}
	rows, err := s.store.ProjectItems(ctx, db.ProjectItemsParams{ProjectID: in.ID, After: c.ID, Page: in.Limit + 1})
	return page(in.PageInput, rows, func(i db.ProjectItem) cursor { return cursor{ID: i.ID} }, itemOf), err
}

func (s *Server) setItemStatus(ctx context.Context, in *struct {
	ByID
	Item uuid.UUID `path:"item"`
	WriteHeaders
	Body ItemStatus
}) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, itemKind, in.Item, "status", in.Body)
	if err == nil {
		err = see(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		p, err := q.Project(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		row, err := q.LockProjectItem(ctx, in.Item)
		if err == nil && row.ProjectID != p.ID {
			err = pgx.ErrNoRows
		}
		if err == nil {
			err = r.fresh(row.Version)
		}
		if err == nil {
			err = access.Can(r.actor, access.ManageItem, amOf(p.AccountManagerID, r.actor))
		}
		if err != nil || row.Status == in.Body.Status {
			return itemOf(row), err
		}
		if err := q.SetProjectItemStatus(ctx, in.Body.Status, row.ID); err != nil {
			return nil, err
		}
		after := itemOf(row)
		after.Status, after.Version = in.Body.Status, row.Version+1
		return after, r.audited(ctx, s, q, after.Version, map[string]postgres.Change{"status": {row.Status, after.Status}}, in.Body.Note)
	})
}
