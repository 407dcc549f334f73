// Withservers runs a command with a Postgres and a Temporal for it alone:
//
//	go run ./internal/embedded/withservers -- go test ./...
//
// It names them to the command in STEWARD_TEST_DATABASE_URL and
// STEWARD_TEST_TEMPORAL_ADDRESS, and exits as the command does, with nothing
// left running and nothing left behind. A server that is named already is used
// and not started.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"steward/internal/embedded"
	"steward/internal/embedded/servers"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code, err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		say("%v", err)
	}
	os.Exit(code)
}

func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "withservers: "+format+"\n", args...)
}

// run starts the servers, runs the command, and answers its exit code.
func run(ctx context.Context, args []string) (code int, err error) {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return 2, errors.New("name a command: withservers -- go test ./")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go watchParent(ctx, cancel)
	env, stop, err := start(ctx)
	defer stop()
	if err != nil {
		return 1, err
	}
	return command(ctx, args, env)
}

// start starts what is not named yet. stop is never nil.
func start(ctx context.Context) (env []string, stop func(), err error) {
	var stops []func()
	stop = func() {
		for i := len(stops) - 1; i >= 0; i-- {
			stops[i]()
		}
	}
	if os.Getenv(servers.DatabaseURL) == "" {
		dir, remove, err := embedded.TempDir()
		if err != nil {
			return nil, stop, err
		}
		stops = append(stops, remove)
		p, err := embedded.StartPostgres(ctx, embedded.PostgresOptions{Dir: dir, Ephemeral: true, Say: say})
		if err != nil {
			return nil, stop, err
		}
		stops = append(stops, p.Stop)
		env = append(env, servers.DatabaseURL+"="+p.URL())
	}
	if os.Getenv(servers.TemporalAddress) == "" {
		t, err := embedded.StartTemporal(ctx, embedded.TemporalOptions{UIPort: -1, Say: say})
		if err != nil {
			return nil, stop, err
		}
		stops = append(stops, t.Stop)
		env = append(env, servers.TemporalAddress+"="+t.Address())
	}
	return env, stop, nil
}

// command runs args in a process group of its own, so that all of it can be
// stopped: politely at first, for good after ten seconds.
func command(ctx context.Context, args, env []string) (code int, err error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		return 127, fmt.Errorf("%s cannot be started: %w", args[0], err)
	}
	_ = cmd.Wait() // the exit code says it
	if ctx.Err() != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return status.ExitStatus(), nil
}

// watchParent ends everything when whoever started this is gone: `go run` does
// not pass every signal on.
func watchParent(ctx context.Context, cancel func()) {
	parent := os.Getppid()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for os.Getppid() == parent {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
	cancel()
}
