//go:build bench

package bench

import (
	"flag"
	"fmt"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

// TestReminders reminds 2,000 clients of five invoices each: the run, the list
// that is reviewed, a letter rendered and a mail written for each client.
func TestReminders(t *testing.T) {
	b := start(t)
	const clients, invoices = 2_000, 5
	fmt.Printf("\n  filling %d clients with %d invoices past due …\n", clients, clients*invoices)
	f := b.firm
	f.Exec(t, `UPDATE reminder_policy SET hold_days = 0, after_sent = 0`)
	f.Exec(t, `INSERT INTO client (id, name, currency, email, billing_address) SELECT gen_random_uuid(), 'Client ' || n, 'GBP', 'c' || n || '@client.example', E'1 High Street\nLeeds' FROM generate_series(1, $1) n`, clients)
	f.Exec(t, `INSERT INTO invoice (id, client_id, currency, state, through, series, year, sequence, number, issued_on, due_on, subtotal, total, snapshot, completed_at, visible_at, sent_at, sent_by)
		SELECT gen_random_uuid(), c.id, 'GBP', 'complete', current_date - 100, 'B', 2026, s.n, 'B-2026-' || s.n, current_date - 90, current_date - 30 - i, 100, 100, '{}', now(), now(), now() - interval '90 days', 'email'
		FROM client c CROSS JOIN generate_series(1, $1) i CROSS JOIN LATERAL (SELECT i * 100000 + substr(c.email, 2, strpos(c.email, '@') - 2)::integer AS n) s WHERE c.email <> ''`, invoices)
	f.Exec(t, `ANALYZE`)
	start := time.Now()
	var run uuid.UUID
	heap := memory(func() {
		if err := b.post("/reminders/runs", map[string]any{}); err != nil {
			t.Fatal(err)
		}
		b.until(t, `SELECT EXISTS (SELECT FROM reminder_run WHERE state = 'planned')`)
		run = fixture.One[uuid.UUID](t, b.store.Pool, `SELECT id FROM reminder_run`)
		planned := time.Since(start)
		read := 0
		for range clients / 200 {
			if err := b.get(b.token, "/reminders?limit=200&run="+run.String()); err != nil {
				t.Fatal(err)
			}
			read += 200
		}
		reviewed := time.Since(start)
		b.until(t, `SELECT NOT EXISTS (SELECT FROM reminder_letter WHERE state = 'review')`)
		fmt.Printf("    %d letters listed after %.1f s, read for review after %.1f s,", fixture.One[int](t, b.store.Pool, `SELECT count(*) FROM reminder_letter`), planned.Seconds(), reviewed.Seconds())
	})
	took := time.Since(start)
	sent := fixture.One[int](t, b.store.Pool, `SELECT count(*) FROM reminder_letter l JOIN mail m ON m.id = l.mail_id JOIN mail_attachment a ON a.mail_id = m.id WHERE l.state = 'sent'`)
	fmt.Printf(" %d rendered and their mails written after %.1f s (< 60), %.0f a second, heap +%d MiB\n", sent, took.Seconds(), float64(sent)/took.Seconds(), heap>>20)
}

// until waits for something to be true in Postgres.
func (b *bench) until(t *testing.T, sql string) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !fixture.One[bool](t, b.store.Pool, sql) {
		<-tick.C
	}
}

// apart has a month's end done by a worker of its own, with less of the machine.
var apart = flag.Bool("apart", false, "actions by one worker, runs and documents by another with nice -n 19")

// TestMonthEnd bills 1,000 clients of a hundred entries by one run, PDFs
// included, while four people of the staff go on with their work.
func TestMonthEnd(t *testing.T) {
	b := start(t)
	if *apart {
		b.idle()
		binary := built(t)
		staff, rest := exec.Command(binary, "worker"), exec.Command("nice", "-n", "19", binary, "worker")
		staff.Env, rest.Env = []string{"STEWARD_QUEUES=actions"}, []string{"STEWARD_QUEUES=runs,documents"}
		b.process(t, staff)
		b.process(t, rest)
	}
	const clients, entries, staff = 1_000, 100, 4
	tasks := make([]uuid.UUID, staff)
	for i := range tasks {
		tasks[i] = b.firm.NewTask(t, "open")
	}
	fmt.Printf("\n  recording %d entries for %d clients …\n", clients*entries, clients)
	for range clients {
		b.worked(t, entries)
	}
	b.firm.Exec(t, `VACUUM ANALYZE`)
	b.firm.Exec(t, `CHECKPOINT`) // what was recorded is on the disk, and nobody waits for it
	b.until(t, `SELECT NOT EXISTS (SELECT FROM outbox)`)
	b.work(t, tasks, func(at time.Duration) bool { return at > 3*time.Second }) // warm: the first action on each starts its process
	quiet := b.work(t, tasks, func(at time.Duration) bool { return at > 20*time.Second })
	start := time.Now()
	var busy []time.Duration
	heap := memory(func() {
		if err := b.post("/billing-runs", map[string]any{"through": "2026-03-31", "complete": true}); err != nil {
			t.Fatal(err)
		}
		busy = b.work(t, tasks, func(time.Duration) bool {
			return fixture.One[bool](t, b.store.Pool, `SELECT NOT EXISTS (SELECT FROM billing_run WHERE state = 'running') AND NOT EXISTS (SELECT FROM invoice WHERE state = 'complete' AND pdf_file_id IS NULL)`)
		})
	})
	took := time.Since(start)
	made := fixture.One[int](t, b.store.Pool, `SELECT count(*) FROM invoice WHERE state = 'complete' AND pdf_file_id IS NOT NULL`)
	fmt.Printf("    %d invoices with their PDFs in %.1f s, %.0f entries a second, heap +%d MiB\n", made, took.Seconds(), float64(made*entries)/took.Seconds(), heap>>20)
	fmt.Printf("    assign by %d people, once a second each: p95 quiet %.1f ms, meanwhile %.1f ms, %.2f ×  (≤ 2)\n", staff, ms(p95(quiet)), ms(p95(busy)), ms(p95(busy))/ms(p95(quiet)))
}

// work has people hand tasks on, each once a second, until it is
// over; it tells how long each hand-over took.
func (b *bench) work(t *testing.T, tasks []uuid.UUID, over func(time.Duration) bool) []time.Duration {
	t.Helper()
	start := time.Now()
	tick := time.NewTicker(time.Second / time.Duration(len(tasks)))
	defer tick.Stop()
	var took []time.Duration
	for i := 0; !over(time.Since(start)); i++ {
		began := time.Now()
		to := []uuid.UUID{b.firm.Ann, b.firm.Bob}[i/len(tasks)%2]
		if err := b.post("/tasks/"+tasks[i%len(tasks)].String()+"/assign", map[string]any{"to": map[string]any{"user_id": to}}); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(began))
		<-tick.C
	}
	return took
}

func p95(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)*95/100]
}
