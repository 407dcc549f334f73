package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/fixture"
	"steward/internal/postgres"
)

// What is imported is in one history with what is done before and after it: a
// database that has it an hour earlier than this machine is the one to go by.
func TestAnImportGoesByTheDatabasesClock(t *testing.T) { // N.14, decision 0016
	t.Parallel()
	s := fixture.Store(t)
	if _, err := s.Pool.Exec(t.Context(), `CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT now() - interval '1 hour' $$`); err != nil {
		t.Fatal(err)
	}
	early, err := postgres.Open(t.Context(), strings.Replace(s.Pool.Config().ConnString(), "public", "public,pg_catalog", 1), 2)
	if err != nil {
		t.Fatal(err)
	}
	defer early.Close()
	i, err := postgres.BeginImport(t.Context(), early.Pool)
	if err != nil {
		t.Fatal(err)
	}
	defer i.Rollback()
	if err := i.AddGroups(t.Context(), []postgres.ImportGroup{{ID: uuid.New(), Name: "Backend"}}); err != nil {
		t.Fatal(err)
	}
	if err := i.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := fixture.One[uuid.UUID](t, s.Pool, `SELECT id FROM audit_event`)
	if ago := time.Since(time.Unix(id.Time().UnixTime())); ago < 59*time.Minute {
		t.Errorf("the history says %s ago, and for the database it is an hour", ago)
	}
}
