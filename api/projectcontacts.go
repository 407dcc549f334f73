package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) projectContactRoutes() {
	write[ProjectContacts](s, op(http.MethodPut, "/projects/{id}/contacts", "set-project-contacts", "Say who at the client, or at a partner of it, sees a project", http.StatusOK), s.setProjectContacts)
	read(s, op(http.MethodGet, "/projects/{id}/contacts", "get-project-contacts", "Who at the client, or at a partner of it, sees a project", http.StatusOK), s.getProjectContacts)
}

// ProjectContacts are who outside sees a project (S2.07). The client's own
// manager sees it without being one of them (S1.05).
type ProjectContacts struct {
	UserIDs  []uuid.UUID `json:"user_ids"`
	Contacts []Contact   `json:"contacts" doc:"The same, by name"`
	Version  int32       `json:"version" doc:"Of the project"`
}

// ProjectContactsBody says who outside sees a project.
type ProjectContactsBody struct {
	UserIDs  []uuid.UUID `json:"user_ids" maxItems:"500" doc:"All of them; those left out see it no longer"`
	Contacts []Contact   `json:"contacts,omitempty" readOnly:"true" doc:"Not looked at: user_ids are"`
	AsRead
}

func projectContacts(ctx context.Context, q *db.Queries, project uuid.UUID) (ProjectContacts, error) {
	p, err := q.Project(ctx, project)
	if err != nil {
		return ProjectContacts{}, err
	}
	rows, err := q.ProjectContacts(ctx, project)
	c := ProjectContacts{UserIDs: []uuid.UUID{}, Contacts: []Contact{}, Version: p.Version}
	for _, r := range rows {
		c.UserIDs, c.Contacts = append(c.UserIDs, r.ID), append(c.Contacts, Contact(r))
	}
	return c, err
}

func (s *Server) getProjectContacts(ctx context.Context, in *ByID) (*One[ProjectContacts], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := projectContacts(ctx, s.store.Queries, in.ID)
	return one(c, c.Version), err
}

func (s *Server) setProjectContacts(ctx context.Context, in *oneInput[ProjectContactsBody]) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, flow.Project, in.ID, "contacts", in.Body)
	if err == nil {
		err = see(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		client, err := r.lockForContacts(ctx, q)
		if err != nil {
			return nil, err
		}
		before, err := projectContacts(ctx, q, r.id)
		if err != nil {
			return nil, err
		}
		if err := replaceProjectContacts(ctx, q, r, client, in.Body.UserIDs); err != nil {
			return nil, err
		}
		after, err := projectContacts(ctx, q, r.id)
		changes := postgres.Diff(contactsAudited{before.UserIDs}, contactsAudited{after.UserIDs})
		if err != nil || len(changes) == 0 {
			return before, err
		}
		if err := touchProject(ctx, q, r.id); err != nil {
			return nil, err
		}
		after.Version++
		return after, r.audited(ctx, s, q, after.Version, changes, "")
	})
}

// touchProject makes a new version of a project of which something changed that
// is stored beside it, and lets its process know.
func touchProject(ctx context.Context, q *db.Queries, id uuid.UUID) error {
	if err := q.BumpProject(ctx, id); err != nil {
		return err
	}
	return q.InsertOutbox(ctx, string(flow.Project), id)
}

// contactsAudited is what the history of a project says of its contacts.
type contactsAudited struct {
	UserIDs []uuid.UUID `json:"user_ids"`
}

// lockForContacts locks the project's client, whose partners must stay what
// they are, then the project, and asks whether the actor may.
func (r request) lockForContacts(ctx context.Context, q *db.Queries) (client uuid.UUID, err error) {
	p, err := q.Project(ctx, r.id)
	if err != nil {
		return client, err
	}
	if _, err := q.LockClient(ctx, p.ClientID); err != nil {
		return client, err
	}
	row, err := q.LockProject(ctx, r.id)
	if err == nil {
		err = access.Can(r.actor, access.EditProject, amOf(row.AccountManagerID, r.actor))
	}
	if err == nil {
		err = r.fresh(row.Version)
	}
	return p.ClientID, err
}

func replaceProjectContacts(ctx context.Context, q *db.Queries, r request, client uuid.UUID, ids []uuid.UUID) error {
	wrong, err := q.NotContacts(ctx, orNone(ids), client)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return fault.Wrong("user_ids", "%s is no active contact of the client, nor of a partner of it", wrong[0])
	}
	if err := q.ClearProjectContacts(ctx, r.id, orNone(ids)); err != nil {
		return err
	}
	return q.InsertProjectContacts(ctx, db.InsertProjectContactsParams{ProjectID: r.id, People: orNone(ids), AddedBy: &r.actor.ID})
}

// dropStrayContacts takes the contacts of those who are partners of a client no
// longer off its projects, and writes it into the projects' histories.
func (s *Server) dropStrayContacts(ctx context.Context, q *db.Queries, r request) error {
	rows, err := q.RemoveStrayContacts(ctx, r.id)
	if err != nil {
		return err
	}
	gone := map[uuid.UUID][]uuid.UUID{}
	var projects []uuid.UUID
	for _, row := range rows {
		if gone[row.ProjectID] == nil {
			projects = append(projects, row.ProjectID)
		}
		gone[row.ProjectID] = append(gone[row.ProjectID], row.PersonID)
	}
	slices.SortFunc(projects, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	for _, id := range projects {
		p, err := q.LockProject(ctx, id)
		if err != nil {
			return err
		}
		if err := touchProject(ctx, q, id); err != nil {
			return err
		}
		e := r
		e.kind, e.id, e.verb = flow.Project, id, "contacts"
		changes := map[string]postgres.Change{"user_ids": {gone[id], nil}}
		if err := e.audited(ctx, s, q, p.Version+1, changes, "they work for a partner no longer"); err != nil {
			return err
		}
	}
	return nil
}
