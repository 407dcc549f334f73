-- name: StatusSettings :one
SELECT time_zone, status_weekday, status_hour, status_hold_hours, status_from FROM provider;

-- name: InsertStatusRun :exec
INSERT INTO status_run (id, week, week_ending, created_by, created_at) VALUES (@id, @week, @week_ending, @created_by, @now)
ON CONFLICT (week) WHERE created_by IS NULL DO NOTHING;

-- name: StatusRun :one
SELECT id, week, week_ending, state, created_by, created_at, finished_at FROM status_run WHERE id = @id;

-- name: StatusRunByClock :one
SELECT id, week, week_ending, state, created_by, created_at, finished_at FROM status_run WHERE week = @week AND created_by IS NULL;

-- name: FinishStatusRun :exec
UPDATE status_run SET state = 'done', finished_at = @now::timestamptz WHERE id = @id AND state = 'running';

-- name: ClientsToReport :many
-- Clients with an active project, whether or not they have their report.
SELECT c.id FROM client c
WHERE c.id > @after AND EXISTS (SELECT FROM project p WHERE p.client_id = c.id AND p.status = 'active')
ORDER BY c.id LIMIT @page;

-- name: OverdueStatusReports :many
-- What should have gone: a process of theirs was lost.
SELECT id, client_id, week FROM status_report WHERE state = 'waiting' AND send_at < @before ORDER BY send_at LIMIT @page;

-- name: ActiveProjects :many
SELECT id, code, name, status FROM project WHERE client_id = @client_id AND status = 'active' ORDER BY code;

-- name: StatusReportOf :one
SELECT id, state FROM status_report WHERE client_id = @client_id AND week = @week;

-- name: EarlierStatusReport :one
-- The report before a day, however long ago.
SELECT week_ending, created_at FROM status_report WHERE client_id = @client_id AND week_ending < @week_ending ORDER BY week_ending DESC LIMIT 1;

-- name: StatusTasks :many
SELECT number, title, status, priority, visible_to_client, created_at, status_at, closed_at FROM task WHERE project_id = @project_id ORDER BY number;

-- name: MinutesBetween :one
-- Worked from a day on and before another.
SELECT coalesce(sum(minutes), 0)::bigint AS minutes FROM time_entry WHERE project_id = @project_id AND work_date >= @from_on AND work_date < @to_on;

-- name: InsertStatusReport :execrows
INSERT INTO status_report (id, client_id, week, week_ending, send_at, content, created_at)
VALUES (@id, @client_id, @week, @week_ending, @send_at, @content, @now)
ON CONFLICT (client_id, week) DO NOTHING;

-- name: StatusManagers :many
-- The account managers of a client's active projects.
SELECT DISTINCT p.account_manager_id FROM project p JOIN person a ON a.id = p.account_manager_id AND a.active
WHERE p.client_id = @client_id AND p.status = 'active' ORDER BY p.account_manager_id;

-- name: ManagesClient :one
-- Whether somebody is the account manager of a project of a client.
SELECT EXISTS (SELECT FROM project WHERE client_id = @client_id AND account_manager_id = @person_id);

-- name: InsertStatusNotices :exec
INSERT INTO notification (id, person_id, kind, entity_kind, entity_id, subject, body, created_at)
SELECT unnest(@ids::uuid[]), unnest(@people::uuid[]), 'status_report', 'status-report', @report_id, @subject, @body, @now;

-- name: LockStatusReport :one
SELECT id, client_id, week, week_ending, state, send_at, content, comment, comment_by, version FROM status_report WHERE id = @id FOR NO KEY UPDATE;

-- name: StatusReport :one
SELECT r.id, r.client_id, c.name AS client_name, r.week, r.week_ending, r.state, r.send_at, r.content, r.comment, r.comment_by, r.pdf_file_id, r.sent_at, r.created_at, r.version,
    coalesce(a.name, '')::text AS comment_by_name
FROM status_report r JOIN client c ON c.id = r.client_id LEFT JOIN person a ON a.id = r.comment_by WHERE r.id = @id;

-- name: StatusReports :many
SELECT r.id, r.client_id, c.name AS client_name, r.week, r.week_ending, r.state, r.send_at, r.comment, r.comment_by, r.sent_at, r.created_at, r.version
FROM status_report r JOIN client c ON c.id = r.client_id
WHERE r.id < @before
    AND (sqlc.narg('client_id')::uuid IS NULL OR r.client_id = sqlc.narg('client_id'))
    AND (sqlc.narg('manager_id')::uuid IS NULL OR EXISTS (SELECT FROM project p WHERE p.client_id = r.client_id AND p.account_manager_id = sqlc.narg('manager_id')))
    AND (NOT @sent::boolean OR r.state = 'sent')
ORDER BY r.id DESC LIMIT @page;

-- name: SetStatusReport :exec
UPDATE status_report SET state = @state, send_at = @send_at, comment = @comment, comment_by = @comment_by, version = version + 1 WHERE id = @id;

-- name: SendStatusReport :exec
UPDATE status_report SET state = 'sent', sent_at = @now::timestamptz, pdf_file_id = @file_id::uuid, version = version + 1 WHERE id = @id;

-- name: StatusReaders :many
-- The active managers of a client.
SELECT id, name, email FROM person WHERE client_id = @client_id AND active AND 'client_manager' = ANY (roles) ORDER BY id;
