-- +goose Up
-- Who gets copies of the invoices, credit notes and reminders that are mailed to
-- a client (S1.78), and of a mail. A worker of the release before sends them to
-- the main address alone.
ALTER TABLE client ADD billing_cc text[] NOT NULL DEFAULT '{}' CHECK (cardinality(billing_cc) <= 10);
ALTER TABLE mail ADD cc text[] NOT NULL DEFAULT '{}';
ALTER TABLE invoice_sending ADD cc text[] NOT NULL DEFAULT '{}';
ALTER TABLE credit_note_sending ADD cc text[] NOT NULL DEFAULT '{}';
