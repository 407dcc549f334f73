-- +goose Up
-- All that was agreed before is kept (S1.11): what work statements have learned
-- to say since their versions were. Earlier versions say what holds of it; it
-- could not be said otherwise when they were changed.
ALTER TABLE work_statement_version
    ADD tax_category      text,
    ADD billing_from      date,
    ADD auto_complete     boolean NOT NULL DEFAULT false,
    ADD needs_approval    boolean NOT NULL DEFAULT false,
    ADD over_budget       text NOT NULL DEFAULT 'bill',
    ADD retainer_amount   numeric(18, 3),
    ADD retainer_minutes  integer,
    ADD retainer_rollover boolean NOT NULL DEFAULT false;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keep_work_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.since := clock_timestamp();
    INSERT INTO work_statement_version SELECT (jsonb_populate_record(NULL::work_statement_version, to_jsonb(OLD) || jsonb_build_object('until', NEW.since))).*;
    RETURN NEW;
END $$;

-- Which projects somebody outside may see, said once (S1.05, S2.07, S2.16): a
-- client's manager those of the client; a contact of the client, or of a partner
-- of it, those that they were added to. Nobody a draft.
CREATE FUNCTION portal_projects_of(who uuid) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT p.id FROM person x JOIN project p ON p.client_id = x.client_id AND p.status <> 'draft'
    WHERE x.id = who AND x.kind = 'client' AND x.active AND 'client_manager' = ANY (x.roles)
    UNION
    SELECT p.id FROM person x JOIN project_contact c ON c.person_id = x.id JOIN project p ON p.id = c.project_id AND p.status <> 'draft'
    WHERE x.id = who AND x.kind = 'client' AND x.active
        AND (p.client_id = x.client_id OR EXISTS (SELECT FROM client_partner y WHERE y.client_id = p.client_id AND y.partner_id = x.client_id))
$$;
CREATE OR REPLACE FUNCTION portal_projects() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT portal_projects_of(portal_person())
$$;
-- +goose StatementEnd

-- What a client owes is shown with what credit notes took off, and what became
-- of an invoice.
GRANT SELECT (credited, sent_at, voided_on, void_reason) ON invoice TO steward_portal;
ALTER TABLE credit_line ENABLE ROW LEVEL SECURITY;
CREATE POLICY portal ON credit_line FOR SELECT TO steward_portal USING (EXISTS (SELECT FROM invoice_line l WHERE l.id = credit_line.invoice_line_id));
GRANT SELECT (invoice_line_id, amount) ON credit_line TO steward_portal;

-- A milestone or an expense that was credited whole with release may be billed
-- again; nothing else of it changes.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION refuse_billed_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
    WHERE l.id = OLD.invoice_line_id AND i.state = 'complete';
    IF FOUND AND NOT (TG_OP = 'UPDATE' AND NEW.invoice_line_id IS NULL
        AND to_jsonb(NEW) - 'invoice_line_id' = to_jsonb(OLD) - 'invoice_line_id'
        AND EXISTS (SELECT FROM credit_line c JOIN invoice_line l ON l.id = c.invoice_line_id
            WHERE l.id = OLD.invoice_line_id AND c.treatment = 'release' AND c.amount = l.amount)) THEN
        RAISE EXCEPTION '% % is on a completed invoice', TG_TABLE_NAME, OLD.id USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'item_invoiced';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
