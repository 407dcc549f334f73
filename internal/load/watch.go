package load

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Sample is what there is at one moment.
type Sample struct {
	At                    time.Time
	Memory                map[string]int64         // bytes, by part; what processes share is counted once
	CPU                   map[string]time.Duration // used so far, by part
	Rows                  int64                    // inserted and not deleted, in all of steward's tables
	Bytes                 int64                    // of steward's database
	Log                   int64                    // of Postgres' write-ahead log, so far
	Engine                int64                    // bytes that Temporal's data takes
	Writes                int                      // that steward answered so far
	Longest, LongestBytes int64                    // history among the tasks that are looked at
	Renewed               int                      // runs that continued as new, of those
	Events, Actions       int64                    // of runs that did not, since the sample before
	HistoryBytes          int64
}

// Parts are what is watched.
var Parts = []string{"api", "worker", "Postgres", "Temporal"}

// Watch takes samples of an installation.
type Watch struct {
	in        *Installation
	pool      *pgxpool.Pool
	to        *Client
	histories *histories
	postgres  int // its first process
}

// NewWatch begins to watch; tasks are those whose histories are looked at.
func NewWatch(ctx context.Context, in *Installation, to *Client, tasks []string) (*Watch, error) {
	pool, err := pgxpool.New(ctx, in.Database)
	if err != nil {
		return nil, err
	}
	w := &Watch{in: in, pool: pool, to: to}
	var backend int
	if err := pool.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&backend); err != nil {
		return nil, err
	}
	all, err := processes(ctx)
	if err != nil {
		return nil, err
	}
	w.postgres = all[backend].parent
	w.histories, err = openHistories(ctx, in, pool, tasks)
	return w, err
}

// Close ends watching.
func (w *Watch) Close() {
	w.histories.close()
	w.pool.Close()
}

// Sample looks now.
func (w *Watch) Sample(ctx context.Context) (Sample, error) {
	s := Sample{At: time.Now(), Memory: map[string]int64{}, CPU: map[string]time.Duration{}}
	all, err := processes(ctx)
	if err != nil {
		return s, err
	}
	for part, pids := range w.parts() {
		for _, pid := range pids {
			memory, cpu := family(all, pid)
			s.Memory[part] += memory
			s.CPU[part] += cpu
		}
	}
	w.to.mu.Lock()
	s.Writes = len(w.to.kept)
	w.to.mu.Unlock()
	err = w.pool.QueryRow(ctx, `SELECT pg_database_size(current_database()), pg_current_wal_insert_lsn() - '0/0'::pg_lsn,
		(SELECT coalesce(sum(n_tup_ins - n_tup_del), 0) FROM pg_stat_user_tables WHERE schemaname = 'public')`).Scan(&s.Bytes, &s.Log, &s.Rows)
	if err != nil {
		return s, err
	}
	if s.Engine, err = w.in.Engine.Bytes(); err != nil {
		return s, err
	}
	return s, w.histories.look(ctx, &s)
}

func (w *Watch) parts() map[string][]int {
	parts := map[string][]int{"Postgres": {w.postgres}, "Temporal": {w.in.Engine.PID()}}
	for _, p := range w.in.APIs() {
		parts["api"] = append(parts["api"], p.cmd.Process.Pid)
	}
	for _, p := range w.in.Workers() {
		parts["worker"] = append(parts["worker"], p.cmd.Process.Pid)
	}
	return parts
}

// aProcess is a line of ps.
type aProcess struct {
	parent   int
	resident int64
	cpu      time.Duration
}

// processes are all of this machine, by their ids.
func processes(ctx context.Context) (map[int]aProcess, error) {
	out, err := exec.CommandContext(ctx, "ps", "-A", "-o", "pid=,ppid=,rss=,time=").Output()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	all := map[int]aProcess{}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) != 4 {
			continue
		}
		pid, _ := strconv.Atoi(f[0])
		parent, _ := strconv.Atoi(f[1])
		kib, _ := strconv.ParseInt(f[2], 10, 64)
		all[pid] = aProcess{parent, kib << 10, used(pid, clock(f[3]))}
	}
	return all, nil
}

// clock reads [[days-]hours:]minutes:seconds.
func clock(s string) (d time.Duration) {
	days, rest, ok := strings.Cut(s, "-")
	if !ok {
		days, rest = "0", s
	}
	n, _ := strconv.Atoi(days)
	for part := range strings.SplitSeq(rest, ":") {
		v, _ := strconv.ParseFloat(part, 64)
		d = d*60 + time.Duration(v*float64(time.Second))
	}
	return d + time.Duration(n)*24*time.Hour
}

// tick is what Linux counts processor time in.
const tick = 10 * time.Millisecond

// used is the processor time of a process, and of its children that have
// ended, where the system tells it in parts of a second; else whole.
func used(pid int, whole time.Duration) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return whole
	}
	const before, fields = 11, 4 // between the name, which may hold anything, and the four times
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(f) < before+fields {
		return whole
	}
	var d time.Duration
	for _, ticks := range f[before : before+fields] {
		n, _ := strconv.ParseInt(ticks, 10, 64)
		d += time.Duration(n) * tick
	}
	return d
}

// family adds up a process and its children.
func family(all map[int]aProcess, pid int) (memory int64, cpu time.Duration) {
	memory, cpu = proportional(pid, all[pid].resident), all[pid].cpu
	for child, p := range all {
		if p.parent == pid {
			m, c := family(all, child)
			memory, cpu = memory+m, cpu+c
		}
	}
	return memory, cpu
}

// proportional is the memory of a process with its share of what it has in
// common with others, where the system tells it; else what is resident.
func proportional(pid int, resident int64) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return resident
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "Pss:" {
			if kib, err := strconv.ParseInt(f[1], 10, 64); err == nil {
				return kib << 10
			}
		}
	}
	return resident
}

// numberIn is the number in a file; 0 without one.
func numberIn(file string) int {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	return n
}
