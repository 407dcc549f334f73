package e2e

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"steward/internal/chaos"
	"steward/internal/fixture"
)

var (
	chaosRuns   = flag.Int("runs", 1, "how many firms are disturbed, one after the other")
	chaosFaults = flag.Int("faults", 5, "how much goes wrong in each")
	chaosDown   = flag.Duration("down", 2*time.Second, "how long Postgres or Temporal stays away at most")
	chaosOnly   = flag.String("fault", "", "the only fault that strikes, such as kill")
)

// Many people act at once while processes are killed, paused and parted, servers
// are restarted, disks get full and clocks are off. In the end every answered
// write is there once, every other once or not at all, each thing's changes are
// in the order of their answers, no read was of the past, and the books balance.
func TestNothingIsLostOrDoubledInChaos(t *testing.T) { // N.30, N.31, N.06, S1.48
	t.Parallel()
	s := *seed
	if s == 0 {
		s = rand.Uint64()
	}
	own := newOwnServersOnADisk(t)
	total := &tally{faults: map[string]int{}, codes: map[int]int{}, ops: map[string]int{}}
	for i := range *chaosRuns {
		t.Run(fmt.Sprintf("seed %d", s+uint64(i)), func(t *testing.T) {
			own.t = t
			total.runs++
			storm(t, own, s+uint64(i), total)
		})
	}
	t.Log(total)
}

// tally is what the runs came to.
type tally struct {
	runs, asked, actions, reads, unknown int
	faults, ops                          map[string]int
	codes                                map[int]int
	violations                           []string
}

// String is the report of all runs.
func (s *tally) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d runs, %d faults, %d actions (%d never answered), %d reads, %d requests, %d violations\nfaults:", s.runs, sum(s.faults), s.actions, s.unknown, s.reads, s.asked, len(s.violations))
	for _, k := range slices.Sorted(maps.Keys(s.faults)) {
		fmt.Fprintf(&b, " %s %d,", k, s.faults[k])
	}
	b.WriteString("\nactions:")
	for _, k := range slices.Sorted(maps.Keys(s.ops)) {
		fmt.Fprintf(&b, " %s %d,", k, s.ops[k])
	}
	b.WriteString("\nanswers:")
	for _, k := range slices.Sorted(maps.Keys(s.codes)) {
		fmt.Fprintf(&b, " %d × %d,", s.codes[k], k)
	}
	for _, v := range s.violations {
		b.WriteString("\n" + v)
	}
	return b.String()
}

func sum(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

// storm is one run: a firm of its own, its load, its faults, its judgement.
func storm(t *testing.T, own *ownServers, seed uint64, total *tally) {
	t.Helper()
	own.revive() // if the last run left one dead
	l, monkey := weather(t, own, seed)
	violations := l.judge(t)
	for name, n := range monkey.counts {
		total.faults[name] += n
	}
	for code, n := range l.codes {
		total.codes[code] += n
	}
	for op, n := range l.ops {
		total.ops[op] += n
	}
	total.asked, total.reads, total.actions = total.asked+l.made, total.reads+len(l.reads), total.actions+len(l.writes)
	for _, w := range l.writes {
		if w.Outcome == chaos.Unknown {
			total.unknown++
		}
	}
	for _, v := range violations {
		t.Error(v)
		total.violations = append(total.violations, fmt.Sprintf("seed %d: %s", seed, v))
	}
}

// A judge that finds nothing has to be one that would: each kind of planted bug
// is found without anything else going wrong.
func TestWhatIsPlantedIsFound(t *testing.T) { // N.31
	t.Parallel()
	own := newOwnServersOnADisk(t)
	for bug, kinds := range map[string][]chaos.Kind{"lost": {chaos.Lost}, "doubled": {chaos.Doubled}, "disordered": {chaos.Disordered, chaos.Stale}} {
		t.Run(bug, func(t *testing.T) {
			own.t = t
			l := newLoad(t, newFleet(t, own, bug))
			if err := os.WriteFile(l.fleet.begins, nil, 0o644); err != nil { // now that all is there to act on
				t.Fatal(err)
			}
			ctx, stop := context.WithTimeout(t.Context(), 6*time.Second)
			defer stop()
			l.act(ctx, 1)
			found := l.judge(t)
			for _, k := range kinds {
				if !slices.ContainsFunc(found, func(v string) bool { return strings.HasPrefix(v, string(k)+": ") }) {
					t.Errorf("%d actions, and nothing is found to be %s, only %q", len(l.writes), k, found)
				}
			}
		})
	}
}

// act lets everybody act until ctx ends.
func (l *load) act(ctx context.Context, seed uint64) {
	var acting sync.WaitGroup
	for _, a := range l.actors(seed) {
		acting.Go(func() { a.act(ctx) })
	}
	acting.Wait()
}

// weather lets a load run through the faults, and waits until all is calm.
func weather(t *testing.T, own *ownServers, seed uint64) (*load, *chaosMonkey) {
	t.Helper()
	f := newFleet(t, own, "")
	l := newLoad(t, f)
	monkey := &chaosMonkey{t: t, fleet: f, random: rand.New(rand.NewPCG(seed, 0)), down: *chaosDown, only: *chaosOnly}
	ctx, stop := context.WithCancel(t.Context())
	var acting sync.WaitGroup
	acting.Go(func() { l.act(ctx, seed) })
	monkey.rage(ctx, *chaosFaults)
	t.Log(strings.Join(monkey.struck, "; "))
	monkey.pause(ctx, 500, 1_000)
	stop()
	acting.Wait()
	own.revive()
	f.ready(t)
	l.again(t)
	l.settle(t)
	return l, monkey
}

// judge holds what was promised against what is there.
func (l *load) judge(t *testing.T) []string {
	t.Helper()
	var out []string
	writes := l.writes
	for _, w := range l.writes { // what is read of a task is its title
		if w.What == "title" {
			w.Register = "title" + w.Register[len("task"):]
			writes = append(writes, w)
		}
	}
	for _, v := range chaos.Judge(writes, l.reads, l.kept(t)) {
		out = append(out, v.String())
	}
	for _, w := range l.wrong {
		out = append(out, "answer: "+w)
	}
	out = append(append(out, l.letters(t)...), l.contents(t)...)
	for _, broken := range fixture.Broken(t, l.pool, fixture.Books, histories) {
		out = append(out, "books: "+broken)
	}
	return append(out, l.processes(t)...)
}

// processes looks whether every open thing has its process, and none has failed.
func (l *load) processes(t *testing.T) []string {
	t.Helper()
	var out []string
	c := l.temporal()
	failed, err := c.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Namespace: l.namespace, Query: `ExecutionStatus IN ("Failed", "Terminated", "TimedOut", "Canceled")`})
	if err != nil || failed.Count != 0 {
		out = append(out, fmt.Sprintf("processes: %d failed, %v", failed.GetCount(), err))
	}
	for _, id := range l.tasks {
		d, err := c.DescribeWorkflowExecution(t.Context(), "task/"+id, "")
		if err != nil || d.WorkflowExecutionInfo.CloseTime != nil {
			out = append(out, fmt.Sprintf("processes: task/%s does not run: %v", id, err))
		}
	}
	return out
}
