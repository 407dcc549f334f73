-- +goose Up
-- A client's manager reads the statement of account, which names the firm and
-- the client by the parts of their addresses and their VAT identifiers too
-- (N.13, S1.77).
GRANT SELECT (street, city, postal_code, country_code, vat_id, iban, bic) ON provider TO steward_portal;
GRANT SELECT (street, city, postal_code, country_code, vat_id) ON client TO steward_portal;
