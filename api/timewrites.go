package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// TimePatch changes the given parts of a time entry.
type TimePatch struct {
	TaskID           *uuid.UUID               `json:"task_id,omitempty" doc:"Another task of the project, which takes time of that day"`
	WorkDate         *civil.Date              `json:"work_date,omitempty" format:"date"`
	Start            work.Maybe[sessionStart] `json:"start,omitzero" required:"false" doc:"As when it is recorded. Null: no time of day"`
	Minutes          *int32                   `json:"minutes,omitempty" minimum:"1" maximum:"1440"`
	Description      *string                  `json:"description,omitempty" minLength:"1" maxLength:"10000" pattern:"\\S"`
	Billing          *string                  `json:"billing,omitempty" enum:"billable,no_charge,internal"`
	RemainingMinutes work.Maybe[int32]        `json:"remaining_minutes,omitzero" required:"false" minimum:"0" maximum:"10000000" doc:"Null: the entry says nothing of what remains"`
}

// over puts the given fields over an entry as it is. With another start comes
// another day.
func (p TimePatch) over(e TimeEntry, zone *time.Location) TimeEntry {
	if p.Start.Value.dates() && p.WorkDate == nil {
		e.WorkDate = civil.In(p.Start.Value.instant, zone)
	}
	set(&e.TaskID, p.TaskID)
	set(&e.WorkDate, p.WorkDate)
	set(&e.Minutes, p.Minutes)
	set(&e.Description, p.Description)
	set(&e.Billing, p.Billing)
	if p.Start.Said {
		e.Start = utc(p.Start.Value.on(e.WorkDate, zone))
	}
	e.RemainingMinutes = p.RemainingMinutes.Over(e.RemainingMinutes)
	return e
}

func (s *Server) editTime(ctx context.Context, in *patchInput[TimePatch]) (*Done, error) {
	actor := actorOf(ctx)
	return s.changeTime(ctx, in.WriteHeaders, in.ID, "edit", in.Body, func(q *db.Queries, row db.LockTimeEntryRow, before TimeEntry) (map[string]postgres.Change, error) {
		zone := postgres.Zone(row.TimeZone)
		after := in.Body.over(before, zone)
		changes := postgres.Diff(before, after)
		if len(changes) == 0 {
			return nil, nil
		}
		if err := s.stillTakes(ctx, q, before, after, zone); err != nil {
			return nil, err
		}
		_, moved := changes["start"]
		if moved || after.WorkDate != before.WorkDate { // otherwise as recorded, wherever the person was
			if err := begun(after.WorkDate, after.Start, zone); err != nil {
				return nil, err
			}
		}
		if err := changeable(ctx, q, actor, after); err != nil { // also where it goes
			return nil, err
		}
		// Off its draft first: an internal entry cannot be on one. Collecting
		// puts it back if it belongs there.
		return changes, q.UpdateTimeEntry(ctx, db.UpdateTimeEntryParams{
			ID: after.ID, TaskID: after.TaskID, WorkDate: after.WorkDate, StartedAt: after.Start, Minutes: after.Minutes, Description: after.Description,
			Billing: after.Billing, RemainingMinutes: after.RemainingMinutes,
		})
	})
}

// stillTakes refuses a day that has not come, or after which the task was closed,
// and another task that takes no time of the day, or is of another project: what
// is billed there may be in other hands.
func (s *Server) stillTakes(ctx context.Context, q *db.Queries, before, e TimeEntry, zone *time.Location) error {
	if err := past("work_date", e.WorkDate, e.Start, zone, s.store.Now()); err != nil {
		return err
	}
	task, err := q.TaskForAction(ctx, e.TaskID)
	if e.TaskID != before.TaskID {
		switch {
		case err != nil:
			return notThere(err, "task_id", "there is no such task")
		case task.ProjectID != before.ProjectID:
			return fault.New(work.OtherProject, "time moves only within its project; delete it, and record it there")
		}
		return takesTime(task, e.WorkDate, zone)
	}
	if err == nil && task.ProjectLeftAt != nil { // on a project that was never worked on, imported time can be
		err = leftBefore("time", task.ProjectStatus, task.ProjectLeftAt, e.WorkDate, zone)
	}
	if err != nil {
		return err
	}
	return closedBefore(task, e.WorkDate, zone)
}

func (s *Server) deleteTime(ctx context.Context, in *noBody) (*Done, error) {
	return s.changeTime(ctx, in.WriteHeaders, in.ID, "delete", struct{}{}, func(q *db.Queries, _ db.LockTimeEntryRow, before TimeEntry) (map[string]postgres.Change, error) {
		return postgres.Diff(before.unnamed(), struct{}{}), q.DeleteTimeEntry(ctx, in.ID)
	})
}

// timeChange is what is done to an entry that is locked and may be changed; it
// says what changed.
type timeChange func(q *db.Queries, row db.LockTimeEntryRow, before TimeEntry) (map[string]postgres.Change, error)

// changeTime changes or deletes time in one transaction. A draft that it is on
// follows; a completed invoice does not (billing, "Void and credit").
func (s *Server) changeTime(ctx context.Context, h WriteHeaders, id uuid.UUID, verb string, body any, f timeChange) (*Done, error) {
	r, err := s.content(ctx, h, timeKind, id, verb, body, access.RecordTime)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, tx pgx.Tx) (any, error) {
		row, before, err := r.lockTime(ctx, q)
		if err != nil {
			return nil, err
		}
		ahead := s.store.Ahead(tx)
		if err := ahead.ShareTime(ctx, row.ProjectID.String()); err != nil { // their days are not locked meanwhile
			return nil, err
		}
		if err := ahead.SharePerson(ctx, row.PersonID); err != nil { // nor is their week approved
			return nil, err
		}
		if err := changeable(ctx, q, r.actor, before); err != nil {
			return nil, err
		}
		changes, err := f(q, row, before)
		if err != nil || len(changes) == 0 {
			return before, err
		}
		if err := r.audited(ctx, s, q, row.Version+1, changes, ""); err != nil {
			return nil, err
		}
		if err := s.follow(ctx, tx, row.InvoiceID); err != nil {
			return nil, err
		}
		if verb == "delete" {
			return before, nil
		}
		return oneTime(ctx, q, id) // as it is after its draft has followed
	})
}

// lockTime locks an entry that the caller may change.
func (r request) lockTime(ctx context.Context, q *db.Queries) (db.LockTimeEntryRow, TimeEntry, error) {
	seen, err := q.TimeEntry(ctx, r.id)
	if err == nil {
		err = q.BillDraftsLocks(ctx, seen.ProjectID) // before the entry: one order for everybody
	}
	if err != nil {
		return db.LockTimeEntryRow{}, TimeEntry{}, err
	}
	row, err := q.LockTimeEntry(ctx, r.id)
	if err == nil {
		err = r.mayChange(row)
	}
	if err != nil {
		return row, TimeEntry{}, err
	}
	before, err := oneTime(ctx, q, r.id) // again, now that nobody changes it
	return row, before, err
}

// mayChange refuses somebody else's time, an old version, and time that a
// completed invoice holds.
func (r request) mayChange(row db.LockTimeEntryRow) error {
	rel := amOf(row.AccountManagerID, r.actor)
	if row.PersonID == r.actor.ID {
		rel |= access.Self
	}
	if err := access.Can(r.actor, access.EditTime, rel); err != nil {
		return err
	}
	if err := notInvoiced(row); err != nil {
		return err
	}
	return r.fresh(row.Version)
}

// notInvoiced refuses time that a completed invoice holds.
func notInvoiced(row db.LockTimeEntryRow) error {
	if row.InvoiceState != nil && *row.InvoiceState != "draft" {
		return fault.New(billing.TimeInvoiced, "the time is on invoice %s; a correction is a new entry", *row.InvoiceNumber)
	}
	return nil
}

// follow collects the draft afresh that something was on.
func (s *Server) follow(ctx context.Context, tx pgx.Tx, invoice *uuid.UUID) error {
	if invoice == nil {
		return nil
	}
	return s.store.Collect(ctx, tx, *invoice, civil.Date{})
}
