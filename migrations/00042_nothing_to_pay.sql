-- +goose Up
-- An invoice that comes to nothing, as where all its time was paid for
-- beforehand (N.08), is paid (S1.65). As Go's shownState has it.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION invoice_state(state text, paid numeric, credited numeric, total numeric, sent_at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN state <> 'complete' THEN state WHEN paid + credited >= total THEN 'paid'
        WHEN paid > 0 THEN 'partly_paid' WHEN sent_at IS NOT NULL THEN 'sent' ELSE state END
$$;
-- +goose StatementEnd
