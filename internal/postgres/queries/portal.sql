-- name: BecomeContact :exec
-- From here to the end of the transaction: the rows and columns that one
-- contact of a client may see. The queries below count on it. They have optional
-- filters, and are planned for those given, as other lists are.
SELECT set_config('role', 'steward_portal', true), set_config('steward.person', @person_id, true), set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: PortalProjects :many
SELECT p.id, p.client_id, coalesce(c.name, '')::text AS client_name, p.code, p.name, p.status, p.account_manager_id, coalesce(am.name, '')::text AS account_manager,
    p.currency, p.starts_on, p.ends_on, p.version, p.created_at
FROM project p LEFT JOIN client c ON c.id = p.client_id LEFT JOIN person am ON am.id = p.account_manager_id
WHERE p.id > @after AND (sqlc.narg('id')::uuid IS NULL OR p.id = sqlc.narg('id'))
    AND (coalesce(cardinality(@statuses::text[]), 0) = 0 OR p.status = ANY (@statuses::text[]))
    AND (sqlc.narg('search')::text IS NULL OR p.name ILIKE '%' || sqlc.narg('search') || '%' OR c.name ILIKE '%' || sqlc.narg('search') || '%' OR p.code ILIKE sqlc.narg('search') || '%')
    AND (sqlc.narg('client_id')::uuid IS NULL OR p.client_id = sqlc.narg('client_id'))
    AND (sqlc.narg('account_manager_id')::uuid IS NULL OR p.account_manager_id = sqlc.narg('account_manager_id'))
    AND (sqlc.narg('starts_from')::date IS NULL OR p.starts_on >= sqlc.narg('starts_from'))
    AND (sqlc.narg('starts_to')::date IS NULL OR p.starts_on <= sqlc.narg('starts_to'))
    AND (sqlc.narg('ends_from')::date IS NULL OR p.ends_on >= sqlc.narg('ends_from'))
    AND (sqlc.narg('ends_to')::date IS NULL OR p.ends_on <= sqlc.narg('ends_to'))
ORDER BY p.id LIMIT @page;

-- name: PortalTasks :many
SELECT t.id, t.project_id, p.code, t.number, t.parent_id, t.title, t.description, t.status, t.priority, t.assignee_person_id, t.assignee_group_id,
    coalesce(ap.name, ag.name, '')::text AS assignee_name, t.assigned_at, t.due_on, t.started_at, t.ended_at, t.version, t.created_at, t.closed_at
FROM task t LEFT JOIN project p ON p.id = t.project_id
    LEFT JOIN person ap ON ap.id = t.assignee_person_id LEFT JOIN work_group ag ON ag.id = t.assignee_group_id
WHERE (t.priority, t.id) > (@after_priority::smallint, @after::uuid)
    AND (sqlc.narg('id')::uuid IS NULL OR t.id = sqlc.narg('id'))
    AND (sqlc.narg('project_id')::uuid IS NULL OR t.project_id = sqlc.narg('project_id'))
    AND (sqlc.narg('assignee_id')::uuid IS NULL OR t.assignee_person_id = sqlc.narg('assignee_id'))
    AND (sqlc.narg('group_id')::uuid IS NULL OR t.assignee_group_id = sqlc.narg('group_id'))
    AND (coalesce(cardinality(@statuses::text[]), 0) = 0 OR t.status = ANY (@statuses::text[]))
ORDER BY t.priority, t.id LIMIT @page;

-- name: PortalNotes :many
SELECT n.id, n.task_id, n.request_id, n.author_id, coalesce(a.name, '')::text AS author_name, n.body, n.version, n.created_at, n.edited_at
FROM note n LEFT JOIN person a ON a.id = n.author_id
WHERE n.id > @after AND (sqlc.narg('task_id')::uuid IS NULL OR n.task_id = sqlc.narg('task_id'))
    AND (sqlc.narg('request_id')::uuid IS NULL OR n.request_id = sqlc.narg('request_id'))
ORDER BY n.id LIMIT @page;

-- name: PortalFiles :many
SELECT f.id, a.task_id, a.request_id, a.author_id, coalesce(p.name, '')::text AS author_name, f.name, f.content_type, f.size, f.sha256, a.created_at
FROM attachment a JOIN file f ON f.id = a.file_id LEFT JOIN person p ON p.id = a.author_id
WHERE a.removed_at IS NULL AND f.id > @after AND (sqlc.narg('task_id')::uuid IS NULL OR a.task_id = sqlc.narg('task_id'))
    AND (sqlc.narg('request_id')::uuid IS NULL OR a.request_id = sqlc.narg('request_id'))
    AND (sqlc.narg('id')::uuid IS NULL OR f.id = sqlc.narg('id'))
ORDER BY f.id LIMIT @page;

-- name: PortalFile :one
-- Whether there is, or was, such a file.
SELECT a.file_id FROM attachment a WHERE a.file_id = @id;

-- name: PortalRequestsAmong :many
SELECT id FROM request WHERE id = ANY (@ids::uuid[]);

-- name: PortalRequestIDs :many
SELECT r.id, r.priority FROM request r
WHERE (r.priority, r.id) > (@after_priority::smallint, @after::uuid)
    AND (sqlc.narg('id')::uuid IS NULL OR r.id = sqlc.narg('id'))
    AND (sqlc.narg('client_id')::uuid IS NULL OR r.client_id = sqlc.narg('client_id'))
    AND (sqlc.narg('project_id')::uuid IS NULL OR r.project_id = sqlc.narg('project_id'))
    AND (sqlc.narg('task_id')::uuid IS NULL OR r.task_id = sqlc.narg('task_id') OR r.id = sqlc.narg('made_from')::uuid)
    AND (coalesce(cardinality(@statuses::text[]), 0) = 0 OR r.status = ANY (@statuses::text[]))
    AND (sqlc.narg('kind')::text IS NULL OR r.kind = sqlc.narg('kind'))
    AND (sqlc.narg('account_manager_id')::uuid IS NULL OR r.account_manager_id = sqlc.narg('account_manager_id'))
    AND (sqlc.narg('author_id')::uuid IS NULL OR r.created_by = sqlc.narg('author_id'))
ORDER BY r.priority, r.id LIMIT @page;

-- name: PortalInvoices :many
SELECT i.id, i.client_id, i.currency, i.state, i.through, i.number, i.issued_on, i.due_on, i.subtotal, i.tax, i.total, i.paid, i.credited, i.written_off, i.sent_at,
    i.voided_on, i.void_reason, i.pdf_file_id, i.version, i.created_at, i.completed_at, coalesce(c.name, '')::text AS client_name,
    ARRAY(SELECT ip.project_id FROM invoice_project ip WHERE ip.invoice_id = i.id ORDER BY ip.project_id)::uuid[] AS project_ids,
    ARRAY(SELECT coalesce(j.code, '') FROM invoice_project ip LEFT JOIN project j ON j.id = ip.project_id WHERE ip.invoice_id = i.id ORDER BY ip.project_id)::text[] AS project_codes,
    coalesce(c.time_zone, 'UTC')::text AS time_zone
FROM invoice i LEFT JOIN client c ON c.id = i.client_id
WHERE i.id > @after AND (sqlc.narg('id')::uuid IS NULL OR i.id = sqlc.narg('id'))
    AND (sqlc.narg('client_id')::uuid IS NULL OR i.client_id = sqlc.narg('client_id'))
    AND (coalesce(cardinality(@states::text[]), 0) = 0 OR invoice_state(i.state, i.paid, i.credited, i.total, i.sent_at) = ANY (@states::text[]))
    AND (sqlc.narg('past_due')::boolean IS NULL OR sqlc.narg('past_due') =
        invoice_past_due(i.state, i.total - i.paid - i.credited, i.due_on, c.time_zone, @zones::text[], @todays::date[]))
    AND (sqlc.narg('number')::text IS NULL OR i.number = sqlc.narg('number'))
    AND (sqlc.narg('project_id')::uuid IS NULL OR EXISTS (SELECT FROM invoice_project ip WHERE ip.invoice_id = i.id AND ip.project_id = sqlc.narg('project_id')))
ORDER BY i.id LIMIT @page;

-- name: PortalLines :many
SELECT l.id, l.kind, l.description, l.minutes, l.quantity, l.unit_price, l.amount, l.tax_percent
FROM invoice_line l WHERE l.invoice_id = @invoice_id ORDER BY l.position;

-- name: PortalHours :one
SELECT coalesce(sum(e.minutes), 0)::bigint AS worked FROM time_entry e WHERE e.project_id = @project_id;

-- name: PortalBilled :one
-- As ProjectInvoiced counts it, for its account manager.
SELECT coalesce(sum(l.amount - coalesce(n.amount, 0)), 0)::numeric AS billed
FROM invoice_project ip JOIN invoice i ON i.id = ip.invoice_id JOIN invoice_line l ON l.invoice_id = i.id
    LEFT JOIN LATERAL (SELECT sum(c.amount) AS amount FROM credit_line c WHERE c.invoice_line_id = l.id
        AND NOT EXISTS (SELECT FROM credit_note v WHERE v.id = c.credit_note_id AND v.voided_at IS NOT NULL)) n ON true
WHERE ip.project_id = @project_id AND i.state <> 'void'
    AND (l.project_id = @project_id OR l.project_id IS NULL
        AND NOT EXISTS (SELECT FROM invoice_project o WHERE o.invoice_id = i.id AND o.project_id <> @project_id));

-- name: PortalTaskCounts :many
SELECT t.status, count(*) FROM task t WHERE t.project_id = @project_id GROUP BY t.status ORDER BY t.status;

-- name: PortalStatusReports :many
-- The newest first.
SELECT r.id, r.client_id, r.week, r.week_ending, r.state, r.content, r.comment, r.sent_at, r.created_at, r.version
FROM status_report r
WHERE r.id < @before AND (sqlc.narg('id')::uuid IS NULL OR r.id = sqlc.narg('id'))
    AND (sqlc.narg('client_id')::uuid IS NULL OR r.client_id = sqlc.narg('client_id'))
    AND (sqlc.narg('state')::text IS NULL OR r.state = sqlc.narg('state'))
ORDER BY r.id DESC LIMIT @page;
