-- The newest thousand that have all words are looked at, the best of them given.

-- name: SearchProjects :many
SELECT c.id, c.code, c.name, c.client_name, ts_rank(c.search, to_tsquery('simple', @words::text))::float4 AS rank
FROM (SELECT p.id, p.code, p.name, p.search, cl.name AS client_name FROM project p JOIN client cl ON cl.id = p.client_id
      WHERE p.search @@ to_tsquery('simple', @words::text) ORDER BY p.id DESC LIMIT 1000) c
ORDER BY rank DESC, c.id DESC LIMIT @page;

-- name: SearchTasks :many
SELECT c.id, c.project_id, p.code, c.number, c.title, c.description, c.status, ts_rank(c.search, to_tsquery('simple', @words::text))::float4 AS rank
FROM (SELECT t.id, t.project_id, t.number, t.title, t.description, t.status, t.search FROM task t
      WHERE t.search @@ to_tsquery('simple', @words::text)
          AND (sqlc.narg('viewer_id')::uuid IS NULL OR t.owner_id = sqlc.narg('viewer_id')
              OR t.assignee_person_id = ANY (@viewer_people::uuid[]) OR t.assignee_group_id = ANY (@viewer_groups::uuid[]))
      ORDER BY t.id DESC LIMIT 1000) c JOIN project p ON p.id = c.project_id
ORDER BY rank DESC, c.id DESC LIMIT @page;

-- name: SearchRequests :many
SELECT c.id, c.project_id, c.number, c.title, c.description, ts_rank(c.search, to_tsquery('simple', @words::text))::float4 AS rank
FROM (SELECT r.id, r.project_id, r.number, r.title, r.description, r.search FROM request r
      WHERE r.search @@ to_tsquery('simple', @words::text)
          AND (sqlc.narg('viewer_id')::uuid IS NULL OR r.account_manager_id = sqlc.narg('viewer_id') OR r.created_by = sqlc.narg('viewer_id')
              OR r.assignee_person_id = ANY (@viewer_people::uuid[]) OR r.assignee_group_id = ANY (@viewer_groups::uuid[]))
      ORDER BY r.id DESC LIMIT 1000) c
ORDER BY rank DESC, c.id DESC LIMIT @page;

-- name: SearchNotes :many
-- The newest hundred on tasks are ranked: their words are read from their texts.
-- What has the words is found first, by its index: asked for the newest at once,
-- Postgres reads the words of every note anew.
WITH hit AS MATERIALIZED (SELECT h.id FROM note h WHERE search_words(h.body) @@ to_tsquery('simple', @words::text))
SELECT c.id, c.task_id, c.project_id, p.code, c.number, c.title, c.body, ts_rank(setweight(search_words(c.body), 'D'), to_tsquery('simple', @words::text))::float4 AS rank
FROM (SELECT n.id, n.task_id, n.body, t.project_id, t.number, t.title FROM hit JOIN note n ON n.id = hit.id JOIN task t ON t.id = n.task_id
      WHERE (sqlc.narg('viewer_id')::uuid IS NULL OR t.owner_id = sqlc.narg('viewer_id')
              OR t.assignee_person_id = ANY (@viewer_people::uuid[]) OR t.assignee_group_id = ANY (@viewer_groups::uuid[]))
      ORDER BY n.id DESC LIMIT 100) c JOIN project p ON p.id = c.project_id
ORDER BY rank DESC, c.id DESC LIMIT @page;

-- name: SearchRequestNotes :many
-- Likewise those on requests.
WITH hit AS MATERIALIZED (SELECT h.id FROM note h WHERE search_words(h.body) @@ to_tsquery('simple', @words::text))
SELECT c.id, c.request_id, c.project_id, c.number, c.title, c.body, ts_rank(setweight(search_words(c.body), 'D'), to_tsquery('simple', @words::text))::float4 AS rank
FROM (SELECT n.id, n.request_id, n.body, r.project_id, r.number, r.title FROM hit JOIN note n ON n.id = hit.id JOIN request r ON r.id = n.request_id
      WHERE (sqlc.narg('viewer_id')::uuid IS NULL OR r.account_manager_id = sqlc.narg('viewer_id') OR r.created_by = sqlc.narg('viewer_id')
              OR r.assignee_person_id = ANY (@viewer_people::uuid[]) OR r.assignee_group_id = ANY (@viewer_groups::uuid[]))
      ORDER BY n.id DESC LIMIT 100) c
ORDER BY rank DESC, c.id DESC LIMIT @page;

-- name: TaskByKey :one
-- The task that people call so: "ACME-12".
SELECT t.id, t.project_id, p.code, t.number, t.title, t.description, t.status
FROM task t JOIN project p ON p.id = t.project_id
WHERE p.code = @code AND t.number = @number
    AND (sqlc.narg('viewer_id')::uuid IS NULL OR t.owner_id = sqlc.narg('viewer_id')
        OR t.assignee_person_id = ANY (@viewer_people::uuid[]) OR t.assignee_group_id = ANY (@viewer_groups::uuid[]));

-- name: RequestByNumber :one
-- The request that people call so: "REQ-12".
SELECT r.id, r.project_id, r.number, r.title, r.description FROM request r
WHERE r.number = @number
    AND (sqlc.narg('viewer_id')::uuid IS NULL OR r.account_manager_id = sqlc.narg('viewer_id') OR r.created_by = sqlc.narg('viewer_id')
        OR r.assignee_person_id = ANY (@viewer_people::uuid[]) OR r.assignee_group_id = ANY (@viewer_groups::uuid[]));
