package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

const timesheetKind flow.Kind = "timesheet"

// SelfApproval is the code when who worked approves their own time.
const SelfApproval fault.Code = "self_approval"

func (s *Server) timesheetRoutes() {
	read(s, op(http.MethodGet, "/timesheets", "list-timesheets", "Weeks that were submitted or decided: one's own, and those one may decide on", http.StatusOK), s.listTimesheets)
	read(s, op(http.MethodGet, "/timesheets/{id}/{week}", "get-timesheet", "A person's week", http.StatusOK), s.getTimesheet)
	for verb, summary := range map[string]string{
		"submit": "Say that a week is whole", "approve": "Let a week be billed", "reopen": "Let a week be changed again",
	} {
		write[Timesheet](s, op(http.MethodPost, "/timesheets/{id}/{week}/"+verb, verb+"-timesheet", summary, http.StatusOK), func(ctx context.Context, in *timesheetInput) (*Done, error) {
			note := ""
			if in.Body != nil {
				note = in.Body.Note
			}
			return s.decide(ctx, in.WeekInput, verb, note)
		})
	}
	write[Timesheet](s, op(http.MethodPost, "/timesheets/{id}/{week}/reject", "reject-timesheet", "Send a week back, with the reason", http.StatusOK), func(ctx context.Context, in *rejectInput) (*Done, error) {
		return s.decide(ctx, in.WeekInput, "reject", in.Body.Note)
	})
	s.lockRoutes()
}

// Timesheet is a person's week (N.01).
type Timesheet struct {
	UserID      uuid.UUID  `json:"user_id"`
	UserName    string     `json:"user_name"`
	Week        civil.Date `json:"week" format:"date" doc:"Its Monday"`
	State       string     `json:"state" enum:"open,submitted,approved,rejected"`
	Minutes     int64      `json:"minutes" doc:"Recorded in it"`
	SubmittedAt *time.Time `json:"submitted_at"`
	DecidedBy   *uuid.UUID `json:"decided_by"`
	DecidedName *string    `json:"decided_by_name"`
	DecidedAt   *time.Time `json:"decided_at"`
	Note        string     `json:"note,omitempty"`
	Version     int32      `json:"version"`
}

// TimesheetNote is what may be said with it.
type TimesheetNote struct {
	Note string `json:"note,omitempty" maxLength:"2000"`
}

// TimesheetReason is why a week is sent back: who worked has to know what to put
// right.
type TimesheetReason struct {
	Note string `json:"note" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"What is to be put right"`
}

// WeekInput names a week of a person.
type WeekInput struct {
	ByID
	Week string `path:"week" format:"date" doc:"A day of the week"`
	WriteHeaders
}

type timesheetInput struct {
	WeekInput
	Body *TimesheetNote
}

type rejectInput struct {
	WeekInput
	Body TimesheetReason
}

// weekOf is the Monday of a day's week.
func weekOf(d civil.Date) civil.Date { return d.AddDays(-(int(d.Weekday()) + 6) % 7) }

// deciding is the right that each verb asks for.
var deciding = map[string]access.Action{"submit": access.SubmitTime, "approve": access.ApproveTime, "reject": access.ApproveTime, "reopen": access.ApproveTime}

func (s *Server) decide(ctx context.Context, in WeekInput, verb, note string) (*Done, error) {
	day, err := civil.Parse(in.Week)
	if err != nil {
		return nil, s.refuse(err)
	}
	week := weekOf(day)
	body := struct {
		Week civil.Date `json:"week"`
		Note string     `json:"note,omitempty"`
	}{week, note}
	r, err := s.content(ctx, in.WriteHeaders, timesheetKind, in.ID, verb, body, access.RecordTime)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.LockPerson(ctx, in.ID); err != nil { // one decision after the other
			return nil, err
		}
		before, after, err := s.decided(ctx, q, r, week)
		if err != nil {
			return nil, err
		}
		err = q.SetTimesheet(ctx, db.SetTimesheetParams{
			PersonID: in.ID, Week: week, State: string(after.State), SubmittedAt: after.SubmittedAt, DecidedBy: after.DecidedBy, DecidedAt: after.DecidedAt, Note: note,
		})
		if err == nil {
			err = r.audited(ctx, s, q, before.Version+1, map[string]postgres.Change{"state": {before.State, after.State}, "week": {nil, week}}, note)
		}
		if err == nil {
			err = s.tellOfTimesheet(ctx, q, r, week, note)
		}
		if err != nil {
			return nil, err
		}
		return oneTimesheet(ctx, q, in.ID, week)
	})
}

// decided is a week as it is, and as what is decided of it leaves it, where the
// caller may decide that.
func (s *Server) decided(ctx context.Context, q *db.Queries, r request, week civil.Date) (before Timesheet, after work.Timesheet, err error) {
	if before, err = oneTimesheet(ctx, q, r.id, week); err != nil {
		return before, after, err
	}
	rel, err := timesheetRelation(ctx, q, r.actor, r.id, week)
	if err == nil {
		err = access.Can(r.actor, deciding[r.verb], rel)
	}
	if err == nil && r.verb == "approve" && r.id == r.actor.ID && !r.actor.Is(access.Admin) {
		err = fault.New(SelfApproval, "somebody else approves your time")
	}
	if err == nil {
		err = r.fresh(before.Version)
	}
	if err == nil {
		after, err = work.Timesheet{State: work.TimesheetState(before.State), SubmittedAt: before.SubmittedAt}.Move(r.verb, r.actor.ID, s.store.Now())
	}
	return before, after, err
}

// tellOfTimesheet tells who approves a week that it was submitted, and whose it
// is that it was sent back or reopened, with the reason (N.01). Where nobody but
// admins may approve it, they are told.
func (s *Server) tellOfTimesheet(ctx context.Context, q *db.Queries, r request, week civil.Date, note string) error {
	p, err := q.Person(ctx, r.id)
	if err != nil {
		return err
	}
	var approvers []uuid.UUID
	if r.verb == "submit" {
		approvers, err = q.Approvers(ctx, db.ApproversParams{PersonID: r.id, First: week, Last: week.AddDays(6)})
		if err == nil && len(approvers) == 0 {
			approvers, err = q.PeopleWithRoles(ctx, access.Roles(access.ApproveTime))
		}
		if err != nil {
			return err
		}
	}
	return s.store.Tell(ctx, q, r.actor, postgres.News{
		About: string(timesheetKind), ID: r.id, Name: p.Name, Where: week.String(), Note: note, Told: work.TimesheetTold(r.verb, r.id, r.actor.ID, approvers),
	})
}

func timesheetRelation(ctx context.Context, q *db.Queries, a access.Actor, person uuid.UUID, week civil.Date) (access.Relation, error) {
	row, err := q.TimesheetRelation(ctx, db.TimesheetRelationParams{PersonID: person, First: week, Last: week.AddDays(6), ActorID: a.ID, Manages: orNone(a.Manages)})
	var rel access.Relation
	if row.ManagesProject {
		rel |= access.ProjectAM
	}
	if row.ManagesGroup {
		rel |= access.GM
	}
	if a.ID == person {
		rel |= access.Self
	}
	return rel, err
}

func oneTimesheet(ctx context.Context, q *db.Queries, person uuid.UUID, week civil.Date) (Timesheet, error) {
	p, err := q.Person(ctx, person)
	if err != nil {
		return Timesheet{}, err
	}
	t := Timesheet{UserID: person, UserName: p.Name, Week: week, State: "open"}
	row, err := q.Timesheet(ctx, person, week)
	if err == nil {
		t.State, t.SubmittedAt, t.DecidedBy, t.DecidedName, t.DecidedAt, t.Note, t.Version = row.State, row.SubmittedAt, row.DecidedBy, row.DecidedByName, row.DecidedAt, row.Note, row.Version
	}
	if ignoreNoRows(err) != nil {
		return t, err
	}
	t.Minutes, err = q.WeekMinutes(ctx, db.WeekMinutesParams{PersonID: person, First: week, Last: week.AddDays(6)})
	return t, err
}

func (s *Server) getTimesheet(ctx context.Context, in *struct {
	ByID
	Week string `path:"week" format:"date" doc:"A day of the week"`
}) (*One[Timesheet], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	day, err := civil.Parse(in.Week)
	if err != nil {
		return nil, err
	}
	rel, err := timesheetRelation(ctx, s.store.Queries, actorOf(ctx), in.ID, weekOf(day))
	if err == nil {
		err = access.Can(actorOf(ctx), access.SeeTimesheet, rel)
	}
	if err != nil {
		return nil, err
	}
	t, err := oneTimesheet(ctx, s.store.Queries, in.ID, weekOf(day))
	return one(t, t.Version), err
}

type listTimesheetsInput struct {
	PageInput
	User  string `query:"user" doc:"An id, or me"`
	State string `query:"state" enum:"open,submitted,approved,rejected,"`
}

func (s *Server) listTimesheets(ctx context.Context, in *listTimesheetsInput) (*PageOutput[Timesheet], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, day, err := in.afterDay()
	if err != nil {
		return nil, err
	}
	a := actorOf(ctx)
	q := db.TimesheetsParams{AfterWeek: day, AfterPerson: c.ID, State: optionalText(in.State), ViewerManages: orNone(a.Manages), Page: in.Limit + 1}
	if !a.Is(access.Admin) {
		q.ViewerID = &a.ID
	}
	if q.PersonID, err = optionalPerson(ctx, "user", in.User); err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.Timesheets(ctx, q)
	return page(in.PageInput, rows, func(r db.TimesheetsRow) cursor { return byDay(r.PersonID, r.Week) }, func(r db.TimesheetsRow) Timesheet {
		return Timesheet{UserID: r.PersonID, UserName: r.PersonName, Week: r.Week, State: r.State, Minutes: r.Minutes, SubmittedAt: r.SubmittedAt, DecidedBy: r.DecidedBy, DecidedName: r.DecidedByName, DecidedAt: r.DecidedAt, Note: r.Note, Version: r.Version}
	}), err
}
