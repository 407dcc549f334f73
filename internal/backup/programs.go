package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// run runs one of Postgres' programs on a database. The password goes by the
// environment: what stands on a command line, everybody on the machine reads.
func run(ctx context.Context, program, database string, args ...string) error {
	at, err := pgx.ParseConfig(database)
	if err != nil {
		return fmt.Errorf("read the database's address: %w", err)
	}
	major, err := serverVersion(ctx, at)
	if err != nil {
		return err
	}
	path, err := find(ctx, program, major)
	if err != nil {
		return err
	}
	env, err := environment(at, database)
	if err != nil {
		return err
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, path, append([]string{"--no-password", "--dbname=" + at.Database}, args...)...)
	cmd.Env, cmd.Stderr = append(os.Environ(), env...), &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, strings.TrimSpace(said.String()))
	}
	return nil
}

// environment is where a database is, as Postgres' programs read it. It refuses
// what is no URL: how the connection is secured could not be told from it.
func environment(at *pgx.ConnConfig, database string) ([]string, error) {
	env := []string{"PGHOST=" + at.Host, "PGPORT=" + strconv.Itoa(int(at.Port)), "PGUSER=" + at.User, "PGPASSWORD=" + at.Password, "PGAPPNAME=steward backup"}
	u, err := url.Parse(database)
	if err != nil || u.Scheme == "" {
		return nil, errors.New("the database is to be named by a URL, such as postgres://steward@db.example/steward")
	}
	for key, name := range map[string]string{
		"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "channel_binding": "PGCHANNELBINDING", "options": "PGOPTIONS",
	} {
		if v := u.Query().Get(key); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env, nil
}

// serverVersion is the major version of a server.
func serverVersion(ctx context.Context, at *pgx.ConnConfig) (int, error) {
	c, err := pgx.ConnectConfig(ctx, at)
	if err != nil {
		return 0, fmt.Errorf("reach the database: %w", err)
	}
	defer c.Close(ctx)
	first, _, _ := strings.Cut(c.PgConn().ParameterStatus("server_version"), ".")
	major, err := strconv.Atoi(regexp.MustCompile(`^\d+`).FindString(first))
	if err != nil {
		return 0, fmt.Errorf("the server's version %q is none", first)
	}
	return major, nil
}

// folders are where distributions and Homebrew put programs that are not on PATH.
var folders = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", "/opt/homebrew/opt/libpq/bin"}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// find looks for a program of the server's version, else of the next newer one:
// an older one does not read a newer server.
func find(ctx context.Context, program string, server int) (string, error) {
	type candidate struct {
		path  string
		major int
	}
	var all []candidate
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), folders...) {
		paths, _ := filepath.Glob(filepath.Join(dir, program))
		for _, path := range paths {
			out, err := exec.CommandContext(ctx, path, "--version").Output()
			if m := versionLine.FindSubmatch(out); err == nil && m != nil {
				major, _ := strconv.Atoi(string(m[1]))
				all = append(all, candidate{path, major})
			}
		}
	}
	all = slices.DeleteFunc(all, func(c candidate) bool { return c.major < server })
	if len(all) == 0 {
		return "", fmt.Errorf("there is no %s of version %d or newer, as the server is, on PATH or where it is usually installed", program, server)
	}
	return slices.MinFunc(all, func(a, b candidate) int { return a.major - b.major }).path, nil
}
