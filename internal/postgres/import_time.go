package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// AddTime adds those of the entries whose keys are not stored yet, and returns
// how many that were. Some thousand entries a call keep it fast and small.
func (i *Import) AddTime(ctx context.Context, entries []ImportTime) (added int, err error) {
	stored, err := i.storedTime(ctx, entries)
	if err != nil {
		return 0, err
	}
	fresh := make([]ImportTime, 0, len(entries)-len(stored))
	for _, e := range entries {
		if !stored[e.Key] {
			fresh = append(fresh, e)
		}
	}
	columns := []string{"id", "external_key", "task_id", "project_id", "person_id", "work_date", "started_at",
		"minutes", "description", "billing", "remaining_minutes"}
	err = importCopy(ctx, i.tx, "time_entry", columns, fresh, func(e *ImportTime) []any {
		return []any{e.ID, textCell(e.Key), e.TaskID, e.ProjectID, e.PersonID, dayCell(e.WorkDate), instantCell(e.StartedAt),
			e.Minutes, e.Description, e.Billing, e.Remaining}
	})
	return len(fresh), err
}

func (i *Import) storedTime(ctx context.Context, entries []ImportTime) (map[string]bool, error) {
	keys := make([]string, len(entries))
	for n, e := range entries {
		keys[n] = e.Key
	}
	rows, err := i.tx.Query(ctx, "SELECT external_key FROM time_entry WHERE external_key = ANY ($1)", keys)
	if err != nil {
		return nil, fmt.Errorf("read what is stored: %w", err)
	}
	stored := map[string]bool{}
	var key string
	_, err = pgx.ForEachRow(rows, []any{&key}, func() error {
		stored[key] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what is stored: %w", err)
	}
	return stored, nil
}
