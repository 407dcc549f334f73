-- name: InsertPerson :exec
INSERT INTO person (id, external_key, kind, client_id, name, email, roles, skills, time_zone, password_hash)
VALUES (@id, @external_key, @kind, @client_id, @name, @email, @roles, @skills, @time_zone, @password_hash);

-- name: UpdatePerson :execrows
UPDATE person SET name = @name, email = @email, roles = @roles, skills = @skills, time_zone = @time_zone,
    active = @active, version = version + 1
WHERE id = @id AND version = @version;

-- name: SetPassword :exec
UPDATE person SET password_hash = @password_hash WHERE id = @id;

-- name: LockPerson :one
SELECT id FROM person WHERE id = @id FOR NO KEY UPDATE;

-- name: LockAdmins :exec
-- One of them goes at a time; until the end of the transaction.
SELECT pg_advisory_xact_lock(hashtextextended('admins of ' || current_schema(), 0));

-- name: SharePerson :exec
-- Nobody decides on the person's weeks before the end of the transaction.
SELECT FROM person WHERE id = @id FOR SHARE;

-- name: Person :one
SELECT id, external_key, kind, client_id, name, email, roles, skills, time_zone, active, version, created_at
FROM person WHERE id = @id;

-- name: PersonByEmail :one
SELECT id, name, email, roles, password_hash, active, kind, version FROM person WHERE lower(email) = lower(@email);

-- name: People :many
SELECT id, external_key, kind, client_id, name, email, roles, skills, time_zone, active, version, created_at
FROM person
WHERE id > @after
    AND (sqlc.narg('external_key')::text IS NULL OR external_key = sqlc.narg('external_key'))
    AND (sqlc.narg('kind')::text IS NULL OR kind = sqlc.narg('kind'))
    AND (sqlc.narg('client_id')::uuid IS NULL OR client_id = sqlc.narg('client_id'))
    AND (sqlc.narg('role')::text IS NULL OR sqlc.narg('role') = ANY (roles))
    AND (sqlc.narg('active')::boolean IS NULL OR active = sqlc.narg('active'))
    AND (sqlc.narg('search')::text IS NULL OR name ILIKE '%' || sqlc.narg('search') || '%' OR email ILIKE '%' || sqlc.narg('search') || '%')
ORDER BY id LIMIT @page;

-- name: CountPeople :one
SELECT count(*) FROM person;

-- name: ActorByPerson :one
SELECT p.id, p.kind, p.client_id, p.name, p.roles, p.time_zone,
    coalesce(array_agg(m.group_id) FILTER (WHERE m.group_id IS NOT NULL), '{}')::uuid[] AS groups,
    coalesce(array_agg(m.group_id) FILTER (WHERE m.is_manager), '{}')::uuid[] AS manages
FROM person p LEFT JOIN work_group_member m ON m.person_id = p.id
WHERE p.id = @id AND p.active
GROUP BY p.id;

-- name: ActorByToken :one
SELECT p.id, p.kind, p.client_id, p.name, p.roles, p.time_zone, t.scopes, t.id AS token_id, t.used_at, t.expires_at,
    coalesce(array_agg(m.group_id) FILTER (WHERE m.group_id IS NOT NULL), '{}')::uuid[] AS groups,
    coalesce(array_agg(m.group_id) FILTER (WHERE m.is_manager), '{}')::uuid[] AS manages
FROM api_token t JOIN person p ON p.id = t.person_id
    LEFT JOIN work_group_member m ON m.person_id = p.id
WHERE t.secret_hash = @secret_hash AND p.active AND t.revoked_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > @now)
GROUP BY p.id, t.id;

-- name: ActorBySession :one
SELECT p.id, p.kind, p.client_id, p.name, p.roles, p.time_zone, s.seen_at,
    coalesce(array_agg(m.group_id) FILTER (WHERE m.group_id IS NOT NULL), '{}')::uuid[] AS groups,
    coalesce(array_agg(m.group_id) FILTER (WHERE m.is_manager), '{}')::uuid[] AS manages
FROM session s JOIN person p ON p.id = s.person_id
    LEFT JOIN work_group_member m ON m.person_id = p.id
WHERE s.secret_hash = @secret_hash AND p.active AND s.expires_at > @now AND s.seen_at > @idle_since
GROUP BY p.id, s.secret_hash;

-- name: InsertToken :exec
INSERT INTO api_token (id, person_id, name, secret_hash, scopes, expires_at)
VALUES (@id, @person_id, @name, @secret_hash, @scopes, @expires_at);

-- name: Tokens :many
SELECT id, name, scopes, expires_at, revoked_at, created_at, used_at FROM api_token
WHERE person_id = @person_id AND id > @after ORDER BY id LIMIT @page;

-- name: RevokeToken :execrows
UPDATE api_token SET revoked_at = @now WHERE id = @id AND person_id = @person_id AND revoked_at IS NULL;

-- name: InsertSession :exec
INSERT INTO session (id, secret_hash, person_id, created_at, seen_at, expires_at, source, agent)
VALUES (@id, @secret_hash, @person_id, @now, @now, @expires_at, @source, @agent);

-- name: DeleteSession :exec
DELETE FROM session WHERE secret_hash = @secret_hash;

-- name: DeleteSessionsOf :exec
DELETE FROM session WHERE person_id = @person_id;

-- name: DeleteEndedSessions :exec
DELETE FROM session WHERE person_id = @person_id AND (expires_at <= @now OR seen_at <= @idle_since);

-- name: InsertGroup :exec
INSERT INTO work_group (id, name) VALUES (@id, @name);

-- name: TouchGroup :execrows
UPDATE work_group SET name = @name, version = version + 1 WHERE id = @id;

-- name: Group :one
SELECT id, name, version, created_at FROM work_group WHERE id = @id;

-- name: Groups :many
SELECT g.id, g.name, g.version, g.created_at,
    coalesce(array_agg(m.person_id ORDER BY m.person_id) FILTER (WHERE m.person_id IS NOT NULL), '{}')::uuid[] AS member_ids,
    coalesce(array_agg(p.name ORDER BY m.person_id) FILTER (WHERE m.person_id IS NOT NULL), '{}')::text[] AS member_names,
    coalesce(array_agg(p.active ORDER BY m.person_id) FILTER (WHERE m.person_id IS NOT NULL), '{}')::boolean[] AS member_active,
    coalesce(array_agg(m.person_id ORDER BY m.person_id) FILTER (WHERE m.is_manager), '{}')::uuid[] AS manager_ids
FROM work_group g LEFT JOIN work_group_member m ON m.group_id = g.id LEFT JOIN person p ON p.id = m.person_id
WHERE g.id > @after AND (sqlc.narg('id')::uuid IS NULL OR g.id = sqlc.narg('id'))
GROUP BY g.id ORDER BY g.id LIMIT @page;

-- name: ClearMembers :exec
DELETE FROM work_group_member WHERE group_id = @group_id;

-- name: InsertMembers :exec
INSERT INTO work_group_member (group_id, person_id, is_manager)
SELECT @group_id, m.id, m.id = ANY (@manager_ids::uuid[]) FROM (SELECT DISTINCT unnest(@person_ids::uuid[]) AS id) m;

-- name: GroupPreferences :one
SELECT told, digest, escalate_minutes, max_accepted, default_priority, time_zone, calendar, skills, version FROM work_group WHERE id = @id;

-- name: SetGroupPreferences :exec
UPDATE work_group SET told = @told, digest = @digest, escalate_minutes = sqlc.narg('escalate_minutes'), max_accepted = sqlc.narg('max_accepted'),
    default_priority = sqlc.narg('default_priority'), time_zone = @time_zone, calendar = sqlc.narg('calendar'), skills = @skills, version = version + 1
WHERE id = @id;

-- name: LockGroup :one
SELECT id FROM work_group WHERE id = @id FOR NO KEY UPDATE;

-- name: LeftOpen :many
-- What somebody who has left had or answers for and is not closed, with who else
-- answers for it and is there.
SELECT 'task'::text AS kind, (p.code || '-' || t.number || ' ' || t.title)::text AS name, (t.assignee_person_id IS NOT DISTINCT FROM @person_id::uuid)::boolean AS on_desk,
    ARRAY(SELECT a.id FROM person a WHERE a.id IN (p.account_manager_id, t.owner_id) AND a.active ORDER BY a.id)::uuid[] AS answers, t.id
FROM task t JOIN project p ON p.id = t.project_id
WHERE (t.assignee_person_id = @person_id OR t.owner_id = @person_id) AND t.status IN ('planned', 'open')
UNION ALL SELECT 'request', 'REQ-' || r.number || ' ' || r.title, r.assignee_person_id IS NOT DISTINCT FROM @person_id,
    ARRAY(SELECT a.id FROM person a WHERE a.id = r.account_manager_id AND a.active), r.id
FROM request r WHERE (r.assignee_person_id = @person_id OR r.account_manager_id = @person_id) AND r.status = 'open'
UNION ALL SELECT 'project', p.code || ' ' || p.name, false, '{}', p.id FROM project p WHERE p.account_manager_id = @person_id AND p.status NOT IN ('complete', 'cancelled')
UNION ALL SELECT 'client', c.name, false, '{}', c.id FROM client c WHERE c.account_manager_id = @person_id
UNION ALL SELECT 'group', g.name, false, '{}', g.id FROM work_group_member m JOIN work_group g ON g.id = m.group_id
WHERE m.person_id = @person_id AND m.is_manager
    AND NOT EXISTS (SELECT FROM work_group_member o JOIN person a ON a.id = o.person_id WHERE o.group_id = m.group_id AND o.is_manager AND a.active AND a.id <> @person_id)
ORDER BY kind DESC, id;

-- name: ManagersOf :many
-- Who manages a group that somebody is in, and is there.
SELECT DISTINCT a.id FROM work_group_member m JOIN work_group_member o ON o.group_id = m.group_id AND o.is_manager JOIN person a ON a.id = o.person_id AND a.active
WHERE m.person_id = @person_id AND a.id <> @person_id ORDER BY a.id;

-- name: StaffAmong :many
SELECT id FROM person WHERE id = ANY (@ids::uuid[]) AND kind = 'staff' AND active;

