// Steady finds what saturates an installation of steward on this machine, then
// holds a part of that for an hour, and says what became of it:
//
//	go run ./internal/load/steady -for 10m -apis 2 -workers 2 -cluster
//
// Servers and steward's processes are its own, and nothing is left behind.
package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"steward/internal/load"
)

// asked is what the flags say.
type asked struct {
	hold, saturate time.Duration
	apart          time.Duration
	part, rate     float64
	clients        int
	apis, workers  int
	cluster        bool
}

func main() {
	var a asked
	flag.DurationVar(&a.hold, "for", time.Hour, "how long the load is held, in whole minutes; 0: only what saturates is looked for")
	flag.DurationVar(&a.saturate, "saturate", 20*time.Second, "how long it is looked for what saturates")
	flag.DurationVar(&a.apart, "apart", 10*time.Second, "how long an action, a record and a read are measured, each alone; 0: not")
	flag.Float64Var(&a.part, "part", 0.7, "which part of that is held")
	flag.Float64Var(&a.rate, "rate", 0, "operations a second that are held instead; 0: the part")
	flag.IntVar(&a.clients, "clients", 32, "how many clients saturate")
	flag.IntVar(&a.apis, "apis", 1, "how many APIs there are")
	flag.IntVar(&a.workers, "workers", 1, "how many workers there are")
	flag.BoolVar(&a.cluster, "cluster", false, "Temporal's server on the same Postgres, instead of its dev server on SQLite")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, a)
	stop()
	if err != nil {
		load.Say("steady: %v", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, a asked) error {
	in, err := load.Open(ctx, a.cluster)
	if err != nil {
		return err
	}
	defer in.Close()
	binary, err := in.Build(ctx, ".", "steward")
	if err != nil {
		return err
	}
	if err := start(ctx, in, binary, a); err != nil {
		return err
	}
	to := load.NewClient(in)
	to.ComeBack()
	load.Say("%s, %d API, %d worker; making a firm", in.Engine.Name, a.apis, a.workers)
	firm, err := load.NewFirm(ctx, in, binary, to)
	if err != nil {
		return err
	}
	bare, err := load.OpenBare(ctx, in)
	if err != nil {
		return err
	}
	defer bare.Close()
	watch, err := load.NewWatch(ctx, in, to, firm.Watched())
	if err != nil {
		return err
	}
	defer watch.Close()
	return measure(ctx, load.NewLoad(firm, bare), watch, a)
}

func start(ctx context.Context, in *load.Installation, binary string, a asked) error {
	if _, err := in.Run(ctx, binary, "migrate"); err != nil {
		return err
	}
	for range a.workers {
		if _, err := in.StartWorker(binary); err != nil {
			return err
		}
	}
	for range a.apis {
		if _, err := in.StartAPI(binary); err != nil {
			return err
		}
	}
	return nil
}

func measure(ctx context.Context, l *load.Load, watch *load.Watch, a asked) error {
	if a.apart > 0 {
		if err := l.Apart(ctx, watch, a.clients, a.apart); err != nil {
			return err
		}
	}
	l.Saturate(ctx, a.clients, a.saturate/4) // warm
	rate := a.part * l.Saturated(a.clients, l.Saturate(ctx, a.clients, a.saturate), a.saturate)
	if a.rate > 0 {
		rate = a.rate
	}
	load.Say("holding %.0f a second for %s", rate, a.hold)
	minutes, start, err := hold(ctx, l, watch, rate, a.hold)
	if len(minutes) > 0 {
		l.Compare(start, minutes)
	}
	return errors.Join(err, last(context.WithoutCancel(ctx), watch))
}

// hold holds the load and looks every minute.
func hold(ctx context.Context, l *load.Load, watch *load.Watch, rate float64, during time.Duration) (minutes []load.Minute, start load.Minute, err error) {
	if start.Sample, err = watch.Sample(ctx); err != nil {
		return nil, start, err
	}
	var now atomic.Pointer[load.Tally]
	now.Store(load.NewTally())
	sending, stop := context.WithCancel(ctx)
	held := make(chan struct{})
	go func() {
		defer close(held)
		l.Hold(sending, rate, now.Load)
	}()
	defer func() { stop(); <-held }()
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	before := start
	for range int(during / time.Minute) {
		select {
		case <-ctx.Done():
			return minutes, start, ctx.Err()
		case <-tick.C:
		}
		sample, err := watch.Sample(ctx)
		if err != nil { // too busy to be looked at: what was done is told with the next minute
			load.Say("a minute was not looked at: %v", err)
			continue
		}
		m := load.Minute{Tally: now.Swap(load.NewTally()), Sample: sample}
		minutes = append(minutes, m)
		l.Line(len(minutes), before, m)
		before = m
	}
	return minutes, start, nil
}

// last says whether everything is there, and how long histories have become.
func last(ctx context.Context, watch *load.Watch) error {
	answered, wrong, err := watch.Kept(ctx)
	if err != nil {
		return err
	}
	tables, err := watch.Tables(ctx)
	if err != nil {
		return err
	}
	load.Tabled(tables, answered)
	longest, renewed, err := watch.Longest(ctx)
	if err != nil {
		return err
	}
	load.Say("\nthe longest history of a process that runs has %d events; %d runs of tasks ended in one that began anew", longest, renewed)
	causes, err := watch.TaskFailures(ctx)
	if err != nil {
		return err
	}
	load.Say("workflow tasks that failed, by cause: %v", causes)
	for _, w := range wrong {
		err = errors.Join(err, errors.New(w))
	}
	if err == nil {
		load.Say("all %d writes that were answered are there", answered)
	}
	return err
}
