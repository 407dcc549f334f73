-- name: InsertWriteOff :exec
INSERT INTO write_off (id, invoice_id, client_id, currency, amount, written_off_on, reason, created_by, created_at)
VALUES (@id, @invoice_id, @client_id, @currency, @amount, @written_off_on, @reason, @created_by, @created_at);

-- name: ApplyWriteOff :exec
INSERT INTO payment_application (id, client_id, currency, write_off_id, invoice_id, amount, applied_on)
SELECT @application_id::uuid, w.client_id, w.currency, w.id, w.invoice_id, w.amount, w.written_off_on FROM write_off w WHERE w.id = @id;

-- name: LockWriteOff :one
-- A write-off of an invoice that is locked.
SELECT id, amount, written_off_on, reversed_at FROM write_off WHERE id = @id AND invoice_id = @invoice_id FOR NO KEY UPDATE;

-- name: UndoWriteOff :exec
UPDATE payment_application SET undone_on = @undone_on::date WHERE write_off_id = @write_off_id;

-- name: ReverseWriteOff :exec
UPDATE write_off SET reversed_at = @reversed_at, reversed_on = @reversed_on, reversal_reason = @reason WHERE id = @id;

-- name: InvoiceWrittenOff :one
SELECT written_off FROM invoice WHERE id = @id;

-- name: WriteOffs :many
-- What was written off on an invoice, also what was reversed.
SELECT id, amount, written_off_on, reason, reversed_on, reversal_reason FROM write_off WHERE invoice_id = @invoice_id ORDER BY id;
