package embedded

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestToolsPinTheSameTemporal(t *testing.T) {
	if toolsModule() == "" {
		t.Errorf("tools/temporal/go.mod does not name %s %s", temporalModule, temporalVersion)
	}
}

func TestWhichTemporalWillDo(t *testing.T) {
	for _, c := range []struct {
		server, made string
		want         bool
	}{
		{"1.29.1", "", true},
		{"1.30.0-rc.1", "", true},
		{"2.0.0", "", true},
		{"1.28.9", "", false},
		{"1.29.4", "1.29.1", true},
		{"1.30.0", "1.29.1", false},
		{"nonsense", "", false},
	} {
		if got := suits(c.server, c.made); got != c.want {
			t.Errorf("server %s on a file of %q: got %v, want %v", c.server, c.made, got, c.want)
		}
	}
}

// fakeTemporal answers --version as the CLI does.
func fakeTemporal(t *testing.T, line string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "temporal")
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho '"+line+"'\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheVersionLineIsUnderstood(t *testing.T) {
	for line, want := range map[string]string{
		"temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)":              "1.29.1",
		"temporal version 0.0.0-DEV (Server 1.30.0-148.4, UI 2.42.1)":    "1.30.0-148.4",
		"something else that is called temporal":                         "",
		"temporal version 9.9.9 of a tool without a server, mind you 1.": "",
	} {
		got, ok := probe(t.Context(), fakeTemporal(t, line))
		if got.server != want || ok != (want != "") {
			t.Errorf("%q: got %q, want %q", line, got.server, want)
		}
	}
}

func TestATemporalOnPathIsTaken(t *testing.T) {
	path := fakeTemporal(t, "temporal version 1.9.0 (Server 1.31.0, UI 2.42.1)")
	t.Setenv("PATH", filepath.Dir(path)+":"+os.Getenv("PATH"))
	got, err := findTemporal(t.Context(), TemporalOptions{}, "")
	if err != nil || got.path != path || got.server != "1.31.0" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWithoutTemporalAndGoItSaysSo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", "")
	_, err := findTemporal(t.Context(), TemporalOptions{Say: func(string, ...any) {}}, "")
	if err == nil || !strings.Contains(err.Error(), "there is no Go to build one") {
		t.Errorf("got %v", err)
	}
}

func TestACancelledBuildEndsAndLeavesNothing(t *testing.T) {
	bin, cache := t.TempDir(), t.TempDir()
	slow := "#!/bin/sh\necho compiling > \"$GOBIN/../started\"\nexec sleep 600\n"
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte(slow), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	if err := syscall.Mkfifo(filepath.Join(cache, "started"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = os.ReadFile(filepath.Join(cache, "started")) // it has begun
		cancel()
	}()
	err := buildTemporal(ctx, filepath.Join(cache, "temporal-x"), TemporalOptions{Say: func(string, ...any) {}})
	if err != context.Canceled {
		t.Errorf("got %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "build-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
