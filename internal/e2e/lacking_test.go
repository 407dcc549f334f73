package e2e

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"steward/internal/embedded/servers"
	"steward/internal/fixture"
	"steward/migrations"
)

// Who forgets to migrate reads so, and not of tables that are not there.
func TestWithoutMigrationsEveryCommandSaysSo(t *testing.T) { // N.32
	t.Parallel()
	empty := servers.Database(t, func(context.Context, string) error { return nil })
	s := &system{t: t, pool: empty, namespace: "default", address: servers.Temporal(t)}
	s.env = s.settings(empty.Config().ConnString())
	for _, command := range []string{"api", "worker", "reconcile", "user add --email ann@firm.example --name Ann", "token create --email ann@firm.example"} {
		_, said, err := s.try(strings.Fields(command)...)
		if err == nil || !strings.Contains(said, "run `steward migrate` first") || strings.Contains(said, "SQLSTATE") {
			t.Errorf("steward %s: %v\n%s", command, err, said)
		}
	}
	s.run("migrate")
	s.run("user", "add", "--email", "ann@firm.example", "--name", "Ann")
}

// A role that may do steward's work, and not look at the table of migrations, is
// no reason to be unready.
func TestWhoMayNotLookAtTheMigrationsIsServed(t *testing.T) { // N.32
	t.Parallel()
	c := fixture.Store(t).Pool.Config()
	c.ConnConfig.RuntimeParams["role"] = "steward_portal"
	pool, err := pgxpool.NewWithConfig(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if at, newest, err := migrations.Reached(t.Context(), pool); err != nil || at != newest || at == 0 {
		t.Errorf("the database is at %d of %d, %v", at, newest, err)
	}
}

// An API with a namespace that Temporal does not have could bring no action
// anywhere: it is not ready.
func TestANamespaceThatIsNotThereIsNamed(t *testing.T) { // N.32
	t.Parallel()
	s := newSystem(t)
	s.env = append(s.env, "TEMPORAL_NAMESPACE=nowhere")
	s.url = s.startAPI()
	r, err := http.Get(s.url + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != 503 || !strings.Contains(string(body), `"temporal":"has no namespace nowhere"`) {
		t.Errorf("it answers %d %s, %v", r.StatusCode, body, err)
	}
}
