-- +goose Up
-- +goose StatementBegin
-- Whether an invoice is past due, as Go's billing.PastDue has it: it is what day
-- where its client is, is said zone by zone.
CREATE FUNCTION invoice_past_due(state text, balance numeric, due_on date, zone text, zones text[], todays date[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT state = 'complete' AND balance > 0 AND coalesce(todays[array_position(zones, zone)] > due_on, false)
$$;
-- +goose StatementEnd
