-- +goose Up
-- Why something is credited may be said, and need not be (N.04).
ALTER TABLE credit_note DROP CONSTRAINT credit_note_reason_check;
