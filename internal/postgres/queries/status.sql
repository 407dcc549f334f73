-- name: StatusPolicy :one
SELECT active, weekday, hour, hold_hours, since, version FROM status_policy;

-- name: SetStatusPolicy :execrows
-- What was due by the old policy is not due by the new one.
UPDATE status_policy SET active = @active, weekday = @weekday, hour = @hour, hold_hours = @hold_hours, since = @now, version = version + 1
WHERE version = @version;

-- name: InsertStatusRun :execrows
INSERT INTO status_run (id, week, week_ending, created_by, created_at) VALUES (@id, @week, @week_ending, @created_by, @now)
ON CONFLICT (week) WHERE created_by IS NULL DO NOTHING;

-- name: StatusRun :one
SELECT id, week, week_ending, state, created_by, created_at, finished_at FROM status_run WHERE id = @id;

-- name: StatusRuns :many
-- The newest first.
SELECT id, week, week_ending, state, created_by, created_at, finished_at FROM status_run
WHERE id < @before AND (sqlc.narg('week')::text IS NULL OR week = sqlc.narg('week')) ORDER BY id DESC LIMIT @page;

-- name: StatusRunByClock :one
SELECT id, state FROM status_run WHERE week = @week AND created_by IS NULL;

-- name: CloseStatusRuns :exec
-- Runs of the clock that another week has overtaken.
UPDATE status_run SET state = 'done', finished_at = @now::timestamptz WHERE state = 'running' AND created_by IS NULL AND week <> @week;

-- name: FinishStatusRun :exec
-- Unless a client has none because it could not be made.
UPDATE status_run s SET state = 'done', finished_at = @now::timestamptz WHERE s.id = @id AND s.state = 'running'
    AND NOT EXISTS (SELECT FROM project p WHERE p.status = 'active' AND NOT EXISTS (SELECT FROM status_report r WHERE r.client_id = p.client_id AND r.week = s.week));

-- name: ClientsToReport :many
-- Clients with an active project, whether or not they have their report.
SELECT c.id FROM client c
WHERE c.id > @after AND EXISTS (SELECT FROM project p WHERE p.client_id = c.id AND p.status = 'active')
ORDER BY c.id LIMIT @page;

-- name: ActiveProjects :many
SELECT id, code, name FROM project WHERE client_id = @client_id AND status = 'active' ORDER BY code;

-- name: HasStatusReport :one
SELECT EXISTS (SELECT FROM status_report WHERE client_id = @client_id AND week = @week);

-- name: LastStatusReport :one
-- What a client was last told, or is about to be.
SELECT content, created_at FROM status_report WHERE client_id = @client_id AND state IN ('review', 'sent') ORDER BY id DESC LIMIT 1;

-- name: StatusTasks :many
SELECT number, title, status, priority, visible_to_client, created_at, status_at, closed_at FROM task WHERE project_id = @project_id ORDER BY number;

-- name: MinutesSince :one
-- Worked from a day on.
SELECT coalesce(sum(minutes), 0)::bigint AS minutes FROM time_entry WHERE project_id = @project_id AND work_date >= @from_on;

-- name: InsertStatusReport :execrows
INSERT INTO status_report (id, client_id, week, week_ending, hold_until, content, created_at)
VALUES (@id, @client_id, @week, @week_ending, @hold_until, @content, @now)
ON CONFLICT (client_id, week) DO NOTHING;

-- name: SupersedeStatusReports :many
-- What is held still, of a client that has a newer report.
UPDATE status_report SET state = 'superseded', version = version + 1
WHERE client_id = @client_id AND state = 'held' AND id <> @id RETURNING id, version;

-- name: StatusManagers :many
-- The account managers of a client's active projects and its own; where none of
-- them is there any more, whoever looks after the client.
WITH manager AS (
    SELECT a.id FROM person a WHERE a.active
        AND (a.id IN (SELECT p.account_manager_id FROM project p WHERE p.client_id = @client_id AND p.status = 'active')
            OR a.id = (SELECT c.account_manager_id FROM client c WHERE c.id = @client_id)))
SELECT id FROM manager
UNION SELECT l.person_id FROM client_looked_after l WHERE l.client_id = @client_id AND NOT EXISTS (SELECT FROM manager)
ORDER BY id;

-- name: LockStatusReport :one
SELECT id, client_id, week, state, reason, hold_until, content, comment, comment_by, decided_by, version FROM status_report WHERE id = @id FOR NO KEY UPDATE;

-- name: SetStatusReport :exec
UPDATE status_report SET state = @state, reason = @reason, hold_until = @hold_until, comment = @comment, comment_by = @comment_by, decided_by = @decided_by, version = version + 1
WHERE id = @id;

-- name: StatusReportSent :exec
UPDATE status_report SET state = 'sent', reason = '', sent_at = @now::timestamptz, mail_ids = @mail_ids, file_key = @file_key, version = version + 1 WHERE id = @id;

-- name: StatusReport :one
SELECT r.id, r.client_id, c.name AS client_name, r.week, r.week_ending, r.state, r.reason, r.hold_until, r.content, r.comment, r.comment_by, cb.name AS comment_by_name, r.decided_by, d.name AS decided_by_name, r.mail_ids, r.file_key, r.sent_at, r.created_at, r.version
FROM status_report r JOIN client c ON c.id = r.client_id LEFT JOIN person cb ON cb.id = r.comment_by LEFT JOIN person d ON d.id = r.decided_by WHERE r.id = @id;

-- name: StatusReports :many
-- The newest first.
SELECT r.id, r.client_id, c.name AS client_name, r.week, r.week_ending, r.state, r.reason, r.hold_until, r.comment, r.comment_by, cb.name AS comment_by_name, r.decided_by, d.name AS decided_by_name, r.sent_at, r.created_at, r.version
FROM status_report r JOIN client c ON c.id = r.client_id LEFT JOIN person cb ON cb.id = r.comment_by LEFT JOIN person d ON d.id = r.decided_by
WHERE r.id < @before
    AND (sqlc.narg('client_id')::uuid IS NULL OR r.client_id = sqlc.narg('client_id'))
    AND (sqlc.narg('state')::text IS NULL OR r.state = sqlc.narg('state'))
ORDER BY r.id DESC LIMIT @page;

-- name: MailStates :many
SELECT id, to_address, state FROM mail WHERE id = ANY (@ids::uuid[]) ORDER BY key;

-- name: StatusReaders :many
-- The active managers of a client.
SELECT id, name, email FROM person WHERE client_id = @client_id AND active AND 'client_manager' = ANY (roles) ORDER BY id;

-- name: StatusProcesses :many
-- What processes of reports are called: the client and the week.
SELECT id, client_id, week FROM status_report WHERE id = ANY (@ids::uuid[]);
