// Package importer brings a firm's work in from CSV files: its clients, people,
// projects, rates, tasks and recorded time.
//
// The files are checked as a whole first: cell by cell, then how rows refer to
// one another and to what earlier imports brought. Then all that is new is
// stored in one transaction. Nothing is stored unless every row is good, except
// where a partial import is asked for. The first column of a file is the
// importer's own key: a thing whose key is stored already is left as it is, so
// that importing again adds only what is new. Rule: api, "Import files".
//
// [Export] writes the same files.
//
// It owns what a file may hold and why a row is refused; how things are stored
// and read is [steward/internal/postgres.Import]'s and
// [steward/internal/postgres.Export]'s.
package importer

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"steward/internal/fault"
	"steward/internal/postgres"
)

// Refused is the code of an import that stored nothing because of bad rows.
const Refused fault.Code = "import_refused"

// Options say how an import goes. The zero Options import all or nothing.
type Options struct {
	// Partial imports the good rows although others are bad. Rows that depend
	// on a bad one are bad too. A file that cannot be read as a whole (it is
	// missing, say, or a column is) still stops the import.
	Partial bool
	// Progress, if not nil, is called from time to time: done of total bytes
	// of a file are checked, or done of total rows of a kind stored.
	Progress func(stage string, done, total int)
	// Now is when the import takes place; nil: the database's clock says.
	Now func() time.Time

	newID func() uuid.UUID // things sort in the order in which they were in the files
}

// Run imports the files of a folder. The report is there with an error, too:
// with code [Refused] it holds the problems, and nothing was stored. Two
// imports at once wait for each other.
func Run(ctx context.Context, pool *pgxpool.Pool, dir string, o Options) (Report, error) {
	if err := isFolder(dir); err != nil {
		return Report{}, err
	}
	return run(ctx, pool, os.DirFS(dir), o)
}

// filled has no function that is nil.
func filled(o Options, now func() time.Time, newID func() uuid.UUID) Options {
	o.newID = newID
	if o.Now == nil {
		o.Now = now
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	return o
}

func isFolder(dir string) error {
	info, err := os.Stat(dir)
	if os.IsNotExist(err) {
		return fault.New(fault.NotFound, "there is no folder %s", dir)
	}
	if err != nil {
		return fmt.Errorf("look into the folder to import: %w", err)
	}
	if !info.IsDir() {
		return fault.New(fault.Invalid, "%s is not a folder", dir)
	}
	return nil
}

func run(ctx context.Context, pool *pgxpool.Pool, files fs.FS, o Options) (Report, error) {
	store, err := postgres.BeginImport(ctx, pool)
	if err != nil {
		return Report{}, err
	}
	defer store.Rollback()
	known, err := store.Known(ctx)
	if err != nil {
		return Report{}, err
	}
	f := newFirm(files, known, filled(o, store.Now, store.NewID))
	if err := f.read(ctx); err != nil {
		return f.report(), err
	}
	if err := f.refusal(); err != nil {
		return f.report(), err
	}
	if err := f.save(ctx, store); err != nil {
		return f.report(), err
	}
	if err := store.Commit(ctx); err != nil {
		return f.report(), err
	}
	f.stored = true
	return f.report(), nil
}
