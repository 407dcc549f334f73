-- name: TasksToCopy :many
-- A project's tasks as a template takes them.
SELECT t.id, t.number, t.parent_id, t.title, t.description, t.status, t.priority, t.estimate_minutes, t.skills, t.visible_to_client, t.due_on,
    ARRAY(SELECT d.depends_on_id FROM task_dependency d WHERE d.task_id = t.id)::uuid[] AS depends_on
FROM task t WHERE t.project_id = @project_id ORDER BY t.number;

-- name: InsertTemplate :exec
INSERT INTO template (id, name, description, work_statement, created_by, created_at)
VALUES (@id, @name, @description, @work_statement, @created_by, @created_at);

-- name: InsertTemplateTasks :copyfrom
INSERT INTO template_task (template_id, number, parent_number, title, description, priority, estimate_minutes, skills, visible_to_client, due_after_days, depends_on)
VALUES (@template_id, @number, @parent_number, @title, @description, @priority, @estimate_minutes, @skills, @visible_to_client, @due_after_days, @depends_on);

-- name: Templates :many
SELECT t.id, t.name, t.description, t.work_statement, t.created_by, t.created_at, t.version,
    (SELECT count(*) FROM template_task x WHERE x.template_id = t.id) AS tasks
FROM template t
WHERE t.id > @after
    AND (sqlc.narg('search')::text IS NULL OR t.name ILIKE '%' || sqlc.narg('search') || '%')
ORDER BY t.id LIMIT @page;

-- name: Template :one
SELECT t.id, t.name, t.description, t.work_statement, t.created_by, t.created_at, t.version,
    (SELECT count(*) FROM template_task x WHERE x.template_id = t.id) AS tasks
FROM template t WHERE t.id = @id;

-- name: LockTemplate :exec
SELECT FROM template WHERE id = @id FOR NO KEY UPDATE;

-- name: HoldTemplate :exec
-- Keeps a template from being changed or removed until the end of the transaction.
SELECT FROM template WHERE id = @id FOR SHARE;

-- name: TemplateTasks :many
SELECT number, parent_number, title, description, priority, estimate_minutes, skills, visible_to_client, due_after_days, depends_on
FROM template_task WHERE template_id = @template_id ORDER BY number;

-- name: UpdateTemplate :exec
UPDATE template SET name = @name, description = @description, version = version + 1 WHERE id = @id;

-- name: DeleteTemplate :exec
DELETE FROM template WHERE id = @id;

-- name: InsertTasks :copyfrom
-- New, planned tasks that nobody is assigned to yet.
INSERT INTO task (id, project_id, number, parent_id, title, description, priority, owner_id, assigned_at, status_at, created_at, estimate_minutes, skills, visible_to_client, due_on)
VALUES (@id, @project_id, @number, @parent_id, @title, @description, @priority, @owner_id, @assigned_at, @status_at, @created_at, @estimate_minutes, @skills, @visible_to_client, @due_on);

-- name: InsertDependencies :copyfrom
INSERT INTO task_dependency (task_id, depends_on_id) VALUES (@task_id, @depends_on_id);

-- name: InsertAudits :copyfrom
INSERT INTO audit_event (id, actor_id, entity_kind, entity_id, verb, version, changes, note, source)
VALUES (@id, @actor_id, @entity_kind, @entity_id, @verb, @version, @changes, @note, @source);

-- name: SetLastNumber :exec
UPDATE project SET last_number = @last_number WHERE id = @id;
