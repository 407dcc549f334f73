-- name: TouchClient :exec
UPDATE client SET version = version + 1 WHERE id = @id;

-- name: ClearPartners :exec
DELETE FROM client_partner WHERE client_id = @client_id;

-- name: InsertPartners :execrows
INSERT INTO client_partner (client_id, partner_id)
SELECT @client_id, c.id FROM client c WHERE c.id = ANY (@partner_ids::uuid[]);

-- name: Partners :many
SELECT partner_id FROM client_partner WHERE client_id = @client_id ORDER BY partner_id;

-- name: Contacts :many
-- The active people of a client, and those of the organisations that work for it.
SELECT p.id, p.name, p.email, p.roles, c.id AS client_id, c.name AS client_name, c.id <> @client_id AS partner
FROM person p JOIN client c ON c.id = p.client_id
WHERE p.active AND p.kind = 'client' AND p.id > @after
    AND (p.client_id = @client_id OR p.client_id IN (SELECT cp.partner_id FROM client_partner cp WHERE cp.client_id = @client_id))
ORDER BY p.id LIMIT @page;

-- name: NotContacts :many
-- Of some people those who are no active contact of a client, nor of a partner
-- of it.
SELECT i.id::uuid FROM unnest(@people::uuid[]) AS i(id)
WHERE NOT EXISTS (SELECT FROM person p WHERE p.id = i.id AND p.active AND p.kind = 'client'
    AND (p.client_id = @client_id::uuid OR EXISTS (SELECT FROM client_partner cp WHERE cp.client_id = @client_id::uuid AND cp.partner_id = p.client_id)));

-- name: ContactOf :one
-- Whether a person is an active contact of a client, or of a partner of it.
SELECT coalesce(bool_or(p.client_id = @client_id::uuid), false)::boolean AS own, coalesce(bool_or(cp.partner_id IS NOT NULL), false)::boolean AS of_partner
FROM person p LEFT JOIN client_partner cp ON cp.client_id = @client_id::uuid AND cp.partner_id = p.client_id
WHERE p.id = @person_id AND p.active AND p.kind = 'client';
