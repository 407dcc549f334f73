package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/postgres/db"
)

func (s *Server) peopleRoutes() {
	write[User](s, op(http.MethodPost, "/users", "create-user", "Add a member of the staff or a client's contact", http.StatusCreated), s.createUser)
	read(s, op(http.MethodGet, "/users", "list-users", "List people, the oldest first", http.StatusOK), s.listUsers)
	read(s, op(http.MethodGet, "/users/{id}", "get-user", "One person", http.StatusOK), s.getUser)
	write[User](s, op(http.MethodPatch, "/users/{id}", "edit-user", "Change a person", http.StatusOK), s.editUser)
}

// User is a member of the staff or a client's contact.
type User struct {
	ID          uuid.UUID  `json:"id"`
	ExternalKey *string    `json:"external_key,omitempty" doc:"The importer's own key"`
	Kind        string     `json:"kind" enum:"staff,client"`
	ClientID    *uuid.UUID `json:"client_id" doc:"Of a client's contact"`
	Name        string     `json:"name"`
	Email       string     `json:"email"`
	Roles       []string   `json:"roles"`
	Skills      []string   `json:"skills"`
	TimeZone    string     `json:"time_zone"`
	Active      bool       `json:"active" doc:"Whether they can sign in and be assigned to"`
	Version     int32      `json:"version"`
	CreatedAt   time.Time  `json:"created_at"`
	LeftOpen    *LeftOpen  `json:"left_open,omitempty" doc:"What is open with somebody who has left, until it is handed on; not in lists"`
}

func userOf(r db.PersonRow) User {
	return User{
		ID: r.ID, ExternalKey: r.ExternalKey, Kind: r.Kind, ClientID: r.ClientID, Name: r.Name, Email: r.Email, Roles: r.Roles, Skills: r.Skills,
		TimeZone: r.TimeZone, Active: r.Active, Version: r.Version, CreatedAt: r.CreatedAt,
	}
}

func oneUser(ctx context.Context, q *db.Queries, id uuid.UUID) (User, error) {
	r, err := q.Person(ctx, id)
	return userOf(r), err
}

func (s *Server) getUser(ctx context.Context, in *ByID) (*One[User], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	u, err := oneUser(ctx, s.store.Queries, in.ID)
	if err != nil {
		return nil, err
	}
	left, err := leftWith(ctx, s.store.Queries, u)
	return one(u.leaving(left), u.Version), err
}

type listUsersInput struct {
	PageInput
	Search      string `query:"q" maxLength:"200" doc:"Part of the name or e-mail address"`
	Kind        string `query:"kind" enum:"staff,client,"`
	Client      string `query:"client" doc:"The contacts of a client"`
	Role        string `query:"role" enum:"admin,account_manager,project_manager,customer_project_manager,group_manager,contributor,client_manager,client_contact," doc:"Those who have it"`
	Active      string `query:"active" enum:"true,false," doc:"Whether they can sign in and be assigned to"`
	ExternalKey string `query:"external_key"`
}

func (s *Server) listUsers(ctx context.Context, in *listUsersInput) (*PageOutput[User], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	client, err := optionalID("client", in.Client)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.People(ctx, db.PeopleParams{
		After: c.ID, Page: in.Limit + 1, Search: searchText(in.Search), Kind: optionalText(in.Kind), ClientID: client, ExternalKey: optionalText(in.ExternalKey),
		Role: optionalText(in.Role), Active: yesNo(in.Active),
	})
	return page(in.PageInput, rows, func(r db.PeopleRow) cursor { return cursor{ID: r.ID} }, func(r db.PeopleRow) User { return userOf(db.PersonRow(r)) }), err
}

// mayAddPerson lets account managers add contacts of clients, and admins
// everybody.
func mayAddPerson(kind string) access.Action {
	if kind == "client" {
		return access.ManageClients
	}
	return access.ManagePeople
}
