-- +goose Up
-- Whether invoices ask for a creditor reference of ISO 11649 (S1.77, S1.79).
ALTER TABLE provider ADD COLUMN creditor_reference boolean NOT NULL DEFAULT false;
