-- +goose Up
-- Who outside the firm's own pages is told what happens (N.16). How a receiver
-- stands is here, so that one that is dead rests and keeps nobody else waiting.
CREATE TABLE webhook (
    id             uuid PRIMARY KEY,
    url            text NOT NULL CHECK (length(url) BETWEEN 8 AND 2000),
    description    text NOT NULL DEFAULT '',
    events         text[] NOT NULL CHECK (events <> '{}'), -- names, 'task.*', or '*'
    client_id      uuid REFERENCES client,                 -- NULL: what happens for all clients
    state          text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled')), -- disabled: it could not be reached for days
    secret         bytea NOT NULL,                         -- sealed
    earlier_secret bytea,                                  -- sealed; signs too, for a while
    earlier_until  timestamptz,
    failures       integer NOT NULL DEFAULT 0,             -- since it was reached last
    failing_since  timestamptz,
    next_at        timestamptz NOT NULL DEFAULT now(),     -- not tried before
    claimed_at     timestamptz,                            -- which worker's turn it is
    created_by     uuid NOT NULL REFERENCES person,
    created_at     timestamptz NOT NULL DEFAULT now(),
    version        integer NOT NULL DEFAULT 1,
    CONSTRAINT earlier_ends CHECK ((earlier_secret IS NULL) = (earlier_until IS NULL)),
    CONSTRAINT failing_says_since CHECK ((failures = 0) = (failing_since IS NULL))
);
CREATE INDEX webhook_due ON webhook (next_at) WHERE state = 'active';

-- What was written to the audit while somebody listened; taken by the worker.
CREATE TABLE webhook_feed (
    audit_id uuid PRIMARY KEY
);

-- One thing that happened, for one webhook. Its id is that of the message,
-- however often it is sent.
CREATE TABLE webhook_delivery (
    id           uuid PRIMARY KEY, -- UUIDv7: in the order in which things happened
    webhook_id   uuid NOT NULL REFERENCES webhook ON DELETE CASCADE,
    audit_id     uuid REFERENCES audit_event, -- NULL: a test
    type         text NOT NULL,
    body         text NOT NULL,
    state        text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts     integer NOT NULL DEFAULT 0, -- since it was made, or sent again by hand
    next_at      timestamptz NOT NULL,       -- not tried before
    status       integer,                    -- of the last answer; NULL: there was none
    answer       text NOT NULL DEFAULT '',   -- how that began
    error        text NOT NULL DEFAULT '',
    attempted_at timestamptz,
    delivered_at timestamptz,
    created_at   timestamptz NOT NULL,
    CONSTRAINT delivered_has_time CHECK ((state = 'delivered') = (delivered_at IS NOT NULL)),
    CONSTRAINT once_for_each UNIQUE (webhook_id, audit_id)
);
CREATE INDEX webhook_delivery_by_webhook ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, id) WHERE state = 'pending';
CREATE INDEX webhook_delivery_over ON webhook_delivery (created_at) WHERE state <> 'pending';

-- +goose StatementBegin
CREATE FUNCTION feed_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM webhook WHERE state = 'active') THEN
        INSERT INTO webhook_feed (audit_id) SELECT id FROM happened;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER feed_webhooks AFTER INSERT ON audit_event REFERENCING NEW TABLE AS happened FOR EACH STATEMENT EXECUTE FUNCTION feed_webhooks();
