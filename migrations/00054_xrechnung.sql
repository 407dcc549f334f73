-- +goose Up
-- A client may insist on XRechnung (N.17).
ALTER TABLE client DROP CONSTRAINT client_einvoice_check,
    ADD CONSTRAINT client_einvoice_check CHECK (einvoice IN ('', 'en16931', 'peppol', 'xrechnung'));
