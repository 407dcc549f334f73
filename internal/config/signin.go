package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"steward/internal/openid"
)

// keyFile is where an embedded installation keeps its secret key.
const keyFile = "secret.key"

// KeyText is the text of the secret key: from the setting, from the file that it
// names, or from the data folder. Nothing, if there is none.
func (s Settings) KeyText() (string, error) {
	name, inFile := fileOf(s.SecretKey)
	if s.SecretKey != "" && !inFile {
		return s.SecretKey, nil
	}
	if !inFile {
		name = filepath.Join(s.Data, keyFile)
	}
	text, err := keptIn(name, "secret key")
	if !inFile && errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(text), err
}

// KeepKey writes a new secret key to the data folder, for the user alone, unless
// there is one.
func (s Settings) KeepKey(text string) error {
	if there, err := s.KeyText(); there != "" || err != nil {
		return err
	}
	name := filepath.Join(s.Data, keyFile)
	if err := os.WriteFile(name+".new", []byte(text+"\n"), 0o600); err != nil {
		return fmt.Errorf("keep the secret key: %w", err)
	}
	return os.Rename(name+".new", name)
}

// IdentityProvider is the firm's, whom people sign in with; nil, if there is none.
func (s Settings) IdentityProvider() (*openid.Settings, error) {
	if s.Issuer == "" {
		if s.ClientID != "" || s.ClientKey != "" || s.OpenIDOnly != "" && s.OpenIDOnly != "nobody" {
			return nil, errors.New("settings of an identity provider are given, and not the provider: --openid-issuer")
		}
		return nil, nil
	}
	p := openid.Settings{Issuer: s.Issuer, ClientID: s.ClientID, Secret: s.ClientKey, Name: s.OpenIDName, Redirect: s.PublicURL + openid.Callback, Unverified: s.Unverified}
	if name, inFile := fileOf(s.ClientKey); inFile {
		text, err := keptIn(name, "client secret")
		if err != nil {
			return nil, err
		}
		p.Secret = strings.TrimSpace(text)
	}
	return &p, p.Check()
}

// TrustedProxies are the networks whose X-Forwarded-For is believed. An address
// is a network of one.
func (s Settings) TrustedProxies() ([]netip.Prefix, error) {
	return networks(s.Proxies, "the trusted proxies")
}

// ReceiverNetworks are those of the firm's own that webhooks may reach.
func (s Settings) ReceiverNetworks() ([]netip.Prefix, error) {
	return networks(s.Receivers, "the webhook networks")
}

func networks(list, what string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a, addrErr := netip.ParseAddr(text)
			if addrErr != nil {
				return nil, fmt.Errorf("%q of %s is neither an address nor a network such as 10.0.0.0/8", text, what)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		all = append(all, p.Masked())
	}
	return all, nil
}
