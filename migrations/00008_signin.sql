-- +goose Up
-- A session is listed and ended by its id; it ends when nobody uses it.
ALTER TABLE session
    ADD id      uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    ADD seen_at timestamptz NOT NULL DEFAULT now(), -- used last, to the minute
    ADD source  text NOT NULL DEFAULT '',           -- the address it began at
    ADD agent   text NOT NULL DEFAULT '';           -- the browser, as it calls itself

-- The areas of package access, each with :read and :write.
ALTER TABLE api_token
    ADD used_at timestamptz; -- used last, to the hour

-- A code from an authenticator beside the password (RFC 6238).
CREATE TABLE second_factor (
    person_id    uuid PRIMARY KEY REFERENCES person,
    secret       bytea NOT NULL,             -- sealed with the key of the settings
    confirmed_at timestamptz,                -- NULL: made, and not yet asked for at sign-in
    last_step    bigint NOT NULL DEFAULT 0,  -- the half minute of the last code taken: none is taken twice
    created_at   timestamptz NOT NULL
);

-- What to sign in with when the authenticator is lost, each once. 80 random
-- bits: their SHA-256 is kept.
CREATE TABLE recovery_code (
    person_id uuid NOT NULL REFERENCES person,
    code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
    used_at   timestamptz,
    PRIMARY KEY (person_id, code_hash)
);

-- A secret in a mail that sets a password, once. 256 random bits: their
-- SHA-256 is kept.
CREATE TABLE password_reset (
    id          uuid PRIMARY KEY,
    secret_hash bytea NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    person_id   uuid NOT NULL REFERENCES person,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz -- or withdrawn, because the password was set
);
CREATE INDEX password_reset_by_person ON password_reset (person_id) WHERE used_at IS NULL;

-- How often somebody guessed. The key is the SHA-256 of what is counted: an
-- address, an account from an address, a device.
CREATE TABLE guess (
    key     bytea PRIMARY KEY CHECK (length(key) = 32),
    count   integer NOT NULL DEFAULT 0 CHECK (count >= 0),
    open_at timestamptz NOT NULL, -- no guess is taken before
    seen_at timestamptz NOT NULL
);
CREATE INDEX guess_by_age ON guess (seen_at);

-- A mail that holds a secret forgets what it said once it was sent.
ALTER TABLE mail ADD secret boolean NOT NULL DEFAULT false;
