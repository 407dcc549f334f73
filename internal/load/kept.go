package load

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// Kept says in sentences what is wrong with the writes that were answered: all
// of them are to be in the database, carried out, and nothing is to wait. It
// gives what still waits a minute.
func (w *Watch) Kept(ctx context.Context) (answered int, wrong []string, err error) {
	w.to.mu.Lock()
	keys := slices.Clone(w.to.kept)
	w.to.mu.Unlock()
	waiting, err := w.drain(ctx)
	if err != nil {
		return 0, nil, err
	}
	if waiting > 0 {
		wrong = append(wrong, fmt.Sprintf("%d commands and changes wait still", waiting))
	}
	lost, err := w.lost(ctx, keys)
	if err != nil {
		return 0, nil, err
	}
	if lost > 0 {
		wrong = append(wrong, fmt.Sprintf("%d writes that were answered are not there", lost))
	}
	doubled, err := w.doubled(ctx)
	if doubled != 0 {
		wrong = append(wrong, fmt.Sprintf("there are %d more time entries than commands to record them", doubled))
	}
	if n := w.to.Later(); n > 0 {
		Say("%d writes took so long that they were answered with 202 first", n)
	}
	if n := w.to.TurnedAway(); n > 0 {
		Say("%d requests were turned away with 503, and sent again", n)
	}
	return len(keys), wrong, err
}

// lost counts the keys without a command that was carried out.
func (w *Watch) lost(ctx context.Context, keys []string) (n int, err error) {
	rows, err := w.pool.Query(ctx, `SELECT key FROM command_log WHERE state <> 'pending'`)
	if err != nil {
		return 0, err
	}
	there, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, err
	}
	slices.Sort(there)
	for _, key := range keys {
		if _, ok := slices.BinarySearch(there, key); !ok {
			n++
		}
	}
	return n, nil
}

// doubled is how many more time entries there are than commands that recorded
// one.
func (w *Watch) doubled(ctx context.Context) (n int, err error) {
	err = w.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM time_entry) - (SELECT count(*) FROM command_log WHERE entity_kind = 'time_entry' AND verb = 'record' AND state = 'done')`).Scan(&n)
	return n, err
}

// drain waits until nothing waits, for a minute at most.
func (w *Watch) drain(ctx context.Context) (waiting int, err error) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); time.Since(began) < time.Minute; <-tick.C {
		err = w.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM command_log WHERE state = 'pending') + (SELECT count(*) FROM outbox)`).Scan(&waiting)
		if err != nil || waiting == 0 {
			return waiting, err
		}
	}
	return waiting, nil
}

// Table is how much a table holds.
type Table struct {
	Name  string
	Rows  int64
	Bytes int64 // with its indexes
}

// Tables are steward's, the largest first.
func (w *Watch) Tables(ctx context.Context) ([]Table, error) {
	rows, err := w.pool.Query(ctx, `SELECT relname, n_tup_ins - n_tup_del, pg_total_relation_size(relid) FROM pg_stat_user_tables WHERE schemaname = 'public' AND n_tup_ins > 0 ORDER BY 3 DESC`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Table
	for rows.Next() {
		var t Table
		if err := rows.Scan(&t.Name, &t.Rows, &t.Bytes); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}
