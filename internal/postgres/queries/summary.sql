-- name: ProjectMinutes :one
-- Hours of a project (S1.64). The estimate of a task with sub-tasks is that of
-- its sub-tasks; what somebody said is remaining counts wherever it was said.
SELECT
    coalesce(sum(t.estimate_minutes) FILTER (WHERE t.status <> 'cancelled' AND leaf.alone), 0)::bigint AS estimated,
    coalesce(sum(w.minutes), 0)::bigint AS worked,
    coalesce(sum(coalesce(r.remaining_minutes,
        CASE WHEN leaf.alone THEN greatest(coalesce(t.estimate_minutes, 0) - coalesce(w.minutes, 0), 0) END)) FILTER (WHERE t.status IN ('planned', 'open')), 0)::bigint AS remaining
FROM task t
    LEFT JOIN LATERAL (SELECT NOT EXISTS (SELECT FROM task c WHERE c.parent_id = t.id AND c.status <> 'cancelled') AS alone) leaf ON true
    LEFT JOIN LATERAL (SELECT sum(e.minutes) AS minutes FROM time_entry e WHERE e.task_id = t.id) w ON true
    LEFT JOIN LATERAL (SELECT e.remaining_minutes FROM time_entry e WHERE e.task_id = t.id AND e.remaining_minutes IS NOT NULL
                       ORDER BY e.id DESC LIMIT 1) r ON true
WHERE t.project_id = @project_id;

-- name: ProjectInvoiced :one
-- What a project's lines come to on invoices in two states (S1.65). A line made
-- by hand names no project: it is the project's where the invoice is for it alone.
SELECT
    coalesce(sum(l.amount) FILTER (WHERE i.state = 'complete'), 0)::numeric AS billed,
    coalesce(sum(l.amount) FILTER (WHERE i.state = 'complete' AND l.kind = 'time'), 0)::numeric AS billed_time,
    coalesce(sum(l.amount) FILTER (WHERE i.state = 'draft' AND l.kind <> 'time'), 0)::numeric AS drafted_items
FROM invoice_project ip JOIN invoice i ON i.id = ip.invoice_id JOIN invoice_line l ON l.invoice_id = i.id
WHERE ip.project_id = @project_id AND i.state <> 'void'
    AND (l.project_id = @project_id OR l.project_id IS NULL
        AND NOT EXISTS (SELECT FROM invoice_project o WHERE o.invoice_id = i.id AND o.project_id <> @project_id));

-- name: TimeToBill :many
-- Everything billable that is on no completed invoice.
SELECT e.id, e.task_id, e.person_id, e.work_date, e.minutes, e.billing, e.version, e.rate_override
FROM time_entry e WHERE e.project_id = @project_id AND e.invoice_line_id IS NULL AND e.billing <> 'internal'
UNION ALL
SELECT e.id, e.task_id, e.person_id, e.work_date, e.minutes, e.billing, e.version, e.rate_override
FROM invoice_project ip JOIN invoice i ON i.id = ip.invoice_id AND i.state = 'draft' JOIN invoice_line l ON l.invoice_id = i.id
    JOIN time_entry e ON e.invoice_line_id = l.id
WHERE ip.project_id = @project_id AND e.project_id = @project_id;

-- name: RatesOfWorkers :many
-- The rates of a project and the own ones of everybody who worked on it.
SELECT r.person_id, r.project_id, r.hourly, lower(r.valid)::date AS from_on, upper(r.valid)::date AS to_on
FROM rate r
WHERE r.currency = @currency AND (r.project_id = @project_id
    OR r.project_id IS NULL AND r.person_id IN (SELECT DISTINCT e.person_id FROM time_entry e WHERE e.project_id = @project_id));
