// Package config holds every setting of steward in one place. Each can be given
// as a flag or in the environment; `steward COMMAND --help` shows them with
// their defaults.
package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Settings are what all commands share. The groups are those of --help: who goes
// by them.
type Settings struct {
	Data      string     `name:"data" env:"STEWARD_DATA" default:"./.steward" group:"shared" help:"Folder of an embedded installation; other commands find a running 'dev' there."`
	Database  string     `name:"database-url" env:"DATABASE_URL" group:"shared" help:"Postgres, as postgres://user:password@host:port/database. Without it 'dev' runs its own."`
	Conns     int32      `name:"database-connections" env:"STEWARD_DATABASE_CONNECTIONS" default:"20" group:"shared" help:"Connections to Postgres of each process."`
	Temporal  string     `name:"temporal-address" env:"TEMPORAL_ADDRESS" group:"shared" help:"Temporal's frontend, as host:port. Without it 'dev' runs its own."`
	Namespace string     `name:"temporal-namespace" env:"TEMPORAL_NAMESPACE" default:"default" group:"shared" help:"Temporal's namespace."`
	Files     string     `name:"files-url" env:"STEWARD_FILES_URL" group:"shared" help:"Where files are kept: file:///folder or s3://bucket?region=…; default: the folder files in the data folder."`
	Payloads  string     `name:"payload-keys" env:"STEWARD_PAYLOAD_KEYS" group:"shared" help:"What hides what Temporal keeps: keys of 32 bytes in base64, parted by commas, or file:/path of them. The first encrypts, all decrypt; 'plain' first encrypts nothing."`
	LogLevel  slog.Level `name:"log-level" env:"STEWARD_LOG_LEVEL" default:"info" group:"shared" help:"What is logged: debug, with a line for every request, command and activity, or info, warn, error."`
	LogFormat string     `name:"log-format" env:"STEWARD_LOG_FORMAT" enum:"text,json" default:"text" group:"shared" help:"How logs are written: text or json."`

	PublicURL string `name:"public-url" env:"STEWARD_PUBLIC_URL" group:"services" help:"The address that people open, for links; default: made from --http."`
	SecretKey string `name:"secret-key" env:"STEWARD_SECRET_KEY" group:"services" help:"What second factors are sealed and known browsers signed with: 32 bytes in base64, or file:/path of them. 'dev' makes one."`
	SMTP      string `name:"smtp-url" env:"STEWARD_SMTP_URL" group:"services" help:"The mail server, as smtp://user:password@host:587?tls=required|opportunistic|none or smtps://host:465. Without it mail waits; 'dev' shows it."`
	MailFrom  string `name:"mail-from" env:"STEWARD_MAIL_FROM" group:"services" help:"Whom mail is from: 'Acme <steward@acme.example>'; required with a mail server."`
	Receivers string `name:"webhook-networks" env:"STEWARD_WEBHOOK_NETWORKS" group:"services" help:"Networks of the firm's own that webhooks may reach, also by http: addresses or networks, as 10.1.0.0/16,127.0.0.1. Without them only the open network, by https."`
	OTLP      string `name:"otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" group:"services" help:"Where traces go by OTLP over HTTP, such as http://127.0.0.1:4318. Without it there are none."`

	HTTP        string        `name:"http" env:"STEWARD_HTTP" default:"127.0.0.1:8080" group:"api" help:"Where the API listens."`
	TLSCert     string        `name:"tls-cert" env:"STEWARD_TLS_CERT" group:"api" help:"The certificate, with those between, as a PEM file: the API then speaks https itself. A new one is taken up without a restart."`
	TLSKey      string        `name:"tls-key" env:"STEWARD_TLS_KEY" group:"api" help:"Its key, as a PEM file."`
	Proxies     string        `name:"trusted-proxies" env:"STEWARD_TRUSTED_PROXIES" group:"api" help:"Whose X-Forwarded-For is believed: addresses or networks, as 10.0.0.0/8,::1."`
	MaxFile     int64         `name:"max-file-bytes" env:"STEWARD_MAX_FILE_BYTES" default:"104857600" group:"api" help:"The largest file that can be attached, in bytes."`
	PerPerson   float64       `name:"person-requests" env:"STEWARD_PERSON_REQUESTS" default:"50" group:"api" help:"Requests a second of one person, ten times as many at once; 0: as many as come."`
	PerAddress  float64       `name:"address-requests" env:"STEWARD_ADDRESS_REQUESTS" default:"200" group:"api" help:"Requests a second from one address, ten times as many at once; 0: as many as come."`
	SessionLife time.Duration `name:"session-life" env:"STEWARD_SESSION_LIFE" default:"12h" group:"api" help:"How long a browser stays signed in at most."`
	SessionIdle time.Duration `name:"session-idle" env:"STEWARD_SESSION_IDLE" default:"2h" group:"api" help:"How long a browser stays signed in without being used."`
	Issuer      string        `name:"openid-issuer" env:"STEWARD_OPENID_ISSUER" group:"api" help:"The firm's identity provider, such as https://id.firm.example: people sign in with it (OpenID Connect). It sends them back to /sign-in/callback below the public address. Without it they sign in with passwords."`
	ClientID    string        `name:"openid-client-id" env:"STEWARD_OPENID_CLIENT_ID" group:"api" help:"What the identity provider knows steward by."`
	ClientKey   string        `name:"openid-client-secret" env:"STEWARD_OPENID_CLIENT_SECRET" group:"api" help:"The secret that goes with it, or file:/path of it; none, if the provider wants none."`
	OpenIDName  string        `name:"openid-name" env:"STEWARD_OPENID_NAME" default:"OpenID Connect" group:"api" help:"What people know the identity provider by."`
	OpenIDOnly  string        `name:"openid-only" env:"STEWARD_OPENID_ONLY" enum:"nobody,staff,everybody" default:"nobody" group:"api" help:"Who signs in with the identity provider alone, and with no password: nobody, staff or everybody."`
	Unverified  bool          `name:"openid-unverified" env:"STEWARD_OPENID_UNVERIFIED" group:"api" help:"Believe addresses of which the identity provider does not say whether it verified them. Only where it gives nobody an address that is another's."`

	Queues []string `name:"queues" env:"STEWARD_QUEUES" enum:"actions,runs,documents" default:"actions,runs,documents" group:"worker" help:"The task queues that a worker serves: actions of people, runs of billing and reminders, documents. Each needs a worker."`
	Cached int      `name:"cached-processes" env:"STEWARD_CACHED_PROCESSES" default:"2000" group:"worker" help:"Processes that a worker keeps in memory at most; one that is not there is replayed before its next action."`
}

// Running is what a running `steward dev` tells other commands about itself.
type Running struct {
	Database  string `json:"database_url"`
	Temporal  string `json:"temporal_address"`
	Namespace string `json:"temporal_namespace"`
	HTTP      string `json:"http"`
	PID       int    `json:"pid"`
}

func (s Settings) runningFile() string { return filepath.Join(s.Data, "dev.json") }

// Announce tells other commands how to reach what this process runs. Only the
// user can read it: it holds the database's password.
func (s Settings) Announce(r Running) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	tmp := s.runningFile() + ".new"
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("tell other commands of this one: %w", err)
	}
	return os.Rename(tmp, s.runningFile())
}

// Withdraw takes back what [Settings.Announce] told.
func (s Settings) Withdraw() { _ = os.Remove(s.runningFile()) }

// Resolve fills in what is not set: from a running `steward dev`, else by
// default. It refuses to go on without a database or an engine.
func (s Settings) Resolve() (Settings, error) {
	if s.Database == "" || s.Temporal == "" {
		if err := s.find(); err != nil {
			return s, err
		}
	}
	return s.Filled(), nil
}

// Filled has the settings that follow from others.
func (s Settings) Filled() Settings {
	if s.Files == "" {
		s.Files = fileURL(filepath.Join(s.Data, "files"))
	}
	if s.PublicURL == "" {
		s.PublicURL = "http://" + s.HTTP
		if s.TLSCert != "" {
			s.PublicURL = "https://" + s.HTTP
		}
	}
	s.PublicURL = strings.TrimRight(s.PublicURL, "/")
	return s
}

func fileURL(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		abs = dir
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: "create_dir=true&no_tmp_dir=true&metadata=skip"}
	return u.String()
}

func (s *Settings) find() error {
	b, err := os.ReadFile(s.runningFile())
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no `steward dev` runs on %s: start it, name its folder with STEWARD_DATA, or set DATABASE_URL and TEMPORAL_ADDRESS", s.Data)
	}
	if err != nil {
		return fmt.Errorf("find the running `steward dev`: %w", err)
	}
	var r Running
	if err := json.Unmarshal(b, &r); err != nil {
		return fmt.Errorf("%s cannot be read: %w", s.runningFile(), err)
	}
	if s.Database == "" {
		s.Database = r.Database
	}
	if s.Temporal == "" {
		s.Temporal, s.Namespace = r.Temporal, r.Namespace
	}
	s.HTTP = r.HTTP
	return nil
}
