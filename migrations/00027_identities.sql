-- +goose Up
-- Who signs in as whom with the firm's identity provider (N.24). The subject is
-- theirs for good, where an address may become another's: it names them from
-- the second time on. One for each person and provider, so that a second account
-- there with somebody's address does not become theirs.
CREATE TABLE identity (
    id         uuid PRIMARY KEY,
    person_id  uuid NOT NULL REFERENCES person,
    issuer     text NOT NULL CHECK (issuer <> ''),
    subject    text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
    email      text NOT NULL, -- as the provider had it last
    created_at timestamptz NOT NULL,
    used_at    timestamptz NOT NULL,
    UNIQUE (issuer, subject),
    UNIQUE (person_id, issuer)
);
