package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// Codes for time that cannot be recorded.
const (
	FutureDate  fault.Code = "future_date"   // the work date has not come yet where the person is
	TaskNotOpen fault.Code = "task_not_open" // planned, or closed before the work date
)

// TimeBody is a session of work (S1.21, S1.22, S1.23).
type TimeBody struct {
	WorkDate         civil.Date    `json:"work_date,omitzero" required:"false" format:"date" doc:"In your zone; the date of start if left out"`
	Start            *sessionStart `json:"start,omitempty" doc:"When it began: RFC 3339, or a time of the work date in your zone, as 09:30"`
	Minutes          int32         `json:"minutes" minimum:"1" maximum:"1440"`
	Description      string        `json:"description" minLength:"1" maxLength:"10000" pattern:"\\S" doc:"What was done"`
	RemainingMinutes *int32        `json:"remaining_minutes,omitempty" minimum:"0" maximum:"10000000" doc:"What is left to do on the task; 0 is nothing, left out is not said"`
	Billing          string        `json:"billing,omitempty" enum:"billable,no_charge,internal" default:"billable"`
	UserID           *uuid.UUID    `json:"user_id,omitempty" doc:"Who worked, if it was somebody else"`
}

// recordTime is what people do most: one statement does it all.
func (s *Server) recordTime(ctx context.Context, in *oneInput[TimeBody]) (*Done, error) {
	if err := s.contactsTime(ctx, in.ID); err != nil {
		return nil, s.refuse(err)
	}
	// The task is part of what makes two requests the same; the entry's id is not.
	body := struct {
		TaskID uuid.UUID `json:"task_id"`
		TimeBody
	}{in.ID, in.Body}
	r, err := s.content(ctx, in.WriteHeaders, timeKind, s.store.NewID(), "create", body, access.RecordTime)
	if err != nil {
		return nil, s.refuse(err)
	}
	worker, zone, err := s.worker(ctx, r.actor, in.ID, in.Body.UserID)
	if err == nil {
		err = in.Body.dated(zone, s.store.Now())
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	e := in.Body.entry(r.id, in.ID, worker, zone, s.store.Now())
	made, err := s.store.RecordTime(ctx, s.recording(r, e, zone))
	if err == nil {
		e.ProjectID, e.ProjectCode, e.TaskKey, e.TaskTitle, e.UserName = made.ProjectID, made.Code, postgres.TaskKey(made.Code, made.Number), made.Title, made.PersonName
		return done(http.StatusCreated, postgres.JSON(e)), nil
	}
	return s.notRecorded(ctx, r, e, zone, err)
}

// worker is who did the work, and the zone that the work date is in.
func (s *Server) worker(ctx context.Context, a access.Actor, task uuid.UUID, user *uuid.UUID) (uuid.UUID, *time.Location, error) {
	if user == nil || *user == a.ID {
		return a.ID, postgres.Zone(a.Zone), nil
	}
	t, err := s.store.TaskForAction(ctx, task)
	if err != nil {
		return uuid.Nil, nil, err
	}
	if err := access.Can(a, access.RecordForOther, amOf(t.AccountManagerID, a)); err != nil {
		return uuid.Nil, nil, err
	}
	p, err := s.store.Person(ctx, *user)
	if err == nil && p.Kind != "staff" {
		err = fault.Wrong("user_id", "only staff record time")
	}
	return *user, postgres.Zone(p.TimeZone), notThere(err, "user_id", "there is no such person")
}

// dated settles the work date, which is fixed from then on.
func (b *TimeBody) dated(zone *time.Location, now time.Time) error {
	if b.WorkDate.IsZero() && b.Start.dates() {
		b.WorkDate = civil.In(b.Start.instant, zone)
	}
	if b.WorkDate.IsZero() {
		return fault.Wrong("work_date", "is required where no start says of which day it is")
	}
	start := b.Start.on(b.WorkDate, zone)
	if err := past("work_date", b.WorkDate, start, zone, now); err != nil {
		return err
	}
	return begun(b.WorkDate, start, zone)
}

// begun refuses another work date than the day on which the session began, where
// the person is; one over midnight belongs to that day (billing, "Which time is
// billed").
func begun(on civil.Date, start *time.Time, zone *time.Location) error {
	if start == nil || civil.In(*start, zone) == on {
		return nil
	}
	return fault.Wrong("work_date", "is not the day of the start, which is %s in %s", civil.In(*start, zone), zone)
}

// past refuses a day that has not come yet where the person is.
func past(field string, on civil.Date, start *time.Time, zone *time.Location, now time.Time) error {
	switch today := civil.In(now, zone); {
	case on.Before(civil.First):
		return fault.Wrong(field, "is before %s", civil.First)
	case on.After(today):
		return fault.New(FutureDate, "the day %s has not come yet: it is %s in %s", on, today, zone)
	case start != nil && start.After(now):
		return fault.New(FutureDate, "the start %s has not come yet", start.Format(time.RFC3339))
	}
	return nil
}

// entry is the session as it will stand.
func (b *TimeBody) entry(id, task, worker uuid.UUID, zone *time.Location, now time.Time) TimeEntry {
	return TimeEntry{
		ID: id, TaskID: task, UserID: worker, WorkDate: b.WorkDate, Start: utc(b.Start.on(b.WorkDate, zone)), Minutes: b.Minutes,
		Description: b.Description, Billing: b.Billing, RemainingMinutes: b.RemainingMinutes, CreatedAt: now.UTC().Truncate(time.Microsecond), Version: 1,
	}
}

// utc is an instant as Postgres gives it back.
func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return ptr(t.UTC().Truncate(time.Microsecond))
}

// contactsTime refuses a client's contact, who may see the task (S2.08).
func (s *Server) contactsTime(ctx context.Context, task uuid.UUID) error {
	if !outside(ctx) {
		return nil
	}
	if err := s.helps(ctx, task); err != nil {
		return err
	}
	return fault.New(fault.Forbidden, "time is recorded by the staff; say with start and end when you work on the task")
}

// recording is the entry with its audit and the answer that is kept for its key.
func (s *Server) recording(r request, e TimeEntry, zone *time.Location) db.RecordTimeParams {
	row := db.RecordTimeParams{
		ID: e.ID, TaskID: e.TaskID, PersonID: e.UserID, WorkDate: e.WorkDate, DayBegins: e.WorkDate.Start(zone), StartedAt: e.Start,
		Minutes: e.Minutes, Description: e.Description, Billing: e.Billing, RemainingMinutes: e.RemainingMinutes, CreatedAt: e.CreatedAt,
		EventID: s.store.NewID(), ActorID: &r.actor.ID, Changes: postgres.JSON(postgres.Diff(struct{}{}, r.body)), Source: r.source,
		Week: weekOf(e.WorkDate), Key: r.key,
	}
	if r.key != "" {
		row.CommandID, row.Body, row.Fingerprint, row.Answer = s.store.NewID(), postgres.JSON(r.body), r.fingerprint(), postgres.JSON(e)
	}
	return row
}

// notRecorded gives the answer that the key got before, or says why the time
// was not taken.
func (s *Server) notRecorded(ctx context.Context, r request, e TimeEntry, zone *time.Location, err error) (*Done, error) {
	if !errors.Is(err, pgx.ErrNoRows) && !keyTaken(err) {
		return nil, s.refuse(err)
	}
	if d, err := s.again(ctx, r, http.StatusCreated); d != nil || err != nil {
		return d, s.refuse(err)
	}
	task, err := s.store.TaskForAction(ctx, e.TaskID)
	if err == nil {
		err = takesTime(task, e.WorkDate, zone)
	}
	if err == nil {
		e.ProjectID = task.ProjectID
		err = changeable(ctx, s.store.Queries, r.actor, e)
	}
	if err == nil {
		err = fault.New(fault.Conflict, "the task was changed at the same moment; try again")
	}
	return nil, s.refuse(err)
}

func keyTaken(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.ConstraintName == "command_log_actor_id_key_key"
}

// takesTime says why a task takes no time of a date: what RecordTime looks at,
// as a sentence.
func takesTime(t db.TaskForActionRow, on civil.Date, zone *time.Location) error {
	if err := leftBefore("time", t.ProjectStatus, t.ProjectLeftAt, on, zone); err != nil {
		return err
	}
	switch {
	case work.Status(t.Status) == work.Planned:
		return fault.New(TaskNotOpen, "the task is planned; its owner opens it for work first")
	case t.WaitingOn > 0:
		return fault.New(work.DependencyIncomplete, "the task cannot be worked on: it waits for %s to be complete", work.Others(int(t.WaitingOn)))
	}
	return closedBefore(t, on, zone)
}

// leftBefore refuses time or expenses of a day after the one on which their
// project was put on hold or ended, and of a project that was never worked on
// (S1.06, N.10).
func leftBefore(what, status string, left *time.Time, on civil.Date, zone *time.Location) error {
	switch {
	case work.ProjectStatus(status) == work.Active:
		return nil
	case left == nil:
		return fault.New(work.ProjectNotActive, "the project is %s: no %s can be recorded", status, what)
	case left.Before(on.Start(zone)):
		return fault.New(work.ProjectNotActive, "the project is %s since %s; %s of days up to that one can still be recorded", status, civil.In(*left, zone), what)
	}
	return nil
}

// closedBefore refuses time worked after the day its task was closed.
func closedBefore(t db.TaskForActionRow, on civil.Date, zone *time.Location) error {
	if t.ClosedAt == nil || !t.ClosedAt.Before(on.Start(zone)) {
		return nil
	}
	return fault.New(TaskNotOpen, "the task is %s since %s; time worked up to that day can still be recorded", t.Status, civil.In(*t.ClosedAt, zone))
}
