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
	write[Spent](s, op(http.MethodPatch, "/expenses/{id}", "edit-expense", "Change an expense that is on no completed invoice", http.StatusOK), s.editExpense)
	write[Nothing](s, op(http.MethodDelete, "/expenses/{id}", "delete-expense", "Delete an expense that is on no completed invoice", http.StatusOK), s.deleteExpense)
}

// Spent is money spent for a client (N.10).
type Spent struct {
	ID            uuid.UUID        `json:"id"`
	ProjectID     uuid.UUID        `json:"project_id"`
	UserID        uuid.UUID        `json:"user_id" doc:"Who spent it"`
	UserName      string           `json:"user_name"`
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
		ID: r.ID, ProjectID: r.ProjectID, UserID: r.PersonID, UserName: r.PersonName, SpentOn: r.SpentOn, Description: r.Description, Amount: c.Format(r.Amount), MarkupPercent: r.MarkupPercent,
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
	return s.once(ctx, r, http.StatusCreated, func(q *db.Queries, tx pgx.Tx) (any, error) {
		if err := s.store.Ahead(tx).ShareTime(ctx, in.ID.String()); err != nil { // its day is not locked meanwhile
			return nil, err
		}
		p, err := q.LockProject(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		if err := leftBefore("expenses", p.Status, p.LeftAt, in.Body.SpentOn, postgres.Zone(r.actor.Zone)); err != nil {
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
	if b.MarkupPercent != nil {
		if err := access.Can(r.actor, access.Bill, amOf(p.AccountManagerID, r.actor)); err != nil {
			return x, err
		}
		x.MarkupPercent = *b.MarkupPercent
	}
	if err := past("spent_on", x.SpentOn, nil, postgres.Zone(r.actor.Zone), s.store.Now()); err != nil {
		return x, err
	}
	if err := receipt(ctx, q, p.ID, x.ReceiptFileID); err != nil {
		return x, err
	}
	return x, checkExpense(x, p)
}

// checkExpense refuses amounts that cannot be stored.
func checkExpense(x db.InsertExpenseParams, p db.LockProjectRow) error {
	if err := price("amount", x.Amount, money.Currency(p.Currency)); err != nil {
		return err
	}
	if m := x.MarkupPercent; m.IsNegative() || m.GreaterThan(decimal.NewFromInt(999)) || !m.Equal(m.Truncate(3)) {
		return fault.Wrong("markup_percent", "is between 0 and 999 with at most three decimals")
	}
	if _, err := billing.Marked(x.Amount, x.MarkupPercent, money.Currency(p.Currency)); err != nil {
		return err
	}
	return percent("tax_percent", x.TaxPercent)
}

// receipt refuses a file that is not on the project.
func receipt(ctx context.Context, q *db.Queries, project uuid.UUID, file *uuid.UUID) error {
	if file == nil {
		return nil
	}
	there, err := q.ProjectHasFile(ctx, *file, project)
	if err == nil && !there {
		err = fault.Wrong("receipt_file_id", "is not a file on a task of this project")
	}
	return err
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

// ExpensePatch changes the given parts of an expense.
type ExpensePatch struct {
	SpentOn       *civil.Date                 `json:"spent_on,omitempty" format:"date"`
	Description   *string                     `json:"description,omitempty" minLength:"1" maxLength:"1000" pattern:"\\S"`
	Amount        *decimal.Decimal            `json:"amount,omitempty"`
	MarkupPercent *decimal.Decimal            `json:"markup_percent,omitempty" doc:"Set by the project's account manager"`
	TaxPercent    work.Maybe[decimal.Decimal] `json:"tax_percent,omitzero" required:"false" doc:"Null: the work statement's"`
	Billable      *bool                       `json:"billable,omitempty"`
	ReceiptFileID work.Maybe[uuid.UUID]       `json:"receipt_file_id,omitzero" required:"false" doc:"Null: none"`
}

// over puts the given fields over an expense as it is.
func (p ExpensePatch) over(x db.InsertExpenseParams) db.InsertExpenseParams {
	set(&x.SpentOn, p.SpentOn)
	set(&x.Description, p.Description)
	set(&x.Amount, p.Amount)
	set(&x.MarkupPercent, p.MarkupPercent)
	set(&x.Billable, p.Billable)
	x.TaxPercent = p.TaxPercent.Over(x.TaxPercent)
	x.ReceiptFileID = p.ReceiptFileID.Over(x.ReceiptFileID)
	return x
}

func (s *Server) editExpense(ctx context.Context, in *patchInput[ExpensePatch]) (*Done, error) {
	return s.changeExpense(ctx, in.WriteHeaders, in.ID, "edit", in.Body, func(q *db.Queries, r request, row db.LockExpenseRow) (map[string]postgres.Change, error) {
		p, err := q.LockProject(ctx, row.ProjectID)
		if err == nil && in.Body.MarkupPercent != nil {
			err = access.Can(r.actor, access.Bill, amOf(p.AccountManagerID, r.actor))
		}
		if err != nil {
			return nil, err
		}
		after := in.Body.over(db.InsertExpenseParams{
			SpentOn: row.SpentOn, Description: row.Description, Amount: row.Amount, MarkupPercent: row.MarkupPercent, TaxPercent: row.TaxPercent, Billable: row.Billable, ReceiptFileID: row.ReceiptFileID,
		})
		if err := checkExpense(after, p); err != nil {
			return nil, err
		}
		if err := receipt(ctx, q, p.ID, in.Body.ReceiptFileID.Value); err != nil {
			return nil, err
		}
		if after.SpentOn != row.SpentOn {
			if err := s.otherDay(ctx, q, r, p, after.SpentOn); err != nil {
				return nil, err
			}
		}
		is := row
		is.SpentOn, is.Description, is.Amount, is.MarkupPercent = after.SpentOn, after.Description, after.Amount, after.MarkupPercent
		is.TaxPercent, is.Billable, is.ReceiptFileID = after.TaxPercent, after.Billable, after.ReceiptFileID
		changes := postgres.Diff(expenseOf(db.ExpensesRow(row), money.Currency(p.Currency)), expenseOf(db.ExpensesRow(is), money.Currency(p.Currency)))
		if len(changes) == 0 {
			return nil, nil
		}
		return changes, q.UpdateExpense(ctx, db.UpdateExpenseParams{
			ID: row.ID, SpentOn: after.SpentOn, Description: after.Description, Amount: after.Amount, MarkupPercent: after.MarkupPercent,
			TaxPercent: after.TaxPercent, Billable: after.Billable, ReceiptFileID: after.ReceiptFileID,
		})
	})
}

// otherDay refuses to move an expense to a day that has not come, is locked, or
// is after its project was left.
func (s *Server) otherDay(ctx context.Context, q *db.Queries, r request, p db.LockProjectRow, day civil.Date) error {
	zone := postgres.Zone(r.actor.Zone)
	if err := past("spent_on", day, nil, zone, s.store.Now()); err != nil {
		return err
	}
	if err := leftBefore("expenses", p.Status, p.LeftAt, day, zone); err != nil {
		return err
	}
	return unlocked(ctx, q, r.actor, p.ID, day)
}

func (s *Server) deleteExpense(ctx context.Context, in *noBody) (*Done, error) {
	return s.changeExpense(ctx, in.WriteHeaders, in.ID, "delete", struct{}{}, func(q *db.Queries, _ request, x db.LockExpenseRow) (map[string]postgres.Change, error) {
		return map[string]postgres.Change{"description": {x.Description, nil}, "amount": {x.Amount, nil}}, q.DeleteExpense(ctx, x.ID)
	})
}

// expenseChange is what is done to an expense that is locked and may be changed;
// it says what changed.
type expenseChange func(q *db.Queries, r request, x db.LockExpenseRow) (map[string]postgres.Change, error)

// changeExpense changes or deletes an expense in one transaction. A draft that it
// is on follows (S1.76).
func (s *Server) changeExpense(ctx context.Context, h WriteHeaders, id uuid.UUID, verb string, body any, f expenseChange) (*Done, error) {
	r, err := s.content(ctx, h, expenseKind, id, verb, body, access.RecordTime)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, tx pgx.Tx) (any, error) {
		x, currency, err := r.lockExpense(ctx, q, s.store.Ahead(tx))
		if err != nil {
			return nil, err
		}
		changes, err := f(q, r, x)
		if err != nil {
			return nil, err
		}
		if len(changes) > 0 {
			if err := r.audited(ctx, s, q, x.Version+1, changes, ""); err != nil {
				return nil, err
			}
			if err := s.follow(ctx, tx, x.InvoiceID); err != nil {
				return nil, err
			}
		}
		if verb == "delete" {
			return struct{}{}, nil
		}
		x, err = q.LockExpense(ctx, id) // as it is after its draft has followed
		return expenseOf(db.ExpensesRow(x), currency), err
	})
}

// lockExpense locks an expense that the caller may change.
func (r request) lockExpense(ctx context.Context, q, ahead *db.Queries) (db.LockExpenseRow, money.Currency, error) {
	var x db.LockExpenseRow
	of, err := q.ExpenseFor(ctx, r.id)
	if err != nil {
		return x, "", err
	}
	rel := amOf(of.AccountManagerID, r.actor)
	if of.PersonID == r.actor.ID {
		rel |= access.Self
	}
	if rel == 0 && can(ctx, access.ReadMoney) != nil { // whose lists do not show it
		return x, "", fault.New(fault.NotFound, "not found")
	}
	err = access.Can(r.actor, access.EditTime, rel)
	if err == nil {
		err = q.BillDraftsLocks(ctx, of.ProjectID) // before the expense: nobody bills it meanwhile
	}
	if err == nil {
		x, err = q.LockExpense(ctx, r.id)
	}
	if err == nil {
		err = onNoInvoice(ctx, q, x.InvoiceID, "expense")
	}
	if err == nil {
		err = ahead.ShareTime(ctx, x.ProjectID.String()) // its day is not locked meanwhile
	}
	if err == nil {
		err = unlocked(ctx, q, r.actor, x.ProjectID, x.SpentOn)
	}
	if err == nil {
		err = r.fresh(x.Version)
	}
	return x, money.Currency(of.Currency), err
}
