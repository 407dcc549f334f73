-- +goose Up
-- The day that a milestone was billed as of (N.09): the hours that it includes
-- (N.08) are worked from that day on, whatever becomes of its task. It is that of
-- the line it is on.
ALTER TABLE milestone ADD billed_as_of date;
