-- name: StatementsToPlan :many
-- Work statements that the clock bills, with the last of their periods that is
-- known. One of a complete project only while it has something left to bill.
SELECT w.project_id, w.billing_period, w.anchor_day, coalesce(w.billing_from, p.starts_on)::date AS billing_from, c.time_zone, p.ended_at,
    (SELECT max(b.period_end) FROM billing_period b WHERE b.project_id = w.project_id)::date AS last_end,
    CASE w.billing_period WHEN 'on_completion' THEN
        (SELECT max(e.work_date) FROM time_entry e WHERE e.project_id = p.id AND e.invoice_line_id IS NULL AND e.billing <> 'internal') END::date AS last_work,
    (p.status = 'complete' AND NOT x.work)::boolean AS fees_alone
FROM work_statement w JOIN project p ON p.id = w.project_id JOIN client c ON c.id = p.client_id
    CROSS JOIN LATERAL (SELECT p.status = 'complete' AND (
        w.billing_kind <> 'fixed_price' AND EXISTS (SELECT FROM time_entry e WHERE e.project_id = p.id AND e.invoice_line_id IS NULL AND e.billing <> 'internal')
        OR EXISTS (SELECT FROM expense x WHERE x.project_id = p.id AND x.invoice_line_id IS NULL AND x.billable)
        OR EXISTS (SELECT FROM milestone_left m WHERE m.project_id = p.id)) AS work) x
WHERE w.project_id > @after AND coalesce(w.billing_from, p.starts_on) IS NOT NULL
    AND CASE WHEN w.billing_period = 'none' THEN false
        WHEN w.billing_period = 'on_completion' THEN x.work
        WHEN p.status IN ('active', 'on_hold') THEN true
        ELSE x.work OR p.status = 'complete' AND p.id IN (SELECT f.project_id FROM fee_left f) END
ORDER BY w.project_id LIMIT @page;

-- name: InsertDuePeriods :execrows
INSERT INTO billing_period (project_id, period_start, period_end, due_at)
SELECT unnest(@project_ids::uuid[]), unnest(@starts::date[]), unnest(@ends::date[]), @now
ON CONFLICT (project_id, period_end) DO NOTHING;

-- name: DuePeriods :many
-- What is to be billed, and what was billed and is still to be completed, the
-- oldest first.
SELECT b.project_id, b.period_end, p.code FROM billing_period b JOIN project p ON p.id = b.project_id
WHERE (b.outcome = 'due' OR b.completes AND EXISTS (SELECT FROM invoice i WHERE i.id = b.invoice_id AND i.state = 'draft')) AND (b.period_end, b.project_id) > (@after_end::date, @after_project::uuid)
ORDER BY b.period_end, b.project_id LIMIT @page;

-- name: GatherLock :exec
-- One billing of a client's period at a time; held to the end of the transaction.
SELECT pg_advisory_xact_lock(hashtextextended('gather ' || @what::text, 0));

-- name: PeriodProject :one
SELECT p.id, p.client_id, p.code, p.currency, p.account_manager_id, c.name AS client_name, c.gather_invoices, w.auto_complete
FROM project p JOIN client c ON c.id = p.client_id JOIN work_statement w ON w.project_id = p.id WHERE p.id = @id;

-- name: LockPeriod :one
SELECT b.project_id, b.period_start, b.period_end, b.outcome, b.invoice_id, b.code, b.reason, b.run_at, i.state AS invoice_state
FROM billing_period b LEFT JOIN invoice i ON i.id = b.invoice_id
WHERE b.project_id = @project_id AND b.period_end = @period_end FOR NO KEY UPDATE OF b;

-- name: DueTogether :many
-- The periods of a client that go on one invoice.
SELECT b.project_id, b.period_start FROM billing_period b JOIN project p ON p.id = b.project_id
WHERE b.outcome = 'due' AND b.period_end = @period_end AND p.client_id = @client_id AND p.currency = @currency
ORDER BY b.project_id FOR NO KEY UPDATE OF b;

-- name: GatheredDraft :many
-- The draft that the others of a client's period are on, if there is one.
SELECT DISTINCT i.id FROM billing_period b JOIN invoice i ON i.id = b.invoice_id
WHERE b.period_end = @period_end AND i.client_id = @client_id AND i.currency = @currency AND i.state = 'draft'
ORDER BY i.id LIMIT 1;

-- name: SetPeriod :exec
UPDATE billing_period SET outcome = @outcome, invoice_id = @invoice_id, code = @code, reason = @reason, run_at = @run_at,
    completes = false, refused_code = '', refused_reason = ''
WHERE project_id = @project_id AND period_end = @period_end;

-- name: SetToComplete :exec
-- Whether the draft of periods is still to be completed by the clock.
UPDATE billing_period SET completes = @completes, refused_code = '', refused_reason = '' WHERE invoice_id = @invoice_id;

-- name: RefusePeriods :execrows
-- Why the draft of periods was not completed, written once: it is a person's now.
UPDATE billing_period SET completes = false, refused_code = @code, refused_reason = @reason WHERE invoice_id = @invoice_id AND refused_code = '';

-- name: RunAgainAfter :exec
-- What was parked after a period that is run again most likely had the same
-- reason: the next round of the clock tries it too.
UPDATE billing_period SET outcome = 'due', code = '', reason = '', run_at = NULL, due_at = @now
WHERE project_id = @project_id AND period_end > @period_end AND outcome = 'parked';

-- name: DropIdleProjects :exec
-- Projects that brought nothing to an invoice of several.
DELETE FROM invoice_project ip WHERE ip.invoice_id = @invoice_id AND ip.project_id = ANY (@idle::uuid[]);

-- name: AutoComplete :one
-- Whether all projects of an invoice want it completed by the clock, and where it
-- is mailed then: nowhere if one does not want that, or the client has no address.
SELECT coalesce(bool_and(w.auto_complete), false)::boolean AS complete,
    coalesce(CASE WHEN bool_and(w.auto_complete AND w.auto_send) THEN max(c.email) END, '')::text AS send_to, coalesce(max(c.billing_cc), '{}')::text[] AS send_cc
FROM invoice_project ip JOIN work_statement w ON w.project_id = ip.project_id JOIN invoice i ON i.id = ip.invoice_id JOIN client c ON c.id = i.client_id
WHERE ip.invoice_id = @invoice_id;

-- name: Periods :many
SELECT b.project_id, p.code AS project_code, p.client_id, c.name AS client_name, b.period_start, b.period_end, b.outcome, b.invoice_id, i.number, i.state AS invoice_state,
    b.code, b.reason, b.run_at,
    (CASE WHEN i.state = 'draft' THEN b.refused_code ELSE '' END)::text AS refused_code, (CASE WHEN i.state = 'draft' THEN b.refused_reason ELSE '' END)::text AS refused_reason
FROM billing_period b JOIN project p ON p.id = b.project_id JOIN client c ON c.id = p.client_id LEFT JOIN invoice i ON i.id = b.invoice_id
WHERE (b.period_end, b.project_id) > (@after_end::date, @after_project::uuid)
    AND (sqlc.narg('only_project')::uuid IS NULL OR b.project_id = sqlc.narg('only_project'))
    AND (sqlc.narg('outcome')::text IS NULL OR b.outcome = sqlc.narg('outcome'))
ORDER BY b.period_end, b.project_id LIMIT @page;

-- name: OpenPeriods :many
-- What waits for the clock or for an operator, for the metrics.
SELECT outcome, count(*) AS periods, min(due_at)::timestamptz AS oldest FROM billing_period
WHERE outcome IN ('due', 'parked') GROUP BY outcome;

-- name: ProjectsToPreview :many
-- Projects that may have something to bill, a fee among it, or whose draft an
-- earlier run left.
SELECT p.id FROM project p JOIN work_statement w ON w.project_id = p.id
WHERE EXISTS (SELECT FROM time_entry e WHERE e.project_id = p.id AND e.invoice_line_id IS NULL AND e.billing <> 'internal' AND e.work_date <= @through::date)
    OR EXISTS (SELECT FROM expense x WHERE x.project_id = p.id AND x.invoice_line_id IS NULL AND x.billable AND x.spent_on <= @through::date)
    OR EXISTS (SELECT FROM milestone_left m WHERE m.project_id = p.id)
    OR w.retainer_amount IS NOT NULL AND p.status IN ('active', 'on_hold')
    OR p.id IN (SELECT f.project_id FROM fee_left f)
    OR p.id IN (SELECT ip.project_id FROM invoice i JOIN invoice_project ip ON ip.invoice_id = i.id
        JOIN billing_run r ON r.id = i.billing_run_id AND r.state = 'done' WHERE i.state = 'draft' AND i.through = @through::date)
ORDER BY p.id LIMIT @page;
