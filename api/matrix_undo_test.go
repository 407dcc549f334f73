package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// watching lets every table of the schema tell what is written to it, so that
// one can see that a refusal changed nothing, and take back what was changed.
// The number that a task to be has drawn is spent, whatever becomes of it; and that a token was used stays so.
const watching = `
CREATE TABLE written (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tab text, op text, old jsonb, new jsonb);
CREATE FUNCTION note_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE o jsonb; n jsonb;
BEGIN
    IF TG_OP <> 'INSERT' THEN o := to_jsonb(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN n := to_jsonb(NEW); END IF;
    IF TG_TABLE_NAME = 'project' AND o - 'last_number' = n - 'last_number' THEN RETURN NULL; END IF;
    IF TG_TABLE_NAME = 'api_token' AND o - 'used_at' = n - 'used_at' THEN RETURN NULL; END IF;
    INSERT INTO written (tab, op, old, new) VALUES (TG_TABLE_NAME, TG_OP, o, n);
    RETURN NULL;
END $$;
CREATE FUNCTION undo_writes() RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE w record; cols text; told text[] := '{}';
BEGIN
    IF NOT EXISTS (SELECT FROM written) THEN RETURN told; END IF;
    PERFORM set_config('session_replication_role', 'replica', true);
    FOR w IN SELECT * FROM written ORDER BY n DESC LOOP
        told := told || concat_ws(' ', w.op, w.tab, CASE w.tab WHEN 'command_log' THEN w.new ->> 'state' END);
        IF w.op <> 'DELETE' THEN
            EXECUTE format('DELETE FROM %I t WHERE to_jsonb(t) - ARRAY[''last_number'', ''used_at''] = $1 - ARRAY[''last_number'', ''used_at'']', w.tab) USING w.new;
        END IF;
        IF w.op <> 'INSERT' THEN
            SELECT string_agg(quote_ident(column_name), ', ') INTO cols FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name = w.tab AND is_generated = 'NEVER';
            EXECUTE format('INSERT INTO %1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM jsonb_populate_record(NULL::%1$I, $1)', w.tab, cols) USING w.old;
        END IF;
    END LOOP;
    DELETE FROM written;
    PERFORM set_config('session_replication_role', 'origin', true);
    RETURN told;
END $$;
DO $$
DECLARE tab text;
BEGIN
    FOR tab IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT IN ('written', 'goose_db_version') LOOP
        EXECUTE format('CREATE TRIGGER note_write AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION note_write()', tab);
    END LOOP;
END $$`

func (m *matrix) watch(t testing.TB) {
	t.Helper()
	if _, err := m.Pool.Exec(t.Context(), watching, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
}

// undo takes back all that was written since, and tells what it was, the last first.
func (m *matrix) undo(t testing.TB) []string {
	t.Helper()
	var told []string
	if err := m.Pool.QueryRow(t.Context(), `SELECT undo_writes()`).Scan(&told); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(told, "UPDATE attachment") {
		m.refill(t)
	}
	return told
}

// effects are writes that a refusal may not have: that a command came, and how
// it was refused, is kept, and so is how often somebody guessed.
func effects(told []string) []string {
	return slices.DeleteFunc(slices.Clone(told), func(s string) bool {
		return strings.HasSuffix(s, " command_log pending") || strings.HasSuffix(s, " command_log refused") || strings.HasSuffix(s, " guess")
	})
}

// ask sends a request straight to the server.
func (m *matrix) ask(req *http.Request) answer {
	res := httptest.NewRecorder()
	m.server.ServeHTTP(res, req)
	a := answer{status: res.Code, header: res.Header(), text: res.Body.String()}
	_ = json.Unmarshal(res.Body.Bytes(), &a.body)
	return a
}
