package api

import (
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/access"
	"steward/internal/postgres"
)

// each calls f with every operation of a contract.
func each(paths map[string]*huma.PathItem, f func(o *huma.Operation)) {
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		p := paths[path]
		for _, o := range []*huma.Operation{p.Get, p.Post, p.Put, p.Patch, p.Delete} {
			if o != nil {
				f(o)
			}
		}
	}
}

func TestEveryOperationLiesInAnArea(t *testing.T) { // N.15
	t.Parallel()
	nowhere := &postgres.Store{} // the contract alone asks no database
	s := New(Options{Store: nowhere, Later: nowhere, Log: slog.New(slog.DiscardHandler), Version: "test"})
	n := 0
	each(s.api.OpenAPI().Paths, func(o *huma.Operation) {
		n++
		first, _, _ := strings.Cut(strings.Split(strings.TrimPrefix(o.Path, base), "/")[1], ".")
		if _, ok := areas[first]; !ok && len(o.Security) > 0 {
			t.Errorf("%s %s lies in no area: say in api/scopes.go which tokens reach it", o.Method, o.Path)
		}
		if a := areaOf(o); !slices.Contains(append([]access.Area{access.AnyArea, access.EveryArea}, access.Areas...), a) {
			t.Errorf("%s %s lies in %q", o.Method, o.Path, a)
		}
	})
	if n < 80 {
		t.Errorf("there are %d operations", n)
	}
}

func TestOperationsLieWhereOneLooksForThem(t *testing.T) { // N.15
	t.Parallel()
	for path, want := range map[string]access.Area{
		"/me": access.AnyArea, "/actions/{id}": access.AnyArea, "/me/password": access.Account, "/me/totp/confirm": access.Account, "/me/identities/{id}": access.Account, "/users/{id}/identities": access.People, "/tokens": access.Account, "/users/{id}/tokens": access.Account,
		"/users/{id}/totp": access.People, "/tasks/{id}/time": access.Time, "/time-entries/{id}": access.Time, "/tasks/{id}/files": access.Files, "/files/{id}": access.Files,
		"/projects/{id}/rates": access.Rates, "/users/{id}/rates": access.Rates, "/projects/{id}/tasks": access.Tasks, "/requests/{id}/notes": access.Requests, "/invoices/{id}/lines/{line}/explain": access.Invoices,
		"/billing-runs": access.Invoices, "/clients/{id}/statement": access.Invoices, "/search": access.EveryArea, "/never-heard-of": access.EveryArea, "/plan.svg": access.Tasks,
	} {
		if got := areaOf(&huma.Operation{Path: base + path}); got != want {
			t.Errorf("%s lies in %s, want %s", path, got, want)
		}
	}
}

func TestTheAddressIsWhatTrustedProxiesSay(t *testing.T) { // N.14
	t.Parallel()
	s := &Server{proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
	for _, c := range []struct {
		remote, want string
		forwarded    []string
	}{
		{"198.51.100.7:1234", "198.51.100.7", nil},
		{"198.51.100.7:1234", "198.51.100.7", []string{"192.0.2.1"}}, // not trusted
		{"10.0.0.2:1234", "10.0.0.2", nil},
		{"10.0.0.2:1234", "192.0.2.1", []string{"192.0.2.1"}},
		{"10.0.0.2:1234", "192.0.2.1", []string{"127.0.0.1, 192.0.2.1"}}, // the first is what the caller made up
		{"10.0.0.2:1234", "192.0.2.1", []string{"127.0.0.1", "192.0.2.1, 10.9.9.9"}},
		{"[::1]:1234", "2001:db8::5", []string{"2001:db8::5"}},
		{"[::ffff:10.0.0.2]:1234", "192.0.2.1", []string{"::ffff:192.0.2.1"}},
		{"10.0.0.2:1234", "10.0.0.2", []string{"nonsense"}},
		{"10.0.0.2:1234", "10.0.0.3", []string{"192.0.2.1, nonsense, 10.0.0.3"}},
		{"10.0.0.2:1234", "10.1.1.1", []string{"10.1.1.1, 10.2.2.2"}}, // nobody but us
		{"@", "@", []string{"192.0.2.1"}},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{}}
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		if got := s.source(r); got != c.want {
			t.Errorf("%s with %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
	for source, want := range map[string]string{"192.0.2.1": "192.0.2.1", "2001:db8::5": "2001:db8::/64", "@": "@"} {
		if got := network(source); got != want {
			t.Errorf("%s counts as %s, want %s", source, got, want)
		}
	}
}
