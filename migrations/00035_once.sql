-- +goose Up
-- Rules that several queries ask, each said once.

-- What a task waits for (S1.31): what it and the tasks above it depend on, once
-- for each way. Own: it depends on that itself. Those above are looked for where
-- there is one, and all by index: asked for one task, it reads nothing of others.
-- The first line is not run: sqlc takes no name of a WITH that is not at the top.
CREATE VIEW task_wait AS
    WITH up AS (SELECT id FROM task)
    SELECT t.id AS task_id, o.id AS depends_on_id, o.number, o.status, o.closed_at, at.id = t.id AS own
    FROM task t
        CROSS JOIN LATERAL unnest(t.id || CASE WHEN t.parent_id IS NOT NULL THEN ARRAY(
            WITH RECURSIVE up AS (SELECT t.parent_id AS id UNION ALL SELECT (SELECT a.parent_id FROM task a WHERE a.id = up.id) FROM up WHERE up.id IS NOT NULL)
            SELECT up.id FROM up) END) AS at (id)
        CROSS JOIN LATERAL (SELECT n.id, n.number, n.status, n.closed_at FROM task_dependency d JOIN task n ON n.id = d.depends_on_id WHERE d.task_id = at.id OFFSET 0) o;

-- Projects that have ended and whose retainer (N.08) may have a fee left: a day
-- from its first to their end that no fee is for.
CREATE VIEW fee_left AS
    SELECT p.id AS project_id
    FROM project p JOIN client c ON c.id = p.client_id JOIN work_statement w ON w.project_id = p.id
    WHERE w.retainer_amount IS NOT NULL AND p.ended_at IS NOT NULL AND coalesce(w.billing_from, p.starts_on) IS NOT NULL AND NOT coalesce(
        (SELECT range_agg(daterange(l.first_date, u.period_end, '[]')) FROM retainer_use u JOIN invoice_line l ON l.id = u.invoice_line_id WHERE u.project_id = p.id)
        @> daterange(coalesce(w.billing_from, p.starts_on), greatest(coalesce(w.billing_from, p.starts_on), (p.ended_at AT TIME ZONE c.time_zone)::date), '[]'), false);

-- +goose StatementBegin
-- The state of an invoice that is shown, as Go's shownState has it.
CREATE FUNCTION invoice_state(state text, paid numeric, credited numeric, total numeric, sent_at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN state <> 'complete' THEN state WHEN paid + credited > 0 AND paid + credited >= total THEN 'paid'
        WHEN paid > 0 THEN 'partly_paid' WHEN sent_at IS NOT NULL THEN 'sent' ELSE state END
$$;
-- +goose StatementEnd
