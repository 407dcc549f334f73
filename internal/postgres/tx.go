package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"steward/internal/planted"
	"steward/internal/postgres/db"
)

// Every way to Postgres and back costs both sides a tenth of a short
// transaction. Here BEGIN goes along with the first statement, and what needs
// no answer goes along with COMMIT.

// transactions begins transactions on a pool.
type transactions struct{ pool *pgxpool.Pool }

// Begin gives a transaction that begins with its first statement.
func (t transactions) Begin(context.Context) (pgx.Tx, error) { return &transaction{pool: t.pool}, nil }

// transaction implements [pgx.Tx].
type transaction struct {
	pool   *pgxpool.Pool
	conn   *pgxpool.Conn // nil: no statement yet
	held   []statement   // for [Last]
	over   bool
	points int // savepoints that were made
}

type statement struct {
	sql  string
	args []any
}

// Last gives the queries of a transaction whose Execs go along with its COMMIT,
// in their order, after all else. They return nil at once, and how many rows
// they changed is not known; their errors are those of the COMMIT.
func (s *Store) Last(tx pgx.Tx) *db.Queries {
	if t, ok := tx.(*transaction); ok {
		return db.New(last{t})
	}
	return s.WithTx(tx)
}

type last struct{ *transaction }

// Exec keeps a statement for the end.
func (l last) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	l.held = append(l.held, statement{sql, args})
	return pgconn.CommandTag{}, nil
}

// send sends statements in one go, after BEGIN if they are the first. The answer
// to the last of them is still to be read.
func (t *transaction) send(ctx context.Context, all ...statement) (pgx.BatchResults, error) {
	if t.over {
		return nil, pgx.ErrTxClosed
	}
	if t.conn == nil {
		c, err := t.pool.Acquire(ctx)
		if err != nil {
			return nil, err
		}
		t.conn, all = c, append([]statement{{sql: "begin"}}, all...)
	}
	var b pgx.Batch
	for _, s := range all {
		b.Queue(s.sql, s.args...)
	}
	results := t.conn.SendBatch(ctx, &b)
	for range len(all) - 1 {
		if _, err := results.Exec(); err != nil {
			_ = results.Close() // the same error
			return nil, err
		}
	}
	return results, nil
}

// begun makes sure that the transaction has begun.
func (t *transaction) begun(ctx context.Context) error {
	if t.conn != nil && !t.over {
		return nil
	}
	results, err := t.send(ctx)
	if err != nil {
		return err
	}
	_, err = results.Exec()
	return errors.Join(err, results.Close())
}

// first tells whether the next statement is the one that begins.
func (t *transaction) first() bool { return t.conn == nil || t.over }

// Exec implements [pgx.Tx].
func (t *transaction) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if !t.first() {
		return t.conn.Exec(ctx, sql, args...)
	}
	results, err := t.send(ctx, statement{sql, args})
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := results.Exec()
	if closed := results.Close(); err == nil {
		err = closed
	}
	return tag, err
}

// Query implements [pgx.Tx].
func (t *transaction) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if !t.first() {
		return t.conn.Query(ctx, sql, args...)
	}
	results, err := t.send(ctx, statement{sql, args})
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	return firstRows{rows, results}, err
}

// firstRows are the rows of the first statement.
type firstRows struct {
	pgx.Rows
	results pgx.BatchResults
}

// Close implements [pgx.Rows]: the connection is free for the next statement.
func (r firstRows) Close() {
	r.Rows.Close()
	_ = r.results.Close() // the error is the rows'
}

// QueryRow implements [pgx.Tx].
func (t *transaction) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if !t.first() {
		return t.conn.QueryRow(ctx, sql, args...)
	}
	results, err := t.send(ctx, statement{sql, args})
	if err != nil {
		return noRow{err}
	}
	return firstRow{results.QueryRow(), results}
}

// firstRow is the row of the first statement.
type firstRow struct {
	row     pgx.Row
	results pgx.BatchResults
}

// Scan implements [pgx.Row].
func (r firstRow) Scan(dest ...any) error {
	err := r.row.Scan(dest...)
	if closed := r.results.Close(); err == nil {
		err = closed
	}
	return err
}

// noRow is the row of a statement that could not be sent.
type noRow struct{ err error }

// Scan implements [pgx.Row].
func (r noRow) Scan(...any) error { return r.err }

// CopyFrom implements [pgx.Tx].
func (t *transaction) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	if err := t.begun(ctx); err != nil {
		return 0, err
	}
	return t.conn.CopyFrom(ctx, table, columns, rows)
}

// SendBatch implements [pgx.Tx].
func (t *transaction) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if err := t.begun(ctx); err != nil {
		return pgx.FailedBatchResults(b, err)
	}
	return t.conn.SendBatch(ctx, b)
}

// Prepare implements [pgx.Tx].
func (t *transaction) Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	if err := t.begun(ctx); err != nil {
		return nil, err
	}
	return t.conn.Conn().Prepare(ctx, name, sql)
}

// LargeObjects implements [pgx.Tx]; there are none.
func (t *transaction) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

// Conn implements [pgx.Tx]; nil before the first statement.
func (t *transaction) Conn() *pgx.Conn {
	if t.first() {
		return nil
	}
	return t.conn.Conn()
}

// Commit implements [pgx.Tx].
func (t *transaction) Commit(ctx context.Context) error {
	if t.over {
		return pgx.ErrTxClosed
	}
	if t.conn == nil && len(t.held) == 0 { // nothing was done
		t.over = true
		return nil
	}
	if planted.Lost() {
		return t.Rollback(ctx)
	}
	results, err := t.send(ctx, append(t.held, statement{sql: "commit"})...)
	var tag pgconn.CommandTag
	if err == nil {
		tag, err = results.Exec()
		if closed := results.Close(); err == nil {
			err = closed
		}
	}
	if err != nil { // a statement before it failed, or nobody knows
		_ = t.Rollback(ctx)
		return err
	}
	t.release()
	if tag.String() == "ROLLBACK" {
		return pgx.ErrTxCommitRollback
	}
	return nil
}

// Rollback implements [pgx.Tx].
func (t *transaction) Rollback(ctx context.Context) error {
	if t.over {
		return pgx.ErrTxClosed
	}
	if t.conn == nil {
		t.over = true
		return nil
	}
	_, err := t.conn.Exec(ctx, "rollback")
	if err != nil { // a connection in the middle of something is of no use to others
		_ = t.conn.Conn().Close(context.WithoutCancel(ctx))
	}
	t.release()
	return err
}

func (t *transaction) release() {
	t.over = true
	t.conn.Release()
}

// Begin implements [pgx.Tx]: it makes a savepoint.
func (t *transaction) Begin(ctx context.Context) (pgx.Tx, error) {
	t.points++
	p := &savepoint{t, fmt.Sprintf("point_%d", t.points), false}
	_, err := t.Exec(ctx, "savepoint "+p.name)
	return p, err
}

// savepoint is a part of a transaction that may be undone alone.
type savepoint struct {
	*transaction
	name string
	over bool
}

// Commit implements [pgx.Tx].
func (p *savepoint) Commit(ctx context.Context) error { return p.end(ctx, "release savepoint ") }

// Rollback implements [pgx.Tx].
func (p *savepoint) Rollback(ctx context.Context) error { return p.end(ctx, "rollback to savepoint ") }

func (p *savepoint) end(ctx context.Context, how string) error {
	if p.over {
		return pgx.ErrTxClosed
	}
	p.over = true
	_, err := p.Exec(ctx, how+p.name)
	return err
}
