package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
	"steward/internal/postgres/db"
)

// Rerated is time of a draft that was collected again at another rate.
type Rerated struct {
	ProjectID  uuid.UUID `json:"project_id"`
	TaskID     uuid.UUID `json:"task_id"`
	UserID     uuid.UUID `json:"user_id"`
	Text       string    `json:"text" doc:"The task"`
	Who        string    `json:"who" doc:"Who did the work, by name"`
	Minutes    int64     `json:"minutes" doc:"As recorded"`
	RateBefore string    `json:"rate_before"`
	RateAfter  string    `json:"rate_after"`
}

// mostRerated is how many are told of; the answer to a write is kept.
const mostRerated = 200

// Recollect is [Store.Collect], and says what has another rate than before.
// Rule: billing, "Rates": a draft re-rates when refreshed and says so.
func (s *Store) Recollect(ctx context.Context, tx pgx.Tx, inv db.LockInvoiceRow, through civil.Date) ([]Rerated, error) {
	q := s.WithTx(tx)
	before, err := q.DraftRates(ctx, inv.ID)
	if err != nil {
		return nil, err
	}
	if err := s.Collect(ctx, tx, inv.ID, through); err != nil {
		return nil, err
	}
	ids, rates := make([]uuid.UUID, len(before)), make([]decimal.Decimal, len(before))
	for i, b := range before {
		ids[i], rates[i] = b.ID, b.UnitPrice
	}
	rows, err := q.Rerated(ctx, db.ReratedParams{Ids: ids, Rates: rates, InvoiceID: inv.ID, Page: mostRerated})
	all := make([]Rerated, len(rows))
	for i, r := range rows {
		all[i] = Rerated{
			ProjectID: r.ProjectID, TaskID: r.TaskID, UserID: r.PersonID, Text: TaskKey(r.Code, r.Number) + " " + r.Title, Who: r.Who, Minutes: r.Minutes,
			RateBefore: PrintedPrice(r.Before, money.Currency(inv.Currency)), RateAfter: PrintedPrice(r.After, money.Currency(inv.Currency)),
		}
	}
	return all, err
}

// AddProjects puts more projects of its client on a draft that is locked with
// them. It refuses those of another client or currency (S1.74, S1.75).
func (s *Store) AddProjects(ctx context.Context, q *db.Queries, inv db.LockInvoiceRow, ids []uuid.UUID) error {
	currency, err := s.draftCurrency(ctx, q, Draft{ClientID: inv.ClientID, ProjectIDs: ids})
	if err == nil && currency != inv.Currency {
		err = fault.New(money.CurrencyMismatch, "the invoice is in %s, the projects are in %s: one invoice has one currency", inv.Currency, currency)
	}
	if err != nil {
		return err
	}
	return q.InsertInvoiceProjects(ctx, inv.ID, ids)
}
