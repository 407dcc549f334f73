-- +goose Up
-- What was worked on a task is summed up, and what is left looked up, from the
-- index alone: also where a task has gathered thousands of entries.
CREATE INDEX time_entry_worked ON time_entry (task_id, id) INCLUDE (minutes);
CREATE INDEX time_entry_remaining ON time_entry (task_id, id) INCLUDE (remaining_minutes) WHERE remaining_minutes IS NOT NULL;
DROP INDEX time_entry_by_task;
