-- name: InsertMilestone :exec
INSERT INTO milestone (id, project_id, name, amount, due_on, task_id, included_minutes, expires_on)
VALUES (@id, @project_id, @name, @amount, @due_on, @task_id, @included_minutes, @expires_on);

-- name: Milestones :many
SELECT m.id, m.project_id, m.name, m.amount, m.due_on, m.task_id, m.version, l.invoice_id, m.included_minutes, m.expires_on,
    (SELECT coalesce(sum(u.minutes), 0) FROM prepaid_use u WHERE u.milestone_id = m.id)::integer AS used
FROM milestone m LEFT JOIN invoice_line l ON l.id = m.invoice_line_id
WHERE m.project_id = @project_id ORDER BY m.id;

-- name: LockMilestone :one
SELECT m.id, m.project_id, m.name, m.amount, m.due_on, m.task_id, m.version, l.invoice_id, m.included_minutes, m.expires_on,
    (SELECT coalesce(sum(u.minutes), 0) FROM prepaid_use u WHERE u.milestone_id = m.id)::integer AS used
FROM milestone m LEFT JOIN invoice_line l ON l.id = m.invoice_line_id WHERE m.id = @id FOR NO KEY UPDATE OF m;

-- name: MilestoneProject :one
SELECT project_id FROM milestone WHERE id = @id;

-- name: UpdateMilestone :exec
UPDATE milestone SET name = @name, amount = @amount, due_on = @due_on, task_id = @task_id,
    included_minutes = @included_minutes, expires_on = @expires_on, version = version + 1 WHERE id = @id;

-- name: DeleteMilestone :exec
DELETE FROM milestone WHERE id = @id;

-- name: ReleasePrepaid :exec
-- The hours of a milestone that are used on one invoice.
DELETE FROM prepaid_use u USING invoice_line l WHERE u.milestone_id = @milestone_id AND l.id = u.invoice_line_id AND l.invoice_id = @invoice_id;

-- name: InsertExpense :exec
INSERT INTO expense (id, project_id, person_id, spent_on, description, amount, markup_percent, tax_percent, billable, receipt_file_id)
VALUES (@id, @project_id, @person_id, @spent_on, @description, @amount, @markup_percent, @tax_percent, @billable, @receipt_file_id);

-- name: Expenses :many
SELECT x.id, x.project_id, x.person_id, pe.name AS person_name, x.spent_on, x.description, x.amount, x.markup_percent, x.tax_percent, x.billable, x.receipt_file_id, x.version, x.created_at, l.invoice_id
FROM expense x JOIN person pe ON pe.id = x.person_id LEFT JOIN invoice_line l ON l.id = x.invoice_line_id
WHERE x.project_id = @project_id AND x.id > @after AND (sqlc.narg('viewer_id')::uuid IS NULL OR x.person_id = sqlc.narg('viewer_id')) ORDER BY x.id LIMIT @page;

-- name: ExpenseFor :one
-- Who spent it, and who answers for the project.
SELECT x.person_id, x.project_id, p.account_manager_id, p.currency FROM expense x JOIN project p ON p.id = x.project_id WHERE x.id = @id;

-- name: LockExpense :one
SELECT x.id, x.project_id, x.person_id, pe.name AS person_name, x.spent_on, x.description, x.amount, x.markup_percent, x.tax_percent, x.billable, x.receipt_file_id, x.version, x.created_at, l.invoice_id
FROM expense x JOIN person pe ON pe.id = x.person_id LEFT JOIN invoice_line l ON l.id = x.invoice_line_id WHERE x.id = @id FOR NO KEY UPDATE OF x;

-- name: UpdateExpense :exec
-- Off its draft first: one that is not billable cannot be on it. Collecting puts
-- it back if it belongs there.
UPDATE expense SET spent_on = @spent_on, description = @description, amount = @amount, markup_percent = @markup_percent, tax_percent = @tax_percent,
    billable = @billable, receipt_file_id = @receipt_file_id, invoice_line_id = NULL, version = version + 1
WHERE id = @id;

-- name: DeleteExpense :exec
DELETE FROM expense WHERE id = @id;

-- name: ProjectHasFile :one
-- Whether a file that is still there is attached to a task of the project.
SELECT EXISTS (SELECT FROM attachment a JOIN task t ON t.id = a.task_id WHERE a.file_id = @file_id AND t.project_id = @project_id AND a.removed_at IS NULL);

-- name: ProjectHasTask :one
SELECT EXISTS (SELECT FROM task WHERE id = @id AND project_id = @project_id);
