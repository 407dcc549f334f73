-- +goose Up
-- What a billing run or the clock drafts and is to complete too: whether it is
-- still to be done, should it have been killed in between, and why it was
-- refused; then the draft is a person's, and is not tried again by itself.
ALTER TABLE billing_period
    ADD completes boolean NOT NULL DEFAULT false, -- the clock has not completed its draft yet, as was agreed
    ADD refused_code text NOT NULL DEFAULT '',    -- why its draft was not completed
    ADD refused_reason text NOT NULL DEFAULT '';
CREATE INDEX billing_period_to_complete ON billing_period (period_end, project_id) WHERE completes;
ALTER TABLE billing_run_item
    ADD refused_code text NOT NULL DEFAULT '',
    ADD refused_reason text NOT NULL DEFAULT '';
