-- +goose Up
-- What is owed on an invoice and will not be paid, written off (S1.80, S1.81):
-- it settles as a payment does, and changes nothing of the invoice or its tax.
CREATE TABLE write_off (
    id              uuid PRIMARY KEY,
    invoice_id      uuid NOT NULL,
    client_id       uuid NOT NULL REFERENCES client,
    currency        text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    amount          numeric(18, 3) NOT NULL CHECK (amount > 0),
    written_off_on  date NOT NULL,                -- in the firm's zone
    reason          text NOT NULL CHECK (reason <> ''),
    created_by      uuid REFERENCES person,
    created_at      timestamptz NOT NULL DEFAULT now(),
    reversed_at     timestamptz,
    reversed_on     date,
    reversal_reason text NOT NULL DEFAULT '',
    UNIQUE (id, client_id, currency),
    FOREIGN KEY (invoice_id, client_id, currency) REFERENCES invoice (id, client_id, currency),
    CONSTRAINT write_off_reversal_says_why CHECK ((reversed_at IS NULL) = (reversal_reason = '') AND (reversed_at IS NULL) = (reversed_on IS NULL)),
    CONSTRAINT write_off_reversed_after CHECK (reversed_on >= written_off_on)
);
CREATE INDEX write_off_by_invoice ON write_off (invoice_id);
CREATE INDEX write_off_by_client ON write_off (client_id);

-- Where it went is an application like others. What is written off is a part of
-- credited: so the release before, which knows of none, takes it off what is owed.
ALTER TABLE payment_application DROP CONSTRAINT from_one, ADD write_off_id uuid,
    ADD CONSTRAINT from_one CHECK (num_nonnulls(payment_id, credit_note_id, write_off_id) = 1),
    ADD CONSTRAINT write_off_to_invoice CHECK (write_off_id IS NULL OR invoice_id IS NOT NULL),
    ADD CONSTRAINT application_of_write_off FOREIGN KEY (write_off_id, client_id, currency) REFERENCES write_off (id, client_id, currency);
CREATE INDEX application_by_write_off ON payment_application (write_off_id) WHERE write_off_id IS NOT NULL;
ALTER TABLE invoice ADD written_off numeric(18, 3) NOT NULL DEFAULT 0 CONSTRAINT written_off_is_credited CHECK (written_off BETWEEN 0 AND credited);

-- The client's manager reads that it was, and not why.
GRANT SELECT (written_off) ON invoice TO steward_portal;
ALTER TABLE write_off ENABLE ROW LEVEL SECURITY;
CREATE POLICY portal ON write_off FOR SELECT TO steward_portal USING (portal_manager() AND client_id = portal_client());
GRANT SELECT (id, invoice_id, client_id, currency, amount, written_off_on, reversed_at, reversed_on) ON write_off TO steward_portal;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION settle() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change numeric(18, 3);
BEGIN
    IF TG_OP = 'INSERT' THEN
        change := NEW.amount;
    ELSIF TG_OP = 'UPDATE' AND OLD.undone_on IS NULL AND NEW.undone_on IS NOT NULL
        AND to_jsonb(NEW) - 'undone_on' = to_jsonb(OLD) - 'undone_on' THEN
        change := -NEW.amount;
    ELSE
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
    END IF;
    UPDATE payment SET applied = applied + change WHERE id = NEW.payment_id;
    UPDATE credit_note SET applied = applied + change WHERE id = NEW.credit_note_id;
    UPDATE invoice SET paid = paid + CASE WHEN NEW.payment_id IS NOT NULL THEN change ELSE 0 END,
        credited = credited + CASE WHEN NEW.payment_id IS NULL THEN change ELSE 0 END,
        written_off = written_off + CASE WHEN NEW.write_off_id IS NOT NULL THEN change ELSE 0 END, version = version + 1
    WHERE id = NEW.invoice_id;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION refuse_invoice_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may text[] := '{paid,credited,written_off,version,pdf_file_id,visible_at,sent_at,sent_by}';
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'complete' AND NEW.state = 'void' AND OLD.paid = 0 AND OLD.credited = 0
        AND NOT EXISTS (SELECT FROM credit_note c WHERE c.invoice_id = OLD.id AND c.voided_at IS NULL) THEN
        may := '{state,version,voided_at,voided_on,void_reason}';
    END IF;
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - may <> to_jsonb(OLD) - may
        OR (OLD.pdf_file_id IS NOT NULL AND NEW.pdf_file_id IS DISTINCT FROM OLD.pdf_file_id) THEN
        RAISE EXCEPTION 'invoice % is completed', OLD.number USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_completed';
    END IF;
    RETURN NEW;
END $$;

-- What was written off stays as it is; it is reversed once.
CREATE FUNCTION refuse_write_off_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may text[] := '{reversed_at,reversed_on,reversal_reason}';
BEGIN
    IF TG_OP = 'DELETE' OR OLD.reversed_at IS NOT NULL OR to_jsonb(NEW) - may <> to_jsonb(OLD) - may THEN
        RAISE EXCEPTION 'write-off % is recorded', OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'write_off_recorded';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER recorded_stays BEFORE UPDATE OR DELETE ON write_off FOR EACH ROW EXECUTE FUNCTION refuse_write_off_change();
