-- +goose Up
-- From when to when a project was worked on: what waits in a group is not late
-- while its project is on hold (S1.14), and time worked before it was left can
-- still be recorded (S1.21).
ALTER TABLE project
    ADD active_since timestamptz, -- cleared or resumed last; NULL: never, or before this was kept
    ADD left_at      timestamptz; -- put on hold or ended, after work on it; NULL: it is worked on, or never was
UPDATE project p SET active_since = e.since, left_at = CASE WHEN p.status <> 'active' THEN e.until END
FROM (SELECT entity_id, max(at) FILTER (WHERE changes -> 'status' ->> 1 = 'active') AS since, max(at) FILTER (WHERE changes -> 'status' ->> 0 = 'active') AS until
    FROM audit_event WHERE entity_kind = 'project' AND changes ? 'status' GROUP BY entity_id) e
WHERE e.entity_id = p.id;
