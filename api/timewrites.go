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
)

// TimePatch changes the given parts of a time entry.
type TimePatch struct {
	WorkDate         *civil.Date `json:"work_date,omitempty" format:"date"`
	Start            *time.Time  `json:"start,omitempty"`
	Minutes          *int32      `json:"minutes,omitempty" minimum:"1" maximum:"1440"`
	Description      *string     `json:"description,omitempty" minLength:"1" maxLength:"10000" pattern:"\\S"`
	Billing          *string     `json:"billing,omitempty" enum:"billable,no_charge,internal"`
	RemainingMinutes *int32      `json:"remaining_minutes,omitempty" minimum:"0" maximum:"10000000"`
}

// over puts the given fields over an entry as it is.
func (p TimePatch) over(e TimeEntry) TimeEntry {
	set(&e.WorkDate, p.WorkDate)
	set(&e.Minutes, p.Minutes)
	set(&e.Description, p.Description)
	set(&e.Billing, p.Billing)
	if p.Start != nil {
		e.Start = utc(p.Start)
	}
	if p.RemainingMinutes != nil {
		e.RemainingMinutes = p.RemainingMinutes
	}
	return e
}

func (s *Server) editTime(ctx context.Context, in *oneInput[TimePatch]) (*Done, error) {
	return s.changeTime(ctx, in.WriteHeaders, in.ID, "edit", in.Body, func(q *db.Queries, r request, row db.LockTimeEntryRow, before TimeEntry) (any, error) {
		after := in.Body.over(before)
		changes := postgres.Diff(before, after)
		if len(changes) == 0 {
			return before, nil
		}
		if err := s.stillTakes(ctx, q, after, postgres.Zone(row.TimeZone)); err != nil {
			return nil, err
		}
		// Off its draft first: an internal entry cannot be on one. Collecting
		// puts it back if it belongs there.
		err := q.UpdateTimeEntry(ctx, db.UpdateTimeEntryParams{
			ID: after.ID, WorkDate: after.WorkDate, StartedAt: after.Start, Minutes: after.Minutes, Description: after.Description,
			Billing: after.Billing, RemainingMinutes: after.RemainingMinutes,
		})
		if err != nil {
			return nil, err
		}
		return after, r.audited(ctx, s, q, row.Version+1, changes, "")
	})
}

// stillTakes refuses a day that has not come, or after which the task was closed.
func (s *Server) stillTakes(ctx context.Context, q *db.Queries, e TimeEntry, zone *time.Location) error {
	if err := past(e.WorkDate, e.Start, zone, s.store.Now()); err != nil {
		return err
	}
	task, err := q.TaskForAction(ctx, e.TaskID)
	if err != nil {
		return err
	}
	return closedBefore(task, e.WorkDate, zone)
}

func (s *Server) deleteTime(ctx context.Context, in *noBody) (*Done, error) {
	return s.changeTime(ctx, in.WriteHeaders, in.ID, "delete", struct{}{}, func(q *db.Queries, r request, row db.LockTimeEntryRow, before TimeEntry) (any, error) {
		if err := q.DeleteTimeEntry(ctx, r.id); err != nil {
			return nil, err
		}
		return before, r.audited(ctx, s, q, row.Version, postgres.Diff(before, struct{}{}), "")
	})
}

// timeChange is what is done to an entry that is locked and may be changed.
type timeChange func(q *db.Queries, r request, row db.LockTimeEntryRow, before TimeEntry) (any, error)

// changeTime changes or deletes time in one transaction. A draft that it is on
// follows; a completed invoice does not (billing, "Void and credit").
func (s *Server) changeTime(ctx context.Context, h WriteHeaders, id uuid.UUID, verb string, body any, f timeChange) (*Done, error) {
	r, err := s.content(ctx, h, timeKind, id, verb, body, access.RecordTime)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, tx pgx.Tx) (any, error) {
		seen, err := q.TimeEntry(ctx, id)
		if err != nil {
			return nil, err
		}
		if err := q.BillProjectLock(ctx, seen.ProjectID.String()); err != nil { // before the entry: one order for everybody
			return nil, err
		}
		row, err := q.LockTimeEntry(ctx, id)
		if err == nil {
			err = r.mayChange(row)
		}
		if err != nil {
			return nil, err
		}
		before, err := oneTime(ctx, q, id) // again, now that nobody changes it
		if err != nil {
			return nil, err
		}
		answer, err := f(q, r, row, before)
		if err != nil {
			return nil, err
		}
		if err := s.follow(ctx, q, tx, row); err != nil {
			return nil, err
		}
		return s.timeNow(ctx, q, verb, id, answer)
	})
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
	if row.InvoiceState != nil && *row.InvoiceState != "draft" {
		return fault.New(billing.TimeInvoiced, "the time is on invoice %s; a correction is a new entry", *row.InvoiceNumber)
	}
	return r.fresh(row.Version)
}

// follow lets the process of the task know, and collects the draft afresh that
// the time was on.
func (s *Server) follow(ctx context.Context, q *db.Queries, tx pgx.Tx, row db.LockTimeEntryRow) error {
	if err := q.InsertOutbox(ctx, "task", row.TaskID); err != nil || row.InvoiceID == nil {
		return err
	}
	inv, err := q.Invoice(ctx, *row.InvoiceID)
	if err != nil {
		return err
	}
	return s.store.Collect(ctx, tx, inv.ID, inv.ProjectIds, inv.Through)
}

// timeNow is the entry as it is after its draft has followed.
func (s *Server) timeNow(ctx context.Context, q *db.Queries, verb string, id uuid.UUID, answer any) (any, error) {
	if verb == "delete" {
		return answer, nil
	}
	return oneTime(ctx, q, id)
}
