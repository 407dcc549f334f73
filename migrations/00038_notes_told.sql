-- +goose Up
-- Which note something was told of: one that the client may read no more leaves
-- its inbox (S1.58, S2.08).
ALTER TABLE notification ADD note_id uuid REFERENCES note; -- NULL: no note, or told before this was kept
CREATE INDEX notification_of_note ON notification (note_id) WHERE note_id IS NOT NULL;
