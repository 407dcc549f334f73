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
)

// The kinds of what is billed beside time.
const (
	milestoneKind flow.Kind = "milestone"
	expenseKind   flow.Kind = "expense"
)

// ItemInvoiced is the code for a milestone or an expense that is on an invoice.
const ItemInvoiced fault.Code = "item_invoiced"

func (s *Server) milestoneRoutes() {
	write[Milestone](s, op(http.MethodPost, "/projects/{id}/milestones", "add-milestone", "Add a part of a fixed price, billed once when it is due", http.StatusCreated), s.addMilestone)
	read(s, op(http.MethodGet, "/projects/{id}/milestones", "list-milestones", "The parts of a project's fixed price", http.StatusOK), s.listMilestones)
	write[Nothing](s, op(http.MethodDelete, "/milestones/{id}", "delete-milestone", "Delete a milestone that is on no invoice", http.StatusOK), s.deleteMilestone)
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
	InvoiceID *uuid.UUID `json:"invoice_id" doc:"The draft or invoice it is on"`
	Version   int32      `json:"version"`
}

// MilestoneBody describes a new milestone.
type MilestoneBody struct {
	Name   string          `json:"name" minLength:"1" maxLength:"1000" pattern:"\\S"`
	Amount decimal.Decimal `json:"amount"`
	DueOn  civil.Date      `json:"due_on,omitzero" required:"false" format:"date" doc:"Either a day, or task_id"`
	TaskID *uuid.UUID      `json:"task_id,omitempty"`
}

func milestoneOf(r db.MilestonesRow, c money.Currency) Milestone {
	return Milestone{ID: r.ID, ProjectID: r.ProjectID, Name: r.Name, Amount: c.Format(r.Amount), DueOn: r.DueOn, TaskID: r.TaskID, InvoiceID: r.InvoiceID, Version: r.Version}
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
		m := db.InsertMilestoneParams{ID: r.id, ProjectID: in.ID, Name: in.Body.Name, Amount: in.Body.Amount, DueOn: in.Body.DueOn, TaskID: in.Body.TaskID}
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
	return price("amount", b.Amount, c)
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

func (s *Server) deleteMilestone(ctx context.Context, in *noBody) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, milestoneKind, in.ID, "delete", struct{}{})
	if err == nil {
		err = seeMoney(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		m, err := q.LockMilestone(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		p, err := q.LockProject(ctx, m.ProjectID)
		if err == nil {
			err = access.Can(r.actor, access.EditProject, amOf(p.AccountManagerID, r.actor))
		}
		if err == nil && m.InvoiceID != nil {
			err = fault.New(ItemInvoiced, "the milestone is on an invoice")
		}
		if err == nil {
			err = r.fresh(m.Version)
		}
		if err == nil {
			err = q.DeleteMilestone(ctx, in.ID)
		}
		if err != nil {
			return nil, err
		}
		return struct{}{}, r.audited(ctx, s, q, m.Version, map[string]postgres.Change{"name": {m.Name, nil}, "amount": {m.Amount, nil}}, "")
	})
}
