package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"steward/internal/embedded/servers"
)

func TestTheCommandGetsServersAndItsExitCodeIsKept(t *testing.T) {
	t.Setenv(servers.DatabaseURL, "")
	t.Setenv(servers.TemporalAddress, "")
	out := filepath.Join(t.TempDir(), "out")
	script := `echo "$` + servers.DatabaseURL + ` $` + servers.TemporalAddress + `" >` + out + `; exit 3`
	code, err := run(t.Context(), []string{"--", "sh", "-c", script})
	if err != nil || code != 3 {
		t.Errorf("got %d, %v, want 3", code, err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "postgres://steward:") || !strings.Contains(string(text), "sslmode=disable 127.0.0.1:") {
		t.Errorf("it was given %s", text)
	}
}

func TestACancelledCommandIsAskedToEnd(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "started")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = os.ReadFile(fifo) // ends when the command runs
		cancel()
	}()
	script := "trap 'exit 7' INT; echo >" + fifo + "; while :; do sleep 1; done"
	code, err := command(ctx, []string{"sh", "-c", script}, nil)
	if err != nil || code != 7 {
		t.Errorf("got %d, %v, want 7", code, err)
	}
}

func TestAMissingCommandIsSaid(t *testing.T) {
	if code, err := run(t.Context(), []string{"--"}); code != 2 || err == nil {
		t.Errorf("no command: got %d, %v", code, err)
	}
	if code, err := command(t.Context(), []string{"no-such-program"}, nil); code != 127 || err == nil {
		t.Errorf("no such program: got %d, %v", code, err)
	}
}
