-- +goose Up
-- Each time that a credit note is sent, as invoices are (N.04, S1.78). Its mail
-- is made by the process of its invoice.
CREATE TABLE credit_note_sending (
    id             uuid PRIMARY KEY,
    credit_note_id uuid NOT NULL REFERENCES credit_note,
    occasion       integer NOT NULL CHECK (occasion > 0),
    by             text NOT NULL CHECK (by IN ('email', 'paper')),
    to_address     text NOT NULL DEFAULT '',
    asked_by       uuid REFERENCES person,
    asked_at       timestamptz NOT NULL,
    mail_id        uuid UNIQUE REFERENCES mail, -- NULL: to be made, or paper
    printed_on     date,
    UNIQUE (credit_note_id, occasion),
    CONSTRAINT email_has_address CHECK ((by = 'email') = (to_address <> '')),
    CONSTRAINT paper_was_printed CHECK ((by = 'paper') = (printed_on IS NOT NULL)),
    CONSTRAINT paper_is_no_mail CHECK (by = 'email' OR mail_id IS NULL)
);
CREATE INDEX credit_note_sending_open ON credit_note_sending (credit_note_id) WHERE by = 'email' AND mail_id IS NULL;

-- When it first reached the client.
ALTER TABLE credit_note ADD sent_at timestamptz;
GRANT SELECT (sent_at) ON credit_note TO steward_portal;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION refuse_credit_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may text[] := '{applied,pdf_file_id,visible_at,sent_at,version}';
BEGIN
    IF TG_OP = 'DELETE' OR OLD.pdf_file_id IS NOT NULL AND NEW.pdf_file_id IS DISTINCT FROM OLD.pdf_file_id OR
        to_jsonb(NEW) - may <> to_jsonb(OLD) - may THEN
        RAISE EXCEPTION 'credit note % is issued', OLD.number USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'credit_issued';
    END IF;
    RETURN NEW;
END $$;

-- An invoice or a credit note has been sent when the mail server took its first
-- mail.
CREATE OR REPLACE FUNCTION note_invoice_sent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sent uuid;
BEGIN
    UPDATE invoice SET sent_at = NEW.sent_at, sent_by = 'email', version = version + 1
    WHERE id = (SELECT s.invoice_id FROM invoice_sending s WHERE s.mail_id = NEW.id) AND sent_at IS NULL AND state = 'complete'
    RETURNING id INTO sent;
    IF sent IS NOT NULL THEN
        INSERT INTO outbox (entity_kind, entity_id) VALUES ('invoice', sent);
    END IF;
    UPDATE credit_note SET sent_at = NEW.sent_at, version = version + 1
    WHERE id = (SELECT s.credit_note_id FROM credit_note_sending s WHERE s.mail_id = NEW.id) AND sent_at IS NULL;
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE OR REPLACE VIEW open_thing AS
SELECT 'task'::text AS kind, id FROM task WHERE status IN ('planned', 'open')
UNION ALL SELECT 'project', id FROM project WHERE status NOT IN ('complete', 'cancelled')
UNION ALL SELECT 'invoice', id FROM invoice WHERE state = 'complete' AND (paid + credited < total OR pdf_file_id IS NULL
    OR EXISTS (SELECT FROM invoice_sending s WHERE s.invoice_id = invoice.id AND s.by = 'email' AND s.mail_id IS NULL)
    OR EXISTS (SELECT FROM credit_note n WHERE n.invoice_id = invoice.id AND (n.pdf_file_id IS NULL
        OR EXISTS (SELECT FROM credit_note_sending s WHERE s.credit_note_id = n.id AND s.by = 'email' AND s.mail_id IS NULL))))
UNION ALL SELECT 'account', a.client_id FROM account a WHERE EXISTS (SELECT FROM invoice i WHERE i.client_id = a.client_id AND i.state = 'complete' AND i.paid + i.credited < i.total)
    OR EXISTS (SELECT FROM payment p WHERE p.client_id = a.client_id AND p.reversed_at IS NULL AND p.applied < p.amount)
    OR EXISTS (SELECT FROM credit_note n WHERE n.client_id = a.client_id AND n.applied < n.total)
UNION ALL SELECT 'reminder', id FROM reminder_letter WHERE state = 'review'
UNION ALL SELECT 'reminder-run', id FROM reminder_run WHERE state = 'planning'
UNION ALL SELECT 'status', id FROM status_report WHERE state IN ('review', 'held')
UNION ALL SELECT 'status-run', id FROM status_run WHERE state = 'running'
UNION ALL SELECT 'billing-run', id FROM billing_run WHERE state = 'running'
UNION ALL SELECT 'request', id FROM request WHERE status = 'open';
