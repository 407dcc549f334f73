package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// AddProjects adds projects with their work statements. Those that have not ended
// are put into the outbox, so that the worker starts their processes.
func (i *Import) AddProjects(ctx context.Context, projects []ImportProject) error {
	columns := []string{"id", "external_key", "client_id", "code", "name", "status", "account_manager_id",
		"currency", "starts_on", "ends_on"}
	err := importCopy(ctx, i.tx, "project", columns, projects, func(p *ImportProject) []any {
		return []any{p.ID, textCell(p.Key), p.ClientID, p.Code, p.Name, p.Status, p.AccountManagerID,
			string(p.Currency), dayCell(p.StartsOn), dayCell(p.EndsOn)}
	})
	if err != nil {
		return err
	}
	columns = []string{"project_id", "billing_period", "anchor_day"}
	err = importCopy(ctx, i.tx, "work_statement", columns, projects, func(p *ImportProject) []any {
		return []any{p.ID, p.BillingPeriod, p.AnchorDay}
	})
	if err != nil {
		return err
	}
	var open []uuid.UUID
	for _, p := range projects {
		if !p.Ended() {
			open = append(open, p.ID)
		}
	}
	if err := i.announce(ctx, "project", open); err != nil {
		return err
	}
	return importAudit(ctx, i, "project", projects, func(p *ImportProject) uuid.UUID { return p.ID })
}

// TakeNumbers reserves so many numbers for the tasks of each project, and
// returns for each the number before the first of them.
func (i *Import) TakeNumbers(ctx context.Context, count map[uuid.UUID]int) (map[uuid.UUID]int, error) {
	const sql = `
UPDATE project p SET last_number = p.last_number + n.tasks
FROM unnest($1::uuid[], $2::int[]) AS n(id, tasks) WHERE p.id = n.id
RETURNING p.id, p.last_number - n.tasks`
	var ids []uuid.UUID
	var tasks []int
	for id, n := range count {
		ids, tasks = append(ids, id), append(tasks, n)
	}
	before := make(map[uuid.UUID]int, len(ids))
	rows, err := i.tx.Query(ctx, sql, ids, tasks)
	if err != nil {
		return nil, fmt.Errorf("number the tasks: %w", err)
	}
	var id uuid.UUID
	var last int
	_, err = pgx.ForEachRow(rows, []any{&id, &last}, func() error {
		before[id] = last
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("number the tasks: %w", err)
	}
	return before, nil
}
