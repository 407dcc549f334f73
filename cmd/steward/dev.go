package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"steward/internal/config"
	"steward/internal/embedded"
	"steward/internal/embedded/mailbox"
	"steward/internal/secret"
	"steward/migrations"
)

type devCommand struct {
	Demo         bool `help:"Fill an empty database with a small believable firm."`
	UIPort       int  `name:"temporal-ui-port" default:"8233" help:"Where Temporal's UI listens; 0 takes a free port."`
	PostgresPort int  `default:"0" help:"Where the embedded Postgres listens; 0 takes a free port."`
	TemporalPort int  `default:"7233" help:"Where the embedded Temporal listens; 0 takes a free port."`
	MailPort     int  `default:"8025" help:"Where caught mail is shown; another free port if it is taken."`
}

// dev is an installation being started; what was started is stopped in the
// opposite order.
type dev struct {
	devCommand
	out
	settings config.Settings
	began    time.Time
	ui       string
	mail     string
	stops    []func()
	died     []<-chan struct{} // of the servers it runs
}

// Run starts everything and waits to be told to stop.
func (c devCommand) Run(ctx context.Context, s config.Settings, o out) error {
	d := &dev{devCommand: c, out: o, settings: s, began: time.Now()}
	defer d.stop()
	l, err := d.prepare()
	if err != nil {
		return err
	}
	defer l.Close()
	if err := d.servers(ctx); err != nil {
		return err
	}
	return d.run(ctx, l)
}

func (d *dev) later(f func()) { d.stops = append(d.stops, f) }

func (d *dev) stop() {
	for i := len(d.stops) - 1; i >= 0; i-- {
		d.stops[i]()
	}
}

// prepare takes the folder and the address before anything is started.
func (d *dev) prepare() (net.Listener, error) {
	abs, err := filepath.Abs(d.settings.Data)
	if err != nil {
		return nil, err
	}
	d.settings.Data = abs
	unlock, err := embedded.LockDir(abs)
	if err != nil {
		return nil, err
	}
	d.later(unlock)
	if err := d.settings.KeepKey(secret.NewKey()); err != nil {
		return nil, err
	}
	l, err := listen(d.settings.HTTP)
	if err == nil {
		d.settings.HTTP = l.Addr().String() // port 0 takes a free one
	}
	return l, err
}

// servers starts Postgres and Temporal, unless the settings name others.
func (d *dev) servers(ctx context.Context) error {
	d.settings = d.settings.Filled()
	log, err := os.OpenFile(filepath.Join(d.settings.Data, "servers.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write to the data folder: %w", err)
	}
	d.later(func() { _ = log.Close() })
	if d.settings.Database == "" {
		d.say("starting Postgres …")
		p, err := embedded.StartPostgres(ctx, embedded.PostgresOptions{Dir: d.settings.Data, Port: d.PostgresPort, Say: d.say, Log: log})
		if err != nil {
			return err
		}
		d.later(p.Stop)
		d.settings.Database, d.died = p.URL(), append(d.died, p.Done())
	}
	if d.settings.Temporal == "" {
		d.say("starting Temporal …")
		t, err := embedded.StartTemporal(ctx, embedded.TemporalOptions{
			Dir: d.settings.Data, Port: d.TemporalPort, UIPort: d.UIPort, Namespace: d.settings.Namespace, Say: d.say, Log: log,
		})
		if err != nil {
			return err
		}
		d.later(t.Stop)
		d.settings.Temporal, d.ui, d.died = t.Address(), t.UIAddress(), append(d.died, t.Done())
	}
	n, err := migrations.Up(ctx, d.settings.Database)
	if err == nil && n > 0 {
		d.say("applied %d migrations", n)
	}
	return errors.Join(err, d.catchMail())
}

// catchMail keeps mail on this machine, unless the settings name a mail server.
func (d *dev) catchMail() error {
	if d.settings.SMTP != "" {
		return nil
	}
	m, err := mailbox.Start(mailbox.Options{Dir: filepath.Join(d.settings.Data, "mail"), Port: d.MailPort})
	if err != nil {
		return err
	}
	d.later(m.Stop)
	d.mail, d.settings.SMTP = m.URL(), m.SMTP()
	if d.settings.MailFrom == "" {
		d.settings.MailFrom = "steward <steward@localhost>"
	}
	return nil
}

// run runs worker and API until it is told to stop, a server dies or the worker
// can do nothing any more.
func (d *dev) run(ctx context.Context, l net.Listener) error {
	v, err := connect(ctx, d.settings, logger(d.Err, d.settings))
	if err != nil {
		return err
	}
	d.later(v.close)
	w, err := v.worker()
	if err != nil {
		return err
	}
	if err := w.Start(ctx); err != nil {
		return err
	}
	d.later(w.Stop)
	serving, stopServing := context.WithCancel(ctx)
	defer stopServing()
	ended := make(chan error, 1)
	server, err := v.api(ctx)
	if err != nil {
		return err
	}
	go func() { ended <- serve(serving, server, l) }()
	if err := d.ready(ctx, v); err != nil {
		return err
	}
	select {
	case err = <-ended:
		return err
	case <-ctx.Done():
		d.say("stopping …")
	case err = <-w.Failed():
	case <-d.anyDied():
		err = errors.New("a server that steward runs has ended; see servers.log in the data folder, then start again")
	}
	stopServing()
	return errors.Join(err, <-ended)
}

// anyDied is closed when a server that belongs to this installation ends.
func (d *dev) anyDied() <-chan struct{} {
	first := make(chan struct{})
	var once sync.Once
	for _, died := range d.died {
		go func() {
			<-died
			once.Do(func() { close(first) })
		}()
	}
	return first
}

// ready makes the first sign-in, tells other commands, fills the demo and says
// how to begin.
func (d *dev) ready(ctx context.Context, v *service) error {
	password, err := firstAdmin(ctx, v.store)
	if err != nil {
		return err
	}
	err = d.settings.Announce(config.Running{
		Database: d.settings.Database, Temporal: d.settings.Temporal, Namespace: d.settings.Namespace, HTTP: d.settings.HTTP, PID: os.Getpid(),
	})
	if err != nil {
		return err
	}
	d.later(d.settings.Withdraw)
	if d.Demo {
		if err := fillDemo(ctx, v, d.out); err != nil {
			return err
		}
	}
	d.greet(password)
	return nil
}

func (d *dev) greet(password string) {
	d.say("\nsteward is ready after %.1f s\n", time.Since(d.began).Seconds())
	d.say("  API           %s", d.settings.PublicURL)
	d.say("  Reference     %s/docs/", d.settings.PublicURL)
	if d.ui != "" {
		d.say("  Temporal UI   %s", d.ui)
	}
	if d.mail != "" {
		d.say("  Mail          %s", d.mail)
	}
	d.say("  Data          %s", d.settings.Data)
	if password == "" {
		d.say("  Sign in       as %s with the password printed at the first start,", adminEmail)
		d.say("                or make a token: steward token create --email %s", adminEmail)
	} else {
		d.say("  Sign in       %s", adminEmail)
		d.say("  Password      %s   (printed only this once)", password)
	}
	d.say("\nPress Ctrl-C to stop.")
}
