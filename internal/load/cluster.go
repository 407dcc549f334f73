package load

import (
	"context"
	_ "embed"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"text/template"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"steward/internal/embedded"
)

// The settings of Temporal's server, as docker-compose.yml has them.
var (
	//go:embed temporal.yaml
	serverSettings string
	//go:embed temporal-dynamic.yaml
	dynamicSettings []byte
)

// shards is how many parts Temporal's histories are in; docker-compose.yml says
// the same. It is for good.
const shards = 128

// Temporal's two databases.
const (
	engineDatabase     = "temporal"
	visibilityDatabase = "temporal_visibility"
)

// server starts Temporal's server with its data and its lists in databases of
// their own on the same Postgres.
func (in *Installation) server(ctx context.Context) error {
	binaries, err := serverBinaries(ctx)
	if err != nil {
		return err
	}
	at, err := url.Parse(in.Database)
	if err != nil {
		return err
	}
	for _, name := range []string{engineDatabase, visibilityDatabase} {
		if err := in.schema(ctx, binaries, at, name); err != nil {
			return err
		}
	}
	frontend, err := in.configure(at)
	if err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(binaries, "temporal-server"), "--root", in.Dir, "--config", ".", "--env", "temporal", "--allow-no-auth", "start")
	cmd.Stdout, cmd.Stderr = in.log, in.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	gone, end := context.WithCancel(ctx)
	go func() { _ = cmd.Wait(); end() }()
	in.stops = append(in.stops, func() { _ = cmd.Process.Signal(syscall.SIGTERM); <-gone.Done() })
	in.Temporal = frontend
	if err := namespace(gone, frontend); err != nil {
		return fmt.Errorf("the server of Temporal at %s: %w; %w", frontend, err, in.Last())
	}
	return in.watchEngine(ctx, cmd.Process.Pid)
}

// serverBinaries is the folder with Temporal's server and the program that
// makes its tables, built from the module of the pinned tools if need be.
func serverBinaries(ctx context.Context) (string, error) {
	bin, err := filepath.Abs("bin")
	if err != nil {
		return "", err
	}
	for name, program := range map[string]string{"temporal-server": "go.temporal.io/server/cmd/server", "temporal-sql-tool": "go.temporal.io/server/cmd/tools/sql"} {
		path := filepath.Join(bin, name)
		if _, err := os.Stat(path); err == nil {
			continue
		}
		Say("building %s once: some minutes, then kept in bin", name)
		cmd := exec.CommandContext(ctx, "go", "build", "-C", "tools/temporal", "-ldflags=-s -w", "-o", path, program)
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("build %s: %w\n%s", name, err, out)
		}
	}
	return bin, nil
}

// schema makes one of Temporal's databases with its tables.
func (in *Installation) schema(ctx context.Context, binaries string, at *url.URL, name string) error {
	conn, err := pgx.Connect(ctx, in.Database)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()); err != nil {
		return err
	}
	kind := map[string]string{engineDatabase: "temporal", visibilityDatabase: "visibility"}[name]
	password, _ := at.User.Password()
	for _, step := range [][]string{{"setup-schema", "-v", "0.0"}, {"update-schema", "--schema-name", "postgresql/v12/" + kind}} {
		args := append([]string{"--plugin", "postgres12", "--endpoint", at.Hostname(), "--port", at.Port(), "--user", at.User.Username(), "--database", name}, step...)
		cmd := exec.CommandContext(ctx, filepath.Join(binaries, "temporal-sql-tool"), args...)
		cmd.Env = append(os.Environ(), "SQL_PASSWORD="+password)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("make the tables of %s: %w\n%s", name, err, out)
		}
	}
	return nil
}

// configure writes the server's settings and returns where its frontend is
// going to listen.
func (in *Installation) configure(at *url.URL) (frontend string, err error) {
	ports, err := freePorts(9)
	if err != nil {
		return "", err
	}
	password, _ := at.User.Password()
	t, err := template.New("temporal").Delims("<<", ">>").Parse(serverSettings)
	if err != nil {
		return "", err
	}
	f, err := os.Create(filepath.Join(in.Dir, "temporal.yaml"))
	if err != nil {
		return "", err
	}
	defer f.Close()
	dynamic := filepath.Join(in.Dir, "temporal-dynamic.yaml")
	if err := os.WriteFile(dynamic, dynamicSettings, 0o600); err != nil {
		return "", err
	}
	return fmt.Sprint("127.0.0.1:", ports[0]), t.Execute(f, object{"Ports": ports, "Postgres": at.Host, "User": at.User.Username(), "Password": password, "Shards": shards, "Dynamic": dynamic})
}

// Between these are ports that Temporal can note down: it keeps them in a
// smallint.
const lowest, highest = 20_000, 32_000

// freePorts are ports that nobody listens on just now.
func freePorts(n int) (ports []int, err error) {
	for try := 0; len(ports) < n; try++ {
		port := lowest + rand.IntN(highest-lowest)
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port))
		if err == nil {
			defer l.Close() // with all of them in hand, or one would be found twice
			ports = append(ports, port)
		}
		if try > highest-lowest {
			return nil, err
		}
	}
	return ports, nil
}

// namespace makes the namespace as soon as the server answers, and returns when
// it can be used.
func namespace(ctx context.Context, frontend string) error {
	const name, attempt = "default", 200 * time.Millisecond
	c, err := client.NewLazyClient(client.Options{HostPort: frontend, Namespace: name, Logger: silent()})
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	defer stop()
	tick := time.NewTicker(attempt)
	defer tick.Stop()
	for {
		_, _ = c.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(30 * 24 * time.Hour)})
		if err = embedded.RegisterSearchAttributes(ctx, c, name); err == nil {
			_, err = c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: "WaitingFor = 'nobody'"})
		}
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}

// watchEngine says how the server's data is measured.
func (in *Installation) watchEngine(ctx context.Context, pid int) error {
	pool, err := pgxpool.New(ctx, in.Database)
	if err != nil {
		return err
	}
	in.stops = append(in.stops, pool.Close)
	in.Engine = Engine{Name: "Temporal's server on Postgres", PID: func() int { return pid }, Bytes: func() (n int64, err error) {
		err = pool.QueryRow(context.Background(), `SELECT pg_database_size($1) + pg_database_size($2)`, engineDatabase, visibilityDatabase).Scan(&n)
		return n, err
	}}
	return nil
}
