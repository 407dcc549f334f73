package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) groupRoutes() {
	write[Group](s, op(http.MethodPost, "/groups", "create-group", "Add a group of contributors", http.StatusCreated), s.createGroup)
	read(s, op(http.MethodGet, "/groups", "list-groups", "List groups, the oldest first", http.StatusOK), s.listGroups)
	read(s, op(http.MethodGet, "/groups/{id}", "get-group", "One group", http.StatusOK), s.getGroup)
	write[Group](s, op(http.MethodPatch, "/groups/{id}", "edit-group", "Rename a group", http.StatusOK), s.editGroup)
	write[Group](s, op(http.MethodPut, "/groups/{id}/members", "set-group-members", "Say who is in a group and who manages it", http.StatusOK), s.setMembers)
	read(s, op(http.MethodGet, "/groups/{id}/preferences", "get-group-preferences", "How a group wants to work", http.StatusOK), s.getPreferences)
	write[Preferences](s, op(http.MethodPut, "/groups/{id}/preferences", "set-group-preferences", "Say how a group wants to work", http.StatusOK), s.setPreferences)
	read(s, op(http.MethodGet, "/groups/{id}/tasks", "group-tasks", "The tasks of a group and of all its members, by priority", http.StatusOK), s.groupTasks)
	read(s, op(http.MethodGet, "/groups/{id}/queue", "group-queue", "What waits in a group to be accepted, by priority", http.StatusOK), s.groupQueue)
}

// Group is a group of contributors (S1.04).
type Group struct {
	ID         uuid.UUID   `json:"id"`
	Name       string      `json:"name"`
	ManagerIDs []uuid.UUID `json:"manager_ids"`
	MemberIDs  []uuid.UUID `json:"member_ids" doc:"Everybody in it, managers too"`
	Members    []Member    `json:"members" nullable:"false" doc:"Those of member_ids, in their order"`
	CreatedAt  time.Time   `json:"created_at"`
	Version    int32       `json:"version"`
}

// Member is somebody in a group.
type Member struct {
	ID      uuid.UUID `json:"id"`
	Name    string    `json:"name"`
	Manages bool      `json:"manages" doc:"They are one of manager_ids"`
	Active  bool      `json:"active" doc:"False: they have left the firm, and what they have is to be handed on"`
}

// MembersBody says who is in a group. A list that is left out stays as it is.
type MembersBody struct {
	ManagerIDs []uuid.UUID `json:"manager_ids,omitzero" required:"false" maxItems:"1000" doc:"Who manages it; they are members too"`
	MemberIDs  []uuid.UUID `json:"member_ids,omitzero" required:"false" maxItems:"1000"`
}

// GroupBody describes a new group.
type GroupBody struct {
	Name       string      `json:"name" minLength:"1" maxLength:"200" pattern:"\\S"`
	ManagerIDs []uuid.UUID `json:"manager_ids,omitempty" maxItems:"1000" doc:"Who manages it; they are members too"`
	MemberIDs  []uuid.UUID `json:"member_ids,omitempty" maxItems:"1000"`
}

// GroupPatch changes the given fields of a group.
type GroupPatch struct {
	Name *string `json:"name,omitempty" minLength:"1" maxLength:"200" pattern:"\\S"`
}

func (s *Server) createGroup(ctx context.Context, in *newInput[GroupBody]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, groupKind, s.store.NewID(), "create", in.Body, access.ManagePeople)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if err := q.InsertGroup(ctx, r.id, in.Body.Name); err != nil {
			return nil, err
		}
		if err := fillGroup(ctx, q, Group{ID: r.id}, MembersBody{in.Body.ManagerIDs, in.Body.MemberIDs}); err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, in.Body), ""); err != nil {
			return nil, err
		}
		return oneGroup(ctx, q, r.id)
	})
}

// fillGroup puts active staff, and nobody else, into a group that was emptied.
// Who was in it and has left may stay: its managers hand their work on.
func fillGroup(ctx context.Context, q *db.Queries, was Group, b MembersBody) error {
	all := slices.Concat(b.ManagerIDs, b.MemberIDs)
	staff, err := q.StaffAmong(ctx, all)
	if err != nil {
		return err
	}
	for _, list := range []struct {
		field    string
		ids, was []uuid.UUID
	}{{"manager_ids", b.ManagerIDs, was.ManagerIDs}, {"member_ids", b.MemberIDs, was.MemberIDs}} {
		for _, id := range list.ids {
			if !slices.Contains(staff, id) && !slices.Contains(list.was, id) {
				return fault.Wrong(list.field, "%s is nobody who works for the firm now", id)
			}
		}
	}
	return q.InsertMembers(ctx, db.InsertMembersParams{GroupID: was.ID, ManagerIds: orNone(b.ManagerIDs), PersonIds: all})
}

// editGroup renames a group; what f does to it is audited as what changed.
func (s *Server) editGroup(ctx context.Context, in *patchInput[GroupPatch]) (*Done, error) {
	return s.changeGroup(ctx, in.WriteHeaders, in.ID, "edit", in.Body, func(_ *db.Queries, g *Group) error {
		set(&g.Name, in.Body.Name)
		return nil
	})
}

func (s *Server) setMembers(ctx context.Context, in *oneInput[MembersBody]) (*Done, error) {
	return s.changeGroup(ctx, in.WriteHeaders, in.ID, "members", in.Body, func(q *db.Queries, g *Group) error {
		people := in.Body
		if people.ManagerIDs == nil && people.MemberIDs == nil {
			return fault.Wrong("member_ids", "say who is in the group, or with manager_ids who manages it")
		}
		if people.ManagerIDs == nil {
			people.ManagerIDs = g.ManagerIDs
		}
		if people.MemberIDs == nil {
			people.MemberIDs = g.MemberIDs
		}
		if err := q.ClearMembers(ctx, g.ID); err != nil {
			return err
		}
		if err := fillGroup(ctx, q, *g, people); err != nil {
			return err
		}
		now, err := oneGroup(ctx, q, g.ID)
		g.ManagerIDs, g.MemberIDs = now.ManagerIDs, now.MemberIDs
		return err
	})
}

func (s *Server) changeGroup(ctx context.Context, h WriteHeaders, id uuid.UUID, verb string, body any, f func(*db.Queries, *Group) error) (*Done, error) {
	r, err := s.content(ctx, h, groupKind, id, verb, body, access.ManagePeople)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.LockGroup(ctx, r.id); err != nil {
			return nil, err
		}
		before, err := oneGroup(ctx, q, r.id)
		if err == nil {
			err = r.fresh(before.Version)
		}
		if err != nil {
			return nil, err
		}
		g := before
		err = f(q, &g)
		changes := postgres.Diff(before, g)
		if err != nil || len(changes) == 0 {
			return before, err
		}
		if _, err := q.TouchGroup(ctx, g.Name, g.ID); err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, g.Version+1, changes, ""); err != nil {
			return nil, err
		}
		return oneGroup(ctx, q, r.id)
	})
}

func oneGroup(ctx context.Context, q *db.Queries, id uuid.UUID) (Group, error) {
	rows, err := q.Groups(ctx, db.GroupsParams{ID: &id, Page: 1})
	if err == nil && len(rows) == 0 {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return Group{}, err
	}
	return groupOf(rows[0]), nil
}

func groupOf(r db.GroupsRow) Group {
	g := Group{ID: r.ID, Name: r.Name, ManagerIDs: r.ManagerIds, MemberIDs: r.MemberIds, Members: make([]Member, len(r.MemberIds)), CreatedAt: r.CreatedAt, Version: r.Version}
	for i, id := range r.MemberIds {
		g.Members[i] = Member{ID: id, Name: r.MemberNames[i], Manages: slices.Contains(r.ManagerIds, id), Active: r.MemberActive[i]}
	}
	return g
}

func (s *Server) getGroup(ctx context.Context, in *ByID) (*One[Group], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	g, err := oneGroup(ctx, s.store.Queries, in.ID)
	return one(g, g.Version), err
}

func (s *Server) listGroups(ctx context.Context, in *struct{ PageInput }) (*PageOutput[Group], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.Groups(ctx, db.GroupsParams{After: c.ID, Page: in.Limit + 1})
	return page(in.PageInput, rows, func(r db.GroupsRow) cursor { return cursor{ID: r.ID} }, groupOf), err
}

func (s *Server) groupQueue(ctx context.Context, in *struct {
	ByID
	PageInput
}) (*PageOutput[postgres.Task], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	if err := s.ofGroup(ctx, in.ID, access.SeeGroup); err != nil {
		return nil, err
	}
	rows, err := s.store.GroupQueue(ctx, db.GroupQueueParams{GroupID: &in.ID, AfterPriority: int16(c.Order), After: c.ID, Page: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	return taskPage(ctx, s.store.Queries, in.PageInput, rows,
		func(r db.GroupQueueRow) uuid.UUID { return r.ID }, func(r db.GroupQueueRow) cursor { return cursor{ID: r.ID, Order: int32(r.Priority)} })
}
