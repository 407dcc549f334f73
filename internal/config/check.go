package config

import (
	"fmt"
	"net"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Check names the first setting that steward could start with and not go by.
func (s Settings) Check() error {
	if u, ok := web(s.PublicURL); !ok || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("STEWARD_PUBLIC_URL is the address that people open, such as https://steward.example.com, and not %q", s.PublicURL)
	}
	// Other addresses with a scheme are for gRPC to resolve.
	if _, _, err := net.SplitHostPort(s.Temporal); strings.HasPrefix(s.Temporal, "http") && strings.Contains(s.Temporal, "://") || err != nil && !strings.Contains(s.Temporal, ":///") {
		return fmt.Errorf("TEMPORAL_ADDRESS is host:port of a frontend, such as temporal:7233, and not %q", s.Temporal)
	}
	if _, ok := web(s.OTLP); s.OTLP != "" && !ok {
		return fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT is an address such as http://collector:4318, and not %q", s.OTLP)
	}
	for _, n := range []struct {
		name  string
		fits  bool
		given any
		least string
	}{
		{"STEWARD_DATABASE_CONNECTIONS", s.Conns >= 1, s.Conns, "1"},
		{"STEWARD_CACHED_PROCESSES", s.Cached >= 0, s.Cached, "0"},
		{"STEWARD_MAX_FILE_BYTES", s.MaxFile >= 1, s.MaxFile, "1"},
		{"STEWARD_PERSON_REQUESTS", s.PerPerson >= 0, s.PerPerson, "0"},
		{"STEWARD_ADDRESS_REQUESTS", s.PerAddress >= 0, s.PerAddress, "0"},
		{"STEWARD_SESSION_LIFE", s.SessionLife >= time.Second, s.SessionLife, "1s"},
		{"STEWARD_SESSION_IDLE", s.SessionIdle >= time.Second, s.SessionIdle, "1s"},
	} {
		if !n.fits {
			return fmt.Errorf("%s is %v, and has to be at least %s", n.name, n.given, n.least)
		}
	}
	return nil
}

// web is an address that a browser opens.
func web(address string) (*url.URL, bool) {
	u, err := url.Parse(address)
	return u, err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// Misspelt are the variables of an environment that look like settings and are
// none.
func Misspelt(environ []string) (names []string) {
	known := map[string]bool{"STEWARD_CODEC_TOKEN": true}
	for f := range reflect.TypeFor[Settings]().Fields() {
		known[f.Tag.Get("env")] = true
	}
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "STEWARD_") && !known[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
