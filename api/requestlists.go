package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) requestListRoutes() {
	read(s, op(http.MethodGet, "/projects/{id}/requests", "project-requests", "The requests on a project, by priority", http.StatusOK), s.projectRequests)
	read(s, op(http.MethodGet, "/tasks/{id}/requests", "task-requests", "The requests about a task, and the one that it was made from", http.StatusOK), s.taskRequests)
	read(s, op(http.MethodGet, "/groups/{id}/requests", "group-requests", "The open requests that wait in a group to be accepted, by priority", http.StatusOK), s.groupRequests)
}

type listRequestsInput struct {
	PageInput
	Client         string   `query:"client"`
	Project        string   `query:"project"`
	Task           string   `query:"task" doc:"What it is about, or what was made from it"`
	Status         []string `query:"status,explode" enum:"open,completed,cancelled," doc:"One or several"`
	Kind           string   `query:"kind" enum:"issue,feature,question,"`
	Assignee       string   `query:"assignee" doc:"me, or a person's id"`
	Group          string   `query:"group" doc:"The group it waits in"`
	AccountManager string   `query:"account_manager" doc:"me, or a person's id"`
	CreatedBy      string   `query:"created_by" doc:"me, or a person's id"`
}

// listRequests shows the staff what is theirs, or all of them to who may see
// everybody's; a client's manager all of the client's, and a plain contact
// their own (S1.50, S1.51, S1.56).
func (s *Server) listRequests(ctx context.Context, in *listRequestsInput) (*PageOutput[postgres.Request], error) {
	a := actorOf(ctx)
	q, err := in.params(a)
	if err == nil && a.Staff {
		err = s.requestsSeenBy(ctx, a, &q)
	}
	if err != nil {
		return nil, err
	}
	return s.requestPage(ctx, in.PageInput, q)
}

func (in *listRequestsInput) params(a access.Actor) (db.RequestIDsParams, error) {
	q := db.RequestIDsParams{Statuses: chosen(in.Status), Kind: optionalText(in.Kind)}
	for _, f := range []struct {
		name, value string
		into        **uuid.UUID
		person      bool
		inside      bool // a filter that would tell the client how the request is handled
	}{
		{"client", in.Client, &q.ClientID, false, false}, {"project", in.Project, &q.ProjectID, false, false}, {"task", in.Task, &q.TaskID, false, true},
		{"group", in.Group, &q.GroupID, false, true}, {"assignee", in.Assignee, &q.AssigneeID, true, true},
		{"account_manager", in.AccountManager, &q.AccountManagerID, true, false}, {"created_by", in.CreatedBy, &q.AuthorID, true, false},
	} {
		if f.inside && f.value != "" && !a.Staff {
			return q, wrongFilter(f.name, "is for the staff")
		}
		if f.person && f.value == "me" {
			*f.into = &a.ID
			continue
		}
		var err error
		if *f.into, err = optionalID(f.name, f.value); err != nil {
			return q, err
		}
	}
	return q, nil
}

// requestsSeenBy cuts a list to the requests that it shows somebody of the
// staff.
func (s *Server) requestsSeenBy(ctx context.Context, a access.Actor, q *db.RequestIDsParams) error {
	if access.Can(a, access.SeeAllRequests, 0) == nil {
		return nil
	}
	people, err := s.store.MembersAmong(ctx, orNone(a.Manages))
	q.ViewerID, q.ViewerPeople, q.ViewerGroups = &a.ID, append(people, a.ID), orNone(a.Groups)
	return err
}

// requestPage shows the requests that a query finds, as the caller may see them.
func (s *Server) requestPage(ctx context.Context, p PageInput, q db.RequestIDsParams) (*PageOutput[postgres.Request], error) {
	c, err := p.after()
	if err != nil {
		return nil, err
	}
	q.AfterPriority, q.After, q.Page = int16(c.Order), c.ID, p.Limit+1
	q.ViewerPeople, q.ViewerGroups = orNone(q.ViewerPeople), orNone(q.ViewerGroups)
	rows, err := s.requestIDs(ctx, q)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, 0, len(rows))
	for _, r := range rows[:min(len(rows), int(p.Limit))] {
		ids = append(ids, r.ID)
	}
	found, err := postgres.Requests(ctx, s.store.Queries, ids)
	if err != nil {
		return nil, err
	}
	return page(p, rows, func(r db.RequestIDsRow) cursor { return cursor{ID: r.ID, Order: int32(r.Priority)} }, func(r db.RequestIDsRow) postgres.Request {
		return found[slices.IndexFunc(found, func(v postgres.Request) bool { return v.ID == r.ID })].SeenBy(actorOf(ctx))
	}), nil
}

// requestIDs finds requests: of a contact's, those that the wall shows.
func (s *Server) requestIDs(ctx context.Context, q db.RequestIDsParams) ([]db.RequestIDsRow, error) {
	if !outside(ctx) {
		return s.store.Lists.RequestIDs(ctx, q)
	}
	var madeFrom *uuid.UUID
	if q.TaskID != nil {
		var err error
		if madeFrom, err = s.store.TaskMadeFrom(ctx, *q.TaskID); err != nil {
			return nil, err
		}
	}
	var rows []db.RequestIDsRow
	err := s.asContact(ctx, func(behind *db.Queries) error {
		found, err := behind.PortalRequestIDs(ctx, db.PortalRequestIDsParams{AfterPriority: q.AfterPriority, After: q.After, Page: q.Page,
			ClientID: q.ClientID, ProjectID: q.ProjectID, TaskID: q.TaskID, MadeFrom: madeFrom, Statuses: q.Statuses, Kind: q.Kind, AccountManagerID: q.AccountManagerID, AuthorID: q.AuthorID})
		for _, r := range found {
			rows = append(rows, db.RequestIDsRow(r))
		}
		return err
	})
	return rows, err
}

// projectRequests shows the staff all requests on a project, and a client's
// people those of them that they see anywhere (S1.51, S2.09, S2.17).
func (s *Server) projectRequests(ctx context.Context, in *projectPage) (*PageOutput[postgres.Request], error) {
	var err error
	if outside(ctx) {
		err = s.asContact(ctx, func(behind *db.Queries) error { return clientSees(ctx, behind, in.ID) })
	} else {
		_, err = s.store.Project(ctx, in.ID)
	}
	if err != nil {
		return nil, err
	}
	return s.requestPage(ctx, in.PageInput, db.RequestIDsParams{ProjectID: &in.ID})
}

// taskRequests shows the staff all requests of a task, and a client's people who
// see the task those of them that they see anywhere (S2.10, S2.16).
func (s *Server) taskRequests(ctx context.Context, in *projectPage) (*PageOutput[postgres.Request], error) {
	var err error
	if outside(ctx) {
		err = s.asContact(ctx, func(behind *db.Queries) error {
			_, err := clientTask(ctx, behind, in.ID)
			return err
		})
	} else {
		_, err = s.store.TaskForAction(ctx, in.ID)
	}
	if err != nil {
		return nil, err
	}
	return s.requestPage(ctx, in.PageInput, db.RequestIDsParams{TaskID: &in.ID})
}

func (s *Server) groupRequests(ctx context.Context, in *projectPage) (*PageOutput[postgres.Request], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	if err := s.ofGroup(ctx, in.ID, access.SeeGroup); err != nil {
		return nil, err
	}
	return s.requestPage(ctx, in.PageInput, db.RequestIDsParams{GroupID: &in.ID, Statuses: []string{"open"}})
}
