-- name: BillProjectLocks :exec
-- One billing of a project at a time; held to the end of the transaction. The
-- order is everybody's.
SELECT pg_advisory_xact_lock(hashtextextended('bill ' || p.id::text, 0)) FROM (SELECT unnest(@project_ids::uuid[]) AS id ORDER BY 1 OFFSET 0) p;

-- name: BillDraftsLocks :exec
-- Those of a project and of all that are on a draft with it, for who changes what a
-- draft then follows: in everybody's order.
SELECT pg_advisory_xact_lock(hashtextextended('bill ' || p.id::text, 0)) FROM (
    SELECT @project_id::uuid AS id
    UNION SELECT o.project_id FROM invoice_project x JOIN invoice i ON i.id = x.invoice_id AND i.state = 'draft' JOIN invoice_project o ON o.invoice_id = i.id
        WHERE x.project_id = @project_id
    ORDER BY 1 OFFSET 0) p;

-- name: BillableProjects :many
-- The projects a draft is to gather, with what their lines need, in lock order.
SELECT p.id, p.client_id, p.code, p.name, p.currency, p.account_manager_id, w.billing_kind, w.line_grouping, w.increment_minutes,
    w.billing_period, w.anchor_day, coalesce(w.billing_from, p.starts_on)::date AS billing_from, w.needs_approval, w.over_budget, w.budget_minutes, w.budget_amount,
    w.retainer_amount, w.retainer_minutes, w.retainer_rollover, w.retainer_changes, p.status, p.ended_at, c.time_zone, c.language,
    x.percent::numeric AS tax_percent, x.category::text AS tax_category, k.id AS tax_code_id,
    (SELECT max(least(coalesce(ip.through, i.through), i.issued_on)) FROM invoice_project ip JOIN invoice i ON i.id = ip.invoice_id
     WHERE ip.project_id = p.id AND i.state = 'complete')::date AS billed_through
FROM project p JOIN work_statement w ON w.project_id = p.id JOIN client c ON c.id = p.client_id JOIN project_tax x ON x.project_id = p.id
    LEFT JOIN tax_code k ON k.id = x.tax_code_id
WHERE p.id = ANY (@ids::uuid[]) ORDER BY p.id;

-- name: InsertInvoice :exec
INSERT INTO invoice (id, client_id, currency, through, billing_run_id, created_by)
VALUES (@id, @client_id, @currency, @through, @billing_run_id, @created_by);

-- name: InsertInvoiceProjects :exec
INSERT INTO invoice_project (invoice_id, project_id) SELECT @invoice_id, unnest(@project_ids::uuid[]) ON CONFLICT DO NOTHING;

-- name: SetCollectedThrough :exec
UPDATE invoice_project SET through = @through WHERE invoice_id = @invoice_id AND project_id = @project_id;

-- name: InvoiceProjects :many
-- What an invoice is for, in the order in which it is locked.
SELECT project_id FROM invoice_project WHERE invoice_id = @invoice_id ORDER BY project_id;

-- name: LockInvoice :one
SELECT id, client_id, currency, state, through, number, issued_on, due_on, subtotal, tax, total, paid, credited, pdf_file_id, visible_at, sent_at, version, created_by
FROM invoice WHERE id = @id FOR NO KEY UPDATE;

-- name: Invoice :one
SELECT i.id, i.client_id, c.name AS client_name, c.time_zone, i.currency, i.state, i.through, i.number, i.issued_on, i.due_on, i.subtotal, i.tax, i.total, i.paid, i.credited, i.written_off,
    i.pdf_file_id, i.visible_at, i.sent_at, i.voided_on, i.void_reason,
    (i.state = 'complete' AND EXISTS (SELECT FROM credit_note n WHERE n.invoice_id = i.id AND n.pdf_file_id IS NULL))::boolean AS credit_unrendered,
    i.billing_run_id, i.version, i.created_by, i.created_at, i.completed_at,
    ARRAY(SELECT ip.project_id FROM invoice_project ip WHERE ip.invoice_id = i.id ORDER BY 1)::uuid[] AS project_ids,
    ARRAY(SELECT j.code FROM invoice_project ip JOIN project j ON j.id = ip.project_id WHERE ip.invoice_id = i.id ORDER BY j.id)::text[] AS project_codes
FROM invoice i JOIN client c ON c.id = i.client_id WHERE i.id = @id;

-- name: ClientZones :many
SELECT DISTINCT time_zone FROM client;

-- name: Invoices :many
-- By the state that is shown, and whether they are past due: what day it is
-- where the clients are comes along, as for what is shown.
SELECT i.id, i.client_id, c.name AS client_name, c.time_zone, i.currency, i.state, i.through, i.number, i.issued_on, i.due_on, i.subtotal, i.tax, i.total, i.paid, i.credited, i.written_off,
    i.pdf_file_id, i.visible_at, i.sent_at, i.voided_on, i.void_reason,
    (i.state = 'complete' AND EXISTS (SELECT FROM credit_note n WHERE n.invoice_id = i.id AND n.pdf_file_id IS NULL))::boolean AS credit_unrendered,
    i.billing_run_id, i.version, i.created_by, i.created_at, i.completed_at,
    ARRAY(SELECT ip.project_id FROM invoice_project ip WHERE ip.invoice_id = i.id ORDER BY 1)::uuid[] AS project_ids,
    ARRAY(SELECT j.code FROM invoice_project ip JOIN project j ON j.id = ip.project_id WHERE ip.invoice_id = i.id ORDER BY j.id)::text[] AS project_codes
FROM invoice i JOIN client c ON c.id = i.client_id
WHERE i.id > @after
    AND (sqlc.narg('client_id')::uuid IS NULL OR i.client_id = sqlc.narg('client_id'))
    AND (coalesce(cardinality(@states::text[]), 0) = 0 OR invoice_state(i.state, i.paid, i.credited, i.total, i.sent_at) = ANY (@states::text[]))
    AND (sqlc.narg('past_due')::boolean IS NULL OR sqlc.narg('past_due') =
        invoice_past_due(i.state, i.total - i.paid - i.credited, i.due_on, c.time_zone, @zones::text[], @todays::date[]))
    AND (sqlc.narg('run_id')::uuid IS NULL OR i.billing_run_id = sqlc.narg('run_id'))
    AND (sqlc.narg('number')::text IS NULL OR i.number = sqlc.narg('number'))
    AND (sqlc.narg('project_id')::uuid IS NULL OR EXISTS (SELECT FROM invoice_project ip WHERE ip.invoice_id = i.id AND ip.project_id = sqlc.narg('project_id')))
ORDER BY i.id LIMIT @page;

-- name: InvoiceSnapshot :one
SELECT snapshot, number, pdf_file_id FROM invoice WHERE id = @id AND state <> 'draft';

-- name: InvoiceLines :many
SELECT l.id, l.position, l.kind, l.project_id, l.task_id, l.person_id, coalesce(p.name, '')::text AS who, l.description, l.minutes, l.quantity,
    l.unit_price, l.amount, l.tax_percent, l.rate_source, l.increment_minutes, l.late, l.first_date, l.last_date, l.made_of, l.tax_follows
FROM invoice_line l LEFT JOIN person p ON p.id = l.person_id WHERE l.invoice_id = @invoice_id ORDER BY l.position, l.id;

-- name: InvoiceLine :one
SELECT l.id, l.invoice_id, l.position, l.kind, l.project_id, l.task_id, l.person_id, l.description, l.minutes, l.quantity, l.unit_price,
    l.amount, l.tax_percent, l.rate_source, l.increment_minutes, l.late, l.first_date, l.last_date, l.made_of, l.tax_follows, i.currency
FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id WHERE l.id = @id AND l.invoice_id = @invoice_id;

-- name: LineEntries :many
-- The time that a line was made of, what was released since as it was then.
SELECT e.id, e.person_id, p.name AS person_name, e.work_date, e.minutes, e.description, e.billing, e.created_at, coalesce(c.treatment, '')::text AS corrected
FROM time_entry e JOIN person p ON p.id = e.person_id LEFT JOIN entry_correction c ON c.entry_id = e.id AND c.invoice_line_id = e.invoice_line_id
WHERE e.invoice_line_id = @line_id AND e.id > @after
UNION ALL
SELECT c.entry_id, c.person_id, p.name, c.work_date, c.minutes, c.description, c.billing, c.created_at, c.treatment
FROM entry_correction c JOIN person p ON p.id = c.person_id WHERE c.invoice_line_id = @line_id AND c.treatment = 'release' AND c.entry_id > @after
    AND NOT EXISTS (SELECT FROM time_entry e WHERE e.id = c.entry_id AND e.invoice_line_id = @line_id)
ORDER BY 1 LIMIT @page;

-- name: InsertLine :exec
INSERT INTO invoice_line (id, invoice_id, position, kind, project_id, description, quantity, unit_price, amount, tax_percent, tax_follows)
VALUES (@id, @invoice_id, (SELECT coalesce(max(l.position), 0) + 1 FROM invoice_line l WHERE l.invoice_id = @invoice_id), @kind, @project_id, @description, @quantity,
    @unit_price, @amount, @tax_percent, @tax_follows);

-- name: InsertTimeLines :copyfrom
INSERT INTO invoice_line (id, invoice_id, position, kind, project_id, task_id, person_id, description, minutes, quantity, unit_price,
    amount, tax_percent, rate_source, increment_minutes, late, first_date, last_date, made_of)
VALUES (@id, @invoice_id, @position, @kind, @project_id, @task_id, @person_id, @description, @minutes, @quantity, @unit_price,
    @amount, @tax_percent, @rate_source, @increment_minutes, @late, @first_date, @last_date, @made_of);

-- name: UpdateItem :execrows
UPDATE invoice_line SET kind = @kind, project_id = @project_id, description = @description, quantity = @quantity, unit_price = @unit_price, amount = @amount, tax_percent = @tax_percent,
    tax_follows = @tax_follows
WHERE id = @id AND invoice_id = @invoice_id AND kind <> 'time' AND made_of IS NULL;

-- name: TaxItems :exec
-- Items by hand without a percent of their own: of one project, or of none.
UPDATE invoice_line SET tax_percent = @tax_percent
WHERE invoice_id = @invoice_id AND tax_follows AND project_id IS NOT DISTINCT FROM sqlc.narg('project_id')::uuid AND tax_percent <> @tax_percent;

-- name: DeleteItem :execrows
DELETE FROM invoice_line WHERE id = @id AND invoice_id = @invoice_id AND kind <> 'time' AND made_of IS NULL;

-- name: ReleaseTime :execrows
-- What was billed with time is released with it: milestones, expenses, the fee
-- of a period, prepaid hours.
WITH milestones AS (
    UPDATE milestone m SET invoice_line_id = NULL FROM invoice_line l WHERE l.invoice_id = @invoice_id AND m.invoice_line_id = l.id
), expenses AS (
    UPDATE expense x SET invoice_line_id = NULL FROM invoice_line l WHERE l.invoice_id = @invoice_id AND x.invoice_line_id = l.id
), fees AS (
    DELETE FROM retainer_use r USING invoice_line l WHERE l.invoice_id = @invoice_id AND r.invoice_line_id = l.id
), prepaid AS (
    DELETE FROM prepaid_use u USING invoice_line l WHERE l.invoice_id = @invoice_id AND u.invoice_line_id = l.id
)
UPDATE time_entry e SET invoice_line_id = NULL FROM invoice_line l
WHERE l.invoice_id = @invoice_id AND e.invoice_line_id = l.id;

-- name: DraftRates :many
-- At which rate each session is on a draft.
SELECT e.id, l.unit_price FROM invoice_line l JOIN time_entry e ON e.invoice_line_id = l.id WHERE l.invoice_id = @invoice_id;

-- name: Rerated :many
-- Which of them are at another rate now.
SELECT t.project_id, t.id AS task_id, p.code, t.number, t.title, e.person_id, pe.name AS who, sum(e.minutes)::bigint AS minutes, b.rate::numeric AS before, l.unit_price AS after
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@rates::numeric[]) AS rate) b
    JOIN time_entry e ON e.id = b.id JOIN invoice_line l ON l.id = e.invoice_line_id AND l.invoice_id = @invoice_id AND l.unit_price <> b.rate
    JOIN task t ON t.id = e.task_id JOIN project p ON p.id = t.project_id JOIN person pe ON pe.id = e.person_id
GROUP BY t.project_id, t.id, p.code, t.number, t.title, e.person_id, pe.name, b.rate, l.unit_price
ORDER BY p.code, t.number, pe.name, b.rate, l.unit_price LIMIT @page;

-- name: DeleteTimeLines :execrows
-- The lines that are rebuilt: those that nobody wrote by hand.
DELETE FROM invoice_line WHERE invoice_id = @invoice_id AND (kind = 'time' OR made_of IS NOT NULL);

-- name: MilestonesNotDue :many
-- What is on an invoice of tasks that are not complete any more.
SELECT m.name FROM milestone m JOIN invoice_line l ON l.id = m.invoice_line_id JOIN task t ON t.id = m.task_id
WHERE l.invoice_id = @invoice_id AND t.status <> 'complete' ORDER BY l.position LIMIT @page;

-- name: DeleteInvoice :execrows
DELETE FROM invoice WHERE id = @id AND state = 'draft';

-- name: UnbilledTime :many
-- Everything billable up to a date, not on an invoice: no lower bound (billing, "Which time is billed").
SELECT e.id, e.task_id, e.person_id, e.work_date, e.minutes, e.billing, e.version, e.rate_override
FROM time_entry e
WHERE e.project_id = @project_id AND e.invoice_line_id IS NULL AND e.billing <> 'internal' AND e.work_date <= @through
    AND (NOT @needs_approval::boolean OR EXISTS (SELECT FROM timesheet s WHERE s.person_id = e.person_id AND s.week = e.work_date - (extract(isodow FROM e.work_date)::integer - 1) AND s.state = 'approved'))
ORDER BY e.task_id, e.person_id;

-- name: ClaimTime :execrows
-- Claims what was read, as it was read: an entry changed or claimed since does not count.
UPDATE time_entry e SET invoice_line_id = c.line_id
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@versions::integer[]) AS version, unnest(@line_ids::uuid[]) AS line_id) c
WHERE e.id = c.id AND e.version = c.version AND e.invoice_line_id IS NULL;

-- name: TaskTitles :many
SELECT id, number, title FROM task WHERE project_id = @project_id AND id = ANY (@ids::uuid[]);

-- name: PersonNames :many
SELECT id, name FROM person WHERE id = ANY (@ids::uuid[]);

-- name: SetInvoiceTotals :exec
UPDATE invoice SET subtotal = @subtotal, tax = @tax, total = @total, through = @through, version = version + 1 WHERE id = @id;

-- name: NextNumber :one
INSERT INTO invoice_counter (series, year, last) VALUES (@series, @year, 1)
ON CONFLICT (series, year) DO UPDATE SET last = invoice_counter.last + 1
RETURNING last;

-- name: CompleteInvoice :exec
UPDATE invoice SET state = 'complete', series = @series, year = @year, sequence = @sequence, number = @number, issued_on = @issued_on,
    due_on = @due_on, snapshot = @snapshot, completed_at = @completed_at, version = version + 1
WHERE id = @id;

-- name: InsertFile :exec
INSERT INTO file (id, name, content_type, size, sha256) VALUES (@id, @name, @content_type, @size, @sha256);

-- name: SetInvoicePDF :execrows
UPDATE invoice SET pdf_file_id = @pdf_file_id, visible_at = @visible_at, version = version + 1
WHERE id = @id AND state = 'complete' AND pdf_file_id IS NULL;

-- name: InvoiceTerms :one
-- Who is billed, and what the invoice says of it.
SELECT c.name, c.billing_address, c.email, c.tax_id, c.time_zone, c.street, c.city, c.postal_code, c.country_code, c.vat_id, c.registration,
    c.electronic_address, c.buyer_reference, c.einvoice, c.tax_category, c.tax_percent, c.tax_code_id, c.tax_note, c.language,
    coalesce((SELECT string_agg(DISTINCT w.purchase_order, ', ') FROM invoice_project ip
        JOIN work_statement w ON w.project_id = ip.project_id WHERE ip.invoice_id = i.id AND w.purchase_order <> ''), '')::text AS purchase_order
FROM invoice i JOIN client c ON c.id = i.client_id WHERE i.id = @id;

-- name: PaymentTerms :many
-- When an invoice is to be paid, by each of its work statements, or else by its client.
SELECT DISTINCT coalesce(w.payment_terms_days, c.payment_terms_days)::integer AS days, coalesce(w.terms_from_month_end, false)::boolean AS from_month_end
FROM invoice i JOIN client c ON c.id = i.client_id LEFT JOIN invoice_project ip ON ip.invoice_id = i.id LEFT JOIN work_statement w ON w.project_id = ip.project_id
WHERE i.id = @id ORDER BY 1, 2;

-- name: LineHeadings :many
SELECT p.id, p.code, p.name, x.category::text AS tax_category, x.percent::numeric AS tax_percent, k.id AS tax_code_id
FROM invoice_project ip JOIN project p ON p.id = ip.project_id JOIN project_tax x ON x.project_id = p.id LEFT JOIN tax_code k ON k.id = x.tax_code_id
WHERE ip.invoice_id = @invoice_id ORDER BY p.code;
