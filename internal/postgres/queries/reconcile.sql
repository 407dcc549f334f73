-- name: BeginReconciliation :exec
INSERT INTO reconciliation (id, mode, as_of, began_at) VALUES (@id, @mode, @as_of, @began_at) ON CONFLICT (id) DO NOTHING;

-- name: EndReconciliation :execrows
UPDATE reconciliation SET things = @things, processes = @processes, ended_at = @ended_at WHERE id = @id AND ended_at IS NULL;

-- name: Reconciliation :one
SELECT id, mode, as_of, things, processes, began_at, ended_at FROM reconciliation WHERE id = @id;

-- name: InsertFindings :exec
INSERT INTO reconciliation_finding (run_id, drift, kind, process, note, found_at)
SELECT @run_id, unnest(@drifts::text[]), @kind, unnest(@processes::text[]), unnest(@notes::text[]), @found_at
ON CONFLICT (run_id, drift, process) DO NOTHING;

-- name: Findings :many
SELECT drift, kind, process, note FROM reconciliation_finding
WHERE run_id = @run_id AND (drift, process) > (@drift::text, @process::text) ORDER BY drift, process LIMIT @page;

-- name: CountFindings :many
SELECT drift, kind, count(*) AS findings FROM reconciliation_finding WHERE run_id = @run_id GROUP BY drift, kind ORDER BY drift, kind;

-- name: LastReconciliation :one
-- The last that ended and was not dry.
SELECT id, mode, ended_at::timestamptz AS ended_at FROM reconciliation WHERE ended_at IS NOT NULL AND mode <> 'dry' ORDER BY ended_at DESC LIMIT 1;

-- name: SweepReconciliations :execrows
-- What nights long ago found; what was found after restoring is kept.
DELETE FROM reconciliation WHERE began_at < @before AND mode <> 'restored';

-- name: OpenThings :many
-- The next open things of a kind.
SELECT id FROM open_thing WHERE kind = @kind AND id > @after ORDER BY id LIMIT @page;

-- name: RestoredTo :one
-- The last moment that this database knows of.
SELECT coalesce(greatest((SELECT at FROM audit_event ORDER BY id DESC LIMIT 1), (SELECT created_at FROM command_log ORDER BY id DESC LIMIT 1)), 'epoch')::timestamptz AS at;

-- name: HoldMail :many
-- What waited to go out, or was going, when the database was as it is now: it
-- may have gone since.
UPDATE mail SET state = 'unknown', claimed_at = NULL, error = @error WHERE state IN ('pending', 'sending') RETURNING key;

-- name: InsertWentOut :exec
INSERT INTO went_out (process, at, run_id) SELECT unnest(@processes::text[]), unnest(@times::timestamptz[]), @run_id
ON CONFLICT (process) DO UPDATE SET at = greatest(went_out.at, EXCLUDED.at);

-- name: NumberGiven :execrows
-- A number that was given and is not in this database: no other gets it.
INSERT INTO invoice_counter (series, year, last) VALUES (@series, @year, @sequence)
ON CONFLICT (series, year) DO UPDATE SET last = EXCLUDED.last WHERE invoice_counter.last < EXCLUDED.last;

-- name: KnownNumbers :many
-- Those of the numbers that an invoice or a credit note has.
SELECT i.number::text AS number FROM invoice i WHERE i.number = ANY (@numbers::text[])
UNION ALL SELECT n.number FROM credit_note n WHERE n.number = ANY (@numbers::text[]);

-- name: LetterOf :one
-- The letter that a process is named for, by its client and month.
SELECT l.id FROM reminder_letter l JOIN reminder_run r ON r.id = l.run_id WHERE l.client_id = @client_id AND r.month = @month;

-- name: StatusOf :one
-- The report that a process is named for, by its client and week.
SELECT id FROM status_report WHERE client_id = @client_id AND week = @week;

-- name: RunIsThere :one
SELECT (EXISTS (SELECT FROM billing_run b WHERE b.id = @id) OR EXISTS (SELECT FROM reminder_run r WHERE r.id = @id) OR EXISTS (SELECT FROM status_run s WHERE s.id = @id))::boolean AS there;

-- name: NumbersOf :many
SELECT i.series::text AS series, i.year::integer AS year, i.sequence::integer AS sequence, i.number::text AS number FROM invoice i WHERE i.id = @id AND i.number IS NOT NULL
UNION ALL
SELECT n.series, n.year, n.sequence, n.number FROM credit_note n WHERE n.invoice_id = @id ORDER BY 4;
