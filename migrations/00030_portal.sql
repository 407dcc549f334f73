-- +goose Up
-- The tasks that were given to the contact, while they work for the project's
-- client or for a partner of it: whoever is a partner no longer has taken their
-- people along (S2.04, S2.07, S2.16).
-- +goose StatementBegin
CREATE FUNCTION portal_given() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT t.id FROM task t JOIN project p ON p.id = t.project_id
    WHERE t.assignee_person_id = portal_person()
        AND (p.client_id = portal_client() OR EXISTS (SELECT FROM client_partner x WHERE x.client_id = p.client_id AND x.partner_id = portal_client()))
$$;
-- +goose StatementEnd
ALTER POLICY portal ON task
    USING (id IN (SELECT portal_given()) OR visible_to_client AND project_id IN (SELECT portal_projects()));

-- Feeds of those who have left do not come back with them.
UPDATE plan_feed f SET revoked_at = now() FROM person p WHERE p.id = f.person_id AND NOT p.active AND f.revoked_at IS NULL;
