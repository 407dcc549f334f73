package load

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/procfs"
)

// Sample is what there is at one moment.
type Sample struct {
	At                    time.Time
	Memory                map[string]int64         // bytes, by part; what processes share is counted once
	CPU                   map[string]time.Duration // used so far, by part
	Idle, Stolen          float64                  // seconds that all processors had nothing to do, or were the host's for others, so far
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
	fs        procfs.FS
	pool      *pgxpool.Pool
	to        *Client
	histories *histories
	postgres  int // its first process
}

// NewWatch begins to watch; tasks are those whose histories are looked at.
func NewWatch(ctx context.Context, in *Installation, to *Client, tasks []string) (*Watch, error) {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return nil, fmt.Errorf("watch processes, which takes Linux: %w", err)
	}
	pool, err := pgxpool.New(ctx, in.Database)
	if err != nil {
		return nil, err
	}
	w := &Watch{in: in, fs: fs, pool: pool, to: to}
	var backend int
	if err := pool.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&backend); err != nil {
		return nil, err
	}
	all, err := processes(fs)
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
	all, err := processes(w.fs)
	if err != nil {
		return s, err
	}
	whole, err := w.fs.Stat()
	if err != nil {
		return s, err
	}
	s.Idle, s.Stolen = whole.CPUTotal.Idle+whole.CPUTotal.Iowait, whole.CPUTotal.Steal
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

// aProcess is one of this machine's.
type aProcess struct {
	procfs.Proc
	parent int
	cpu    time.Duration // used, with its children that have ended
}

// tick is what Linux counts processor time in.
const tick = 10 * time.Millisecond

// processes are all of this machine, by their ids.
func processes(fs procfs.FS) (map[int]aProcess, error) {
	running, err := fs.AllProcs()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	all := map[int]aProcess{}
	for _, p := range running {
		if s, err := p.Stat(); err == nil { // it may have ended
			all[p.PID] = aProcess{p, s.PPID, tick * time.Duration(int(s.UTime+s.STime)+s.CUTime+s.CSTime)}
		}
	}
	return all, nil
}

// family adds up a process and its children. What they share is counted once.
func family(all map[int]aProcess, pid int) (memory int64, cpu time.Duration) {
	p := all[pid]
	if r, err := p.ProcSMapsRollup(); err == nil {
		memory = int64(r.Pss)
	}
	cpu = p.cpu
	for child, of := range all {
		if of.parent == pid {
			m, c := family(all, child)
			memory, cpu = memory+m, cpu+c
		}
	}
	return memory, cpu
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
