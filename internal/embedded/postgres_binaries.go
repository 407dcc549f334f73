package embedded

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// oldestPostgres is the first major version that steward's SQL runs on.
const oldestPostgres = 14

// Where distributions and Homebrew put servers that are not on PATH.
var postgresFolders = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
}

// binaries are one installed Postgres.
type binaries struct {
	dir   string
	major int
}

// findBinaries lists what the owner can run: what PATH names, then the rest,
// newest first. cache is where fetched ones lie.
func findBinaries(ctx context.Context, own owner, cache string) []binaries {
	var found []binaries
	for _, dir := range onPath() {
		found = appendBinaries(ctx, found, own, dir)
	}
	first := len(found)
	for _, pattern := range append(postgresFolders, filepath.Join(cache, "postgres-*", "bin")) {
		dirs, _ := filepath.Glob(pattern)
		for _, dir := range dirs {
			found = appendBinaries(ctx, found, own, dir)
		}
	}
	slices.SortStableFunc(found[first:], func(a, b binaries) int { return cmp.Compare(b.major, a.major) })
	return found
}

// onPath follows links, because initdb wants its postgres beside it.
func onPath() []string {
	var dirs []string
	for _, name := range []string{"postgres", "pg_ctl"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
		dirs = append(dirs, filepath.Dir(path))
	}
	return dirs
}

func appendBinaries(ctx context.Context, found []binaries, own owner, dir string) []binaries {
	known := slices.ContainsFunc(found, func(b binaries) bool { return b.dir == dir })
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil || known {
		return found
	}
	if major := majorVersion(ctx, own, dir); major > 0 {
		return append(found, binaries{dir: dir, major: major})
	}
	return found
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// majorVersion is 0 where there is nothing that the owner can run.
func majorVersion(ctx context.Context, own owner, dir string) int {
	out, err := own.command(ctx, "/", filepath.Join(dir, "postgres"), "--version").Output()
	m := versionLine.FindSubmatch(out)
	if err != nil || m == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(m[1]))
	return major
}

// pick chooses for data made by major version made, 0 for a new cluster.
func pick(found []binaries, data string, made int) (binaries, error) {
	for _, b := range found {
		if b.major == made || made == 0 && b.major >= oldestPostgres {
			return b, nil
		}
	}
	if made == 0 || len(found) == 0 {
		return binaries{}, errNoPostgres
	}
	return binaries{}, fmt.Errorf("the data in %s was made by Postgres %d, but this machine has Postgres %d (%s): install Postgres %d, or move the data away to begin with an empty database",
		data, made, found[0].major, found[0].dir, made)
}
