-- name: InsertSending :one
-- Another occasion; the invoice is locked.
INSERT INTO invoice_sending (id, invoice_id, occasion, by, to_address, cc, asked_by, asked_at, printed_on)
VALUES (@id, @invoice_id, (SELECT coalesce(max(s.occasion), 0) + 1 FROM invoice_sending s WHERE s.invoice_id = @invoice_id), @by, @to_address, coalesce(@cc::text[], '{}'), @asked_by, @asked_at, @printed_on)
RETURNING occasion;

-- name: SendingsToMail :many
SELECT id, occasion, to_address, cc FROM invoice_sending
WHERE invoice_id = @invoice_id AND by = 'email' AND mail_id IS NULL ORDER BY occasion;

-- name: SendingHasMail :exec
UPDATE invoice_sending SET mail_id = @mail_id WHERE id = @id;

-- name: SendingUnderWay :one
-- Whether an e-mail with the invoice is still on its way.
SELECT EXISTS (SELECT FROM invoice_sending s LEFT JOIN mail m ON m.id = s.mail_id
    WHERE s.invoice_id = @invoice_id AND s.by = 'email' AND (m.id IS NULL OR m.state IN ('pending', 'sending')));

-- name: Sendings :many
SELECT s.occasion, s.by, s.to_address, s.cc, s.asked_by, s.asked_at, s.printed_on, m.id AS mail_id, m.state AS mail_state, m.sent_at AS mailed_at, m.error AS mail_error
FROM invoice_sending s LEFT JOIN mail m ON m.id = s.mail_id WHERE s.invoice_id = @invoice_id ORDER BY s.occasion;

-- name: MarkInvoiceSent :exec
-- The first time it reached the client counts.
UPDATE invoice SET sent_at = coalesce(sent_at, @sent_at), sent_by = CASE WHEN sent_at IS NULL THEN @sent_by ELSE sent_by END WHERE id = @id;

-- name: InvoiceChanged :exec
UPDATE invoice SET version = version + 1 WHERE id = @id;

-- name: ToBeMailed :one
-- Whether a mail with the invoice, or with a credit note of it, is to be written.
SELECT (EXISTS (SELECT FROM invoice_sending s WHERE s.invoice_id = @invoice_id AND s.by = 'email' AND s.mail_id IS NULL)
    OR EXISTS (SELECT FROM credit_note_sending c JOIN credit_note n ON n.id = c.credit_note_id WHERE n.invoice_id = @invoice_id AND n.voided_at IS NULL AND c.by = 'email' AND c.mail_id IS NULL))::boolean;

-- name: InsertCreditSending :exec
-- Another occasion; the invoice is locked.
INSERT INTO credit_note_sending (id, credit_note_id, occasion, by, to_address, cc, asked_by, asked_at, printed_on)
VALUES (@id, @credit_note_id, (SELECT coalesce(max(s.occasion), 0) + 1 FROM credit_note_sending s WHERE s.credit_note_id = @credit_note_id), @by, @to_address, coalesce(@cc::text[], '{}'), @asked_by, @asked_at, @printed_on);

-- name: CreditSendingsToMail :many
-- What is to be mailed of the credit notes of an invoice that have their PDF.
SELECT s.id, s.credit_note_id, s.occasion, s.to_address, s.cc, n.number, n.issued_on, n.total, n.snapshot
FROM credit_note_sending s JOIN credit_note n ON n.id = s.credit_note_id
WHERE n.invoice_id = @invoice_id AND n.voided_at IS NULL AND n.pdf_file_id IS NOT NULL AND s.by = 'email' AND s.mail_id IS NULL ORDER BY n.id, s.occasion;

-- name: CreditSendingHasMail :exec
UPDATE credit_note_sending SET mail_id = @mail_id WHERE id = @id;

-- name: CreditSendingUnderWay :one
SELECT EXISTS (SELECT FROM credit_note_sending s LEFT JOIN mail m ON m.id = s.mail_id
    WHERE s.credit_note_id = @credit_note_id AND s.by = 'email' AND (m.id IS NULL OR m.state IN ('pending', 'sending')));

-- name: CreditSendings :many
SELECT s.occasion, s.by, s.to_address, s.cc, s.asked_by, s.asked_at, s.printed_on, m.id AS mail_id, m.state AS mail_state, m.sent_at AS mailed_at, m.error AS mail_error
FROM credit_note_sending s LEFT JOIN mail m ON m.id = s.mail_id WHERE s.credit_note_id = @credit_note_id ORDER BY s.occasion;

-- name: MarkCreditNoteSent :exec
-- The first time it reached the client counts.
UPDATE credit_note SET sent_at = coalesce(sent_at, @sent_at) WHERE id = @id;

-- name: StepsThatWait :many
-- What processes are to do by themselves now, by step, and since when the oldest
-- of it waits: documents to be rendered, mails to be written, letters and reports
-- whose hold is over.
SELECT step, count(*) AS things, min(since)::timestamptz AS oldest FROM (
    SELECT 'render'::text AS step, completed_at AS since FROM invoice WHERE state = 'complete' AND pdf_file_id IS NULL
    UNION ALL SELECT 'render', n.created_at FROM credit_note n JOIN invoice i ON i.id = n.invoice_id WHERE n.pdf_file_id IS NULL AND i.state = 'complete'
    UNION ALL SELECT 'send', s.asked_at FROM invoice_sending s JOIN invoice i ON i.id = s.invoice_id WHERE s.by = 'email' AND s.mail_id IS NULL AND i.state = 'complete'
    UNION ALL SELECT 'send', s.asked_at FROM credit_note_sending s JOIN credit_note n ON n.id = s.credit_note_id WHERE s.by = 'email' AND s.mail_id IS NULL AND n.voided_at IS NULL
    UNION ALL SELECT 'remind', l.hold_until FROM reminder_letter l WHERE l.state = 'review' AND l.hold_until < @now
    UNION ALL SELECT 'report', r.hold_until FROM status_report r WHERE r.state = 'review' AND r.hold_until < @now) x
GROUP BY step;
