-- +goose Up
-- What an e-invoice (EN 16931) says of the seller beside what is printed (N.17).
ALTER TABLE provider
    ADD COLUMN street             text NOT NULL DEFAULT '', -- '': the lines of address are used
    ADD COLUMN city               text NOT NULL DEFAULT '',
    ADD COLUMN postal_code        text NOT NULL DEFAULT '',
    ADD COLUMN country_code       text NOT NULL DEFAULT '' CHECK (country_code ~ '^([A-Z0-9]{2})?$'), -- ISO 3166-1
    ADD COLUMN vat_id             text NOT NULL DEFAULT '' CHECK (vat_id ~ '^([A-Z0-9]{2}[A-Z0-9+*]+)?$'), -- with its country's prefix
    ADD COLUMN registration       text NOT NULL DEFAULT '', -- in the register of companies
    ADD COLUMN electronic_address text NOT NULL DEFAULT '' CHECK (electronic_address ~ '^([A-Z0-9]{2,4}:.+)?$'), -- "0192:987654325"
    ADD COLUMN iban               text NOT NULL DEFAULT '' CHECK (iban ~ '^([A-Z]{2}[0-9]{2}[A-Z0-9]+)?$'),
    ADD COLUMN bic                text NOT NULL DEFAULT '' CHECK (bic ~ '^([A-Z0-9]{8}([A-Z0-9]{3})?)?$');

-- The same of the buyer, and how it is taxed (N.11).
ALTER TABLE client
    ADD COLUMN street             text NOT NULL DEFAULT '',
    ADD COLUMN city               text NOT NULL DEFAULT '',
    ADD COLUMN postal_code        text NOT NULL DEFAULT '',
    ADD COLUMN country_code       text NOT NULL DEFAULT '' CHECK (country_code ~ '^([A-Z0-9]{2})?$'),
    ADD COLUMN vat_id             text NOT NULL DEFAULT '' CHECK (vat_id ~ '^([A-Z0-9]{2}[A-Z0-9+*]+)?$'),
    ADD COLUMN registration       text NOT NULL DEFAULT '',
    ADD COLUMN electronic_address text NOT NULL DEFAULT '' CHECK (electronic_address ~ '^([A-Z0-9]{2,4}:.+)?$'),
    ADD COLUMN buyer_reference    text NOT NULL DEFAULT '', -- what the client asks to be quoted
    ADD COLUMN einvoice           text NOT NULL DEFAULT '' CHECK (einvoice IN ('', 'en16931', 'peppol')), -- '': it does not insist on one
    ADD COLUMN tax_category       text NOT NULL DEFAULT 'standard'
        CHECK (tax_category IN ('standard', 'zero', 'exempt', 'reverse_charge', 'out_of_scope')),
    ADD COLUMN tax_note           text NOT NULL DEFAULT '', -- why no tax is charged, as the law wants it said
    ADD CONSTRAINT client_only_standard_is_taxed CHECK (tax_category = 'standard' OR tax_percent = 0);

ALTER TABLE work_statement
    ADD COLUMN tax_category text -- NULL: the client's
        CHECK (tax_category IN ('standard', 'zero', 'exempt', 'reverse_charge', 'out_of_scope')),
    ADD CONSTRAINT statement_only_standard_is_taxed CHECK (coalesce(tax_category, 'standard') = 'standard' OR coalesce(tax_percent, 0) = 0);
