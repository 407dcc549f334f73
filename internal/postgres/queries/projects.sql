-- name: InsertProject :execrows
-- No row: the code was taken in the meantime.
INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency, starts_on, ends_on)
VALUES (@id, @client_id, @code, @name, 'draft', @account_manager_id, @currency, @starts_on, @ends_on)
ON CONFLICT (code) DO NOTHING;

-- name: CodeTaken :one
SELECT EXISTS (SELECT FROM project WHERE code = @code);

-- name: Project :one
SELECT p.id, p.external_key, p.client_id, p.code, p.name, p.status, p.account_manager_id, p.currency, p.starts_on, p.ends_on,
    p.version, p.created_at, c.name AS client_name, am.name AS account_manager_name
FROM project p JOIN client c ON c.id = p.client_id JOIN person am ON am.id = p.account_manager_id WHERE p.id = @id;

-- name: LockProject :one
SELECT id, client_id, code, name, status, account_manager_id, currency, version, clearance_asked_by, left_at FROM project WHERE id = @id FOR NO KEY UPDATE;

-- name: LockLife :exec
-- Who takes a project along its life comes after all who make or reopen a task
-- in it, and they after who ends it; until the end of the transaction.
SELECT pg_advisory_xact_lock(hashtextextended('life ' || @project_id::text, 0));

-- name: ShareLife :exec
SELECT pg_advisory_xact_lock_shared(hashtextextended('life ' || @project_id::text, 0));

-- name: SetProjectStatus :exec
UPDATE project SET status = @status, ended_at = sqlc.narg('ended_at'), version = version + 1,
    active_since = CASE WHEN @status::text = 'active' THEN @now::timestamptz ELSE active_since END,
    left_at = CASE WHEN @status::text = 'active' THEN NULL WHEN status = 'active' THEN @now::timestamptz ELSE left_at END
WHERE id = @id;

-- name: BumpProject :exec
UPDATE project SET version = version + 1 WHERE id = @id;

-- name: AskForClearance :exec
UPDATE project SET clearance_asked_by = @asked_by, clearance_asked_at = @asked_at::timestamptz, clearance_reminders = 0 WHERE id = @id;

-- name: Clearance :one
-- How long a project has waited for clearance, and the zone that the firm's
-- days are of. One that was imported so waits since then.
SELECT p.id, p.code, p.name, p.status, p.version, p.clearance_asked_by, coalesce(p.clearance_asked_at, p.created_at)::timestamptz AS asked_at,
    p.clearance_reminders, v.time_zone
FROM project p CROSS JOIN provider v WHERE p.id = @id;

-- name: ClearanceReminded :exec
UPDATE project SET clearance_reminders = @reminders, version = version + 1 WHERE id = @id;

-- name: PeopleWithRoles :many
-- Who may do something always: the roles are those of the table of rights.
SELECT id FROM person WHERE active AND kind = 'staff' AND roles && @roles::text[] ORDER BY id;

-- name: ProjectTeam :many
-- The staff who answer for or work on a project's planned and open tasks.
SELECT DISTINCT p.id FROM task t JOIN person p ON p.id IN (t.owner_id, t.assignee_person_id)
WHERE t.project_id = @project_id AND t.status IN ('planned', 'open') AND p.active AND p.kind = 'staff' ORDER BY p.id;

-- name: UpdateProject :execrows
UPDATE project SET name = @name, account_manager_id = @account_manager_id, starts_on = @starts_on, ends_on = @ends_on, version = version + 1
WHERE id = @id AND version = @version;

-- name: Projects :many
SELECT p.id, p.external_key, p.client_id, p.code, p.name, p.status, p.account_manager_id, p.currency, p.starts_on, p.ends_on,
    p.version, p.created_at, c.name AS client_name, am.name AS account_manager_name
FROM project p JOIN client c ON c.id = p.client_id JOIN person am ON am.id = p.account_manager_id
WHERE p.id > @after
    AND (sqlc.narg('client_id')::uuid IS NULL OR p.client_id = sqlc.narg('client_id'))
    AND (sqlc.narg('account_manager_id')::uuid IS NULL OR p.account_manager_id = sqlc.narg('account_manager_id'))
    AND (coalesce(cardinality(@statuses::text[]), 0) = 0 OR p.status = ANY (@statuses::text[]))
    AND (sqlc.narg('external_key')::text IS NULL OR p.external_key = sqlc.narg('external_key'))
    AND (sqlc.narg('search')::text IS NULL OR p.name ILIKE '%' || sqlc.narg('search') || '%' OR p.code ILIKE sqlc.narg('search') || '%'
        OR c.name ILIKE '%' || sqlc.narg('search') || '%')
    AND (sqlc.narg('starts_from')::date IS NULL OR p.starts_on >= sqlc.narg('starts_from'))
    AND (sqlc.narg('starts_to')::date IS NULL OR p.starts_on <= sqlc.narg('starts_to'))
    AND (sqlc.narg('ends_from')::date IS NULL OR p.ends_on >= sqlc.narg('ends_from'))
    AND (sqlc.narg('ends_to')::date IS NULL OR p.ends_on <= sqlc.narg('ends_to'))
ORDER BY p.id LIMIT @page;

-- name: InsertWorkStatement :exec
INSERT INTO work_statement (project_id, billing_kind, billing_period, anchor_day, payment_terms_days, terms_from_month_end, tax_percent,
    line_grouping, increment_minutes, purchase_order, budget_minutes, budget_amount, description, tax_category,
    billing_from, auto_complete, auto_send, needs_approval, over_budget, retainer_amount, retainer_minutes, retainer_rollover, retainer_changes, tax_code_id)
VALUES (@project_id, @billing_kind, @billing_period, @anchor_day, @payment_terms_days, @terms_from_month_end, @tax_percent,
    @line_grouping, @increment_minutes, @purchase_order, @budget_minutes, @budget_amount, @description, @tax_category,
    @billing_from, @auto_complete, @auto_send, @needs_approval, @over_budget, @retainer_amount, @retainer_minutes, @retainer_rollover, @retainer_changes, @tax_code_id);

-- name: UpdateWorkStatement :execrows
UPDATE work_statement SET billing_kind = @billing_kind, billing_period = @billing_period, anchor_day = @anchor_day,
    payment_terms_days = @payment_terms_days, terms_from_month_end = @terms_from_month_end, tax_percent = @tax_percent,
    line_grouping = @line_grouping, increment_minutes = @increment_minutes, purchase_order = @purchase_order,
    budget_minutes = @budget_minutes, budget_amount = @budget_amount, description = @description, tax_category = @tax_category, changed_by = @changed_by,
    billing_from = @billing_from, auto_complete = @auto_complete, auto_send = @auto_send, needs_approval = @needs_approval, over_budget = @over_budget, retainer_amount = @retainer_amount, retainer_minutes = @retainer_minutes, retainer_rollover = @retainer_rollover, retainer_changes = @retainer_changes, tax_code_id = @tax_code_id
WHERE project_id = @project_id;

-- name: WorkStatement :one
SELECT project_id, billing_kind, billing_period, anchor_day, payment_terms_days, terms_from_month_end, tax_percent, line_grouping,
    increment_minutes, purchase_order, budget_minutes, budget_amount, description, version, since, changed_by, billing_from, auto_complete, needs_approval, over_budget, retainer_amount, retainer_minutes, retainer_rollover, tax_category, auto_send, tax_code_id, retainer_changes
FROM work_statement WHERE project_id = @project_id;

-- name: EarlierWorkStatements :many
-- What was agreed before, the newest first.
SELECT * FROM work_statement_version WHERE project_id = @project_id AND version < @before ORDER BY version DESC LIMIT @page;

-- name: CloseRate :exec
UPDATE rate SET valid = daterange(lower(valid), @from_on::date)
WHERE person_id IS NOT DISTINCT FROM sqlc.narg('person_id')::uuid AND project_id IS NOT DISTINCT FROM sqlc.narg('project_id')::uuid
    AND currency = @currency AND valid @> @from_on::date AND lower(valid) < @from_on::date;

-- name: DeleteRatesFrom :exec
DELETE FROM rate
WHERE person_id IS NOT DISTINCT FROM sqlc.narg('person_id')::uuid AND project_id IS NOT DISTINCT FROM sqlc.narg('project_id')::uuid
    AND currency = @currency AND lower(valid) = @from_on::date;

-- name: NextRateFrom :one
SELECT min(lower(valid))::date FROM rate
WHERE person_id IS NOT DISTINCT FROM sqlc.narg('person_id')::uuid AND project_id IS NOT DISTINCT FROM sqlc.narg('project_id')::uuid
    AND currency = @currency AND lower(valid) > @from_on::date;

-- name: InsertRate :exec
INSERT INTO rate (id, person_id, project_id, hourly, currency, valid)
VALUES (@id, sqlc.narg('person_id')::uuid, sqlc.narg('project_id')::uuid, @hourly, @currency, daterange(@from_on::date, sqlc.narg('to_on')::date));

-- name: RatesOfPerson :many
SELECT r.id, r.person_id, w.name AS person_name, r.project_id, j.code AS project_code, r.hourly, r.currency, lower(r.valid)::date AS from_on, upper(r.valid)::date AS to_on
FROM rate r LEFT JOIN person w ON w.id = r.person_id LEFT JOIN project j ON j.id = r.project_id
WHERE r.person_id = @person_id ORDER BY r.project_id NULLS FIRST, lower(r.valid);

-- name: RatesOfProject :many
SELECT r.id, r.person_id, w.name AS person_name, r.project_id, j.code AS project_code, r.hourly, r.currency, lower(r.valid)::date AS from_on, upper(r.valid)::date AS to_on
FROM rate r LEFT JOIN person w ON w.id = r.person_id LEFT JOIN project j ON j.id = r.project_id
WHERE r.project_id = @project_id ORDER BY r.person_id NULLS FIRST, lower(r.valid);

-- name: RatesForBilling :many
SELECT r.person_id, r.project_id, r.hourly, lower(r.valid)::date AS from_on, upper(r.valid)::date AS to_on
FROM rate r
WHERE r.currency = @currency AND (r.project_id = @project_id
    OR r.project_id IS NULL AND r.person_id IN (
        SELECT DISTINCT e.person_id FROM time_entry e
        WHERE e.project_id = @project_id AND e.invoice_line_id IS NULL AND e.billing <> 'internal' AND e.work_date <= @through::date));

-- name: OpenTasks :one
SELECT count(*) FROM task WHERE project_id = @project_id AND status IN ('planned', 'open');

-- name: TellOpenTasks :exec
INSERT INTO outbox (entity_kind, entity_id) SELECT 'task', id FROM task WHERE project_id = @project_id AND status IN ('planned', 'open');

-- name: LockOpenTasks :many
SELECT id, status FROM task WHERE project_id = @project_id AND status IN ('planned', 'open') ORDER BY id FOR NO KEY UPDATE;

-- name: CancelTasks :exec
-- What is left of a project that is cancelled, each with its audit and a word to
-- its process. The ids are of tasks that are locked, with what they were.
WITH given AS (
    SELECT unnest(@ids::uuid[]) AS id, unnest(@were::text[]) AS was, unnest(@event_ids::uuid[]) AS event_id
), cancelled AS (
    UPDATE task SET status = 'cancelled', status_at = @now, closed_at = @now::timestamptz, version = task.version + 1
    FROM given WHERE task.id = given.id
    RETURNING task.id, task.version, given.was, given.event_id
), told AS (
    INSERT INTO outbox (entity_kind, entity_id) SELECT 'task', id FROM cancelled
)
INSERT INTO audit_event (id, actor_id, entity_kind, entity_id, verb, version, changes, note, source)
SELECT event_id, @actor_id, 'task', id, 'status', version, jsonb_build_object('status', jsonb_build_array(was, 'cancelled')), @note, @source FROM cancelled;
