-- name: InsertAttachment :exec
INSERT INTO attachment (file_id, task_id, request_id, author_id, visibility) VALUES (@file_id, @task_id, @request_id, @author_id, @visibility);

-- name: Attachment :one
SELECT f.id, a.task_id, a.author_id, p.name AS author_name, f.name, f.content_type, f.size, f.sha256, a.visibility, a.created_at, a.removed_at, a.removed_by, a.request_id
FROM attachment a JOIN file f ON f.id = a.file_id JOIN person p ON p.id = a.author_id WHERE f.id = @id;

-- name: AttachmentsOfTask :many
-- What is still there.
SELECT f.id, a.task_id, a.author_id, p.name AS author_name, f.name, f.content_type, f.size, f.sha256, a.visibility, a.created_at, a.removed_at, a.removed_by, a.request_id
FROM attachment a JOIN file f ON f.id = a.file_id JOIN person p ON p.id = a.author_id
WHERE a.task_id = @task_id::uuid AND a.file_id > @after AND a.removed_at IS NULL ORDER BY a.file_id LIMIT @page;

-- name: LockAttachment :one
-- With what the right to change it is derived from. Its version is how much
-- has been written of it.
SELECT coalesce(p.account_manager_id, r.account_manager_id)::uuid AS account_manager_id, (SELECT count(*) FROM audit_event e WHERE e.entity_id = a.file_id)::integer AS version
FROM attachment a LEFT JOIN task t ON t.id = a.task_id LEFT JOIN project p ON p.id = t.project_id LEFT JOIN request r ON r.id = a.request_id
WHERE a.file_id = @file_id FOR NO KEY UPDATE OF a;

-- name: UpdateAttachment :exec
UPDATE attachment SET visibility = @visibility, removed_at = @removed_at, removed_by = @removed_by WHERE file_id = @file_id;

-- name: FilesKept :many
-- Those of some files whose bytes are wanted.
SELECT f.id FROM file f LEFT JOIN attachment a ON a.file_id = f.id WHERE f.id = ANY (@ids::uuid[]) AND a.removed_at IS NULL;
