package activities

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/access"
	"steward/internal/billing"
	"steward/internal/document"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// WarnOfBudgets tells the account managers of the next projects with a budget
// how much of it is used: at 50, 80 and 100 %, each once (N.07).
func (a *Activities) WarnOfBudgets(ctx context.Context, after flow.After) (flow.Told, error) {
	rows, err := a.store.BudgetsToWatch(ctx, after.ID, pageSize)
	if err != nil || len(rows) == 0 {
		return flow.Told{}, err
	}
	out := flow.Told{Last: rows[len(rows)-1].ProjectID, More: len(rows) == pageSize}
	return page(ctx, out, rows, func(r db.BudgetsToWatchRow) string { return "the budget of project " + r.ProjectID.String() },
		func(r db.BudgetsToWatchRow) (int, error) { return a.warnOfBudget(ctx, r) })
}

// warnOfBudget looks at both budgets of a project.
func (a *Activities) warnOfBudget(ctx context.Context, r db.BudgetsToWatchRow) (told int, err error) {
	if r.BudgetMinutes != nil {
		told, err = a.warn(ctx, r, "hours", decimal.NewFromInt(r.Minutes), decimal.NewFromInt(int64(*r.BudgetMinutes)), money.Hours(int64(*r.BudgetMinutes))+" hours")
	}
	if err != nil || r.BudgetAmount == nil {
		return told, err
	}
	used, currency, err := a.store.ProjectValue(ctx, r.ProjectID)
	if _, refused := fault.From(err); refused {
		return told, nil // a rate is missing: the value is not known
	}
	if err != nil {
		return told, err
	}
	n, err := a.warn(ctx, r, "money", used, *r.BudgetAmount, document.Money("en", *r.BudgetAmount, currency))
	return told + n, err
}

// warn gives the warnings that a use has come to, but in words only the highest.
func (a *Activities) warn(ctx context.Context, r db.BudgetsToWatchRow, measure string, used, budget decimal.Decimal, words string) (int, error) {
	reached := billing.Reached(used, budget)
	if len(reached) == 0 {
		return 0, nil
	}
	percent := reached[len(reached)-1]
	given := int64(0)
	err := a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) (err error) {
		given, err = q.WarnOfBudget(ctx, db.WarnOfBudgetParams{ProjectID: r.ProjectID, Measure: measure, Percent: percent, Budget: budget, Now: a.store.Now()})
		if err != nil || given == 0 {
			return err
		}
		return a.store.Tell(ctx, q, access.Actor{}, postgres.News{
			About: string(flow.Project), ID: r.ProjectID, Name: r.Code, Where: fmt.Sprintf("%d %% of its budget of %s", percent, words), Told: work.BudgetUsed(r.AccountManagerID),
		})
	})
	return int(given), err
}
