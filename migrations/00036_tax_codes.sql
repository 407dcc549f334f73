-- +goose Up
-- Tax by date (N.11): a tax code has a percent from each of its days on; before
-- the first of them that one. What is taxed by a code is taxed at its percent on
-- the day of the supply.
CREATE TABLE tax_code (
    id         uuid PRIMARY KEY,
    code       text NOT NULL UNIQUE CHECK (code ~ '^[A-Z0-9][A-Z0-9._-]{0,19}$'),
    name       text NOT NULL DEFAULT '',
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE tax_rate (
    tax_code_id uuid NOT NULL REFERENCES tax_code,
    from_on     date NOT NULL,
    percent     numeric(6, 3) NOT NULL CHECK (percent BETWEEN 0 AND 100),
    PRIMARY KEY (tax_code_id, from_on)
);

-- A client or a work statement has a percent or a code. Where it has a code, its
-- tax_percent is what that was on the day it was given: the release before, which
-- knows no codes, bills by it while both run.
ALTER TABLE client ADD tax_code_id uuid REFERENCES tax_code
    CONSTRAINT client_only_standard_has_code CHECK (tax_category = 'standard' OR tax_code_id IS NULL);
ALTER TABLE work_statement ADD tax_code_id uuid REFERENCES tax_code
    CONSTRAINT statement_only_standard_has_code CHECK (coalesce(tax_category, 'standard') = 'standard' OR tax_code_id IS NULL);
ALTER TABLE work_statement_version ADD tax_code_id uuid;

-- How a project is taxed: by its work statement, or else as its client is.
CREATE VIEW project_tax AS
    SELECT p.id AS project_id, coalesce(w.tax_category, c.tax_category) AS category,
        CASE WHEN w.tax_category <> 'standard' THEN 0 ELSE coalesce(w.tax_percent, c.tax_percent) END::numeric AS percent,
        CASE WHEN w.tax_category <> 'standard' THEN NULL WHEN w.tax_code_id IS NOT NULL THEN w.tax_code_id
            WHEN w.tax_percent IS NULL THEN c.tax_code_id END AS tax_code_id
    FROM project p JOIN client c ON c.id = p.client_id LEFT JOIN work_statement w ON w.project_id = p.id;
