package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheSecretKeyIsASettingAFileOrKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "given")
	if err := os.WriteFile(file, []byte("in a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for setting, want := range map[string]string{"": "", "text": "text", "file:" + file: "in a file", "file://" + file: "in a file"} {
		if got, err := (Settings{Data: dir, SecretKey: setting}).KeyText(); got != want || err != nil {
			t.Errorf("%q: got %q, %v", setting, got, err)
		}
	}
	if _, err := (Settings{Data: dir, SecretKey: "file:" + file + ".not"}).KeyText(); err == nil {
		t.Error("a key that is not there is taken")
	}
	s := Settings{Data: dir}
	for _, text := range []string{"first", "second"} {
		if err := s.KeepKey(text); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(filepath.Join(dir, keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v, %v", info, err)
	}
	if got, err := s.KeyText(); got != "first" || err != nil {
		t.Errorf("kept is %q, %v", got, err)
	}
}

func TestProxiesAreAddressesAndNetworks(t *testing.T) {
	t.Parallel()
	got, err := Settings{Proxies: "10.1.2.3/8, ::1,192.0.2.7"}.TrustedProxies()
	var text []string
	for _, p := range got {
		text = append(text, p.String())
	}
	if want := "10.0.0.0/8 ::1/128 192.0.2.7/32"; strings.Join(text, " ") != want || err != nil {
		t.Errorf("got %v, %v, want %s", text, err, want)
	}
	if _, err := (Settings{Proxies: "proxy.example"}).TrustedProxies(); err == nil {
		t.Error("a name is taken for an address")
	}
}

func TestTheIdentityProviderIsWholeOrNone(t *testing.T) { // N.24
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "client")
	if err := os.WriteFile(file, []byte("kept apart\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := Settings{Issuer: "https://id.firm.example", ClientID: "steward", ClientKey: "kept here", OpenIDName: "Acme ID", OpenIDOnly: "nobody", PublicURL: "https://steward.firm.example"}
	for setting, want := range map[string]string{"kept here": "kept here", "file:" + file: "kept apart", "": ""} {
		good.ClientKey = setting
		if got, err := good.IdentityProvider(); err != nil || got.Secret != want || got.Redirect != "https://steward.firm.example/sign-in/callback" || got.Name != "Acme ID" {
			t.Errorf("%q: %+v, %v", setting, got, err)
		}
	}
	if got, err := (Settings{OpenIDOnly: "nobody"}).IdentityProvider(); got != nil || err != nil {
		t.Errorf("none: %v, %v", got, err)
	}
	for what, s := range map[string]Settings{
		"no client id":        {Issuer: "https://id.firm.example"},
		"no https":            {Issuer: "http://id.firm.example", ClientID: "steward"},
		"no file":             {Issuer: "https://id.firm.example", ClientID: "steward", ClientKey: "file:" + file + ".not"},
		"no provider":         {ClientID: "steward"},
		"nothing but secrets": {ClientKey: "kept here"},
		"nobody could":        {OpenIDOnly: "everybody"},
	} {
		if got, err := s.IdentityProvider(); err == nil {
			t.Errorf("%s: %+v", what, got)
		}
	}
}
