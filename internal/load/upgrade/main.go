// Upgrade changes the version under a running installation, as
// docs/operations.md tells operators to, and says whether anybody noticed:
//
//	go run ./internal/load/upgrade -phase 1m
//
// The release before is the newest tag v*, or what .ci/previous names. It is
// built from git, started on a schema of its own, and given a firm's work; the
// new version migrates under it, runs beside it, and stays alone. It fails when
// a request does, when a write that was answered is not there in the end, or
// when a process could not be taken over.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"steward/internal/load"
)

func main() {
	phase := flag.Duration("phase", 30*time.Second, "how long each phase lasts")
	rate := flag.Float64("rate", 40, "how many operations a second are sent")
	cluster := flag.Bool("cluster", false, "Temporal's server on Postgres, instead of its dev server")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, *phase, *rate, *cluster)
	stop()
	if err != nil {
		load.Say("upgrade: %v", err)
		os.Exit(1)
	}
	load.Say("nobody noticed")
}

// upgrade is one that goes on.
type upgrade struct {
	in       *load.Installation
	old, new string // binaries
	load     *load.Load
	watch    *load.Watch
	tally    atomic.Pointer[load.Tally]
	phase    time.Duration
	wrong    []error
}

func run(ctx context.Context, phase time.Duration, rate float64, cluster bool) error {
	in, err := load.Open(ctx, cluster)
	if err != nil {
		return err
	}
	defer in.Close()
	u := &upgrade{in: in, phase: phase}
	if err := u.build(ctx); err != nil {
		return err
	}
	if err := u.begin(ctx); err != nil {
		return err
	}
	defer u.watch.Close()
	sending, stop := context.WithCancel(ctx)
	held := make(chan struct{})
	u.tally.Store(load.NewTally())
	go func() {
		defer close(held)
		u.load.Hold(sending, rate, u.tally.Load)
	}()
	err = u.through(ctx)
	stop()
	<-held
	if err != nil {
		return errors.Join(err, in.Last())
	}
	return u.look(ctx)
}

// build builds both versions.
func (u *upgrade) build(ctx context.Context) error {
	before, err := u.in.CheckOut(ctx, ".ci/previous")
	if err != nil {
		return err
	}
	load.Say("building %s and what is here", before.Name)
	if u.old, err = u.in.Build(ctx, before.Source, "steward-old"); err != nil {
		return err
	}
	u.new, err = u.in.Build(ctx, ".", "steward-new")
	return err
}

// begin starts the old version, with a firm.
func (u *upgrade) begin(ctx context.Context) error {
	said, err := u.in.Run(ctx, u.old, "migrate")
	if err != nil {
		return err
	}
	load.Say("the old version: %s", said)
	if _, err := u.in.StartWorker(u.old); err != nil {
		return err
	}
	if _, err := u.in.StartAPI(u.old); err != nil {
		return err
	}
	to := load.NewClient(u.in)
	firm, err := load.NewFirm(ctx, u.in, u.old, to)
	if err != nil {
		return err
	}
	u.load = load.NewLoad(firm, nil)
	u.watch, err = load.NewWatch(ctx, u.in, to, firm.Watched())
	return err
}

// through is the order of docs/operations.md, "Upgrading".
func (u *upgrade) through(ctx context.Context) error {
	oldAPI, oldWorker := u.in.APIs()[0], u.in.Workers()[0]
	steps := []struct {
		name string
		do   func() error
	}{
		{"the old version alone", func() error { return nil }},
		{"the old version on the new schema", func() error { return u.migrate(ctx) }},
		{"a new worker beside the old one", func() error { _, err := u.in.StartWorker(u.new); return err }},
		{"a new API beside the old one", func() error { _, err := u.in.StartAPI(u.new); return err }},
		{"the old API has gone", func() error { u.in.Stop(oldAPI); return nil }},
		{"the old worker has gone", func() error { u.in.Stop(oldWorker); return nil }},
	}
	for _, s := range steps {
		if err := s.do(); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if err := u.stay(ctx, s.name); err != nil {
			return err
		}
	}
	return nil
}

func (u *upgrade) migrate(ctx context.Context) error {
	said, err := u.in.Run(ctx, u.new, "migrate")
	load.Say("the new version: %s", said)
	return err
}

// stay lets a phase last.
func (u *upgrade) stay(ctx context.Context, name string) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(u.phase):
	}
	u.settle(name)
	return nil
}

// settle says how a phase went.
func (u *upgrade) settle(name string) {
	t := u.tally.Swap(load.NewTally())
	wrong, why := t.Wrong()
	load.Say("%-36s %5d operations, %d errors, %s", name, t.Count(), wrong, t.Quantiles("assign", "time entry"))
	for _, w := range why {
		u.wrong = append(u.wrong, fmt.Errorf("%s: %s", name, w))
	}
}

// look says what is wrong after all.
func (u *upgrade) look(ctx context.Context) error {
	u.settle("what was under way")
	answered, wrong, err := u.watch.Kept(ctx)
	if err != nil {
		return err
	}
	for _, w := range wrong {
		u.wrong = append(u.wrong, errors.New(w))
	}
	causes, err := u.watch.TaskFailures(ctx)
	if err != nil {
		return err
	}
	load.Say("%d writes were answered; workflow tasks that failed, by cause: %v", answered, causes)
	for cause, n := range causes {
		if load.Broken(cause) {
			u.wrong = append(u.wrong, fmt.Errorf("%d workflow tasks failed: %s", n, cause))
		}
	}
	said, err := u.in.Said("nondeterminis", "non-determinis", "panic")
	for _, line := range said[:min(len(said), 5)] {
		u.wrong = append(u.wrong, errors.New(line))
	}
	return errors.Join(append(u.wrong, err)...)
}
