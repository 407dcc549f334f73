package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/access"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

func (s *Server) expenseRoutes() {
	write[Spent](s, op(http.MethodPost, "/projects/{id}/expenses", "record-expense", "Record money spent for a client", http.StatusCreated), s.recordExpense)
	read(s, op(http.MethodGet, "/projects/{id}/expenses", "list-expenses", "What was spent on a project: all for account managers, else one's own", http.StatusOK), s.listExpenses)
	write[Nothing](s, op(http.MethodDelete, "/expenses/{id}", "delete-expense", "Delete an expense that is on no invoice", http.StatusOK), s.deleteExpense)
}

// Spent is money spent for a client (N.10).
type Spent struct {
	ID            uuid.UUID        `json:"id"`
	ProjectID     uuid.UUID        `json:"project_id"`
	UserID        uuid.UUID        `json:"user_id" doc:"Who spent it"`
	SpentOn       civil.Date       `json:"spent_on" format:"date"`
	Description   string           `json:"description" doc:"As it is printed"`
	Amount        string           `json:"amount" doc:"What it cost, in the project's currency"`
	MarkupPercent decimal.Decimal  `json:"markup_percent"`
	Billed        string           `json:"billed_amount" doc:"The cost and its mark-up"`
	TaxPercent    *decimal.Decimal `json:"tax_percent"`
	Billable      bool             `json:"billable"`
	ReceiptFileID *uuid.UUID       `json:"receipt_file_id" doc:"A file on a task of the project"`
	InvoiceID     *uuid.UUID       `json:"invoice_id" doc:"The draft or invoice it is on"`
	CreatedAt     time.Time        `json:"created_at"`
	Version       int32            `json:"version"`
}

// ExpenseBody describes a new expense.
type ExpenseBody struct {
	SpentOn       civil.Date       `json:"spent_on" format:"date"`
	Description   string           `json:"description" minLength:"1" maxLength:"1000" pattern:"\\S"`
	Amount        decimal.Decimal  `json:"amount" doc:"What it cost, in the project's currency"`
	MarkupPercent *decimal.Decimal `json:"markup_percent,omitempty" doc:"Set by the project's account manager; none if left out"`
	TaxPercent    *decimal.Decimal `json:"tax_percent,omitempty" doc:"The work statement's, if left out"`
	Billable      *bool            `json:"billable,omitempty" doc:"True if left out"`
	ReceiptFileID *uuid.UUID       `json:"receipt_file_id,omitempty" doc:"Attach the receipt to a task of the project first"`
}

func expenseOf(r db.ExpensesRow, c money.Currency) Spent {
	billed, _ := billing.Marked(r.Amount, r.MarkupPercent, c) // it was checked when it was kept
	return Spent{
		ID: r.ID, ProjectID: r.ProjectID, UserID: r.PersonID, SpentOn: r.SpentOn, Description: r.Description, Amount: c.Format(r.Amount), MarkupPercent: r.MarkupPercent,
		Billed: c.Format(billed), TaxPercent: r.TaxPercent, Billable: r.Billable, ReceiptFileID: r.ReceiptFileID, InvoiceID: r.InvoiceID, CreatedAt: r.CreatedAt, Version: r.Version,
	}
}

func (s *Server) recordExpense(ctx context.Context, in *oneInput[ExpenseBody]) (*Done, error) {
	body := struct {
		ProjectID uuid.UUID `json:"project_id"`
		ExpenseBody
	}{in.ID, in.Body}
	r, err := s.content(ctx, in.WriteHeaders, expenseKind, s.store.NewID(), "create", body, access.RecordTime)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		p, err := q.LockProject(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		x, err := s.newExpense(ctx, q, r, p, in.Body)
		if err == nil {
			err = unlocked(ctx, q, r.actor, p.ID, in.Body.SpentOn)
		}
		if err == nil {
			err = q.InsertExpense(ctx, x)
		}
		if err != nil {
			return nil, err
		}
		row, err := q.LockExpense(ctx, r.id)
		if err != nil {
			return nil, err
		}
		return expenseOf(db.ExpensesRow(row), money.Currency(p.Currency)), r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, body), "")
	})
}

// newExpense is the expense as it is stored, if it can be.
func (s *Server) newExpense(ctx context.Context, q *db.Queries, r request, p db.LockProjectRow, b ExpenseBody) (db.InsertExpenseParams, error) {
	x := db.InsertExpenseParams{
		ID: r.id, ProjectID: p.ID, PersonID: r.actor.ID, SpentOn: b.SpentOn, Description: b.Description, Amount: b.Amount, TaxPercent: b.TaxPercent,
		Billable: b.Billable == nil || *b.Billable, ReceiptFileID: b.ReceiptFileID,
	}
	if work.ProjectStatus(p.Status) != work.Active {
		return x, fault.New(work.ProjectNotActive, "the project is %s: no expense can be recorded", p.Status)
	}
	if err := past("spent_on", b.SpentOn, nil, postgres.Zone(r.actor.Zone), s.store.Now()); err != nil {
		return x, err
	}
	if err := price("amount", b.Amount, money.Currency(p.Currency)); err != nil {
		return x, err
	}
	if b.MarkupPercent != nil {
		if err := access.Can(r.actor, access.Bill, amOf(p.AccountManagerID, r.actor)); err != nil {
			return x, err
		}
		if b.MarkupPercent.IsNegative() || b.MarkupPercent.GreaterThan(decimal.NewFromInt(999)) || !b.MarkupPercent.Equal(b.MarkupPercent.Truncate(3)) {
			return x, fault.Wrong("markup_percent", "is between 0 and 999 with at most three decimals")
		}
		x.MarkupPercent = *b.MarkupPercent
	}
	if _, err := billing.Marked(b.Amount, x.MarkupPercent, money.Currency(p.Currency)); err != nil {
		return x, err
	}
	if b.ReceiptFileID != nil {
		there, err := q.ProjectHasFile(ctx, *b.ReceiptFileID, p.ID)
		if err == nil && !there {
			err = fault.Wrong("receipt_file_id", "is not a file on a task of this project")
		}
		if err != nil {
			return x, err
		}
	}
	return x, percent("tax_percent", b.TaxPercent)
}

func (s *Server) listExpenses(ctx context.Context, in *projectPage) (*PageOutput[Spent], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	p, err := s.store.Project(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	q := db.ExpensesParams{ProjectID: in.ID, After: c.ID, Page: in.Limit + 1}
	if can(ctx, access.ReadMoney) != nil {
		q.ViewerID = ptr(actorOf(ctx).ID)
	}
	rows, err := s.store.Lists.Expenses(ctx, q)
	return page(in.PageInput, rows, func(r db.ExpensesRow) cursor { return cursor{ID: r.ID} },
		func(r db.ExpensesRow) Spent { return expenseOf(r, money.Currency(p.Currency)) }), err
}

func (s *Server) deleteExpense(ctx context.Context, in *noBody) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, expenseKind, in.ID, "delete", struct{}{}, access.RecordTime)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		of, err := q.ExpenseFor(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		rel := amOf(of.AccountManagerID, r.actor)
		if of.PersonID == r.actor.ID {
			rel |= access.Self
		}
		if rel == 0 && can(ctx, access.ReadMoney) != nil { // whose lists do not show it
			return nil, fault.New(fault.NotFound, "not found")
		}
		x, err := q.LockExpense(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		err = access.Can(r.actor, access.EditTime, rel)
		if err == nil && x.InvoiceID != nil {
			err = fault.New(ItemInvoiced, "the expense is on an invoice")
		}
		if err == nil {
			err = unlocked(ctx, q, r.actor, x.ProjectID, x.SpentOn)
		}
		if err == nil {
			err = r.fresh(x.Version)
		}
		if err == nil {
			err = q.DeleteExpense(ctx, in.ID)
		}
		if err != nil {
			return nil, err
		}
		return struct{}{}, r.audited(ctx, s, q, x.Version, map[string]postgres.Change{"description": {x.Description, nil}, "amount": {x.Amount, nil}}, "")
	})
}
