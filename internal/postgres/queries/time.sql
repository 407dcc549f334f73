-- name: RecordTime :one
-- The entry, its audit and the answer to the key, in one statement. No row: the
-- task or project no longer allows it; a closed task still takes time worked up
-- to the day it was closed, and so does a project that is not worked on any more.
-- Nothing that the task's process waits for depends on its time, so that it is
-- not told.
WITH allowed AS (
    SELECT t.id, t.project_id, t.number, t.title, p.code, w.name FROM task t JOIN project p ON p.id = t.project_id JOIN person w ON w.id = @person_id
    WHERE t.id = @task_id AND (p.status = 'active' OR p.left_at >= @day_begins::timestamptz)
        AND (t.status = 'open' OR t.closed_at >= @day_begins::timestamptz)
        AND (SELECT count(*) FROM task_wait x WHERE x.task_id = t.id AND x.status IN ('planned', 'open')) = 0
        AND (p.account_manager_id = @actor_id OR (p.locked_through IS NULL OR p.locked_through < @work_date)
            AND NOT EXISTS (SELECT FROM provider f WHERE f.locked_through >= @work_date))
        AND NOT EXISTS (SELECT FROM timesheet s WHERE s.person_id = @person_id AND s.week = @week::date AND s.state IN ('submitted', 'approved'))
), entry AS (
    INSERT INTO time_entry (id, task_id, project_id, person_id, work_date, started_at, minutes, description, billing, remaining_minutes, created_at)
    SELECT @id, id, project_id, @person_id, @work_date, sqlc.narg('started_at'), @minutes, @description, @billing, sqlc.narg('remaining_minutes'), @created_at
    FROM allowed RETURNING id, task_id, project_id
), answered AS (
    INSERT INTO command_log (id, actor_id, key, entity_kind, entity_id, verb, body, fingerprint, source, state, answer, done_at)
    SELECT @command_id, @actor_id, @key, 'time_entry', entry.id, 'record', @body, @fingerprint, @source, 'done',
        @answer::jsonb || jsonb_build_object('project_id', allowed.project_id, 'project_code', code, 'task_key', code || '-' || number, 'task_title', title, 'user_name', name), now()
    FROM entry CROSS JOIN allowed WHERE @key <> ''
)
INSERT INTO audit_event (id, actor_id, entity_kind, entity_id, verb, version, changes, source)
SELECT @event_id, @actor_id, 'time_entry', id, 'record', 1, @changes, @source FROM entry
RETURNING (SELECT project_id FROM allowed)::uuid AS project_id, (SELECT code FROM allowed)::text AS code, (SELECT number FROM allowed)::integer AS number,
    (SELECT title FROM allowed)::text AS title, (SELECT name FROM allowed)::text AS person_name;

-- name: LockTimeEntry :one
SELECT e.id, e.task_id, e.project_id, e.person_id, e.work_date, e.started_at, e.minutes, e.description, e.billing, e.remaining_minutes,
    e.invoice_line_id, e.version, l.invoice_id, i.state AS invoice_state, i.number AS invoice_number, p.account_manager_id, pe.time_zone
FROM time_entry e JOIN project p ON p.id = e.project_id JOIN person pe ON pe.id = e.person_id
    LEFT JOIN invoice_line l ON l.id = e.invoice_line_id LEFT JOIN invoice i ON i.id = l.invoice_id
WHERE e.id = @id FOR NO KEY UPDATE OF e;

-- name: UpdateTimeEntry :exec
UPDATE time_entry SET task_id = @task_id, work_date = @work_date, started_at = @started_at, minutes = @minutes, description = @description,
    billing = @billing, remaining_minutes = @remaining_minutes, invoice_line_id = @invoice_line_id, version = version + 1
WHERE id = @id;

-- name: DeleteTimeEntry :exec
DELETE FROM time_entry WHERE id = @id;

-- name: TimeEntry :one
SELECT e.id, e.external_key, e.task_id, e.project_id, e.person_id, e.work_date, e.started_at, e.minutes, e.description, e.billing,
    e.remaining_minutes, e.version, e.created_at, l.invoice_id, pe.name AS person_name, t.number, t.title, j.code
FROM time_entry e JOIN person pe ON pe.id = e.person_id JOIN task t ON t.id = e.task_id JOIN project j ON j.id = e.project_id
    LEFT JOIN invoice_line l ON l.id = e.invoice_line_id
WHERE e.id = @id;

-- name: TimeEntries :many
-- What narrows them down is read whole and then put in order: by their ids, in the
-- order in which they were recorded, Postgres would come through all the years
-- before to what is new.
SELECT e.id, e.external_key, e.task_id, e.project_id, e.person_id, e.work_date, e.started_at, e.minutes, e.description, e.billing,
    e.remaining_minutes, e.version, e.created_at, l.invoice_id, pe.name AS person_name, t.number, t.title, j.code
FROM (
    SELECT e.id, e.external_key, e.task_id, e.project_id, e.person_id, e.work_date, e.started_at, e.minutes, e.description, e.billing,
        e.remaining_minutes, e.version, e.created_at, e.invoice_line_id
    FROM time_entry e
    WHERE e.id > @after
        AND (sqlc.narg('person_id')::uuid IS NULL OR e.person_id = sqlc.narg('person_id'))
        AND (sqlc.narg('viewer_id')::uuid IS NULL OR e.person_id = sqlc.narg('viewer_id')
            OR e.person_id IN (SELECT m.person_id FROM work_group_member m WHERE m.group_id = ANY (@viewer_manages::uuid[]))
            OR EXISTS (SELECT FROM task o WHERE o.id = e.task_id AND o.owner_id = sqlc.narg('viewer_id')))
        AND (sqlc.narg('task_id')::uuid IS NULL OR e.task_id = sqlc.narg('task_id'))
        AND (sqlc.narg('project_id')::uuid IS NULL OR e.project_id = sqlc.narg('project_id'))
        AND (sqlc.narg('invoice_id')::uuid IS NULL OR e.invoice_line_id = ANY (ARRAY(SELECT x.id FROM invoice_line x WHERE x.invoice_id = sqlc.narg('invoice_id'))))
        AND (sqlc.narg('external_key')::text IS NULL OR e.external_key = sqlc.narg('external_key'))
        AND (sqlc.narg('from_on')::date IS NULL OR e.work_date >= sqlc.narg('from_on'))
        AND (sqlc.narg('to_on')::date IS NULL OR e.work_date <= sqlc.narg('to_on'))
    ORDER BY CASE WHEN @narrowed::boolean THEN e.id::text::uuid ELSE e.id END LIMIT @page) e
    JOIN person pe ON pe.id = e.person_id JOIN task t ON t.id = e.task_id JOIN project j ON j.id = e.project_id
    LEFT JOIN invoice_line l ON l.id = e.invoice_line_id
ORDER BY e.id;
