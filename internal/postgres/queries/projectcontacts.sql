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
-- Whether somebody outside may see a project (S2.07, S2.16): an active contact
-- of the client, or of a partner of it, who was added to the project; and the
-- client's own manager, added or not (S1.05).
SELECT EXISTS (
    SELECT FROM person p JOIN project j ON j.id = @project_id::uuid
    WHERE p.id = @person_id::uuid AND p.active AND p.kind = 'client' AND (
        p.client_id = j.client_id AND 'client_manager' = ANY (p.roles)
        OR EXISTS (SELECT FROM project_contact pc WHERE pc.project_id = j.id AND pc.person_id = p.id)
            AND (p.client_id = j.client_id OR EXISTS (SELECT FROM client_partner cp WHERE cp.client_id = j.client_id AND cp.partner_id = p.client_id))));

-- name: ProjectsSeen :many
-- The projects that somebody outside may see, as MaySeeProject says.
SELECT j.id FROM person p JOIN project j ON j.client_id = p.client_id AND 'client_manager' = ANY (p.roles)
WHERE p.id = @person_id::uuid AND p.active AND p.kind = 'client'
UNION
SELECT j.id FROM person p JOIN project_contact pc ON pc.person_id = p.id JOIN project j ON j.id = pc.project_id
WHERE p.id = @person_id::uuid AND p.active AND p.kind = 'client'
    AND (p.client_id = j.client_id OR EXISTS (SELECT FROM client_partner cp WHERE cp.client_id = j.client_id AND cp.partner_id = p.client_id))
ORDER BY id;
