-- name: InsertRun :exec
INSERT INTO billing_run (id, through, complete, project_ids, created_by) VALUES (@id, @through, @complete, @project_ids, @created_by);

-- name: Run :one
SELECT id, through, complete, project_ids, state, created_by, created_at, finished_at FROM billing_run WHERE id = @id;

-- name: Runs :many
-- With how many projects each bills, and has billed: of all projects, once it is
-- done, those that there were.
SELECT r.id, r.through, r.complete, r.state, r.created_at, r.finished_at,
    (CASE WHEN r.project_ids IS NOT NULL THEN cardinality(r.project_ids)
        WHEN r.state = 'done' THEN (SELECT count(*) FROM billing_run_item x WHERE x.run_id = r.id)
        ELSE (SELECT count(*) FROM project) END)::bigint AS projects,
    (SELECT count(*) FROM billing_run_item x WHERE x.run_id = r.id) AS done
FROM billing_run r WHERE r.id > @after AND (sqlc.narg('id')::uuid IS NULL OR r.id = sqlc.narg('id')) ORDER BY r.id LIMIT @page;

-- name: FinishRun :exec
UPDATE billing_run SET state = 'done', finished_at = @finished_at WHERE id = @id AND state = 'running';

-- name: ReopenRun :execrows
UPDATE billing_run SET state = 'running', finished_at = NULL WHERE id = @id AND state = 'done';

-- name: DropParked :execrows
DELETE FROM billing_run_item WHERE run_id = @run_id AND outcome = 'parked';

-- name: RunProjects :many
-- The next projects of a run that have no outcome yet, or whose invoice the run
-- was kept from completing.
SELECT p.id FROM project p, billing_run r
WHERE r.id = @run_id AND p.id > @after AND (r.project_ids IS NULL OR p.id = ANY (r.project_ids))
    AND NOT EXISTS (SELECT FROM billing_run_item x LEFT JOIN invoice i ON i.id = x.invoice_id
        WHERE x.run_id = r.id AND x.project_id = p.id AND NOT (r.complete AND x.refused_code = '' AND coalesce(i.state = 'draft', false)))
ORDER BY p.id LIMIT @page;

-- name: RunItem :one
SELECT project_id, outcome, invoice_id, code, reason FROM billing_run_item WHERE run_id = @run_id AND project_id = @project_id;

-- name: RunItems :many
SELECT x.project_id, p.code AS project_code, p.name AS project_name, x.outcome, x.invoice_id, x.code, x.reason,
    i.number, i.client_id, c.name AS client_name, i.currency, i.total, i.state,
    (CASE WHEN i.state = 'draft' THEN x.refused_code ELSE '' END)::text AS refused_code, (CASE WHEN i.state = 'draft' THEN x.refused_reason ELSE '' END)::text AS refused_reason
FROM billing_run_item x JOIN project p ON p.id = x.project_id LEFT JOIN invoice i ON i.id = x.invoice_id LEFT JOIN client c ON c.id = i.client_id
WHERE x.run_id = @run_id ORDER BY p.code;

-- name: InsertRunItem :exec
INSERT INTO billing_run_item (run_id, project_id, outcome, invoice_id, code, reason)
VALUES (@run_id, @project_id, @outcome, @invoice_id, @code, @reason);

-- name: CountRunProjects :one
-- Of one that goes on.
SELECT coalesce(cardinality(r.project_ids), (SELECT count(*) FROM project))::bigint FROM billing_run r WHERE r.id = @run_id;

-- name: RunInvoiceToComplete :one
SELECT i.id FROM billing_run_item x JOIN invoice i ON i.id = x.invoice_id
WHERE x.run_id = @run_id AND x.project_id = @project_id AND i.state = 'draft';

-- name: RefuseRunItem :execrows
-- Why what a run drafted was not completed, written once.
UPDATE billing_run_item SET refused_code = @code, refused_reason = @reason WHERE run_id = @run_id AND project_id = @project_id AND refused_code = '';

-- name: ForgetRefusals :exec
-- What a run could not complete it may try to complete again.
UPDATE billing_run_item SET refused_code = '', refused_reason = '' WHERE run_id = @run_id AND refused_code <> '';

-- name: ForgetRunInvoice :exec
-- A draft that a run made is thrown away: the run may bill the project again.
-- One that the clock made is not made again; its time goes on the next.
WITH period AS (
    UPDATE billing_period SET outcome = 'nothing_to_bill', invoice_id = NULL WHERE billing_period.invoice_id = @invoice_id
)
DELETE FROM billing_run_item x WHERE x.invoice_id = @invoice_id;

-- name: DraftLeft :one
-- The draft that a run, which is done, left of a project through the same date.
SELECT i.id FROM invoice i JOIN billing_run r ON r.id = i.billing_run_id AND r.state = 'done'
WHERE i.state = 'draft' AND i.through = @through
    AND ARRAY(SELECT ip.project_id FROM invoice_project ip WHERE ip.invoice_id = i.id) = ARRAY[@project_id::uuid]
    AND i.id IN (SELECT ip.invoice_id FROM invoice_project ip WHERE ip.project_id = @project_id)
ORDER BY i.id LIMIT 1;
