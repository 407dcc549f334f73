-- name: ProjectContacts :many
-- Who at the client, or at a partner of it, sees a project: those who were
-- added and may be still.
SELECT p.id, p.name, p.email, p.roles, c.id AS client_id, c.name AS client_name, c.id <> j.client_id AS partner
FROM project_contact pc JOIN project j ON j.id = pc.project_id
    JOIN person p ON p.id = pc.person_id AND p.active AND p.kind = 'client' JOIN client c ON c.id = p.client_id
WHERE pc.project_id = @project_id
    AND (p.client_id = j.client_id OR EXISTS (SELECT FROM client_partner cp WHERE cp.client_id = j.client_id AND cp.partner_id = p.client_id))
ORDER BY lower(p.name), p.id;

-- name: ClearProjectContacts :exec
DELETE FROM project_contact WHERE project_id = @project_id AND person_id <> ALL (@keep::uuid[]);

-- name: InsertProjectContacts :exec
INSERT INTO project_contact (project_id, person_id, added_by)
SELECT @project_id, unnest(@people::uuid[]), @added_by ON CONFLICT DO NOTHING;

-- name: RemoveStrayContacts :many
-- Contacts of a client's projects who are neither its own nor a partner's.
DELETE FROM project_contact pc USING project j, person p
WHERE j.id = pc.project_id AND j.client_id = @client_id AND p.id = pc.person_id AND p.client_id <> j.client_id
    AND NOT EXISTS (SELECT FROM client_partner cp WHERE cp.client_id = j.client_id AND cp.partner_id = p.client_id)
RETURNING pc.project_id, pc.person_id;

-- name: MaySeeProject :one
-- Whether somebody outside may see a project (S2.07, S2.16).
SELECT EXISTS (SELECT FROM portal_projects_of(@person_id::uuid) p WHERE p = @project_id::uuid);
