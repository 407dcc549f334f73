-- +goose Up
-- Whether invoices ask for a creditor reference of ISO 11649 (S1.77, S1.79).
ALTER TABLE provider ADD COLUMN creditor_reference boolean NOT NULL DEFAULT false;

-- Payments of the bank's statements are known by import_key, whatever reference
-- the payer repeats; those by hand keep theirs to themselves (S1.79).
DROP INDEX payment_reference;
CREATE UNIQUE INDEX payment_reference ON payment (client_id, reference) WHERE reference <> '' AND reversed_at IS NULL AND import_key IS NULL;
CREATE INDEX payment_imported_reference ON payment (client_id, reference) WHERE reference <> '' AND reversed_at IS NULL AND import_key IS NOT NULL;
