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

// Settings are what all commands share.
type Settings struct {
	HTTP      string `name:"http" env:"STEWARD_HTTP" default:"127.0.0.1:8080" help:"Where the API listens."`
	Data      string `name:"data" env:"STEWARD_DATA" default:"./.steward" help:"Folder of an embedded installation; other commands find a running 'dev' there."`
	Database  string `name:"database-url" env:"DATABASE_URL" help:"Postgres, as postgres://user:password@host:port/database. Without it 'dev' runs its own."`
	Temporal  string `name:"temporal-address" env:"TEMPORAL_ADDRESS" help:"Temporal's frontend, as host:port. Without it 'dev' runs its own."`
	Namespace string `name:"temporal-namespace" env:"TEMPORAL_NAMESPACE" default:"default" help:"Temporal's namespace."`
	Files     string `name:"files-url" env:"STEWARD_FILES_URL" help:"Where files are kept: file:///folder or s3://bucket?region=…; default: the folder files in the data folder."`
	MaxFile   int64  `name:"max-file-bytes" env:"STEWARD_MAX_FILE_BYTES" default:"104857600" help:"The largest file that can be attached, in bytes."`
	PublicURL string `name:"public-url" env:"STEWARD_PUBLIC_URL" help:"The address that people open, for links; default: made from --http."`
	SMTP      string `name:"smtp-url" env:"STEWARD_SMTP_URL" help:"The mail server, as smtp://user:password@host:587?tls=required|opportunistic|none or smtps://host:465. Without it mail waits; 'dev' shows it."`
	MailFrom  string `name:"mail-from" env:"STEWARD_MAIL_FROM" help:"Whom mail is from: 'Acme <steward@acme.example>'; required with a mail server."`
	SecretKey string `name:"secret-key" env:"STEWARD_SECRET_KEY" help:"What second factors are sealed and known browsers signed with: 32 bytes in base64, or file:/path of them. 'dev' makes one."`
	Payloads  string `name:"payload-keys" env:"STEWARD_PAYLOAD_KEYS" help:"What hides what Temporal keeps: keys of 32 bytes in base64, parted by commas, or file:/path of them. The first encrypts, all decrypt; 'plain' first encrypts nothing."`
	Proxies   string `name:"trusted-proxies" env:"STEWARD_TRUSTED_PROXIES" help:"Whose X-Forwarded-For is believed: addresses or networks, as 10.0.0.0/8,::1."`

	Issuer     string `name:"openid-issuer" env:"STEWARD_OPENID_ISSUER" help:"The firm's identity provider, such as https://id.firm.example: people sign in with it (OpenID Connect). It sends them back to /sign-in/callback below the public address. Without it they sign in with passwords."`
	ClientID   string `name:"openid-client-id" env:"STEWARD_OPENID_CLIENT_ID" help:"What the identity provider knows steward by."`
	ClientKey  string `name:"openid-client-secret" env:"STEWARD_OPENID_CLIENT_SECRET" help:"The secret that goes with it, or file:/path of it; none, if the provider wants none."`
	OpenIDName string `name:"openid-name" env:"STEWARD_OPENID_NAME" default:"OpenID Connect" help:"What people know the identity provider by."`
	OpenIDOnly string `name:"openid-only" env:"STEWARD_OPENID_ONLY" enum:"nobody,staff,everybody" default:"nobody" help:"Who signs in with the identity provider alone, and with no password: nobody, staff or everybody."`
	Unverified bool   `name:"openid-unverified" env:"STEWARD_OPENID_UNVERIFIED" help:"Believe addresses of which the identity provider does not say whether it verified them. Only where it gives nobody an address that is another's."`

	Receivers string `name:"webhook-networks" env:"STEWARD_WEBHOOK_NETWORKS" help:"Networks of the firm's own that webhooks may reach, also by http: addresses or networks, as 10.1.0.0/16,127.0.0.1. Without them only the open network, by https."`

	TLSCert    string  `name:"tls-cert" env:"STEWARD_TLS_CERT" help:"The certificate, with those between, as a PEM file: the API then speaks https itself. A new one is taken up without a restart."`
	TLSKey     string  `name:"tls-key" env:"STEWARD_TLS_KEY" help:"Its key, as a PEM file."`
	PerPerson  float64 `name:"person-requests" env:"STEWARD_PERSON_REQUESTS" default:"50" help:"Requests a second of one person, ten times as many at once; 0: as many as come."`
	PerAddress float64 `name:"address-requests" env:"STEWARD_ADDRESS_REQUESTS" default:"200" help:"Requests a second from one address, ten times as many at once; 0: as many as come."`

	SessionLife time.Duration `name:"session-life" env:"STEWARD_SESSION_LIFE" default:"12h" help:"How long a browser stays signed in at most."`
	SessionIdle time.Duration `name:"session-idle" env:"STEWARD_SESSION_IDLE" default:"2h" help:"How long a browser stays signed in without being used."`

	Conns     int32      `name:"database-connections" env:"STEWARD_DATABASE_CONNECTIONS" default:"20" help:"Connections to Postgres of each process."`
	Queues    []string   `name:"queues" env:"STEWARD_QUEUES" enum:"actions,runs,documents" default:"actions,runs,documents" help:"The task queues that a worker serves: actions of people, runs of billing and reminders, documents. Each needs a worker."`
	Cached    int        `name:"cached-processes" env:"STEWARD_CACHED_PROCESSES" default:"2000" help:"Processes that a worker keeps in memory at most; one that is not there is replayed before its next action."`
	LogLevel  slog.Level `name:"log-level" env:"STEWARD_LOG_LEVEL" default:"info" help:"What is logged: debug, with a line for every request, command and activity, or info, warn, error."`
	LogFormat string     `name:"log-format" env:"STEWARD_LOG_FORMAT" enum:"text,json" default:"text" help:"How logs are written: text or json."`
	OTLP      string     `name:"otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" help:"Where traces go by OTLP over HTTP, such as http://127.0.0.1:4318. Without it there are none."`
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
