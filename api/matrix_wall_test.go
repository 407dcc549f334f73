package api_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// TestWhatContactsReadComesThroughTheWall shuts the wall in the database and
// asks all there is to read: whatever of a client is still answered was read
// around it, and only a check of ours would stand before somebody else's.
// What comes through it is theirs alone: see
// TestNothingOfAnotherClientIsBehindTheWall in internal/postgres.
func TestWhatContactsReadComesThroughTheWall(t *testing.T) { // S1.05, S1.51, S2.07, S2.16
	t.Parallel()
	m := newMatrix(t, loud{t})
	outside := slices.DeleteFunc(slices.Clone(roles), func(r role) bool { return !r.outside() })
	before := map[string]map[string]string{}
	for _, r := range outside {
		before[r.name] = m.readAll(t, r)
	}
	m.Exec(t, `DO $$ DECLARE p record; BEGIN
		FOR p IN SELECT tablename, policyname FROM pg_policies WHERE schemaname = current_schema() LOOP
			EXECUTE format('ALTER POLICY %I ON %I USING (false)', p.policyname, p.tablename);
		END LOOP; END $$`)
	shown := 0
	for _, r := range outside {
		for path, text := range m.readAll(t, r) {
			for _, what := range m.betrayed(path, text) {
				t.Errorf("%s as %s tells of %s with the wall shut: %.800s", path, r.name, what, text)
			}
			if len(m.betrayed(path, before[r.name][path])) > 0 {
				shown++
			}
		}
	}
	if shown < 30 {
		t.Errorf("only %d answers told of anything with the wall open: too little was asked", shown)
	}
}

// betrayed is what of either client an answer names that the question did not.
func (m *matrix) betrayed(path, text string) []string {
	var all []string
	for _, k := range slices.Sorted(maps.Keys(m.things)) {
		if m.mine[k] != nil || k == aPerson || k == aGroup {
			continue // one's own, and whom one deals with
		}
		for s, id := range m.things[k] {
			if id != uuid.Nil && s != unknown && strings.Contains(text, id.String()) && !strings.Contains(path, id.String()) && !strings.HasPrefix(path, "GET /me ") {
				all = append(all, string(k)+" "+s.String())
			}
		}
	}
	return all
}
