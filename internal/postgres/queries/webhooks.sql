-- name: InsertWebhook :exec
INSERT INTO webhook (id, url, description, events, client_id, secret, next_at, created_by, created_at)
VALUES (@id, @url, @description, @events, @client_id, @secret, @now, @created_by, @now);

-- name: Webhooks :many
SELECT id, url, description, events, client_id, state, failures, failing_since, created_at, version FROM webhook
WHERE id > @after ORDER BY id LIMIT @page;

-- name: Webhook :one
SELECT id, url, description, events, client_id, state, failures, failing_since, created_at, version FROM webhook WHERE id = @id;

-- name: LockWebhook :one
SELECT id, url, description, events, client_id, state, failures, failing_since, created_at, version FROM webhook WHERE id = @id FOR UPDATE;

-- name: WriteWebhook :exec
-- Whoever takes it up again has it tried at once, with all its time to answer.
-- A turn of the one before is over: what it has found says nothing of this one.
UPDATE webhook SET url = @url, description = @description, events = @events, client_id = @client_id, state = @state, failures = 0, failing_since = NULL,
    next_at = @now, claimed_at = NULL, version = version + 1
WHERE id = @id;

-- name: RotateWebhookSecret :exec
UPDATE webhook SET earlier_secret = secret, earlier_until = @earlier_until, secret = @secret, version = version + 1 WHERE id = @id;

-- name: DeleteWebhook :execrows
DELETE FROM webhook WHERE id = @id;

-- name: WakeWebhook :exec
UPDATE webhook SET next_at = @now WHERE id = @id;

-- name: LockSpreading :one
-- One worker at a time, so that what happens first is told first.
SELECT pg_try_advisory_xact_lock(hashtext('webhooks of ' || current_schema())) AS locked;

-- name: TakeWebhookFeed :many
WITH taken AS (
    DELETE FROM webhook_feed WHERE audit_id IN (SELECT f.audit_id FROM webhook_feed f ORDER BY f.audit_id LIMIT @page) RETURNING audit_id
)
SELECT a.id, a.at, a.entity_kind, a.entity_id, a.verb, a.version, a.changes FROM taken JOIN audit_event a ON a.id = taken.audit_id ORDER BY a.id;

-- name: ListeningWebhooks :many
SELECT id, events, client_id FROM webhook WHERE state = 'active' ORDER BY id;

-- name: WebhookFacts :many
-- Whose things are, and what people call them; no words of theirs.
SELECT r.id, r.client_id, r.project_id, ('REQ-' || r.number)::text AS key FROM request r WHERE r.id = ANY (@ids::uuid[])
UNION ALL
SELECT t.id, p.client_id, t.project_id, p.code || '-' || t.number FROM task t JOIN project p ON p.id = t.project_id WHERE t.id = ANY (@ids::uuid[])
UNION ALL
SELECT p.id, p.client_id, p.id, p.code FROM project p WHERE p.id = ANY (@ids::uuid[])
UNION ALL
SELECT i.id, i.client_id, NULL, coalesce(i.number, '') FROM invoice i WHERE i.id = ANY (@ids::uuid[])
UNION ALL
SELECT n.id, n.client_id, NULL, n.number FROM credit_note n WHERE n.id = ANY (@ids::uuid[])
UNION ALL
SELECT y.id, y.client_id, NULL, '' FROM payment y WHERE y.id = ANY (@ids::uuid[])
UNION ALL
SELECT f.id, f.client_id, NULL, '' FROM refund f WHERE f.id = ANY (@ids::uuid[])
UNION ALL
SELECT c.id, c.id, NULL, '' FROM client c WHERE c.id = ANY (@ids::uuid[])
UNION ALL
SELECT e.id, p.client_id, e.project_id, '' FROM time_entry e JOIN project p ON p.id = e.project_id WHERE e.id = ANY (@ids::uuid[])
UNION ALL
SELECT n.id, coalesce(p.client_id, r.client_id), coalesce(t.project_id, r.project_id), ''
FROM note n LEFT JOIN task t ON t.id = n.task_id LEFT JOIN project p ON p.id = t.project_id LEFT JOIN request r ON r.id = n.request_id WHERE n.id = ANY (@ids::uuid[])
UNION ALL
SELECT a.file_id, coalesce(p.client_id, r.client_id), coalesce(t.project_id, r.project_id), ''
FROM attachment a LEFT JOIN task t ON t.id = a.task_id LEFT JOIN project p ON p.id = t.project_id LEFT JOIN request r ON r.id = a.request_id WHERE a.file_id = ANY (@ids::uuid[]);

-- name: InsertDeliveries :exec
INSERT INTO webhook_delivery (id, webhook_id, audit_id, type, body, next_at, created_at)
SELECT unnest(@ids::uuid[]), unnest(@webhook_ids::uuid[]), unnest(@audit_ids::uuid[]), unnest(@types::text[]), unnest(@bodies::text[]), @now, @now
ON CONFLICT ON CONSTRAINT once_for_each DO NOTHING;

-- name: InsertTestDelivery :exec
INSERT INTO webhook_delivery (id, webhook_id, type, body, next_at, created_at) VALUES (@id, @webhook_id, @type, @body, @now, @now);

-- name: Deliveries :many
SELECT id, webhook_id, type, body, state, attempts, next_at, status, answer, error, attempted_at, delivered_at, created_at FROM webhook_delivery
WHERE webhook_id = @webhook_id AND id < @before AND (sqlc.narg('state')::text IS NULL OR state = sqlc.narg('state'))
ORDER BY id DESC LIMIT @page;

-- name: Delivery :one
SELECT id, webhook_id, type, body, state, attempts, next_at, status, answer, error, attempted_at, delivered_at, created_at FROM webhook_delivery
WHERE id = @id AND webhook_id = @webhook_id;

-- name: RetryDelivery :execrows
UPDATE webhook_delivery SET state = 'pending', attempts = 0, next_at = @now, delivered_at = NULL WHERE id = @id AND webhook_id = @webhook_id;

-- name: ClaimWebhook :one
-- The turn of one that has something to be told, and has rested. A claim that
-- is too old has lost its worker.
UPDATE webhook SET claimed_at = @now
WHERE id = (SELECT w.id FROM webhook w
    WHERE w.state = 'active' AND w.next_at <= @now AND (w.claimed_at IS NULL OR w.claimed_at <= @lost)
        AND EXISTS (SELECT FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 'pending' AND d.next_at <= @now)
    ORDER BY w.next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, url, secret, earlier_secret, earlier_until, claimed_at, failures, failing_since;

-- name: NextDelivery :one
-- The first that happened, but for what has failed often and stands aside. None
-- where the turn is over, or the webhook not active any more.
SELECT d.id, d.type, d.body, d.attempts FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id
WHERE w.id = @id AND w.claimed_at = @claimed_at AND w.state = 'active' AND d.state = 'pending' AND d.next_at <= @now
ORDER BY d.attempts >= @aside::integer, d.id LIMIT 1;

-- name: SettleDelivery :execrows
UPDATE webhook_delivery d SET state = @state, attempts = d.attempts + 1, next_at = @next_at, status = @status, answer = @answer, error = @error, attempted_at = @now,
    delivered_at = CASE WHEN @state = 'delivered' THEN @now::timestamptz END
FROM webhook w WHERE d.id = @id AND w.id = d.webhook_id AND w.claimed_at = @claimed_at;

-- name: EndWebhookTurn :exec
UPDATE webhook SET claimed_at = NULL, next_at = greatest(next_at, @next_at), failures = @failures, failing_since = @failing_since
WHERE id = @id AND claimed_at = @claimed_at;

-- name: DisableWebhook :execrows
-- By who has its turn still.
UPDATE webhook SET state = 'disabled', version = version + 1 WHERE id = @id AND claimed_at = @claimed_at AND state = 'active';

-- name: ActiveAdmins :many
SELECT id FROM person WHERE kind = 'staff' AND active AND 'admin' = ANY (roles) ORDER BY id;

-- name: SweepDeliveries :execrows
DELETE FROM webhook_delivery WHERE state <> 'pending' AND created_at < @before;

-- name: CountWebhooks :many
SELECT state, count(*) AS webhooks FROM webhook GROUP BY state;

-- name: CountDeliveries :many
SELECT d.state, count(*) AS deliveries, min(d.created_at)::timestamptz AS oldest FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id
WHERE d.state = 'failed' OR d.state = 'pending' AND w.state = 'active' GROUP BY d.state;
