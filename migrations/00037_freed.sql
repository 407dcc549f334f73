-- +goose Up
-- Since when a task waits for no other any more where what it waited for was
-- taken away, not closed: the time that its group has to accept it begins then
-- (S1.14, S1.31).
ALTER TABLE task ADD freed_at timestamptz;
