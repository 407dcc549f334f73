package migrations

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// base is the last migration that no release ran without: those up to it made
// the schema of the first, and nothing ran on a part of it.
const base = "00019_open.sql"

// reasons are the statements that are not additive by themselves, and why the
// release before does well with them all the same: by file, and by the words
// that they begin with.
var reasons = map[string]map[string]string{
	"00020_reconcile.sql":             {"CREATE TRIGGER went_out": "it refuses no mail: only one that a restored database had sent before is kept for a person to decide on"},
	"00024_webhooks.sql":              {"CREATE TRIGGER feed_webhooks": "it refuses nothing: it notes down for webhooks what was written"},
	"00026_totals_of_time.sql":        {"DROP INDEX time_entry_by_task": "time_entry_worked has the same columns first, and serves whatever it served"},
	"00028_retainers.sql":             {"CREATE TRIGGER notes_its_end": "it refuses nothing: it notes when a project ended, for a release that does not"},
	"00031_letters.sql":               {"ALTER TABLE reminder_letter": "a letter is by e-mail unless the new release says otherwise, and what was asked of that is asked still"},
	"00051_write_offs.sql":            {"ALTER TABLE payment_application": "it accepts more than before: what the release before writes comes of a payment or a credit note, and of no write-off"},
	"00032_credit_without_reason.sql": {"ALTER TABLE credit_note DROP CONSTRAINT credit_note_reason_check": "it accepts more than before: the release before reads an empty reason as any other"},
	"00056_credit_of_write_offs.sql":  {"CREATE TRIGGER within_invoice": "it refuses what is wrong: to credit what a release that knows of write-offs has written off"},
	"00054_xrechnung.sql":             {"ALTER TABLE client DROP CONSTRAINT client_einvoice_check": "it accepts more than before: to the release before XRechnung is the plain standard"},
}

// A taking is a way to take something from the release before: what it reads
// may be gone, or what it writes be refused.
var takings = []struct{ what, pattern string }{
	{"drops", `\bDROP\s+(?:TABLE|VIEW|COLUMN|FUNCTION|TRIGGER|TYPE|POLICY|SCHEMA|CONSTRAINT|INDEX)\b`},
	{"drops a column", `^ALTER TABLE\b.*\bDROP\s+(?:IF EXISTS\s+)?(?:COLUMN\s+)?(?:IF EXISTS\s+)?[a-z_]+\b`},
	{"renames", `\bRENAME\b`},
	{"changes a type", `\bALTER\s+(?:COLUMN\s+)?[a-z_]+\s+(?:SET DATA\s+)?TYPE\b`},
	{"wants what may be missing", `\bSET NOT NULL\b`},
	{"lets what was always there be missing", `\bDROP NOT NULL\b`},
	{"takes a default away", `\bDROP DEFAULT\b`},
	{"takes a right away", `^REVOKE\b`},
	{"removes rows", `^(?:DELETE|TRUNCATE)\b`},
}

var (
	forbids   = regexp.MustCompile(`(?is)\bADD\s+(?:CONSTRAINT|CHECK|UNIQUE|EXCLUDE|FOREIGN KEY|PRIMARY KEY)\b`)
	required  = regexp.MustCompile(`(?is)\bADD\s+(?:COLUMN\s+)?(?:IF NOT EXISTS\s+)?[a-z_]+\s[^,]*\bNOT NULL\b`)
	filled    = regexp.MustCompile(`(?is)\b(?:DEFAULT|GENERATED)\b`)
	altered   = regexp.MustCompile(`(?is)^ALTER TABLE\s+(?:ONLY\s+)?([a-z_]+)`)
	created   = regexp.MustCompile(`(?is)\bCREATE TABLE\s+(?:IF NOT EXISTS\s+)?([a-z_]+)`)
	unique    = regexp.MustCompile(`(?is)^CREATE UNIQUE INDEX\s.*?\bON\s+([a-z_]+)`)
	triggered = regexp.MustCompile(`(?is)^CREATE\s+(?:CONSTRAINT\s+)?TRIGGER\s.*?\bON\s+([a-z_]+)`)
	comment   = regexp.MustCompile(`--[^\n]*`)
)

// While an upgrade goes on, the release before runs on the schema of the next:
// no migration may take anything from it, unless it is said why that does no
// harm.
func TestEveryMigrationOnlyAdds(t *testing.T) { // N.31
	names, err := fs.Glob(files, "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatal("there are no migrations", err)
	}
	if !slices.Contains(names, base) {
		t.Fatalf("there is no %s", base)
	}
	for _, name := range names {
		if name <= base {
			continue
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		excused := map[string]bool{}
		for _, f := range findings(string(text)) {
			reason := reasonFor(name, f.statement)
			if reason == "" {
				t.Errorf("%s %s: %.120s: the release before would not do well with it; or say in reasons why it does", name, f.what, f.statement)
			}
			excused[reason] = true
		}
		for words, reason := range reasons[name] {
			if !excused[reason] {
				t.Errorf("%s: there is nothing to excuse for %q", name, words)
			}
		}
	}
}

func reasonFor(name, statement string) string {
	for words, reason := range reasons[name] {
		if strings.HasPrefix(statement, words) {
			return reason
		}
	}
	return ""
}

// finding is a statement that takes something.
type finding struct{ what, statement string }

// findings are those of a migration. What it does to tables that it makes
// itself the release before does not know of.
func findings(text string) (found []finding) {
	up, _, _ := strings.Cut(text, "-- +goose Down")
	var own []string
	for _, m := range created.FindAllStringSubmatch(up, -1) {
		own = append(own, m[1])
	}
	for _, s := range statements(up) {
		if what := taking(s, own); what != "" {
			found = append(found, finding{what, s})
		}
	}
	return found
}

func taking(s string, own []string) string {
	mine := func(r *regexp.Regexp) bool {
		m := r.FindStringSubmatch(s)
		return m != nil && slices.Contains(own, m[1])
	}
	if mine(altered) {
		return ""
	}
	for _, t := range takings {
		if regexp.MustCompile(`(?is)` + t.pattern).MatchString(s) {
			return t.what
		}
	}
	switch {
	case altered.MatchString(s) && forbids.MatchString(s):
		return "refuses what was accepted"
	case altered.MatchString(s) && lacking(s):
		return "wants a column that the release before does not write"
	case unique.MatchString(s) && !mine(unique), triggered.MatchString(s) && !mine(triggered):
		return "may refuse what was accepted"
	}
	return ""
}

// lacking tells whether a statement adds a column that has to be there and does
// not fill itself.
func lacking(s string) bool {
	for part := range strings.SplitSeq(s, "\n") {
		if required.MatchString(part) && !filled.MatchString(part) {
			return true
		}
	}
	return false
}

// statements are those of a text, without comments, each in one line's words
// but for the ends of lines; bodies of functions stay whole.
func statements(text string) (all []string) {
	text = comment.ReplaceAllString(text, "")
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		if strings.HasPrefix(text[i:], "$$") {
			quoted = !quoted
		}
		if text[i] == ';' && !quoted {
			all = append(all, strings.TrimSpace(b.String()))
			b.Reset()
			continue
		}
		b.WriteByte(text[i])
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

func TestWhatTakesIsFound(t *testing.T) {
	for text, want := range map[string]string{
		"ALTER TABLE task DROP title":                                               "drops a column",
		"ALTER TABLE task DROP COLUMN title":                                        "drops",
		"ALTER TABLE task RENAME title TO name":                                     "renames",
		"ALTER TABLE task ADD size int NOT NULL":                                    "wants a column that the release before does not write",
		"ALTER TABLE task ADD size int NOT NULL DEFAULT 0, ADD form text":           "",
		"ALTER TABLE task ADD CONSTRAINT small CHECK (size < 5)":                    "refuses what was accepted",
		"ALTER TABLE task ALTER size TYPE bigint":                                   "changes a type",
		"ALTER TABLE task ALTER COLUMN size SET NOT NULL":                           "wants what may be missing",
		"CREATE UNIQUE INDEX one ON task (title)":                                   "may refuse what was accepted",
		"CREATE INDEX one ON task (title)":                                          "",
		"CREATE TABLE fresh (a int); ALTER TABLE fresh DROP a":                      "",
		"CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ SELECT 1; $$":          "",
		"DROP VIEW open_thing":                                                      "drops",
		"-- DROP TABLE task\nCREATE TABLE fresh (a int NOT NULL)":                   "",
		"CREATE TRIGGER no BEFORE INSERT ON task FOR EACH ROW EXECUTE FUNCTION f()": "may refuse what was accepted",
	} {
		got := ""
		if found := findings(text + ";"); len(found) > 0 {
			got = found[0].what
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
