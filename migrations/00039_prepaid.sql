-- +goose Up
-- Prepaid hours (N.08): a milestone may include minutes of time, worked from the
-- day it is due on until a last day.
ALTER TABLE milestone
    ADD included_minutes integer CHECK (included_minutes > 0),
    ADD expires_on date;

-- What of it is used on which line, which takes off what it includes. It lives
-- and dies with its line.
CREATE TABLE prepaid_use (
    invoice_line_id uuid PRIMARY KEY REFERENCES invoice_line ON DELETE CASCADE,
    milestone_id    uuid NOT NULL REFERENCES milestone,
    minutes         integer NOT NULL CHECK (minutes > 0)
);
CREATE INDEX prepaid_use_by_milestone ON prepaid_use (milestone_id);

-- Milestones that are left to bill: on no invoice, and not due by a task that was
-- cancelled (N.09).
CREATE VIEW milestone_left AS
    SELECT m.id, m.project_id, m.amount FROM milestone m LEFT JOIN task t ON t.id = m.task_id
    WHERE m.invoice_line_id IS NULL AND t.status IS DISTINCT FROM 'cancelled';

-- A milestone or an expense on a completed invoice stays as it is: one that was
-- credited whole with release may be billed again, and hours may expire later.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION refuse_billed_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
    WHERE l.id = OLD.invoice_line_id AND i.state = 'complete';
    IF FOUND AND NOT (TG_OP = 'UPDATE' AND NEW.invoice_line_id IS NULL
        AND to_jsonb(NEW) - 'invoice_line_id' = to_jsonb(OLD) - 'invoice_line_id'
        AND EXISTS (SELECT FROM credit_line c JOIN invoice_line l ON l.id = c.invoice_line_id
            WHERE l.id = OLD.invoice_line_id AND c.treatment = 'release' AND c.amount = l.amount))
        AND NOT (TG_OP = 'UPDATE' AND to_jsonb(NEW) - '{expires_on,version}'::text[] = to_jsonb(OLD) - '{expires_on,version}'::text[]) THEN
        RAISE EXCEPTION '% % is on a completed invoice', TG_TABLE_NAME, OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'item_invoiced';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
