-- +goose Up
-- A refund that was recorded by mistake, or that the bank sent back, is taken
-- back once, and says why: what it was taken of is the client's credit again
-- (N.05). The release before reads it as one that stands.
ALTER TABLE refund
    ADD version     integer NOT NULL DEFAULT 1,
    ADD reversed_at timestamptz,
    ADD reversed_on date,                      -- in the firm's zone, not before it was made
    ADD reversal_reason text NOT NULL DEFAULT ''
        CONSTRAINT refund_reversal_says_why CHECK ((reversed_at IS NULL) = (reversal_reason = '') AND (reversed_at IS NULL) = (reversed_on IS NULL))
        CONSTRAINT refund_reversed_after CHECK (reversed_on >= refunded_on);
GRANT SELECT (reversed_at, reversed_on, reversal_reason) ON refund TO steward_portal;

-- +goose StatementBegin
-- What was recorded of a refund stays as it is; it is reversed once.
CREATE FUNCTION refuse_refund_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may text[] := '{reversed_at,reversed_on,reversal_reason,version}';
BEGIN
    IF TG_OP = 'DELETE' OR OLD.reversed_at IS NOT NULL OR to_jsonb(NEW) - may <> to_jsonb(OLD) - may THEN
        RAISE EXCEPTION 'refund % is recorded', OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'refund_recorded';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON refund FOR EACH ROW EXECUTE FUNCTION refuse_refund_change();
