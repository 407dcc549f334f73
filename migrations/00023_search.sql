-- +goose Up
-- Requests are found by their words, as tasks are (N.23).
ALTER TABLE request ADD search tsvector NOT NULL GENERATED ALWAYS AS (setweight(search_words(title), 'A') || setweight(search_words(description), 'C')) STORED;
CREATE INDEX request_search ON request USING gin (search);
