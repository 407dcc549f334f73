-- +goose Up
-- Credit notes have a series of their own (N.04, N.06).
ALTER TABLE provider ADD credit_series text NOT NULL DEFAULT 'CN' CHECK (credit_series ~ '^[A-Z0-9]{1,8}$');
UPDATE provider SET credit_series = 'CRN' WHERE number_series = 'CN';
ALTER TABLE provider ADD CONSTRAINT series_differ CHECK (credit_series <> number_series);

-- What an invoice was settled with: money in paid, credit notes in credited.
ALTER TABLE invoice
    ADD credited    numeric(18, 3) NOT NULL DEFAULT 0,
    ADD sent_at     timestamptz,
    ADD sent_by     text NOT NULL DEFAULT '' CHECK (sent_by IN ('', 'paper', 'email')),
    ADD voided_at   timestamptz,
    ADD voided_on   date,                     -- in the firm's zone
    ADD void_reason text NOT NULL DEFAULT '',
    ADD CONSTRAINT settled_within CHECK (paid >= 0 AND credited >= 0 AND (paid + credited = 0 OR state = 'complete' AND paid + credited <= total)),
    ADD CONSTRAINT sent_is_complete CHECK ((sent_at IS NULL) = (sent_by = '') AND (sent_at IS NULL OR state <> 'draft')),
    ADD CONSTRAINT void_says_why CHECK ((state = 'void') = (voided_at IS NOT NULL) AND (voided_at IS NULL) = (voided_on IS NULL) AND (state = 'void') = (void_reason <> '')),
    ADD CONSTRAINT invoice_of_client UNIQUE (id, client_id, currency);
CREATE INDEX invoice_open ON invoice (client_id, due_on) WHERE state = 'complete' AND paid + credited < total;

-- The account of a client: whoever changes what it owes or has locks this row
-- first, then invoices, payments and credit notes, each in the order of ids.
CREATE TABLE account (
    client_id uuid PRIMARY KEY REFERENCES client,
    version   integer NOT NULL DEFAULT 1
);

-- Money received (S1.79).
CREATE TABLE payment (
    id              uuid PRIMARY KEY,
    client_id       uuid NOT NULL REFERENCES client,
    currency        text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    amount          numeric(18, 3) NOT NULL CHECK (amount > 0),
    applied         numeric(18, 3) NOT NULL DEFAULT 0, -- to invoices, or given back
    received_on     date NOT NULL,
    method          text NOT NULL DEFAULT '',
    reference       text NOT NULL DEFAULT '',
    note            text NOT NULL DEFAULT '',
    import_key      text UNIQUE,               -- which line of which statement of the bank
    created_by      uuid REFERENCES person,
    created_at      timestamptz NOT NULL DEFAULT now(),
    reversed_at     timestamptz,
    reversed_on     date,
    reversal_reason text NOT NULL DEFAULT '',
    version         integer NOT NULL DEFAULT 1,
    UNIQUE (id, client_id, currency),
    CONSTRAINT payment_not_exceeded CHECK (applied BETWEEN 0 AND amount),
    CONSTRAINT reversed_is_applied_nowhere CHECK (reversed_at IS NULL OR applied = 0),
    CONSTRAINT reversal_says_why CHECK ((reversed_at IS NULL) = (reversal_reason = '') AND (reversed_at IS NULL) = (reversed_on IS NULL))
);
-- A reference may come again after the payment was reversed.
CREATE UNIQUE INDEX payment_reference ON payment (client_id, reference) WHERE reference <> '' AND reversed_at IS NULL;
CREATE INDEX payment_by_client ON payment (client_id, id);
CREATE INDEX payment_with_credit ON payment (client_id) WHERE reversed_at IS NULL AND applied < amount;

-- What is taken back of a completed invoice (N.04).
CREATE TABLE credit_note (
    id          uuid PRIMARY KEY,
    invoice_id  uuid NOT NULL,
    client_id   uuid NOT NULL REFERENCES client,
    currency    text NOT NULL,
    series      text NOT NULL,
    year        integer NOT NULL,
    sequence    integer NOT NULL CHECK (sequence > 0),
    number      text NOT NULL UNIQUE,
    issued_on   date NOT NULL,
    reason      text NOT NULL CHECK (reason <> ''),
    subtotal    numeric(18, 3) NOT NULL,
    tax         numeric(18, 3) NOT NULL,
    total       numeric(18, 3) NOT NULL CHECK (total >= 0), -- time at no charge is released for nothing
    applied     numeric(18, 3) NOT NULL DEFAULT 0,
    snapshot    jsonb NOT NULL,
    pdf_file_id uuid REFERENCES file,
    visible_at  timestamptz,
    created_by  uuid REFERENCES person,
    created_at  timestamptz NOT NULL DEFAULT now(),
    version     integer NOT NULL DEFAULT 1,
    UNIQUE (series, year, sequence),
    UNIQUE (id, client_id, currency),
    FOREIGN KEY (invoice_id, client_id, currency) REFERENCES invoice (id, client_id, currency),
    CONSTRAINT credit_adds_up CHECK (total = subtotal + tax),
    CONSTRAINT credit_not_exceeded CHECK (applied BETWEEN 0 AND total)
);
CREATE INDEX credit_note_by_invoice ON credit_note (invoice_id);
CREATE INDEX credit_note_by_client ON credit_note (client_id, id);
CREATE INDEX credit_note_unrendered ON credit_note (invoice_id) WHERE pdf_file_id IS NULL;

CREATE TABLE credit_line (
    id              uuid PRIMARY KEY,
    credit_note_id  uuid NOT NULL REFERENCES credit_note,
    invoice_line_id uuid NOT NULL REFERENCES invoice_line,
    position        integer NOT NULL,
    treatment       text NOT NULL CHECK (treatment IN ('release', 'write_off')),
    minutes         bigint CHECK (minutes > 0),
    amount          numeric(18, 3) NOT NULL,
    tax_percent     numeric(6, 3) NOT NULL,
    UNIQUE (credit_note_id, invoice_line_id, treatment)
);
CREATE INDEX credit_line_back ON credit_line (invoice_line_id);

-- Time that a frozen line stands for no longer, or that was written off on it:
-- the line keeps what it says, and here is what it said it of.
CREATE TABLE entry_correction (
    entry_id        uuid NOT NULL REFERENCES time_entry,
    invoice_line_id uuid NOT NULL REFERENCES invoice_line,
    credit_note_id  uuid REFERENCES credit_note,   -- NULL: the invoice was made void
    treatment       text NOT NULL CHECK (treatment IN ('release', 'write_off')),
    person_id       uuid NOT NULL REFERENCES person,
    work_date       date NOT NULL,
    minutes         integer NOT NULL,
    description     text NOT NULL,
    billing         text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (entry_id, invoice_line_id)
);
CREATE INDEX entry_correction_by_line ON entry_correction (invoice_line_id, entry_id);

-- Credit given back (N.05).
CREATE TABLE refund (
    id          uuid PRIMARY KEY,
    client_id   uuid NOT NULL REFERENCES client,
    currency    text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    amount      numeric(18, 3) NOT NULL CHECK (amount > 0),
    refunded_on date NOT NULL,
    method      text NOT NULL DEFAULT '',
    reference   text NOT NULL DEFAULT '',
    note        text NOT NULL DEFAULT '',
    created_by  uuid REFERENCES person,
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (id, client_id, currency)
);
CREATE INDEX refund_by_client ON refund (client_id, id);

-- Where money and credit went: from a payment or a credit note, to an invoice
-- or back to the client, all of one client and in one currency (S1.80).
CREATE TABLE payment_application (
    id             uuid PRIMARY KEY,
    client_id      uuid NOT NULL,
    currency       text NOT NULL,
    payment_id     uuid,
    credit_note_id uuid,
    invoice_id     uuid,
    refund_id      uuid,
    amount         numeric(18, 3) NOT NULL CHECK (amount > 0),
    applied_on     date NOT NULL,
    undone_on      date,              -- its payment was reversed
    created_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT from_one CHECK (num_nonnulls(payment_id, credit_note_id) = 1),
    CONSTRAINT to_one CHECK (num_nonnulls(invoice_id, refund_id) = 1),
    CONSTRAINT undone_after CHECK (undone_on >= applied_on),
    FOREIGN KEY (payment_id, client_id, currency) REFERENCES payment (id, client_id, currency),
    FOREIGN KEY (credit_note_id, client_id, currency) REFERENCES credit_note (id, client_id, currency),
    FOREIGN KEY (invoice_id, client_id, currency) REFERENCES invoice (id, client_id, currency),
    FOREIGN KEY (refund_id, client_id, currency) REFERENCES refund (id, client_id, currency)
);
CREATE INDEX application_by_payment ON payment_application (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX application_by_credit ON payment_application (credit_note_id) WHERE credit_note_id IS NOT NULL;
CREATE INDEX application_by_invoice ON payment_application (invoice_id) WHERE invoice_id IS NOT NULL;
CREATE INDEX application_by_refund ON payment_application (refund_id) WHERE refund_id IS NOT NULL;

-- What an hour of a person costs the firm, for [from, to) (N.22).
CREATE TABLE person_cost (
    id         uuid PRIMARY KEY,
    person_id  uuid NOT NULL REFERENCES person,
    hourly     numeric(18, 6) NOT NULL CHECK (hourly >= 0),
    currency   text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    valid      daterange NOT NULL CHECK (NOT isempty(valid) AND lower_inc(valid)),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT cost_once_a_day EXCLUDE USING gist (person_id WITH =, currency WITH =, valid WITH &&)
);

-- Any process may be told; which kinds there are is said in the code.
ALTER TABLE outbox DROP CONSTRAINT IF EXISTS outbox_entity_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_is_a_name CHECK (entity_kind ~ '^[a-z]+(-[a-z]+)*$');

-- +goose StatementBegin
-- The sums of a payment, a credit note and an invoice follow from where the
-- money went, in the same transaction; their CHECKs refuse what is too much.
CREATE FUNCTION settle() RETURNS trigger LANGUAGE plpgsql AS $$
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
        credited = credited + CASE WHEN NEW.credit_note_id IS NOT NULL THEN change ELSE 0 END, version = version + 1
    WHERE id = NEW.invoice_id;
    RETURN NEW;
END $$;

-- What was recorded of a payment, and a credit note, stay as they are.
CREATE FUNCTION refuse_payment_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.reversed_at IS NOT NULL OR
        to_jsonb(NEW) - '{applied,reversed_at,reversed_on,reversal_reason,version}'::text[]
        <> to_jsonb(OLD) - '{applied,reversed_at,reversed_on,reversal_reason,version}'::text[] THEN
        RAISE EXCEPTION 'payment % is recorded', OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'payment_recorded';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION refuse_credit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.pdf_file_id IS NOT NULL AND NEW.pdf_file_id IS DISTINCT FROM OLD.pdf_file_id OR
        to_jsonb(NEW) - '{applied,pdf_file_id,visible_at,version}'::text[] <> to_jsonb(OLD) - '{applied,pdf_file_id,visible_at,version}'::text[] THEN
        RAISE EXCEPTION 'credit note % is issued', OLD.number USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'credit_issued';
    END IF;
    RETURN NEW;
END $$;

-- A completed invoice may still be settled, sent, given its PDF and, where
-- nothing was settled or credited, made void; a void one stays as it is.
CREATE OR REPLACE FUNCTION refuse_invoice_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may text[] := '{paid,credited,version,pdf_file_id,visible_at,sent_at,sent_by}';
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'complete' AND NEW.state = 'void' AND OLD.paid = 0 AND OLD.credited = 0
        AND NOT EXISTS (SELECT FROM credit_note c WHERE c.invoice_id = OLD.id) THEN
        may := '{state,version,voided_at,voided_on,void_reason}';
    END IF;
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - may <> to_jsonb(OLD) - may
        OR (OLD.pdf_file_id IS NOT NULL AND NEW.pdf_file_id IS DISTINCT FROM OLD.pdf_file_id) THEN
        RAISE EXCEPTION 'invoice % is completed', OLD.number USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_completed';
    END IF;
    RETURN NEW;
END $$;

-- Time on an invoice that was completed changes in one way: it is released,
-- and nothing else of it, after it was noted why.
CREATE OR REPLACE FUNCTION refuse_billed_time_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
    WHERE l.id = OLD.invoice_line_id AND i.state <> 'draft';
    IF FOUND AND NOT (TG_OP = 'UPDATE' AND NEW.invoice_line_id IS NULL
        AND to_jsonb(NEW) - 'invoice_line_id' = to_jsonb(OLD) - 'invoice_line_id'
        AND EXISTS (SELECT FROM entry_correction c WHERE c.entry_id = OLD.id AND c.invoice_line_id = OLD.invoice_line_id AND c.treatment = 'release')) THEN
        RAISE EXCEPTION 'time entry % is on a completed invoice', OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'time_invoiced';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER settles AFTER INSERT OR UPDATE OR DELETE ON payment_application FOR EACH ROW EXECUTE FUNCTION settle();
CREATE TRIGGER recorded_stays BEFORE UPDATE OR DELETE ON payment FOR EACH ROW EXECUTE FUNCTION refuse_payment_change();
CREATE TRIGGER issued_stays BEFORE UPDATE OR DELETE ON credit_note FOR EACH ROW EXECUTE FUNCTION refuse_credit_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON refund FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON credit_line FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON entry_correction FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
