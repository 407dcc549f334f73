package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"steward/internal/config"
	"steward/migrations"
)

type apiCommand struct{}

// Run runs the API until it is told to stop.
func (apiCommand) Run(ctx context.Context, s config.Settings, o out) error {
	s, err := s.Resolve()
	if err != nil {
		return err
	}
	v, err := connect(ctx, s, logger(o.Err, s))
	if err != nil {
		return err
	}
	defer v.close()
	l, err := listen(s.HTTP)
	if err != nil {
		return err
	}
	server, err := v.api(ctx)
	if err != nil {
		return err
	}
	scheme := "http"
	if server.TLSConfig != nil {
		scheme = "https"
	}
	v.announce(o, fmt.Sprintf("the API listens on %s://%s", scheme, l.Addr()))
	return serve(ctx, server, l)
}

// announce tells whoever started the service that it does its work: a line of
// the log where programs read it, which are to meet nothing else. It warns of
// settings that it does not know.
func (v *service) announce(o out, what string) {
	for _, name := range config.Misspelt(os.Environ()) {
		v.log.Warn("this variable is no setting of steward's: is it misspelt?", "variable", name)
	}
	if v.settings.LogFormat == "json" {
		v.log.Info(what, "version", version)
		return
	}
	o.say("%s", what)
}

type workerCommand struct{}

// Run runs a worker until it is told to stop, or can do nothing any more.
func (workerCommand) Run(ctx context.Context, s config.Settings, o out) error {
	s, err := s.Resolve()
	if err != nil {
		return err
	}
	v, err := connect(ctx, s, logger(o.Err, s))
	if err != nil {
		return err
	}
	defer v.close()
	w, err := v.worker()
	if err != nil {
		return err
	}
	if err := w.Start(ctx); err != nil {
		return err
	}
	v.announce(o, "the worker takes what is waiting at "+s.Temporal)
	select {
	case <-ctx.Done():
	case err = <-w.Failed():
	}
	w.Stop()
	return err
}

type migrateCommand struct{}

// Run migrates the database.
func (migrateCommand) Run(ctx context.Context, s config.Settings, o out) error {
	if s.Database == "" {
		var err error
		if s, err = s.Resolve(); err != nil {
			return errors.Join(err, errors.New("migrate needs DATABASE_URL"))
		}
	}
	n, err := migrations.Up(ctx, s.Database)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.Out, "%d migrations applied\n", n)
	return err
}
