-- +goose Up
-- Whoever reads behind the wall asks for themselves: what somebody else may see
-- is no business of theirs (S2.16).
REVOKE EXECUTE ON FUNCTION portal_projects_of(uuid) FROM PUBLIC;
