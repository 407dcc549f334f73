-- name: InsertCommand :one
INSERT INTO command_log (id, actor_id, key, entity_kind, entity_id, verb, body, fingerprint, source)
VALUES (@id, @actor_id, @key, @entity_kind, @entity_id, @verb, @body, @fingerprint, @source)
ON CONFLICT (actor_id, key) DO NOTHING
RETURNING id;

-- name: InsertTaskCommand :execrows
-- A command on a task, unless there is no such task or the same request came
-- before.
INSERT INTO command_log (id, actor_id, key, entity_kind, entity_id, verb, body, fingerprint, source)
SELECT @id, @actor_id, @key, 'task', t.id, @verb, @body, @fingerprint, @source FROM task t WHERE t.id = @entity_id
ON CONFLICT (actor_id, key) DO NOTHING;

-- name: InsertCreateTaskCommand :one
-- The task's number is drawn here, so that its process can carry the key from
-- its first moment; a refused creation leaves a gap.
WITH drawn AS (
    UPDATE project SET last_number = last_number + 1 WHERE project.id = @project_id RETURNING code, last_number
), logged AS (
    INSERT INTO command_log (id, actor_id, key, entity_kind, entity_id, verb, body, fingerprint, source)
    SELECT @id, @actor_id, @key, 'task', @entity_id, 'create', @body::jsonb || jsonb_build_object('number', drawn.last_number), @fingerprint, @source
    FROM drawn
    ON CONFLICT (actor_id, key) DO NOTHING
    RETURNING id
)
SELECT drawn.code, drawn.last_number AS number FROM drawn, logged;

-- name: CommandByKey :one
SELECT id, actor_id, entity_kind, entity_id, verb, body, fingerprint, state, answer, created_at, done_at FROM command_log
WHERE actor_id = @actor_id AND key = @key;

-- name: Command :one
SELECT id, actor_id, key, entity_kind, entity_id, verb, state, answer, created_at, done_at FROM command_log WHERE id = @id;

-- name: LockCommand :one
-- The command with who asks, as they stand now, and whom it hands a task to.
-- The command is locked, and so is the task it is for, so that what is read
-- afterwards is as of the lock.
WITH held AS (
    SELECT t.id FROM task t WHERE t.id = @entity_id FOR NO KEY UPDATE
)
SELECT c.id, c.actor_id, c.entity_kind, c.entity_id, c.verb, c.body, c.source, c.state, c.answer, (SELECT count(*) FROM held) AS held,
    p.active, p.kind, p.client_id, p.name, p.roles, p.skills, p.time_zone,
    coalesce(g.groups, '{}')::uuid[] AS groups, coalesce(g.manages, '{}')::uuid[] AS manages,
    coalesce((SELECT t.name FROM person t WHERE t.id = (c.body -> 'to' ->> 'user_id')::uuid AND t.active AND t.kind = 'staff'), '')::text AS target_name
FROM command_log c JOIN person p ON p.id = c.actor_id
    CROSS JOIN LATERAL (SELECT array_agg(m.group_id) AS groups, array_agg(m.group_id) FILTER (WHERE m.is_manager) AS manages
        FROM work_group_member m WHERE m.person_id = p.id) g
WHERE c.id = @id FOR NO KEY UPDATE OF c;

-- name: AnswerCommand :execrows
UPDATE command_log SET state = @state, answer = @answer, done_at = @done_at WHERE id = @id AND state = 'pending';

-- name: InsertAnswered :exec
INSERT INTO command_log (id, actor_id, key, entity_kind, entity_id, verb, body, fingerprint, source, state, answer, done_at)
VALUES (@id, @actor_id, @key, @entity_kind, @entity_id, @verb, @body, @fingerprint, @source, 'done', @answer, @done_at);

-- name: InsertAudit :exec
INSERT INTO audit_event (id, actor_id, entity_kind, entity_id, verb, version, changes, note, source)
VALUES (@id, @actor_id, @entity_kind, @entity_id, @verb, @version, @changes, @note, @source);

-- name: AuditEvents :many
SELECT a.id, a.at, a.actor_id, coalesce(p.name, '')::text AS actor_name, a.entity_kind, a.entity_id, a.verb, a.version, a.changes, a.note, a.source
FROM audit_event a LEFT JOIN person p ON p.id = a.actor_id
WHERE a.id < @before
    AND (sqlc.narg('entity_id')::uuid IS NULL OR a.entity_id = sqlc.narg('entity_id'))
    AND (sqlc.narg('entity_kind')::text IS NULL OR a.entity_kind = sqlc.narg('entity_kind'))
    AND (sqlc.narg('actor_id')::uuid IS NULL OR a.actor_id = sqlc.narg('actor_id'))
    AND a.id >= @from_id
ORDER BY a.id DESC LIMIT @page;

-- name: InsertOutbox :exec
INSERT INTO outbox (entity_kind, entity_id) VALUES (@entity_kind, @entity_id);

-- name: TakeOutbox :many
-- Some processes that wait to hear, gathered; locked until they have heard.
WITH taken AS (
    SELECT o.id, o.entity_kind, o.entity_id, o.created_at FROM outbox o ORDER BY o.id LIMIT @page FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM outbox USING taken WHERE outbox.id = taken.id
)
SELECT taken.entity_kind, taken.entity_id, min(taken.created_at)::timestamptz AS since FROM taken GROUP BY 1, 2;

-- name: PutBack :exec
-- What could not be told goes behind all that waits.
INSERT INTO outbox (entity_kind, entity_id, created_at) SELECT unnest(@kinds::text[]), unnest(@ids::uuid[]), unnest(@since::timestamptz[]);

-- name: OutboxLag :one
SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest_seconds FROM outbox;

-- name: ProcessNames :many
-- What processes are called by operators.
SELECT t.id, (p.code || '-' || t.number || ' ' || t.title)::text AS name FROM task t JOIN project p ON p.id = t.project_id WHERE t.id = ANY (@ids::uuid[])
UNION ALL
SELECT p.id, (p.code || ' ' || p.name)::text FROM project p WHERE p.id = ANY (@ids::uuid[])
UNION ALL
SELECT b.id, ('Billing through ' || b.through)::text FROM billing_run b WHERE b.id = ANY (@ids::uuid[])
UNION ALL
SELECT i.id, ('Invoice ' || coalesce(i.number, '(draft)') || ' ' || c.name)::text FROM invoice i JOIN client c ON c.id = i.client_id WHERE i.id = ANY (@ids::uuid[])
UNION ALL
SELECT r.id, ('REQ-' || r.number || ' ' || r.title)::text FROM request r WHERE r.id = ANY (@ids::uuid[])
UNION ALL
SELECT c.id, ('Account of ' || c.name)::text FROM client c WHERE c.id = ANY (@ids::uuid[])
UNION ALL
SELECT l.id, ('Reminder ' || to_char(r.month, 'YYYY-MM') || ' ' || c.name)::text FROM reminder_letter l JOIN reminder_run r ON r.id = l.run_id JOIN client c ON c.id = l.client_id WHERE l.id = ANY (@ids::uuid[])
UNION ALL
SELECT r.id, ('Reminders ' || to_char(r.month, 'YYYY-MM'))::text FROM reminder_run r WHERE r.id = ANY (@ids::uuid[])
UNION ALL
SELECT r.id, ('Status report ' || r.week || ' ' || c.name)::text FROM status_report r JOIN client c ON c.id = r.client_id WHERE r.id = ANY (@ids::uuid[])
UNION ALL
SELECT r.id, ('Status reports ' || r.week)::text FROM status_run r WHERE r.id = ANY (@ids::uuid[]);

-- name: CountOpenThings :many
-- How many things of each kind have to have a process.
SELECT kind, count(*) AS things FROM open_thing GROUP BY kind;

-- name: PendingCommands :many
-- Commands that were written and not answered, between two ids: two moments.
SELECT id, entity_kind, entity_id, verb FROM command_log
WHERE id >= @from_id AND id < @to_id AND state = 'pending' ORDER BY id LIMIT 100;

-- name: LastAnswered :one
-- The newest command that was answered.
SELECT id FROM command_log WHERE state <> 'pending' ORDER BY id DESC LIMIT 1;
