-- +goose Up
-- A credit note that was made by mistake is made void as an invoice is: its
-- number and its lines stay, and nothing of it counts any more (N.04). What it
-- released is on its old lines again. The release before takes a void one for
-- credit that is left over; that it applies it is refused here.
ALTER TABLE credit_note
    ADD voided_at   timestamptz,
    ADD voided_on   date,                      -- in the firm's zone
    ADD void_reason text NOT NULL DEFAULT ''
        CONSTRAINT credit_void_says_why CHECK ((voided_at IS NULL) = (void_reason = '') AND (voided_at IS NULL) = (voided_on IS NULL))
        CONSTRAINT credit_void_is_applied_nowhere CHECK (voided_at IS NULL OR applied = 0);
GRANT SELECT (voided_at, voided_on, void_reason) ON credit_note TO steward_portal;

-- Which milestone, expense or prepaid hours a credit note released, as they were.
CREATE TABLE item_release (
    credit_note_id  uuid NOT NULL REFERENCES credit_note,
    invoice_line_id uuid NOT NULL REFERENCES invoice_line,
    milestone_id    uuid, -- it may be deleted since; so may an expense
    expense_id      uuid,
    version         integer NOT NULL,
    billed_as_of    date,
    prepaid_minutes integer CHECK (prepaid_minutes > 0), -- hours of the milestone, not its price
    PRIMARY KEY (credit_note_id, invoice_line_id),
    CONSTRAINT of_one CHECK (num_nonnulls(milestone_id, expense_id) = 1)
);

-- What a void credit note had noted of time entries: corrections that hold no more.
CREATE TABLE undone_correction (
    entry_id        uuid NOT NULL REFERENCES time_entry,
    invoice_line_id uuid NOT NULL REFERENCES invoice_line,
    credit_note_id  uuid NOT NULL REFERENCES credit_note,
    treatment       text NOT NULL CHECK (treatment IN ('release', 'write_off')),
    noted_at        timestamptz NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (credit_note_id, entry_id)
);
CREATE INDEX undone_correction_by_entry ON undone_correction (entry_id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON item_release FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON undone_correction FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();

-- +goose StatementBegin
-- A correction stays; that of a void credit note goes once it is kept among those
-- that hold no more.
CREATE FUNCTION refuse_correction_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (SELECT FROM credit_note n JOIN undone_correction u ON u.credit_note_id = n.id
        WHERE n.id = OLD.credit_note_id AND n.voided_at IS NOT NULL AND u.entry_id = OLD.entry_id AND u.treatment = OLD.treatment) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
END $$;

-- An issued credit note may still be applied, sent, given its PDF and be made
-- void; a void one is applied no more, and stays void.
CREATE OR REPLACE FUNCTION refuse_credit_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may text[] := '{applied,pdf_file_id,visible_at,sent_at,version,voided_at,voided_on,void_reason}';
BEGIN
    IF OLD.voided_at IS NOT NULL THEN
        may := '{pdf_file_id,visible_at,sent_at,version}';
    END IF;
    IF TG_OP = 'DELETE' OR OLD.pdf_file_id IS NOT NULL AND NEW.pdf_file_id IS DISTINCT FROM OLD.pdf_file_id OR
        to_jsonb(NEW) - may <> to_jsonb(OLD) - may THEN
        RAISE EXCEPTION 'credit note % is issued', OLD.number USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'credit_issued';
    END IF;
    RETURN NEW;
END $$;

-- An invoice is made void where nothing was settled, and no credit note stands.
CREATE OR REPLACE FUNCTION refuse_invoice_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may text[] := '{paid,credited,version,pdf_file_id,visible_at,sent_at,sent_by}';
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

-- A milestone or an expense on a completed invoice stays as it is: one that was
-- credited whole with release may be billed again, and hours may expire later.
CREATE OR REPLACE FUNCTION refuse_billed_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
    WHERE l.id = OLD.invoice_line_id AND i.state = 'complete';
    IF FOUND AND NOT (TG_OP = 'UPDATE' AND NEW.invoice_line_id IS NULL
        AND to_jsonb(NEW) - 'invoice_line_id' = to_jsonb(OLD) - 'invoice_line_id'
        AND EXISTS (SELECT FROM credit_line c JOIN invoice_line l ON l.id = c.invoice_line_id JOIN credit_note n ON n.id = c.credit_note_id
            WHERE l.id = OLD.invoice_line_id AND c.treatment = 'release' AND c.amount = l.amount AND n.voided_at IS NULL))
        AND NOT (TG_OP = 'UPDATE' AND to_jsonb(NEW) - '{expires_on,version}'::text[] = to_jsonb(OLD) - '{expires_on,version}'::text[]) THEN
        RAISE EXCEPTION '% % is on a completed invoice', TG_TABLE_NAME, OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'item_invoiced';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON entry_correction FOR EACH ROW EXECUTE FUNCTION refuse_correction_change();

-- What credit notes that stand took of each line.
CREATE VIEW line_credit AS
    SELECT c.invoice_line_id, c.minutes, c.amount FROM credit_line c JOIN credit_note n ON n.id = c.credit_note_id WHERE n.voided_at IS NULL;

CREATE OR REPLACE VIEW open_credit AS
    SELECT p.client_id, p.currency, p.amount - p.applied AS amount FROM payment p WHERE p.reversed_at IS NULL AND p.applied < p.amount
    UNION ALL
    SELECT n.client_id, n.currency, n.total - n.applied FROM credit_note n WHERE n.voided_at IS NULL AND n.applied < n.total;

CREATE OR REPLACE VIEW open_thing AS
SELECT 'task'::text AS kind, id FROM task WHERE status IN ('planned', 'open')
UNION ALL SELECT 'project', id FROM project WHERE status NOT IN ('complete', 'cancelled')
UNION ALL SELECT 'invoice', id FROM invoice WHERE state = 'complete' AND (paid + credited < total OR pdf_file_id IS NULL
    OR EXISTS (SELECT FROM invoice_sending s WHERE s.invoice_id = invoice.id AND s.by = 'email' AND s.mail_id IS NULL)
    OR EXISTS (SELECT FROM credit_note n WHERE n.invoice_id = invoice.id AND (n.pdf_file_id IS NULL
        OR n.voided_at IS NULL AND EXISTS (SELECT FROM credit_note_sending s WHERE s.credit_note_id = n.id AND s.by = 'email' AND s.mail_id IS NULL))))
UNION ALL SELECT 'account', a.client_id FROM account a WHERE EXISTS (SELECT FROM invoice i WHERE i.client_id = a.client_id AND i.state = 'complete' AND i.paid + i.credited < i.total)
    OR EXISTS (SELECT FROM payment p WHERE p.client_id = a.client_id AND p.reversed_at IS NULL AND p.applied < p.amount)
    OR EXISTS (SELECT FROM credit_note n WHERE n.client_id = a.client_id AND n.voided_at IS NULL AND n.applied < n.total)
UNION ALL SELECT 'reminder', id FROM reminder_letter WHERE state = 'review'
UNION ALL SELECT 'reminder-run', id FROM reminder_run WHERE state = 'planning'
UNION ALL SELECT 'status', id FROM status_report WHERE state IN ('review', 'held')
UNION ALL SELECT 'status-run', id FROM status_run WHERE state = 'running'
UNION ALL SELECT 'billing-run', id FROM billing_run WHERE state = 'running'
UNION ALL SELECT 'request', id FROM request WHERE status = 'open';
