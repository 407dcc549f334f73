-- name: VoidInvoice :exec
UPDATE invoice SET state = 'void', voided_at = @voided_at, voided_on = @voided_on, void_reason = @reason, version = version + 1 WHERE id = @id;

-- name: HasCreditNotes :one
-- That stand: void ones do not count.
SELECT EXISTS (SELECT FROM credit_note WHERE invoice_id = @invoice_id AND voided_at IS NULL);

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

-- name: NoteItemRelease :exec
-- What a line gives back when it is released, as it is now.
INSERT INTO item_release (credit_note_id, invoice_line_id, milestone_id, expense_id, version, billed_as_of, prepaid_minutes)
SELECT @credit_note_id::uuid, m.invoice_line_id, m.id, NULL::uuid, m.version, m.billed_as_of, NULL::integer FROM milestone m WHERE m.invoice_line_id = @line_id::uuid
UNION ALL SELECT @credit_note_id, u.invoice_line_id, u.milestone_id, NULL, 0, NULL, u.minutes FROM prepaid_use u WHERE u.invoice_line_id = @line_id
UNION ALL SELECT @credit_note_id, x.invoice_line_id, NULL, x.id, x.version, NULL, NULL FROM expense x WHERE x.invoice_line_id = @line_id;

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
FROM line_credit c JOIN invoice_line l ON l.id = c.invoice_line_id WHERE l.invoice_id = @invoice_id GROUP BY c.invoice_line_id;

-- name: CreditNoteTotals :one
SELECT coalesce(sum(total), 0)::numeric AS total FROM credit_note WHERE invoice_id = @invoice_id AND voided_at IS NULL;

-- name: CreditNotesLeft :one
-- What an invoice's credit notes have left over: the client's credit.
SELECT coalesce(sum(total - applied), 0)::numeric AS rest FROM credit_note WHERE invoice_id = @invoice_id AND voided_at IS NULL;

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
    n.total, n.applied, n.pdf_file_id, n.sent_at, n.voided_on, n.void_reason, n.created_at, n.version
FROM credit_note n JOIN invoice i ON i.id = n.invoice_id JOIN client c ON c.id = n.client_id WHERE n.id = @id;

-- name: LockCreditNote :one
-- A credit note of an invoice that is locked.
SELECT id, number, voided_at, version FROM credit_note WHERE id = @id AND invoice_id = @invoice_id FOR NO KEY UPDATE;

-- name: CreditNoteUses :many
-- Where a credit note went but to its own invoice.
SELECT coalesce(i.number, '')::text AS number, a.refund_id, a.amount FROM payment_application a LEFT JOIN invoice i ON i.id = a.invoice_id
WHERE a.credit_note_id = @credit_note_id AND a.undone_on IS NULL AND a.invoice_id IS DISTINCT FROM @invoice_id ORDER BY a.id;

-- name: LaterCreditNote :one
-- The last that took more of the invoice since; empty where none did.
SELECT coalesce((SELECT number FROM credit_note WHERE invoice_id = @invoice_id AND id > @id AND voided_at IS NULL ORDER BY id DESC LIMIT 1), '')::text AS number;

-- name: LockReleased :many
-- The time that a credit note released, in lock order, and whether it is as it
-- was on its line.
SELECT e.id, e.work_date, (e.invoice_line_id IS NOT NULL)::boolean AS billed, coalesce(i.number, '')::text AS number,
    ((e.person_id, e.work_date, e.minutes, e.description, e.billing, e.project_id) = (c.person_id, c.work_date, c.minutes, c.description, c.billing, l.project_id)
        AND coalesce(l.task_id, e.task_id) = e.task_id)::boolean AS same
FROM entry_correction c JOIN time_entry e ON e.id = c.entry_id JOIN invoice_line l ON l.id = c.invoice_line_id
    LEFT JOIN invoice_line o ON o.id = e.invoice_line_id LEFT JOIN invoice i ON i.id = o.invoice_id
WHERE c.credit_note_id = @credit_note_id AND c.treatment = 'release' ORDER BY e.id FOR NO KEY UPDATE OF e;

-- name: PutBackTime :exec
-- What a credit note released goes back to its lines.
UPDATE time_entry e SET invoice_line_id = c.invoice_line_id FROM entry_correction c
WHERE c.credit_note_id = @credit_note_id AND c.treatment = 'release' AND e.id = c.entry_id;

-- name: KeepCorrections :exec
-- What a void credit note had noted of time is kept as what holds no more.
INSERT INTO undone_correction (entry_id, invoice_line_id, credit_note_id, treatment, noted_at)
SELECT c.entry_id, c.invoice_line_id, c.credit_note_id, c.treatment, c.created_at FROM entry_correction c WHERE c.credit_note_id = @credit_note_id::uuid;

-- name: DropCorrections :exec
DELETE FROM entry_correction WHERE credit_note_id = @credit_note_id::uuid;

-- name: ItemsReleased :one
-- How many lines of a credit note released an item.
SELECT count(*) FROM credit_line WHERE credit_note_id = @credit_note_id AND treatment = 'release' AND minutes IS NULL;

-- name: PutBackMilestones :execrows
-- Those that are as they were, and on no invoice.
UPDATE milestone m SET invoice_line_id = r.invoice_line_id, billed_as_of = r.billed_as_of FROM item_release r
WHERE r.credit_note_id = @credit_note_id AND r.prepaid_minutes IS NULL AND m.id = r.milestone_id AND m.version = r.version AND m.invoice_line_id IS NULL;

-- name: PutBackExpenses :execrows
UPDATE expense x SET invoice_line_id = r.invoice_line_id FROM item_release r
WHERE r.credit_note_id = @credit_note_id AND x.id = r.expense_id AND x.version = r.version AND x.invoice_line_id IS NULL;

-- name: LockPrepaidReleased :exec
SELECT m.id FROM milestone m WHERE m.id IN (SELECT r.milestone_id FROM item_release r WHERE r.credit_note_id = @credit_note_id AND r.prepaid_minutes IS NOT NULL)
ORDER BY m.id FOR NO KEY UPDATE;

-- name: PutBackPrepaid :execrows
-- The hours that a credit note gave back are used again, where so many are left.
INSERT INTO prepaid_use (invoice_line_id, milestone_id, minutes)
SELECT r.invoice_line_id, m.id, r.prepaid_minutes FROM item_release r JOIN milestone m ON m.id = r.milestone_id
WHERE r.credit_note_id = @credit_note_id AND r.prepaid_minutes IS NOT NULL AND m.included_minutes >=
    (SELECT sum(o.prepaid_minutes) FROM item_release o WHERE o.credit_note_id = @credit_note_id AND o.milestone_id = m.id)
    + (SELECT coalesce(sum(u.minutes), 0) FROM prepaid_use u WHERE u.milestone_id = m.id);

-- name: VoidCreditNote :exec
UPDATE credit_note SET voided_at = @voided_at, voided_on = @voided_on, void_reason = @reason, version = version + 1 WHERE id = @id;

-- name: UndoCredit :exec
-- What a credit note took off its invoice is owed again.
UPDATE payment_application SET undone_on = greatest(@undone_on::date, applied_on) WHERE credit_note_id = @credit_note_id AND undone_on IS NULL;

-- name: CreditNoteSnapshot :one
SELECT number, snapshot FROM credit_note WHERE id = @id;

-- name: CreditNotes :many
SELECT n.id, n.invoice_id, i.number AS invoice_number, n.client_id, c.name AS client_name, n.currency, n.number, n.issued_on, n.reason, n.subtotal, n.tax,
    n.total, n.applied, n.pdf_file_id, n.sent_at, n.voided_on, n.void_reason, n.created_at, n.version
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
-- Of a void one those that it had corrected.
SELECT c.entry_id, c.invoice_line_id, c.treatment FROM entry_correction c WHERE c.credit_note_id = @credit_note_id
UNION ALL SELECT u.entry_id, u.invoice_line_id, u.treatment FROM undone_correction u WHERE u.credit_note_id = @credit_note_id ORDER BY 1;

-- name: UnrenderedCreditNotes :many
SELECT id, number, snapshot FROM credit_note WHERE invoice_id = @invoice_id AND pdf_file_id IS NULL ORDER BY id;

-- name: SetCreditPDF :execrows
UPDATE credit_note SET pdf_file_id = @pdf_file_id, visible_at = @visible_at, version = version + 1 WHERE id = @id AND pdf_file_id IS NULL;

-- name: CreditNoteNames :many
-- The credit notes of an invoice, as its readers see them.
SELECT id, number, issued_on, total, voided_on FROM credit_note WHERE invoice_id = @invoice_id ORDER BY id;
