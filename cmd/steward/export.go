package main

import (
	"context"
	"fmt"

	"steward/internal/config"
	"steward/internal/importer"
)

type exportCommand struct {
	Dir   string `arg:"" help:"Folder for clients.csv, people.csv, projects.csv, rates.csv, tasks.csv and time.csv; it is made if it is not there."`
	Force bool   `help:"Write over the files of a folder that is not empty."`
}

// Run exports the firm into a folder, while people work.
func (c exportCommand) Run(ctx context.Context, s config.Settings, o out) error {
	store, err := openStore(ctx, s)
	if err != nil {
		return err
	}
	defer store.Close()
	bar := &stages{o: o}
	all, err := importer.Export(ctx, store.Pool, c.Dir, importer.ExportOptions{Force: c.Force, Progress: bar.progress})
	bar.finish()
	if err != nil {
		return err
	}
	for _, e := range all {
		if _, err := fmt.Fprintf(o.Out, "%s\t%d\n", e.File, e.Rows); err != nil {
			return err
		}
	}
	return nil
}
