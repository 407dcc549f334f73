-- +goose Up
-- A stored file: the bytes are in the blob store under this id.
CREATE TABLE file (
    id           uuid PRIMARY KEY,
    name         text NOT NULL CHECK (name <> ''),
    content_type text NOT NULL,
    size         bigint NOT NULL CHECK (size >= 0),
    sha256       bytea NOT NULL CHECK (length(sha256) = 32),
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- One billing by hand or by the clock over some projects.
CREATE TABLE billing_run (
    id          uuid PRIMARY KEY,
    through     date NOT NULL,
    complete    boolean NOT NULL DEFAULT false, -- also complete what it drafts
    project_ids uuid[],                         -- NULL: all
    state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done')),
    created_by  uuid REFERENCES person,         -- NULL: an operator's command
    created_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);

CREATE TABLE invoice (
    id            uuid PRIMARY KEY,
    client_id     uuid NOT NULL REFERENCES client,
    currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    state         text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'complete', 'void')),
    through       date NOT NULL,
    series        text,
    year          integer,
    sequence      integer CHECK (sequence > 0),
    number        text UNIQUE,
    issued_on     date,
    due_on        date,
    subtotal      numeric(18, 3) NOT NULL DEFAULT 0,
    tax           numeric(18, 3) NOT NULL DEFAULT 0,
    total         numeric(18, 3) NOT NULL DEFAULT 0,
    paid          numeric(18, 3) NOT NULL DEFAULT 0,
    snapshot      jsonb,                        -- seller, buyer, terms, lines, as printed
    pdf_file_id   uuid REFERENCES file,
    visible_at    timestamptz,                  -- to the client's manager
    billing_run_id uuid REFERENCES billing_run,
    created_by    uuid REFERENCES person,
    created_at    timestamptz NOT NULL DEFAULT now(),
    completed_at  timestamptz,
    version       integer NOT NULL DEFAULT 1,
    UNIQUE (series, year, sequence),
    CONSTRAINT draft_has_no_number CHECK (
        (state = 'draft') = (number IS NULL) AND (number IS NULL) = (sequence IS NULL)
        AND (number IS NULL) = (issued_on IS NULL) AND (number IS NULL) = (due_on IS NULL)
        AND (number IS NULL) = (snapshot IS NULL) AND (number IS NULL) = (completed_at IS NULL)),
    CONSTRAINT only_complete_is_visible CHECK (visible_at IS NULL OR state <> 'draft'),
    CONSTRAINT adds_up CHECK (total = subtotal + tax)
);
CREATE INDEX invoice_by_client ON invoice (client_id, id);
CREATE INDEX invoice_by_run ON invoice (billing_run_id) WHERE billing_run_id IS NOT NULL;
CREATE INDEX invoice_unrendered ON invoice (id) WHERE state = 'complete' AND pdf_file_id IS NULL;

-- The projects whose time an invoice gathers.
CREATE TABLE invoice_project (
    invoice_id uuid NOT NULL REFERENCES invoice ON DELETE CASCADE,
    project_id uuid NOT NULL REFERENCES project,
    PRIMARY KEY (invoice_id, project_id)
);
CREATE INDEX invoice_project_back ON invoice_project (project_id);

CREATE TABLE invoice_line (
    id          uuid PRIMARY KEY,
    invoice_id  uuid NOT NULL REFERENCES invoice ON DELETE CASCADE,
    position    integer NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('time', 'expense', 'fixed', 'charge', 'discount')),
    project_id  uuid REFERENCES project,
    task_id     uuid REFERENCES task,
    person_id   uuid REFERENCES person,
    description text NOT NULL CHECK (description <> ''),
    minutes     bigint CHECK (minutes > 0),     -- time lines, after the increment
    quantity    numeric(18, 6) NOT NULL,        -- hours for time, rounded only here for reading
    unit_price  numeric(18, 6) NOT NULL,
    amount      numeric(18, 3) NOT NULL,
    tax_percent numeric(6, 3) NOT NULL CHECK (tax_percent BETWEEN 0 AND 100),
    rate_source text CHECK (rate_source IN ('project_person', 'work_statement', 'person_default', 'no_charge')),
    increment_minutes smallint NOT NULL DEFAULT 0, -- the rule's version the minutes were rounded by
    late        boolean NOT NULL DEFAULT false, -- worked in a period that was billed before
    first_date  date,
    last_date   date,
    CONSTRAINT time_has_minutes CHECK ((kind = 'time') = (minutes IS NOT NULL)),
    CONSTRAINT time_has_source CHECK ((kind = 'time') = (rate_source IS NOT NULL)),
    CONSTRAINT discount_lowers CHECK (kind <> 'discount' OR amount <= 0)
);
CREATE INDEX invoice_line_by_invoice ON invoice_line (invoice_id, position);

-- Consecutive numbers: the row is locked by whoever completes an invoice.
CREATE TABLE invoice_counter (
    series text NOT NULL,
    year   integer NOT NULL,
    last   integer NOT NULL DEFAULT 0,
    PRIMARY KEY (series, year)
);

CREATE TABLE time_entry (
    id                uuid PRIMARY KEY,
    external_key      text UNIQUE,
    task_id           uuid NOT NULL,
    project_id        uuid NOT NULL,
    person_id         uuid NOT NULL REFERENCES person,
    work_date         date NOT NULL,            -- in the worker's zone
    started_at        timestamptz,
    minutes           integer NOT NULL CHECK (minutes BETWEEN 1 AND 1440),
    description       text NOT NULL CHECK (description <> ''), -- S1.22
    billing           text NOT NULL DEFAULT 'billable' CHECK (billing IN ('billable', 'no_charge', 'internal')),
    remaining_minutes integer CHECK (remaining_minutes BETWEEN 0 AND 10000000), -- NULL is not 0 (S1.23)
    invoice_line_id   uuid REFERENCES invoice_line, -- NULL: not invoiced
    version           integer NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT internal_is_never_invoiced CHECK (billing <> 'internal' OR invoice_line_id IS NULL),
    FOREIGN KEY (task_id, project_id) REFERENCES task (id, project_id)
);
CREATE INDEX time_entry_unbilled ON time_entry (project_id, work_date)
    WHERE invoice_line_id IS NULL AND billing <> 'internal';
CREATE INDEX time_entry_by_task ON time_entry (task_id, id);
CREATE INDEX time_entry_by_person ON time_entry (person_id, work_date);
CREATE INDEX time_entry_by_project ON time_entry (project_id, work_date);
CREATE INDEX time_entry_by_line ON time_entry (invoice_line_id) WHERE invoice_line_id IS NOT NULL;

CREATE TABLE billing_run_item (
    run_id     uuid NOT NULL REFERENCES billing_run,
    project_id uuid NOT NULL REFERENCES project,
    outcome    text NOT NULL CHECK (outcome IN ('invoiced', 'nothing_to_bill', 'parked')),
    invoice_id uuid REFERENCES invoice,
    code       text NOT NULL DEFAULT '',        -- why it is parked
    reason     text NOT NULL DEFAULT '',
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, project_id),
    CONSTRAINT invoiced_names_it CHECK ((outcome = 'invoiced') = (invoice_id IS NOT NULL)),
    CONSTRAINT parked_says_why CHECK ((outcome = 'parked') = (code <> ''))
);

-- A completed invoice is what the client has in hand: nothing of it changes.
-- +goose StatementBegin
CREATE FUNCTION refuse_invoice_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'invoice % is completed', OLD.number USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_completed';
    END IF;
    IF (NEW.client_id, NEW.currency, NEW.through, NEW.series, NEW.year, NEW.sequence, NEW.number, NEW.issued_on, NEW.due_on,
        NEW.subtotal, NEW.tax, NEW.total, NEW.snapshot, NEW.completed_at)
        IS DISTINCT FROM
       (OLD.client_id, OLD.currency, OLD.through, OLD.series, OLD.year, OLD.sequence, OLD.number, OLD.issued_on, OLD.due_on,
        OLD.subtotal, OLD.tax, OLD.total, OLD.snapshot, OLD.completed_at)
        OR NEW.state = 'draft' OR (OLD.state = 'void' AND NEW.state <> 'void')
        OR (OLD.pdf_file_id IS NOT NULL AND NEW.pdf_file_id IS DISTINCT FROM OLD.pdf_file_id) THEN
        RAISE EXCEPTION 'invoice % is completed', OLD.number USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_completed';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION refuse_line_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    line invoice_line;
BEGIN
    IF TG_OP = 'INSERT' THEN line := NEW; ELSE line := OLD; END IF;
    PERFORM 1 FROM invoice WHERE id = line.invoice_id AND state <> 'draft';
    IF FOUND THEN
        RAISE EXCEPTION 'the invoice of line % is completed', line.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_completed';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION refuse_billed_time_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
    WHERE l.id = OLD.invoice_line_id AND i.state = 'complete';
    IF FOUND THEN
        RAISE EXCEPTION 'time entry % is on a completed invoice', OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'time_invoiced';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER completed_stays BEFORE UPDATE OR DELETE ON invoice
    FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION refuse_invoice_change();
CREATE TRIGGER completed_stays BEFORE INSERT OR UPDATE OR DELETE ON invoice_line
    FOR EACH ROW EXECUTE FUNCTION refuse_line_change();
CREATE TRIGGER invoiced_stays BEFORE UPDATE OR DELETE ON time_entry
    FOR EACH ROW WHEN (OLD.invoice_line_id IS NOT NULL) EXECUTE FUNCTION refuse_billed_time_change();
