package postgres_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"steward/internal/fault"
	"steward/internal/fixture"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func TestATransactionIsAllOrNothing(t *testing.T) { // N.31
	t.Parallel()
	s := fixture.Store(t)
	count := func() int { return fixture.One[int](t, s.Pool, `SELECT count(*) FROM client`) }
	client := func(q *db.Queries, name string) error {
		_, err := s.Pool.Exec(t.Context(), "SELECT 1") // another connection
		return errors.Join(err, q.InsertClient(t.Context(), db.InsertClientParams{ID: s.NewID(), Name: name, Currency: "GBP", TimeZone: "UTC", Language: "en", TaxCategory: "standard"}))
	}
	boom := errors.New("boom")
	first, clients := s.NewID(), db.ClientsParams{Page: 10}
	for name, c := range map[string]struct {
		do   func(q *db.Queries, tx pgx.Tx) error
		want int // more clients
		ok   func(error) bool
	}{
		"nothing":               {func(*db.Queries, pgx.Tx) error { return nil }, 0, isNil},
		"nothing, and it fails": {func(*db.Queries, pgx.Tx) error { return boom }, 0, is(boom)},
		"one":                   {func(q *db.Queries, _ pgx.Tx) error { return client(q, "A") }, 1, isNil},
		"two":                   {func(q *db.Queries, _ pgx.Tx) error { return errors.Join(client(q, "A"), client(q, "B")) }, 2, isNil},
		"one at the end alone":  {func(_ *db.Queries, tx pgx.Tx) error { return client(s.Last(tx), "A") }, 1, isNil},
		"one, and two at the end": {func(q *db.Queries, tx pgx.Tx) error {
			return errors.Join(client(s.Last(tx), "B"), client(q, "A"), client(s.Last(tx), "C"))
		}, 3, isNil},
		"one, and it fails": {func(q *db.Queries, tx pgx.Tx) error {
			return errors.Join(client(s.Last(tx), "A"), client(q, "A"), boom)
		}, 0, is(boom)},
		"the first is refused":   {func(q *db.Queries, _ pgx.Tx) error { return client(q, "") }, 0, isNotNil},
		"the last is refused":    {func(q *db.Queries, tx pgx.Tx) error { return errors.Join(client(q, "A"), client(s.Last(tx), "")) }, 0, isNotNil},
		"the first reads no row": {func(q *db.Queries, _ pgx.Tx) error { _, err := q.Client(t.Context(), s.NewID()); return err }, 0, func(err error) bool { return fault.Is(err, fault.NotFound) || errors.Is(err, pgx.ErrNoRows) }},
		"the first reads many": {func(q *db.Queries, _ pgx.Tx) error {
			_, err := q.ProjectIDs(t.Context(), s.NewID(), 10)
			return errors.Join(err, client(q, "A"))
		}, 1, isNil},
		"the refused is swallowed": {func(q *db.Queries, _ pgx.Tx) error { _ = client(q, ""); return nil }, 0, is(pgx.ErrTxCommitRollback)},
		"what came along is asked": {func(q *db.Queries, tx pgx.Tx) error {
			_, ahead := s.Next(tx).ProjectIDs(t.Context(), first, 10)
			_, err := q.Clients(t.Context(), clients)
			_, asked := q.ProjectIDs(t.Context(), first, 10)
			return errors.Join(only(ahead, postgres.ErrNext), err, asked, client(q, "A"))
		}, 1, isNil},
		"what came along is asked otherwise": {func(q *db.Queries, tx pgx.Tx) error {
			_, ahead := s.Next(tx).ProjectIDs(t.Context(), first, 10)
			err := client(q, "A")
			_, asked := q.ProjectIDs(t.Context(), first, 11)
			return errors.Join(only(ahead, postgres.ErrNext), err, asked, client(q, "B"))
		}, 2, isNil},
		"what came along is not asked": {func(q *db.Queries, tx pgx.Tx) error {
			_, ahead := s.Next(tx).ProjectIDs(t.Context(), first, 10)
			return errors.Join(only(ahead, postgres.ErrNext), client(q, "A"), client(s.Last(tx), "B"))
		}, 2, isNil},
		"what came along, and it fails": {func(q *db.Queries, tx pgx.Tx) error {
			_, ahead := s.Next(tx).ProjectIDs(t.Context(), first, 10)
			return errors.Join(only(ahead, postgres.ErrNext), client(q, "A"), boom)
		}, 0, is(boom)},
		"what came along fails itself": {func(q *db.Queries, tx pgx.Tx) error {
			_, ahead := s.Next(tx).ProjectIDs(t.Context(), first, -1)
			err := client(q, "A")
			_, asked := q.ProjectIDs(t.Context(), first, -1)
			return errors.Join(only(ahead, postgres.ErrNext), err, asked)
		}, 0, isNotNil},
		"what came along fails and is not asked": {func(q *db.Queries, tx pgx.Tx) error {
			_, ahead := s.Next(tx).ProjectIDs(t.Context(), first, -1)
			return errors.Join(only(ahead, postgres.ErrNext), client(q, "A"), client(q, "B"))
		}, 0, isNotNil},
		"the first is refused, and something came along": {func(q *db.Queries, tx pgx.Tx) error {
			_, ahead := s.Next(tx).ProjectIDs(t.Context(), first, 10)
			return errors.Join(only(ahead, postgres.ErrNext), client(q, ""))
		}, 0, isNotNil},
		"it is too late to come along": {func(q *db.Queries, tx pgx.Tx) error {
			err := client(q, "A")
			_, ahead := s.Next(tx).ProjectIDs(t.Context(), first, 10)
			_, asked := q.ProjectIDs(t.Context(), first, 10)
			return errors.Join(only(ahead, postgres.ErrNext), err, asked)
		}, 1, isNil},
		"one ahead alone": {func(_ *db.Queries, tx pgx.Tx) error { return client(s.Ahead(tx), "A") }, 1, isNil},
		"two ahead of the first, one at the end": {func(q *db.Queries, tx pgx.Tx) error {
			err := errors.Join(client(s.Ahead(tx), "A"), client(s.Last(tx), "B"), client(s.Ahead(tx), "C"))
			seen, asked := q.Clients(t.Context(), db.ClientsParams{Page: 200})
			if len(seen) != count()+2 {
				err = errors.Join(err, errors.New("what went ahead is not seen"))
			}
			return errors.Join(err, asked)
		}, 3, isNil},
		"ahead of each kind of statement": {func(q *db.Queries, tx pgx.Tx) error {
			_, read := q.ProjectIDs(t.Context(), first, 10)
			errs := []error{read, client(s.Ahead(tx), "A"), client(q, "B"), client(s.Ahead(tx), "C")}
			_, err := q.Client(t.Context(), first)
			errs = append(errs, only(err, pgx.ErrNoRows), client(s.Ahead(tx), "D"))
			_, err = q.Clients(t.Context(), clients)
			errs = append(errs, err, client(s.Ahead(tx), "E"))
			_, err = q.InsertDependencies(t.Context(), nil) // COPY
			errs = append(errs, err, client(s.Ahead(tx), "F"), pgx.BeginFunc(t.Context(), tx, func(tx pgx.Tx) error { return client(s.Ahead(tx), "G") }))
			return errors.Join(errs...)
		}, 7, isNil},
		"what came along is not asked, and one ahead": {func(q *db.Queries, tx pgx.Tx) error {
			_, came := s.Next(tx).ProjectIDs(t.Context(), first, 10)
			return errors.Join(only(came, postgres.ErrNext), client(q, "A"), client(s.Ahead(tx), "B"), client(q, "C"))
		}, 3, isNil},
		"one ahead is refused": {func(q *db.Queries, tx pgx.Tx) error {
			if err := client(s.Ahead(tx), ""); err != nil {
				return nil // it would be told too early
			}
			_, err := q.Clients(t.Context(), clients)
			return err
		}, 0, isNotNil},
		"one ahead is refused at the end": {func(q *db.Queries, tx pgx.Tx) error {
			return errors.Join(client(q, "A"), client(s.Ahead(tx), ""))
		}, 0, isNotNil},
		"one ahead, and it fails": {func(q *db.Queries, tx pgx.Tx) error {
			return errors.Join(client(q, "A"), client(s.Ahead(tx), "B"), boom)
		}, 0, is(boom)},
		"one ahead of the first, and it fails": {func(_ *db.Queries, tx pgx.Tx) error { return errors.Join(client(s.Ahead(tx), "B"), boom) }, 0, is(boom)},
		"it comes along later, as one row": {func(q *db.Queries, tx pgx.Tx) error {
			err := client(q, "A")
			_, came := s.Next(tx).TaskPlace(t.Context(), first)
			_, read := q.ProjectIDs(t.Context(), first, 10)
			_, asked := q.TaskPlace(t.Context(), first)
			return errors.Join(only(came, postgres.ErrNext), err, read, only(asked, pgx.ErrNoRows), client(q, "B"))
		}, 2, isNil},
		"it comes along later, and is not asked": {func(q *db.Queries, tx pgx.Tx) error {
			err := client(q, "A")
			_, came := s.Next(tx).TaskPlace(t.Context(), first)
			_, again := s.Next(tx).ProjectIDs(t.Context(), first, 10)
			return errors.Join(only(came, postgres.ErrNext), only(again, postgres.ErrNext), err, client(s.Ahead(tx), "B"), client(q, "C"), client(q, "D"))
		}, 4, isNil},
		"it comes along with nothing": {func(q *db.Queries, tx pgx.Tx) error {
			err := client(q, "A")
			_, came := s.Next(tx).ProjectIDs(t.Context(), first, -1) // it would fail
			return errors.Join(only(came, postgres.ErrNext), err, client(s.Last(tx), "B"))
		}, 2, isNil},
		"it comes along with a COPY": {func(q *db.Queries, tx pgx.Tx) error {
			_, came := s.Next(tx).ProjectIDs(t.Context(), first, 10)
			_, err := q.InsertDependencies(t.Context(), nil)
			return errors.Join(only(came, postgres.ErrNext), err, client(q, "A"))
		}, 1, isNil},
		"a part is undone": {func(q *db.Queries, tx pgx.Tx) error {
			err := pgx.BeginFunc(t.Context(), tx, func(tx pgx.Tx) error { return errors.Join(client(s.WithTx(tx), "A"), client(s.Last(tx), "B"), boom) })
			if !errors.Is(err, boom) {
				return errors.New("the part did not fail")
			}
			return errors.Join(client(q, "C"), pgx.BeginFunc(t.Context(), tx, func(tx pgx.Tx) error { return client(s.WithTx(tx), "D") }))
		}, 2, isNil},
		"a part is refused": {func(q *db.Queries, tx pgx.Tx) error {
			if err := pgx.BeginFunc(t.Context(), tx, func(tx pgx.Tx) error { return client(s.WithTx(tx), "") }); err == nil {
				return errors.New("the part was not refused")
			}
			return client(q, "A")
		}, 1, isNil},
	} {
		before := count()
		err := s.Tx(t.Context(), c.do)
		if got := count() - before; got != c.want || !c.ok(err) {
			t.Errorf("%s: %d more, %v; want %d", name, got, err, c.want)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	err := s.Tx(gone, func(q *db.Queries, _ pgx.Tx) error {
		defer cancel()
		return client(q, "A")
	})
	if err == nil {
		t.Error("what nobody waits for any more is committed")
	}
	back, enough := context.WithTimeout(t.Context(), time.Minute)
	defer enough()
	for s.Pool.Stat().AcquiredConns() > 0 { // all are given back; a broken one in its own time
		if back.Err() != nil {
			t.Fatalf("%d connections are not given back", s.Pool.Stat().AcquiredConns())
		}
		runtime.Gosched()
	}
}

// The first statement waits for a lock; what came along with it is read after.
func TestWhatComesAlongSeesWhatWasLocked(t *testing.T) { // N.31
	t.Parallel()
	s := fixture.Store(t)
	firm := fixture.NewFirm(t, s)
	task := firm.NewTask(t, "open")
	locked, over := make(chan bool), make(chan bool)
	done := make(chan error, 1)
	go func() {
		done <- s.Tx(t.Context(), func(q *db.Queries, tx pgx.Tx) error {
			err := q.LockTask(t.Context(), task)
			close(locked)
			for waited := false; !waited && err == nil; { // who waits is seen anew from outside only
				select {
				case <-over:
					return errors.Join(err, errors.New("nobody waited"))
				default:
				}
				err = s.Pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid)))`, int32(tx.Conn().PgConn().PID())).Scan(&waited)
			}
			_, changed := tx.Exec(t.Context(), `UPDATE task SET title = 'Changed' WHERE id = $1`, task)
			return errors.Join(err, changed)
		})
	}()
	<-locked
	var title string
	err := s.Tx(t.Context(), func(q *db.Queries, tx pgx.Tx) error {
		_, ahead := postgres.OneTask(t.Context(), s.Next(tx), task)
		err := q.LockTask(t.Context(), task)
		seen, read := postgres.OneTask(t.Context(), q, task)
		title = seen.Title
		return errors.Join(only(ahead, postgres.ErrNext), err, read)
	})
	close(over)
	if err := errors.Join(err, <-done); err != nil || title != "Changed" {
		t.Errorf("read %q, %v", title, err)
	}
}

// What comes along is asked once: what is written before its rows are taken is
// not in them.
func TestWhatComesAlongIsNotAskedAgain(t *testing.T) { // N.31
	t.Parallel()
	s := fixture.Store(t)
	all := db.ClientsParams{Page: 10}
	err := s.Tx(t.Context(), func(q *db.Queries, tx pgx.Tx) error {
		_, ahead := s.Next(tx).Clients(t.Context(), all)
		_, first := q.ProjectIDs(t.Context(), uuid.Nil, 10)
		_, meanwhile := s.Pool.Exec(t.Context(), `INSERT INTO client (id, name, currency, time_zone, language, tax_category) VALUES ($1, 'Late', 'GBP', 'UTC', 'en', 'standard')`, s.NewID())
		came, asked := q.Clients(t.Context(), all)
		again, later := q.Clients(t.Context(), all)
		if len(came) != 0 || len(again) != 1 {
			t.Errorf("%d clients came along, %d are there", len(came), len(again))
		}
		return errors.Join(only(ahead, postgres.ErrNext), first, meanwhile, asked, later)
	})
	if err != nil {
		t.Error(err)
	}
}

// only is nil for the error that was to come.
func only(err, want error) error {
	if errors.Is(err, want) {
		return nil
	}
	return errors.Join(errors.New("something else came"), err)
}

func isNil(err error) bool    { return err == nil }
func isNotNil(err error) bool { return err != nil }

func is(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }

// Postgres compiles what it thinks costs much, for half a second each time, also
// where a kept plan only looks costly.
func TestQueriesAreNotCompiled(t *testing.T) { // decision 0006
	t.Parallel()
	s, err := postgres.Open(t.Context(), fixture.Store(t).Pool.Config().ConnString(), 2)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, pool := range map[string]*pgxpool.Pool{"by key": s.Pool, "lists": s.ListPool()} {
		if got := fixture.One[string](t, pool, `SELECT source FROM pg_settings WHERE name = 'jit' AND setting = 'off'`); got != "client" {
			t.Errorf("%s: whether queries are compiled is left to the %s", name, got)
		}
	}
}
