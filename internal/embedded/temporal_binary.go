package embedded

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// The Temporal CLI that steward builds where there is none: tools/temporal
// names the same one.
const (
	temporalModule  = "github.com/temporalio/cli"
	temporalVersion = "v1.5.1"
	oldestServer    = 29 // the minor version: 1.29 has update-with-start for everybody
)

// A temporalBinary is a CLI with a server inside.
type temporalBinary struct {
	path   string
	server string // the server's version, like 1.29.1
}

// findTemporal takes the CLI on PATH if it will do, and else the one in the
// cache, which it builds the first time. made is the version of the server
// that made the file, if there is one: another minor version may not read it.
func findTemporal(ctx context.Context, o TemporalOptions, made string) (temporalBinary, error) {
	if path, err := exec.LookPath("temporal"); err == nil {
		if b, ok := probe(ctx, path); ok && suits(b.server, made) {
			return b, nil
		}
	}
	b, err := cachedTemporal(ctx, o)
	if err != nil {
		return b, err
	}
	if !suits(b.server, made) {
		return b, fmt.Errorf("%s was made by Temporal server %s, but this machine has %s: put a temporal of that version on PATH, or move the file away to begin with an empty one",
			filepath.Join(o.Dir, "temporal.db"), made, b.server)
	}
	return b, nil
}

func cachedTemporal(ctx context.Context, o TemporalOptions) (temporalBinary, error) {
	cache, err := cacheDir(o.Dir)
	if err != nil {
		return temporalBinary{}, err
	}
	path := filepath.Join(cache, "temporal-"+temporalVersion)
	if b, ok := probe(ctx, path); ok {
		return b, nil
	}
	if err := buildTemporal(ctx, path, o); err != nil {
		return temporalBinary{}, err
	}
	b, ok := probe(ctx, path)
	if !ok {
		return b, fmt.Errorf("the Temporal built in %s does not run: remove it and start again", path)
	}
	return b, nil
}

var serverVersion = regexp.MustCompile(`\(Server (\d+)\.(\d+)\.[^,)]+`)

// probe asks a CLI for its version.
func probe(ctx context.Context, path string) (temporalBinary, bool) {
	cmd := exec.CommandContext(ctx, path, "--version")
	cmd.Env = withoutTemporal(cmd.Environ())
	out, err := cmd.Output()
	version := serverVersion.Find(out)
	if err != nil || version == nil {
		return temporalBinary{}, false
	}
	return temporalBinary{path: path, server: string(version[len("(Server "):])}, true
}

// suits tells whether a server is new enough and reads what made made.
func suits(server, made string) bool {
	major, minor := parts(server)
	if made == "" {
		return major > 1 || major == 1 && minor >= oldestServer
	}
	madeMajor, madeMinor := parts(made)
	return major == madeMajor && minor == madeMinor
}

var twoNumbers = regexp.MustCompile(`^(\d+)\.(\d+)`)

func parts(version string) (major, minor int) {
	m := twoNumbers.FindStringSubmatch(version)
	if m == nil {
		return 0, 0
	}
	major, _ = strconv.Atoi(m[1])
	minor, _ = strconv.Atoi(m[2])
	return major, minor
}
