-- +goose Up
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- The firm that runs the software (S1.01). One row: its letterhead and habits.
CREATE TABLE provider (
    id           smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    name         text NOT NULL CHECK (name <> ''),
    address      text NOT NULL DEFAULT '',
    email        text NOT NULL DEFAULT '',
    phone        text NOT NULL DEFAULT '',
    website      text NOT NULL DEFAULT '',
    tax_id       text NOT NULL DEFAULT '',
    bank_details text NOT NULL DEFAULT '',
    footer       text NOT NULL DEFAULT '',
    time_zone    text NOT NULL DEFAULT 'Europe/London',
    number_series text NOT NULL DEFAULT 'INV' CHECK (number_series ~ '^[A-Z0-9]{1,8}$'),
    version      integer NOT NULL DEFAULT 1
);
INSERT INTO provider (name) VALUES ('My Firm');

-- A customer organisation (S1.01).
CREATE TABLE client (
    id                 uuid PRIMARY KEY,
    external_key       text UNIQUE,
    name               text NOT NULL CHECK (name <> ''),
    currency           text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    email              text NOT NULL DEFAULT '',
    billing_address    text NOT NULL DEFAULT '',
    tax_id             text NOT NULL DEFAULT '',
    payment_terms_days integer NOT NULL DEFAULT 30 CHECK (payment_terms_days BETWEEN 0 AND 365),
    tax_percent        numeric(6, 3) NOT NULL DEFAULT 0 CHECK (tax_percent BETWEEN 0 AND 100),
    time_zone          text NOT NULL DEFAULT 'UTC',
    version            integer NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX client_by_name ON client (lower(name), id);

-- Staff and the clients' contacts.
CREATE TABLE person (
    id            uuid PRIMARY KEY,
    external_key  text UNIQUE,
    kind          text NOT NULL CHECK (kind IN ('staff', 'client')),
    client_id     uuid REFERENCES client,
    name          text NOT NULL CHECK (name <> ''),
    email         text NOT NULL CHECK (email LIKE '%_@_%'),
    roles         text[] NOT NULL DEFAULT '{}',
    skills        text[] NOT NULL DEFAULT '{}',
    time_zone     text NOT NULL DEFAULT 'UTC',
    password_hash text NOT NULL DEFAULT '', -- argon2id; empty: cannot sign in with a password
    active        boolean NOT NULL DEFAULT true,
    version       integer NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contact_has_client CHECK ((kind = 'client') = (client_id IS NOT NULL)),
    CONSTRAINT roles_fit_kind CHECK (
        kind = 'staff' AND roles <@ '{admin,account_manager,project_manager,customer_project_manager,group_manager,contributor}'
        OR kind = 'client' AND roles <@ '{client_manager,client_contact}')
);
CREATE UNIQUE INDEX person_by_email ON person (lower(email));
CREATE INDEX person_by_name ON person (lower(name), id);
CREATE INDEX person_by_client ON person (client_id) WHERE client_id IS NOT NULL;

-- A group of contributors (S1.04).
CREATE TABLE work_group (
    id         uuid PRIMARY KEY,
    name       text NOT NULL CHECK (name <> ''),
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX work_group_by_name ON work_group (lower(name));

CREATE TABLE work_group_member (
    group_id   uuid NOT NULL REFERENCES work_group ON DELETE CASCADE,
    person_id  uuid NOT NULL REFERENCES person,
    is_manager boolean NOT NULL DEFAULT false,
    PRIMARY KEY (group_id, person_id)
);
CREATE INDEX work_group_member_by_person ON work_group_member (person_id);

-- Secrets for programs (N.15). The secret has 256 random bits: its SHA-256 is kept.
CREATE TABLE api_token (
    id           uuid PRIMARY KEY,
    person_id    uuid NOT NULL REFERENCES person,
    name         text NOT NULL CHECK (name <> ''),
    secret_hash  bytea NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    scopes       text[] NOT NULL DEFAULT '{}',
    expires_at   timestamptz,
    revoked_at   timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX api_token_by_person ON api_token (person_id);

-- A signed-in browser. The cookie has 256 random bits: its SHA-256 is kept.
CREATE TABLE session (
    secret_hash bytea PRIMARY KEY CHECK (length(secret_hash) = 32),
    person_id   uuid NOT NULL REFERENCES person,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL
);
CREATE INDEX session_by_person ON session (person_id);
