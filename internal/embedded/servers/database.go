package servers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// poolSize keeps many parallel tests below the server's connection limit.
const poolSize = 4

// Database makes a schema for this test alone, has migrate fill it, and
// answers a pool of at most four connections whose search_path is that schema,
// then public. The URL given to migrate has the same search_path;
// pool.Config().ConnString() is it, too. The pool is closed and the schema
// dropped when the test ends. The extension btree_gist is in public already.
func Database(t testing.TB, migrate func(ctx context.Context, url string) error) *pgxpool.Pool {
	t.Helper()
	server := PostgresURL(t)
	schema := "test_" + strings.ToLower(rand.Text()[:16])
	t.Cleanup(func() {
		if err := dropSchema(server, schema); err != nil {
			t.Errorf("dropping schema %s: %v", schema, err)
		}
	})
	if err := createSchema(t.Context(), server, schema); err != nil {
		t.Fatalf("creating schema %s: %v", schema, err)
	}
	own, err := withSearchPath(server, schema)
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), own); err != nil {
		t.Fatalf("migrating schema %s: %v", schema, err)
	}
	return open(t, own)
}

func open(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = poolSize
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// extensionLock is one number among advisory locks, for all test processes.
const extensionLock = 7233_5432

// createSchema makes the extension first: `if not exists` alone is a race.
func createSchema(ctx context.Context, server, schema string) error {
	return exec(ctx, server, fmt.Sprintf(`
		begin;
		select pg_advisory_xact_lock(%d);
		create extension if not exists btree_gist schema public;
		commit;
		create schema %s`, extensionLock, schema))
}

// dropSchema drops it again where a statement of a process that was killed was
// still at its tables, and the two waited for each other.
func dropSchema(server, schema string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		err := exec(ctx, server, "drop schema if exists "+schema+" cascade")
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != "40P01" { // deadlock detected
			return err
		}
	}
}

func exec(ctx context.Context, server, sql string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.PgConn().Exec(ctx, "set client_min_messages = warning; "+sql).ReadAll()
	return err
}

func withSearchPath(server, schema string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", fmt.Errorf("%s is not a URL: %w", DatabaseURL, err)
	}
	q := u.Query()
	q.Set("search_path", schema+",public")
	u.RawQuery = q.Encode()
	return u.String(), nil
}
