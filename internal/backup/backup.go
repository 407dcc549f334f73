// Package backup copies what holds facts, the database and the files, into a
// folder, and back into an empty installation. It owns neither the schema nor
// what is done with Temporal afterwards.
package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"steward/internal/fault"
	"steward/internal/files"
)

// What a backup's folder holds. The manifest is written last: a folder without
// one is not whole.
const (
	dumpFile     = "steward.dump"
	filesFolder  = "files"
	manifestFile = "manifest.json"
)

// Manifest says what a backup is of.
type Manifest struct {
	Steward string    `json:"steward"` // the version that made it
	Began   time.Time `json:"began"`   // the moment of the database that it holds is right after
	Files   int       `json:"files"`
	Bytes   int64     `json:"bytes"` // of the files
}

// Make writes a backup of a database and its files into a folder that is new or
// empty. Nothing needs to be stopped: the database is copied as of one moment,
// then the files, so that all that the database names is there but for what
// somebody removes meanwhile.
func Make(ctx context.Context, database string, from *files.Store, dir, version string, now time.Time) (Manifest, error) {
	m := Manifest{Steward: version, Began: now}
	if err := empty(dir); err != nil {
		return m, err
	}
	if err := run(ctx, "pg_dump", database, "--format=custom", "--no-owner", "--file="+filepath.Join(dir, dumpFile)); err != nil {
		return m, err
	}
	to, err := folder(ctx, dir)
	if err != nil {
		return m, err
	}
	defer to.Close()
	if m.Files, m.Bytes, err = copyAll(ctx, from, to); err != nil {
		return m, err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, err
	}
	return m, os.WriteFile(filepath.Join(dir, manifestFile), append(text, '\n'), 0o600)
}

// Read is the manifest of a backup; one that is not whole is refused.
func Read(dir string) (m Manifest, err error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, fmt.Errorf("%s holds no backup, or one that was not finished: there is no %s", dir, manifestFile)
	}
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m)
}

// Restore writes a backup into an empty database, all or nothing, and its files
// into a store, where those that are there are written over.
func Restore(ctx context.Context, database string, to *files.Store, dir string) error {
	m, err := Read(dir)
	if err != nil {
		return err
	}
	if err := run(ctx, "pg_restore", database, "--exit-on-error", "--single-transaction", "--no-owner", filepath.Join(dir, dumpFile)); err != nil {
		return err
	}
	from, err := folder(ctx, dir)
	if err != nil {
		return err
	}
	defer from.Close()
	n, bytes, err := copyAll(ctx, from, to)
	if err == nil && (n != m.Files || bytes != m.Bytes) {
		err = fmt.Errorf("the backup has %d files of %d bytes, but was made with %d of %d", n, bytes, m.Files, m.Bytes)
	}
	return err
}

// empty makes the folder, or sees that nothing is in it.
func empty(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the backup's folder: %w", err)
	}
	there, err := os.ReadDir(dir)
	if err == nil && len(there) > 0 {
		err = fmt.Errorf("%s is not empty: each backup takes a folder of its own", dir)
	}
	return err
}

// folder is the files of a backup.
func folder(ctx context.Context, dir string) (*files.Store, error) {
	abs, err := filepath.Abs(filepath.Join(dir, filesFolder))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return nil, err
	}
	return files.Open(ctx, files.Folder(abs))
}

// copyAll copies every file; one that is removed meanwhile is left out.
func copyAll(ctx context.Context, from, to *files.Store) (n int, bytes int64, err error) {
	err = from.Each(ctx, "", func(key string, _ time.Time) error {
		r, err := from.Open(ctx, key)
		if f, ok := fault.From(err); ok && f.Code == fault.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		defer r.Close()
		return to.Put(ctx, key, "application/octet-stream", func(w io.Writer) error {
			copied, err := io.Copy(w, r)
			n, bytes = n+1, bytes+copied
			return err
		})
	})
	return n, bytes, err
}
