package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPayloadKeysComeFromTheSettingOrAFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(name, []byte("a\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for setting, want := range map[string]string{"": "", "a,b": "a,b", "file:" + name: "a\nb\n", "file://" + name: "a\nb\n"} {
		if got, err := (Settings{Payloads: setting}).PayloadKeys(); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", setting, got, err, want)
		}
	}
	if err := os.WriteFile(name, []byte(" \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, setting := range []string{"file:" + name, "file:" + name + "-which-is-not-there"} {
		if got, err := (Settings{Payloads: setting}).PayloadKeys(); err == nil {
			t.Errorf("%q: got %q", setting, got)
		}
	}
}
