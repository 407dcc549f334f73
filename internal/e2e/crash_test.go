package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"steward/internal/fixture"
)

// boundaries are all moments between the steps of billing and completing.
func boundaries() []string {
	var all []string
	for _, activity := range []string{"PlanRun", "BillProject", "CompleteBilled", "RenderInvoice", "FinishRun"} {
		for _, when := range []string{"before", "after"} {
			all = append(all, activity+"/"+when+"/1")
		}
	}
	return append(all, "BillProject/after/2", "CompleteBilled/after/3", "CommitInvoice/before/1", "CommitInvoice/after/1", "LoadInvoice/before/1")
}

// installations is how many are killed side by side: each waits most of the
// time for a dead worker's work to be taken over.
const installations = 5

// A worker is killed at every boundary in turn while runs go on: each entry is
// on one line, each invoice has one number, none is missing.
func TestBillingSurvivesAKillAtEveryBoundary(t *testing.T) { // N.31, S1.74, N.06
	t.Parallel()
	for part := range installations {
		t.Run(fmt.Sprint("installation ", part), func(t *testing.T) {
			t.Parallel()
			var mine []string
			for i, at := range boundaries() {
				if i%installations == part {
					mine = append(mine, at)
				}
			}
			surviveKills(t, mine)
		})
	}
}

func surviveKills(t *testing.T, boundaries []string) {
	t.Helper()
	f := newFirm(t).cleared(t)
	task := f.task(t, "Work", object{"user_id": f.ann.id})
	more := f.projects(t, 3)
	f.worker.kill()
	for i, at := range boundaries {
		f.record(t, task, more, i)
		w := f.startDoomed(at)
		drafted := f.draftByHand(t, i)
		ended, failed := f.billing(t)
		complete := func() (reply, error) {
			return f.am.attempt("POST", path("/invoices/%s/complete", drafted), object{}, "Idempotency-Key", at)
		}
		go func() { _, _ = complete() }() // answered or not
		untilDead(w, ended)
		f.startWorker()
		if <-ended; *failed != nil {
			t.Fatalf("billing through %s: %v", at, *failed)
		}
		eventually(t, "the invoice made by hand is complete", func() error {
			r, err := complete()
			if err != nil || r.Status != 200 {
				return fmt.Errorf("%d %s %v", r.Status, r.Raw, err)
			}
			return nil
		})
		f.worker.kill()
	}
	f.startWorker()
	f.checkBooks(t, len(boundaries))
}

// billing starts `steward bill`; the channel is closed when it has ended.
func (f *firm) billing(t *testing.T) (ended chan struct{}, failed *error) {
	t.Helper()
	ended, failed = make(chan struct{}), new(error)
	cmd := f.command("bill", "--through", "2026-03-31", "--complete")
	go func() {
		defer close(ended)
		out, err := cmd.CombinedOutput()
		if err != nil {
			*failed = fmt.Errorf("%w: %s", err, out)
		}
	}()
	return ended, failed
}

// untilDead waits for the worker to die, or for the run to end without its
// having come to that moment.
func untilDead(w *process, ended <-chan struct{}) {
	select {
	case <-w.done:
	case <-ended:
		w.kill()
	}
}

// projects are more of the firm's, each with an open task.
func (f *firm) projects(t *testing.T, n int) []string {
	t.Helper()
	var tasks []string
	for i := range n {
		p := f.am.must(t, "POST", "/projects", object{"client_id": f.client, "name": fmt.Sprint("More ", i), "starts_on": "2026-01-01", "ends_on": "2026-12-31"})
		other := &firm{system: f.system, am: f.am, project: p["id"].(string)}
		tasks = append(tasks, other.cleared(t).task(t, "Work", object{"user_id": f.ann.id}))
	}
	return tasks
}

func (f *firm) record(t *testing.T, task string, more []string, round int) {
	t.Helper()
	for i, id := range append([]string{task}, more...) {
		f.ann.must(t, "POST", path("/tasks/%s/time", id), object{"work_date": path("2026-03-%02d", 1+round%28), "minutes": 7 + i, "description": "work"})
	}
}

// draftByHand is an invoice over an item, to be completed beside the run.
func (f *firm) draftByHand(t *testing.T, round int) string {
	t.Helper()
	id := f.am.must(t, "POST", "/invoices", object{"client_id": f.client, "through": "2026-03-31"})["id"].(string)
	f.am.must(t, "POST", path("/invoices/%s/items", id), object{"kind": "charge", "description": path("Round %d", round), "unit_price": "10"})
	return id
}

func TestTenBillAtOnce(t *testing.T) { // S1.74, billing lesson 1
	t.Parallel()
	f := newFirm(t).cleared(t)
	task := f.task(t, "Work", object{"user_id": f.ann.id})
	f.record(t, task, f.projects(t, 5), 0)
	var wg sync.WaitGroup
	var mu sync.Mutex
	printed := map[string]int{}
	for range 10 {
		wg.Go(func() {
			out := f.run("bill", "--through", "2026-03-31", "--complete")
			mu.Lock()
			defer mu.Unlock()
			for line := range strings.Lines(out) {
				printed[strings.Fields(line)[0]]++
			}
		})
	}
	wg.Wait()
	if len(printed) != 6 {
		t.Errorf("ten runs printed %v; want six invoices, each once", printed)
	}
	for number, n := range printed {
		if n != 1 {
			t.Errorf("%s was printed by %d runs", number, n)
		}
	}
	f.checkBooks(t, 0)
}

// checkBooks looks for anything lost or doubled.
func (f *firm) checkBooks(t *testing.T, rounds int) {
	t.Helper()
	eventually(t, "every completed invoice has its PDF", func() error {
		if n := fixture.One[int](t, f.pool, `SELECT count(*) FROM invoice WHERE pdf_file_id IS NULL AND state = 'complete'`); n > 0 {
			return fmt.Errorf("%d have none", n)
		}
		return nil
	})
	for what, sql := range map[string]string{
		"billable entries that are on no invoice":    `SELECT count(*) FROM time_entry WHERE invoice_line_id IS NULL AND billing = 'billable'`,
		"invoices left as drafts":                    `SELECT count(*) FROM invoice WHERE state = 'draft'`,
		"lines whose minutes are not their entries'": `SELECT count(*) FROM invoice_line l WHERE kind = 'time' AND minutes <> (SELECT coalesce(sum(e.minutes), 0) FROM time_entry e WHERE e.invoice_line_id = l.id)`,
		"invoices whose lines do not add up":         `SELECT count(*) FROM invoice i WHERE subtotal <> (SELECT sum(amount) FROM invoice_line l WHERE l.invoice_id = i.id)`,
		"holes in the numbers":                       `SELECT max(sequence) - count(*) FROM invoice`,
		"numbers ahead of the counter":               `SELECT abs((SELECT last FROM invoice_counter) - (SELECT max(sequence) FROM invoice))`,
		"runs that have not ended":                   `SELECT count(*) FROM billing_run WHERE state <> 'done'`,
		"invoices completed twice":                   `SELECT count(*) FROM (SELECT 1 FROM audit_event WHERE verb = 'complete' AND entity_kind = 'invoice' GROUP BY entity_id HAVING count(*) > 1) x`,
		"commands without an answer":                 `SELECT count(*) FROM command_log WHERE state = 'pending'`,
	} {
		if n := fixture.One[int](t, f.pool, sql); n != 0 {
			t.Errorf("after %d kills: %d %s", rounds, n, what)
		}
	}
}
