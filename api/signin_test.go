package api_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/api"
	"steward/internal/fixture"
)

const goodPassword = "correct horse battery"

// behindProxy is a world whose callers say for themselves where they are.
func behindProxy(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, func(o *api.Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} })
}

func (w *world) from(address string) caller { return w.nobody().with("X-Forwarded-For", address) }

// device is the cookie that a browser is known by.
func device(a answer) string {
	for _, c := range a.header.Values("Set-Cookie") {
		if strings.Contains(c, "steward_device=") {
			c, _, _ = strings.Cut(c, ";")
			return c
		}
	}
	return ""
}

func TestAThousandGuessesNeitherFindNorLockOut(t *testing.T) { // N.15
	t.Parallel()
	w := behindProxy(t)
	email := withPassword(t, w, goodPassword)
	right := object{"email": email, "password": goodPassword}
	known := device(w.from("198.51.100.7").must("POST", "/sessions", right))
	attacker, looked := w.from("203.0.113.9"), 0
	for i := range 1000 {
		a := attacker.send("POST", "/sessions", object{"email": strings.ToUpper(email), "password": fmt.Sprintf("guess number %d", i)})
		switch {
		case a.status == 401:
			looked++
		case a.status != 429 || a.str("code") != "too_many_requests":
			t.Fatalf("guess %d: %d %s", i, a.status, a.text)
		}
	}
	if looked != 5 {
		t.Errorf("%d of 1,000 guesses at once were looked at, want 5", looked)
	}
	if a := attacker.refused(429, "too_many_requests", "POST", "/sessions", right); a.header.Get("Retry-After") != "2" || len(a.header.Values("Set-Cookie")) != 0 {
		t.Errorf("the right password during a pause: Retry-After %s", a.header.Get("Retry-After"))
	}
	w.from("198.51.100.7").must("POST", "/sessions", right)
	w.from("192.0.2.80").must("POST", "/sessions", right)                  // from anywhere else
	attacker.with("Cookie", known).must("POST", "/sessions", right)        // on a known device even from there
	w.from("203.0.113.9").must("POST", "/sessions", signInAs(t, w, w.Bob)) // and others from there
	attacker.with("Cookie", known).refused(401, "unauthorized", "POST", "/sessions", object{"email": email, "password": "wrong"})
	// Each pause is twice as long; a guess that comes too early does not make it longer.
	now := noon
	for _, pause := range []time.Duration{2, 4, 8, 16} {
		w.at(now.Add(pause*time.Second - time.Millisecond))
		attacker.refused(429, "too_many_requests", "POST", "/sessions", right)
		now = now.Add(pause * time.Second)
		w.at(now)
		attacker.refused(401, "unauthorized", "POST", "/sessions", object{"email": email, "password": "wrong"})
	}
}

// signInAs gives a person a password and says how they sign in.
func signInAs(t *testing.T, w *world, person uuid.UUID) object {
	t.Helper()
	hash := fixture.One[string](t, w.Pool, `SELECT password_hash FROM person WHERE id = $1`, w.Ann)
	w.Exec(t, `UPDATE person SET password_hash = $2 WHERE id = $1`, person, hash)
	return object{"email": person.String() + "@firm.example", "password": goodPassword}
}

func TestGuessesAtOnceAreAllCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email := withPassword(t, w, goodPassword)
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[int]int{}
	for i := range 40 {
		wg.Go(func() {
			a := w.nobody().send("POST", "/sessions", object{"email": email, "password": "guess " + strconv.Itoa(i)})
			mu.Lock()
			defer mu.Unlock()
			seen[a.status]++
		})
	}
	wg.Wait()
	if seen[401] != 5 || seen[429] != 35 {
		t.Errorf("the answers are %v, want 5 that were looked at", seen)
	}
}

func TestManyAddressesDoNotKeepTheOwnerOut(t *testing.T) {
	t.Parallel()
	w := behindProxy(t)
	email := withPassword(t, w, goodPassword)
	for i := range 60 {
		w.from(fmt.Sprintf("203.0.113.%d", i)).refused(401, "unauthorized", "POST", "/sessions", object{"email": email, "password": "wrong"})
	}
	w.from("198.51.100.7").must("POST", "/sessions", object{"email": email, "password": goodPassword})
}

func TestOneAddressGuessesAtManyAccountsSlowly(t *testing.T) {
	t.Parallel()
	w := behindProxy(t)
	email := withPassword(t, w, goodPassword)
	w.from("2001:db8::1").must("POST", "/sessions", object{"email": email, "password": goodPassword}) // right ones are given back
	for i := range 50 {
		from := fmt.Sprintf("2001:db8::%x", i+2) // one network, whatever the end
		w.from(from).refused(401, "unauthorized", "POST", "/sessions", object{"email": fmt.Sprintf("nobody%d@firm.example", i), "password": "x"})
	}
	w.from("2001:db8::ffff").refused(429, "too_many_requests", "POST", "/sessions", object{"email": email, "password": goodPassword})
	w.from("2001:db8:0:1::1").must("POST", "/sessions", object{"email": email, "password": goodPassword})
}

func TestADeviceIsKnownToItsAccountAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email := withPassword(t, w, goodPassword)
	bob := signInAs(t, w, w.Bob)
	known := device(w.nobody().must("POST", "/sessions", object{"email": email, "password": goodPassword}))
	for _, cookie := range []string{known, known + "A", "steward_device=x", ""} {
		c := w.nobody().with("Cookie", cookie)
		for range 5 {
			c.send("POST", "/sessions", object{"email": bob["email"], "password": "wrong"})
		}
	}
	w.nobody().with("Cookie", known).refused(429, "too_many_requests", "POST", "/sessions", bob)
	if again := w.nobody().with("Cookie", known).must("POST", "/sessions", object{"email": email, "password": goodPassword}); device(again) != "" {
		t.Error("a device that is known is given another name")
	}
}

func TestSigningInEndsTheSessionThatWasPlanted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email := withPassword(t, w, goodPassword)
	mallory := cookie(w.nobody().must("POST", "/sessions", signInAs(t, w, w.Bob)))
	in := w.nobody().with("Cookie", mallory).must("POST", "/sessions", object{"email": email, "password": goodPassword})
	if cookie(in) == mallory || cookie(in) == "" {
		t.Errorf("the cookie is %q", cookie(in))
	}
	w.nobody().with("Cookie", mallory).refused(401, "unauthorized", "GET", "/me", nil)
	invented := w.nobody().with("Cookie", "steward_session=stw_invented").must("POST", "/sessions", object{"email": email, "password": goodPassword})
	if strings.Contains(cookie(invented), "invented") {
		t.Error("a secret that came along became the session's")
	}
}

func TestAWriteFromAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, func(o *api.Options) { o.PublicURL = "http://steward.example" })
	email := withPassword(t, w, goodPassword)
	ann := w.signedIn(email, goodPassword)
	body := object{"body": "x"}
	path := "/tasks/" + w.Task.String() + "/notes"
	for _, c := range []struct {
		name   string
		header []string
		taken  bool
	}{
		{"another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, false},
		{"another host of the domain", []string{"Sec-Fetch-Site", "same-site", "Origin", "https://blog.steward.example"}, false},
		{"another site, which hides it", []string{"Sec-Fetch-Site", "cross-site", "Origin", "null"}, false},
		{"another site, without Sec-Fetch-Site", []string{"Origin", "https://evil.example"}, false},
		{"hidden, without Sec-Fetch-Site", []string{"Origin", "null"}, false},
		{"a page of ours", []string{"Sec-Fetch-Site", "same-origin", "Origin", w.url}, true},
		{"a page of ours by http", []string{"Origin", w.url}, true},
		{"a page of ours behind a proxy with another Host", []string{"Origin", "http://steward.example"}, true},
		{"the person themselves", []string{"Sec-Fetch-Site", "none"}, true},
		{"a program", nil, true},
	} {
		a := ann.with(c.header...).send("POST", path, body)
		if (a.status == http.StatusCreated) != c.taken || !c.taken && a.status != http.StatusForbidden {
			t.Errorf("%s: %d %s", c.name, a.status, a.text)
		}
	}
	evil := []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}
	w.nobody().with(evil...).refused(403, "forbidden", "POST", "/sessions", object{"email": email, "password": goodPassword})
	ann.with(evil...).refused(403, "forbidden", "DELETE", "/sessions", nil)
	// What browsers too old to say where they come from can send is a form.
	for _, form := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
		if a := ann.with("Content-Type", form).send("POST", path, `{"body": "x"}`); a.status != http.StatusUnsupportedMediaType {
			t.Errorf("%s: %d %s", form, a.status, a.text)
		}
	}
	ann.with(evil...).must("GET", "/me", nil) // which the other site cannot read
}

func TestCookiesByHTTPSAreForThisHostAlone(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, func(o *api.Options) { o.PublicURL = "https://steward.example" })
	email := withPassword(t, w, goodPassword)
	in := w.nobody().must("POST", "/sessions", object{"email": email, "password": goodPassword})
	cookies := in.header.Values("Set-Cookie")
	if len(cookies) != 2 {
		t.Fatalf("the cookies are %v", cookies)
	}
	for _, c := range cookies {
		if !strings.HasPrefix(c, "__Host-steward_") || !strings.Contains(c, "; Secure") || !strings.Contains(c, "; HttpOnly") || !strings.Contains(c, "; SameSite=Strict") || !strings.Contains(c, "; Path=/;") || strings.Contains(c, "Domain") {
			t.Errorf("the cookie is %s", c)
		}
	}
	w.nobody().with("Cookie", cookie(in)).must("GET", "/me", nil)
	w.nobody().with("Cookie", strings.TrimPrefix(cookie(in), "__Host-")).refused(401, "unauthorized", "GET", "/me", nil)
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	w := behindProxy(t)
	email := withPassword(t, w, goodPassword)
	in := func(from, agent string) caller {
		a := w.from(from).with("User-Agent", agent).must("POST", "/sessions", object{"email": email, "password": goodPassword})
		return w.nobody().with("Cookie", cookie(a))
	}
	phone, desk, old := in("198.51.100.1", "Phone\t1"), in("198.51.100.2", "Desk"), in("198.51.100.3", strings.Repeat("long", 100))
	list := desk.must("GET", "/sessions", nil).items()
	if len(list) != 3 {
		t.Fatalf("the sessions are %v", list)
	}
	for i, want := range []object{{"source": "198.51.100.1", "agent": "Phone 1", "current": false}, {"source": "198.51.100.2", "agent": "Desk", "current": true}, {"source": "198.51.100.3", "agent": strings.Repeat("long", 50)}} {
		has(t, list[i], want)
	}
	bob := w.as(w.Bob)
	bob.refused(404, "not_found", "DELETE", "/sessions/"+list[0]["id"].(string), nil)
	desk.must("DELETE", "/sessions/"+list[0]["id"].(string), nil)
	phone.refused(401, "unauthorized", "GET", "/me", nil)
	if n := len(bob.must("GET", "/sessions", nil).items()); n != 0 {
		t.Errorf("Bob sees %d sessions", n)
	}
	bob.must("DELETE", "/sessions", nil)
	old.must("DELETE", "/sessions/current", nil)
	desk.must("GET", "/me", nil)
	again := in("198.51.100.4", "Again")
	desk.must("DELETE", "/sessions", nil) // all of hers
	desk.refused(401, "unauthorized", "GET", "/me", nil)
	again.refused(401, "unauthorized", "GET", "/me", nil)
	bob.refused(409, "conflict", "DELETE", "/sessions/current", nil)
}

func TestTheAuditKnowsTheAddressBehindATrustedProxy(t *testing.T) { // N.14
	t.Parallel()
	w := behindProxy(t)
	email := withPassword(t, w, goodPassword)
	w.from("10.0.0.1, 198.51.100.7").must("POST", "/sessions", object{"email": email, "password": goodPassword})
	direct := newWorld(t)
	other := withPassword(t, direct, goodPassword)
	direct.from("198.51.100.7").must("POST", "/sessions", object{"email": other, "password": goodPassword})
	for want, w := range map[string]*world{"198.51.100.7": w, "127.0.0.1": direct} {
		if got := fixture.One[string](t, w.Pool, `SELECT source FROM audit_event WHERE verb = 'sign-in' AND entity_id = $1`, w.Ann); got != want {
			t.Errorf("the audit has %s, want %s", got, want)
		}
	}
}
