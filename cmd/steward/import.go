package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"steward/internal/config"
	"steward/internal/fault"
	"steward/internal/importer"
)

type importCommand struct {
	Dir     string `arg:"" help:"Folder with clients.csv, people.csv, projects.csv, tasks.csv, time.csv and perhaps rates.csv."`
	Partial bool   `help:"Import the good rows although others are bad."`
	Show    int    `default:"50" help:"How many problems are listed at most."`
}

// Run imports a folder. Open tasks get their processes in the background.
func (c importCommand) Run(ctx context.Context, s config.Settings, o out) error {
	store, err := openStore(ctx, s)
	if err != nil {
		return err
	}
	defer store.Close()
	bar := &stages{o: o}
	report, err := importer.Run(ctx, store.Pool, c.Dir, importer.Options{Partial: c.Partial, Progress: bar.progress})
	bar.finish()
	if err != nil && !fault.Is(err, importer.Refused) {
		return err
	}
	if printErr := report.Print(o.Out, c.Show); printErr != nil {
		return printErr
	}
	if err == nil && len(report.Problems) > 0 {
		return fmt.Errorf("the good rows were imported, %d others were not", len(report.Problems)+report.MoreProblems)
	}
	if err != nil {
		return errors.New("nothing was imported: correct the rows above, or import the good ones with --partial")
	}
	return nil
}

// stages shows a bar for each part of an import, on a terminal; elsewhere a line.
type stages struct {
	o     out
	stage string
	bar   *progressbar.ProgressBar
}

func (s *stages) progress(stage string, done, total int) {
	if stage != s.stage {
		s.finish()
		s.stage = stage
		s.start(stage, total)
	}
	if s.bar != nil {
		_ = s.bar.Set(done)
	}
}

func (s *stages) start(stage string, total int) {
	f, ok := s.o.Err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		s.o.say("%s …", stage)
		return
	}
	s.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(f), progressbar.OptionSetDescription(fmt.Sprintf("%-28s", stage)),
		progressbar.OptionSetWidth(30), progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionOnCompletion(func() { fmt.Fprintln(f) }))
}

func (s *stages) finish() {
	if s.bar != nil {
		_ = s.bar.Finish()
	}
	s.bar = nil
}
