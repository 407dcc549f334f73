package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

const templateKind flow.Kind = "template"

func (s *Server) templateRoutes() {
	write[postgres.Template](s, op(http.MethodPost, "/projects/{id}/save-as-template", "save-as-template", "Make a template of a project: its tasks, without people, time, notes and files", http.StatusCreated), s.saveAsTemplate)
	read(s, op(http.MethodGet, "/templates", "list-templates", "List templates, the oldest first", http.StatusOK), s.listTemplates)
	read(s, op(http.MethodGet, "/templates/{id}", "get-template", "One template with its tasks", http.StatusOK), s.getTemplate)
	write[postgres.Template](s, op(http.MethodPatch, "/templates/{id}", "edit-template", "Change a template's words", http.StatusOK), s.editTemplate)
	write[postgres.Template](s, op(http.MethodDelete, "/templates/{id}", "remove-template", "Remove a template; projects made from it stay", http.StatusOK), s.removeTemplate)
}

// TemplateBody names a new template.
type TemplateBody struct {
	Name        string `json:"name" minLength:"1" maxLength:"200" pattern:"\\S"`
	Description string `json:"description,omitempty" maxLength:"20000"`
}

// TemplatePatch changes the given fields of a template.
type TemplatePatch struct {
	Name        *string `json:"name,omitempty" minLength:"1" maxLength:"200" pattern:"\\S"`
	Description *string `json:"description,omitempty" maxLength:"20000"`
}

func (s *Server) saveAsTemplate(ctx context.Context, in *oneInput[TemplateBody]) (*Done, error) {
	body := struct {
		ProjectID uuid.UUID `json:"project_id"`
		TemplateBody
	}{in.ID, in.Body}
	r, err := s.newRequest(ctx, in.WriteHeaders, templateKind, s.store.NewID(), "create", body)
	if err == nil {
		err = see(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		p, err := postgres.OneProject(ctx, q, in.ID)
		if err == nil {
			err = access.Can(r.actor, access.EditProject, amOf(p.AccountManagerID, r.actor))
		}
		if err == nil {
			err = r.fresh(p.Version)
		}
		if err != nil {
			return nil, err
		}
		tasks, err := postgres.ProjectPatterns(ctx, q, p)
		if err != nil {
			return nil, err
		}
		err = q.InsertTemplate(ctx, db.InsertTemplateParams{ID: r.id, Name: in.Body.Name, Description: in.Body.Description,
			WorkStatement: postgres.JSON(p.WorkStatement), CreatedBy: r.actor.ID, CreatedAt: s.store.Now()})
		if err != nil {
			return nil, err
		}
		if err := postgres.InsertPatterns(ctx, q, r.id, tasks); err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, body), ""); err != nil {
			return nil, err
		}
		t, err := postgres.OneTemplate(ctx, q, r.id)
		hidePrices(ctx, &t.WorkStatement)
		return t, err
	})
}

type listTemplatesInput struct {
	PageInput
	Search string `query:"q" maxLength:"200" doc:"Part of the name"`
}

func (s *Server) listTemplates(ctx context.Context, in *listTemplatesInput) (*PageOutput[postgres.Template], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.Templates(ctx, db.TemplatesParams{After: c.ID, Page: in.Limit + 1, Search: searchText(in.Search)})
	return page(in.PageInput, rows, func(r db.TemplatesRow) cursor { return cursor{ID: r.ID} }, func(r db.TemplatesRow) postgres.Template {
		t := postgres.TemplateOf(r)
		hidePrices(ctx, &t.WorkStatement)
		return t
	}), err
}

func (s *Server) getTemplate(ctx context.Context, in *ByID) (*One[postgres.Template], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	t, err := postgres.OneTemplate(ctx, s.store.Queries, in.ID)
	hidePrices(ctx, &t.WorkStatement)
	return one(t, t.Version), err
}

func (s *Server) editTemplate(ctx context.Context, in *patchInput[TemplatePatch]) (*Done, error) {
	return s.changeTemplate(ctx, in.WriteHeaders, in.ID, "edit", in.Body, func(q *db.Queries, t postgres.Template) (map[string]postgres.Change, error) {
		before := t
		set(&t.Name, in.Body.Name)
		set(&t.Description, in.Body.Description)
		changes := postgres.Diff(before, t)
		if len(changes) == 0 {
			return nil, nil
		}
		return changes, q.UpdateTemplate(ctx, db.UpdateTemplateParams{ID: t.ID, Name: t.Name, Description: t.Description})
	})
}

func (s *Server) removeTemplate(ctx context.Context, in *noBody) (*Done, error) {
	return s.changeTemplate(ctx, in.WriteHeaders, in.ID, "remove", struct{}{}, func(q *db.Queries, t postgres.Template) (map[string]postgres.Change, error) {
		return map[string]postgres.Change{"name": {t.Name, nil}}, q.DeleteTemplate(ctx, t.ID)
	})
}

// changeTemplate changes or removes a template in one transaction; f says what
// changed. The answer to a removal is the template as it was.
func (s *Server) changeTemplate(ctx context.Context, h WriteHeaders, id uuid.UUID, verb string, body any, f func(*db.Queries, postgres.Template) (map[string]postgres.Change, error)) (*Done, error) {
	r, err := s.newRequest(ctx, h, templateKind, id, verb, body)
	if err == nil {
		err = see(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if err := q.LockTemplate(ctx, r.id); err != nil {
			return nil, err
		}
		before, err := postgres.OneTemplate(ctx, q, r.id)
		if err == nil {
			err = access.Can(r.actor, access.EditTemplate, selfOf(before.CreatedBy, r.actor))
		}
		if err == nil {
			err = r.fresh(before.Version)
		}
		if err != nil {
			return nil, err
		}
		changes, err := f(q, before)
		hidePrices(ctx, &before.WorkStatement)
		if err != nil || len(changes) == 0 {
			return before, err
		}
		if err := r.audited(ctx, s, q, before.Version+1, changes, ""); err != nil || verb == "remove" {
			return before, err
		}
		after, err := postgres.OneTemplate(ctx, q, r.id)
		hidePrices(ctx, &after.WorkStatement)
		return after, err
	})
}

// proposal is the template that a new project is made from, if any, with what
// the request says of the work statement put over the template's. The day that
// the template is billed from was another project's: the new one's is its start.
func proposal(ctx context.Context, q *db.Queries, in *newProjectInput) (*postgres.Template, postgres.WorkStatement, error) {
	if in.Body.TemplateID == nil {
		return nil, in.Body.WorkStatement, nil
	}
	if err := q.HoldTemplate(ctx, *in.Body.TemplateID); err != nil {
		return nil, in.Body.WorkStatement, err
	}
	t, err := postgres.OneTemplate(ctx, q, *in.Body.TemplateID)
	if err != nil {
		return nil, in.Body.WorkStatement, noTemplate(err)
	}
	var said struct {
		WorkStatement json.RawMessage `json:"work_statement"`
	}
	w := t.WorkStatement.BeginningOn(in.Body.StartsOn)
	if err = json.Unmarshal(in.RawBody, &said); err == nil && said.WorkStatement != nil {
		if s := in.Body.WorkStatement; s.TaxPercent != nil || s.TaxCodeID != nil {
			w.TaxPercent, w.TaxCodeID = nil, nil // each takes the other's place
		}
		if in.Body.WorkStatement.RetainerAmount != nil { // a fee of its own, and what follows that
			w.RetainerChanges = nil
		}
		err = json.Unmarshal(said.WorkStatement, &w)
	}
	return &t, w, err
}

// noTemplate says which field names a template that is not there.
func noTemplate(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.Wrong("template_id", "there is no such template")
	}
	return err
}

// selfOf is how the actor stands to what somebody made.
func selfOf(by uuid.UUID, a access.Actor) access.Relation {
	if by == a.ID {
		return access.Self
	}
	return 0
}
