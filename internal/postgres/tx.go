package postgres

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"steward/internal/planted"
	"steward/internal/postgres/db"
)

// Every way to Postgres and back costs both sides a tenth of a short
// transaction. Here BEGIN goes along with the first statement, and so does a
// query that is known to be the next; what needs no answer goes along with the
// statement after it, or with COMMIT.

// transactions begins transactions on a pool.
type transactions struct{ pool *pgxpool.Pool }

// Begin gives a transaction that begins with its first statement.
func (t transactions) Begin(context.Context) (pgx.Tx, error) { return &transaction{pool: t.pool}, nil }

// transaction implements [pgx.Tx].
type transaction struct {
	pool   *pgxpool.Pool
	conn   *pgxpool.Conn    // nil: no statement yet
	next   *statement       // for [Store.Next]
	coming pgx.BatchResults // that of next, once it is sent
	ahead  []statement      // for [Store.Ahead]
	held   []statement      // for [Store.Last]
	over   bool
	points int // savepoints that were made
}

type statement struct {
	sql  string
	args []any
}

// Next gives the queries of a transaction of which the one that is asked goes
// along with the next statement, behind it: it sees what that one has locked. It
// fails with [ErrNext] at once; its rows are had by asking the same again, as the
// statement after that. Where something else comes there, or the one before it
// fails, nothing is lost but work.
func (s *Store) Next(tx pgx.Tx) *db.Queries {
	if t, ok := tx.(*transaction); ok {
		return db.New(next{t})
	}
	return db.New(next{&transaction{}})
}

// ErrNext is how a query of [Store.Next] ends.
var ErrNext = errors.New("sent with the statement before it")

type next struct{ *transaction }

// Query keeps a query to be sent with the next statement.
func (n next) Query(_ context.Context, sql string, args ...any) (pgx.Rows, error) {
	n.free()
	n.next = &statement{sql, args}
	return nil, ErrNext
}

// QueryRow is Query for a single row.
func (n next) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	_, err := n.Query(ctx, sql, args...)
	return noRow{err}
}

// Ahead gives the queries of a transaction whose Execs go along with the next
// statement, in their order, before it: it sees what they have locked and
// written. They return nil at once, and how many rows they changed is not known;
// their errors are those of that statement.
func (s *Store) Ahead(tx pgx.Tx) *db.Queries {
	if t, ok := tx.(*transaction); ok {
		return db.New(ahead{t})
	}
	return s.WithTx(tx)
}

type ahead struct{ *transaction }

// Exec keeps a statement for the next.
func (a ahead) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	a.transaction.ahead = append(a.transaction.ahead, statement{sql, args})
	return pgconn.CommandTag{}, nil
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

// send sends statements in one go, after what was to go ahead of them, and after
// BEGIN if they are the first. The answer to the last of them is still to be read.
func (t *transaction) send(ctx context.Context, all ...statement) (pgx.BatchResults, error) {
	if t.over {
		return nil, pgx.ErrTxClosed
	}
	t.free()
	all, t.ahead = append(t.ahead, all...), nil
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
	if t.next != nil {
		b.Queue(t.next.sql, t.next.args...)
	}
	results := t.conn.SendBatch(ctx, &b)
	for range len(all) - 1 {
		if _, err := results.Exec(); err != nil {
			_ = results.Close() // the same error
			t.next = nil
			return nil, err
		}
	}
	return results, nil
}

// begun makes sure that the transaction has begun, and nothing is to go ahead.
func (t *transaction) begun(ctx context.Context) error {
	t.forget()
	if !t.first() {
		t.free()
		return nil
	}
	results, err := t.send(ctx)
	if err != nil {
		return err
	}
	_, err = results.Exec()
	return t.read(results, err)
}

// first tells whether the next statement is the one that begins, or has others
// ahead of it or behind.
func (t *transaction) first() bool {
	return t.conn == nil || t.over || len(t.ahead) > 0 || t.next != nil && t.coming == nil
}

// read ends the reading of what the first statement was answered. Where a query
// came along, its answer is to be read next; else the connection is free.
func (t *transaction) read(results pgx.BatchResults, err error) error {
	if t.next != nil && err == nil {
		t.coming = results
		return nil
	}
	t.next = nil
	if closed := results.Close(); err == nil {
		err = closed
	}
	return err
}

// free lets go of a query that came along and that nobody asked for.
func (t *transaction) free() {
	if t.coming != nil {
		_ = t.coming.Close() // if it failed, so does what comes after it
		t.next, t.coming = nil, nil
	}
}

// forget lets go of a query that has not been sent.
func (t *transaction) forget() {
	if t.coming == nil {
		t.next = nil
	}
}

// came tells whether a query is the one that came along.
func (t *transaction) came(sql string, args []any) (pgx.BatchResults, bool) {
	if t.coming == nil || t.next.sql != sql || !reflect.DeepEqual(t.next.args, args) {
		t.free()
		return nil, false
	}
	results := t.coming
	t.next, t.coming = nil, nil
	return results, true
}

// Exec implements [pgx.Tx].
func (t *transaction) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if !t.first() {
		t.free()
		return t.conn.Exec(ctx, sql, args...)
	}
	results, err := t.send(ctx, statement{sql, args})
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := results.Exec()
	return tag, t.read(results, err)
}

// Query implements [pgx.Tx].
func (t *transaction) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	results, ok := t.came(sql, args)
	if !ok && !t.first() {
		return t.conn.Query(ctx, sql, args...)
	}
	if !ok {
		var err error
		if results, err = t.send(ctx, statement{sql, args}); err != nil {
			return nil, err
		}
	}
	rows, err := results.Query()
	if err != nil {
		return nil, t.read(results, err)
	}
	return firstRows{rows, t, results}, nil
}

// firstRows are the rows of a first statement, or of what came along.
type firstRows struct {
	pgx.Rows
	of      *transaction
	results pgx.BatchResults
}

// Close implements [pgx.Rows]: the connection is free for the next statement.
func (r firstRows) Close() {
	r.Rows.Close()
	_ = r.of.read(r.results, r.Err()) // the error is the rows'
}

// QueryRow implements [pgx.Tx].
func (t *transaction) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	results, ok := t.came(sql, args)
	if !ok && !t.first() {
		return t.conn.QueryRow(ctx, sql, args...)
	}
	if !ok {
		var err error
		if results, err = t.send(ctx, statement{sql, args}); err != nil {
			return noRow{err}
		}
	}
	return firstRow{results.QueryRow(), t, results}
}

// firstRow is the row of a first statement.
type firstRow struct {
	row     pgx.Row
	of      *transaction
	results pgx.BatchResults
}

// Scan implements [pgx.Row].
func (r firstRow) Scan(dest ...any) error { return r.of.read(r.results, r.row.Scan(dest...)) }

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
	if t.conn == nil || t.over {
		return nil
	}
	t.free()
	return t.conn.Conn()
}

// Commit implements [pgx.Tx].
func (t *transaction) Commit(ctx context.Context) error {
	if t.over {
		return pgx.ErrTxClosed
	}
	t.forget()
	if t.conn == nil && len(t.ahead)+len(t.held) == 0 { // nothing was done
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
	t.free()
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
