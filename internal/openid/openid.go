// Package openid signs people in with the firm's identity provider: OpenID
// Connect Core 1.0, the authorization code flow with PKCE (RFC 7636), state and
// nonce (N.24). Whose account it is then, is not asked here.
package openid

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// patience is how long the provider may take for each answer.
const patience = 10 * time.Second

// ErrAway is a provider that cannot be reached, or does not work.
var ErrAway = errors.New("the identity provider cannot be reached")

// ErrUnproven is an answer that proves nothing: a code or token that is wrong,
// old, meant for somebody else, or not the provider's.
var ErrUnproven = errors.New("the identity provider's answer proves nothing")

// Callback is where the provider sends people back to, below steward's public
// address.
const Callback = "/sign-in/callback"

// Settings say who the provider is, and who steward is there.
type Settings struct {
	Issuer   string // as it calls itself, such as https://id.firm.example
	ClientID string
	Secret   string // of the client; may be empty where the provider wants none
	Name     string // for people: what the button says
	Redirect string // the address that it sends people back to

	// Unverified believes addresses of which the provider does not say whether
	// it verified them. One that it says it did not is never believed.
	Unverified bool
}

// Check refuses settings with which nobody could sign in, or anybody.
func (s Settings) Check() error {
	u, err := url.Parse(s.Issuer)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("the issuer %q is no address such as https://id.firm.example", s.Issuer)
	}
	here := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	if u.Scheme != "https" && !(u.Scheme == "http" && here) {
		return fmt.Errorf("the issuer %q is not reached by https", s.Issuer)
	}
	if s.ClientID == "" {
		return errors.New("the identity provider knows steward by a client id, and none is given")
	}
	return nil
}

// Provider is the identity provider. It is looked up when somebody first signs
// in, so that steward starts without it.
type Provider struct {
	settings Settings
	client   *http.Client
	once     singleflight.Group
	mu       sync.Mutex
	found    *found
}

// found is what the provider publishes of itself.
type found struct {
	*oidc.Provider
	oauth2.Config
}

// New makes one of checked settings.
func New(s Settings) *Provider {
	return &Provider{settings: s, client: &http.Client{Timeout: patience}}
}

// Name is what people know the provider by.
func (p *Provider) Name() string { return p.settings.Name }

// Attempt is one try to sign in. The browser keeps it, unreadable, until the
// provider sends it back; it is good for one answer.
type Attempt struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
}

// Begin gives the address at the provider that the browser goes to. Afresh, the
// provider asks who somebody is though it knows: they may have another account.
// The error is [ErrAway].
func (p *Provider) Begin(ctx context.Context, afresh bool) (string, Attempt, error) {
	f, err := p.find(ctx)
	if err != nil {
		return "", Attempt{}, err
	}
	a := Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)}
	if afresh {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"))
	}
	return f.AuthCodeURL(a.State, options...), a, nil
}

// Identity is whom the provider says that it has before it.
type Identity struct {
	Issuer, Subject string // together they name somebody for good
	Email           string
	Verified        bool // the address is theirs, as the provider says
}

// Finish takes what the browser came back with. Errors are [ErrAway] and
// [ErrUnproven], with what is behind them.
func (p *Provider) Finish(ctx context.Context, a Attempt, state, code string, now func() time.Time) (Identity, error) {
	if a.State == "" || subtle.ConstantTimeCompare([]byte(a.State), []byte(state)) == 0 {
		return Identity{}, fmt.Errorf("%w: it belongs to another try", ErrUnproven)
	}
	f, err := p.find(ctx)
	if err != nil {
		return Identity{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := f.Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return Identity{}, classed(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := f.VerifierContext(ctx, &oidc.Config{ClientID: p.settings.ClientID, Now: now}).Verify(ctx, raw)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(a.Nonce)) == 0 {
		return Identity{}, fmt.Errorf("%w: its nonce is another", ErrUnproven)
	}
	c, err := p.claims(ctx, f, id, token)
	if err != nil {
		return Identity{}, err
	}
	return Identity{Issuer: id.Issuer, Subject: id.Subject, Email: c.Email, Verified: c.verified(p.settings.Unverified)}, nil
}

// claims are those of the token, or where it has no address, as providers may
// have it that keep tokens short, those of the UserInfo endpoint.
func (p *Provider) claims(ctx context.Context, f *found, id *oidc.IDToken, token *oauth2.Token) (claims, error) {
	var c claims
	if err := id.Claims(&c); err != nil {
		return c, fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	if c.Party != "" && c.Party != p.settings.ClientID {
		return c, fmt.Errorf("%w: it was given to %q", ErrUnproven, c.Party)
	}
	if c.Email != "" || f.UserInfoEndpoint() == "" {
		return c, nil
	}
	info, err := f.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return c, classed(err)
	}
	if info.Subject != id.Subject {
		return c, fmt.Errorf("%w: it tells of somebody else", ErrUnproven)
	}
	if err := info.Claims(&c); err != nil {
		return c, fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	return c, nil
}

// claims are what is asked of a token beside who gave it, to whom and until when.
type claims struct {
	Email    string `json:"email"`
	Verified any    `json:"email_verified"` // true, or "true" of some providers
	Party    string `json:"azp"`
}

func (c claims) verified(unsaid bool) bool {
	switch v := c.Verified.(type) {
	case nil:
		return unsaid
	case bool:
		return v
	case string:
		return strings.EqualFold(v, "true")
	}
	return false
}

// find looks the provider up, once for all who wait.
func (p *Provider) find(ctx context.Context) (*found, error) {
	p.mu.Lock()
	known := p.found
	p.mu.Unlock()
	if known != nil {
		return known, nil
	}
	ctx = context.WithoutCancel(ctx) // whoever gives up does not end it for the others; the client's patience does
	v, err, _ := p.once.Do("", func() (any, error) {
		provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.settings.Issuer)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrAway, err)
		}
		f := &found{provider, oauth2.Config{
			ClientID: p.settings.ClientID, ClientSecret: p.settings.Secret, Endpoint: provider.Endpoint(),
			RedirectURL: p.settings.Redirect, Scopes: []string{oidc.ScopeOpenID, "email"},
		}}
		p.mu.Lock()
		p.found = f
		p.mu.Unlock()
		return f, nil
	})
	if err != nil {
		return nil, err
	}
	return v.(*found), nil
}

// classed tells a refusal of the provider from one that is away.
func classed(err error) error {
	var refusal *oauth2.RetrieveError
	if errors.As(err, &refusal) && refusal.Response != nil && refusal.Response.StatusCode < http.StatusInternalServerError {
		return fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	return fmt.Errorf("%w: %w", ErrAway, err)
}
