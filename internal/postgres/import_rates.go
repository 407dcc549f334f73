package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// AddRates adds rates. They must not overlap with stored ones: see
// [Import.EndRates].
func (i *Import) AddRates(ctx context.Context, rates []ImportRate) error {
	columns := []string{"id", "person_id", "project_id", "hourly", "currency", "valid"}
	err := importCopy(ctx, i.tx, "rate", columns, rates, func(r *ImportRate) []any {
		return []any{r.ID, idCell(r.PersonID), idCell(r.ProjectID), r.Hourly, string(r.Currency), validity(r)}
	})
	if err != nil {
		return err
	}
	return importAudit(ctx, i, "rate", rates, func(r *ImportRate) uuid.UUID { return r.ID })
}

// EndRates lets stored rates end at their Until, unless they end before it.
// Nothing else of them changes.
func (i *Import) EndRates(ctx context.Context, rates []ImportRate) error {
	if len(rates) == 0 {
		return nil
	}
	var ids, events []uuid.UUID
	var until []pgtype.Date
	for _, r := range rates {
		ids, events, until = append(ids, r.ID), append(events, i.NewID()), append(until, dayCell(r.Until))
	}
	if _, err := i.tx.Exec(ctx, endRates, ids, events, until, importSource); err != nil {
		return fmt.Errorf("end rates: %w", err)
	}
	return nil
}

const endRates = `
WITH ended AS (
    UPDATE rate r SET valid = daterange(lower(r.valid), n.until)
    FROM unnest($1::uuid[], $2::uuid[], $3::date[]) AS n(id, event, until) JOIN rate before USING (id)
    WHERE r.id = n.id AND (upper_inf(before.valid) OR upper(before.valid) > n.until)
    RETURNING r.id, n.event, jsonb_build_object('until', jsonb_build_array(upper(before.valid), n.until)) AS changes
)
INSERT INTO audit_event (id, entity_kind, entity_id, verb, version, changes, source)
SELECT event, 'rate', id, 'ended', 1, changes, $4 FROM ended`

// validity is [From, Until) as a range.
func validity(r *ImportRate) pgtype.Range[pgtype.Date] {
	v := pgtype.Range[pgtype.Date]{
		Lower: dayCell(r.From), LowerType: pgtype.Inclusive,
		Upper: dayCell(r.Until), UpperType: pgtype.Exclusive, Valid: true,
	}
	if r.Until.IsZero() {
		v.UpperType = pgtype.Unbounded
	}
	return v
}
