package e2e

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/chaos"
	"steward/internal/fixture"
)

// facts find what was kept, as register and value, in the order in which it was
// applied.
var facts = []struct {
	ordered bool
	sql     string
}{
	{false, `SELECT 'time/' || task_id, description FROM time_entry`},
	{true, `SELECT 'entry/' || entity_id, changes #>> '{remaining_minutes,1}' FROM audit_event WHERE entity_kind = 'time_entry' AND verb <> 'create' AND changes ? 'remaining_minutes' ORDER BY entity_id, version`},
	{false, `SELECT 'notes/' || coalesce(n.task_id, n.request_id), coalesce((SELECT v.body FROM note_version v WHERE v.note_id = n.id AND v.version = 1), n.body) FROM note n`},
	{true, `SELECT 'note/' || note_id, body FROM (SELECT note_id, version, body FROM note_version UNION ALL SELECT id, version, body FROM note) v WHERE version > 1 ORDER BY note_id, version`},
	{false, `SELECT 'files/' || coalesce(a.task_id, a.request_id), f.name FROM attachment a JOIN file f ON f.id = a.file_id`},
	{true, `SELECT 'task/' || entity_id, coalesce(changes #>> '{title,1}', substring(note FROM '[a-z]+-[0-9]+$')) FROM audit_event
		WHERE entity_kind = 'task' AND verb IN ('edit', 'assign', 'status') AND (note ~ '-[0-9]+$' OR changes ? 'title') ORDER BY entity_id, version`},
	{true, `SELECT 'title/' || entity_id, changes #>> '{title,1}' FROM audit_event WHERE entity_kind = 'task' AND verb = 'edit' AND changes ? 'title' ORDER BY entity_id, version`},
	{false, `SELECT 'tasks', title FROM task WHERE title LIKE 'made-%'`},
	{false, `SELECT 'requests', title FROM request`},
	{false, `SELECT 'payments', reference FROM payment`},
	{false, `SELECT 'drafts', coalesce(substr(c.key, 8), 'nobody') FROM invoice i LEFT JOIN command_log c ON c.entity_id = i.id AND c.verb = 'create'`},
	{false, `SELECT 'items/' || invoice_id, description FROM invoice_line WHERE kind = 'charge'`},
	{false, `SELECT 'completed/' || entity_id, 'complete' FROM audit_event WHERE entity_kind = 'invoice' AND verb = 'complete'`},
	{false, `SELECT 'void/' || entity_id, 'void' FROM audit_event WHERE entity_kind = 'invoice' AND verb = 'void'`},
	{false, `SELECT 'accept/' || entity_id, split_part(key, ' ', 2) FROM command_log WHERE verb = 'accept' AND state = 'done'`},
}

// kept is what is there now.
func (l *load) kept(t *testing.T) map[chaos.Register]chaos.Kept {
	t.Helper()
	all := map[chaos.Register]chaos.Kept{}
	for _, f := range facts {
		rows, err := l.pool.Query(t.Context(), f.sql)
		if err != nil {
			t.Fatalf("%s: %v", f.sql, err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Register, Value string }])
		if err != nil {
			t.Fatalf("%s: %v", f.sql, err)
		}
		for _, x := range found {
			k := all[chaos.Register(x.Register)]
			k.Ordered, k.Values = f.ordered, append(k.Values, x.Value)
			all[chaos.Register(x.Register)] = k
		}
	}
	return all
}

// histories are what holds of every row and its history, whatever happened.
var histories = map[string]string{
	"S1.48: a task was accepted by two": `SELECT entity_id FROM audit_event WHERE entity_kind = 'task' AND verb = 'accept' GROUP BY 1 HAVING count(*) > 1`,
	"N.14: an accepted command is not in the history, or the other way round": `SELECT entity_id FROM (SELECT entity_id, 1 AS n FROM command_log WHERE verb = 'accept' AND state = 'done'
		UNION ALL SELECT entity_id, -1 FROM audit_event WHERE verb = 'accept') x GROUP BY 1 HAVING sum(n) <> 0`,
	"N.14: a task's version is not that of its last event": `SELECT t.id FROM task t WHERE t.version <> (SELECT max(version) FROM audit_event e WHERE e.entity_id = t.id)`,
	"N.14: two events of a task have one version":          `SELECT entity_id FROM audit_event WHERE entity_kind = 'task' GROUP BY entity_id, version HAVING count(*) > 1`,
	"N.14: a task's title is not what its history says": `SELECT t.id FROM task t WHERE t.title <> coalesce((SELECT changes #>> '{title,1}' FROM audit_event e
		WHERE e.entity_id = t.id AND verb = 'edit' AND changes ? 'title' ORDER BY version DESC LIMIT 1), t.title)`,
	"N.14: a title was changed from another than it had": `SELECT entity_id FROM (SELECT entity_id, changes #>> '{title,0}' AS was, lag(changes #>> '{title,1}') OVER (PARTITION BY entity_id ORDER BY version) AS before
		FROM audit_event WHERE entity_kind = 'task' AND verb = 'edit' AND changes ? 'title') x WHERE was <> before`,
	"N.14: a task's history is told in another order than it happened": `SELECT id FROM (SELECT id, version, lag(version) OVER (PARTITION BY entity_id ORDER BY id) AS before
		FROM audit_event WHERE entity_kind = 'task') x WHERE version < before`,
	"S1.77: a completed invoice has no PDF": `SELECT id FROM invoice WHERE state = 'complete' AND pdf_file_id IS NULL`,
}

// letters looks for mail that came twice, or that was noted as sent and never came.
func (l *load) letters(t *testing.T) []string {
	t.Helper()
	rows, err := l.pool.Query(t.Context(), `SELECT key, message_id, state FROM mail`)
	if err != nil {
		t.Fatal(err)
	}
	mails, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Key, MessageID, State string }])
	if err != nil {
		t.Fatal(err)
	}
	var wrong []string
	for _, m := range mails {
		n := l.fleet.office.times(m.MessageID)
		if n > 1 || m.State == "sent" && n != 1 {
			wrong = append(wrong, fmt.Sprintf("the mail %s is %s and arrived %d times", m.Key, m.State, n))
		}
	}
	return wrong
}

// contents reads every file back and looks whether it is what was sent.
func (l *load) contents(t *testing.T) []string {
	t.Helper()
	rows, err := l.pool.Query(t.Context(), `SELECT f.id, f.name FROM file f JOIN attachment a ON a.file_id = f.id`)
	if err != nil {
		t.Fatal(err)
	}
	files, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		ID   uuid.UUID
		Name string
	}])
	if err != nil {
		t.Fatal(err)
	}
	var wrong []string
	for _, f := range files {
		if r := l.admin().send(t, "GET", path("/files/%s", f.ID), nil); r.Status != 200 || string(r.Raw) != "contents of "+f.Name {
			wrong = append(wrong, fmt.Sprintf("the file %s is %d %q", f.Name, r.Status, r.Raw))
		}
	}
	return wrong
}

// settle waits until everything that was begun is done.
func (l *load) settle(t *testing.T) {
	t.Helper()
	eventually(t, "nothing is left to be done", func() error {
		// What a dead worker had in hand is decided after two minutes: here at once.
		if _, err := l.pool.Exec(t.Context(), `UPDATE mail SET claimed_at = claimed_at - interval '20 minutes' WHERE state = 'sending' AND claimed_at < now() - interval '5 seconds'`); err != nil {
			return err
		}
		left := fixture.One[string](t, l.pool, `SELECT concat_ws(', ',
			(SELECT count(*) || ' commands such as ' || min(verb || ' ' || entity_kind || ' ' || entity_id) FROM command_log WHERE state = 'pending' HAVING count(*) > 0),
			(SELECT count(*) || ' words to processes' FROM outbox HAVING count(*) > 0),
			(SELECT count(*) || ' invoices without PDF' FROM invoice WHERE state = 'complete' AND pdf_file_id IS NULL HAVING count(*) > 0),
			(SELECT count(*) || ' mails ' || min(state || ' ' || key) FROM mail WHERE state IN ('pending', 'sending') HAVING count(*) > 0))`)
		if left != "" {
			return fmt.Errorf("there are %s", left)
		}
		return nil
	})
}
