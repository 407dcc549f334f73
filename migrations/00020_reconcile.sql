-- +goose Up
-- Each comparison of what is open in Postgres with what runs in Temporal. No end:
-- it goes on, or its worker has died and another goes on with it.
CREATE TABLE reconciliation (
    id         uuid PRIMARY KEY,
    mode       text NOT NULL CHECK (mode IN ('nightly', 'asked', 'dry', 'restored')),
    as_of      timestamptz, -- of a database that was restored: the moment it was restored to
    things     integer NOT NULL DEFAULT 0 CHECK (things >= 0),    -- that are open
    processes  integer NOT NULL DEFAULT 0 CHECK (processes >= 0), -- that ran
    began_at   timestamptz NOT NULL,
    ended_at   timestamptz CHECK (ended_at >= began_at),
    CONSTRAINT restored_to_a_moment CHECK ((mode = 'restored') = (as_of IS NOT NULL))
);
CREATE INDEX reconciliation_ended ON reconciliation (ended_at) WHERE ended_at IS NOT NULL;

-- What was found to differ, and mended unless the run was dry: once for each
-- process and kind of drift.
CREATE TABLE reconciliation_finding (
    run_id   uuid NOT NULL REFERENCES reconciliation ON DELETE CASCADE,
    drift    text NOT NULL CHECK (drift IN ('missing', 'behind', 'overdue', 'ahead', 'left', 'gone', 'number', 'sent', 'mail')),
    kind     text NOT NULL CHECK (kind ~ '^[a-z]+(-[a-z]+)*$'),
    process  text NOT NULL, -- its id in Temporal; of a number or a mail, what it is called
    note     text NOT NULL DEFAULT '',
    found_at timestamptz NOT NULL,
    PRIMARY KEY (run_id, drift, process)
);

-- Mails that had gone out when Postgres was restored to a moment before them:
-- Temporal knows the processes that sent them. Their keys begin with the
-- process's id.
CREATE TABLE went_out (
    process text PRIMARY KEY,
    at      timestamptz NOT NULL,
    run_id  uuid NOT NULL REFERENCES reconciliation ON DELETE CASCADE
);

-- +goose StatementBegin
-- Written again, such a mail waits for a person: nobody but an operator sends it.
CREATE FUNCTION hold_what_went_out() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone timestamptz;
BEGIN
    SELECT max(w.at) INTO gone FROM went_out w WHERE w.process = NEW.key OR starts_with(NEW.key, w.process || '/');
    IF gone IS NOT NULL THEN
        NEW.state := 'unknown';
        NEW.error := 'one like it went out at ' || to_char(gone AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC, before the database was restored to an earlier moment';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER went_out BEFORE INSERT ON mail FOR EACH ROW EXECUTE FUNCTION hold_what_went_out();
