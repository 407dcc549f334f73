-- +goose Up
CREATE TABLE task (
    id                 uuid PRIMARY KEY,
    external_key       text UNIQUE,
    project_id         uuid NOT NULL REFERENCES project,
    number             integer NOT NULL CHECK (number > 0), -- the 12 of "ACME-12"
    parent_id          uuid,
    title              text NOT NULL CHECK (title <> ''),
    description        text NOT NULL DEFAULT '',
    status             text NOT NULL DEFAULT 'planned' CHECK (status IN ('planned', 'open', 'complete', 'cancelled')), -- S1.33
    priority           smallint NOT NULL DEFAULT 3 CHECK (priority BETWEEN 1 AND 5), -- 1 comes first
    owner_id           uuid NOT NULL REFERENCES person, -- who is accountable
    assignee_person_id uuid REFERENCES person,          -- who works on it now
    assignee_group_id  uuid REFERENCES work_group,
    delegated          boolean NOT NULL DEFAULT false,  -- accountability stayed with the owner (S1.41)
    assigned_at        timestamptz NOT NULL DEFAULT now(),
    estimate_minutes   integer CHECK (estimate_minutes BETWEEN 0 AND 10000000),
    skills             text[] NOT NULL DEFAULT '{}',
    visible_to_client  boolean NOT NULL DEFAULT false,
    version            integer NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL DEFAULT now(),
    closed_at          timestamptz,
    CONSTRAINT one_assignee CHECK (num_nonnulls(assignee_person_id, assignee_group_id) <= 1),
    CONSTRAINT closed_has_time CHECK ((status IN ('complete', 'cancelled')) = (closed_at IS NOT NULL)),
    CONSTRAINT not_its_own_parent CHECK (parent_id <> id),
    UNIQUE (project_id, number),
    UNIQUE (id, project_id),
    CONSTRAINT parent_in_project FOREIGN KEY (parent_id, project_id) REFERENCES task (id, project_id) -- S1.35
) WITH (fillfactor = 80);
CREATE INDEX task_by_parent ON task (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX task_by_assignee ON task (assignee_person_id, priority, id);
CREATE INDEX task_by_group ON task (assignee_group_id, priority, id) WHERE assignee_group_id IS NOT NULL;
CREATE INDEX task_by_owner ON task (owner_id, id);

-- A task starts only when those it depends on are complete (S1.31).
CREATE TABLE task_dependency (
    task_id       uuid NOT NULL REFERENCES task,
    depends_on_id uuid NOT NULL REFERENCES task,
    PRIMARY KEY (task_id, depends_on_id),
    CHECK (task_id <> depends_on_id)
);
CREATE INDEX task_dependency_back ON task_dependency (depends_on_id);

CREATE TABLE note (
    id         uuid PRIMARY KEY,
    task_id    uuid NOT NULL REFERENCES task,
    author_id  uuid NOT NULL REFERENCES person,
    body       text NOT NULL CHECK (body <> ''), -- Markdown
    visibility text NOT NULL DEFAULT 'internal' CHECK (visibility IN ('internal', 'client')),
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    edited_at  timestamptz
);
CREATE INDEX note_by_task ON note (task_id, id);

-- What a note said before it was edited (S1.19).
CREATE TABLE note_version (
    note_id    uuid NOT NULL REFERENCES note,
    version    integer NOT NULL,
    body       text NOT NULL,
    visibility text NOT NULL,
    author_id  uuid NOT NULL REFERENCES person,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (note_id, version)
);
