package config

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// right are settings with which steward starts.
func right() Settings {
	return Settings{HTTP: "127.0.0.1:8080", Temporal: "temporal:7233", MaxFile: 1 << 20, Conns: 20, SessionLife: time.Hour, SessionIdle: time.Hour}
}

func TestAWrongSettingIsNamed(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]func(*Settings){
		"STEWARD_PUBLIC_URL":           func(s *Settings) { s.PublicURL = "steward.example.com" },
		"STEWARD_PUBLIC_URL ":          func(s *Settings) { s.PublicURL = "https://" },
		"STEWARD_PUBLIC_URL  ":         func(s *Settings) { s.PublicURL = "https://steward.example.com?x=1" },
		"TEMPORAL_ADDRESS":             func(s *Settings) { s.Temporal = "http://temporal:7233" },
		"TEMPORAL_ADDRESS ":            func(s *Settings) { s.Temporal = "temporal" },
		"OTEL_EXPORTER_OTLP_ENDPOINT":  func(s *Settings) { s.OTLP = "127.0.0.1:4318" },
		"STEWARD_DATABASE_CONNECTIONS": func(s *Settings) { s.Conns = 0 },
		"STEWARD_CACHED_PROCESSES":     func(s *Settings) { s.Cached = -5 },
		"STEWARD_MAX_FILE_BYTES":       func(s *Settings) { s.MaxFile = 0 },
		"STEWARD_PERSON_REQUESTS":      func(s *Settings) { s.PerPerson = -1 },
		"STEWARD_ADDRESS_REQUESTS":     func(s *Settings) { s.PerAddress = -1 },
		"STEWARD_SESSION_LIFE":         func(s *Settings) { s.SessionLife = 0 },
		"STEWARD_SESSION_IDLE":         func(s *Settings) { s.SessionIdle = -time.Hour },
	} {
		s := right()
		wrong(&s)
		if err := s.Filled().Check(); err == nil || !strings.HasPrefix(err.Error(), strings.TrimSpace(name)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRightSettingsAreTaken(t *testing.T) {
	t.Parallel()
	for _, set := range []func(*Settings){
		func(*Settings) {},
		func(s *Settings) { s.PublicURL = "https://steward.example.com" },
		func(s *Settings) { s.HTTP = ":8080" },
		func(s *Settings) { s.Temporal = "[::1]:7233" },
		func(s *Settings) { s.Temporal = "dns:///temporal:7233" },
		func(s *Settings) { s.OTLP = "http://collector:4318/" },
	} {
		s := right()
		set(&s)
		if err := s.Filled().Check(); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// Links are made of it and a path.
func TestThePublicAddressEndsWithoutASlash(t *testing.T) {
	t.Parallel()
	if got := (Settings{PublicURL: "https://steward.example.com/"}).Filled().PublicURL; got != "https://steward.example.com" {
		t.Errorf("it is %s", got)
	}
}

func TestVariablesThatAreNoSettingAreNamed(t *testing.T) {
	t.Parallel()
	got := Misspelt([]string{"STEWARD_TRUSTED_PROXY=10.0.0.1", "STEWARD_LOG_LEVEL=debug", "PATH=/bin", "STEWARD_LOGLEVEL=debug", "STEWARD_CODEC_TOKEN=x"})
	if want := []string{"STEWARD_LOGLEVEL", "STEWARD_TRUSTED_PROXY"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
