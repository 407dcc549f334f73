-- +goose Up
-- When a project ended that had been cleared (S1.06): fees are due for what
-- began before, and what is billed on completion is billed through it. NULL
-- where it goes on, was cancelled before it was cleared, or was imported so.
ALTER TABLE project ADD ended_at timestamptz;
UPDATE project p SET ended_at = a.at
FROM (SELECT DISTINCT ON (entity_id) entity_id, at FROM audit_event
      WHERE entity_kind = 'project' AND verb IN ('complete', 'cancel') AND changes -> 'status' ->> 0 IN ('active', 'on_hold') ORDER BY entity_id, id DESC) a
WHERE a.entity_id = p.id AND p.status IN ('complete', 'cancelled');

-- +goose StatementBegin
-- The release before does not say when.
CREATE FUNCTION note_project_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.ended_at := clock_timestamp();
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER notes_its_end BEFORE UPDATE ON project
    FOR EACH ROW WHEN (OLD.status IN ('active', 'on_hold') AND NEW.status IN ('complete', 'cancelled') AND NEW.ended_at IS NULL) EXECUTE FUNCTION note_project_end();

-- The day up to which an invoice collected a project: before the one that was
-- asked for where a fee is still to come (N.08). NULL: that one.
ALTER TABLE invoice_project ADD through date;
