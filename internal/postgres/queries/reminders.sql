-- name: ReminderPolicy :one
SELECT active, day_of_month, hold_days, after_sent, minimum, currency, levels, version FROM reminder_policy;

-- name: SetReminderPolicy :execrows
UPDATE reminder_policy SET active = @active, day_of_month = @day_of_month, hold_days = @hold_days, after_sent = @after_sent,
    minimum = @minimum, currency = @currency, levels = @levels, version = version + 1
WHERE version = @version;

-- name: InsertReminderRun :execrows
INSERT INTO reminder_run (id, month, as_of, hold_until, created_by, created_at)
VALUES (@id, @month, @as_of, @hold_until, @created_by, @created_at)
ON CONFLICT (month) DO NOTHING;

-- name: ReminderRun :one
SELECT id, month, as_of, state, hold_until, created_by, created_at FROM reminder_run WHERE id = @id;

-- name: ReminderRunOf :one
SELECT id, month, as_of, state, hold_until, created_by, created_at FROM reminder_run WHERE month = @month;

-- name: RemindersMissed :one
-- Whether a month has no run, nor one after it, though the clock was to make one
-- since its day: nobody has said another day since, or turned it on.
SELECT (NOT EXISTS (SELECT FROM reminder_run WHERE month >= @month) AND NOT EXISTS (SELECT FROM audit_event
    WHERE entity_id = '00000000-0000-0000-0000-000000000000' AND entity_kind = 'reminder_policy' AND changes ?| '{active,day_of_month}' AND at >= @since))::boolean AS missed;

-- name: ReminderRuns :many
-- The newest first.
SELECT id, month, as_of, state, hold_until, created_by, created_at FROM reminder_run
WHERE id < @before AND (sqlc.narg('month')::date IS NULL OR month = sqlc.narg('month')) ORDER BY id DESC LIMIT @page;

-- name: PlanningReminderRun :one
SELECT id FROM reminder_run WHERE state = 'planning' ORDER BY month LIMIT 1;

-- name: ReminderRunPlanned :execrows
UPDATE reminder_run SET state = 'planned' WHERE id = @id AND state = 'planning';

-- name: HoldReminders :exec
-- The days of review of a run begin anew, but for letters that a person has let go.
WITH moved AS (
    UPDATE reminder_letter l SET hold_until = @hold_until, version = l.version + 1 FROM reminder_run r
    WHERE r.id = l.run_id AND r.id = @id AND l.state = 'review' AND l.hold_until = r.hold_until
)
UPDATE reminder_run SET hold_until = @hold_until WHERE reminder_run.id = @id;

-- name: ClientsOwing :many
SELECT DISTINCT client_id FROM receivable WHERE client_id > @after ORDER BY client_id LIMIT @page;

-- name: LockReceivables :many
-- Whoever changes what is owed waits until the letter is written.
SELECT id FROM invoice WHERE client_id = @client_id AND state = 'complete' AND paid + credited < total ORDER BY id FOR SHARE;

-- name: Receivables :many
SELECT r.id, r.number, r.issued_on, r.due_on, r.currency, r.total, r.balance::numeric AS balance, r.sent_at,
    coalesce(h.disputed, false)::boolean AS disputed, h.promised_until
FROM receivable r LEFT JOIN invoice_hold h ON h.invoice_id = r.id
WHERE r.client_id = @client_id ORDER BY r.currency, r.due_on, r.id;

-- name: OpenCredit :many
SELECT currency, sum(amount)::numeric AS amount FROM open_credit WHERE client_id = @client_id GROUP BY currency;

-- name: PausedUntil :one
SELECT paused_until FROM reminder_pause WHERE client_id = @client_id;

-- name: PauseReminders :exec
INSERT INTO reminder_pause (client_id, paused_until, changed_by, changed_at) VALUES (@client_id, @paused_until, @changed_by, @changed_at)
ON CONFLICT (client_id) DO UPDATE SET paused_until = @paused_until, changed_by = @changed_by, changed_at = @changed_at;

-- name: ResumeReminders :exec
DELETE FROM reminder_pause WHERE client_id = @client_id;

-- name: HoldInvoice :exec
INSERT INTO invoice_hold (invoice_id, disputed, reason, promised_until, changed_by, changed_at)
VALUES (@invoice_id, @disputed, @reason, @promised_until, @changed_by, @changed_at)
ON CONFLICT (invoice_id) DO UPDATE SET disputed = @disputed, reason = @reason, promised_until = @promised_until, changed_by = @changed_by, changed_at = @changed_at;

-- name: InvoiceHold :one
SELECT disputed, reason, promised_until FROM invoice_hold WHERE invoice_id = @invoice_id;

-- name: LastReminder :one
SELECT level, sent_on, content FROM reminder_letter
WHERE client_id = @client_id AND state = 'sent' ORDER BY sent_on DESC, id DESC LIMIT 1;

-- name: ReminderWaits :one
SELECT EXISTS (SELECT FROM reminder_letter WHERE client_id = @client_id AND state = 'review' AND run_id <> @run_id);

-- name: InsertReminderLetter :execrows
INSERT INTO reminder_letter (id, run_id, client_id, state, reason, level, hold_until, content)
VALUES (@id, @run_id, @client_id, @state, @reason, @level, @hold_until, @content)
ON CONFLICT DO NOTHING;

-- name: LockReminderLetter :one
SELECT l.id, l.run_id, l.client_id, r.month, r.as_of, l.state, l.reason, l.level, l.hold_until, l.content, l.comment, l.decided_by, l.mail_id, l.sent_on, l.by, l.version, r.state AS run_state
FROM reminder_letter l JOIN reminder_run r ON r.id = l.run_id WHERE l.id = @id FOR NO KEY UPDATE OF l;

-- name: ReminderLetterOf :one
SELECT id FROM reminder_letter WHERE run_id = @run_id AND client_id = @client_id;

-- name: ReminderLetter :one
SELECT l.id, l.run_id, l.client_id, c.name AS client_name, r.month, r.as_of, l.state, l.reason, l.level, l.hold_until, l.content, l.comment, l.decided_by, d.name AS decided_by_name,
    l.mail_id, m.state AS mail_state, l.sent_on, l.by, l.charge_ids, l.version, r.state AS run_state
FROM reminder_letter l JOIN reminder_run r ON r.id = l.run_id JOIN client c ON c.id = l.client_id LEFT JOIN mail m ON m.id = l.mail_id LEFT JOIN person d ON d.id = l.decided_by
WHERE l.id = @id;

-- name: ReminderLetters :many
SELECT l.id, l.run_id, l.client_id, c.name AS client_name, r.month, r.as_of, l.state, l.reason, l.level, l.hold_until, l.content, l.comment, l.decided_by, d.name AS decided_by_name,
    l.mail_id, m.state AS mail_state, l.sent_on, l.by, l.charge_ids, l.version, r.state AS run_state
FROM reminder_letter l JOIN reminder_run r ON r.id = l.run_id JOIN client c ON c.id = l.client_id LEFT JOIN mail m ON m.id = l.mail_id LEFT JOIN person d ON d.id = l.decided_by
WHERE l.id > @after AND (sqlc.narg('run_id')::uuid IS NULL OR l.run_id = sqlc.narg('run_id'))
    AND (sqlc.narg('client_id')::uuid IS NULL OR l.client_id = sqlc.narg('client_id'))
    AND (sqlc.narg('state')::text IS NULL OR l.state = sqlc.narg('state'))
ORDER BY l.id LIMIT @page;

-- name: SetReminderLetter :exec
UPDATE reminder_letter SET state = @state, reason = @reason, hold_until = @hold_until, comment = @comment, decided_by = @decided_by, by = @by, version = version + 1 WHERE id = @id;

-- name: ReminderSent :exec
UPDATE reminder_letter SET state = 'sent', level = @level, content = @content, mail_id = @mail_id, sent_on = @sent_on, charge_ids = @charge_ids, version = version + 1
WHERE id = @id;

-- name: ReminderReviewers :many
-- Who looks after a client.
SELECT person_id FROM client_looked_after WHERE client_id = @client_id ORDER BY person_id;

-- name: ReminderReviews :many
-- For each account manager, the clients of a run that they look after.
SELECT a.person_id, c.name AS client_name, l.state, l.reason, l.level
FROM reminder_letter l JOIN client c ON c.id = l.client_id JOIN client_looked_after a ON a.client_id = c.id
WHERE l.run_id = @run_id ORDER BY a.person_id, c.name, c.id;

-- name: ReminderProcesses :many
-- What processes of letters are called: the client and the month.
SELECT l.id, l.client_id, r.month FROM reminder_letter l JOIN reminder_run r ON r.id = l.run_id WHERE l.id = ANY (@ids::uuid[]);
