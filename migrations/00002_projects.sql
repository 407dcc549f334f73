-- +goose Up
CREATE TABLE project (
    id                 uuid PRIMARY KEY,
    external_key       text UNIQUE,
    client_id          uuid NOT NULL REFERENCES client,
    code               text NOT NULL UNIQUE CHECK (code ~ '^[A-Z][A-Z0-9]{0,9}$'), -- "ACME" of "ACME-12"
    name               text NOT NULL CHECK (name <> ''),
    status             text NOT NULL DEFAULT 'draft'
        CHECK (status IN ('draft', 'awaiting_clearance', 'active', 'on_hold', 'complete', 'cancelled')), -- S1.06
    account_manager_id uuid NOT NULL REFERENCES person, -- S1.07
    currency           text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    starts_on          date,
    ends_on            date,
    last_number        integer NOT NULL DEFAULT 0, -- of its tasks
    version            integer NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ends_after_start CHECK (ends_on >= starts_on),
    UNIQUE (id, client_id)
);
CREATE INDEX project_by_client ON project (client_id);
CREATE INDEX project_by_manager ON project (account_manager_id);
CREATE INDEX project_by_name ON project (lower(name), id);

-- What was agreed with the client about a project (S1.11).
CREATE TABLE work_statement (
    project_id           uuid PRIMARY KEY REFERENCES project,
    billing_kind         text NOT NULL DEFAULT 'time_and_materials'
        CHECK (billing_kind IN ('time_and_materials', 'fixed_price', 'both')),
    billing_period       text NOT NULL DEFAULT 'monthly'
        CHECK (billing_period IN ('weekly', 'biweekly', 'semimonthly', 'monthly', 'quarterly', 'on_completion', 'none')),
    anchor_day           smallint NOT NULL DEFAULT 31 CHECK (anchor_day BETWEEN 1 AND 31),
    payment_terms_days   integer CHECK (payment_terms_days BETWEEN 0 AND 365), -- NULL: the client's
    terms_from_month_end boolean NOT NULL DEFAULT false, -- end of month + N
    tax_percent          numeric(6, 3) CHECK (tax_percent BETWEEN 0 AND 100), -- NULL: the client's
    line_grouping        text NOT NULL DEFAULT 'task_person' CHECK (line_grouping IN ('task_person', 'task', 'person', 'entry')),
    increment_minutes    smallint NOT NULL DEFAULT 0 CHECK (increment_minutes BETWEEN 0 AND 480), -- 0: exact minutes
    purchase_order       text NOT NULL DEFAULT '',
    budget_minutes       integer CHECK (budget_minutes > 0),
    budget_amount        numeric(18, 3) CHECK (budget_amount > 0),
    description          text NOT NULL DEFAULT '',
    version              integer NOT NULL DEFAULT 1
);

-- Hourly rates, each for [from, to). Whose it is, from the most particular:
-- a person on a project (S1.12), a project (its work statement), a person (S1.13).
CREATE TABLE rate (
    id         uuid PRIMARY KEY,
    person_id  uuid REFERENCES person,
    project_id uuid REFERENCES project,
    hourly     numeric(18, 6) NOT NULL CHECK (hourly >= 0),
    currency   text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    valid      daterange NOT NULL CHECK (NOT isempty(valid) AND lower_inc(valid)),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT rate_of_something CHECK (num_nonnulls(person_id, project_id) > 0),
    CONSTRAINT rate_once_a_day EXCLUDE USING gist (
        (coalesce(person_id, '00000000-0000-0000-0000-000000000000'::uuid)) WITH =,
        (coalesce(project_id, '00000000-0000-0000-0000-000000000000'::uuid)) WITH =,
        currency WITH =, valid WITH &&)
);
CREATE INDEX rate_by_project ON rate (project_id);
CREATE INDEX rate_by_person ON rate (person_id);
