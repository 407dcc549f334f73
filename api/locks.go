package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// Codes for time that stays as it is (N.01).
const (
	PeriodLocked    fault.Code = "period_locked"    // nobody but the account manager changes it
	TimesheetClosed fault.Code = "timesheet_closed" // the week is submitted or approved
)

func (s *Server) lockRoutes() {
	write[Lock](s, op(http.MethodPut, "/provider/lock", "lock-time", "Let nobody but account managers change time up to a day", http.StatusOK), s.lockFirm)
	read(s, op(http.MethodGet, "/provider/lock", "get-time-lock", "Up to which day the firm's time is locked", http.StatusOK), s.getLock)
	write[Lock](s, op(http.MethodPut, "/projects/{id}/lock", "lock-project-time", "Let nobody but the account manager change a project's time up to a day", http.StatusOK), s.lockProject)
	write[TimeEntry](s, op(http.MethodPut, "/time-entries/{id}/rate", "set-entry-rate", "A rate for one session alone, set by the project's account manager", http.StatusOK), s.setEntryRate)
}

// Lock is the last day of which nobody but an account manager changes time.
type Lock struct {
	Through civil.Date `json:"through" format:"date" nullable:"true" doc:"Null: nothing is locked"`
}

func (s *Server) getLock(ctx context.Context, _ *struct{}) (*One[Lock], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	r, err := s.store.ProviderLock(ctx)
	return one(Lock{r.LockedThrough}, r.Version), err
}

func (s *Server) lockFirm(ctx context.Context, in *newInput[Lock]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, providerKind, uuid.Nil, "lock", in.Body, access.RunBilling)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, tx pgx.Tx) (any, error) {
		if err := s.store.Ahead(tx).AwaitTime(ctx, ""); err != nil { // what is being changed comes before the lock
			return nil, err
		}
		if err := q.LockProvider(ctx); err != nil {
			return nil, err
		}
		was, err := q.ProviderLock(ctx)
		if err == nil {
			err = r.fresh(was.Version)
		}
		if err == nil {
			err = q.LockProviderTime(ctx, in.Body.Through)
		}
		if err != nil {
			return nil, err
		}
		return in.Body, r.audited(ctx, s, q, was.Version+1, map[string]postgres.Change{"locked_through": {was.LockedThrough, in.Body.Through}}, "")
	})
}

func (s *Server) lockProject(ctx context.Context, in *oneInput[Lock]) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, flow.Project, in.ID, "lock", in.Body)
	if err == nil {
		err = see(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, tx pgx.Tx) (any, error) {
		if err := s.store.Ahead(tx).AwaitTime(ctx, in.ID.String()); err != nil {
			return nil, err
		}
		p, err := q.LockProject(ctx, in.ID)
		if err == nil {
			err = r.fresh(p.Version)
		}
		if err == nil {
			err = access.Can(r.actor, access.EditProject, amOf(p.AccountManagerID, r.actor))
		}
		if err != nil {
			return nil, err
		}
		was, err := q.ProjectLock(ctx, in.ID)
		if err == nil {
			err = q.LockProjectTime(ctx, in.Body.Through, in.ID)
		}
		if err != nil {
			return nil, err
		}
		return in.Body, r.audited(ctx, s, q, p.Version+1, map[string]postgres.Change{"locked_through": {was, in.Body.Through}}, "")
	})
}

// unlocked refuses a day that is locked, to all but the account manager of the
// project.
func unlocked(ctx context.Context, q *db.Queries, a access.Actor, project uuid.UUID, on civil.Date) error {
	l, err := q.LockedThrough(ctx, project)
	if err != nil || l.Through.IsZero() || on.After(l.Through) || l.AccountManagerID == a.ID {
		return err
	}
	return fault.New(PeriodLocked, "time up to %s is locked; ask the project's account manager", l.Through)
}

// changeable refuses time of a locked day, or of a week that is submitted or
// approved.
func changeable(ctx context.Context, q *db.Queries, a access.Actor, e TimeEntry) error {
	if err := unlocked(ctx, q, a, e.ProjectID, e.WorkDate); err != nil {
		return err
	}
	t, err := q.Timesheet(ctx, e.UserID, weekOf(e.WorkDate))
	if ignoreNoRows(err) != nil {
		return err
	}
	if (work.Timesheet{State: work.TimesheetState(t.State)}).Closed() {
		return fault.New(TimesheetClosed, "the timesheet of the week from %s is %s; reopen it first", weekOf(e.WorkDate), t.State)
	}
	return nil
}

// EntryRate is the rate of one session.
type EntryRate struct {
	Rate *decimal.Decimal `json:"rate,omitempty" doc:"An hour, in the project's currency; left out: as agreed"`
}

// setEntryRate sets a rate for a session, above all that is agreed; a draft that
// it is on follows.
func (s *Server) setEntryRate(ctx context.Context, in *oneInput[EntryRate]) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, timeKind, in.ID, "rate", in.Body)
	if err == nil {
		err = seeMoney(ctx)
	}
	if err == nil {
		err = optionalFigure("rate", in.Body.Rate, 6)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, tx pgx.Tx) (any, error) {
		seen, err := q.TimeEntry(ctx, in.ID)
		if err == nil {
			err = postgres.MayBill(ctx, q, r.actor, []uuid.UUID{seen.ProjectID})
		}
		if err == nil {
			err = q.BillDraftsLocks(ctx, seen.ProjectID)
		}
		if err != nil {
			return nil, err
		}
		row, err := q.LockTimeEntry(ctx, in.ID)
		if err == nil {
			err = r.fresh(row.Version)
		}
		if err == nil {
			err = notInvoiced(row)
		}
		if err != nil {
			return nil, err
		}
		was, err := q.RateOverride(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		if err := q.OverrideRate(ctx, in.Body.Rate, in.ID); err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, row.Version+1, map[string]postgres.Change{"rate": {was, in.Body.Rate}}, ""); err != nil {
			return nil, err
		}
		if err := s.follow(ctx, tx, row.InvoiceID); err != nil {
			return nil, err
		}
		return oneTime(ctx, q, in.ID)
	})
}
