-- +goose Up
-- Files that go along with a mail. Their bytes are in the file store, and are
-- read when the mail is sent.
CREATE TABLE mail_attachment (
    mail_id      uuid NOT NULL REFERENCES mail ON DELETE CASCADE,
    position     smallint NOT NULL CHECK (position BETWEEN 1 AND 20),
    name         text NOT NULL CHECK (name <> ''),         -- as the reader sees it: "INV-2026-00042.pdf"
    content_type text NOT NULL CHECK (content_type <> ''),
    file_key     text NOT NULL CHECK (file_key <> ''),     -- in the file store
    PRIMARY KEY (mail_id, position)
);
