-- +goose Up
-- How a group wants to work (S1.14).
ALTER TABLE work_group
    ADD told             text NOT NULL DEFAULT 'members' CHECK (told IN ('members', 'managers', 'nobody')), -- of new work
    ADD digest           boolean NOT NULL DEFAULT false,  -- told once a day rather than at once
    ADD escalate_minutes integer CHECK (escalate_minutes > 0), -- of the group's working time until its managers hear of what nobody accepts
    ADD max_accepted     integer CHECK (max_accepted > 0), -- tasks accepted from the group that a member may hold
    ADD default_priority smallint CHECK (default_priority BETWEEN 1 AND 5),
    ADD calendar         jsonb CHECK (jsonb_typeof(calendar) = 'object'), -- the group's hours, and those of members without their own
    ADD time_zone        text NOT NULL DEFAULT 'UTC',      -- of the calendar
    ADD skills           text[] NOT NULL DEFAULT '{}';

-- Working time: {"weekly": {"mon": [["09:00", "17:30"]], …}, "holidays": "GB", "absences": [{"from", "to"}]},
-- in the person's zone. NULL: as the person's group has it, or as is usual.
ALTER TABLE person
    ADD calendar jsonb CHECK (jsonb_typeof(calendar) = 'object'),
    ADD notify   text NOT NULL DEFAULT 'at_once' CHECK (notify IN ('at_once', 'daily', 'never')), -- by mail; the inbox has all
    ADD digested_on date; -- the day whose digest was made last, in the person's zone

-- Organisations that work for a client: their contacts may be given its tasks (S2.04).
CREATE TABLE client_partner (
    client_id  uuid NOT NULL REFERENCES client,
    partner_id uuid NOT NULL REFERENCES client,
    PRIMARY KEY (client_id, partner_id),
    CONSTRAINT not_its_own_partner CHECK (client_id <> partner_id)
);
CREATE INDEX client_partner_back ON client_partner (partner_id);

ALTER TABLE task
    ADD accepted_from uuid REFERENCES work_group, -- the group that the assignee accepted it from
    ADD hand_over     jsonb CHECK (jsonb_typeof(hand_over) = 'object'), -- of the last delegation: reason, done, next, by, at (S1.25)
    ADD escalated_at  timestamptz, -- its group's managers heard that nobody accepts it
    ADD status_at     timestamptz NOT NULL DEFAULT now(), -- when the status was set last
    ADD CONSTRAINT only_a_person_accepts CHECK (accepted_from IS NULL OR assignee_person_id IS NOT NULL),
    ADD CONSTRAINT delegated_says_why CHECK (hand_over IS NULL OR hand_over ?& '{reason,done,next,by,at}');
CREATE INDEX task_accepted ON task (assignee_person_id, accepted_from) WHERE accepted_from IS NOT NULL AND status IN ('planned', 'open');

-- Lists are of what is open, by priority: for a desk, a queue, an owner, the firm.
DROP INDEX task_by_assignee, task_by_group, task_by_owner;
CREATE INDEX task_by_assignee ON task (assignee_person_id, status, priority, id);
CREATE INDEX task_by_group ON task (assignee_group_id, status, priority, id) WHERE assignee_group_id IS NOT NULL;
CREATE INDEX task_by_owner ON task (owner_id, status, id);
CREATE INDEX task_open ON task (status, priority, id) WHERE status IN ('planned', 'open');

-- What a person is told. The inbox has all of it; mail is made of it.
CREATE TABLE notification (
    id          uuid PRIMARY KEY, -- UUIDv7: in the order of time
    person_id   uuid NOT NULL REFERENCES person,
    kind        text NOT NULL CHECK (kind ~ '^[a-z_]+$'),
    entity_kind text NOT NULL DEFAULT '',
    entity_id   uuid,
    actor_id    uuid REFERENCES person, -- NULL: steward itself
    subject     text NOT NULL CHECK (subject <> ''), -- one line, as read in the inbox
    body        text NOT NULL DEFAULT '',
    digest      boolean NOT NULL DEFAULT false, -- the group wants it told once a day
    about_on    date,                           -- the day that a reminder is about
    created_at  timestamptz NOT NULL DEFAULT now(),
    read_at     timestamptz,
    mail_id     uuid,                           -- the mail it went out with
    UNIQUE (person_id, kind, about_on)          -- reminded once of a day
);
CREATE INDEX notification_inbox ON notification (person_id, id DESC);
CREATE INDEX notification_unread ON notification (person_id, id DESC) WHERE read_at IS NULL;
CREATE INDEX notification_unmailed ON notification (created_at) WHERE mail_id IS NULL AND read_at IS NULL;

-- Mail to go out. The row is written with what it tells of; sending it is
-- claimed, so that it goes once. 'unknown': the server was given all of it and
-- did not answer; only a person can find out.
CREATE TABLE mail (
    id         uuid PRIMARY KEY,
    key        text NOT NULL UNIQUE,  -- what makes it the same mail: "digest/{person}/2026-11-22"
    message_id text NOT NULL UNIQUE,  -- derived from the key: a server that gets it twice can tell
    to_address text NOT NULL CHECK (to_address LIKE '%_@_%'),
    to_name    text NOT NULL DEFAULT '',
    subject    text NOT NULL CHECK (subject <> ''),
    body       text NOT NULL,
    state      text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'sent', 'failed', 'unknown')),
    attempts   integer NOT NULL DEFAULT 0, -- since it was written, or sent again by an operator
    next_at    timestamptz NOT NULL DEFAULT now(), -- not tried before
    claimed_at timestamptz, -- which attempt: its outcome is written for this one alone
    sent_at    timestamptz,
    error      text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sent_has_time CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CONSTRAINT sending_is_claimed CHECK (state <> 'sending' OR claimed_at IS NOT NULL)
);
CREATE INDEX mail_due ON mail (next_at) WHERE state = 'pending';
CREATE INDEX mail_open ON mail (state, id) WHERE state <> 'sent';
ALTER TABLE notification ADD CONSTRAINT notification_mail_fkey FOREIGN KEY (mail_id) REFERENCES mail;

-- A file attached to a task (S1.20).
CREATE TABLE attachment (
    file_id    uuid PRIMARY KEY REFERENCES file,
    task_id    uuid NOT NULL REFERENCES task,
    author_id  uuid NOT NULL REFERENCES person,
    visibility text NOT NULL DEFAULT 'internal' CHECK (visibility IN ('internal', 'client')),
    created_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz,   -- the bytes are deleted; that it was there stays known
    removed_by uuid REFERENCES person,
    CONSTRAINT removed_by_somebody CHECK ((removed_at IS NULL) = (removed_by IS NULL))
);
CREATE INDEX attachment_by_task ON attachment (task_id, file_id);

-- An address that shows a plan to whoever has it, until it is revoked (S1.46).
CREATE TABLE plan_feed (
    id          uuid PRIMARY KEY,
    person_id   uuid NOT NULL REFERENCES person, -- who made it; it shows what they may see
    name        text NOT NULL CHECK (name <> ''),
    group_id    uuid REFERENCES work_group ON DELETE CASCADE,
    user_id     uuid REFERENCES person,
    secret_hash bytea NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    created_at  timestamptz NOT NULL DEFAULT now(),
    revoked_at  timestamptz,
    CONSTRAINT feed_of_one CHECK (num_nonnulls(group_id, user_id) = 1)
);
CREATE INDEX plan_feed_by_person ON plan_feed (person_id);
