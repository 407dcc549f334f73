-- +goose Up
-- Clearance is waited for by the project's process (S1.06).
ALTER TABLE project
    ADD clearance_asked_by uuid REFERENCES person, -- who asked last: not who gives it
    ADD clearance_asked_at timestamptz,
    ADD clearance_reminders integer NOT NULL DEFAULT 0 CHECK (clearance_reminders >= 0); -- that are over, since it was asked for
UPDATE project p SET clearance_asked_by = a.actor_id, clearance_asked_at = a.at
FROM (SELECT DISTINCT ON (entity_id) entity_id, actor_id, at FROM audit_event
      WHERE entity_kind = 'project' AND verb = 'request-clearance' ORDER BY entity_id, id DESC) a
WHERE a.entity_id = p.id;

-- What was agreed before (S1.11): every earlier version of a work statement,
-- kept by the database, whoever changes it.
ALTER TABLE work_statement
    ADD since      timestamptz NOT NULL DEFAULT now(), -- when this version was made
    ADD changed_by uuid REFERENCES person;             -- NULL: with the project, or by an import
UPDATE work_statement w SET since = p.created_at FROM project p WHERE p.id = w.project_id;
CREATE TABLE work_statement_version (
    project_id           uuid NOT NULL REFERENCES project,
    version              integer NOT NULL,
    since                timestamptz NOT NULL,
    until                timestamptz NOT NULL,
    changed_by           uuid REFERENCES person,
    billing_kind         text NOT NULL,
    billing_period       text NOT NULL,
    anchor_day           smallint NOT NULL,
    payment_terms_days   integer,
    terms_from_month_end boolean NOT NULL,
    tax_percent          numeric(6, 3),
    line_grouping        text NOT NULL,
    increment_minutes    smallint NOT NULL,
    purchase_order       text NOT NULL,
    budget_minutes       integer,
    budget_amount        numeric(18, 3),
    description          text NOT NULL,
    PRIMARY KEY (project_id, version)
);
-- +goose StatementBegin
CREATE FUNCTION keep_work_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.since := clock_timestamp();
    INSERT INTO work_statement_version (project_id, version, since, until, changed_by, billing_kind, billing_period, anchor_day, payment_terms_days,
        terms_from_month_end, tax_percent, line_grouping, increment_minutes, purchase_order, budget_minutes, budget_amount, description)
    VALUES (OLD.project_id, OLD.version, OLD.since, NEW.since, OLD.changed_by, OLD.billing_kind, OLD.billing_period, OLD.anchor_day, OLD.payment_terms_days,
        OLD.terms_from_month_end, OLD.tax_percent, OLD.line_grouping, OLD.increment_minutes, OLD.purchase_order, OLD.budget_minutes, OLD.budget_amount, OLD.description);
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_versions BEFORE UPDATE ON work_statement
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION keep_work_statement();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON work_statement_version FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();

-- Who at the client, or at a partner of it, sees a project (S2.07).
CREATE TABLE project_contact (
    project_id uuid NOT NULL REFERENCES project,
    person_id  uuid NOT NULL REFERENCES person,
    added_by   uuid REFERENCES person,
    added_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, person_id)
);
CREATE INDEX project_contact_by_person ON project_contact (person_id);

-- The day a task should be done by.
ALTER TABLE task ADD due_on date;

-- Projects to make others from (S2.03). People, notes, time and files are not
-- part of it; days are working days after the project's start.
CREATE TABLE template (
    id             uuid PRIMARY KEY,
    name           text NOT NULL CHECK (name <> ''),
    description    text NOT NULL DEFAULT '',
    work_statement jsonb NOT NULL CHECK (jsonb_typeof(work_statement) = 'object'), -- a proposal
    created_by     uuid NOT NULL REFERENCES person,
    created_at     timestamptz NOT NULL DEFAULT now(),
    version        integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX template_by_name ON template (lower(name));

CREATE TABLE template_task (
    template_id       uuid NOT NULL REFERENCES template ON DELETE CASCADE,
    number            integer NOT NULL CHECK (number > 0), -- of the task to be
    parent_number     integer,
    title             text NOT NULL CHECK (title <> ''),
    description       text NOT NULL DEFAULT '',
    priority          smallint NOT NULL CHECK (priority BETWEEN 1 AND 5),
    estimate_minutes  integer CHECK (estimate_minutes BETWEEN 0 AND 10000000),
    skills            text[] NOT NULL DEFAULT '{}',
    visible_to_client boolean NOT NULL,
    due_after_days    integer,                              -- working days after the project's start
    depends_on        integer[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (template_id, number),
    CONSTRAINT template_parent FOREIGN KEY (template_id, parent_number) REFERENCES template_task (template_id, number)
);

-- Search (N.23). Words as they are written: no language, no stems; what stands
-- between signs is a word of its own, so that it is found by its beginning.
-- +goose StatementBegin
CREATE FUNCTION search_words(written text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_tsvector('pg_catalog.simple'::regconfig, translate(left(written, 100000),
    '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~–—“”„‘’…«»·•', repeat(' ', 44)));
-- +goose StatementEnd
ALTER TABLE project ADD search tsvector NOT NULL GENERATED ALWAYS AS (setweight(search_words(code || ' ' || name), 'A')) STORED;
ALTER TABLE task ADD search tsvector NOT NULL GENERATED ALWAYS AS (setweight(search_words(title), 'A') || setweight(search_words(description), 'C')) STORED;
CREATE INDEX project_search ON project USING gin (search);
CREATE INDEX task_search ON task USING gin (search);
CREATE INDEX note_search ON note USING gin (search_words(body)); -- of what is written once
