-- +goose Up
-- Who answers for a client (S1.02), and the hours in which what it was promised
-- is counted, by its clocks. A project may have another account manager.
ALTER TABLE client
    ADD account_manager_id uuid REFERENCES person,
    ADD calendar           jsonb CHECK (jsonb_typeof(calendar) = 'object'); -- NULL: as is usual

-- How soon a request is answered and settled, in minutes of working time (N.20).
CREATE TABLE service_target (
    client_id          uuid REFERENCES client, -- NULL: of clients without a row of their own
    priority           smallint NOT NULL CHECK (priority BETWEEN 1 AND 5),
    response_minutes   integer NOT NULL CHECK (response_minutes > 0),
    resolution_minutes integer NOT NULL CHECK (resolution_minutes >= response_minutes)
);
CREATE UNIQUE INDEX service_target_once ON service_target (coalesce(client_id, '00000000-0000-0000-0000-000000000000'::uuid), priority);
INSERT INTO service_target (priority, response_minutes, resolution_minutes)
VALUES (1, 60, 450), (2, 120, 900), (3, 240, 2250), (4, 450, 4500), (5, 900, 9000);

CREATE SEQUENCE request_number AS integer; -- a refused creation leaves a gap

-- What a client asks for (S1.49), and what the staff asks each other about it (S1.68).
CREATE TABLE request (
    id                 uuid PRIMARY KEY,
    number             integer NOT NULL UNIQUE CHECK (number > 0), -- the 12 of "REQ-12"
    client_id          uuid NOT NULL REFERENCES client,
    project_id         uuid,
    task_id            uuid,
    about_id           uuid REFERENCES request, -- an ask: the request that it is about; the client knows nothing of it
    kind               text NOT NULL CHECK (kind IN ('issue', 'feature', 'question')),
    title              text NOT NULL CHECK (title <> ''),
    description        text NOT NULL DEFAULT '',
    priority           smallint NOT NULL DEFAULT 3 CHECK (priority BETWEEN 1 AND 5), -- 1 comes first
    status             text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'completed', 'cancelled')), -- S1.61
    created_by         uuid NOT NULL REFERENCES person,
    account_manager_id uuid NOT NULL REFERENCES person, -- who answers for it
    assignee_person_id uuid REFERENCES person,          -- who works on it now; at first the account manager
    assignee_group_id  uuid REFERENCES work_group,
    delegated          boolean NOT NULL DEFAULT false,
    assigned_at        timestamptz NOT NULL DEFAULT now(),
    accepted_from      uuid REFERENCES work_group,
    hand_over          jsonb CHECK (jsonb_typeof(hand_over) = 'object'),
    escalated_at       timestamptz, -- its group's managers heard that nobody accepts it
    status_at          timestamptz NOT NULL DEFAULT now(),
    closed_at          timestamptz,
    answer             jsonb CHECK (jsonb_typeof(answer) = 'object'), -- text, by, at, and the figures of the project (S1.63)
    responded_at       timestamptz, -- the client had the first word of the staff
    waiting_for_client boolean NOT NULL DEFAULT false,
    pauses             jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(pauses) = 'array'), -- when the targets did not run: [{"from", "to"}]
    response_minutes   integer CHECK (response_minutes > 0), -- the targets as they were promised; NULL: none
    resolution_minutes integer CHECK (resolution_minutes > 0),
    response_warned    smallint NOT NULL DEFAULT 0 CHECK (response_warned IN (0, 50, 75, 90, 100)), -- per cent of the target that people heard of
    resolution_warned  smallint NOT NULL DEFAULT 0 CHECK (resolution_warned IN (0, 50, 75, 90, 100)),
    version            integer NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT request_one_assignee CHECK (num_nonnulls(assignee_person_id, assignee_group_id) = 1),
    CONSTRAINT request_closed_has_time CHECK ((status <> 'open') = (closed_at IS NOT NULL)),
    CONSTRAINT request_waits_while_open CHECK (NOT waiting_for_client OR status = 'open'),
    CONSTRAINT request_task_has_project CHECK (task_id IS NULL OR project_id IS NOT NULL),
    CONSTRAINT request_only_a_person_accepts CHECK (accepted_from IS NULL OR assignee_person_id IS NOT NULL),
    CONSTRAINT request_delegated_says_why CHECK (hand_over IS NULL OR hand_over ?& '{reason,done,next,by,at}'),
    CONSTRAINT request_answer_says_who CHECK (answer IS NULL OR answer ?& '{text,by,at}'),
    CONSTRAINT request_not_about_itself CHECK (about_id <> id),
    CONSTRAINT request_project_of_client FOREIGN KEY (project_id, client_id) REFERENCES project (id, client_id),
    CONSTRAINT request_task_of_project FOREIGN KEY (task_id, project_id) REFERENCES task (id, project_id)
) WITH (fillfactor = 80);
CREATE INDEX request_by_client ON request (client_id, priority, id);
CREATE INDEX request_by_author ON request (created_by, priority, id);
CREATE INDEX request_by_project ON request (project_id, priority, id) WHERE project_id IS NOT NULL;
CREATE INDEX request_by_task ON request (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX request_by_manager ON request (account_manager_id, status, priority, id);
CREATE INDEX request_by_assignee ON request (assignee_person_id, status, priority, id) WHERE assignee_person_id IS NOT NULL;
CREATE INDEX request_by_group ON request (assignee_group_id, status, priority, id) WHERE assignee_group_id IS NOT NULL;
CREATE INDEX request_open ON request (priority, id) WHERE status = 'open';
CREATE INDEX request_asks ON request (about_id) WHERE about_id IS NOT NULL;

-- What a customer project manager makes of a request: at most one of each kind
-- (S2.12–S2.14).
CREATE TABLE project_item (
    id          uuid PRIMARY KEY,
    project_id  uuid NOT NULL REFERENCES project,
    request_id  uuid NOT NULL REFERENCES request,
    kind        text NOT NULL CHECK (kind IN ('change_request', 'project_issue')),
    title       text NOT NULL CHECK (title <> ''),
    description text NOT NULL DEFAULT '',
    priority    smallint NOT NULL CHECK (priority BETWEEN 1 AND 5),
    status      text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done', 'dropped')),
    created_by  uuid NOT NULL REFERENCES person,
    created_at  timestamptz NOT NULL DEFAULT now(),
    version     integer NOT NULL DEFAULT 1,
    CONSTRAINT project_item_once UNIQUE (request_id, kind)
);
CREATE INDEX project_item_by_project ON project_item (project_id, id);

ALTER TABLE task ADD request_id uuid REFERENCES request; -- the request that it was made from (S1.57)
CREATE INDEX task_by_request ON task (request_id) WHERE request_id IS NOT NULL;

ALTER TABLE note
    ALTER task_id DROP NOT NULL,
    ADD request_id uuid REFERENCES request,
    ADD CONSTRAINT note_on_one CHECK (num_nonnulls(task_id, request_id) = 1);
CREATE INDEX note_by_request ON note (request_id, id) WHERE request_id IS NOT NULL;

ALTER TABLE attachment
    ALTER task_id DROP NOT NULL,
    ADD request_id uuid REFERENCES request,
    ADD CONSTRAINT attachment_on_one CHECK (num_nonnulls(task_id, request_id) = 1);
CREATE INDEX attachment_by_request ON attachment (request_id, file_id) WHERE request_id IS NOT NULL;

ALTER TABLE outbox
    DROP CONSTRAINT outbox_entity_kind_check,
    ADD CONSTRAINT outbox_entity_kind_check CHECK (entity_kind IN ('task', 'project', 'invoice', 'billing-run', 'request'));
