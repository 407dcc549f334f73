package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// importSource is where the audit says that imported things came from.
const importSource = "steward import"

// Import is one import in progress: one transaction, beside which no other
// import runs. Things are added in the order of the methods below: clients,
// groups, people, projects, rates, tasks, time. Whoever begins one ends it
// with [Import.Commit] or [Import.Rollback].
type Import struct {
	tx    pgx.Tx
	clock *clock
}

// BeginImport waits until no other import is running and begins one.
func BeginImport(ctx context.Context, pool *pgxpool.Pool) (*Import, error) {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin an import: %w", err)
	}
	i := &Import{tx, &clock{}}
	if err := i.clock.set(ctx, tx.Conn()); err != nil {
		i.Rollback()
		return nil, fmt.Errorf("begin an import: %w", err)
	}
	for _, sql := range []string{
		// An import may take minutes and wait for another one; its session may not be hurried.
		"SET LOCAL statement_timeout = 0",
		"SET LOCAL lock_timeout = 0",
		"SET LOCAL idle_in_transaction_session_timeout = 0",
		"SELECT pg_advisory_xact_lock(hashtext('steward import'), hashtext(current_schema()))",
	} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			i.Rollback()
			return nil, fmt.Errorf("begin an import: %w", err)
		}
	}
	return i, nil
}

// Now is the time by the database's clock.
func (i *Import) Now() time.Time { return i.clock.now() }

// NewID makes a UUIDv7 by the database's clock: ids made one after the other sort so.
func (i *Import) NewID() uuid.UUID { return i.clock.id() }

// Analyze refreshes the planner's statistics: lists are read as soon as the
// import is over, and would otherwise be planned for empty tables.
func (i *Import) Analyze(ctx context.Context) error {
	const tables = "client, person, project, rate, task, task_dependency, time_entry, audit_event"
	if _, err := i.tx.Exec(ctx, "ANALYZE "+tables); err != nil {
		return fmt.Errorf("analyze what was imported: %w", err)
	}
	return nil
}

// Commit keeps everything that was added.
func (i *Import) Commit(ctx context.Context) error {
	if err := i.tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit an import: %w", err)
	}
	return nil
}

// Rollback leaves everything as it was before. After [Import.Commit] it does
// nothing. It takes no context: a cancelled import is rolled back too.
func (i *Import) Rollback() {
	// Its error says no more than that the transaction or its connection is
	// gone already, which comes to the same.
	_ = i.tx.Rollback(context.Background())
}

// importCopy adds rows to a table in one COPY.
func importCopy[T any](ctx context.Context, tx pgx.Tx, table string, columns []string, rows []T, cells func(*T) []any) error {
	if len(rows) == 0 {
		return nil
	}
	from := pgx.CopyFromSlice(len(rows), func(n int) ([]any, error) { return cells(&rows[n]), nil })
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{table}, columns, from); err != nil {
		return fmt.Errorf("import into %s: %w", table, err)
	}
	return nil
}

// importAudit notes that things of one kind were imported (N.14).
func importAudit[T any](ctx context.Context, i *Import, kind string, rows []T, id func(*T) uuid.UUID) error {
	columns := []string{"id", "entity_kind", "entity_id", "verb", "version", "source"}
	return importCopy(ctx, i.tx, "audit_event", columns, rows, func(r *T) []any {
		return []any{i.NewID(), kind, id(r), "imported", 1, importSource}
	})
}
