package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"steward/activities"
	"steward/api"
	"steward/internal/config"
	"steward/internal/dispatch"
	"steward/internal/document"
	"steward/internal/embedded"
	"steward/internal/fault"
	"steward/internal/files"
	"steward/internal/mail"
	"steward/internal/openid"
	"steward/internal/postgres"
	"steward/internal/secret"
	"steward/internal/trail"
	"steward/internal/webhook"
	"steward/migrations"
	"steward/worker"
)

// service is what API and worker stand on.
type service struct {
	settings config.Settings
	store    *postgres.Store
	later    *postgres.Store // nil: it is no API
	temporal client.Client
	data     converter.DataConverter // reads what Temporal keeps
	files    *files.Store
	log      *slog.Logger
	key      secret.Key
	openID   *openid.Provider // nil: there is none
	proxies  []netip.Prefix
	told     []netip.Prefix // networks of the firm's own that webhooks may reach
	traces   trail.Traces
}

// logger writes logs as the settings ask; lines about a request name it.
func logger(w io.Writer, s config.Settings) *slog.Logger {
	o := &slog.HandlerOptions{Level: s.LogLevel, ReplaceAttr: trail.Millis}
	if s.LogFormat == "json" {
		return slog.New(trail.Logs(slog.NewJSONHandler(w, o)))
	}
	return slog.New(trail.Logs(slog.NewTextHandler(w, o)))
}

// connect opens what the settings name.
func connect(ctx context.Context, s config.Settings, log *slog.Logger) (*service, error) {
	v := &service{settings: s, log: log}
	if err := v.open(ctx); err != nil {
		v.close()
		return nil, err
	}
	return v, nil
}

func (v *service) open(ctx context.Context) (err error) {
	s := v.settings
	if err := s.Check(); err != nil {
		return err
	}
	if err := v.signIn(); err != nil {
		return err
	}
	if v.store, err = postgres.Open(ctx, s.Database, s.Conns); err != nil {
		return err
	}
	if err := migrated(ctx, v.store); fault.Is(err, fault.NotFound) { // one that is away is waited for
		return err
	}
	if v.files, err = files.Open(ctx, s.Files); err != nil {
		return err
	}
	keys, err := payloadKeys(s)
	if err != nil {
		return err
	}
	if v.traces, err = trail.Open(ctx, s.OTLP, version, v.log); err != nil {
		return err
	}
	followed, err := trail.Interceptors(v.log, v.traces.Tracer())
	if err != nil {
		return err
	}
	// Lazy: the API starts, and says so in /readyz, also while Temporal is away.
	o := dispatch.Connection(dispatch.Link{Address: s.Temporal, Namespace: s.Namespace, Log: quiet(v.log), Keys: keys, Interceptors: followed})
	v.data = o.DataConverter
	v.temporal, err = client.NewLazyClient(o)
	return err
}

// migrated refuses a database that lacks migrations of this version, with
// [fault.NotFound]. One with more is a later version's, which takes nothing from
// this one.
func migrated(ctx context.Context, store *postgres.Store) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	at, newest, err := migrations.Reached(ctx, store.Pool)
	if err == nil && at < newest {
		return fault.New(fault.NotFound, "the database is at migration %d, and this version needs %d: run `steward migrate` first", at, newest)
	}
	return err
}

// signIn reads the settings of signing in.
func (v *service) signIn() error {
	text, err := v.settings.KeyText()
	if err != nil {
		return err
	}
	if v.key, err = secret.ParseKey(text); err != nil {
		return err
	}
	if v.proxies, err = v.settings.TrustedProxies(); err != nil {
		return err
	}
	if v.told, err = v.settings.ReceiverNetworks(); err != nil {
		return err
	}
	provider, err := v.settings.IdentityProvider()
	if err != nil {
		return err
	}
	if provider != nil {
		if !v.key.Is() {
			return errors.New("signing in with an identity provider takes a STEWARD_SECRET_KEY")
		}
		v.openID = openid.New(*provider)
	}
	return nil
}

func (v *service) close() {
	if v.temporal != nil {
		v.temporal.Close()
	}
	if v.files != nil {
		_ = v.files.Close()
	}
	v.traces.Close()
	for _, s := range []*postgres.Store{v.later, v.store} {
		if s != nil {
			s.Close()
		}
	}
}

// api makes the HTTP server, with connections of its own for what it writes down
// before it acts.
func (v *service) api(ctx context.Context) (_ *http.Server, err error) {
	if v.later, err = postgres.OpenLater(ctx, v.settings.Database, max(v.settings.Conns/2, 2)); err != nil {
		return nil, err
	}
	secured, err := encrypting(v.settings.TLSCert, v.settings.TLSKey, v.log)
	if err != nil {
		return nil, err
	}
	if !v.key.Is() {
		v.log.Warn("there is no STEWARD_SECRET_KEY: nobody can set up a second factor, and browsers are not known again")
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(worker.NewMetrics(v.temporal, v.settings.Namespace, v.store))
	handler := api.New(api.Options{
		Metrics: registry, Migrated: func(ctx context.Context) error { return migrated(ctx, v.store) },
		Store: v.store, Later: v.later, Engine: dispatch.NewTemporal(v.temporal), Files: v.files, MaxFile: v.settings.MaxFile, Log: v.log, Version: version, PublicURL: v.settings.PublicURL, Statement: document.Statement, Aged: document.Aged, Reminder: v.activities().WriteReminder, Draft: v.activities().WriteDraft, MailServer: v.settings.SMTP != "",
		OpenID: v.openID, OpenIDOnly: api.Only(v.settings.OpenIDOnly),
		Key: v.key, Proxies: v.proxies, Receivers: v.told, Tracer: v.traces.Tracer(), Limits: api.Limits{Person: v.settings.PerPerson, Address: v.settings.PerAddress}, SessionLife: v.settings.SessionLife, SessionIdle: v.settings.SessionIdle,
	})
	return &http.Server{
		Handler: handler, TLSConfig: secured, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(v.log.Handler(), slog.LevelWarn),
	}, nil
}

// attributes adds the search attributes that Temporal lacks.
func (v *service) attributes(ctx context.Context) error {
	return embedded.RegisterSearchAttributes(ctx, v.temporal, v.settings.Namespace)
}

// worker makes the worker, with the search attributes it writes.
func (v *service) worker() (*worker.Worker, error) {
	mailer, err := v.mailer()
	if err != nil {
		return nil, err
	}
	w := worker.New(v.temporal, v.data, v.activities(), v.store, v.files, mailer, v.log, worker.Capacity{Queues: v.settings.Queues, Cached: v.settings.Cached})
	w.Keep(v.attributes)
	w.Tell(&worker.Courier{Store: v.store, Key: v.key, Sender: webhook.NewClient(v.told), Log: v.log, Every: time.Second})
	return w, nil
}

func (v *service) activities() *activities.Activities {
	return activities.New(v.store, v.files, v.settings.PublicURL)
}

// mailer sends through the mail server of the settings; nil if they name none.
func (v *service) mailer() (worker.Mailer, error) {
	if v.settings.SMTP == "" {
		return nil, nil
	}
	return mail.Open(v.settings.SMTP, v.settings.MailFrom)
}

// listen takes the address, or says in a sentence why it cannot.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		if why := errors.Unwrap(errors.Unwrap(err)); why != nil { // without what is said already
			err = why
		}
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another with STEWARD_HTTP or --http", address, err)
	}
	return l, nil
}

// serve answers requests until ctx ends, then lets those under way finish.
func serve(ctx context.Context, s *http.Server, l net.Listener) error {
	failed := make(chan error, 1)
	go func() {
		if s.TLSConfig != nil {
			failed <- s.ServeTLS(l, "", "") // the certificate is in the configuration
			return
		}
		failed <- s.Serve(l)
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return s.Shutdown(last)
}
