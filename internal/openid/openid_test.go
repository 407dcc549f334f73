package openid_test

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"steward/internal/fixture"
	"steward/internal/openid"
)

func clock() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

// answered goes to the provider and gives what a browser comes back with.
func answered(t *testing.T, address string) url.Values {
	t.Helper()
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := stay.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	back, err := r.Location()
	if err != nil || r.StatusCode != http.StatusFound {
		t.Fatalf("the provider answers %s, %v", r.Status, err)
	}
	return back.Query()
}

// comes is one try, from its beginning to its end.
func comes(t *testing.T, p *openid.Provider) (openid.Identity, error) {
	t.Helper()
	address, a, err := p.Begin(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	q := answered(t, address)
	return p.Finish(t.Context(), a, q.Get("state"), q.Get("code"), clock)
}

func TestWhomTheProviderVouchesFor(t *testing.T) { // N.24
	t.Parallel()
	idp := fixture.NewIdentityProvider(t, clock)
	settings := idp.Settings("http://localhost:8080")
	unverified := settings
	unverified.Unverified = true
	for name, c := range map[string]struct {
		settings    openid.Settings
		token, info map[string]any
		want        openid.Identity
	}{
		"verified":               {settings, map[string]any{"sub": "1", "email": "ann@firm.example", "email_verified": true}, nil, openid.Identity{Subject: "1", Email: "ann@firm.example", Verified: true}},
		"verified as a word":     {settings, map[string]any{"sub": "1", "email": "ann@firm.example", "email_verified": "true"}, nil, openid.Identity{Subject: "1", Email: "ann@firm.example", Verified: true}},
		"not verified":           {settings, map[string]any{"sub": "1", "email": "ann@firm.example", "email_verified": false}, nil, openid.Identity{Subject: "1", Email: "ann@firm.example"}},
		"nobody says":            {settings, map[string]any{"sub": "1", "email": "ann@firm.example"}, nil, openid.Identity{Subject: "1", Email: "ann@firm.example"}},
		"nobody says, believed":  {unverified, map[string]any{"sub": "1", "email": "ann@firm.example"}, nil, openid.Identity{Subject: "1", Email: "ann@firm.example", Verified: true}},
		"denied, never believed": {unverified, map[string]any{"sub": "1", "email": "ann@firm.example", "email_verified": "false"}, nil, openid.Identity{Subject: "1", Email: "ann@firm.example"}},
		"something else":         {unverified, map[string]any{"sub": "1", "email": "ann@firm.example", "email_verified": 1}, nil, openid.Identity{Subject: "1", Email: "ann@firm.example"}},
		"a short token":          {settings, map[string]any{"sub": "1"}, map[string]any{"sub": "1", "email": "ann@firm.example", "email_verified": true}, openid.Identity{Subject: "1", Email: "ann@firm.example", Verified: true}},
		"no address at all":      {settings, map[string]any{"sub": "1"}, map[string]any{"sub": "1"}, openid.Identity{Subject: "1"}},
	} {
		idp.Is(c.token)
		if c.info != nil {
			idp.Tells(c.info)
		}
		c.want.Issuer = idp.URL
		if got, err := comes(t, openid.New(c.settings)); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestWhatProvesNothing(t *testing.T) { // N.24
	t.Parallel()
	idp := fixture.NewIdentityProvider(t, clock)
	ann := map[string]any{"sub": "1", "email": "ann@firm.example", "email_verified": true}
	idp.Is(ann)
	p := openid.New(idp.Settings("http://localhost:8080"))
	refused := func(what string) {
		t.Helper()
		if id, err := comes(t, p); !errors.Is(err, openid.ErrUnproven) || id != (openid.Identity{}) {
			t.Errorf("%s: %+v, %v", what, id, err)
		}
	}
	for what, alter := range map[string]func(map[string]any){
		"of another provider":       func(c map[string]any) { c["iss"] = "https://elsewhere.example" },
		"for another program":       func(c map[string]any) { c["aud"] = "elsewhere" },
		"given to another program":  func(c map[string]any) { c["aud"], c["azp"] = []string{"steward", "elsewhere"}, "elsewhere" },
		"too old":                   func(c map[string]any) { c["exp"] = clock().Add(-time.Second).Unix() },
		"not good yet":              func(c map[string]any) { c["nbf"] = clock().Add(time.Hour).Unix() },
		"of another try":            func(c map[string]any) { c["nonce"] = "another" },
		"of no try":                 func(c map[string]any) { delete(c, "nonce") },
		"with an address of a list": func(c map[string]any) { c["email"] = []string{"ann@firm.example"} },
	} {
		idp.Spoil(alter)
		refused("a token " + what)
	}
	idp.Spoil(nil)
	idp.Forge(true)
	refused("a token that is forged")
	idp.Forge(false)

	idp.Is(map[string]any{"sub": "1"})
	idp.Tells(map[string]any{"sub": "2", "email": "bob@firm.example", "email_verified": true})
	refused("UserInfo of somebody else")
	idp.Is(ann)

	address, a, err := p.Begin(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	q := answered(t, address)
	other := a
	other.Verifier = "another browser's, of forty-three signs at least, as it has to be"
	for _, try := range []struct {
		what string
		openid.Attempt
		state, code string
	}{
		{"another state", a, "another", q.Get("code")},
		{"no try", openid.Attempt{}, "", q.Get("code")},
		{"no code", a, q.Get("state"), ""},
		{"a made-up code", a, q.Get("state"), "made up"},
		{"a stolen code", other, q.Get("state"), q.Get("code")},
		{"a code once more", a, q.Get("state"), q.Get("code")}, // the thief has used it up
	} {
		if id, err := p.Finish(t.Context(), try.Attempt, try.state, try.code, clock); !errors.Is(err, openid.ErrUnproven) || id != (openid.Identity{}) {
			t.Errorf("%s: %+v, %v", try.what, id, err)
		}
	}
	if id, err := comes(t, p); err != nil || id.Subject != "1" {
		t.Errorf("after all that: %+v, %v", id, err)
	}
}

func TestAProviderThatIsAwayComesBack(t *testing.T) { // N.24
	t.Parallel()
	idp := fixture.NewIdentityProvider(t, clock)
	idp.Is(map[string]any{"sub": "1"})
	p := openid.New(idp.Settings("http://localhost:8080"))
	idp.Down(true)
	if _, _, err := p.Begin(t.Context(), false); !errors.Is(err, openid.ErrAway) {
		t.Errorf("away from the start: %v", err)
	}
	idp.Down(false)
	address, a, err := p.Begin(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	q := answered(t, address)
	idp.Down(true)
	if _, err := p.Finish(t.Context(), a, q.Get("state"), q.Get("code"), clock); !errors.Is(err, openid.ErrAway) {
		t.Errorf("away in the middle: %v", err)
	}
	idp.Down(false)
	if _, err := p.Finish(t.Context(), a, q.Get("state"), q.Get("code"), clock); err != nil {
		t.Errorf("once it is back: %v", err)
	}
	lost := openid.New(openid.Settings{Issuer: "http://127.0.0.1:1", ClientID: "steward"})
	if _, _, err := lost.Begin(t.Context(), false); !errors.Is(err, openid.ErrAway) {
		t.Errorf("nowhere: %v", err)
	}
	mirror := idp.Settings("http://localhost:8080")
	mirror.Issuer += "/" // it calls itself otherwise
	if _, _, err := openid.New(mirror).Begin(t.Context(), false); !errors.Is(err, openid.ErrAway) {
		t.Errorf("another's name: %v", err)
	}
}

func TestSettingsWithWhichNobodyCouldSignInAreRefused(t *testing.T) { // N.24
	t.Parallel()
	for issuer, ok := range map[string]bool{
		"https://id.firm.example": true, "https://id.firm.example/realms/acme": true, "http://127.0.0.1:5556/dex": true, "http://localhost:8080": true, "http://[::1]:8080": true,
		"http://id.firm.example": false, "id.firm.example": false, "": false, "https://": false, "ftp://id.firm.example": false, "https://id.firm.example?x=1": false,
	} {
		if err := (openid.Settings{Issuer: issuer, ClientID: "steward"}).Check(); (err == nil) != ok {
			t.Errorf("%q: %v", issuer, err)
		}
	}
	if (openid.Settings{Issuer: "https://id.firm.example"}).Check() == nil {
		t.Error("no client id is taken")
	}
}
