package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fault is something that goes wrong for a while.
type fault struct {
	name   string
	weight int
	// strike breaks something and returns what was broken, in words, and how it
	// is healed; it returns "" where it cannot be done here.
	strike func(*chaosMonkey) (what string, heal func())
	lasts  bool // may last while the next one strikes
}

// faults are all that goes wrong in a machine room.
var faults = []fault{
	{"kill", 6, (*chaosMonkey).killNode, false},
	{"kill Postgres", 2, (*chaosMonkey).killPostgres, false},
	{"kill Temporal", 2, (*chaosMonkey).killTemporal, false},
	{"restart Postgres", 2, (*chaosMonkey).restartPostgres, false},
	{"pause", 4, (*chaosMonkey).pauseNode, true},
	{"pause Postgres", 2, (*chaosMonkey).pausePostgres, false},
	{"pause Temporal", 2, (*chaosMonkey).pauseTemporal, false},
	{"cut", 3, (*chaosMonkey).cut, false},
	{"part", 3, (*chaosMonkey).part, true},
	{"slow", 3, (*chaosMonkey).slow, true},
	{"clock", 2, (*chaosMonkey).clock, false},
	{"full disk", 2, (*chaosMonkey).fillDisk, false},
}

// chaosMonkey breaks things and mends them, one after the other, at times the
// next before the last is mended.
type chaosMonkey struct {
	t      *testing.T
	fleet  *fleet
	random *rand.Rand
	down   time.Duration // how long the servers stay away at most
	only   string        // the name of the one fault that strikes; "" for all
	struck []string
	counts map[string]int
}

// rage strikes so often, then leaves everything mended.
func (m *chaosMonkey) rage(ctx context.Context, times int) {
	m.counts = map[string]int{}
	var lasting func()
	for range times {
		m.pause(ctx, 200, 800)
		f := m.draw()
		what, heal := f.strike(m)
		if what == "" {
			continue
		}
		m.counts[f.name]++
		m.struck = append(m.struck, what)
		if lasting != nil {
			lasting()
			lasting = nil
		}
		if f.lasts && m.random.IntN(3) == 0 {
			lasting = heal
			continue
		}
		heal()
	}
	if lasting != nil {
		lasting()
	}
}

func (m *chaosMonkey) draw() fault {
	sum := 0
	for _, f := range faults {
		if m.only == "" || strings.HasPrefix(f.name, m.only) {
			sum += f.weight
		}
	}
	at := m.random.IntN(sum)
	for _, f := range faults {
		if m.only != "" && !strings.HasPrefix(f.name, m.only) {
			continue
		}
		if at -= f.weight; at < 0 {
			return f
		}
	}
	panic("the weights do not add up")
}

// pause lets time pass: faults last as long as they last.
func (m *chaosMonkey) pause(ctx context.Context, least, most int) time.Duration {
	d := time.Duration(least+m.random.IntN(most-least)) * time.Millisecond
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
	return d
}

// away is how long a server stays away.
func (m *chaosMonkey) away() time.Duration {
	return m.pause(context.Background(), 1, 2+int(m.down.Milliseconds()))
}

func (m *chaosMonkey) node() *node {
	all := m.fleet.nodes()
	return all[m.random.IntN(len(all))]
}

func (m *chaosMonkey) killNode() (string, func()) {
	n := m.node()
	n.signal(syscall.SIGKILL)
	return "kill " + n.name, func() {}
}

func (m *chaosMonkey) killPostgres() (string, func()) {
	m.fleet.own.killPostgres()
	return fmt.Sprintf("kill Postgres, away %s", m.away().Round(time.Millisecond)), m.fleet.own.startPostgres
}

func (m *chaosMonkey) killTemporal() (string, func()) {
	m.fleet.own.killTemporal()
	return fmt.Sprintf("kill Temporal, away %s", m.away().Round(time.Millisecond)), m.fleet.own.startTemporal
}

// restartPostgres ends it in order: it says goodbye to everybody.
func (m *chaosMonkey) restartPostgres() (string, func()) {
	m.fleet.own.postgres.Stop()
	return "restart Postgres", m.fleet.own.startPostgres
}

// pauseNode stops a process and lets it go on as if nothing had happened, at
// times after its work was given to another.
func (m *chaosMonkey) pauseNode() (string, func()) {
	n := m.node()
	n.signal(syscall.SIGSTOP)
	most := 2_000
	if m.random.IntN(5) == 0 {
		most = 12_000
	}
	d := m.pause(context.Background(), 100, most)
	return fmt.Sprintf("pause %s for %s", n.name, d.Round(time.Millisecond)), func() { n.signal(syscall.SIGCONT) }
}

func (m *chaosMonkey) pausePostgres() (string, func()) {
	return m.pauseServer("Postgres", filepath.Join(m.fleet.own.pgData, "postmaster.pid"))
}

func (m *chaosMonkey) pauseTemporal() (string, func()) {
	return m.pauseServer("Temporal", filepath.Join(m.fleet.own.dir, "temporal.pid"))
}

func (m *chaosMonkey) pauseServer(name, file string) (string, func()) {
	all := family(pidIn(m.t, file))
	for _, pid := range all {
		_ = syscall.Kill(pid, syscall.SIGSTOP) // a backend may just have ended
	}
	d := m.pause(context.Background(), 100, 3_000)
	return fmt.Sprintf("pause %s for %s", name, d.Round(time.Millisecond)), func() {
		for _, pid := range all {
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
	}
}

// wireOf is the wire of somebody to one of the servers.
func (m *chaosMonkey) wireOf() (*wire, string) {
	n := m.node()
	if m.random.IntN(2) == 0 {
		return n.postgres, n.name + " from Postgres"
	}
	return n.temporal, n.name + " from Temporal"
}

func (m *chaosMonkey) cut() (string, func()) {
	w, name := m.wireOf()
	w.cut()
	return "cut " + name, func() {}
}

func (m *chaosMonkey) part() (string, func()) {
	w, name := m.wireOf()
	w.refuse(true)
	d := m.pause(context.Background(), 100, 3_000)
	return fmt.Sprintf("part %s for %s", name, d.Round(time.Millisecond)), func() { w.refuse(false) }
}

func (m *chaosMonkey) slow() (string, func()) {
	w, name := m.wireOf()
	delay := time.Duration(10+m.random.IntN(300)) * time.Millisecond
	w.slow(delay)
	d := m.pause(context.Background(), 500, 3_000)
	return fmt.Sprintf("slow %s by %s for %s", name, delay, d.Round(time.Millisecond)), func() { w.slow(0) }
}

// clock starts a process again with a clock that is off, and leaves it so.
func (m *chaosMonkey) clock() (string, func()) {
	n := m.node()
	off := time.Duration(m.random.IntN(1_200_000)-600_000) * time.Millisecond
	n.shift(off)
	return fmt.Sprintf("the clock of %s is off by %s", n.name, off), func() {}
}

// fillDisk leaves no room for Postgres, Temporal and the files.
func (m *chaosMonkey) fillDisk() (string, func()) {
	if !m.fleet.own.ownDisk {
		return "", nil
	}
	ballast := filepath.Join(m.fleet.own.dir, "ballast")
	var disk syscall.Statfs_t
	if err := syscall.Statfs(m.fleet.own.dir, &disk); err != nil {
		m.t.Error(err)
		return "", nil
	}
	f, err := os.Create(ballast)
	if err != nil {
		m.t.Error(err)
		return "", nil
	}
	fill(f, int64(disk.Bavail)*int64(disk.Bsize)) // others write too: there may be less
	_ = f.Close()
	d := m.pause(context.Background(), 500, 3_000)
	return fmt.Sprintf("full disk for %s", d.Round(time.Millisecond)), func() {
		_ = os.Remove(ballast)
		m.fleet.own.revive()
	}
}

// revive starts servers that could not bear what was done to them.
func (o *ownServers) revive() {
	o.t.Helper()
	select {
	case <-o.postgres.Done():
		o.postgres.Stop()
		o.startPostgres()
	default:
	}
	select {
	case <-o.temporal.Done():
		o.temporal.Stop()
		o.startTemporal()
	default:
	}
}

// pidIn is the number of the process whose id is in the first line of a file.
func pidIn(t *testing.T, file string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return number(t, strings.TrimSpace(first))
}
