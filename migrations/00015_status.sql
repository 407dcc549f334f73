-- +goose Up
-- When clients are sent how their projects stand (S1.69), by the firm's clock,
-- and how long their account managers have before that.
ALTER TABLE provider
    ADD status_weekday    smallint NOT NULL DEFAULT 5 CHECK (status_weekday BETWEEN 1 AND 7), -- 1 is Monday
    ADD status_hour       smallint NOT NULL DEFAULT 14 CHECK (status_hour BETWEEN 0 AND 23),
    ADD status_hold_hours smallint NOT NULL DEFAULT 24 CHECK (status_hold_hours BETWEEN 0 AND 168),
    ADD status_from       timestamptz NOT NULL DEFAULT now(); -- no week that ended before is reported by the clock

-- One making of the reports of a week, over all clients.
CREATE TABLE status_run (
    id          uuid PRIMARY KEY,
    week        text NOT NULL CHECK (week ~ '^[0-9]{4}-W[0-9]{2}$'), -- ISO 8601
    week_ending date NOT NULL,
    state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done')),
    created_by  uuid REFERENCES person, -- NULL: the clock
    created_at  timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT status_run_done_has_time CHECK ((state = 'done') = (finished_at IS NOT NULL))
);
CREATE UNIQUE INDEX status_run_by_clock ON status_run (week) WHERE created_by IS NULL;

-- What a client is told of its projects in a week: one report for each week.
CREATE TABLE status_report (
    id          uuid PRIMARY KEY,
    client_id   uuid NOT NULL REFERENCES client,
    week        text NOT NULL CHECK (week ~ '^[0-9]{4}-W[0-9]{2}$'),
    week_ending date NOT NULL,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'held', 'sent')),
    send_at     timestamptz NOT NULL, -- when it goes by itself while it is waiting
    content     jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object'), -- as it was when the report was made
    comment     text NOT NULL DEFAULT '', -- of the account manager
    comment_by  uuid REFERENCES person,
    pdf_file_id uuid REFERENCES file,
    sent_at     timestamptz,
    created_at  timestamptz NOT NULL,
    version     integer NOT NULL DEFAULT 1,
    CONSTRAINT status_report_once_a_week UNIQUE (client_id, week),
    CONSTRAINT status_report_sent_is_kept CHECK ((state = 'sent') = (sent_at IS NOT NULL) AND (state = 'sent') = (pdf_file_id IS NOT NULL)),
    CONSTRAINT status_report_comment_is_somebodys CHECK ((comment <> '') = (comment_by IS NOT NULL))
);
CREATE INDEX status_report_by_client ON status_report (client_id, id DESC);
CREATE INDEX status_report_due ON status_report (send_at) WHERE state = 'waiting';

-- What was reported stays as it was; what was sent stays altogether.
CREATE TRIGGER sent_stays BEFORE UPDATE OR DELETE ON status_report
    FOR EACH ROW WHEN (OLD.state = 'sent') EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER content_stays BEFORE UPDATE ON status_report
    FOR EACH ROW WHEN ((OLD.client_id, OLD.week, OLD.week_ending, OLD.content) IS DISTINCT FROM (NEW.client_id, NEW.week, NEW.week_ending, NEW.content))
    EXECUTE FUNCTION refuse_rewriting();

-- Whatever kinds of processes there are; which, the worker knows.
ALTER TABLE outbox
    DROP CONSTRAINT outbox_entity_kind_check,
    ADD CONSTRAINT outbox_entity_kind_check CHECK (entity_kind ~ '^[a-z]+(-[a-z]+)*$');
