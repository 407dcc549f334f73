-- +goose Up
-- When clients are told how their projects stand (S1.69), by the firm's clock,
-- and how long account managers have before that. One row.
CREATE TABLE status_policy (
    id         smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    active     boolean NOT NULL DEFAULT true,                                   -- whether the clock makes reports
    weekday    smallint NOT NULL DEFAULT 4 CHECK (weekday BETWEEN 1 AND 7),     -- 1 is Monday
    hour       smallint NOT NULL DEFAULT 14 CHECK (hour BETWEEN 0 AND 23),
    hold_hours smallint NOT NULL DEFAULT 24 CHECK (hold_hours BETWEEN 0 AND 144), -- for review: less than a week, so that each goes before the next is made
    since      timestamptz NOT NULL DEFAULT now(),                              -- what was due before is not made by the clock
    version    integer NOT NULL DEFAULT 1
);
INSERT INTO status_policy DEFAULT VALUES;

-- One making of the reports of a week, over all clients: one by the clock, and
-- as many as people ask for.
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
CREATE INDEX status_run_running ON status_run (id) WHERE state = 'running';

-- What a client is told of its projects in a week: one report for each week.
-- 'review': it goes by itself when the hold is over; 'held': until somebody
-- releases it; 'superseded': it was held until a later one told it all; 'sent':
-- its mails were written.
CREATE TABLE status_report (
    id          uuid PRIMARY KEY,
    client_id   uuid NOT NULL REFERENCES client,
    week        text NOT NULL CHECK (week ~ '^[0-9]{4}-W[0-9]{2}$'),
    week_ending date NOT NULL,
    state       text NOT NULL DEFAULT 'review' CHECK (state IN ('review', 'held', 'superseded', 'sent')),
    reason      text NOT NULL DEFAULT '', -- code: why steward itself held it
    hold_until  timestamptz NOT NULL,     -- when it goes by itself while it is in review
    content     jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object'), -- what it says, as it was when it was made
    comment     text NOT NULL DEFAULT '', -- the account manager's word to the client
    comment_by  uuid REFERENCES person,
    decided_by  uuid REFERENCES person,   -- who held or released it
    mail_ids    uuid[] NOT NULL DEFAULT '{}',
    file_key    text NOT NULL DEFAULT '', -- of its PDF, as it went out
    sent_at     timestamptz,
    created_at  timestamptz NOT NULL,
    version     integer NOT NULL DEFAULT 1,
    CONSTRAINT status_report_once_a_week UNIQUE (client_id, week),
    CONSTRAINT status_report_sent_has_mail CHECK ((state = 'sent') = (sent_at IS NOT NULL) AND (state = 'sent') = (mail_ids <> '{}') AND (state = 'sent') = (file_key <> '')),
    CONSTRAINT status_report_comment_is_somebodys CHECK ((comment <> '') = (comment_by IS NOT NULL)),
    CONSTRAINT status_report_reason_is_of_a_hold CHECK (state = 'held' OR state = 'superseded' OR reason = '')
);
CREATE INDEX status_report_by_client ON status_report (client_id, id DESC);
CREATE INDEX status_report_open ON status_report (id) WHERE state IN ('review', 'held');

-- What was said stays as it was; what was sent stays altogether.
CREATE TRIGGER sent_stays BEFORE UPDATE OR DELETE ON status_report
    FOR EACH ROW WHEN (OLD.state = 'sent') EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER content_stays BEFORE UPDATE ON status_report
    FOR EACH ROW WHEN ((OLD.client_id, OLD.week, OLD.week_ending, OLD.content) IS DISTINCT FROM (NEW.client_id, NEW.week, NEW.week_ending, NEW.content))
    EXECUTE FUNCTION refuse_rewriting();

-- The client's managers read what was sent (S1.05).
ALTER TABLE status_report ENABLE ROW LEVEL SECURITY;
CREATE POLICY portal ON status_report FOR SELECT TO steward_portal USING (portal_manager() AND client_id = portal_client() AND state = 'sent');
GRANT SELECT (id, client_id, week, week_ending, state, content, comment, sent_at, created_at, version) ON status_report TO steward_portal;
