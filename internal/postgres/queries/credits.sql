-- name: VoidInvoice :exec
UPDATE invoice SET state = 'void', voided_at = @voided_at, voided_on = @voided_on, void_reason = @reason, version = version + 1 WHERE id = @id;

-- name: HasCreditNotes :one
SELECT EXISTS (SELECT FROM credit_note WHERE invoice_id = @invoice_id);

-- name: NoteReleases :execrows
-- Notes what is on an invoice before it is released.
INSERT INTO entry_correction (entry_id, invoice_line_id, treatment, person_id, work_date, minutes, description, billing)
SELECT e.id, l.id, 'release', e.person_id, e.work_date, e.minutes, e.description, e.billing
FROM invoice_line l JOIN time_entry e ON e.invoice_line_id = l.id WHERE l.invoice_id = @invoice_id
ON CONFLICT DO NOTHING;

-- name: NoteCorrections :execrows
INSERT INTO entry_correction (entry_id, invoice_line_id, credit_note_id, treatment, person_id, work_date, minutes, description, billing)
SELECT e.id, e.invoice_line_id, @credit_note_id::uuid, @treatment::text, e.person_id, e.work_date, e.minutes, e.description, e.billing
FROM time_entry e WHERE e.id = ANY (@entries::uuid[]) AND e.invoice_line_id = @line_id::uuid;

-- name: ReleaseEntries :execrows
UPDATE time_entry SET invoice_line_id = NULL WHERE id = ANY (@entries::uuid[]) AND invoice_line_id = @line_id::uuid;

-- name: ReleaseItem :exec
-- The milestone or expense that a line was made of, or the prepaid hours it took.
WITH milestones AS (UPDATE milestone SET invoice_line_id = NULL WHERE invoice_line_id = @line_id::uuid),
    prepaid AS (DELETE FROM prepaid_use WHERE invoice_line_id = @line_id::uuid)
UPDATE expense SET invoice_line_id = NULL WHERE invoice_line_id = @line_id::uuid;

-- name: CreditableEntries :many
-- The time on the lines of an invoice that was not credited yet.
SELECT e.id, l.id AS line_id, e.minutes
FROM invoice_line l JOIN time_entry e ON e.invoice_line_id = l.id
WHERE l.invoice_id = @invoice_id AND NOT EXISTS (SELECT FROM entry_correction c WHERE c.entry_id = e.id AND c.invoice_line_id = l.id)
ORDER BY e.id;

-- name: CreditedBefore :many
-- What earlier credit notes took of each line.
SELECT c.invoice_line_id, coalesce(sum(c.minutes), 0)::bigint AS minutes, sum(c.amount)::numeric AS amount
FROM credit_line c JOIN invoice_line l ON l.id = c.invoice_line_id WHERE l.invoice_id = @invoice_id GROUP BY c.invoice_line_id;

-- name: CreditNoteTotals :one
SELECT coalesce(sum(total), 0)::numeric AS total FROM credit_note WHERE invoice_id = @invoice_id;

-- name: InsertCreditNote :exec
INSERT INTO credit_note (id, invoice_id, client_id, currency, series, year, sequence, number, issued_on, reason, subtotal, tax, total, snapshot, created_by, created_at)
VALUES (@id, @invoice_id, @client_id, @currency, @series, @year, @sequence, @number, @issued_on, @reason, @subtotal, @tax, @total, @snapshot, @created_by, @created_at);

-- name: InsertCreditLine :exec
INSERT INTO credit_line (id, credit_note_id, invoice_line_id, position, treatment, minutes, amount, tax_percent)
VALUES (@id, @credit_note_id, @invoice_line_id, @position, @treatment, @minutes, @amount, @tax_percent);

-- name: CreditSeries :one
SELECT credit_series FROM provider;

-- name: CreditNote :one
SELECT n.id, n.invoice_id, i.number AS invoice_number, n.client_id, c.name AS client_name, n.currency, n.number, n.issued_on, n.reason, n.subtotal, n.tax,
    n.total, n.applied, n.pdf_file_id, n.sent_at, n.created_at, n.version
FROM credit_note n JOIN invoice i ON i.id = n.invoice_id JOIN client c ON c.id = n.client_id WHERE n.id = @id;

-- name: LockCreditNote :one
-- A credit note of an invoice that is locked.
SELECT id, number, version FROM credit_note WHERE id = @id AND invoice_id = @invoice_id FOR NO KEY UPDATE;

-- name: CreditNoteSnapshot :one
SELECT number, snapshot FROM credit_note WHERE id = @id;

-- name: CreditNotes :many
SELECT n.id, n.invoice_id, i.number AS invoice_number, n.client_id, c.name AS client_name, n.currency, n.number, n.issued_on, n.reason, n.subtotal, n.tax,
    n.total, n.applied, n.pdf_file_id, n.sent_at, n.created_at, n.version
FROM credit_note n JOIN invoice i ON i.id = n.invoice_id JOIN client c ON c.id = n.client_id
WHERE n.id > @after
    AND (sqlc.narg('client_id')::uuid IS NULL OR n.client_id = sqlc.narg('client_id'))
    AND (sqlc.narg('invoice_id')::uuid IS NULL OR n.invoice_id = sqlc.narg('invoice_id'))
    AND (sqlc.narg('number')::text IS NULL OR n.number = sqlc.narg('number'))
ORDER BY n.id LIMIT @page;

-- name: CreditLines :many
SELECT c.id, c.invoice_line_id, l.kind, l.description, c.treatment, c.minutes, c.amount, c.tax_percent
FROM credit_line c JOIN invoice_line l ON l.id = c.invoice_line_id WHERE c.credit_note_id = @credit_note_id ORDER BY c.position;

-- name: CreditedEntries :many
SELECT entry_id, invoice_line_id, treatment FROM entry_correction WHERE credit_note_id = @credit_note_id ORDER BY entry_id;

-- name: UnrenderedCreditNotes :many
SELECT id, number, snapshot FROM credit_note WHERE invoice_id = @invoice_id AND pdf_file_id IS NULL ORDER BY id;

-- name: SetCreditPDF :execrows
UPDATE credit_note SET pdf_file_id = @pdf_file_id, visible_at = @visible_at, version = version + 1 WHERE id = @id AND pdf_file_id IS NULL;

-- name: CreditNoteNames :many
-- The credit notes of an invoice, as its readers see them.
SELECT id, number, issued_on, total FROM credit_note WHERE invoice_id = @invoice_id ORDER BY id;
