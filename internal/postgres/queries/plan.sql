-- name: PlanPeople :many
-- People with the calendars that hold for them, by name.
SELECT p.id, p.name, p.active, p.version, p.time_zone, p.calendar, g.calendar AS group_calendar, coalesce(g.time_zone, '')::text AS group_zone
FROM person p
    LEFT JOIN LATERAL (SELECT wg.calendar, wg.time_zone FROM work_group_member m JOIN work_group wg ON wg.id = m.group_id
                       WHERE m.person_id = p.id AND wg.calendar IS NOT NULL ORDER BY wg.id LIMIT 1) g ON true
WHERE p.id = ANY (@ids::uuid[]) AND p.kind = 'staff'
ORDER BY lower(p.name), p.id;

-- name: PlanMembers :many
-- The members of a group; of those who have left, who still has work to hand on.
SELECT m.person_id FROM work_group_member m JOIN person p ON p.id = m.person_id
WHERE m.group_id = @group_id
    AND (p.active OR EXISTS (SELECT FROM task t WHERE t.assignee_person_id = p.id AND t.status IN ('planned', 'open')))
ORDER BY m.person_id;

-- name: PlanTasks :many
-- All that the work of some people, and what waits in a group, hangs together
-- with: what it and the tasks above it depend on, its sub-tasks, and whatever
-- else is on the desks of those who have that. A row of reach is a person, a task
-- to plan, or one that only is above such tasks.
WITH RECURSIVE reach (person_id, task_id, above_id) AS (
    SELECT unnest(@people::uuid[]), NULL::uuid, NULL::uuid
    UNION
    SELECT NULL, w.id, NULL FROM task w WHERE w.assignee_group_id = sqlc.narg('group_id')::uuid AND w.status IN ('planned', 'open')
    UNION
    SELECT n.person_id, n.task_id, n.above_id FROM reach r CROSS JOIN LATERAL (
        SELECT NULL::uuid AS person_id, a.id AS task_id, NULL::uuid AS above_id FROM task a JOIN project ap ON ap.id = a.project_id
        WHERE a.assignee_person_id = r.person_id AND a.status IN ('planned', 'open') AND ap.status NOT IN ('complete', 'cancelled')
        UNION ALL
        SELECT NULL, o.id, NULL FROM task_dependency d JOIN task o ON o.id = d.depends_on_id
        WHERE d.task_id = coalesce(r.task_id, r.above_id) AND o.status IN ('planned', 'open')
        UNION ALL
        SELECT NULL, c.id, NULL FROM task c WHERE c.parent_id = r.task_id AND c.status IN ('planned', 'open')
        UNION ALL
        SELECT NULL, NULL, b.parent_id FROM task b WHERE b.id = coalesce(r.task_id, r.above_id) AND b.parent_id IS NOT NULL
        UNION ALL
        SELECT b.assignee_person_id, NULL, NULL FROM task b WHERE b.id = r.task_id AND b.assignee_person_id IS NOT NULL
    ) n
)
SELECT t.id, p.code, t.number, t.title, t.priority, t.parent_id, t.assignee_person_id, t.assignee_group_id, t.estimate_minutes,
    coalesce(w.minutes, 0)::bigint AS worked_minutes, l.remaining_minutes,
    ARRAY(SELECT d.depends_on_id FROM task_dependency d WHERE d.task_id = t.id)::uuid[] AS depends_on,
    EXISTS (SELECT FROM task c WHERE c.parent_id = t.id AND c.status <> 'cancelled') AS is_parent,
    (p.status IN ('on_hold', 'complete', 'cancelled'))::boolean AS stopped, p.starts_on, cl.time_zone AS client_zone, reached.to_plan
FROM (SELECT coalesce(task_id, above_id) AS id, bool_or(task_id IS NOT NULL) AS to_plan FROM reach WHERE person_id IS NULL GROUP BY 1) reached
    JOIN task t ON t.id = reached.id JOIN project p ON p.id = t.project_id JOIN client cl ON cl.id = p.client_id
    LEFT JOIN LATERAL (SELECT sum(e.minutes) AS minutes FROM time_entry e WHERE e.task_id = t.id) w ON true
    LEFT JOIN LATERAL (SELECT e.remaining_minutes FROM time_entry e WHERE e.task_id = t.id AND e.remaining_minutes IS NOT NULL
                       ORDER BY e.id DESC LIMIT 1) l ON true;

-- name: PlanInHand :many
-- The task that each of the people recorded time on last.
SELECT p.id AS person_id, e.task_id FROM person p
    CROSS JOIN LATERAL (SELECT te.task_id FROM time_entry te WHERE te.person_id = p.id ORDER BY te.work_date DESC, te.id DESC LIMIT 1) e
WHERE p.id = ANY (@people::uuid[]);

-- name: PlanPast :many
SELECT e.person_id, e.task_id, e.work_date, e.started_at, e.minutes, p.code, t.number, t.title, t.priority
FROM time_entry e JOIN task t ON t.id = e.task_id JOIN project p ON p.id = t.project_id
WHERE e.person_id = ANY (@people::uuid[]) AND e.work_date >= @since::date
ORDER BY e.person_id, e.work_date, e.id;

-- name: GroupsOfPerson :many
SELECT group_id FROM work_group_member WHERE person_id = @person_id;

-- name: SetCalendar :exec
UPDATE person SET calendar = sqlc.narg('calendar')::jsonb, version = version + 1 WHERE id = @id;

-- name: InsertPlanFeed :exec
INSERT INTO plan_feed (id, person_id, name, group_id, user_id, secret_hash, expires_at)
VALUES (@id, @person_id, @name, @group_id, @user_id, @secret_hash, @expires_at);

-- name: PlanFeeds :many
SELECT id, name, group_id, user_id, created_at, expires_at, revoked_at FROM plan_feed
WHERE person_id = @person_id AND id > @after ORDER BY id LIMIT @page;

-- name: RevokePlanFeed :execrows
UPDATE plan_feed SET revoked_at = @now WHERE id = @id AND person_id = @person_id AND revoked_at IS NULL;

-- name: RevokePlanFeedsOf :exec
UPDATE plan_feed SET revoked_at = @now WHERE person_id = @person_id AND revoked_at IS NULL;

-- name: PlanFeedBySecret :one
SELECT id, person_id, group_id, user_id FROM plan_feed WHERE secret_hash = @secret_hash AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @now);
