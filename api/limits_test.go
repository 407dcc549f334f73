package api_test

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"steward/api"
)

func TestWhoAsksTooOftenIsToldWhenToComeBack(t *testing.T) { // N.31: slowed, not cut off
	t.Parallel()
	w := newWorldWith(t, func(o *api.Options) { o.Limits = api.Limits{Person: 0.5} })
	ada, olivia := w.as(w.admin), w.as(w.AM)
	for range 5 { // ten seconds' worth
		ada.must("GET", "/me", nil)
	}
	again := w.as(w.admin) // another token of the same person
	if a := again.refused(429, "too_many_requests", "GET", "/me", nil); a.header.Get("Retry-After") != "2" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
	ada.refused(429, "too_many_requests", "POST", "/clients", object{"name": "Acme"})
	olivia.must("GET", "/me", nil)
	w.at(noon.Add(2 * time.Second)) // refusals cost nothing
	ada.must("GET", "/me", nil)
	ada.refused(429, "too_many_requests", "GET", "/me", nil)
	w.at(noon.Add(time.Hour))
	for range 5 {
		ada.must("GET", "/me", nil)
	}
	ada.refused(429, "too_many_requests", "GET", "/me", nil)
}

func TestAnAddressThatAsksTooOftenIsRefusedBeforeItIsLookedUp(t *testing.T) { // N.31
	t.Parallel()
	w := newWorldWith(t, func(o *api.Options) {
		o.Limits = api.Limits{Address: 0.2}
		o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	from := func(address string) caller { return w.nobody().with("X-Forwarded-For", address) }
	for _, host := range []string{"2001:db8::1", "2001:db8::2"} { // of one network
		from(host).refused(401, "unauthorized", "GET", "/me", nil)
	}
	if a := from("2001:db8::3").refused(429, "too_many_requests", "GET", "/me", nil); a.header.Get("Retry-After") != "5" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
	from("2001:db8::3").refused(429, "too_many_requests", "GET", "/no-such-thing", nil)
	from("203.0.113.9").refused(401, "unauthorized", "GET", "/me", nil)
	for i := range 6 { // balancers and Prometheus ask as often as they wish, and some for the head alone
		r, err := []func(string) (*http.Response, error){http.Get, http.Head}[i%2](w.url + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != 200 {
			t.Errorf("/healthz is %d", r.StatusCode)
		}
	}
}

func TestPeopleWhoComeByHTTPSAreKeptToIt(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{"https://steward.example": "max-age=31536000", "http://steward.example": ""} {
		w := newWorldWith(t, func(o *api.Options) { o.PublicURL = public })
		if got := w.nobody().send("GET", "/me", nil).header.Get("Strict-Transport-Security"); got != want {
			t.Errorf("%s: got %q, want %q", public, got, want)
		}
	}
}
