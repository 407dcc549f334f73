-- name: InsertTaxCode :exec
INSERT INTO tax_code (id, code, name) VALUES (@id, @code, @name);

-- name: UpdateTaxCode :exec
UPDATE tax_code SET name = @name, version = version + 1 WHERE id = @id;

-- name: LockTaxCode :one
SELECT id FROM tax_code WHERE id = @id FOR NO KEY UPDATE;

-- name: TaxCode :one
SELECT id, code, name, version, created_at FROM tax_code WHERE id = @id;

-- name: TaxCodes :many
SELECT id, code, name, version, created_at FROM tax_code
WHERE id > @after AND (sqlc.narg('code')::text IS NULL OR code = sqlc.narg('code')) ORDER BY id LIMIT @page;

-- name: TaxRates :many
-- The percents of tax codes, the earliest of each first.
SELECT tax_code_id, from_on, percent FROM tax_rate WHERE tax_code_id = ANY (@ids::uuid[]) ORDER BY tax_code_id, from_on;

-- name: DeleteTaxRates :exec
DELETE FROM tax_rate WHERE tax_code_id = @tax_code_id;

-- name: InsertTaxRates :copyfrom
INSERT INTO tax_rate (tax_code_id, from_on, percent) VALUES (@tax_code_id, @from_on, @percent);
