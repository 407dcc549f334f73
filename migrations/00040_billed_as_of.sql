-- +goose Up
-- The day that a milestone was billed as of (N.09): the hours that it includes
-- (N.08) are worked from that day on, whatever becomes of its task. It is that of
-- the line it is on.
ALTER TABLE milestone ADD billed_as_of date;

-- An item by hand without a percent of its own is taxed afresh when its draft is
-- collected again (N.11).
ALTER TABLE invoice_line ADD tax_follows boolean NOT NULL DEFAULT false;
