package postgres_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/fixture"
	"steward/internal/postgres"
)

func TestIdsAndJSONAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	store, err := postgres.Open(t.Context(), fixture.Store(t).Pool.Config().ConnString(), 2)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	id, many := uuid.New(), []uuid.UUID{uuid.New(), uuid.New()}
	var got uuid.UUID
	var same, none *uuid.UUID
	var all, empty []uuid.UUID
	var text, missing, null json.RawMessage
	var parsed map[string]int
	err = store.Pool.QueryRow(t.Context(), `SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid[], '{}'::uuid[], $5::jsonb, $6::jsonb, 'null'::jsonb, $5::jsonb`,
		id, &id, (*uuid.UUID)(nil), many, json.RawMessage(`{"a":1}`), json.RawMessage(nil)).Scan(&got, &same, &none, &all, &empty, &text, &missing, &null, &parsed)
	if err != nil {
		t.Fatal(err)
	}
	if got != id || same == nil || *same != id || none != nil || !slices.Equal(all, many) || len(empty) != 0 {
		t.Errorf("ids: %v %v %v %v %v", got, same, none, all, empty)
	}
	if string(text) != `{"a": 1}` || missing != nil || string(null) != "null" || parsed["a"] != 1 {
		t.Errorf("JSON: %s %s %s %v", text, missing, null, parsed)
	}
}

// The contract says so, whatever the zone of the machine, and what a change leaves
// as it is has to read the same before and after it.
func TestInstantsAreInUTCWhereverTheMachineStands(t *testing.T) { // N.14
	t.Parallel()
	store, err := postgres.Open(t.Context(), fixture.Store(t).Pool.Config().ConnString(), 2)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var one time.Time
	var maybe, none *time.Time
	if err := store.Pool.QueryRow(t.Context(), "SELECT now(), now(), NULL::timestamptz").Scan(&one, &maybe, &none); err != nil {
		t.Fatal(err)
	}
	for what, at := range map[string]time.Time{"read": one, "read where there may be none": *maybe, "now": store.Now()} {
		if at.Location() != time.UTC {
			t.Errorf("%s: %s is in %s, want UTC", what, at, at.Location())
		}
	}
	if none != nil {
		t.Errorf("no instant is read as %s", none)
	}
}
