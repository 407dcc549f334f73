-- name: InsertNotices :exec
-- What people are told: a client's contact in the client's language, where there
-- are words for it.
INSERT INTO notification (id, person_id, kind, entity_kind, entity_id, actor_id, subject, body, digest, note_id, created_at)
SELECT n.id, n.person_id, n.kind, n.entity_kind, n.entity_id, sqlc.narg('actor_id')::uuid,
    coalesce(n.translated::jsonb ->> (SELECT c.language FROM person p JOIN client c ON c.id = p.client_id WHERE p.id = n.person_id), n.subject),
    n.body, n.digest, nullif(n.note_id, '00000000-0000-0000-0000-000000000000'), @now::timestamptz
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@people::uuid[]) AS person_id, unnest(@kinds::text[]) AS kind, unnest(@entity_kinds::text[]) AS entity_kind,
    unnest(@entity_ids::uuid[]) AS entity_id, unnest(@subjects::text[]) AS subject, unnest(@translated::text[]) AS translated,
    unnest(@bodies::text[]) AS body, unnest(@digests::boolean[]) AS digest, unnest(@note_ids::uuid[]) AS note_id) n;

-- name: HideNote :exec
-- A note that the client may read no more, in what it was told of it. What was
-- told of a request before the note was kept with it is known by its words.
UPDATE notification n SET body = ''
FROM note t WHERE t.id = @note_id AND (n.note_id = t.id AND EXISTS (SELECT FROM person p WHERE p.id = n.person_id AND p.kind = 'client')
    OR n.note_id IS NULL AND n.entity_kind = 'request' AND n.entity_id = t.request_id AND n.kind = 'staff_wrote' AND n.actor_id = t.author_id
        AND n.body IN (SELECT v.body FROM note_version v WHERE v.note_id = t.id));

-- name: Notifications :many
SELECT n.id, n.kind, n.entity_kind, n.entity_id, n.actor_id, n.subject, n.body, n.about_on,
    -- The week that a timesheet was told of: that of what was done to it last before.
    (CASE WHEN n.entity_kind = 'timesheet' THEN (SELECT (e.changes->'week'->>1)::date FROM audit_event e
        WHERE e.entity_id = n.entity_id AND e.entity_kind = 'timesheet' AND e.actor_id = n.actor_id AND e.id < n.id ORDER BY e.id DESC LIMIT 1) END)::date AS week,
    n.created_at, n.read_at
FROM notification n
WHERE n.person_id = @person_id AND n.id < @before AND (NOT @unread::boolean OR n.read_at IS NULL)
ORDER BY n.id DESC LIMIT @page;

-- name: CountUnread :one
SELECT count(*) FROM notification WHERE person_id = @person_id AND read_at IS NULL;

-- name: Notification :one
SELECT n.id, n.kind, n.entity_kind, n.entity_id, n.actor_id, n.subject, n.body, n.about_on,
    -- The week that a timesheet was told of: that of what was done to it last before.
    (CASE WHEN n.entity_kind = 'timesheet' THEN (SELECT (e.changes->'week'->>1)::date FROM audit_event e
        WHERE e.entity_id = n.entity_id AND e.entity_kind = 'timesheet' AND e.actor_id = n.actor_id AND e.id < n.id ORDER BY e.id DESC LIMIT 1) END)::date AS week,
    n.created_at, n.read_at
FROM notification n WHERE n.id = @id AND n.person_id = @person_id;

-- name: ReadNotification :execrows
UPDATE notification SET read_at = @now WHERE id = @id AND person_id = @person_id AND read_at IS NULL;

-- name: ReadNotifications :execrows
UPDATE notification SET read_at = @now
WHERE person_id = @person_id AND read_at IS NULL AND (sqlc.narg('up_to')::uuid IS NULL OR id <= sqlc.narg('up_to'));

-- name: NotifyOf :one
SELECT notify FROM person WHERE id = @id;

-- name: SetNotify :one
UPDATE person SET notify = @notify, version = version + 1 WHERE id = @id RETURNING version;

-- name: PeopleToTell :many
SELECT DISTINCT n.person_id FROM notification n JOIN person p ON p.id = n.person_id
WHERE n.mail_id IS NULL AND n.read_at IS NULL AND NOT n.digest AND n.created_at > @since
    AND p.notify = 'at_once' AND p.active
LIMIT @page;

-- name: PeopleToDigest :many
-- People with something to say to them once a day. When it is their time is
-- for who asks to find out: it depends on their zone (Reader).
SELECT p.id, coalesce(nullif(p.time_zone, 'UTC'), nullif(c.time_zone, 'UTC'), f.time_zone)::text AS time_zone, p.digested_on
FROM person p LEFT JOIN client c ON c.id = p.client_id CROSS JOIN provider f
WHERE p.id > @after AND p.active AND p.notify <> 'never' AND EXISTS (
    SELECT FROM notification n WHERE n.person_id = p.id AND n.mail_id IS NULL AND n.read_at IS NULL
        AND n.created_at > @since AND (n.digest OR p.notify = 'daily'))
ORDER BY p.id LIMIT @page;

-- name: LockReader :one
-- One mail at a time is made for a person.
SELECT p.id, p.name, p.email, coalesce(nullif(p.time_zone, 'UTC'), nullif(c.time_zone, 'UTC'), f.time_zone)::text AS time_zone, p.notify, p.active, p.digested_on,
    coalesce(c.language, 'en')::text AS language
FROM person p LEFT JOIN client c ON c.id = p.client_id CROSS JOIN provider f WHERE p.id = @id FOR NO KEY UPDATE OF p;

-- name: ReaderZones :many
-- The zone to tell each of some people times in (Reader).
SELECT p.id, coalesce(nullif(p.time_zone, 'UTC'), nullif(c.time_zone, 'UTC'), f.time_zone)::text AS time_zone
FROM person p LEFT JOIN client c ON c.id = p.client_id CROSS JOIN provider f WHERE p.id = ANY (@ids::uuid[]);

-- name: Reader :one
-- Whom a mail is for: the language of a contact's client, and the zone to tell
-- times in: theirs, else their client's, else the firm's. UTC is that of who
-- chose none.
SELECT p.id, p.name, coalesce(c.language, 'en')::text AS language,
    coalesce(nullif(p.time_zone, 'UTC'), nullif(c.time_zone, 'UTC'), f.time_zone)::text AS time_zone
FROM person p LEFT JOIN client c ON c.id = p.client_id CROSS JOIN provider f WHERE p.id = @id;

-- name: NotTold :many
SELECT id, entity_kind, entity_id, subject, body FROM notification
WHERE person_id = @person_id AND mail_id IS NULL AND read_at IS NULL
    AND created_at > @since AND created_at <= @until AND (digest OR @daily::boolean) = @once_a_day::boolean
ORDER BY id FOR UPDATE;

-- name: MailedWith :exec
UPDATE notification SET mail_id = @mail_id WHERE id = ANY (@ids::uuid[]);

-- name: SetDigested :exec
UPDATE person SET digested_on = @day WHERE id = @id;

-- name: PeopleToRemind :many
-- Staff with work that they can do, their hours, and since when they could.
SELECT p.id, t.since::timestamptz AS since, coalesce(p.calendar, g.calendar) AS calendar,
    (CASE WHEN p.calendar IS NULL THEN coalesce(g.time_zone, p.time_zone) ELSE p.time_zone END)::text AS time_zone
FROM person p
    LEFT JOIN LATERAL (SELECT x.calendar, x.time_zone FROM work_group_member m JOIN work_group x ON x.id = m.group_id
        WHERE m.person_id = p.id AND x.calendar IS NOT NULL ORDER BY x.id LIMIT 1) g ON true
    CROSS JOIN LATERAL (
    SELECT min(greatest(t.assigned_at, t.status_at, j.active_since, before.closed_at, t.freed_at)) AS since
    FROM task t JOIN project j ON j.id = t.project_id AND j.status = 'active'
        CROSS JOIN LATERAL (SELECT max(x.closed_at) AS closed_at, coalesce(bool_or(x.closed_at IS NULL), false) AS open FROM task_wait x WHERE x.task_id = t.id) before
    WHERE t.assignee_person_id = p.id AND t.status = 'open' AND NOT before.open) t
WHERE p.id > @after AND p.kind = 'staff' AND p.active AND t.since IS NOT NULL
ORDER BY p.id LIMIT @page;

-- name: OpenTasksOf :many
-- What somebody can work on.
SELECT j.code, t.number, t.title, t.id, count(*) OVER () AS tasks FROM task t JOIN project j ON j.id = t.project_id AND j.status = 'active'
WHERE t.assignee_person_id = @person_id AND t.status = 'open'
    AND (SELECT count(*) FROM task_wait x WHERE x.task_id = t.id AND x.closed_at IS NULL) = 0
ORDER BY t.priority, t.id LIMIT @page;

-- name: RemindOfTime :execrows
-- Unless time of that day has been recorded, or they were reminded of it.
INSERT INTO notification (id, person_id, kind, subject, body, about_on, created_at)
SELECT @id, @person_id, 'record_time', @subject, @body, @about_on, @now
WHERE NOT EXISTS (SELECT FROM time_entry e WHERE e.person_id = @person_id AND e.work_date = @about_on)
ON CONFLICT (person_id, kind, about_on) DO NOTHING;
