package e2e

import (
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"steward/internal/fixture"
	"steward/migrations"
)

// bareCluster is a server as the image of Postgres has it: one superuser,
// postgres, and nothing of steward's.
func bareCluster(t *testing.T) *url.URL {
	t.Helper()
	u, err := url.Parse(cluster(t))
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/postgres"
	statements(t, u, "CREATE ROLE postgres SUPERUSER LOGIN PASSWORD 's3cret'")
	u.User = url.UserPassword("postgres", "s3cret")
	statements(t, u, "DROP DATABASE steward", "ALTER ROLE steward RENAME TO embedded")
	return u
}

func statements(t *testing.T, u *url.URL, all ...string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	for _, s := range all {
		if _, err := c.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// composeSQL is what docker-compose.yml has Postgres run on an empty volume.
func composeSQL(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?s)<<'SQL'\n(.*?)\n *SQL\n`).FindSubmatch(text)
	if m == nil {
		t.Fatal("docker-compose.yml makes no databases")
	}
	psql := strings.NewReplacer(":'steward'", "'of steward'", ":'temporal'", "'of temporal'")
	var all []string
	for line := range strings.Lines(string(m[1])) {
		all = append(all, psql.Replace(strings.TrimSpace(line)))
	}
	return all
}

// What docker compose makes on an empty volume is enough for steward migrate:
// its role is no superuser, and may make no roles (S2.16, N.31).
func TestAnEmptyVolumeOfComposeIsMigrated(t *testing.T) {
	t.Parallel()
	u := bareCluster(t)
	statements(t, u, composeSQL(t)...)
	u.Path, u.User = "/steward", url.UserPassword("steward", "of steward")
	if _, err := migrations.Up(t.Context(), u.String()); err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.New(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if fixture.One[bool](t, pool, `SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user`) {
		t.Error("steward's role may make roles, which migrations then need not do without")
	}
	statements(t, u, "SET ROLE steward_portal", "SELECT id FROM project")
}
