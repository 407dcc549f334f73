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
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// The kinds of what is billed beside time.
const (
	milestoneKind flow.Kind = "milestone"
	expenseKind   flow.Kind = "expense"
)

// ItemInvoiced is the code for a milestone or an expense that is on a completed
// invoice.
const ItemInvoiced fault.Code = "item_invoiced"

func (s *Server) milestoneRoutes() {
	write[Milestone](s, op(http.MethodPost, "/projects/{id}/milestones", "add-milestone", "Add a part of a fixed price, billed once when it is due", http.StatusCreated), s.addMilestone)
	read(s, op(http.MethodGet, "/projects/{id}/milestones", "list-milestones", "The parts of a project's fixed price", http.StatusOK), s.listMilestones)
	write[Milestone](s, op(http.MethodPatch, "/milestones/{id}", "edit-milestone", "Change a milestone that is on no completed invoice", http.StatusOK), s.editMilestone)
	write[Nothing](s, op(http.MethodDelete, "/milestones/{id}", "delete-milestone", "Delete a milestone that is on no completed invoice", http.StatusOK), s.deleteMilestone)
	s.expenseRoutes()
}

// Milestone is a part of a fixed price (N.09).
type Milestone struct {
	ID        uuid.UUID  `json:"id"`
	ProjectID uuid.UUID  `json:"project_id"`
	Name      string     `json:"name" doc:"As it is printed"`
	Amount    string     `json:"amount" doc:"In the project's currency, without tax"`
	DueOn     civil.Date `json:"due_on" format:"date" nullable:"true"`
	TaskID    *uuid.UUID `json:"task_id" doc:"It is due when this task is complete"`
	Included  *int32     `json:"included_minutes" doc:"Prepaid hours: the time it includes, worked from the day it is due; null: none"`
	ExpiresOn civil.Date `json:"expires_on" format:"date" nullable:"true" doc:"The last day worked that it includes; null: any"`
	Used      int32      `json:"used_minutes" doc:"Of what it includes, on drafts and invoices"`
	InvoiceID *uuid.UUID `json:"invoice_id" doc:"The draft or invoice it is on"`
	Version   int32      `json:"version"`
}

// MilestoneBody describes a new milestone.
type MilestoneBody struct {
	Name   string          `json:"name" minLength:"1" maxLength:"1000" pattern:"\\S"`
	Amount decimal.Decimal `json:"amount"`
	DueOn  civil.Date      `json:"due_on,omitzero" required:"false" format:"date" doc:"Either a day, or task_id"`
	TaskID *uuid.UUID      `json:"task_id,omitempty"`

	// The time that it includes (N.08).
	Included  *int32     `json:"included_minutes,omitempty" minimum:"1" doc:"Prepaid hours: the time it includes, worked from the day it is due"`
	ExpiresOn civil.Date `json:"expires_on,omitzero" required:"false" format:"date" doc:"The last day worked that it includes; any, if left out"`
}

func milestoneOf(r db.MilestonesRow, c money.Currency) Milestone {
	return Milestone{ID: r.ID, ProjectID: r.ProjectID, Name: r.Name, Amount: c.Format(r.Amount), DueOn: r.DueOn, TaskID: r.TaskID,
		Included: r.IncludedMinutes, ExpiresOn: r.ExpiresOn, Used: r.Used, InvoiceID: r.InvoiceID, Version: r.Version}
}

func (s *Server) addMilestone(ctx context.Context, in *oneInput[MilestoneBody]) (*Done, error) {
	body := struct {
		ProjectID uuid.UUID `json:"project_id"`
		MilestoneBody
	}{in.ID, in.Body}
	r, err := s.newRequest(ctx, in.WriteHeaders, milestoneKind, s.store.NewID(), "create", body)
	if err == nil {
		err = seeMoney(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		p, err := q.LockProject(ctx, in.ID)
		if err == nil {
			err = access.Can(r.actor, access.EditProject, amOf(p.AccountManagerID, r.actor))
		}
		if err == nil {
			err = checkMilestone(ctx, q, in.ID, in.Body, money.Currency(p.Currency))
		}
		if err != nil {
			return nil, err
		}
		m := db.InsertMilestoneParams{ID: r.id, ProjectID: in.ID, Name: in.Body.Name, Amount: in.Body.Amount, DueOn: in.Body.DueOn, TaskID: in.Body.TaskID,
			IncludedMinutes: in.Body.Included, ExpiresOn: in.Body.ExpiresOn}
		if err := q.InsertMilestone(ctx, m); err != nil {
			return nil, err
		}
		row, err := q.LockMilestone(ctx, r.id)
		if err != nil {
			return nil, err
		}
		return milestoneOf(db.MilestonesRow(row), money.Currency(p.Currency)), r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, body), "")
	})
}

func checkMilestone(ctx context.Context, q *db.Queries, project uuid.UUID, b MilestoneBody, c money.Currency) error {
	if b.DueOn.IsZero() == (b.TaskID == nil) {
		return fault.Wrong("due_on", "or task_id says when it is due; one of them")
	}
	if b.TaskID != nil {
		there, err := q.ProjectHasTask(ctx, *b.TaskID, project)
		if err == nil && !there {
			err = fault.Wrong("task_id", "is not a task of this project")
		}
		if err != nil {
			return err
		}
	}
	if err := checkPrepaid(ctx, q, project, b); err != nil {
		return err
	}
	return price("amount", b.Amount, c)
}

// checkPrepaid refuses hours that could never be used.
func checkPrepaid(ctx context.Context, q *db.Queries, project uuid.UUID, b MilestoneBody) error {
	switch {
	case b.Included == nil && !b.ExpiresOn.IsZero():
		return fault.Wrong("expires_on", "comes with included_minutes")
	case b.Included == nil:
		return nil
	case !b.ExpiresOn.IsZero() && b.ExpiresOn.Before(b.DueOn):
		return fault.Wrong("expires_on", "is before the day from which time is included")
	}
	w, err := q.WorkStatement(ctx, project)
	if err == nil && w.BillingKind == "fixed_price" {
		err = fault.Wrong("included_minutes", "the project has a fixed price: it has no hours to prepay")
	}
	return err
}

func (s *Server) listMilestones(ctx context.Context, in *ByID) (*PageOutput[Milestone], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	p, err := s.store.Project(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Milestones(ctx, in.ID)
	return all(rows, func(r db.MilestonesRow) Milestone { return milestoneOf(r, money.Currency(p.Currency)) }), err
}

// MilestonePatch changes the given parts of a milestone. A day takes the place of
// a task, and a task that of a day.
type MilestonePatch struct {
	Name   *string          `json:"name,omitempty" minLength:"1" maxLength:"1000" pattern:"\\S"`
	Amount *decimal.Decimal `json:"amount,omitempty"`
	DueOn  *civil.Date      `json:"due_on,omitempty" format:"date"`
	TaskID *uuid.UUID       `json:"task_id,omitempty"`

	Included  work.Maybe[int32]      `json:"included_minutes,omitzero" required:"false" minimum:"1" doc:"Not below what is used; null: none"`
	ExpiresOn work.Maybe[civil.Date] `json:"expires_on,omitzero" required:"false" format:"date" doc:"Also of a milestone on a completed invoice; null: never"`
}

// extends tells whether nothing is changed but how long its hours are good for,
// which is no matter of the invoice that it is on.
func (p MilestonePatch) extends() bool {
	return p.ExpiresOn.Said && p.Name == nil && p.Amount == nil && p.DueOn == nil && p.TaskID == nil && !p.Included.Said
}

// over puts the given fields over a milestone as it is.
func (p MilestonePatch) over(b MilestoneBody) MilestoneBody {
	if p.DueOn != nil || p.TaskID != nil {
		b.DueOn, b.TaskID = civil.Date{}, p.TaskID
	}
	set(&b.Name, p.Name)
	set(&b.Amount, p.Amount)
	set(&b.DueOn, p.DueOn)
	b.Included = p.Included.Over(b.Included)
	p.ExpiresOn.Set(&b.ExpiresOn)
	return b
}

func (s *Server) editMilestone(ctx context.Context, in *patchInput[MilestonePatch]) (*Done, error) {
	verb := "edit"
	if in.Body.extends() {
		verb = "extend"
	}
	return s.changeMilestone(ctx, in.WriteHeaders, in.ID, verb, in.Body, func(q *db.Queries, p db.LockProjectRow, m db.LockMilestoneRow) (map[string]postgres.Change, error) {
		before := MilestoneBody{m.Name, m.Amount, m.DueOn, m.TaskID, m.IncludedMinutes, m.ExpiresOn}
		after := in.Body.over(before)
		if m.Used > 0 && (after.Included == nil || *after.Included < m.Used) {
			return nil, fault.Wrong("included_minutes", "%d of them are on invoices", m.Used)
		}
		if err := checkMilestone(ctx, q, m.ProjectID, after, money.Currency(p.Currency)); err != nil {
			return nil, err
		}
		changes := postgres.Diff(before, after)
		if len(changes) == 0 {
			return nil, nil
		}
		return changes, q.UpdateMilestone(ctx, db.UpdateMilestoneParams{ID: m.ID, Name: after.Name, Amount: after.Amount, DueOn: after.DueOn, TaskID: after.TaskID,
			IncludedMinutes: after.Included, ExpiresOn: after.ExpiresOn})
	})
}

func (s *Server) deleteMilestone(ctx context.Context, in *noBody) (*Done, error) {
	return s.changeMilestone(ctx, in.WriteHeaders, in.ID, "delete", struct{}{}, func(q *db.Queries, _ db.LockProjectRow, m db.LockMilestoneRow) (map[string]postgres.Change, error) {
		if m.InvoiceID != nil { // its draft follows, also in the hours it uses
			if err := q.ReleasePrepaid(ctx, m.ID, *m.InvoiceID); err != nil {
				return nil, err
			}
		}
		return map[string]postgres.Change{"name": {m.Name, nil}, "amount": {m.Amount, nil}}, q.DeleteMilestone(ctx, m.ID)
	})
}

// milestoneChange is what is done to a milestone that is locked and may be
// changed; it says what changed.
type milestoneChange func(q *db.Queries, p db.LockProjectRow, m db.LockMilestoneRow) (map[string]postgres.Change, error)

// changeMilestone changes or deletes a milestone in one transaction. A draft that
// it is on follows (S1.76).
func (s *Server) changeMilestone(ctx context.Context, h WriteHeaders, id uuid.UUID, verb string, body any, f milestoneChange) (*Done, error) {
	r, err := s.newRequest(ctx, h, milestoneKind, id, verb, body)
	if err == nil {
		err = seeMoney(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, tx pgx.Tx) (any, error) {
		p, m, err := r.lockMilestone(ctx, q)
		if err != nil {
			return nil, err
		}
		changes, err := f(q, p, m)
		if err != nil {
			return nil, err
		}
		if len(changes) > 0 {
			if err := r.audited(ctx, s, q, m.Version+1, changes, ""); err != nil {
				return nil, err
			}
			if err := s.follow(ctx, tx, m.InvoiceID); err != nil {
				return nil, err
			}
		}
		if verb == "delete" {
			return struct{}{}, nil
		}
		m, err = q.LockMilestone(ctx, id) // as it is after its draft has followed
		return milestoneOf(db.MilestonesRow(m), money.Currency(p.Currency)), err
	})
}

// lockMilestone locks a milestone that the caller may change.
func (r request) lockMilestone(ctx context.Context, q *db.Queries) (db.LockProjectRow, db.LockMilestoneRow, error) {
	var m db.LockMilestoneRow
	project, err := q.MilestoneProject(ctx, r.id)
	if err == nil {
		err = q.BillDraftsLocks(ctx, project) // before the milestone: nobody bills it meanwhile
	}
	if err != nil {
		return db.LockProjectRow{}, m, err
	}
	p, err := q.LockProject(ctx, project)
	if err == nil {
		err = access.Can(r.actor, access.EditProject, amOf(p.AccountManagerID, r.actor))
	}
	if err == nil {
		m, err = q.LockMilestone(ctx, r.id)
	}
	if err == nil {
		err = onNoInvoice(ctx, q, m.InvoiceID, "milestone")
	}
	if r.verb == "extend" && fault.Is(err, ItemInvoiced) {
		m.InvoiceID, err = nil, nil // nothing on it changes
	}
	if err == nil {
		err = r.fresh(m.Version)
	}
	return p, m, err
}

// onNoInvoice refuses what is on a completed invoice; a draft follows.
func onNoInvoice(ctx context.Context, q *db.Queries, invoice *uuid.UUID, what string) error {
	if invoice == nil {
		return nil
	}
	inv, err := q.Invoice(ctx, *invoice)
	if err == nil && inv.Number != nil {
		err = fault.New(ItemInvoiced, "the %s is on invoice %s", what, *inv.Number)
	}
	return err
}
