// Package migrations holds the schema of Postgres as goose SQL files and
// applies them.
//
// Migrations are additive: the release before runs on the schema of the next.
// They name no schema, so that each test can have one of its own.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib" // the database/sql driver that goose speaks through
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"
)

//go:embed *.sql
var files embed.FS

// Up brings the database at url to the newest schema and returns how many
// migrations that took. Several processes may call it at once: one migrates,
// the others wait.
func Up(ctx context.Context, url string) (int, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return 0, fmt.Errorf("open the database: %w", err)
	}
	defer db.Close()
	var schema int64 // of this connection: two schemas of one database do not wait for each other
	if err := db.QueryRowContext(ctx, "SELECT hashtext('steward migrations ' || current_schema())").Scan(&schema); err != nil {
		return 0, fmt.Errorf("reach the database: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(schema), lock.WithLockTimeout(1, 300))
	if err != nil {
		return 0, fmt.Errorf("make the migration lock: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return 0, fmt.Errorf("read the migrations: %w", err)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return len(done), fmt.Errorf("migrate: %w", err)
	}
	return len(done), nil
}

// Reached tells up to which migration a database is brought, 0 before the first,
// and up to which [Up] brings it. One beyond it is a later version's. A role that
// may not look there is taken to have been brought to it.
func Reached(ctx context.Context, pool *pgxpool.Pool) (at, newest int64, err error) {
	known, err := files.ReadDir(".")
	if err != nil {
		return 0, 0, err
	}
	if newest, err = goose.NumericComponent(known[len(known)-1].Name()); err != nil {
		return 0, 0, err
	}
	store, err := database.NewStore(goose.DialectPostgres, goose.DefaultTablename)
	if err != nil {
		return 0, 0, err
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	at, err = store.GetLatestVersion(ctx, db)
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, database.ErrVersionNotFound), errors.As(err, &pg) && pg.Code == "42P01": // no such table
		return 0, newest, nil
	case pg != nil && pg.Code == "42501": // no right to read it
		return newest, newest, nil
	}
	return at, newest, err
}
