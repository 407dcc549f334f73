//go:build bench

package bench

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/procfs"
)

// result is what a number of clients got out of an operation.
type result struct {
	perSecond     float64
	p50, p95, p99 time.Duration
	work          time.Duration // processor time of one, in all processes; 0 where it was not read
}

func (r result) String() string {
	text := fmt.Sprintf("%8.0f/s  p50 %7.2f  p95 %7.2f  p99 %7.2f ms", r.perSecond, ms(r.p50), ms(r.p95), ms(r.p99))
	if r.work > 0 {
		text += fmt.Sprintf("  processor %6.2f ms", ms(r.work))
	}
	return text
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// slice and rounds are how long operations are measured, in turns: what else
// the machine is doing meanwhile falls on all of them. What the one before has
// left to be done, Temporal's clearing up above all, falls on the time to settle,
// which is not measured.
const (
	slice  = time.Second
	settle = slice / 2
	rounds = 8
)

// operation is something that a client does again and again.
type operation func(client, i int) error

// measure lets clients do operations, one operation after the other in turns.
func measure(t *testing.T, clients int, ops ...operation) []result {
	t.Helper()
	took, work := make([][]time.Duration, len(ops)), make([]time.Duration, len(ops))
	for _, op := range ops { // warm
		for c := range clients {
			if err := op(c, 0); err != nil {
				t.Fatal(err)
			}
		}
		turn(t, clients, slice, op)
	}
	for range rounds {
		for i, op := range ops {
			turn(t, clients, settle, op)
			before := worked()
			took[i] = append(took[i], turn(t, clients, slice, op)...)
			work[i] += worked() - before
		}
	}
	results := make([]result, len(ops))
	for i, all := range took {
		slices.Sort(all)
		at := func(q float64) time.Duration { return all[min(len(all)-1, int(q*float64(len(all))))] }
		results[i] = result{float64(len(all)) / (rounds * slice).Seconds(), at(.5), at(.95), at(.99), work[i] / time.Duration(len(all))}
	}
	return results
}

// turn is one operation for some time.
func turn(t *testing.T, clients int, lasts time.Duration, op operation) []time.Duration {
	t.Helper()
	var mu sync.Mutex
	var took []time.Duration
	var failed atomic.Value
	began := time.Now()
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			var own []time.Duration
			for i := 1; time.Since(began) < lasts; i++ {
				start := time.Now()
				if err := op(c, i); err != nil {
					failed.Store(err)
					return
				}
				own = append(own, time.Since(start))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, own...)
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		t.Fatal(err)
	}
	return took
}

// worked is the processor time that this process, Postgres and Temporal have had.
// It says more of what an operation costs than how many were done in a second:
// it minds less what else the host is doing.
func worked() (sum time.Duration) {
	all, err := procfs.AllProcs()
	if err != nil { // not Linux
		return 0
	}
	for _, p := range all {
		s, err := p.Stat()
		if err != nil { // it has just ended
			continue
		}
		if p.PID == os.Getpid() || strings.HasPrefix(s.Comm, "postgres") || strings.HasPrefix(s.Comm, "temporal") {
			sum += time.Duration(s.CPUTime() * float64(time.Second))
		}
	}
	return sum
}

// beside prints what was measured and how it stands to its limit.
func beside(name string, ours, bare result) {
	fmt.Printf("    %-44s %s   %.2f × throughput, %.2f × p50", name, ours, ours.perSecond/bare.perSecond, ms(ours.p50)/ms(bare.p50))
	if bare.work > 0 {
		fmt.Printf(", %.2f × processor", ms(ours.work)/ms(bare.work))
	}
	fmt.Println()
}

// memory runs f and returns by how much the heap in use rose at its highest.
func memory(f func()) uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, peak := m.HeapInuse, m.HeapInuse
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapInuse)
			}
		}
	}()
	f()
	close(done)
	<-stopped
	return peak - before
}
