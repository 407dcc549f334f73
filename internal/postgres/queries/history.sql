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

-- name: EntityNames :many
-- What people call the things that the audit tells of, those of a page at once.
SELECT p.id, p.name FROM person p WHERE p.id = ANY (@ids::uuid[])
UNION ALL SELECT g.id, g.name FROM work_group g WHERE g.id = ANY (@ids::uuid[])
UNION ALL SELECT c.id, c.name FROM client c WHERE c.id = ANY (@ids::uuid[])
UNION ALL SELECT p.id, (p.code || ' ' || p.name)::text FROM project p WHERE p.id = ANY (@ids::uuid[])
UNION ALL SELECT t.id, (p.code || '-' || t.number || ' ' || t.title)::text FROM task t JOIN project p ON p.id = t.project_id WHERE t.id = ANY (@ids::uuid[])
UNION ALL SELECT r.id, ('REQ-' || r.number || ' ' || r.title)::text FROM request r WHERE r.id = ANY (@ids::uuid[])
UNION ALL SELECT e.id, (p.code || '-' || t.number || ' ' || t.title)::text FROM time_entry e JOIN task t ON t.id = e.task_id JOIN project p ON p.id = t.project_id WHERE e.id = ANY (@ids::uuid[])
UNION ALL SELECT n.id, coalesce(p.code || '-' || t.number || ' ' || t.title, 'REQ-' || r.number || ' ' || r.title, '')::text
    FROM note n LEFT JOIN task t ON t.id = n.task_id LEFT JOIN project p ON p.id = t.project_id LEFT JOIN request r ON r.id = n.request_id WHERE n.id = ANY (@ids::uuid[])
UNION ALL SELECT f.id, f.name FROM file f WHERE f.id = ANY (@ids::uuid[])
UNION ALL SELECT i.id, i.title FROM project_item i WHERE i.id = ANY (@ids::uuid[])
UNION ALL SELECT m.id, m.name FROM milestone m WHERE m.id = ANY (@ids::uuid[])
UNION ALL SELECT x.id, (p.code || ' ' || x.description)::text FROM expense x JOIN project p ON p.id = x.project_id WHERE x.id = ANY (@ids::uuid[])
UNION ALL SELECT r.id, concat_ws(', ', w.name, p.code)::text FROM rate r LEFT JOIN person w ON w.id = r.person_id LEFT JOIN project p ON p.id = r.project_id WHERE r.id = ANY (@ids::uuid[])
UNION ALL SELECT k.id, w.name FROM person_cost k JOIN person w ON w.id = k.person_id WHERE k.id = ANY (@ids::uuid[])
UNION ALL SELECT i.id, coalesce(i.number, c.name)::text FROM invoice i JOIN client c ON c.id = i.client_id WHERE i.id = ANY (@ids::uuid[])
UNION ALL SELECT n.id, n.number FROM credit_note n WHERE n.id = ANY (@ids::uuid[])
UNION ALL SELECT y.id, c.name FROM payment y JOIN client c ON c.id = y.client_id WHERE y.id = ANY (@ids::uuid[])
UNION ALL SELECT y.id, c.name FROM refund y JOIN client c ON c.id = y.client_id WHERE y.id = ANY (@ids::uuid[])
UNION ALL SELECT l.id, c.name FROM reminder_letter l JOIN client c ON c.id = l.client_id WHERE l.id = ANY (@ids::uuid[])
UNION ALL SELECT s.id, c.name FROM status_report s JOIN client c ON c.id = s.client_id WHERE s.id = ANY (@ids::uuid[])
UNION ALL SELECT t.id, t.name FROM template t WHERE t.id = ANY (@ids::uuid[])
UNION ALL SELECT x.id, x.code FROM tax_code x WHERE x.id = ANY (@ids::uuid[])
UNION ALL SELECT h.id, h.url FROM webhook h WHERE h.id = ANY (@ids::uuid[]);
