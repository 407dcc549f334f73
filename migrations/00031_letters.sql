-- +goose Up
-- Who looks after a client: the account managers of its projects and its own;
-- where none of them is there any more, all of the firm (S1.02, S1.70).
CREATE VIEW client_looked_after AS
    SELECT c.id AS client_id, p.id AS person_id FROM client c JOIN person p ON p.active
        AND (p.id = c.account_manager_id OR p.id IN (SELECT j.account_manager_id FROM project j WHERE j.client_id = c.id))
    UNION ALL
    SELECT c.id, p.id FROM client c JOIN person p ON p.active AND 'account_manager' = ANY (p.roles)
    WHERE NOT EXISTS (SELECT FROM person a WHERE a.active
        AND (a.id = c.account_manager_id OR a.id IN (SELECT j.account_manager_id FROM project j WHERE j.client_id = c.id)));

-- A letter may be printed and posted instead of mailed (S1.71, S1.78).
ALTER TABLE reminder_letter
    ADD by text NOT NULL DEFAULT 'email' CHECK (by IN ('email', 'paper')),
    DROP CONSTRAINT sent_has_mail,
    ADD CONSTRAINT sent_has_day CHECK ((state = 'sent') = (sent_on IS NOT NULL)),
    ADD CONSTRAINT sent_by_email_has_mail CHECK ((mail_id IS NOT NULL) = (state = 'sent' AND by = 'email'));
