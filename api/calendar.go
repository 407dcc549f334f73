package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/holiday"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) calendarRoutes() {
	read(s, op(http.MethodGet, "/users/{id}/calendar", "get-calendar", "When a person works: by their own calendar, else their group's, else as is usual", http.StatusOK), s.getCalendar)
	write[UserCalendar](s, op(http.MethodPut, "/users/{id}/calendar", "set-calendar", "Say when a person works", http.StatusOK), s.setCalendar)
	write[UserCalendar](s, op(http.MethodDelete, "/users/{id}/calendar", "drop-calendar", "Let a person work as their group does", http.StatusOK), s.dropCalendar)
}

// UserCalendar is when a person works (S1.45).
type UserCalendar struct {
	UserID uuid.UUID `json:"user_id"`
	civil.Calendar
	TimeZone string `json:"time_zone" doc:"Whose clocks its times are of"`
	Source   string `json:"source" enum:"own,group,usual" doc:"Whose calendar it is: the person's own, that of their first group with one, or the usual"`
	Version  int32  `json:"version" doc:"Of the person"`
}

// CalendarBody is when a person is to work.
type CalendarBody struct {
	civil.Calendar
	AsRead
	UserID   *uuid.UUID `json:"user_id,omitempty" readOnly:"true" doc:"Not looked at"`
	TimeZone string     `json:"time_zone,omitempty" doc:"The person's, if any: a calendar is by their clocks"`
	Source   string     `json:"source,omitempty" enum:"own,group,usual" readOnly:"true" doc:"Not looked at: it is their own from now on"`
}

func (s *Server) getCalendar(ctx context.Context, in *ByID) (*One[UserCalendar], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	if err := mayOf(ctx, s.store.Queries, actorOf(ctx), access.ReadPlan, in.ID); err != nil {
		return nil, err
	}
	c, err := oneCalendar(ctx, s.store.Queries, in.ID)
	return one(c, c.Version), err
}

// mayOf asks for a right to something of a person, who may be the actor.
func mayOf(ctx context.Context, q *db.Queries, a access.Actor, act access.Action, person uuid.UUID) error {
	groups, err := q.GroupsOfPerson(ctx, person)
	if err != nil {
		return err
	}
	var rel access.Relation
	if a.ID == person {
		rel |= access.Self
	}
	if slices.ContainsFunc(groups, a.MemberOf) {
		rel |= access.Member
	}
	if slices.ContainsFunc(groups, a.ManagerOf) {
		rel |= access.GM
	}
	return access.Can(a, act, rel)
}

// oneStaff is a member of the staff with their calendars; nobody else has one.
func oneStaff(ctx context.Context, q *db.Queries, id uuid.UUID) (db.PlanPeopleRow, error) {
	rows, err := q.PlanPeople(ctx, []uuid.UUID{id})
	if err == nil && len(rows) == 0 {
		err = fault.New(fault.NotFound, "there is no such member of the staff")
	}
	if err != nil {
		return db.PlanPeopleRow{}, err
	}
	return rows[0], nil
}

func oneCalendar(ctx context.Context, q *db.Queries, id uuid.UUID) (UserCalendar, error) {
	r, err := oneStaff(ctx, q, id)
	if err != nil {
		return UserCalendar{}, err
	}
	c, source, zone := postgres.CalendarOf(r)
	return UserCalendar{UserID: r.ID, Calendar: c, TimeZone: zone, Source: source, Version: r.Version}, nil
}

func (s *Server) setCalendar(ctx context.Context, in *oneInput[CalendarBody]) (*Done, error) {
	err := in.Body.Check()
	if err == nil {
		_, err = holiday.Of(in.Body.Holidays)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.changeCalendar(ctx, in.WriteHeaders, in.ID, "calendar", in.Body, postgres.JSON(in.Body.Calendar), in.Body.TimeZone)
}

func (s *Server) dropCalendar(ctx context.Context, in *noBody) (*Done, error) {
	return s.changeCalendar(ctx, in.WriteHeaders, in.ID, "drop-calendar", struct{}{}, nil, "")
}

// changeCalendar stores a calendar, or none. It is by the person's clocks: where
// a zone is said, it is theirs.
func (s *Server) changeCalendar(ctx context.Context, h WriteHeaders, id uuid.UUID, verb string, body any, calendar json.RawMessage, zone string) (*Done, error) {
	r, err := s.newRequest(ctx, h, userKind, id, verb, body)
	if err == nil {
		err = see(ctx)
	}
	if err == nil {
		err = mayOf(ctx, s.store.Queries, actorOf(ctx), access.EditCalendar, id)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.LockPerson(ctx, id); err != nil {
			return nil, err
		}
		before, err := oneStaff(ctx, q, id)
		if err == nil {
			err = r.fresh(before.Version)
		}
		if err == nil && zone != "" && zone != before.TimeZone {
			err = fault.Wrong("time_zone", "a calendar is by the person's own clocks, %s", before.TimeZone)
		}
		changes := postgres.Diff(calendarField{before.Calendar}, calendarField{calendar})
		if err != nil || sameCalendar(before.Calendar, calendar) {
			return calendarOr(ctx, q, id, err)
		}
		if err := q.SetCalendar(ctx, calendar, id); err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, before.Version+1, changes, ""); err != nil {
			return nil, err
		}
		return oneCalendar(ctx, q, id)
	})
}

func calendarOr(ctx context.Context, q *db.Queries, id uuid.UUID, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return oneCalendar(ctx, q, id)
}

// calendarField is a calendar as the audit has it.
type calendarField struct {
	Calendar json.RawMessage `json:"calendar"`
}

// sameCalendar compares calendars whatever the order of their fields, which
// Postgres does not keep.
func sameCalendar(a, b json.RawMessage) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	var x, y civil.Calendar
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && string(postgres.JSON(x)) == string(postgres.JSON(y))
}
