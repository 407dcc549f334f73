package main

import (
	"context"
	"time"

	"steward/internal/backup"
	"steward/internal/config"
	"steward/internal/files"
	"steward/internal/postgres"
	"steward/migrations"
)

type backupCommand struct {
	Dir string `arg:"" help:"A folder that is new or empty."`
}

// Run writes a backup; nothing needs to be stopped for it.
func (c backupCommand) Run(ctx context.Context, s config.Settings, o out) error {
	s, blobs, err := holding(ctx, s)
	if err != nil {
		return err
	}
	defer blobs.Close()
	m, err := backup.Make(ctx, s.Database, blobs, c.Dir, version, time.Now().UTC())
	if err == nil {
		o.say("%s has the database and %d files (%d MB)", c.Dir, m.Files, m.Bytes>>20)
	}
	return err
}

type restoreCommand struct {
	Dir string `arg:"" help:"The folder of a backup."`
}

// Run restores a backup and brings it to the newest schema. What is open has no
// process yet: reconciling gives it one.
func (c restoreCommand) Run(ctx context.Context, s config.Settings, o out) error {
	m, err := backup.Read(c.Dir)
	if err != nil {
		return err
	}
	s, blobs, err := holding(ctx, s)
	if err != nil {
		return err
	}
	defer blobs.Close()
	if err := postgres.PrepareRestore(ctx, s.Database); err != nil {
		return err
	}
	if err := backup.Restore(ctx, s.Database, blobs, c.Dir); err != nil {
		return err
	}
	migrated, err := migrations.Up(ctx, s.Database)
	if err != nil {
		return err
	}
	o.say("restored the database of %s and %d files, applied %d migrations; where Temporal was kept, run steward reconcile --restored before you start a worker, else start one and run steward reconcile",
		m.Began.Format(time.RFC3339), m.Files, migrated)
	return nil
}

// holding opens the files and fills in where the database is.
func holding(ctx context.Context, s config.Settings) (config.Settings, *files.Store, error) {
	if s.Database == "" {
		var err error
		if s, err = s.Resolve(); err != nil {
			return s, nil, err
		}
	}
	s = s.Filled()
	blobs, err := files.Open(ctx, s.Files)
	return s, blobs, err
}
