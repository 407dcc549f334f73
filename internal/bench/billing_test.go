//go:build bench

package bench

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/civil"
	"steward/internal/fixture"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// TestBilling compares drafting an invoice with the bare SQL that links the
// same rows to the same lines.
func TestBilling(t *testing.T) {
	b := start(t)
	fmt.Printf("\n  drafting one invoice over the time of one project\n")
	for _, n := range []int{1_000, 10_000, 50_000} {
		bare := b.timed(t, n, b.bareBill)
		ours := b.timed(t, n, b.bill)
		f := b.worked(t, n)
		heap := memory(func() { // apart: looking at it costs time
			if err := b.bill(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		})
		fmt.Printf("    %6d entries   bare SQL %8.0f ms   steward %8.0f ms   %.2f ×  (≤ 3)   %.1f µs an entry   heap +%d MiB (< 64)\n",
			n, ms(bare), ms(ours), float64(ours)/float64(bare), float64(ours.Microseconds())/float64(n), heap>>20)
	}
	b.manyClients(t)
}

// timed records n entries in a new firm and measures billing them, the median
// of three.
func (b *bench) timed(t *testing.T, n int, bill func(context.Context, *fixture.Firm) error) time.Duration {
	t.Helper()
	var took []time.Duration
	for range 3 {
		f := b.worked(t, n)
		if _, err := b.store.Pool.Exec(t.Context(), "VACUUM (ANALYZE) time_entry"); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := bill(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	return max(min(took[0], took[1]), min(max(took[0], took[1]), took[2]))
}

func (b *bench) worked(t *testing.T, n int) *fixture.Firm {
	t.Helper()
	f := fixture.NewFirm(t, b.store)
	tasks := []uuid.UUID{f.Task}
	for range min(n/20, 100) {
		tasks = append(tasks, f.NewTask(t, "open"))
	}
	entries := make([]fixture.Entry, n)
	for i := range entries {
		entries[i] = fixture.Entry{Task: tasks[i%len(tasks)], Person: []uuid.UUID{f.Ann, f.Bob}[i/len(tasks)%2], Date: civil.Of(2026, 3, 1+i%28), Minutes: 7}
	}
	f.Record(t, entries...)
	return f
}

func (b *bench) bill(ctx context.Context, f *fixture.Firm) error {
	return b.store.Tx(ctx, func(_ *db.Queries, tx pgx.Tx) error {
		return b.store.DraftInvoice(ctx, tx, postgres.Draft{ID: b.store.NewID(), ClientID: f.Client, ProjectIDs: []uuid.UUID{f.Project}, Through: civil.Of(2026, 3, 31)})
	})
}

// bareBill makes the same lines and links with nothing but SQL.
func (b *bench) bareBill(ctx context.Context, f *fixture.Firm) error {
	return pgx.BeginFunc(ctx, b.store.Pool, func(tx pgx.Tx) error {
		id := b.store.NewID()
		if _, err := tx.Exec(ctx, `INSERT INTO invoice (id, client_id, currency, through) VALUES ($1, $2, 'GBP', '2026-03-31')`, id, f.Client); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO invoice_line (id, invoice_id, position, kind, project_id, task_id, person_id, description, minutes, quantity, unit_price, amount, tax_percent, rate_source)
			SELECT gen_random_uuid(), $1, row_number() OVER (), 'time', $2, task_id, person_id, 'work', sum(minutes), sum(minutes) / 60.0, 100, round(sum(minutes) * 100 / 60.0, 2), 20, 'person_default'
			FROM time_entry WHERE project_id = $2 AND invoice_line_id IS NULL AND billing <> 'internal' GROUP BY task_id, person_id`, id, f.Project)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE time_entry e SET invoice_line_id = l.id FROM invoice_line l
			WHERE l.invoice_id = $1 AND e.project_id = $2 AND l.task_id = e.task_id AND l.person_id = e.person_id AND e.invoice_line_id IS NULL AND e.billing <> 'internal'`, id, f.Project)
		return err
	})
}

// manyClients bills a hundred clients of a hundred entries by one run.
func (b *bench) manyClients(t *testing.T) {
	t.Helper()
	for range 100 {
		b.worked(t, 100)
	}
	start := time.Now()
	if err := b.post("/billing-runs", map[string]any{"through": "2026-03-31", "complete": true}); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var numbered time.Duration
	for range tick.C {
		var running, unrendered int
		err := b.store.Pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM billing_run WHERE state = 'running'), (SELECT count(*) FROM invoice WHERE state = 'complete' AND pdf_file_id IS NULL)`).Scan(&running, &unrendered)
		if err != nil {
			t.Fatal(err)
		}
		if running == 0 && numbered == 0 {
			numbered = time.Since(start)
		}
		if running == 0 && unrendered == 0 {
			break
		}
	}
	made := fixture.One[int](t, b.store.Pool, `SELECT count(*) FROM invoice WHERE state = 'complete'`)
	fmt.Printf("    100 clients of 100 entries: %d invoices completed in %.1f s, all PDFs stored after %.1f s\n", made, numbered.Seconds(), time.Since(start).Seconds())
}
