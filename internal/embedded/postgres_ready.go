package embedded

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// await returns when the server answers and has its database. It waits as long
// as the server lives: recovery after a power cut takes what it takes.
func (p *Postgres) await(ctx context.Context) error {
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	news := time.NewTicker(5 * time.Second)
	defer news.Stop()
	for began := time.Now(); ; {
		if final, err := p.judge(p.prepare(ctx)); final {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.child.done:
			return p.cluster.explain(p.child.tail.String(), p.port)
		case <-news.C:
			p.opts.Say("Postgres is still starting (%.0f s)", time.Since(began).Seconds())
		case <-poll.C:
		}
	}
}

// A finalError is one that waiting does not cure.
type finalError struct{ error }

// judge tells whether there is nothing left to wait for, and how it ended.
func (p *Postgres) judge(err error) (final bool, ended error) {
	if f := (finalError{}); errors.As(err, &f) {
		return true, f.error
	}
	const stillStarting = "57P03"
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) && pg.Code != stillStarting {
		return true, p.cluster.explain(pg.Error(), p.port)
	}
	return err == nil, nil
}

// prepare connects, makes the database the first time, and sees whether the
// migrations will find the extension they need.
func (p *Postgres) prepare(ctx context.Context) error {
	conn, err := p.connect(ctx, "postgres")
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var database, extension bool
	err = conn.QueryRow(ctx, `select
		exists (select from pg_database where datname = 'steward'),
		exists (select from pg_available_extensions where name = 'btree_gist')`).Scan(&database, &extension)
	if err != nil {
		return err
	}
	if !extension {
		return finalError{fmt.Errorf("the Postgres in %s lacks the extension btree_gist: install its contrib package", p.cluster.bin.dir)}
	}
	if !database {
		_, err = conn.Exec(ctx, "create database steward")
	}
	return err
}

func (p *Postgres) connect(ctx context.Context, database string) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, p.url(database))
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) && pg.Code == "28P01" {
		return nil, finalError{fmt.Errorf("the password in %s is not that of the database in %s: put the right one back, or move both away to begin with an empty database", p.cluster.passwordFile(), p.cluster.home)}
	}
	return conn, err
}
