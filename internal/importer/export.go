package importer

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"steward/internal/fault"
	"steward/internal/postgres"
)

// NotEmpty is the code of an export into a folder that holds something.
const NotEmpty fault.Code = "not_empty"

// ExportOptions say how an export goes.
type ExportOptions struct {
	// Force writes over the files of a folder that is not empty.
	Force bool
	// Progress, if not nil, is called from time to time: done of total rows of a
	// file are written.
	Progress func(stage string, done, total int)
}

// Exported is how many rows a file was given.
type Exported struct {
	File string
	Rows int
}

// contents are what goes into each file.
var contents = map[string]postgres.ExportSheet{
	clientsFile: postgres.ExportClients, peopleFile: postgres.ExportPeople, projectsFile: postgres.ExportProjects,
	ratesFile: postgres.ExportRates, tasksFile: postgres.ExportTasks, timeFile: postgres.ExportTime,
}

// Export writes the files that [Run] reads, as the firm is at one moment
// (N.18). Rows go from the database to the disk as they come. The files are
// there when all of them are whole; an export that fails leaves what was there.
func Export(ctx context.Context, pool *pgxpool.Pool, dir string, o ExportOptions) ([]Exported, error) {
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	if err := takes(dir, o.Force); err != nil {
		return nil, err
	}
	from, err := postgres.BeginExport(ctx, pool)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	var all []Exported
	for _, l := range layouts {
		defer os.Remove(unfinished(dir, l.file)) // there is none once it is whole
		n, err := exportFile(ctx, from, dir, l.file, o)
		if err != nil {
			return nil, err
		}
		all = append(all, Exported{l.file, n})
	}
	for _, l := range layouts {
		if err := os.Rename(unfinished(dir, l.file), filepath.Join(dir, l.file)); err != nil {
			return nil, fmt.Errorf("finish %s: %w", l.file, err)
		}
	}
	return all, nil
}

// takes makes the folder, or sees that nothing is in it.
func takes(dir string, force bool) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder to export into: %w", err)
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look into the folder to export into: %w", err)
	}
	if len(there) > 0 && !force {
		return fault.New(NotEmpty, "%s is not empty: name another folder, or write over its files with --force", dir)
	}
	return nil
}

// unfinished is where a file is written.
func unfinished(dir, file string) string { return filepath.Join(dir, "."+file+".part") }

func exportFile(ctx context.Context, from *postgres.Export, dir, file string, o ExportOptions) (n int, err error) {
	total, err := from.Count(ctx, contents[file])
	if err != nil {
		return 0, err
	}
	f, err := os.OpenFile(unfinished(dir, file), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", file, err)
	}
	text := bufio.NewWriterSize(f, 1<<16)
	w, columns := csv.NewWriter(text), []string{}
	stage := "writing " + file
	o.Progress(stage, 0, total)
	err = from.Each(ctx, contents[file],
		func(head []string) error {
			columns = slices.Clone(head)
			return w.Write(head)
		},
		func(cells []string) error {
			for i, c := range cells {
				cells[i] = written(columns[i], c)
			}
			if n++; n%1000 == 0 {
				o.Progress(stage, n, total)
			}
			return w.Write(cells)
		})
	w.Flush()
	if err = errors.Join(err, w.Error(), text.Flush(), f.Sync(), f.Close()); err != nil {
		return 0, fmt.Errorf("write %s: %w", file, err)
	}
	o.Progress(stage, total, total)
	return n, nil
}

// written is a cell as an import would read it, so that what was exported,
// imported and exported again is the same.
func written(column, s string) string {
	s = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"))
	if column == "name" || column == "title" {
		return strings.Join(strings.FieldsFunc(s, func(c rune) bool { return c == '\n' }), " ")
	}
	return s
}
