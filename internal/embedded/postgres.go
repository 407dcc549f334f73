package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// PostgresOptions say where Postgres keeps its data and how it runs.
type PostgresOptions struct {
	Dir       string                           // the data folder; it is made if need be
	Port      int                              // on 127.0.0.1; 0 takes a free one
	Say       func(format string, args ...any) // told what takes a while, without a line end; may be nil
	Ephemeral bool                             // for tests: fast, 500 connections, and data lost with the power
	Log       io.Writer                        // gets what the server prints; may be nil
}

// Postgres is a running server with one role and one database, both called
// steward.
type Postgres struct {
	opts    PostgresOptions
	cluster *cluster
	port    int
	child   *process
	stop    sync.Once
}

// How Postgres is stopped: open transactions are rolled back, then it is told
// to go at once and recover later, then it is killed. A backend without its
// server begins with the second.
var (
	postgresSteps = []step{{syscall.SIGINT, 15 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}, {syscall.SIGKILL, 5 * time.Second}}
	backendSteps  = postgresSteps[1:]
)

// StartPostgres runs a server on the cluster in o.Dir, which it makes the
// first time, and returns when the server answers. A server that an earlier,
// killed steward left running there is stopped first. ctx bounds the start
// only. The errors are sentences for people: no Postgres 14 to be found, the
// port taken ([PortTaken]), the folder in use, unwritable or its disk full,
// data made by another major version.
func StartPostgres(ctx context.Context, o PostgresOptions) (*Postgres, error) {
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	if _, err := choosePort(o.Port, postgresPortSetting); err != nil {
		return nil, err // before a cluster is made for nothing
	}
	c, err := openCluster(ctx, o)
	if err != nil {
		return nil, err
	}
	p := &Postgres{opts: o, cluster: c}
	if err := p.start(ctx); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// URL is what pgx connects with: role, password and database included.
func (p *Postgres) URL() string { return p.url("steward") }

// Done is closed when the server has ended, be it by [Postgres.Stop] or by
// itself.
func (p *Postgres) Done() <-chan struct{} { return p.child.done }

// Stop ends the server and returns when it is gone; open connections are
// dropped. It may be called more than once.
func (p *Postgres) Stop() {
	p.stop.Do(func() {
		p.child.stop(postgresSteps...)
		p.close()
	})
}

// close gives the cluster free, and removes it if nobody could find it again.
func (p *Postgres) close() {
	p.cluster.unlock()
	if p.opts.Ephemeral && p.cluster.away {
		_ = os.RemoveAll(p.cluster.home)
	}
}

func (p *Postgres) url(database string) string {
	return fmt.Sprintf("postgres://steward:%s@%s/%s?sslmode=disable", p.cluster.password, address(p.port), database)
}

// start tries again while what stands in the way goes by itself: a free port
// that somebody else was faster to take, remains of a killed server.
func (p *Postgres) start(ctx context.Context) error {
	const tries = 20
	for try := 1; ; try++ {
		err := p.launch(ctx)
		again := errors.Is(err, errRemains) || errors.Is(err, syscall.EADDRINUSE) && p.opts.Port == 0
		if !again || try == tries {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(250 * time.Millisecond):
		}
	}
}

func (p *Postgres) launch(ctx context.Context) (err error) {
	if p.port, err = choosePort(p.opts.Port, postgresPortSetting); err != nil {
		return err
	}
	args := append([]string{"-D", p.cluster.data()}, settings(p.port, p.opts.Ephemeral)...)
	p.child, err = spawn(p.cluster.command(context.Background(), "postgres", args...), p.opts.Log)
	if err != nil {
		return fmt.Errorf("%s/postgres cannot be started: %w", p.cluster.bin.dir, err)
	}
	if err := p.await(ctx); err != nil {
		p.child.stop(postgresSteps...)
		return err
	}
	return nil
}
