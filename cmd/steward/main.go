// Command steward runs a services firm's client work, from request to paid
// invoice. See `steward --help`.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"reflect"
	"syscall"

	"github.com/alecthomas/kong"

	"steward/internal/config"
)

// version is set when a release is built.
var version = "dev"

func main() {
	config.Memory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(Run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// commands is the command line.
type commands struct {
	config.Settings

	Dev       devCommand       `cmd:"" help:"Run everything on this machine: Postgres, Temporal with its UI, worker and API."`
	API       apiCommand       `cmd:"" name:"api" help:"Run the API: the HTTP contract, and its reference at /docs/."`
	Worker    workerCommand    `cmd:"" help:"Run a worker: processes, documents, schedules."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database to the newest schema."`
	Import    importCommand    `cmd:"" help:"Import a firm's clients, people, projects, tasks and time from CSV files."`
	Export    exportCommand    `cmd:"" help:"Write a firm's clients, people, projects, rates, tasks and time into CSV files, which another steward can import."`
	User      userCommand      `cmd:"" help:"Add people."`
	Token     tokenCommand     `cmd:"" help:"Make API tokens."`
	Bill      billCommand      `cmd:"" help:"Bill the time of all projects through a date, and print a line for each invoice."`
	Reconcile reconcileCommand `cmd:"" help:"Compare what is open in Postgres with what runs in Temporal, and mend what differs."`
	Backup    backupCommand    `cmd:"" help:"Copy the database and the files into a folder; nothing has to be stopped."`
	Restore   restoreCommand   `cmd:"" help:"Bring a backup into an empty database and a store of files, and migrate it to this version."`
	Codec     codecCommand     `cmd:"" help:"Show operators what the payload keys hide: the remote codec of Temporal's UI and command line."`
	Version   versionCommand   `cmd:"" help:"Print the version."`

	ShowVersion kong.VersionFlag `name:"version" help:"Print the version."`
}

// groups are those of the settings, below a command's own flags.
var groups = []kong.Group{
	{Key: "shared", Title: "Settings of all commands, as a flag or in the environment:"},
	{Key: "services", Title: "Settings of api and worker:"},
	{Key: "api", Title: "Settings of the api:"},
	{Key: "worker", Title: "Settings of the worker:"},
}

// out is where a command writes: results on Out, everything else on Err.
type out struct {
	Out, Err io.Writer
}

func (o out) say(format string, args ...any) { fmt.Fprintf(o.Err, format+"\n", args...) }

// exit is an exit code asked for by the command line's parser.
type exit int

// Run runs a command line and returns its exit code: 0, 1 when it failed, 2
// when it was not understood.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	defer func() {
		if v := recover(); v != nil {
			c, ok := v.(exit)
			if !ok {
				panic(v)
			}
			code = int(c)
		}
	}()
	var c commands
	parser, err := kong.New(&c, kong.Name("steward"), kong.Writers(stdout, stderr), kong.UsageOnError(), kong.ShortUsageOnError(),
		kong.Description("A services firm's client work, from request to paid invoice."), kong.Vars{"version": versionText()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, WrapUpperBound: 100}), kong.ExplicitGroups(groups), kong.TypeMapper(reflect.TypeFor[slog.Level](), kong.MapperFunc(logLevel)),
		kong.Exit(func(code int) { panic(exit(code)) }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(out{stdout, stderr}))
	if err != nil {
		fmt.Fprintln(stderr, "steward:", err)
		return 2
	}
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "steward: %v\nRun \"steward --help\" to see what there is.\n", err)
		return 2
	}
	if err := k.Run(c.Settings); err != nil && !errors.Is(err, context.Canceled) {
		c.report(stderr, k.Command(), err)
		return 1
	}
	return 0
}

// report says why a command failed: that of a service in its log, where programs
// read it.
func (c commands) report(stderr io.Writer, command string, err error) {
	if c.LogFormat == "json" && (command == "api" || command == "worker") {
		logger(stderr, c.Settings).Error("steward "+command+" has ended", "error", err)
		return
	}
	fmt.Fprintln(stderr, "steward:", err)
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(o out) error {
	_, err := fmt.Fprintln(o.Out, versionText())
	return err
}

func versionText() string { return "steward " + version }
