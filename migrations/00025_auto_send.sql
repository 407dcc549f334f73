-- +goose Up
-- What the clock completes is mailed too, where that was agreed (S1.78).
ALTER TABLE work_statement ADD auto_send boolean NOT NULL DEFAULT false;
ALTER TABLE work_statement_version ADD auto_send boolean NOT NULL DEFAULT false;
