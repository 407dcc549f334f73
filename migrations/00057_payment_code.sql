-- +goose Up
-- Whether invoices print a code to pay by: that of the EPC, or the payment part of
-- a Swiss QR-bill (S1.77).
ALTER TABLE provider ADD COLUMN payment_code boolean NOT NULL DEFAULT true;
