-- +goose Up
-- A feed that was made with a token that ends, ends with it (S1.46, N.15).
ALTER TABLE plan_feed ADD expires_at timestamptz; -- NULL: when it is revoked
