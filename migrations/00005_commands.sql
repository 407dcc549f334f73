-- +goose Up
-- Every command of a person, once per Idempotency-Key: what was asked and what
-- was answered. The workflow carries only its id.
CREATE TABLE command_log (
    id          uuid PRIMARY KEY,
    actor_id    uuid NOT NULL REFERENCES person,
    key         text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    entity_kind text NOT NULL,
    entity_id   uuid NOT NULL,
    verb        text NOT NULL,
    body        jsonb NOT NULL,
    fingerprint bytea NOT NULL,   -- SHA-256 of path and body: the same key means the same request
    source      text NOT NULL DEFAULT '', -- where it came from, for the audit
    state       text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'refused')),
    answer      jsonb,            -- the thing as it was after, or the refusal
    created_at  timestamptz NOT NULL DEFAULT now(),
    done_at     timestamptz,
    UNIQUE (actor_id, key),
    CONSTRAINT answered CHECK ((state = 'pending') = (answer IS NULL) AND (state = 'pending') = (done_at IS NULL))
) WITH (fillfactor = 60); -- the answer finds room beside the question

-- Who did what, when, from where, before and after (N.14).
CREATE TABLE audit_event (
    id          uuid PRIMARY KEY, -- UUIDv7: in the order of time
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id    uuid REFERENCES person,   -- NULL: steward itself or an operator's command
    entity_kind text NOT NULL,
    entity_id   uuid NOT NULL,
    verb        text NOT NULL,
    version     integer NOT NULL,         -- of the entity, after
    changes     jsonb NOT NULL DEFAULT '{}', -- field: [before, after]
    note        text NOT NULL DEFAULT '',
    source      text NOT NULL DEFAULT ''  -- address and request, or the command
);
CREATE INDEX audit_event_by_entity ON audit_event (entity_id, id);
CREATE INDEX audit_event_by_actor ON audit_event (actor_id, id);

-- Processes that should hear of something; relayed by the worker.
CREATE TABLE outbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity_kind text NOT NULL CHECK (entity_kind IN ('task', 'project', 'invoice', 'billing-run')),
    entity_id   uuid NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- +goose StatementBegin
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON note_version FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
