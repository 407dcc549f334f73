-- name: LockAccount :one
-- The first lock of whoever changes what a client owes or has.
INSERT INTO account (client_id) VALUES (@client_id)
ON CONFLICT (client_id) DO UPDATE SET version = account.version + 1
RETURNING version;

-- name: Account :one
-- What a client owes and has, as its process and an operator see it.
SELECT c.name AS client_name, coalesce(a.version, 0)::integer AS version,
    (SELECT count(*) FROM invoice i WHERE i.client_id = c.id AND i.state = 'complete' AND i.paid + i.credited < i.total) AS open_invoices,
    (SELECT count(*) FROM payment p WHERE p.client_id = c.id AND p.reversed_at IS NULL AND p.applied < p.amount)
        + (SELECT count(*) FROM credit_note n WHERE n.client_id = c.id AND n.voided_at IS NULL AND n.applied < n.total) AS open_credits
FROM client c LEFT JOIN account a ON a.client_id = c.id WHERE c.id = @client_id;

-- name: LockOpenInvoices :many
-- What can be paid, in lock order; of all of a client, or of those named.
SELECT i.id, i.number, i.currency, i.issued_on, i.due_on, (i.total - i.paid - i.credited)::numeric AS balance,
    coalesce((SELECT max(a.undone_on) FROM payment_application a WHERE a.invoice_id = i.id), i.issued_on)::date AS free_on
FROM invoice i
WHERE i.client_id = @client_id AND i.state = 'complete' AND i.paid + i.credited < i.total
    AND (NOT @chosen::boolean AND i.currency = @currency OR i.id = ANY (@ids::uuid[]))
ORDER BY i.id FOR NO KEY UPDATE OF i;

-- name: InvoiceStanding :one
-- Why an invoice cannot be paid.
SELECT client_id, currency, state, number, (total - paid - credited)::numeric AS balance FROM invoice WHERE id = @id;

-- name: InsertPayment :exec
INSERT INTO payment (id, client_id, currency, amount, received_on, method, reference, note, import_key, created_by, created_at)
VALUES (@id, @client_id, @currency, @amount, @received_on, @method, @reference, @note, @import_key, @created_by, @created_at);

-- name: TouchPayment :exec
UPDATE payment SET version = version + 1 WHERE id = @id;

-- name: TouchCreditNote :exec
UPDATE credit_note SET version = version + 1 WHERE id = @id;

-- name: InsertApplication :exec
INSERT INTO payment_application (id, client_id, currency, payment_id, credit_note_id, invoice_id, refund_id, amount, applied_on)
VALUES (@id, @client_id, @currency, @payment_id, @credit_note_id, @invoice_id, @refund_id, @amount, @applied_on);

-- name: LockPaidInvoices :many
-- The invoices that a payment is applied to, in lock order.
SELECT id FROM invoice WHERE id IN (SELECT a.invoice_id FROM payment_application a WHERE a.payment_id = @payment_id AND a.undone_on IS NULL)
ORDER BY id FOR NO KEY UPDATE;

-- name: PaymentRefunds :many
-- The refunds that gave some of a payment back.
SELECT r.id, r.refunded_on, a.amount FROM payment_application a JOIN refund r ON r.id = a.refund_id
WHERE a.payment_id = @payment_id AND a.undone_on IS NULL ORDER BY r.id;

-- name: UndoApplications :execrows
UPDATE payment_application SET undone_on = greatest(@undone_on::date, applied_on) WHERE payment_id = @payment_id AND undone_on IS NULL;

-- name: ReversePayment :exec
UPDATE payment SET reversed_at = @reversed_at, reversed_on = @reversed_on, reversal_reason = @reason, version = version + 1 WHERE id = @id;

-- name: LockCredits :many
-- What a client has left over, in lock order: payments first. Free: since when
-- it is, at the latest.
SELECT p.id, p.received_on AS on_day, (p.amount - p.applied)::numeric AS rest,
    greatest(p.received_on, (SELECT max(a.undone_on) FROM payment_application a WHERE a.payment_id = p.id))::date AS free_on
FROM payment p
WHERE p.client_id = @client_id AND p.currency = @currency AND p.reversed_at IS NULL AND p.applied < p.amount ORDER BY p.id FOR NO KEY UPDATE;

-- name: LockNoteCredits :many
SELECT n.id, n.issued_on AS on_day, (n.total - n.applied)::numeric AS rest,
    greatest(n.issued_on, (SELECT max(a.undone_on) FROM payment_application a WHERE a.credit_note_id = n.id))::date AS free_on
FROM credit_note n
WHERE n.client_id = @client_id AND n.currency = @currency AND n.voided_at IS NULL AND n.applied < n.total ORDER BY n.id FOR NO KEY UPDATE;

-- name: InsertRefund :exec
INSERT INTO refund (id, client_id, currency, amount, refunded_on, method, reference, note, created_by, created_at)
VALUES (@id, @client_id, @currency, @amount, @refunded_on, @method, @reference, @note, @created_by, @created_at);

-- name: LockRefund :one
SELECT id, client_id, currency, amount, refunded_on, reversed_at, version FROM refund WHERE id = @id FOR NO KEY UPDATE;

-- name: LockRefundedPayments :exec
-- The payments that a refund was taken of, in lock order: they come first.
SELECT id FROM payment WHERE id IN (SELECT a.payment_id FROM payment_application a WHERE a.refund_id = @refund_id) ORDER BY id FOR NO KEY UPDATE;

-- name: LockRefundedNotes :exec
SELECT id FROM credit_note WHERE id IN (SELECT a.credit_note_id FROM payment_application a WHERE a.refund_id = @refund_id) ORDER BY id FOR NO KEY UPDATE;

-- name: UndoRefund :exec
-- What was given back is left over again where it was taken of.
UPDATE payment_application SET undone_on = @undone_on::date WHERE refund_id = @refund_id;

-- name: ReverseRefund :exec
UPDATE refund SET reversed_at = @reversed_at, reversed_on = @reversed_on, reversal_reason = @reason, version = version + 1 WHERE id = @id;

-- name: Refund :one
SELECT id, client_id, currency, amount, refunded_on, method, reference, note, reversed_on, reversal_reason, created_at, version FROM refund WHERE id = @id;

-- name: Refunds :many
SELECT id, client_id, currency, amount, refunded_on, method, reference, note, reversed_on, reversal_reason, created_at, version FROM refund
WHERE client_id = @client_id AND id > @after ORDER BY id LIMIT @page;

-- name: RefundSources :many
-- What refunds were taken of, by refund; of one that was reversed too.
SELECT a.refund_id, a.payment_id, a.credit_note_id, coalesce(n.number, p.reference, '')::text AS number, a.amount
FROM payment_application a LEFT JOIN payment p ON p.id = a.payment_id LEFT JOIN credit_note n ON n.id = a.credit_note_id
WHERE a.refund_id = ANY (@refund_ids::uuid[]) ORDER BY a.id;

-- name: Payment :one
SELECT p.id, p.client_id, c.name AS client_name, p.currency, p.amount, p.applied, p.received_on, p.method, p.reference, p.note,
    p.reversed_at, p.reversed_on, p.reversal_reason, p.created_at, p.version
FROM payment p JOIN client c ON c.id = p.client_id WHERE p.id = @id;

-- name: Payments :many
SELECT p.id, p.client_id, c.name AS client_name, p.currency, p.amount, p.applied, p.received_on, p.method, p.reference, p.note,
    p.reversed_at, p.reversed_on, p.reversal_reason, p.created_at, p.version
FROM payment p JOIN client c ON c.id = p.client_id
WHERE p.id > @after
    AND (sqlc.narg('client_id')::uuid IS NULL OR p.client_id = sqlc.narg('client_id'))
    AND (sqlc.narg('reference')::text IS NULL OR p.reference = sqlc.narg('reference'))
    AND (sqlc.narg('invoice_id')::uuid IS NULL OR p.id IN (SELECT a.payment_id FROM payment_application a WHERE a.invoice_id = sqlc.narg('invoice_id') AND a.undone_on IS NULL))
    AND (NOT @unapplied::boolean OR p.reversed_at IS NULL AND p.applied < p.amount)
ORDER BY p.id LIMIT @page;

-- name: PaymentByImport :one
SELECT id, client_id FROM payment WHERE import_key = @import_key;

-- name: PaymentByImports :one
-- The payment that a line of a statement of the bank is, by any of its keys.
SELECT id FROM payment WHERE import_key = ANY (@import_keys::text[]) ORDER BY id LIMIT 1;

-- name: ReferenceTaken :one
-- Whether a client has a payment with the reference that a statement of the bank
-- brings, and whether it is the same: by hand, with its amount, some days apart at most.
SELECT count(*) > 0 AS taken, coalesce(bool_or(p.import_key IS NULL AND p.currency = @currency AND p.amount = @amount AND abs(p.received_on - @received_on::date) <= 10), false)::boolean AS same
FROM payment p WHERE p.client_id = @client_id AND p.reference = @reference AND p.reference <> '' AND p.reversed_at IS NULL;

-- name: Applications :many
-- Where payments went, by payment.
SELECT a.id, a.payment_id, a.credit_note_id, a.invoice_id, a.refund_id, coalesce(i.number, '')::text AS number, a.amount, a.applied_on
FROM payment_application a LEFT JOIN invoice i ON i.id = a.invoice_id
WHERE a.payment_id = ANY (@payment_ids::uuid[]) AND a.undone_on IS NULL ORDER BY a.id;

-- name: ClientCredits :many
SELECT p.id, 'payment'::text AS kind, p.reference AS number, p.currency, p.received_on AS on_day, (p.amount - p.applied)::numeric AS rest FROM payment p
WHERE p.client_id = @client_id AND p.reversed_at IS NULL AND p.applied < p.amount
UNION ALL
SELECT n.id, 'credit_note', n.number, n.currency, n.issued_on, (n.total - n.applied)::numeric FROM credit_note n
WHERE n.client_id = @client_id AND n.voided_at IS NULL AND n.applied < n.total
ORDER BY 4, 5, 1;

-- name: PayableByNumber :many
-- The invoices that a bank's text may name.
SELECT i.id, i.number, i.client_id, c.name AS client_name, i.currency, i.state, i.due_on, (i.total - i.paid - i.credited)::numeric AS balance
FROM invoice i JOIN client c ON c.id = i.client_id WHERE i.number = ANY (@numbers::text[]) ORDER BY i.number;
