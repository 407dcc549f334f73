-- name: InsertCreateRequestCommand :one
-- The number is drawn here, so that the process can carry the key from its
-- first moment; a refused creation leaves a gap.
INSERT INTO command_log (id, actor_id, key, entity_kind, entity_id, verb, body, fingerprint, source)
SELECT @id, @actor_id, @key, 'request', @entity_id, 'create', @body::jsonb || jsonb_build_object('number', nextval('request_number')), @fingerprint, @source
ON CONFLICT (actor_id, key) DO NOTHING
RETURNING (body ->> 'number')::integer AS number;

-- name: InsertRequest :exec
INSERT INTO request (id, number, client_id, project_id, task_id, about_id, kind, title, description, priority, status, created_by, account_manager_id,
    assignee_person_id, assignee_group_id, assigned_at, status_at, response_minutes, resolution_minutes, created_at)
VALUES (@id, @number, @client_id, @project_id, @task_id, @about_id, @kind, @title, @description, @priority, @status, @created_by, @account_manager_id,
    @assignee_person_id, @assignee_group_id, @assigned_at, @status_at, @response_minutes, @resolution_minutes, @created_at);

-- name: LockRequest :exec
-- What is read of the request afterwards is as of the lock.
SELECT FROM request WHERE id = @id FOR NO KEY UPDATE;

-- name: WriteRequest :exec
UPDATE request SET title = @title, description = @description, priority = @priority, status = @status, account_manager_id = @account_manager_id,
    assignee_person_id = @assignee_person_id, assignee_group_id = @assignee_group_id, delegated = @delegated, assigned_at = @assigned_at,
    accepted_from = @accepted_from, hand_over = @hand_over, escalated_at = @escalated_at, status_at = @status_at, closed_at = @closed_at,
    answer = @answer, responded_at = @responded_at, waiting_for_client = @waiting_for_client, pauses = @pauses,
    response_minutes = @response_minutes, resolution_minutes = @resolution_minutes, response_warned = @response_warned, resolution_warned = @resolution_warned,
    version = version + 1
WHERE id = @id;

-- name: RequestViews :many
SELECT r.id, r.number, r.client_id, c.name AS client_name, c.time_zone, c.calendar, r.project_id, coalesce(p.code, '')::text AS code, r.task_id, r.about_id,
    r.kind, r.title, r.description, r.priority, r.status, r.created_by, cb.name AS created_by_name, cb.kind AS created_by_kind, r.account_manager_id, am.name AS account_manager_name,
    r.assignee_person_id, r.assignee_group_id, coalesce(ap.name, ag.name, '')::text AS assignee_name, r.delegated, r.assigned_at, r.accepted_from,
    r.hand_over, r.escalated_at, r.status_at, r.closed_at, r.answer, r.responded_at, r.waiting_for_client, r.pauses,
    r.response_minutes, r.resolution_minutes, r.response_warned, r.resolution_warned, r.version, r.created_at,
    ag.escalate_minutes, ag.calendar AS group_calendar, coalesce(ag.time_zone, '')::text AS group_zone,
    ARRAY(SELECT t.id FROM task t WHERE t.request_id = r.id ORDER BY t.id)::uuid[] AS task_ids,
    ARRAY(SELECT t.id FROM task t JOIN project x ON x.id = t.project_id AND x.status <> 'draft' WHERE t.request_id = r.id AND t.visible_to_client ORDER BY t.id)::uuid[] AS visible_task_ids,
    ARRAY(SELECT t.id FROM task t WHERE t.request_id = r.id AND t.visible_to_client AND t.project_id IN (SELECT portal_projects_of(r.created_by)) ORDER BY t.id)::uuid[] AS author_task_ids,
    ARRAY(SELECT a.id FROM request a WHERE a.about_id = r.id ORDER BY a.id)::uuid[] AS ask_ids,
    ARRAY(SELECT i.id FROM project_item i WHERE i.request_id = r.id ORDER BY i.id)::uuid[] AS item_ids,
    coalesce(tk.visible_to_client, false)::boolean AS task_visible
FROM request r
    JOIN client c ON c.id = r.client_id
    JOIN person cb ON cb.id = r.created_by
    JOIN person am ON am.id = r.account_manager_id
    LEFT JOIN project p ON p.id = r.project_id
    LEFT JOIN task tk ON tk.id = r.task_id
    LEFT JOIN person ap ON ap.id = r.assignee_person_id
    LEFT JOIN work_group ag ON ag.id = r.assignee_group_id
WHERE r.id = ANY (@ids::uuid[])
ORDER BY r.priority, r.id;

-- name: RequestIDs :many
SELECT r.id, r.priority FROM request r
WHERE (r.priority, r.id) > (@after_priority::smallint, @after::uuid)
    AND (sqlc.narg('client_id')::uuid IS NULL OR r.client_id = sqlc.narg('client_id'))
    AND (sqlc.narg('project_id')::uuid IS NULL OR r.project_id = sqlc.narg('project_id'))
    AND (sqlc.narg('task_id')::uuid IS NULL OR r.task_id = sqlc.narg('task_id')
        OR r.id = (SELECT t.request_id FROM task t WHERE t.id = sqlc.narg('task_id')))
    AND (coalesce(cardinality(@statuses::text[]), 0) = 0 OR r.status = ANY (@statuses::text[]))
    AND (sqlc.narg('kind')::text IS NULL OR r.kind = sqlc.narg('kind'))
    AND (sqlc.narg('assignee_id')::uuid IS NULL OR r.assignee_person_id = sqlc.narg('assignee_id'))
    AND (sqlc.narg('group_id')::uuid IS NULL OR r.assignee_group_id = sqlc.narg('group_id'))
    AND (sqlc.narg('account_manager_id')::uuid IS NULL OR r.account_manager_id = sqlc.narg('account_manager_id'))
    AND (sqlc.narg('author_id')::uuid IS NULL OR r.created_by = sqlc.narg('author_id'))
    AND (sqlc.narg('viewer_id')::uuid IS NULL OR r.account_manager_id = sqlc.narg('viewer_id') OR r.created_by = sqlc.narg('viewer_id')
        OR r.assignee_person_id = ANY (@viewer_people::uuid[]) OR r.assignee_group_id = ANY (@viewer_groups::uuid[]))
ORDER BY r.priority, r.id LIMIT @page;

-- name: RequestPlace :one
-- Where a new request goes, and who is to answer for it.
SELECT c.id AS client_id, c.account_manager_id AS client_manager_id, p.id AS project_id, p.account_manager_id AS project_manager_id
FROM client c LEFT JOIN project p ON p.client_id = c.id AND p.id = sqlc.narg('project_id')::uuid
WHERE c.id = @client_id;

-- name: ShareProject :exec
-- Nobody hands the project over before a request on it is there.
SELECT FROM project WHERE id = @id FOR SHARE;

-- name: ShareClient :exec
SELECT FROM client WHERE id = @id FOR SHARE;

-- name: RequestsToHandOver :many
-- The open requests on a project, or of a client on none, for which whoever
-- managed it so far answers, or somebody who has left.
SELECT r.id FROM request r
WHERE r.client_id = @client_id AND r.project_id IS NOT DISTINCT FROM sqlc.narg('project_id')::uuid AND r.status = 'open'
    AND r.account_manager_id <> @to_id
    AND (r.account_manager_id = sqlc.narg('from_id')::uuid OR NOT EXISTS (SELECT FROM person p WHERE p.id = r.account_manager_id AND p.active))
ORDER BY r.id FOR NO KEY UPDATE OF r;

-- name: HandOverRequests :exec
-- Requests that are locked get another account manager, each with a word to its
-- process. Those that move come from the desk of the one before to the new one's,
-- and what was true of that desk ends.
WITH given AS (
    SELECT unnest(@ids::uuid[]) AS id, unnest(@moves::boolean[]) AS moves
), handed AS (
    UPDATE request SET account_manager_id = @to_id, version = request.version + 1,
        assignee_person_id = CASE WHEN given.moves THEN @to_id::uuid ELSE request.assignee_person_id END,
        assigned_at = CASE WHEN given.moves THEN @now::timestamptz ELSE request.assigned_at END,
        accepted_from = CASE WHEN NOT given.moves THEN request.accepted_from END,
        escalated_at = CASE WHEN NOT given.moves THEN request.escalated_at END
    FROM given WHERE request.id = given.id
    RETURNING request.id
)
INSERT INTO outbox (entity_kind, entity_id) SELECT 'request', id FROM handed;

-- name: StandsIn :one
-- Who answers for a client that nobody was named for: the account manager of the
-- last of its active projects, else one of the firm, else an admin.
WITH latest AS (
    SELECT j.account_manager_id AS id FROM project j JOIN person m ON m.id = j.account_manager_id AND m.active
    WHERE j.client_id = @client_id AND j.status = 'active' ORDER BY j.id DESC LIMIT 1
)
SELECT p.id FROM person p
WHERE p.kind = 'staff' AND p.active AND (p.roles && '{account_manager,admin}' OR p.id = (SELECT id FROM latest))
ORDER BY coalesce(p.id = (SELECT id FROM latest), false) DESC, 'account_manager' = ANY (p.roles) DESC, p.id LIMIT 1;

-- name: TaskOfClient :one
-- A task of a client, with its project.
SELECT t.id, t.project_id, t.visible_to_client FROM task t JOIN project p ON p.id = t.project_id WHERE t.id = @id AND p.client_id = @client_id;

-- name: TargetOf :one
-- What a client is promised for a priority: its own, else the firm's.
SELECT response_minutes, resolution_minutes FROM service_target
WHERE priority = @priority AND (client_id = sqlc.narg('client_id')::uuid OR client_id IS NULL)
ORDER BY client_id NULLS LAST LIMIT 1;

-- name: Targets :many
SELECT DISTINCT ON (priority) priority, response_minutes, resolution_minutes, (client_id IS NOT NULL)::boolean AS own FROM service_target
WHERE client_id = sqlc.narg('client_id')::uuid OR client_id IS NULL
ORDER BY priority, client_id NULLS LAST;

-- name: ClearTargets :exec
-- Of a client, or the firm's.
DELETE FROM service_target WHERE client_id IS NOT DISTINCT FROM sqlc.narg('client_id')::uuid;

-- name: InsertTarget :exec
INSERT INTO service_target (client_id, priority, response_minutes, resolution_minutes)
VALUES (sqlc.narg('client_id')::uuid, @priority, @response_minutes, @resolution_minutes);

-- name: TellRequestsOfClient :exec
-- A word to every open request of a client.
INSERT INTO outbox (entity_kind, entity_id) SELECT 'request', id FROM request WHERE client_id = @client_id AND status = 'open';

-- name: InsertProjectItem :exec
INSERT INTO project_item (id, project_id, request_id, kind, title, description, priority, created_by)
VALUES (@id, @project_id, @request_id, @kind, @title, @description, @priority, @created_by);

-- name: ItemOfRequest :one
SELECT id FROM project_item WHERE request_id = @request_id AND kind = @kind;

-- name: ProjectItems :many
SELECT id, project_id, request_id, kind, title, description, priority, status, created_by, created_at, version FROM project_item
WHERE project_id = @project_id AND id > @after ORDER BY id LIMIT @page;

-- name: LockProjectItem :one
SELECT id, project_id, request_id, kind, title, description, priority, status, created_by, created_at, version FROM project_item WHERE id = @id FOR NO KEY UPDATE;

-- name: SetProjectItemStatus :exec
UPDATE project_item SET status = @status, version = version + 1 WHERE id = @id;

-- name: InsertRequestNote :exec
INSERT INTO note (id, request_id, author_id, body, visibility) VALUES (@id, @request_id::uuid, @author_id, @body, @visibility);

-- name: NotesOfRequest :many
SELECT n.id, n.task_id, n.author_id, a.name AS author_name, n.body, n.visibility, n.version, n.created_at, n.edited_at, n.request_id
FROM note n JOIN person a ON a.id = n.author_id WHERE n.request_id = @request_id::uuid AND n.id > @after ORDER BY n.id LIMIT @page;

-- name: AttachmentsOfRequest :many
-- What is still there.
SELECT f.id, a.task_id, a.author_id, p.name AS author_name, f.name, f.content_type, f.size, f.sha256, a.visibility, a.created_at, a.removed_at, a.removed_by, a.request_id
FROM attachment a JOIN file f ON f.id = a.file_id JOIN person p ON p.id = a.author_id
WHERE a.request_id = @request_id::uuid AND a.file_id > @after AND a.removed_at IS NULL
ORDER BY a.file_id LIMIT @page;

-- name: RequestEvents :many
-- What happened to a request, and to the notes and files on it.
SELECT a.id, a.at, a.actor_id, coalesce(p.name, '')::text AS actor_name, a.entity_kind, a.entity_id, a.verb, a.version, a.changes, a.note, a.source
FROM audit_event a LEFT JOIN person p ON p.id = a.actor_id
WHERE a.id < @before AND a.entity_kind IN ('request', 'note', 'file') AND a.entity_id = ANY (ARRAY(
    SELECT @request_id::uuid
    UNION ALL SELECT n.id FROM note n WHERE n.request_id = @request_id
    UNION ALL SELECT x.file_id FROM attachment x WHERE x.request_id = @request_id))
ORDER BY a.id DESC LIMIT @page;
