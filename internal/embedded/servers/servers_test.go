package servers

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"steward/internal/embedded"
)

func TestMain(m *testing.M) { Main(m) }

// oneTable is a migration; it needs the extension.
func oneTable(ctx context.Context, url string) error {
	return exec(ctx, url, "create table person (id int, during tstzrange, exclude using gist (id with =, during with &&))")
}

func TestDatabasesAreApart(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"one", "two", "three"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := Database(t, oneTable)
			if _, err := pool.Exec(t.Context(), "insert into person (id) values (1)"); err != nil {
				t.Fatal(err)
			}
			var people int
			if err := pool.QueryRow(t.Context(), "select count(*) from person").Scan(&people); err != nil || people != 1 {
				t.Errorf("got %d people, want 1 (%v)", people, err)
			}
		})
	}
}

func TestADatabaseGoesWithItsTest(t *testing.T) {
	var schema string
	t.Run("inner", func(t *testing.T) {
		if err := Database(t, oneTable).QueryRow(t.Context(), "select current_schema()").Scan(&schema); err != nil {
			t.Fatal(err)
		}
	})
	conn, err := pgx.Connect(t.Context(), PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var there bool
	if err := conn.QueryRow(t.Context(), "select exists (select from pg_namespace where nspname = $1)", schema).Scan(&there); err != nil || there {
		t.Errorf("schema %s: there %v, %v", schema, there, err)
	}
}

func TestTemporalIsReady(t *testing.T) {
	c, err := embedded.DialTemporal(t.Context(), Temporal(t), "default")
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

func TestANamedServerIsUsed(t *testing.T) {
	t.Setenv(DatabaseURL, "postgres://elsewhere")
	var s server
	if got := s.get(t, "Postgres", DatabaseURL, startPostgres); got != "postgres://elsewhere" || s.stop != nil {
		t.Errorf("got %s", got)
	}
	if os.Getenv(DatabaseURL) != s.address {
		t.Error("the name was changed")
	}
}
