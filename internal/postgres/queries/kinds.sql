-- name: BilledSoFar :one
-- The time of a project that is on invoices, for its budget, less what credit
-- notes took back of it.
SELECT coalesce(sum(l.minutes - coalesce(n.minutes, 0)) FILTER (WHERE l.rate_source <> 'no_charge'), 0)::bigint AS minutes,
    coalesce(sum(l.amount - coalesce(n.amount, 0)), 0)::numeric AS amount
FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
    LEFT JOIN LATERAL (SELECT sum(c.minutes) AS minutes, sum(c.amount) AS amount FROM line_credit c WHERE c.invoice_line_id = l.id) n ON true
WHERE l.project_id = @project_id AND l.kind = 'time' AND i.state <> 'void';

-- name: LeftOutMinutes :one
-- Billable time up to a date that is on no invoice.
SELECT coalesce(sum(e.minutes) FILTER (WHERE NOT x.approved), 0)::bigint AS unapproved, coalesce(sum(e.minutes) FILTER (WHERE x.approved), 0)::bigint AS held
FROM time_entry e JOIN work_statement w ON w.project_id = e.project_id CROSS JOIN LATERAL (
    SELECT NOT w.needs_approval OR EXISTS (SELECT FROM timesheet s WHERE s.person_id = e.person_id AND s.week = e.work_date - (extract(isodow FROM e.work_date)::integer - 1) AND s.state = 'approved') AS approved) x
WHERE e.project_id = @project_id AND e.invoice_line_id IS NULL AND e.billing <> 'internal' AND e.work_date <= @through::date AND w.billing_kind <> 'fixed_price';

-- name: DueMilestones :many
-- What a draft is to bill of a fixed price: due by its day, or by a task that
-- was complete before an instant.
SELECT m.id, m.name, m.amount, m.version, m.due_on, t.closed_at FROM milestone m LEFT JOIN task t ON t.id = m.task_id
WHERE m.project_id = @project_id AND m.invoice_line_id IS NULL
    AND (m.due_on <= @through::date OR t.status = 'complete' AND t.closed_at < @before::timestamptz)
ORDER BY m.due_on, m.id;

-- name: OpenMilestones :one
-- What the milestones of a project that are on no invoice come to, due or not.
SELECT coalesce(sum(m.amount), 0)::numeric AS amount FROM milestone_left m WHERE m.project_id = @project_id;

-- name: PrepaidHours :many
-- The milestones of a project that include time, and what is left of it. Due: the
-- price is on an invoice, or can be.
SELECT m.id, m.name, m.due_on, t.closed_at, m.invoice_line_id, m.billed_as_of, m.expires_on, (m.included_minutes - u.minutes)::bigint AS remaining,
    coalesce(m.invoice_line_id IS NOT NULL OR m.due_on <= @through::date OR t.status = 'complete' AND t.closed_at < @before::timestamptz, false)::boolean AS due
FROM milestone m LEFT JOIN task t ON t.id = m.task_id
    CROSS JOIN LATERAL (SELECT coalesce(sum(p.minutes), 0) AS minutes FROM prepaid_use p WHERE p.milestone_id = m.id) u
WHERE m.project_id = @project_id AND m.included_minutes > u.minutes AND (m.invoice_line_id IS NOT NULL OR t.status IS DISTINCT FROM 'cancelled');

-- name: InsertPrepaidUses :copyfrom
INSERT INTO prepaid_use (invoice_line_id, milestone_id, minutes) VALUES (@invoice_line_id, @milestone_id, @minutes);

-- name: ClaimMilestones :execrows
UPDATE milestone m SET invoice_line_id = c.line_id, billed_as_of = c.day
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@versions::integer[]) AS version, unnest(@line_ids::uuid[]) AS line_id, unnest(@days::date[]) AS day) c
WHERE m.id = c.id AND m.version = c.version AND m.invoice_line_id IS NULL;

-- name: DueExpenses :many
SELECT id, spent_on, description, amount, markup_percent, tax_percent, version FROM expense
WHERE project_id = @project_id AND invoice_line_id IS NULL AND billable AND spent_on <= @through::date
ORDER BY spent_on, id;

-- name: ClaimExpenses :execrows
UPDATE expense x SET invoice_line_id = c.line_id
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@versions::integer[]) AS version, unnest(@line_ids::uuid[]) AS line_id) c
WHERE x.id = c.id AND x.version = c.version AND x.invoice_line_id IS NULL;

-- name: RetainerUses :many
-- The line of a fee is for the days of its period.
SELECT l.first_date::date AS period_start, u.period_end, u.carried, u.included, u.used FROM retainer_use u JOIN invoice_line l ON l.id = u.invoice_line_id
WHERE u.project_id = @project_id ORDER BY u.period_end;

-- name: InsertRetainerUses :copyfrom
INSERT INTO retainer_use (invoice_line_id, project_id, period_end, carried, included, used)
VALUES (@invoice_line_id, @project_id, @period_end, @carried, @included, @used);

-- name: BudgetsToWatch :many
SELECT w.project_id, p.code, p.account_manager_id, w.budget_minutes, w.budget_amount,
    (SELECT coalesce(sum(e.minutes), 0) FROM time_entry e WHERE e.project_id = p.id AND e.billing = 'billable')::bigint AS minutes
FROM work_statement w JOIN project p ON p.id = w.project_id
WHERE w.project_id > @after AND p.status IN ('active', 'on_hold') AND (w.budget_minutes IS NOT NULL OR w.budget_amount IS NOT NULL)
ORDER BY w.project_id LIMIT @page;

-- name: WarnOfBudget :execrows
-- Unless it was given before.
INSERT INTO budget_warning (project_id, measure, percent, budget, given_at) VALUES (@project_id, @measure, @percent, @budget, @now)
ON CONFLICT DO NOTHING;
