package e2e

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"steward/internal/fixture"
)

// Temporal's database is deleted while people work: one command brings every
// process back, and what was due meanwhile happens once.
func TestTheEngineIsLostUnderLoad(t *testing.T) { // N.31 N.32
	t.Parallel()
	own := newOwnServers(t)
	s := systemOn(t, own)
	s.begin()
	f := furnish(t, s).cleared(t)
	const tasks = 300
	f.am.must(t, "POST", "/status-reports/runs", nil)
	report := f.report(t)
	busy := f.task(t, "Busy", object{"user_id": f.ann.id})
	f.escalatesAfter(t, 2)
	waiting := f.task(t, "Waiting", object{"group_id": f.group})
	f.waitsFor(t, "task/"+waiting, "group")
	f.exec(t, `INSERT INTO task (id, project_id, number, title, status, owner_id, assignee_person_id)
		SELECT gen_random_uuid(), $1, 100 + n, 'Task ' || n, 'open', $2, $2 FROM generate_series(1, $3) n`, f.project, f.ann.id, tasks)
	f.run("reconcile")
	ended, failed := make(chan struct{}), make(chan error, 1)
	go func() { failed <- f.handOn(busy, ended) }()
	own.killTemporal()
	lost, err := filepath.Glob(filepath.Join(own.dir, "temporal.*"))
	if err != nil || len(lost) == 0 {
		t.Fatalf("Temporal keeps nothing in %s: %v", own.dir, err)
	}
	for _, file := range lost {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	f.exec(t, `UPDATE status_report SET hold_until = now() - interval '1 hour'`)
	f.exec(t, `UPDATE task SET assigned_at = now() - interval '3 hours', status_at = now() - interval '3 hours', created_at = now() - interval '3 hours' WHERE id = $1`, waiting)
	f.exec(t, `UPDATE project SET active_since = now() - interval '3 hours'`)
	own.startTemporal()
	said := f.run("reconcile")
	if n := counted(said, "missing", "task"); n < tasks { // the one that people act on may have its own
		t.Errorf("reconciling found %d tasks without a process:\n%s", n, said)
	}
	close(ended)
	if err := <-failed; err != nil {
		t.Errorf("meanwhile: %v", err)
	}
	eventually(t, "every open thing has its process", func() error { return drift(f.scrape(t)) })
	f.mailed(t, 1)
	f.hears(t, f.manager, "has accepted ACME-2 Waiting")
	f.run("reconcile")
	f.mailed(t, 1)
	if n := fixture.One[int](t, f.pool, `SELECT count(*) FROM audit_event WHERE entity_id = $1 AND verb = 'escalate'`, waiting); n != 1 {
		t.Errorf("the group's managers, to be told meanwhile, were told %d times", n)
	}
	if got := fixture.One[string](t, f.pool, `SELECT string_agg(verb, ' ' ORDER BY id) FROM audit_event WHERE entity_id = $1 AND verb = 'send'`, report); got != "send" {
		t.Errorf("the report, due meanwhile, has %q", got)
	}
}

// handOn hands a task on until it is over; each action is sent with its key
// until it is answered.
func (f *firm) handOn(task string, over <-chan struct{}) error {
	for i := 0; ; i++ {
		to, key := []string{f.ann.id, f.bob.id}[i%2], path("hand-%d", i)
		for answered := false; !answered; {
			select {
			case <-over:
				return nil
			default:
			}
			r, err := f.am.attempt("POST", path("/tasks/%s/assign", task), object{"to": object{"user_id": to}}, "Idempotency-Key", key)
			if err == nil && r.Status != 200 && r.Status != 202 && r.Status != 503 {
				return fmt.Errorf("%d %s", r.Status, r.Raw)
			}
			answered = err == nil && r.Status == 200
		}
	}
}

// counted is how many of a drift and kind a report tells of.
func counted(report, drift, kind string) int {
	var n int
	for line := range strings.Lines(report) {
		if rest, ok := strings.CutPrefix(line, drift+"\t"+kind+"\t"); ok && n == 0 {
			_, _ = fmt.Sscan(rest, &n)
		}
	}
	return n
}

func (f *firm) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := f.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// Postgres is restored to an earlier moment and Temporal is kept: processes that
// know more are brought in line, and what has gone out does not go again.
func TestPostgresIsRestoredToAnEarlierMoment(t *testing.T) { // N.06 N.31 N.32 N.33
	t.Parallel()
	own := newOwnServers(t)
	s := systemOn(t, own)
	s.begin()
	f := furnish(t, s).cleared(t)
	ended, moved := f.task(t, "Ended since", object{"user_id": f.ann.id}), f.task(t, "Moved since", object{"user_id": f.ann.id})
	invoice := f.draftByHand(t, 1)
	f.am.must(t, "POST", "/status-reports/runs", nil)
	report := f.report(t)
	f.agrees(t)
	dir := filepath.Join(t.TempDir(), "backup")
	f.run("backup", dir)

	f.ann.must(t, "POST", path("/tasks/%s/status", ended), object{"status": "complete"})
	f.ann.must(t, "POST", path("/tasks/%s/assign", moved), object{"to": object{"user_id": f.bob.id}})
	made := f.task(t, "Made since", object{"user_id": f.ann.id})
	f.am.must(t, "POST", path("/invoices/%s/complete", invoice), object{"send": "email"})
	f.mailed(t, 1)
	f.sendWithoutEnding(t, report)
	f.mailed(t, 2)
	number := f.am.must(t, "GET", "/invoices/"+invoice, nil)["number"].(string)
	f.api.kill()
	f.worker.kill()

	f.restoreInto(t, own, dir)
	f.endsAs(t, report, "review")
	out := f.reconcileRestored(t)
	for _, line := range []string{
		"missing\ttask\ttask/" + ended, "ahead\ttask\ttask/" + moved, "gone\ttask\ttask/" + made, "ahead\tinvoice\tinvoice/" + invoice,
		"number\tinvoice\t" + number, "sent\tmail\tinvoice/" + invoice, "sent\tmail\tstatus/" + f.client,
	} {
		if !strings.Contains(out, line) {
			t.Errorf("the report does not tell of %q:\n%s", line, out)
		}
	}
	f.url = f.startAPI()
	f.agrees(t)

	f.ann.must(t, "POST", path("/tasks/%s/status", ended), object{"status": "complete"})
	if who := f.ann.must(t, "POST", path("/tasks/%s/assign", moved), object{"to": object{"user_id": f.bob.id}})["assignee"].(object)["id"]; who != f.bob.id {
		t.Errorf("the task is with %v", who)
	}
	again := f.am.must(t, "POST", path("/invoices/%s/complete", invoice), object{"send": "email"})
	if again["number"] == number {
		t.Errorf("%s was given twice", number)
	}
	f.am.must(t, "POST", path("/status-reports/%s/release", report), object{})
	f.mailed(t, 2)
	if n := fixture.One[int](t, f.pool, `SELECT count(*) FROM mail WHERE (key LIKE 'invoice/%' OR key LIKE 'status/%') AND state <> 'unknown'`); n != 0 {
		t.Errorf("%d mails that have gone out go again by themselves", n)
	}
	f.agrees(t)
}

// sendWithoutEnding has a report's mail written while nobody is there to take
// its process to its end.
func (f *firm) sendWithoutEnding(t *testing.T, report string) {
	t.Helper()
	process := path("status/%s/%s", f.client, f.am.must(t, "GET", "/status-reports/"+report, nil)["week"])
	temporal := f.temporal()
	steps := func(want int) {
		t.Helper()
		eventually(t, path("%d steps of %s are waited for", want, process), func() error {
			d, err := temporal.DescribeWorkflowExecution(t.Context(), process, "")
			if err == nil && len(d.PendingActivities) != want {
				err = fmt.Errorf("%v are", d.PendingActivities)
			}
			return err
		})
	}
	f.worker.kill()
	f.startWorker("STEWARD_QUEUES=actions,runs")
	f.am.must(t, "POST", path("/status-reports/%s/release", report), object{})
	steps(1)
	f.worker.kill()
	f.startWorker("STEWARD_QUEUES=documents")
	steps(0)
}

// report is the status report in review.
func (f *firm) report(t *testing.T) (id string) {
	t.Helper()
	eventually(t, "there is a report", func() error {
		all := f.am.must(t, "GET", "/status-reports", nil)["items"].([]any)
		if len(all) != 1 {
			return fmt.Errorf("there are %d", len(all))
		}
		id = all[0].(object)["id"].(string)
		return nil
	})
	return id
}

// mailed waits for the mails of an invoice and a report.
func (f *firm) mailed(t *testing.T, want int) {
	t.Helper()
	eventually(t, "the mails are written", func() error {
		if n := fixture.One[int](t, f.pool, `SELECT count(*) FROM mail WHERE key LIKE 'invoice/%' OR key LIKE 'status/%'`); n != want {
			return fmt.Errorf("%d are", n)
		}
		return nil
	})
}

// agrees waits until nothing differs.
func (f *firm) agrees(t *testing.T) {
	t.Helper()
	eventually(t, "processes and rows agree", func() error {
		if out := f.run("reconcile", "--dry-run", "--list"); out != "" {
			return fmt.Errorf("they differ:\n%s", out)
		}
		return nil
	})
}

// endsAs sees that a report is as it was.
func (f *firm) endsAs(t *testing.T, report, state string) {
	t.Helper()
	if got := fixture.One[string](t, f.pool, `SELECT state FROM status_report WHERE id = $1`, report); got != state {
		t.Fatalf("the restored report is %s", got)
	}
}

// restoreInto restores a backup beside the database that was used, which from
// then on nobody uses.
func (f *firm) restoreInto(t *testing.T, own *ownServers, dir string) {
	t.Helper()
	f.exec(t, `CREATE DATABASE restored`)
	u, err := url.Parse(own.postgres.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/restored"
	f.env = append(f.env, "DATABASE_URL="+u.String())
	f.run("restore", dir)
	pool, err := pgxpool.New(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	f.pool = pool
}

// reconcileRestored runs the command in the order that operators do: before
// there is a worker. It returns its report.
func (f *firm) reconcileRestored(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "report")
	file, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	f.stdout = file
	p, _ := f.start(regexp.MustCompile(`start the workers now`), nil, "reconcile", "--restored")
	f.stdout = nil
	f.startWorker()
	<-p.done
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("it ended with %d: %s", code, text)
	}
	return string(text)
}
