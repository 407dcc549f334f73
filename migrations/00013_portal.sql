-- +goose Up
-- What a client's contacts may see, kept by the database: their queries run as
-- the role steward_portal for the person named in steward.person, and a
-- forgotten WHERE shows nothing (S2.07, S2.16).
-- +goose StatementBegin
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'steward_portal') THEN
        BEGIN
            CREATE ROLE steward_portal NOLOGIN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL; -- another migration was first
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION 'the role steward_portal is missing and % may not make it: have an administrator run CREATE ROLE steward_portal NOLOGIN; GRANT steward_portal TO %', current_user, current_user;
        END;
    END IF;
    IF NOT pg_has_role(current_user, 'steward_portal', 'MEMBER') THEN
        EXECUTE format('GRANT steward_portal TO %I', current_user);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO steward_portal', current_schema());
END $$;

CREATE FUNCTION portal_person() RETURNS uuid LANGUAGE sql STABLE
RETURN nullif(current_setting('steward.person', true), '')::uuid;

-- The contact's client; none for whoever is not an active contact.
CREATE FUNCTION portal_client() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT client_id FROM person WHERE id = portal_person() AND kind = 'client' AND active
$$;

-- Whether the contact sees the whole client (S1.05).
CREATE FUNCTION portal_manager() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT EXISTS (SELECT FROM person WHERE id = portal_person() AND kind = 'client' AND active AND 'client_manager' = ANY (roles))
$$;

-- The client's projects, for its manager.
CREATE FUNCTION portal_managed() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT p.id FROM project p WHERE p.status <> 'draft' AND p.client_id = portal_client() AND portal_manager()
$$;

-- Those, and the projects that the contact was added to.
CREATE FUNCTION portal_projects() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT portal_managed()
    UNION
    SELECT c.project_id FROM project_contact c JOIN project p ON p.id = c.project_id
    WHERE c.person_id = portal_person() AND p.status <> 'draft' AND portal_client() IS NOT NULL
        AND (p.client_id = portal_client() OR EXISTS (SELECT FROM client_partner x WHERE x.client_id = p.client_id AND x.partner_id = portal_client()))
$$;
-- +goose StatementEnd

-- What a contact does on a task that was given to them (S2.08).
ALTER TABLE task
    ADD started_at timestamptz,
    ADD ended_at   timestamptz,
    ADD CONSTRAINT ends_after_it_started CHECK (ended_at IS NULL OR ended_at >= started_at);

-- A policy below reads other tables by the same rules; who is not named in one
-- sees no row, and no column that is not granted.
ALTER TABLE client ENABLE ROW LEVEL SECURITY;
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
ALTER TABLE work_group ENABLE ROW LEVEL SECURITY;
ALTER TABLE project ENABLE ROW LEVEL SECURITY;
ALTER TABLE task ENABLE ROW LEVEL SECURITY;
ALTER TABLE task_dependency ENABLE ROW LEVEL SECURITY;
ALTER TABLE time_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
ALTER TABLE attachment ENABLE ROW LEVEL SECURITY;
ALTER TABLE file ENABLE ROW LEVEL SECURITY;
ALTER TABLE request ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoice ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoice_project ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoice_line ENABLE ROW LEVEL SECURITY;

CREATE POLICY portal ON client FOR SELECT TO steward_portal USING (id = portal_client());
GRANT SELECT (id, name, currency, email, billing_address, time_zone, version, created_at) ON client TO steward_portal;

CREATE POLICY portal ON person FOR SELECT TO steward_portal USING (portal_client() IS NOT NULL AND (kind = 'staff' OR client_id = portal_client()));
GRANT SELECT (id, kind, client_id, name) ON person TO steward_portal; -- whom they deal with, by name

CREATE POLICY portal ON work_group FOR SELECT TO steward_portal USING (portal_client() IS NOT NULL);
GRANT SELECT (id, name) ON work_group TO steward_portal;

CREATE POLICY portal ON project FOR SELECT TO steward_portal USING (id IN (SELECT portal_projects()));
GRANT SELECT (id, client_id, code, name, status, account_manager_id, currency, starts_on, ends_on, version, created_at) ON project TO steward_portal;

CREATE POLICY portal ON task FOR SELECT TO steward_portal
    USING (assignee_person_id = portal_person() AND portal_client() IS NOT NULL OR visible_to_client AND project_id IN (SELECT portal_projects()));
GRANT SELECT (id, project_id, number, parent_id, title, description, status, priority, assignee_person_id, assignee_group_id, assigned_at,
    visible_to_client, version, created_at, closed_at, due_on, started_at, ended_at) ON task TO steward_portal;

CREATE POLICY portal ON task_dependency FOR SELECT TO steward_portal
    USING (EXISTS (SELECT FROM task t WHERE t.id = task_dependency.task_id) AND EXISTS (SELECT FROM task t WHERE t.id = task_dependency.depends_on_id));
GRANT SELECT ON task_dependency TO steward_portal;

-- How far the work is, for the client's manager: minutes, not whose or what for.
CREATE POLICY portal ON time_entry FOR SELECT TO steward_portal USING (project_id IN (SELECT portal_managed()));
GRANT SELECT (id, task_id, project_id, minutes) ON time_entry TO steward_portal;

CREATE POLICY portal ON request FOR SELECT TO steward_portal USING (about_id IS NULL
    AND (created_by = portal_person() AND client_id = portal_client() OR portal_manager() AND client_id = portal_client()));
GRANT SELECT (id, number, client_id, project_id, task_id, about_id, kind, title, description, priority, status, created_by, account_manager_id,
    assignee_person_id, assignee_group_id, assigned_at, status_at, closed_at, answer, responded_at, waiting_for_client, version, created_at) ON request TO steward_portal;

CREATE POLICY portal ON note FOR SELECT TO steward_portal USING (visibility = 'client'
    AND (EXISTS (SELECT FROM task t WHERE t.id = task_id) OR EXISTS (SELECT FROM request r WHERE r.id = request_id)));
GRANT SELECT (id, task_id, request_id, author_id, body, visibility, version, created_at, edited_at) ON note TO steward_portal;

CREATE POLICY portal ON attachment FOR SELECT TO steward_portal USING (visibility = 'client'
    AND (EXISTS (SELECT FROM task t WHERE t.id = task_id) OR EXISTS (SELECT FROM request r WHERE r.id = request_id)));
GRANT SELECT ON attachment TO steward_portal;

CREATE POLICY portal ON invoice FOR SELECT TO steward_portal
    USING (portal_manager() AND client_id = portal_client() AND visible_at IS NOT NULL AND state <> 'draft');
GRANT SELECT (id, client_id, currency, state, through, number, issued_on, due_on, subtotal, tax, total, paid, pdf_file_id, visible_at, created_at, completed_at, version)
    ON invoice TO steward_portal;

CREATE POLICY portal ON invoice_project FOR SELECT TO steward_portal USING (EXISTS (SELECT FROM invoice i WHERE i.id = invoice_project.invoice_id));
GRANT SELECT ON invoice_project TO steward_portal;

CREATE POLICY portal ON invoice_line FOR SELECT TO steward_portal USING (EXISTS (SELECT FROM invoice i WHERE i.id = invoice_line.invoice_id));
GRANT SELECT (id, invoice_id, position, kind, project_id, task_id, description, minutes, quantity, unit_price, amount, tax_percent, first_date, last_date)
    ON invoice_line TO steward_portal;

CREATE POLICY portal ON file FOR SELECT TO steward_portal
    USING (EXISTS (SELECT FROM attachment a WHERE a.file_id = file.id) OR EXISTS (SELECT FROM invoice i WHERE i.pdf_file_id = file.id));
GRANT SELECT ON file TO steward_portal;
