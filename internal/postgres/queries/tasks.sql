-- name: InsertTask :exec
INSERT INTO task (id, project_id, number, parent_id, title, description, status, priority, owner_id, assignee_person_id, assignee_group_id,
    delegated, assigned_at, status_at, estimate_minutes, skills, visible_to_client, due_on, request_id)
VALUES (@id, @project_id, @number, @parent_id, @title, @description, @status, @priority, @owner_id, @assignee_person_id, @assignee_group_id,
    @delegated, @assigned_at, @status_at, @estimate_minutes, @skills, @visible_to_client, @due_on, @request_id);

-- name: WriteTask :exec
-- A changed task with its audit, the answer to the command, and what people
-- are told of it, in one statement. Its words are written by SetTaskWords: with
-- them Postgres makes anew what they are searched by.
WITH changed AS (
    UPDATE task SET parent_id = sqlc.narg('parent_id'), status = @status, priority = @priority,
        owner_id = @owner_id, assignee_person_id = sqlc.narg('assignee_person_id'), assignee_group_id = sqlc.narg('assignee_group_id'), delegated = @delegated,
        assigned_at = @assigned_at, accepted_from = sqlc.narg('accepted_from'), hand_over = sqlc.narg('hand_over'), escalated_at = sqlc.narg('escalated_at'),
        status_at = @status_at, started_at = sqlc.narg('started_at'), ended_at = sqlc.narg('ended_at'), estimate_minutes = sqlc.narg('estimate_minutes'), skills = @skills, visible_to_client = @visible_to_client,
        closed_at = sqlc.narg('closed_at'), due_on = sqlc.narg('due_on')::date, version = @version
    WHERE task.id = @id
), answered AS (
    UPDATE command_log SET state = 'done', answer = @answer, done_at = @now WHERE command_log.id = @command_id
), told AS (
    INSERT INTO notification (id, person_id, kind, entity_kind, entity_id, actor_id, subject, body, digest, created_at)
    SELECT n.id, n.person_id, n.kind, 'task', @id, @actor_id,
        coalesce(n.translated::jsonb ->> (SELECT c.language FROM person p JOIN client c ON c.id = p.client_id WHERE p.id = n.person_id), n.subject), n.body, n.digest, @now
    FROM (SELECT unnest(@told_ids::uuid[]) AS id, unnest(@told_people::uuid[]) AS person_id, unnest(@told_kinds::text[]) AS kind, unnest(@told_subjects::text[]) AS subject,
        unnest(@told_translated::text[]) AS translated, unnest(@told_bodies::text[]) AS body, unnest(@told_digests::boolean[]) AS digest) n
)
INSERT INTO audit_event (id, actor_id, entity_kind, entity_id, verb, version, changes, note, source)
VALUES (@event_id, @actor_id, 'task', @id, @verb, @version, @changes, @note, @source);

-- name: SetTaskWords :exec
UPDATE task SET title = @title, description = @description WHERE id = @id;

-- name: LockDependents :many
-- Tasks that wait for this one, as they or tasks above them depend on it,
-- locked, so that of two that are completed at the same time the later one sees
-- that both are.
WITH RECURSIVE later AS (
    SELECT d.task_id AS id FROM task_dependency d WHERE d.depends_on_id = @id
    UNION
    SELECT c.id FROM later l CROSS JOIN LATERAL (SELECT task.id FROM task WHERE task.parent_id = l.id OFFSET 0) c
)
SELECT t.id FROM task t
WHERE t.id = ANY (ARRAY(SELECT later.id FROM later)) AND t.status IN ('planned', 'open') ORDER BY t.id FOR NO KEY UPDATE;

-- name: TellTasks :exec
INSERT INTO outbox (entity_kind, entity_id) SELECT 'task', unnest(@ids::uuid[]);

-- name: TellBelow :exec
-- A word to the tasks below one, at any depth: what they wait for has changed.
WITH RECURSIVE below AS (
    SELECT task.id FROM task WHERE task.parent_id = @id::uuid
    UNION
    SELECT c.id FROM below b CROSS JOIN LATERAL (SELECT task.id FROM task WHERE task.parent_id = b.id OFFSET 0) c
)
INSERT INTO outbox (entity_kind, entity_id)
SELECT 'task', t.id FROM task t WHERE t.id = ANY (ARRAY(SELECT below.id FROM below)) AND t.status IN ('planned', 'open');

-- name: LockBelow :many
-- The open tasks below one, at any depth, locked, so that of two ways that they
-- wait for others and that end at the same time, the later one sees that both have.
WITH RECURSIVE below AS (
    SELECT task.id FROM task WHERE task.parent_id = @id::uuid
    UNION
    SELECT c.id FROM below b CROSS JOIN LATERAL (SELECT task.id FROM task WHERE task.parent_id = b.id OFFSET 0) c
)
SELECT t.id FROM task t
WHERE t.id = ANY (ARRAY(SELECT below.id FROM below)) AND t.status IN ('planned', 'open') ORDER BY t.id FOR NO KEY UPDATE;

-- name: FreeTasks :many
-- Those of some locked tasks that wait for no other, since then at the earliest:
-- what they waited for was taken away. Which they are.
UPDATE task SET freed_at = @at::timestamptz
WHERE id = ANY (@ids::uuid[]) AND status IN ('planned', 'open') AND (freed_at IS NULL OR freed_at < @at::timestamptz)
    AND (SELECT count(*) FROM task_wait x WHERE x.task_id = task.id AND x.status IN ('planned', 'open')) = 0
RETURNING id;

-- name: MarkEscalated :exec
UPDATE task SET escalated_at = @escalated_at, version = version + 1 WHERE id = @id;

-- name: TellWaiting :exec
-- A word to all that waits in a group.
INSERT INTO outbox (entity_kind, entity_id) SELECT 'task', t.id FROM task t WHERE t.assignee_group_id = @group_id AND t.status = 'open'
UNION ALL SELECT 'request', r.id FROM request r WHERE r.assignee_group_id = @group_id AND r.status = 'open';

-- name: TreeLock :exec
-- Who changes what in a project comes after what takes this first, until the
-- end of the transaction: two halves of a circle are never added at once.
SELECT pg_advisory_xact_lock(hashtextextended('tree ' || @project_id::text, 0));

-- name: ComesAfter :one
-- Whether a task can be complete, or with last_starts start, only after another,
-- the first, is complete, or with first_starts has started: of several such pairs
-- any. A task starts after all that it and those above it depend on, and is
-- complete after all that is below it; each row is a task that comes later, and
-- whether its start does. A task that is being moved has left its place.
WITH RECURSIVE pair AS (
    SELECT generate_subscripts(@firsts::uuid[], 1) AS number, unnest(@firsts::uuid[]) AS first, unnest(@first_starts::boolean[]) AS first_starts,
        unnest(@lasts::uuid[]) AS last, unnest(@last_starts::boolean[]) AS last_starts
), later (number, id, starts) AS (
    SELECT pair.number, pair.first, pair.first_starts FROM pair
    UNION
    SELECT l.number, n.id, n.starts FROM later l CROSS JOIN LATERAL (
        SELECT up.parent_id AS id, false AS starts FROM task up WHERE up.id = l.id AND up.parent_id IS NOT NULL AND up.id <> @moved::uuid
        UNION ALL
        SELECT d.task_id, true FROM task_dependency d WHERE d.depends_on_id = l.id
        UNION ALL
        SELECT c.id, true FROM task c WHERE l.starts AND c.parent_id = l.id AND c.id <> @moved::uuid) n
)
SELECT (count(*) > 0)::boolean AS comes_after FROM later JOIN pair ON pair.number = later.number AND pair.last = later.id WHERE later.starts OR NOT pair.last_starts;

-- name: PlaceTask :exec
-- Before what the task waits for is read anew.
UPDATE task SET parent_id = sqlc.narg('parent_id') WHERE id = @id;

-- name: TaskPlace :one
SELECT project_id, status, owner_id, parent_id FROM task WHERE id = @id;

-- name: HeldLock :exec
-- One person accepts one task at a time, so that a limit is kept.
SELECT pg_advisory_xact_lock(hashtextextended('held ' || @person_id::text, 0));

-- name: CountHeld :one
SELECT count(*) FROM task
WHERE assignee_person_id = @person_id AND accepted_from = @group_id AND status IN ('planned', 'open');

-- name: GroupForWork :one
-- A group with what the rules of handing work to it ask for.
SELECT g.id, g.name, g.told, g.digest, g.escalate_minutes, g.calendar, g.time_zone, g.max_accepted, g.default_priority, g.skills,
    ARRAY(SELECT m.person_id FROM work_group_member m JOIN person p ON p.id = m.person_id AND p.active WHERE m.group_id = g.id ORDER BY m.person_id)::uuid[] AS members,
    ARRAY(SELECT m.person_id FROM work_group_member m JOIN person p ON p.id = m.person_id AND p.active WHERE m.group_id = g.id AND m.is_manager ORDER BY m.person_id)::uuid[] AS managers
FROM work_group g WHERE g.id = @id;

-- name: TaskViews :many
-- Each task is looked up by itself (LIMIT 1), with the same plan for one as for
-- fifty, however large the tables are and whatever Postgres thinks they are.
SELECT v.* FROM unnest(@ids::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
    SELECT t.id, t.external_key, t.project_id, p.code, t.number, t.parent_id, t.title, t.description, t.status, t.priority, t.owner_id, ow.name AS owner_name,
        t.assignee_person_id, t.assignee_group_id, coalesce(ap.name, ag.name, '')::text AS assignee_name, coalesce(ap.kind = 'client', false)::boolean AS assignee_outside, t.assigned_at,
        t.estimate_minutes, t.skills, t.visible_to_client, t.due_on, t.version, t.created_at, t.closed_at,
        coalesce(w.minutes, 0)::bigint AS worked_minutes, r.remaining_minutes,
        coalesce(dep.depends_on, '{}')::uuid[] AS depends_on, coalesce(dep.waits_for, '{}')::integer[] AS waits_for,
        sub.open_children, sub.children, coalesce(greatest(dep.freed_at, t.freed_at), t.created_at)::timestamptz AS freed_at,
        t.delegated, t.accepted_from, t.hand_over, t.escalated_at, t.status_at, t.started_at, t.ended_at, ag.escalate_minutes, ag.calendar AS group_calendar, coalesce(ag.time_zone, '')::text AS group_zone,
        par.owner_id AS parent_owner_id, coalesce(par.status, '')::text AS parent_status, p.status AS project_status, p.active_since AS project_active_since, p.account_manager_id, p.client_id, cl.name AS client_name, t.request_id
    FROM task t
        JOIN project p ON p.id = t.project_id
        JOIN client cl ON cl.id = p.client_id
        JOIN person ow ON ow.id = t.owner_id
        LEFT JOIN task par ON par.id = t.parent_id
        LEFT JOIN person ap ON ap.id = t.assignee_person_id
        LEFT JOIN work_group ag ON ag.id = t.assignee_group_id
        CROSS JOIN LATERAL (SELECT sum(e.minutes) AS minutes FROM time_entry e WHERE e.task_id = t.id) w
        LEFT JOIN LATERAL (SELECT e.remaining_minutes FROM time_entry e WHERE e.task_id = t.id AND e.remaining_minutes IS NOT NULL
                           ORDER BY e.id DESC LIMIT 1) r ON true
        CROSS JOIN LATERAL (SELECT array_agg(o.id ORDER BY o.id) FILTER (WHERE o.own) AS depends_on,
                array_agg(o.number ORDER BY o.number) FILTER (WHERE o.status IN ('planned', 'open')) AS waits_for, max(o.closed_at) AS freed_at
            FROM (SELECT x.depends_on_id AS id, x.number, x.status, x.closed_at, bool_or(x.own) AS own FROM task_wait x WHERE x.task_id = t.id GROUP BY 1, 2, 3, 4) o) dep
        CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE c.status IN ('planned', 'open')) AS open_children, count(*) FILTER (WHERE c.status <> 'cancelled') AS children
            FROM task c WHERE c.parent_id = t.id) sub
    WHERE t.id = wanted.id LIMIT 1
) v
ORDER BY v.priority, v.id;

-- name: TaskIDs :many
-- What a task waits for is counted, here and elsewhere, since Postgres would read
-- it of all tasks at once if it were asked whether there is any. That and who has
-- left is asked of one task after the other in their order (OFFSET 0), until the
-- page is full.
SELECT t.id, t.priority FROM (
    SELECT t.id, t.priority, t.owner_id, t.assignee_person_id FROM task t
    WHERE (t.priority, t.id) > (@after_priority::smallint, @after::uuid)
        AND (sqlc.narg('assignee_id')::uuid IS NULL OR t.assignee_person_id = sqlc.narg('assignee_id'))
        AND (sqlc.narg('group_id')::uuid IS NULL OR t.assignee_group_id = sqlc.narg('group_id'))
        AND (sqlc.narg('project_id')::uuid IS NULL OR t.project_id = sqlc.narg('project_id'))
        AND (sqlc.narg('owner_id')::uuid IS NULL OR t.owner_id = sqlc.narg('owner_id'))
        AND (sqlc.narg('viewer_id')::uuid IS NULL OR t.owner_id = sqlc.narg('viewer_id')
            OR t.assignee_person_id = ANY (@viewer_people::uuid[]) OR t.assignee_group_id = ANY (@viewer_groups::uuid[]))
        AND (sqlc.narg('parent_id')::uuid IS NULL OR t.parent_id = sqlc.narg('parent_id'))
        AND (sqlc.narg('needs_subtasks')::boolean IS NULL OR sqlc.narg('needs_subtasks') = (t.status = 'open' AND t.parent_id IS NULL
            AND NOT EXISTS (SELECT FROM task c WHERE c.parent_id = t.id AND c.status <> 'cancelled')))
        AND (coalesce(cardinality(@statuses::text[]), 0) = 0 OR t.status = ANY (@statuses::text[]))
        AND (sqlc.narg('external_key')::text IS NULL OR t.external_key = sqlc.narg('external_key'))
    ORDER BY t.priority, t.id OFFSET 0) t
WHERE (sqlc.narg('ready')::boolean IS NULL OR sqlc.narg('ready') = ((SELECT count(*) FROM task_wait x WHERE x.task_id = t.id AND x.status IN ('planned', 'open')) = 0))
    AND (sqlc.narg('has_left')::boolean IS NULL OR sqlc.narg('has_left') = (t.owner_id IN (SELECT l.id FROM person l WHERE NOT l.active)
        OR coalesce(t.assignee_person_id IN (SELECT l.id FROM person l WHERE NOT l.active), false)))
ORDER BY t.priority, t.id LIMIT @page;

-- name: MembersAmong :many
-- Everybody in some groups.
SELECT DISTINCT person_id FROM work_group_member WHERE group_id = ANY (@groups::uuid[]) ORDER BY person_id;

-- name: TaskTreeIDs :many
SELECT id, number FROM task WHERE project_id = @project_id AND number > @after_number ORDER BY number LIMIT @page;

-- name: GroupQueue :many
-- What waits in a group to be accepted.
SELECT t.id, t.priority FROM task t
WHERE t.assignee_group_id = @group_id AND t.status IN ('planned', 'open') AND (t.priority, t.id) > (@after_priority::smallint, @after::uuid)
ORDER BY t.priority, t.id LIMIT @page;

-- name: TaskForAction :one
SELECT t.id, t.number, t.title, t.status, t.project_id, t.owner_id, t.assignee_person_id, t.assignee_group_id, t.visible_to_client, t.version, t.closed_at,
    p.code, p.status AS project_status, p.left_at AS project_left_at, p.client_id, p.account_manager_id,
    (SELECT count(DISTINCT x.depends_on_id) FROM task_wait x WHERE x.task_id = t.id AND x.status IN ('planned', 'open')) AS waiting_on
FROM task t JOIN project p ON p.id = t.project_id WHERE t.id = @id;

-- name: TaskMadeFrom :one
-- The request that a task was made from.
SELECT request_id FROM task WHERE id = @id;

-- name: InsertDependency :exec
INSERT INTO task_dependency (task_id, depends_on_id) VALUES (@task_id, @depends_on_id) ON CONFLICT DO NOTHING;

-- name: TasksInProject :many
-- Locked, so that who completes one of them now sees what is to wait for it.
SELECT id FROM task WHERE id = ANY (@ids::uuid[]) AND project_id = @project_id ORDER BY id FOR SHARE;

-- name: AssigneePerson :one
SELECT id, kind, name, skills FROM person WHERE id = @id AND active;

-- name: InsertNote :exec
INSERT INTO note (id, task_id, author_id, body, visibility) VALUES (@id, @task_id::uuid, @author_id, @body, @visibility);

-- name: LockNote :one
SELECT n.id, n.task_id, n.author_id, a.name AS author_name, n.body, n.visibility, n.version, n.created_at, n.edited_at, n.request_id
FROM note n JOIN person a ON a.id = n.author_id WHERE n.id = @id FOR UPDATE OF n;

-- name: KeepNoteVersion :exec
INSERT INTO note_version (note_id, version, body, visibility, author_id, written_at)
SELECT id, version, body, visibility, author_id, coalesce(edited_at, created_at) FROM note WHERE id = @id;

-- name: UpdateNote :exec
UPDATE note SET body = @body, visibility = @visibility, edited_at = @edited_at, version = version + 1 WHERE id = @id;

-- name: NotesOfTask :many
SELECT n.id, n.task_id, n.author_id, a.name AS author_name, n.body, n.visibility, n.version, n.created_at, n.edited_at, n.request_id
FROM note n JOIN person a ON a.id = n.author_id WHERE n.task_id = @task_id::uuid AND n.id > @after ORDER BY n.id LIMIT @page;

-- name: NoteVersions :many
-- What a note said before, and at last what it says now.
SELECT v.version, v.body, v.visibility, v.author_id, a.name AS author_name, v.written_at FROM note_version v JOIN person a ON a.id = v.author_id WHERE v.note_id = @note_id
UNION ALL
SELECT n.version, n.body, n.visibility, n.author_id, a.name, coalesce(n.edited_at, n.created_at) FROM note n JOIN person a ON a.id = n.author_id WHERE n.id = @note_id
ORDER BY version;

-- name: LockTask :exec
-- What is read of the task afterwards is as of the lock.
SELECT FROM task WHERE id = @id FOR NO KEY UPDATE;

-- name: RemoveDependency :execrows
DELETE FROM task_dependency WHERE task_id = @task_id AND depends_on_id = @depends_on_id;
