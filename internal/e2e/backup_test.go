package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/embedded"
	"steward/internal/embedded/servers"
)

// cluster is a Postgres of its own, as a new machine has it.
func cluster(t *testing.T) string {
	t.Helper()
	dir, remove, err := embedded.TempDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(remove)
	p, err := embedded.StartPostgres(t.Context(), embedded.PostgresOptions{Dir: dir, Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p.URL()
}

// elsewhere is the installation on another machine: another Postgres, another
// folder of files, and a Temporal that knows nothing of it.
func (s *system) elsewhere(t *testing.T) *system {
	t.Helper()
	n := &system{t: t, namespace: "e2e-" + uuid.NewString(), token: s.token}
	makeNamespace(t, servers.Temporal(t), n.namespace)
	n.env = append(append([]string{}, s.env...), "DATABASE_URL="+cluster(t), "TEMPORAL_NAMESPACE="+n.namespace, "STEWARD_DATA="+t.TempDir())
	return n
}

func TestABackupBringsEverythingBackElsewhere(t *testing.T) { // N.31 N.32
	t.Parallel()
	s := newSystem(t)
	s.env = append(s.env, "DATABASE_URL="+cluster(t))
	s.run("migrate")
	s.url = s.startAPI()
	s.startWorker()
	s.run("user", "add", "--email", "admin@firm.example", "--name", "Admin", "--role", "admin,account_manager")
	s.token = strings.TrimSpace(s.run("token", "create", "--email", "admin@firm.example"))
	f := furnish(t, s).cleared(t)
	carl := f.atClient(t, "Carl", "carl@acme.example", "client_manager")
	task := f.task(t, "Analysis", object{"group_id": f.group})
	f.ann.must(t, "POST", path("/tasks/%s/accept", task), object{})
	f.ann.must(t, "POST", path("/tasks/%s/time", task), object{"work_date": "2026-03-02", "minutes": 436, "description": "reading"})
	invoice := f.am.must(t, "POST", "/invoices", object{"client_id": f.client, "project_ids": []string{f.project}, "through": "2026-03-31"})["id"].(string)
	f.am.must(t, "POST", path("/invoices/%s/complete", invoice), object{"send": "none"})
	pdf := path("/invoices/%s.pdf", invoice)
	eventually(t, "the PDF is there", func() error {
		if r := f.am.send(t, "GET", pdf, nil); r.Status != 200 {
			return fmt.Errorf("%d %s", r.Status, r.Raw)
		}
		return nil
	})
	dir := filepath.Join(t.TempDir(), "backup")
	f.run("backup", dir)
	asked := []string{"/clients", "/projects", "/tasks", "/tasks/" + task, "/invoices", "/invoices/" + invoice, pdf, "/users", "/groups", "/audit"}
	before := map[string]string{}
	for _, p := range asked {
		before[p] = string(s.admin().send(t, "GET", p, nil).Raw)
	}
	seen := string(carl.send(t, "GET", "/projects", nil).Raw)
	s.worker.kill()
	if _, said, err := f.try("backup", dir); err == nil || !strings.Contains(said, "not empty") {
		t.Errorf("a backup is written over: %v, %s", err, said)
	}
	if _, said, err := f.try("restore", dir); err == nil || !strings.Contains(said, "tables already") {
		t.Errorf("a database that is not empty is restored into: %v, %s", err, said)
	}

	n := s.elsewhere(t)
	n.run("restore", dir)
	n.url = n.startAPI()
	n.startWorker()
	n.run("reconcile")
	for _, p := range asked {
		if got := string(n.admin().send(t, "GET", p, nil).Raw); got != before[p] {
			t.Errorf("%s: got\n%.2000s\nwant\n%.2000s", p, got, before[p])
		}
	}
	carl.s = n
	if got := string(carl.send(t, "GET", "/projects", nil).Raw); got != seen || !strings.Contains(got, "Acme web") {
		t.Errorf("the client sees %s, saw %s", got, seen)
	}
	ann := f.ann
	ann.s = n
	ann.must(t, "POST", path("/tasks/%s/status", task), object{"status": "complete"}) // its process is there and knows its row
	eventually(t, "every open thing has its process", func() error { return drift(n.scrape(t)) })
}

func TestABackupThatIsNotWholeIsRefused(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "steward.dump"), []byte("PGDMP"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, said, err := s.try("restore", dir); err == nil || !strings.Contains(said, "no manifest.json") {
		t.Errorf("%v, %s", err, said)
	}
	away := filepath.Join(dir, "away")
	s.env = append(s.env, "DATABASE_URL=postgres://steward:s3cret@127.0.0.1:1/steward")
	if _, said, err := s.try("backup", away); err == nil || strings.Contains(said, "s3cret") {
		t.Errorf("%v, %s", err, said)
	}
	if _, err := os.Stat(filepath.Join(away, "manifest.json")); err == nil {
		t.Error("a backup that failed looks whole")
	}
}
