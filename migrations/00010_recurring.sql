-- +goose Up
-- What the clock bills, and how (S1.11, S1.72).
ALTER TABLE work_statement
    ADD billing_from     date, -- nothing is billed by the clock before it; NULL: the project's start
    ADD auto_complete    boolean NOT NULL DEFAULT false, -- what the clock bills is completed too
    ADD needs_approval   boolean NOT NULL DEFAULT false, -- time is billed when its timesheet is approved (N.01)
    ADD over_budget      text NOT NULL DEFAULT 'bill' CHECK (over_budget IN ('bill', 'hold')), -- time above the budget (N.07)
    ADD retainer_amount  numeric(18, 3) CHECK (retainer_amount > 0), -- for each period (N.08)
    ADD retainer_minutes integer CHECK (retainer_minutes > 0),       -- that it includes
    ADD retainer_rollover boolean NOT NULL DEFAULT false,            -- what is not used is there in the next period
    ADD CONSTRAINT retainer_is_both CHECK ((retainer_amount IS NULL) = (retainer_minutes IS NULL));
-- What was agreed before there was a clock is billed by it from today on.
UPDATE work_statement SET billing_from = current_date;
-- And so is what an import brings, which names no day.
ALTER TABLE work_statement ALTER billing_from SET DEFAULT current_date;

ALTER TABLE client ADD gather_invoices boolean NOT NULL DEFAULT false; -- one invoice for all its projects of a period
ALTER TABLE provider ADD locked_through date; -- nobody but an account manager changes time up to it (N.01)
ALTER TABLE project ADD locked_through date;

-- A period of a work statement, billed once for good. 'due': it is over and
-- nobody has billed it yet; the clock does, or has been asked to do it again.
CREATE TABLE billing_period (
    project_id   uuid NOT NULL REFERENCES project,
    period_start date NOT NULL,
    period_end   date NOT NULL,
    outcome      text NOT NULL DEFAULT 'due' CHECK (outcome IN ('due', 'invoiced', 'nothing_to_bill', 'parked')),
    invoice_id   uuid REFERENCES invoice,
    code         text NOT NULL DEFAULT '', -- why it is parked
    reason       text NOT NULL DEFAULT '',
    due_at       timestamptz NOT NULL DEFAULT now(),
    run_at       timestamptz,              -- when it came to its outcome
    PRIMARY KEY (project_id, period_end),
    CONSTRAINT ends_after_start CHECK (period_end >= period_start),
    CONSTRAINT invoiced_names_it CHECK ((outcome = 'invoiced') = (invoice_id IS NOT NULL)),
    CONSTRAINT parked_says_why CHECK ((outcome = 'parked') = (code <> '')),
    CONSTRAINT run_has_time CHECK ((outcome = 'due') = (run_at IS NULL))
);
CREATE INDEX billing_period_due ON billing_period (period_end, project_id) WHERE outcome = 'due';
CREATE INDEX billing_period_parked ON billing_period (period_end, project_id) WHERE outcome = 'parked';
CREATE INDEX billing_period_by_end ON billing_period (period_end, project_id);
CREATE INDEX billing_period_by_invoice ON billing_period (invoice_id) WHERE invoice_id IS NOT NULL;

-- What made a line that nobody wrote by hand; NULL: a person, or time.
ALTER TABLE invoice_line
    ADD made_of text CHECK (made_of IN ('milestone', 'expense', 'retainer')),
    DROP CONSTRAINT invoice_line_rate_source_check,
    ADD CONSTRAINT invoice_line_rate_source_check CHECK (rate_source IN ('entry', 'project_person', 'work_statement', 'person_default', 'no_charge'));

-- An hourly rate for this session alone, set by who has the right to.
ALTER TABLE time_entry ADD rate_override numeric(18, 6) CHECK (rate_override >= 0);

-- A part of a fixed price (N.09), due on a day or when a task is complete.
CREATE TABLE milestone (
    id              uuid PRIMARY KEY,
    project_id      uuid NOT NULL REFERENCES project,
    name            text NOT NULL CHECK (name <> ''),
    amount          numeric(18, 3) NOT NULL CHECK (amount > 0),
    due_on          date,
    task_id         uuid,
    invoice_line_id uuid UNIQUE REFERENCES invoice_line, -- billed once
    version         integer NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT due_by_one CHECK (num_nonnulls(due_on, task_id) = 1),
    FOREIGN KEY (task_id, project_id) REFERENCES task (id, project_id)
);
CREATE INDEX milestone_by_project ON milestone (project_id, id);
CREATE INDEX milestone_by_task ON milestone (task_id) WHERE task_id IS NOT NULL;

-- Money spent for a client (N.10).
CREATE TABLE expense (
    id              uuid PRIMARY KEY,
    project_id      uuid NOT NULL REFERENCES project,
    person_id       uuid NOT NULL REFERENCES person, -- who spent it
    spent_on        date NOT NULL,
    description     text NOT NULL CHECK (description <> ''),
    amount          numeric(18, 3) NOT NULL CHECK (amount > 0), -- what it cost, in the project's currency
    markup_percent  numeric(6, 3) NOT NULL DEFAULT 0 CHECK (markup_percent BETWEEN 0 AND 999),
    tax_percent     numeric(6, 3) CHECK (tax_percent BETWEEN 0 AND 100), -- NULL: the work statement's
    billable        boolean NOT NULL DEFAULT true,
    receipt_file_id uuid REFERENCES attachment,
    invoice_line_id uuid UNIQUE REFERENCES invoice_line,
    version         integer NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT not_billable_is_never_invoiced CHECK (billable OR invoice_line_id IS NULL)
);
CREATE INDEX expense_by_project ON expense (project_id, id);
CREATE INDEX expense_unbilled ON expense (project_id, spent_on) WHERE invoice_line_id IS NULL AND billable;

-- The fee of a period and the hours that went with it; it lives and dies with
-- its line.
CREATE TABLE retainer_use (
    invoice_line_id uuid PRIMARY KEY REFERENCES invoice_line ON DELETE CASCADE,
    project_id      uuid NOT NULL REFERENCES project,
    period_end      date NOT NULL,
    carried         integer NOT NULL CHECK (carried >= 0),  -- minutes left from before
    included        integer NOT NULL CHECK (included > 0),
    used            integer NOT NULL CHECK (used BETWEEN 0 AND carried + included),
    UNIQUE (project_id, period_end)
);

-- A warning that was given (N.07): each once.
CREATE TABLE budget_warning (
    project_id uuid NOT NULL REFERENCES project,
    measure    text NOT NULL CHECK (measure IN ('hours', 'money')),
    percent    smallint NOT NULL CHECK (percent IN (50, 80, 100)),
    budget     numeric(18, 3) NOT NULL, -- a new budget warns anew
    given_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, measure, percent, budget)
);

-- A person's week (N.01). No row: it is open.
CREATE TABLE timesheet (
    person_id    uuid NOT NULL REFERENCES person,
    week         date NOT NULL CHECK (extract(isodow FROM week) = 1), -- its Monday
    state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'submitted', 'approved', 'rejected')),
    submitted_at timestamptz,
    decided_by   uuid REFERENCES person,
    decided_at   timestamptz,
    note         text NOT NULL DEFAULT '',
    version      integer NOT NULL DEFAULT 1,
    PRIMARY KEY (person_id, week),
    CONSTRAINT decided_by_somebody CHECK ((state IN ('approved', 'rejected')) = (decided_by IS NOT NULL) AND (decided_by IS NULL) = (decided_at IS NULL))
);
CREATE INDEX timesheet_submitted ON timesheet (week, person_id) WHERE state = 'submitted';

-- What is on a completed invoice stays as it is.
-- +goose StatementBegin
CREATE FUNCTION refuse_billed_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
    WHERE l.id = OLD.invoice_line_id AND i.state = 'complete';
    IF FOUND THEN
        RAISE EXCEPTION '% % is on a completed invoice', TG_TABLE_NAME, OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'item_invoiced';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER invoiced_stays BEFORE UPDATE OR DELETE ON milestone
    FOR EACH ROW WHEN (OLD.invoice_line_id IS NOT NULL) EXECUTE FUNCTION refuse_billed_change();
CREATE TRIGGER invoiced_stays BEFORE UPDATE OR DELETE ON expense
    FOR EACH ROW WHEN (OLD.invoice_line_id IS NOT NULL) EXECUTE FUNCTION refuse_billed_change();
