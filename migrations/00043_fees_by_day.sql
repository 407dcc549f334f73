-- +goose Up
-- Fees that take the place of a retainer's first (N.08), each of the periods that
-- begin on its day or later: [{"from": "2027-01-01", "retainer_amount": "550", "retainer_minutes": 600}].
ALTER TABLE work_statement ADD retainer_changes jsonb NOT NULL DEFAULT '[]';
ALTER TABLE work_statement_version ADD retainer_changes jsonb NOT NULL DEFAULT '[]';
