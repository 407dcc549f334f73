-- name: ProjectTasks :many
-- All tasks of some projects with their minutes, for figures and for the plan.
-- Where nobody said what remains it is -1.
SELECT t.id, t.project_id, t.number, t.title, t.parent_id, t.status, t.priority, t.assignee_person_id, t.assignee_group_id, t.estimate_minutes, t.closed_at,
    coalesce(w.minutes, 0)::bigint AS worked_minutes, coalesce(r.remaining_minutes, -1)::integer AS remaining_minutes,
    coalesce(d.depends_on, '{}')::uuid[] AS depends_on
FROM task t
    LEFT JOIN (SELECT e.task_id, sum(e.minutes) AS minutes FROM time_entry e WHERE e.project_id = ANY (@projects::uuid[]) GROUP BY e.task_id) w ON w.task_id = t.id
    LEFT JOIN (SELECT DISTINCT ON (e.task_id) e.task_id, e.remaining_minutes FROM time_entry e
               WHERE e.project_id = ANY (@projects::uuid[]) AND e.remaining_minutes IS NOT NULL ORDER BY e.task_id, e.id DESC) r ON r.task_id = t.id
    LEFT JOIN (SELECT x.task_id, array_agg(x.depends_on_id) AS depends_on FROM task_dependency x JOIN task o ON o.id = x.task_id
               WHERE o.project_id = ANY (@projects::uuid[]) GROUP BY x.task_id) d ON d.task_id = t.id
WHERE t.project_id = ANY (@projects::uuid[]);

-- name: OtherWork :many
-- What else is on the desks of some people: their planned and open tasks in
-- other projects that are neither on hold nor ended.
SELECT t.id, t.parent_id, t.assignee_person_id, t.priority, t.estimate_minutes,
    coalesce(w.minutes, 0)::bigint AS worked_minutes, coalesce(w.remaining, -1)::integer AS remaining_minutes, coalesce(c.is_parent, false)::boolean AS is_parent,
    p.starts_on, cl.time_zone AS client_zone
FROM task t JOIN project p ON p.id = t.project_id AND p.status NOT IN ('on_hold', 'complete', 'cancelled') JOIN client cl ON cl.id = p.client_id
    LEFT JOIN LATERAL (SELECT sum(e.minutes) AS minutes,
                           (array_agg(e.remaining_minutes ORDER BY e.id DESC) FILTER (WHERE e.remaining_minutes IS NOT NULL))[1]::integer AS remaining
                       FROM time_entry e WHERE e.task_id = t.id) w ON true
    LEFT JOIN LATERAL (SELECT true AS is_parent FROM task s WHERE s.parent_id = t.id AND s.status <> 'cancelled' LIMIT 1) c ON true
WHERE t.assignee_person_id = ANY (@people::uuid[]) AND t.status IN ('planned', 'open') AND t.project_id <> @project_id;

-- name: ProjectInvoiced :one
-- What a project's lines come to on invoices in two states, credit notes taken off (S1.65). A line made
-- by hand names no project: it is the project's where the invoice is for it alone.
SELECT
    coalesce(sum(l.amount - coalesce(n.amount, 0)) FILTER (WHERE i.state = 'complete'), 0)::numeric AS billed,
    coalesce(sum(l.amount - coalesce(n.amount, 0)) FILTER (WHERE i.state = 'complete' AND l.kind = 'time'), 0)::numeric AS billed_time,
    coalesce(sum(l.amount) FILTER (WHERE i.state = 'draft' AND l.kind <> 'time'), 0)::numeric AS drafted_items
FROM invoice_project ip JOIN invoice i ON i.id = ip.invoice_id JOIN invoice_line l ON l.invoice_id = i.id
    LEFT JOIN LATERAL (SELECT sum(c.amount) AS amount FROM line_credit c WHERE c.invoice_line_id = l.id) n ON true
WHERE ip.project_id = @project_id AND i.state <> 'void'
    AND (l.project_id = @project_id OR l.project_id IS NULL
        AND NOT EXISTS (SELECT FROM invoice_project o WHERE o.invoice_id = i.id AND o.project_id <> @project_id));

-- name: TimeToBill :many
-- Everything billable that is on no completed invoice, in the order it was worked.
SELECT e.id, e.task_id, e.person_id, e.work_date, e.minutes, e.billing, e.version, e.rate_override, false AS drafted
FROM time_entry e WHERE e.project_id = @project_id AND e.invoice_line_id IS NULL AND e.billing <> 'internal'
UNION ALL
SELECT e.id, e.task_id, e.person_id, e.work_date, e.minutes, e.billing, e.version, e.rate_override, true
FROM invoice_project ip JOIN invoice i ON i.id = ip.invoice_id AND i.state = 'draft' JOIN invoice_line l ON l.invoice_id = i.id
    JOIN time_entry e ON e.invoice_line_id = l.id
WHERE ip.project_id = @project_id AND e.project_id = @project_id
ORDER BY work_date, id;

-- name: RatesOfWorkers :many
-- The rates of a project and the own ones of everybody who worked on it.
SELECT r.person_id, r.project_id, r.hourly, lower(r.valid)::date AS from_on, upper(r.valid)::date AS to_on
FROM rate r
WHERE r.currency = @currency AND (r.project_id = @project_id
    OR r.project_id IS NULL AND r.person_id IN (SELECT DISTINCT e.person_id FROM time_entry e WHERE e.project_id = @project_id));
