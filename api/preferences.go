package api

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/holiday"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// Preferences are how a group wants to work; its manager sets them (S1.14).
type Preferences struct {
	Told               work.Told       `json:"told" enum:"members,managers,nobody" doc:"Who is told of new work: all members, the managers only, nobody"`
	Delivery           string          `json:"delivery" enum:"at_once,daily" doc:"At once, or once a day"`
	EscalateAfterHours *float64        `json:"escalate_after_hours" nullable:"true" exclusiveMinimum:"0" maximum:"1000" doc:"Working hours of the group until its managers hear of what nobody accepts; null: never"`
	AcceptedLimit      *int32          `json:"accepted_limit" nullable:"true" minimum:"1" maximum:"1000" doc:"How many open tasks accepted from the group a member may hold; null: any number"`
	DefaultPriority    *int16          `json:"default_priority" nullable:"true" minimum:"1" maximum:"5" doc:"Of a task made for the group without a priority; null: 3"`
	Calendar           *civil.Calendar `json:"calendar" doc:"The group's hours, and those of members without their own; null: as is usual"`
	TimeZone           string          `json:"time_zone" doc:"Of the group's hours" example:"Europe/London"`
	Skills             []string        `json:"skills" maxItems:"50" doc:"What every member may be taken to know"`
	Version            int32           `json:"version"`
}

// PreferencesBody sets all of a group's preferences; what is left out is as at
// the start.
type PreferencesBody struct {
	Told               work.Told       `json:"told,omitempty" enum:"members,managers,nobody" default:"members"`
	Delivery           string          `json:"delivery,omitempty" enum:"at_once,daily" default:"at_once"`
	EscalateAfterHours *float64        `json:"escalate_after_hours,omitempty" nullable:"true" minimum:"0.02" maximum:"1000"`
	AcceptedLimit      *int32          `json:"accepted_limit,omitempty" nullable:"true" minimum:"1" maximum:"1000"`
	DefaultPriority    *int16          `json:"default_priority,omitempty" nullable:"true" minimum:"1" maximum:"5"`
	Calendar           *civil.Calendar `json:"calendar,omitempty"`
	TimeZone           string          `json:"time_zone,omitempty" default:"UTC"`
	Skills             []string        `json:"skills,omitempty" maxItems:"50" maxLength:"100"`
	Version            int32           `json:"version,omitempty" readOnly:"true" doc:"Not looked at: what was read may be sent back. If-Match is"`
}

func (s *Server) getPreferences(ctx context.Context, in *ByID) (*One[Preferences], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	p, err := s.store.GroupPreferences(ctx, in.ID)
	return one(preferencesOf(p), p.Version), err
}

func preferencesOf(p db.GroupPreferencesRow) Preferences {
	v := Preferences{
		Told: work.Told(p.Told), Delivery: "at_once", AcceptedLimit: p.MaxAccepted, DefaultPriority: p.DefaultPriority,
		TimeZone: p.TimeZone, Skills: p.Skills, Version: p.Version,
	}
	if p.Calendar != nil {
		v.Calendar = new(civil.Calendar)
		_ = json.Unmarshal(p.Calendar, v.Calendar) // it was checked when it was kept
	}
	if p.Digest {
		v.Delivery = "daily"
	}
	if p.EscalateMinutes != nil {
		v.EscalateAfterHours = ptr(float64(*p.EscalateMinutes) / 60)
	}
	return v
}

func (s *Server) setPreferences(ctx context.Context, in *oneInput[PreferencesBody]) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, groupKind, in.ID, "preferences", in.Body)
	if err == nil {
		err = see(ctx)
	}
	if err == nil {
		err = s.ofGroup(ctx, in.ID, access.ManageGroup)
	}
	if err == nil {
		err = checkZone("time_zone", in.Body.TimeZone)
	}
	if err == nil && in.Body.Calendar != nil {
		err = checkHours(*in.Body.Calendar)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.LockGroup(ctx, r.id); err != nil {
			return nil, err
		}
		before, err := q.GroupPreferences(ctx, r.id)
		if err == nil {
			err = r.fresh(before.Version)
		}
		if err != nil {
			return nil, err
		}
		return s.prefer(ctx, q, r, in.Body, preferencesOf(before))
	})
}

// checkHours refuses what nobody could work by.
func checkHours(c civil.Calendar) error {
	_, err := holiday.Hours(c, time.UTC)
	return err
}

// prefer writes the preferences, and lets what waits in the group look at its
// deadline again.
func (s *Server) prefer(ctx context.Context, q *db.Queries, r request, b PreferencesBody, before Preferences) (any, error) {
	p := db.SetGroupPreferencesParams{
		ID: r.id, Told: string(b.Told), Digest: b.Delivery == "daily", MaxAccepted: b.AcceptedLimit, DefaultPriority: b.DefaultPriority,
		TimeZone: b.TimeZone, Skills: distinct(b.Skills),
	}
	if b.Calendar != nil {
		p.Calendar = postgres.JSON(b.Calendar)
	}
	if b.EscalateAfterHours != nil {
		p.EscalateMinutes = ptr(max(int32(math.Round(*b.EscalateAfterHours*60)), 1))
	}
	if err := q.SetGroupPreferences(ctx, p); err != nil {
		return nil, err
	}
	row, err := q.GroupPreferences(ctx, r.id)
	if err != nil {
		return nil, err
	}
	after := preferencesOf(row)
	if err := r.audited(ctx, s, q, after.Version, postgres.Diff(before, after), ""); err != nil {
		return nil, err
	}
	return after, q.TellWaiting(ctx, &r.id)
}

// ofGroup asks for a right to a group; one that is not there is not found.
func (s *Server) ofGroup(ctx context.Context, group uuid.UUID, act access.Action) error {
	if _, err := s.store.Group(ctx, group); err != nil {
		return err
	}
	a := actorOf(ctx)
	return access.Can(a, act, access.OfGroup(a, group))
}

// groupTasks is what a manager oversees: what waits in the group and what its
// members work on (S1.36).
func (s *Server) groupTasks(ctx context.Context, in *struct {
	ByID
	PageInput
	Status []string `query:"status,explode" enum:"planned,open,complete,cancelled," doc:"One or several"`
	Ready  string   `query:"ready" enum:"true,false,"`
}) (*PageOutput[postgres.Task], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	if err := s.ofGroup(ctx, in.ID, access.OverseeGroup); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	people, err := s.store.MembersAmong(ctx, []uuid.UUID{in.ID})
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.TaskIDs(ctx, db.TaskIDsParams{
		AfterPriority: int16(c.Order), After: c.ID, Page: in.Limit + 1, Statuses: chosen(in.Status), Ready: yesNo(in.Ready),
		ViewerID: &uuid.Nil, ViewerPeople: people, ViewerGroups: []uuid.UUID{in.ID}, // nobody's view but the group's
	})
	if err != nil {
		return nil, err
	}
	return taskPage(ctx, s.store.Queries, in.PageInput, rows,
		func(r db.TaskIDsRow) uuid.UUID { return r.ID }, func(r db.TaskIDsRow) cursor { return cursor{ID: r.ID, Order: int32(r.Priority)} })
}
