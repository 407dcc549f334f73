-- name: InsertMail :execrows
INSERT INTO mail (id, key, message_id, to_address, to_name, cc, subject, body, next_at, created_at)
VALUES (@id, @key, @message_id, @to_address, @to_name, coalesce(@cc::text[], '{}'), @subject, @body, @now, @now)
ON CONFLICT (key) DO NOTHING;

-- name: ClaimMail :one
-- Claimed in a transaction of its own: whoever dies from here on leaves the row
-- in 'sending', and nobody sends it again by themselves.
UPDATE mail SET state = 'sending', attempts = attempts + 1, claimed_at = @now
WHERE id = (SELECT m.id FROM mail m WHERE m.state = 'pending' AND m.next_at <= @now
    ORDER BY m.next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, message_id, to_address, to_name, cc, subject, body, attempts, claimed_at;

-- name: SettleMail :execrows
-- How an attempt came out. Told late, it still counts, unless an operator has
-- decided meanwhile. A mail with a secret forgets it with that.
UPDATE mail SET state = @state, body = CASE WHEN secret AND @state = 'sent' THEN '' ELSE body END, next_at = @next_at, sent_at = @sent_at, error = @error
WHERE id = @id AND claimed_at = @claimed_at AND state IN ('sending', 'unknown');

-- name: GiveUpMail :many
-- What a dead worker was sending may have arrived or not.
UPDATE mail SET state = 'unknown', error = @error
WHERE state = 'sending' AND claimed_at <= @before
RETURNING id;

-- name: ResendMail :execrows
UPDATE mail SET state = 'pending', attempts = 0, next_at = @now, claimed_at = NULL, error = ''
WHERE id = @id AND state IN ('failed', 'unknown');

-- name: ArrivedMail :execrows
-- A person has found out that it has arrived.
UPDATE mail SET state = 'sent', sent_at = @now, error = '', body = CASE WHEN secret THEN '' ELSE body END WHERE id = @id AND state = 'unknown';

-- name: Mail :one
SELECT id, key, to_address, to_name, cc, subject, state, attempts, next_at, sent_at, error, created_at FROM mail WHERE id = @id;

-- name: Mails :many
SELECT id, key, to_address, to_name, cc, subject, state, attempts, next_at, sent_at, error, created_at FROM mail
WHERE id < @before AND (sqlc.narg('state')::text IS NULL OR state = sqlc.narg('state'))
ORDER BY id DESC LIMIT @page;

-- name: OpenMails :many
SELECT state, count(*) AS mails, min(created_at)::timestamptz AS oldest FROM mail WHERE state <> 'sent' GROUP BY state;

-- name: InsertMailAttachment :exec
-- Written with its mail, in one transaction; the file is stored before.
INSERT INTO mail_attachment (mail_id, position, name, content_type, file_key)
VALUES (@mail_id, @position, @name, @content_type, @file_key);

-- name: MailAttachments :many
SELECT name, content_type, file_key FROM mail_attachment WHERE mail_id = @mail_id ORDER BY position;
