package api_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/dispatch"
	"steward/internal/fault"
	"steward/internal/fixture"
)

// A session has the date on which it began where its worker was, and lasts as
// long as it did: also before a half past two that is left out, in the hour that
// comes twice, and over the end of a 29 February.
func TestASessionHasItsDateWhateverTheClocksDo(t *testing.T) { // billing lesson 5, S1.21
	t.Parallel()
	w := newWorld(t)
	w.at(time.Date(2028, time.June, 1, 12, 0, 0, 0, time.UTC))
	for _, c := range []struct{ zone, start, want string }{
		{"Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29"}, // 01:30; an hour later it is 03:30
		{"Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29"}, // 03:00, when 02:30 would be next
		{"Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25"}, // 02:30, the first
		{"Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25"}, // 02:30, the second
		{"America/Juneau", "2026-03-08T10:59:00Z", "2026-03-08"},
		{"America/Juneau", "2026-11-01T09:30:00Z", "2026-11-01"}, // 01:30, the first
		{"America/Juneau", "2026-11-01T10:30:00Z", "2026-11-01"}, // 01:30, the second
		{"America/Juneau", "2028-03-01T08:59:00Z", "2028-02-29"},
		{"America/Juneau", "2028-03-01T09:00:00Z", "2028-03-01"},
		{"Pacific/Apia", "2028-02-29T10:59:00Z", "2028-02-29"},
		{"Pacific/Apia", "2028-02-29T11:00:00Z", "2028-03-01"},
		{"Pacific/Apia", "2028-02-28T11:00:00Z", "2028-02-29"},
	} {
		w.Exec(t, `UPDATE person SET time_zone = $2 WHERE id = $1`, w.Ann, c.zone)
		ann := w.as(w.Ann)
		id := ann.must("POST", "/tasks/"+w.Task.String()+"/time", object{"start": c.start, "minutes": 120, "description": "work"}).str("id")
		has(t, ann.must("GET", "/time-entries/"+id, nil).body, object{"work_date": c.want, "minutes": 120, "start": c.start})
	}
}

// highest watches the heap until it is told to stop, and gives by how many MiB
// it rose.
func highest() (stop func() int64) {
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	done, most := make(chan struct{}), make(chan uint64)
	go func() {
		var high uint64
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				runtime.ReadMemStats(&now)
				most <- max(high, now.HeapInuse)
				return
			case <-tick.C:
				runtime.ReadMemStats(&now)
				high = max(high, now.HeapInuse)
			}
		}
	}()
	return func() int64 {
		close(done)
		return (int64(<-most) - int64(before.HeapInuse)) >> 20
	}
}

func TestAHundredThousandEntriesAreBilledAndReadInBoundedMemory(t *testing.T) { // billing lesson 12
	w := newWorld(t)
	const many = 100_000
	for range many / 10_000 {
		entries := make([]fixture.Entry, 10_000)
		for i := range entries {
			entries[i] = fixture.Entry{Task: w.Task, Person: []uuid.UUID{w.Ann, w.Bob}[i%2], Date: civil.Of(2026, time.March, 1+i%18), Minutes: 7}
		}
		w.Record(t, entries...)
	}
	am := w.as(w.AM)
	stop := highest()
	inv := am.must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []uuid.UUID{w.Project}, "through": "2026-03-31"}).str("id")
	billed := stop()
	w.Exec(t, `ANALYZE`)
	stop = highest()
	read, minutes, after := 0, 0.0, ""
	for first := true; first || after != ""; first = false {
		page := am.must("GET", fmt.Sprintf("/time-entries?invoice=%s&limit=200&cursor=%s", inv, after), nil)
		for _, e := range page.items() {
			read++
			minutes += e["minutes"].(float64)
		}
		after = page.str("next_cursor")
	}
	exported := stop()
	t.Logf("billing took %d MiB, reading %d MiB", billed, exported)
	if billed > 256 || exported > 64 {
		t.Errorf("billing took %d MiB, at most 256; reading %d MiB, at most 64", billed, exported)
	}
	got := am.must("GET", "/invoices/"+inv, nil).body["lines"].([]any)
	if read != many || minutes != 7*many || len(got) != 2 || got[0].(object)["quantity"] != "5833:20" {
		t.Errorf("%d entries of %.0f minutes are on %d lines", read, minutes, len(got))
	}
}

// A command that is written is carried out later: who is told to ask again, and
// does so without a key, would have it done twice.
func TestACommandThatIsWrittenIsNotRefused(t *testing.T) { // N.31
	t.Parallel()
	w := newWorld(t)
	w.engine.act = func(context.Context, dispatch.Action) error { return fault.New(fault.Unavailable, "gone") }
	a := w.as(w.Ann).with("Idempotency-Key", "k").send("POST", "/tasks/"+w.Task.String()+"/status", object{"status": "complete"})
	id := a.str("id")
	if a.status != 202 || a.str("state") != "pending" || a.header.Get("Location") != "/api/v1/actions/"+id || a.header.Get("Retry-After") == "" {
		t.Errorf("got %d %v, at %s", a.status, a.body, a.header.Get("Location"))
	}
	if got := w.as(w.Ann).must("GET", "/actions/"+id, nil); got.str("state") != "pending" {
		t.Errorf("there it is %v", got.body)
	}
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM outbox WHERE entity_kind = 'task' AND entity_id = $1`, w.Task); n != 1 {
		t.Errorf("its process is told %d times", n)
	}
	// One that was settled while it was brought has its answer, whatever became of the bringing.
	w.engine.act = func(context.Context, dispatch.Action) error {
		w.Exec(t, `UPDATE command_log SET state = 'refused', answer = '{"code": "task_closed", "message": "it is closed"}', done_at = now() WHERE state = 'pending'`)
		return fault.New(fault.Unavailable, "busy")
	}
	w.as(w.Ann).with("Idempotency-Key", "k").refused(409, "task_closed", "POST", "/tasks/"+w.Task.String()+"/status", object{"status": "complete"})
}
