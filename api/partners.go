package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) partnerRoutes() {
	write[Partners](s, op(http.MethodPut, "/clients/{id}/partners", "set-partners", "Say which organisations work for a client", http.StatusOK), s.setPartners)
	read(s, op(http.MethodGet, "/clients/{id}/partners", "get-partners", "The organisations that work for a client", http.StatusOK), s.getPartners)
	read(s, op(http.MethodGet, "/clients/{id}/contacts", "list-contacts", "The people of a client and of its partners who can be given its work", http.StatusOK), s.listContacts)
}

// Partners are the organisations that work for a client: their contacts can be
// given its tasks (S2.04).
type Partners struct {
	ClientIDs []uuid.UUID `json:"client_ids" doc:"Clients themselves"`
	Version   int32       `json:"version" doc:"Of the client"`
}

// PartnersBody says which organisations work for a client.
type PartnersBody struct {
	ClientIDs []uuid.UUID `json:"client_ids" maxItems:"1000" doc:"All of them; those left out are partners no longer"`
	AsRead
}

// Contact is somebody at a client or at a partner of it.
type Contact struct {
	ID         uuid.UUID `json:"id"`
	Name       string    `json:"name"`
	Email      string    `json:"email"`
	Roles      []string  `json:"roles"`
	ClientID   uuid.UUID `json:"client_id" doc:"Where they work"`
	ClientName string    `json:"client_name"`
	Partner    bool      `json:"partner" doc:"At a partner rather than at the client itself"`
}

func partnersOf(ctx context.Context, q *db.Queries, client uuid.UUID) (Partners, error) {
	c, err := q.Client(ctx, client)
	if err != nil {
		return Partners{}, err
	}
	ids, err := q.Partners(ctx, client)
	return Partners{orNone(ids), c.Version}, err
}

func (s *Server) getPartners(ctx context.Context, in *ByID) (*One[Partners], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	p, err := partnersOf(ctx, s.store.Queries, in.ID)
	return one(p, p.Version), err
}

func (s *Server) setPartners(ctx context.Context, in *oneInput[PartnersBody]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, clientKind, in.ID, "partners", in.Body, access.ManageClients)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.LockClient(ctx, r.id); err != nil {
			return nil, err
		}
		before, err := partnersOf(ctx, q, r.id)
		if err == nil {
			err = r.fresh(before.Version)
		}
		if err != nil {
			return nil, err
		}
		if err := replacePartners(ctx, q, r.id, in.Body.ClientIDs); err != nil {
			return nil, err
		}
		after, err := partnersOf(ctx, q, r.id)
		changes := postgres.Diff(before, after)
		if err != nil || len(changes) == 0 {
			return before, err
		}
		if err := s.dropStrayContacts(ctx, q, r); err != nil {
			return nil, err
		}
		if err := q.TouchClient(ctx, r.id); err != nil {
			return nil, err
		}
		after.Version++
		return after, r.audited(ctx, s, q, after.Version, changes, "")
	})
}

func replacePartners(ctx context.Context, q *db.Queries, client uuid.UUID, ids []uuid.UUID) error {
	if slices.Contains(ids, client) {
		return fault.Wrong("client_ids", "no organisation is its own partner")
	}
	if err := q.ClearPartners(ctx, client); err != nil {
		return err
	}
	known, err := q.InsertPartners(ctx, client, orNone(ids))
	if err == nil && int(known) != different(ids) {
		err = fault.Wrong("client_ids", "one of them is no client")
	}
	return err
}

// different counts ids, each once.
func different(ids []uuid.UUID) int {
	set := map[uuid.UUID]bool{}
	for _, id := range ids {
		set[id] = true
	}
	return len(set)
}

func (s *Server) listContacts(ctx context.Context, in *struct {
	ByID
	PageInput
}) (*PageOutput[Contact], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	if _, err := s.store.Client(ctx, in.ID); err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.Contacts(ctx, db.ContactsParams{ClientID: in.ID, After: c.ID, Page: in.Limit + 1})
	return page(in.PageInput, rows, func(r db.ContactsRow) cursor { return cursor{ID: r.ID} }, func(r db.ContactsRow) Contact { return Contact(r) }), err
}
