-- name: InsertClient :exec
INSERT INTO client (id, name, currency, email, billing_cc, billing_address, tax_id, payment_terms_days, tax_percent, time_zone,
    street, city, postal_code, country_code, vat_id, registration, electronic_address, buyer_reference, einvoice, tax_category, tax_note, account_manager_id, calendar, gather_invoices, language, tax_code_id)
VALUES (@id, @name, @currency, @email, coalesce(@billing_cc::text[], '{}'), @billing_address, @tax_id, @payment_terms_days, @tax_percent, @time_zone,
    @street, @city, @postal_code, @country_code, @vat_id, @registration, @electronic_address, @buyer_reference, @einvoice, @tax_category, @tax_note, @account_manager_id, @calendar, @gather_invoices, @language, @tax_code_id);

-- name: LockClient :one
SELECT id FROM client WHERE id = @id FOR NO KEY UPDATE;

-- name: UpdateClient :execrows
UPDATE client SET name = @name, currency = @currency, email = @email, billing_cc = @billing_cc, billing_address = @billing_address, tax_id = @tax_id,
    payment_terms_days = @payment_terms_days, tax_percent = @tax_percent, time_zone = @time_zone,
    street = @street, city = @city, postal_code = @postal_code, country_code = @country_code, vat_id = @vat_id, registration = @registration,
    electronic_address = @electronic_address, buyer_reference = @buyer_reference, einvoice = @einvoice, tax_category = @tax_category, tax_note = @tax_note, account_manager_id = @account_manager_id, calendar = @calendar, gather_invoices = @gather_invoices, language = @language, tax_code_id = @tax_code_id, version = version + 1
WHERE id = @id AND version = @version;

-- name: Client :one
SELECT id, external_key, name, currency, email, billing_address, tax_id, payment_terms_days, tax_percent, time_zone, version, created_at,
    account_manager_id, calendar, gather_invoices, street, city, postal_code, country_code, vat_id, registration, electronic_address, buyer_reference, einvoice, tax_category, tax_note, language, tax_code_id, billing_cc
FROM client WHERE id = @id;

-- name: Clients :many
SELECT id, external_key, name, currency, email, billing_address, tax_id, payment_terms_days, tax_percent, time_zone, version, created_at,
    account_manager_id, calendar, gather_invoices, street, city, postal_code, country_code, vat_id, registration, electronic_address, buyer_reference, einvoice, tax_category, tax_note, language, tax_code_id, billing_cc
FROM client
WHERE id > @after
    AND (sqlc.narg('external_key')::text IS NULL OR external_key = sqlc.narg('external_key'))
    AND (sqlc.narg('search')::text IS NULL OR name ILIKE '%' || sqlc.narg('search') || '%')
ORDER BY id LIMIT @page;

-- name: Provider :one
SELECT name, address, email, phone, website, tax_id, bank_details, footer, time_zone, number_series, credit_series,
    street, city, postal_code, country_code, vat_id, registration, electronic_address, iban, bic, creditor_reference, payment_code, version
FROM provider;

-- name: LockProvider :exec
SELECT id FROM provider FOR NO KEY UPDATE;

-- name: TouchProvider :exec
UPDATE provider SET version = version + 1;

-- name: UpdateProvider :execrows
UPDATE provider SET name = @name, address = @address, email = @email, phone = @phone, website = @website, tax_id = @tax_id,
    bank_details = @bank_details, footer = @footer, time_zone = @time_zone, number_series = @number_series, credit_series = @credit_series,
    street = @street, city = @city, postal_code = @postal_code, country_code = @country_code, vat_id = @vat_id, registration = @registration,
    electronic_address = @electronic_address, iban = @iban, bic = @bic, creditor_reference = @creditor_reference, payment_code = @payment_code, version = version + 1
WHERE version = @version;
