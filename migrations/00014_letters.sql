-- +goose Up
-- Files that go along with a mail. Their bytes are in the file store, and are
-- read when the mail is sent.
CREATE TABLE mail_attachment (
    mail_id      uuid NOT NULL REFERENCES mail ON DELETE CASCADE,
    position     smallint NOT NULL CHECK (position BETWEEN 1 AND 20),
    name         text NOT NULL CHECK (name <> ''),         -- as the reader sees it: "INV-2026-00042.pdf"
    content_type text NOT NULL CHECK (content_type <> ''),
    file_key     text NOT NULL CHECK (file_key <> ''),     -- in the file store
    PRIMARY KEY (mail_id, position)
);

-- The language of what is sent to a client, and of its figures.
ALTER TABLE client ADD language text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'de', 'fr', 'es'));

-- Each time that an invoice is sent. E-mail is made once for each occasion,
-- after the PDF; paper was printed and posted by whoever says so.
CREATE TABLE invoice_sending (
    id         uuid PRIMARY KEY,
    invoice_id uuid NOT NULL REFERENCES invoice,
    occasion   integer NOT NULL CHECK (occasion > 0),
    by         text NOT NULL CHECK (by IN ('email', 'paper')),
    to_address text NOT NULL DEFAULT '',
    asked_by   uuid REFERENCES person, -- NULL: an operator's command
    asked_at   timestamptz NOT NULL,
    mail_id    uuid UNIQUE REFERENCES mail, -- NULL: to be made, or paper
    printed_on date,
    UNIQUE (invoice_id, occasion),
    CONSTRAINT email_has_address CHECK ((by = 'email') = (to_address <> '')),
    CONSTRAINT paper_was_printed CHECK ((by = 'paper') = (printed_on IS NOT NULL)),
    CONSTRAINT paper_is_no_mail CHECK (by = 'email' OR mail_id IS NULL)
);
CREATE INDEX invoice_sending_open ON invoice_sending (invoice_id) WHERE by = 'email' AND mail_id IS NULL;

-- +goose StatementBegin
-- An invoice has been sent when the mail server took its first mail.
CREATE FUNCTION note_invoice_sent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sent uuid;
BEGIN
    UPDATE invoice SET sent_at = NEW.sent_at, sent_by = 'email', version = version + 1
    WHERE id = (SELECT s.invoice_id FROM invoice_sending s WHERE s.mail_id = NEW.id) AND sent_at IS NULL AND state = 'complete'
    RETURNING id INTO sent;
    IF sent IS NOT NULL THEN
        INSERT INTO outbox (entity_kind, entity_id) VALUES ('invoice', sent);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER invoice_sent AFTER UPDATE OF state ON mail
    FOR EACH ROW WHEN (NEW.state = 'sent' AND OLD.state <> 'sent') EXECUTE FUNCTION note_invoice_sent();

-- Any process may be told; which kinds there are is said in the code.
ALTER TABLE outbox DROP CONSTRAINT IF EXISTS outbox_entity_kind_check, DROP CONSTRAINT IF EXISTS outbox_kind_is_a_name;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_is_a_name CHECK (entity_kind ~ '^[a-z]+(-[a-z]+)*$');

-- Why an invoice is not reminded of.
CREATE TABLE invoice_hold (
    invoice_id     uuid PRIMARY KEY REFERENCES invoice,
    disputed       boolean NOT NULL DEFAULT false,
    reason         text NOT NULL DEFAULT '', -- of the dispute
    promised_until date,
    changed_by     uuid REFERENCES person,
    changed_at     timestamptz NOT NULL DEFAULT now()
);

-- Clients who are not reminded, up to and including a day.
CREATE TABLE reminder_pause (
    client_id    uuid PRIMARY KEY REFERENCES client,
    paused_until date NOT NULL,
    changed_by   uuid REFERENCES person,
    changed_at   timestamptz NOT NULL DEFAULT now()
);

-- How clients are reminded. One row.
CREATE TABLE reminder_policy (
    id             smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    active         boolean NOT NULL DEFAULT true,                                  -- whether the clock makes runs
    day_of_month   smallint NOT NULL DEFAULT 1 CHECK (day_of_month BETWEEN 1 AND 28),
    hold_days      smallint NOT NULL DEFAULT 3 CHECK (hold_days BETWEEN 0 AND 28), -- for the account manager's review
    after_sent     smallint NOT NULL DEFAULT 7 CHECK (after_sent BETWEEN 0 AND 365), -- days from sending an invoice to its first reminder
    minimum        numeric(18, 3) NOT NULL DEFAULT 0 CHECK (minimum >= 0),         -- past due, in each currency
    currency       text NOT NULL DEFAULT 'EUR' CHECK (currency ~ '^[A-Z]{3}$'),    -- of the fees
    levels         jsonb NOT NULL CHECK (jsonb_typeof(levels) = 'array' AND jsonb_array_length(levels) BETWEEN 1 AND 9),
    version        integer NOT NULL DEFAULT 1
);
INSERT INTO reminder_policy (levels) VALUES ('[{"days_overdue": 7, "days_since_last": 0}, {"days_overdue": 30, "days_since_last": 21}, {"days_overdue": 60, "days_since_last": 21}]');

-- The reminders of a month: one run for each.
CREATE TABLE reminder_run (
    id         uuid PRIMARY KEY,
    month      date NOT NULL UNIQUE CHECK (extract(day FROM month) = 1),
    as_of      date NOT NULL,
    state      text NOT NULL DEFAULT 'planning' CHECK (state IN ('planning', 'planned')),
    hold_until timestamptz NOT NULL,
    created_by uuid REFERENCES person, -- NULL: the clock
    created_at timestamptz NOT NULL,
    CONSTRAINT of_its_month CHECK (month = date_trunc('month', as_of))
);
CREATE INDEX reminder_run_planning ON reminder_run (id) WHERE state = 'planning';

-- A client with something outstanding in a run. 'review': it goes by itself
-- when the hold is over; 'held': the rules leave the client out; 'skipped': a
-- person did, or nothing was left to remind of; 'sent': its mail was written.
CREATE TABLE reminder_letter (
    id         uuid PRIMARY KEY,
    run_id     uuid NOT NULL REFERENCES reminder_run,
    client_id  uuid NOT NULL REFERENCES client,
    state      text NOT NULL CHECK (state IN ('review', 'held', 'skipped', 'sent')),
    reason     text NOT NULL DEFAULT '',   -- code: why it was held or skipped
    level      smallint NOT NULL DEFAULT 0,
    hold_until timestamptz NOT NULL,
    content    jsonb NOT NULL,             -- what is reminded of, and why the rest is not
    comment    text NOT NULL DEFAULT '',   -- the account manager's word to the client
    decided_by uuid REFERENCES person,     -- who skipped or released it
    mail_id    uuid UNIQUE REFERENCES mail,
    sent_on    date,
    charge_ids uuid[] NOT NULL DEFAULT '{}', -- drafts of fee and interest
    version    integer NOT NULL DEFAULT 1,
    UNIQUE (run_id, client_id),
    CONSTRAINT sent_has_mail CHECK ((state = 'sent') = (mail_id IS NOT NULL) AND (mail_id IS NULL) = (sent_on IS NULL)),
    CONSTRAINT left_out_says_why CHECK ((state IN ('held', 'skipped')) = (reason <> '')),
    CONSTRAINT reminded_at_a_level CHECK (state NOT IN ('review', 'sent') OR level > 0)
);
CREATE INDEX reminder_letter_by_client ON reminder_letter (client_id, id DESC);
CREATE UNIQUE INDEX reminder_letter_waiting ON reminder_letter (client_id) WHERE state = 'review'; -- one at a time

-- What is to be paid on invoices, and what clients have left over. These two
-- are all that reminders know of payments and credit notes.
CREATE VIEW receivable AS
    SELECT i.id, i.client_id, i.number, i.issued_on, i.due_on, i.currency, i.total, i.paid + i.credited AS paid, i.total - i.paid - i.credited AS balance, i.sent_at
    FROM invoice i WHERE i.state = 'complete' AND i.paid + i.credited < i.total;
CREATE VIEW open_credit AS
    SELECT p.client_id, p.currency, p.amount - p.applied AS amount FROM payment p WHERE p.reversed_at IS NULL AND p.applied < p.amount
    UNION ALL
    SELECT n.client_id, n.currency, n.total - n.applied FROM credit_note n WHERE n.applied < n.total;
