-- name: TaskEvents :many
-- What happened to a task, and to the notes and files on it.
SELECT a.id, a.at, a.actor_id, coalesce(p.name, '')::text AS actor_name, a.entity_kind, a.entity_id, a.verb, a.version, a.changes, a.note, a.source
FROM audit_event a LEFT JOIN person p ON p.id = a.actor_id
WHERE a.id < @before AND a.entity_kind IN ('task', 'note', 'file') AND a.entity_id = ANY (ARRAY(
    SELECT @task_id::uuid
    UNION ALL SELECT n.id FROM note n WHERE n.task_id = @task_id
    UNION ALL SELECT x.file_id FROM attachment x WHERE x.task_id = @task_id))
ORDER BY a.id DESC LIMIT @page;

-- name: Names :many
-- What people call things, for sentences about them.
SELECT p.id, p.name FROM person p WHERE p.id = ANY (@ids::uuid[])
UNION ALL SELECT g.id, (g.name || ' (group)')::text FROM work_group g WHERE g.id = ANY (@ids::uuid[])
UNION ALL SELECT t.id, (p.code || '-' || t.number || ' ' || t.title)::text FROM task t JOIN project p ON p.id = t.project_id WHERE t.id = ANY (@ids::uuid[])
UNION ALL SELECT p.id, (p.code || ' ' || p.name)::text FROM project p WHERE p.id = ANY (@ids::uuid[])
UNION ALL SELECT c.id, c.name FROM client c WHERE c.id = ANY (@ids::uuid[])
UNION ALL SELECT f.id, f.name FROM file f WHERE f.id = ANY (@ids::uuid[])
UNION ALL SELECT r.id, ('REQ-' || r.number || ' ' || r.title)::text FROM request r WHERE r.id = ANY (@ids::uuid[])
UNION ALL SELECT i.id, i.title FROM project_item i WHERE i.id = ANY (@ids::uuid[]);
