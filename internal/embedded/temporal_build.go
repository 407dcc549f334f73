package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// newsEvery is how often a build says that it still lives.
const newsEvery = 15 * time.Second

// buildTemporal puts the CLI at path. Of several processes one builds and the
// others wait for it; it appears whole or not at all.
func buildTemporal(ctx context.Context, path string, o TemporalOptions) error {
	unlock, err := waitForLock(ctx, path+".lock", o)
	if err != nil {
		return err
	}
	defer unlock()
	if _, ok := probe(ctx, path); ok { // somebody else was building it
		return nil
	}
	work, err := os.MkdirTemp(filepath.Dir(path), "build-*")
	if err != nil {
		return cannotWrite(filepath.Dir(path), err)
	}
	defer os.RemoveAll(work)
	o.Say("building Temporal %s once: 3 to 8 minutes, then kept in %s", temporalVersion, path)
	if err := runBuild(ctx, work, o); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(work, "temporal"), path); err != nil {
		return cannotWrite(filepath.Dir(path), err)
	}
	return nil
}

func runBuild(ctx context.Context, work string, o TemporalOptions) error {
	cmd, err := buildCommand(work)
	if err != nil {
		return err
	}
	p, err := spawn(cmd, o.Log)
	if err != nil {
		return fmt.Errorf("%s cannot be started: %w", cmd.Path, err)
	}
	news := time.NewTicker(newsEvery)
	defer news.Stop()
	for began := time.Now(); ; {
		select {
		case <-ctx.Done():
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the compilers too
			<-p.done
			return ctx.Err()
		case <-news.C:
			o.Say("still building Temporal (%.0f s)", time.Since(began).Seconds())
		case <-p.done:
			if cmd.ProcessState.Success() {
				return nil
			}
			return buildFailed(p.tail.String())
		}
	}
}

func buildFailed(said string) error {
	if strings.Contains(said, "no space left on device") {
		return fmt.Errorf("Temporal cannot be built: %w", syscall.ENOSPC)
	}
	return fmt.Errorf("Temporal %s could not be built: %s: put a temporal with server 1.%d or newer on PATH, or set TEMPORAL_ADDRESS", temporalVersion, complaint(said), oldestServer)
}

// buildCommand builds work/temporal: in a checkout from the pinned modules,
// elsewhere from what the CLI itself asks for.
func buildCommand(work string) (*exec.Cmd, error) {
	golang, err := exec.LookPath("go")
	if err != nil {
		return nil, fmt.Errorf("no temporal with server 1.%d or newer is on PATH, and there is no Go to build one: install either, or set TEMPORAL_ADDRESS", oldestServer)
	}
	const program = temporalModule + "/cmd/temporal"
	args := []string{"install", "-ldflags=-s -w", program + "@" + temporalVersion}
	if tools := toolsModule(); tools != "" {
		args = []string{"build", "-C", tools, "-ldflags=-s -w", "-o", filepath.Join(work, "temporal"), program}
	}
	cmd := exec.Command(golang, args...)
	cmd.Dir = work
	cmd.Env = append(os.Environ(), "GOBIN="+work, "GOFLAGS=-buildvcs=false", "GOWORK=off", "GOOS=", "GOARCH=")
	return cmd, nil
}

// toolsModule is the folder of the pinned CLI, if this runs in a checkout.
func toolsModule() string {
	dir, err := os.Getwd()
	for err == nil {
		tools := filepath.Join(dir, "tools", "temporal")
		if text, err := os.ReadFile(filepath.Join(tools, "go.mod")); err == nil && strings.Contains(string(text), temporalModule+" "+temporalVersion) {
			return tools
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
		dir = filepath.Dir(dir)
	}
	return ""
}

// waitForLock takes the lock when whoever builds is done.
func waitForLock(ctx context.Context, path string, o TemporalOptions) (unlock func(), err error) {
	retry := time.NewTicker(200 * time.Millisecond)
	defer retry.Stop()
	began, told := time.Now(), time.Time{}
	for {
		unlock, err = lockFile(path)
		h := heldError{}
		if !errors.As(err, &h) {
			return unlock, err
		}
		if time.Since(told) > newsEvery {
			told = time.Now()
			o.Say("waiting for another build of Temporal%s (%.0f s)", h.who(), time.Since(began).Seconds())
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-retry.C:
		}
	}
}
