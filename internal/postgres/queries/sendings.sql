-- name: InsertSending :one
-- Another occasion; the invoice is locked.
INSERT INTO invoice_sending (id, invoice_id, occasion, by, to_address, asked_by, asked_at, printed_on)
VALUES (@id, @invoice_id, (SELECT coalesce(max(s.occasion), 0) + 1 FROM invoice_sending s WHERE s.invoice_id = @invoice_id), @by, @to_address, @asked_by, @asked_at, @printed_on)
RETURNING occasion;

-- name: SendingsToMail :many
SELECT id, occasion, to_address FROM invoice_sending
WHERE invoice_id = @invoice_id AND by = 'email' AND mail_id IS NULL ORDER BY occasion;

-- name: SendingHasMail :exec
UPDATE invoice_sending SET mail_id = @mail_id WHERE id = @id;

-- name: SendingUnderWay :one
-- Whether an e-mail with the invoice is still on its way.
SELECT EXISTS (SELECT FROM invoice_sending s LEFT JOIN mail m ON m.id = s.mail_id
    WHERE s.invoice_id = @invoice_id AND s.by = 'email' AND (m.id IS NULL OR m.state IN ('pending', 'sending')));

-- name: Sendings :many
SELECT s.occasion, s.by, s.to_address, s.asked_by, s.asked_at, s.printed_on, m.id AS mail_id, m.state AS mail_state, m.sent_at AS mailed_at
FROM invoice_sending s LEFT JOIN mail m ON m.id = s.mail_id WHERE s.invoice_id = @invoice_id ORDER BY s.occasion;

-- name: MarkInvoiceSent :exec
-- The first time it reached the client counts.
UPDATE invoice SET sent_at = coalesce(sent_at, @sent_at), sent_by = CASE WHEN sent_at IS NULL THEN @sent_by ELSE sent_by END WHERE id = @id;

-- name: InvoiceChanged :exec
UPDATE invoice SET version = version + 1 WHERE id = @id;

-- name: ToBeMailed :one
SELECT EXISTS (SELECT FROM invoice_sending WHERE invoice_id = @invoice_id AND by = 'email' AND mail_id IS NULL);

-- name: StepsThatWait :many
-- What processes are to do by themselves now, by step, and since when the oldest
-- of it waits: documents to be rendered, mails to be written, letters and reports
-- whose hold is over.
SELECT step, count(*) AS things, min(since)::timestamptz AS oldest FROM (
    SELECT 'render'::text AS step, completed_at AS since FROM invoice WHERE state = 'complete' AND pdf_file_id IS NULL
    UNION ALL SELECT 'render', n.created_at FROM credit_note n JOIN invoice i ON i.id = n.invoice_id WHERE n.pdf_file_id IS NULL AND i.state = 'complete'
    UNION ALL SELECT 'send', s.asked_at FROM invoice_sending s JOIN invoice i ON i.id = s.invoice_id WHERE s.by = 'email' AND s.mail_id IS NULL AND i.state = 'complete'
    UNION ALL SELECT 'remind', l.hold_until FROM reminder_letter l WHERE l.state = 'review' AND l.hold_until < @now
    UNION ALL SELECT 'report', r.hold_until FROM status_report r WHERE r.state = 'review' AND r.hold_until < @now) x
GROUP BY step;
