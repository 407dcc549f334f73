package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Export reads all that an import could bring (N.18), as of one moment. Whoever
// begins one ends it with [Export.Close].
type Export struct{ tx pgx.Tx }

// BeginExport fixes the moment.
func BeginExport(ctx context.Context, pool *pgxpool.Pool) (*Export, error) {
	tx, err := pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("begin an export: %w", err)
	}
	e := &Export{tx}
	for _, sql := range []string{"SET LOCAL statement_timeout = 0", "SET LOCAL idle_in_transaction_session_timeout = 0"} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			e.Close()
			return nil, fmt.Errorf("begin an export: %w", err)
		}
	}
	return e, nil
}

// Close ends the export; it has changed nothing.
func (e *Export) Close() { _ = e.tx.Rollback(context.Background()) }

// ExportSheet is what goes into one file: its columns are named as the file's
// are, and all are text.
type ExportSheet struct{ count, rows string }

// The sheets. Each thing has the key that it was imported with, or else one
// made of what people call it; where that is taken, its id.
var (
	ExportClients  = ExportSheet{"SELECT count(*) FROM client", exportKeys + exportClients}
	ExportPeople   = ExportSheet{"SELECT count(*) FROM person WHERE kind = 'staff'", exportKeys + exportPeople}
	ExportProjects = ExportSheet{"SELECT count(*) FROM project", exportKeys + exportProjects}
	ExportRates    = ExportSheet{"SELECT count(*) FROM rate", exportKeys + exportRates}
	ExportTasks    = ExportSheet{"SELECT count(*) FROM task", exportKeys + exportTasks}
	ExportTime     = ExportSheet{"SELECT count(*) FROM time_entry", exportKeys + exportTime}
)

// Count is how many rows a sheet has.
func (e *Export) Count(ctx context.Context, s ExportSheet) (n int, err error) {
	if err := e.tx.QueryRow(ctx, s.count).Scan(&n); err != nil {
		return 0, fmt.Errorf("count what to export: %w", err)
	}
	return n, nil
}

// Each calls head with a sheet's columns, then row with each row as it comes
// from the database. The cells are the callee's until it returns.
func (e *Export) Each(ctx context.Context, s ExportSheet, head, row func([]string) error) error {
	rows, err := e.tx.Query(ctx, s.rows)
	if err != nil {
		return fmt.Errorf("read what to export: %w", err)
	}
	defer rows.Close()
	cells := columnsOf(rows.FieldDescriptions())
	if err := head(cells); err != nil {
		return err
	}
	into := make([]any, len(cells))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read what to export: %w", err)
		}
		if err := row(cells); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read what to export: %w", err)
	}
	return nil
}

func columnsOf(fields []pgconn.FieldDescription) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}

// A ";" parts the values of a cell: no value holds one.
const exportKeys = `
WITH client_key AS (
    SELECT c.id, coalesce(c.external_key, c.id::text) AS key FROM client c),
person_key AS (
    SELECT p.id, p.time_zone, coalesce(p.external_key, CASE WHEN length(p.email) <= 200 AND NOT EXISTS (SELECT FROM person o WHERE o.external_key = p.email)
        THEN p.email END, p.id::text) AS key FROM person p WHERE p.kind = 'staff'),
project_key AS (
    SELECT j.id, coalesce(j.external_key, CASE WHEN NOT EXISTS (SELECT FROM project o WHERE o.external_key = j.code) THEN j.code END, j.id::text) AS key FROM project j),
task_key AS (
    SELECT t.id, CASE WHEN t.external_key NOT LIKE '%;%' THEN t.external_key
        WHEN t.external_key IS NULL AND NOT EXISTS (SELECT FROM task o WHERE o.external_key = j.code || '-' || t.number) THEN j.code || '-' || t.number
        ELSE t.id::text END AS key
    FROM task t JOIN project j ON j.id = t.project_id),
group_name AS (
    SELECT g.id, replace(g.name, ';', ',') AS name,
        EXISTS (SELECT FROM work_group_member m JOIN person p ON p.id = m.person_id AND p.kind = 'staff' WHERE m.group_id = g.id) AS has_members
    FROM work_group g)`

const exportClients = `
SELECT k.key AS client, c.name, c.currency, c.email, c.payment_terms_days::text AS payment_terms_days, trim_scale(coalesce((SELECT r.percent FROM tax_rate r
        WHERE r.tax_code_id = c.tax_code_id ORDER BY r.from_on > current_date, abs(r.from_on - current_date) LIMIT 1), c.tax_percent))::text AS tax_percent,
    c.time_zone, c.billing_address, c.tax_id, array_to_string(c.billing_cc, ';') AS billing_cc
FROM client c JOIN client_key k ON k.id = c.id ORDER BY c.id`

const exportPeople = `
SELECT k.key AS person, p.name, p.email, coalesce(nullif(array_to_string(p.roles, ';'), ''), 'contributor') AS roles,
    coalesce((SELECT string_agg(g.name, ';' ORDER BY g.name COLLATE "C") FROM work_group_member m JOIN group_name g ON g.id = m.group_id WHERE m.person_id = p.id), '') AS groups,
    coalesce((SELECT string_agg(replace(s.skill, ';', ','), ';' ORDER BY s.place) FROM unnest(p.skills) WITH ORDINALITY s (skill, place)), '') AS skills,
    p.time_zone
FROM person p JOIN person_key k ON k.id = p.id ORDER BY p.id`

const exportProjects = `
SELECT k.key AS project, c.key AS client, j.name, a.key AS account_manager, j.status, coalesce(j.starts_on::text, '') AS starts_on, coalesce(j.ends_on::text, '') AS ends_on,
    coalesce(w.billing_period, 'monthly') AS billing_period, coalesce(w.anchor_day, 31)::text AS billing_anchor_day
FROM project j JOIN project_key k ON k.id = j.id JOIN client_key c ON c.id = j.client_id JOIN person_key a ON a.id = j.account_manager_id
    LEFT JOIN work_statement w ON w.project_id = j.id
ORDER BY j.id`

const exportRates = `
SELECT coalesce(p.key, '') AS person, coalesce(j.key, '') AS project, trim_scale(r.hourly)::text AS rate, r.currency, coalesce(lower(r.valid), '1970-01-01')::text AS "from"
FROM rate r LEFT JOIN person_key p ON p.id = r.person_id LEFT JOIN project_key j ON j.id = r.project_id
ORDER BY r.person_id NULLS FIRST, r.project_id NULLS FIRST, r.currency, lower(r.valid) NULLS FIRST`

// Days are those of UTC, at whose noon an import puts them.
const exportTasks = `
SELECT k.key AS task, j.key AS project, coalesce(u.key, '') AS parent, t.title, t.status, t.priority::text AS priority, coalesce(t.estimate_minutes::text, '') AS estimate_minutes,
    coalesce(o.key, '') AS owner, coalesce(a.key, g.name, '') AS assignee,
    coalesce((SELECT string_agg(replace(s.skill, ';', ','), ';' ORDER BY s.place) FROM unnest(t.skills) WITH ORDINALITY s (skill, place)), '') AS skills,
    coalesce((SELECT string_agg(d.key, ';' ORDER BY d.id) FROM task_dependency x JOIN task_key d ON d.id = x.depends_on_id WHERE x.task_id = t.id), '') AS depends_on,
    CASE WHEN t.visible_to_client THEN 'true' ELSE 'false' END AS visible_to_client,
    (t.created_at AT TIME ZONE 'UTC')::date::text AS created_on,
    CASE WHEN t.closed_at IS NULL THEN '' ELSE (greatest(t.closed_at, t.created_at) AT TIME ZONE 'UTC')::date::text END AS completed_on
FROM task t JOIN task_key k ON k.id = t.id JOIN project_key j ON j.id = t.project_id LEFT JOIN task_key u ON u.id = t.parent_id
    LEFT JOIN person_key o ON o.id = t.owner_id LEFT JOIN person_key a ON a.id = t.assignee_person_id
    LEFT JOIN group_name g ON g.id = t.assignee_group_id AND g.has_members
ORDER BY t.id`

// A start on another day than the work date has no place in the file.
const exportTime = `
SELECT coalesce(e.external_key, e.id::text) AS entry, t.key AS task, p.key AS person, e.work_date::text AS work_date,
    coalesce(to_char(CASE WHEN (e.started_at AT TIME ZONE p.time_zone)::date = e.work_date THEN e.started_at AT TIME ZONE p.time_zone END, 'HH24:MI'), '') AS start,
    e.minutes::text AS minutes, e.description, e.billing AS billable, coalesce(e.remaining_minutes::text, '') AS remaining_minutes
FROM time_entry e JOIN task_key t ON t.id = e.task_id JOIN person_key p ON p.id = e.person_id ORDER BY e.id`
