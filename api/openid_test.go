package api_test

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/api"
	"steward/internal/fixture"
	"steward/internal/openid"
)

// withProvider is a world whose people sign in with an identity provider.
func withProvider(t *testing.T, public string, only api.Only) (*world, *fixture.IdentityProvider) {
	t.Helper()
	var w *world
	idp := fixture.NewIdentityProvider(t, func() time.Time { return w.store.Now() })
	w = newWorldWith(t, func(o *api.Options) {
		o.PublicURL, o.OpenID, o.OpenIDOnly = public, openid.New(idp.Settings(public)), only
	})
	w.Exec(t, `UPDATE person SET email = 'Ann@firm.example' WHERE id = $1`, w.Ann)
	return w, idp
}

const atFirm = "http://steward.firm.example"

// is somebody as the identity provider knows them.
func is(subject, email string) object {
	return object{"sub": subject, "email": email, "email_verified": true}
}

// browser keeps cookies, and goes where a person sends it.
type browser struct {
	w       *world
	cookies map[string]*http.Cookie
}

func (w *world) browser() *browser { return &browser{w, map[string]*http.Cookie{}} }

// open asks for a page, of steward or of another site, and follows nothing.
func (b *browser) open(address string) (*http.Response, string) {
	b.w.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		b.w.t.Fatal(err)
	}
	ours := u.Host == "steward.firm.example" || u.Host == ""
	if ours {
		address = b.w.url + u.RequestURI()
	}
	r, err := http.NewRequestWithContext(b.w.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header.Set("User-Agent", "a browser")
	for _, c := range b.cookies {
		if ours {
			r.AddCookie(c)
		}
	}
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := stay.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		if b.cookies[c.Name] = c; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return res, string(text)
}

// leave goes to the provider and comes back as far as the answer's address.
func (b *browser) leave(path string) string {
	b.w.t.Helper()
	out, text := b.open(path)
	if out.StatusCode != http.StatusFound {
		b.w.t.Fatalf("%s: %s %s", path, out.Status, text)
	}
	back, text := b.open(out.Header.Get("Location"))
	if back.StatusCode != http.StatusFound {
		b.w.t.Fatalf("the provider: %s %s", back.Status, text)
	}
	return back.Header.Get("Location")
}

// signIn is all of the way.
func (b *browser) signIn(path string) (*http.Response, string) {
	b.w.t.Helper()
	return b.open(b.leave(path))
}

// caller sends requests with the cookies of the browser.
func (b *browser) caller() caller {
	var all []string
	for _, c := range b.cookies {
		all = append(all, c.Name+"="+c.Value)
	}
	return b.w.nobody().with("Cookie", strings.Join(all, "; "))
}

// turned away is a page with a refusal, and no session.
func (b *browser) turnedAway(status int, words string, res *http.Response, text string) {
	b.w.t.Helper()
	if res.StatusCode != status || !strings.Contains(html.UnescapeString(text), words) || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		b.w.t.Errorf("%s %s, want %d with %q", res.Status, text, status, words)
	}
	if b.cookies["steward_session"] != nil || strings.Contains(text, "refresh") || strings.Contains(text, `href="/sign-in?afresh=1"`) != (status != 404) {
		b.w.t.Errorf("signed in all the same: %v %s", b.cookies, text)
	}
}

func (w *world) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	return fixture.One[int](t, w.Pool, query, args...)
}

func TestSigningInWithTheIdentityProvider(t *testing.T) { // N.24
	t.Parallel()
	w, idp := withProvider(t, atFirm, api.OnlyNobody)
	idp.Is(is("ann-1", "ANN@firm.example"))
	b := w.browser()
	res, text := b.signIn("/sign-in?to=/docs/%3Fa=1%26b=2")
	if res.StatusCode != 200 || !strings.Contains(text, `<meta http-equiv="refresh" content="0; url=/docs/?a=1&amp;b=2">`) {
		t.Fatalf("%s %s", res.Status, text)
	}
	if policy := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || res.Header.Get("Referrer-Policy") != "no-referrer" || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page comes with %v", res.Header)
	}
	session := b.cookies["steward_session"]
	if session == nil || !session.HttpOnly || session.SameSite != http.SameSiteStrictMode || session.MaxAge != 43200 || b.cookies["steward_attempt"] != nil {
		t.Fatalf("the browser keeps %v", b.cookies)
	}
	has(t, b.caller().must("GET", "/me", nil).body, object{"id": w.Ann, "roles": []string{"contributor"}})
	if n := w.count(t, `SELECT count(*) FROM audit_event WHERE entity_id = $1 AND verb = 'sign-in' AND note = $2 AND source = '127.0.0.1'`, w.Ann, "with OpenID Connect, by "+idp.URL); n != 1 {
		t.Errorf("%d such sign-ins in the audit", n)
	}
	has(t, b.caller().must("GET", "/sessions", nil).items()[0], object{"agent": "a browser", "current": true})
	letters := func() int {
		return w.count(t, `SELECT count(*) FROM mail WHERE to_address = 'Ann@firm.example' AND body LIKE '%you can sign in with your account at%'`)
	}
	if letters() != 1 || w.count(t, `SELECT count(*) FROM audit_event WHERE verb = 'link-identity' AND entity_id = $1 AND actor_id = $1`, w.Ann) != 1 {
		t.Errorf("%d letters tell of the first time", letters())
	}
	// From then on the subject counts: her address is another now, and Bob has hers.
	w.Exec(t, `UPDATE person SET email = 'ann@elsewhere.example' WHERE id = $1`, w.Ann)
	w.Exec(t, `UPDATE person SET email = 'ann@firm.example' WHERE id = $1`, w.Bob)
	idp.Is(is("ann-1", "ann@firm.example"))
	again := w.browser()
	again.signIn("/sign-in")
	has(t, again.caller().must("GET", "/me", nil).body, object{"id": w.Ann})
	if letters() != 1 {
		t.Errorf("%d letters", letters())
	}
	has(t, again.caller().must("GET", "/me/identities", nil).items()[0], object{"issuer": idp.URL, "subject": "ann-1", "email": "ann@firm.example"})
}

func TestAClientsContactSignsInToo(t *testing.T) { // N.24
	t.Parallel()
	w, idp := withProvider(t, atFirm, api.OnlyEverybody)
	carl := w.contact(t)
	idp.Is(is("carl", carl.String()+"@client.example"))
	b := w.browser()
	b.signIn("/sign-in")
	has(t, b.caller().must("GET", "/me", nil).body, object{"id": carl, "kind": "client"})
	b.caller().refused(404, "not_found", "GET", "/tasks/"+w.NewTask(t, "open").String(), nil)
}

func TestWhomTheProviderKnowsAndStewardDoesNot(t *testing.T) { // N.24
	t.Parallel()
	w, idp := withProvider(t, atFirm, api.OnlyNobody)
	w.Exec(t, `UPDATE person SET email = 'gone@firm.example', active = false WHERE id = $1`, w.Bob)
	for words, who := range map[string]object{
		"There is no account for mallory@firm.example here": is("mallory", "mallory@firm.example"),
		"There is no account for gone@firm.example here":    is("bob", "gone@firm.example"),
		"has verified your e-mail address":                  {"sub": "mallory", "email": "ann@firm.example", "email_verified": false},
		"has verified your e-mail":                          {"sub": "mallory", "email": "ann@firm.example"},
		"verified your e-mail address":                      {"sub": "mallory"},
	} {
		idp.Is(who)
		b := w.browser()
		res, text := b.signIn("/sign-in")
		b.turnedAway(403, words, res, text)
	}
	b := w.browser()
	for path, prompt := range map[string]string{"/sign-in": "", "/sign-in?afresh=1": "login"} { // as the page's "Try again" has it
		res, _ := b.open(path)
		if u, err := res.Location(); err != nil || u.Query().Get("prompt") != prompt {
			t.Errorf("%s leads to %v, %v", path, u, err)
		}
	}
	if w.count(t, `SELECT count(*) FROM identity`)+w.count(t, `SELECT count(*) FROM session`)+w.count(t, `SELECT count(*) FROM mail`) != 0 {
		t.Error("something was written")
	}
	// One account there for each person here: a second with her address is not hers.
	idp.Is(is("ann-1", "ann@firm.example"))
	ann := w.browser()
	ann.signIn("/sign-in")
	idp.Is(is("ann-2", "ann@firm.example"))
	b = w.browser()
	res, text := b.signIn("/sign-in")
	b.turnedAway(403, "Another account of the identity provider signs in as ann@firm.example", res, text)
	// Until an admin parts them, which ends her sessions.
	path := "/users/" + w.Ann.String() + "/identities"
	w.as(w.Ann).refused(403, "forbidden", "DELETE", path, nil)
	w.as(w.admin).must("DELETE", path, nil)
	w.as(w.admin).refused(404, "not_found", "DELETE", path, nil)
	ann.caller().refused(401, "unauthorized", "GET", "/me", nil)
	b.signIn("/sign-in")
	has(t, b.caller().must("GET", "/me", nil).body, object{"id": w.Ann})
	// She parts herself from it as well, but from nobody else's.
	id := b.caller().must("GET", "/me/identities", nil).items()[0]["id"].(string)
	w.as(w.admin).refused(404, "not_found", "DELETE", "/me/identities/"+id, nil)
	b.caller().must("DELETE", "/me/identities/"+id, nil)
	b.caller().refused(404, "not_found", "DELETE", "/me/identities/"+id, nil)
	// Who was let go is not signed in, however long they were known.
	b.signIn("/sign-in")
	w.Exec(t, `UPDATE person SET active = false WHERE id = $1`, w.Ann)
	late := w.browser()
	res, text = late.signIn("/sign-in")
	late.turnedAway(403, "There is no account", res, text)
}

func TestAnAnswerIsForTheBrowserThatAsked(t *testing.T) { // N.24
	t.Parallel()
	w, idp := withProvider(t, atFirm, api.OnlyNobody)
	idp.Is(is("ann-1", "ann@firm.example"))
	const over = "not the answer to a try of this browser"
	refused := func(b *browser, address string) {
		t.Helper()
		res, text := b.open(address)
		b.turnedAway(400, over, res, text)
	}
	mallory := w.browser()
	planted := mallory.leave("/sign-in") // whoever opens this would be signed in as mallory's choice
	refused(w.browser(), planted)
	busy := w.browser()
	busy.leave("/sign-in")
	refused(busy, planted)
	spoilt := w.browser()
	address := spoilt.leave("/sign-in")
	spoilt.cookies["steward_attempt"].Value = planted[len(planted)-8:] + spoilt.cookies["steward_attempt"].Value[8:]
	refused(spoilt, address)
	late := w.browser()
	address = late.leave("/sign-in")
	w.at(noon.Add(10 * time.Minute))
	refused(late, address)
	w.at(noon)
	refused(w.browser(), "/sign-in/callback")
	once := w.browser()
	address = once.leave("/sign-in")
	once.open(address)
	delete(once.cookies, "steward_session")
	refused(once, address) // it was good for one answer

	said := w.browser()
	address = said.leave("/sign-in")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := url.Values{"state": {u.Query().Get("state")}, "error": {"access_denied"}, "error_description": {"<script>no\n" + strings.Repeat("x", 1000)}}
	res, text := said.open("/sign-in/callback?" + q.Encode())
	said.turnedAway(403, "It says: access_denied: <script>no xxx", res, text)
	if strings.Contains(text, "<script>") || strings.Contains(text, strings.Repeat("x", 301)) {
		t.Errorf("the provider writes on the page: %s", text)
	}
}

func TestNobodyIsSentElsewhereAfterSigningIn(t *testing.T) { // N.24
	t.Parallel()
	w, idp := withProvider(t, atFirm, api.OnlyNobody)
	idp.Is(is("ann-1", "ann@firm.example"))
	for to, want := range map[string]string{
		"": "/", "/docs/": "/docs/", "/a?b=c#d": "/a?b=c#d", "docs": "/", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "/\t/evil.example": "/", "javascript:alert(1)": "/", "/%zz": "/",
		`/"><script>`: "/%22%3E%3Cscript%3E",
	} {
		b := w.browser()
		_, text := b.signIn("/sign-in?to=" + url.QueryEscape(to))
		if !strings.Contains(html.UnescapeString(text), `content="0; url=`+want+`"`) {
			t.Errorf("%q leads to %s", to, text)
		}
	}
}

func TestWithTheProviderAlone(t *testing.T) { // N.24
	t.Parallel()
	w, _ := withProvider(t, atFirm, api.OnlyStaff)
	ann := object{"email": withPassword(t, w, goodPassword), "password": goodPassword}
	for range 10 { // no guesses: they do not become slow
		w.nobody().refused(403, "openid_only", "POST", "/sessions", ann)
	}
	w.nobody().refused(401, "unauthorized", "POST", "/sessions", object{"email": "ann@firm.example", "password": "wrong"}) // says nothing to who guesses
	carl := w.contact(t)
	w.Exec(t, `UPDATE person SET password_hash = (SELECT password_hash FROM person WHERE id = $2) WHERE id = $1`, carl, w.Ann)
	w.nobody().must("POST", "/sessions", object{"email": carl.String() + "@client.example", "password": goodPassword})
	has(t, w.nobody().must("GET", "/sign-in", nil).body, object{"passwords": "contacts", "openid": object{"name": "Acme ID", "url": atFirm + "/sign-in"}})

	all, _ := withProvider(t, atFirm, api.OnlyEverybody)
	has(t, all.nobody().must("GET", "/sign-in", nil).body, object{"passwords": "nobody"})
	all.nobody().refused(403, "openid_only", "POST", "/sessions", object{"email": withPassword(t, all, goodPassword), "password": goodPassword})

	none := newWorld(t)
	has(t, none.nobody().must("GET", "/sign-in", nil).body, object{"passwords": "everybody", "openid": nil})
	for _, path := range []string{"/sign-in", "/sign-in/callback"} {
		b := none.browser()
		res, text := b.open(path)
		b.turnedAway(404, "has no identity provider", res, text)
	}
}

func TestAProviderThatIsAwayOrLies(t *testing.T) { // N.24
	t.Parallel()
	w, idp := withProvider(t, atFirm, api.OnlyNobody)
	idp.Is(is("ann-1", "ann@firm.example"))
	b := w.browser()
	idp.Down(true)
	res, text := b.open("/sign-in")
	b.turnedAway(503, "cannot be reached", res, text)
	if res.Header.Get("Retry-After") == "" {
		t.Error("nobody says when to come again")
	}
	idp.Down(false)
	idp.Forge(true)
	res, text = b.signIn("/sign-in")
	b.turnedAway(401, "did not prove who you are", res, text)
	idp.Forge(false)
	address := b.leave("/sign-in")
	idp.Down(true)
	res, text = b.open(address)
	b.turnedAway(503, "cannot be reached", res, text)
	idp.Down(false)
	if res, text := b.signIn("/sign-in"); res.StatusCode != 200 {
		t.Errorf("%s %s", res.Status, text)
	}
}

func TestWhoIsDismissedMeanwhileIsNotLetIn(t *testing.T) { // N.24
	t.Parallel()
	w, idp := withProvider(t, atFirm, api.OnlyNobody)
	idp.Is(is("ann-1", "ann@firm.example"))
	w.browser().signIn("/sign-in")
	b := w.browser()
	address := b.leave("/sign-in")
	tx, err := w.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	var me int
	if err := tx.QueryRow(t.Context(), `UPDATE person SET active = false WHERE id = $1 RETURNING pg_backend_pid()`, w.Ann).Scan(&me); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		res, text := b.open(address)
		b.turnedAway(403, "There is no account", res, text)
	}()
	for w.count(t, `SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))`, me) == 0 {
		select {
		case <-over:
			t.Fatal("it was not waited for")
		default:
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-over
	if n := w.count(t, `SELECT count(*) FROM session WHERE person_id = $1`, w.Ann); n != 1 {
		t.Errorf("%d sessions, want the one from before", n)
	}
}

func TestSigningInTwiceAtOnceIsOneIdentity(t *testing.T) { // N.24
	t.Parallel()
	w, idp := withProvider(t, atFirm, api.OnlyNobody)
	idp.Is(is("ann-1", "ann@firm.example"))
	var all []*browser
	var back []string
	for range 8 {
		b := w.browser()
		all, back = append(all, b), append(back, b.leave("/sign-in"))
	}
	var wg sync.WaitGroup
	for i, b := range all {
		wg.Go(func() { b.open(back[i]) })
	}
	wg.Wait()
	for _, b := range all {
		has(t, b.caller().must("GET", "/me", nil).body, object{"id": w.Ann})
	}
	if n, letters := w.count(t, `SELECT count(*) FROM identity`), w.count(t, `SELECT count(*) FROM mail`); n != 1 || letters != 1 {
		t.Errorf("%d identities, %d letters", n, letters)
	}
}

func TestByHTTPSTheTryIsOfThisHostAlone(t *testing.T) { // N.24
	t.Parallel()
	w, idp := withProvider(t, "https://steward.firm.example", api.OnlyNobody)
	idp.Is(is("ann-1", "ann@firm.example"))
	b := w.browser()
	address := b.leave("/sign-in")
	try := b.cookies["__Host-steward_attempt"]
	if try == nil || !try.Secure || !try.HttpOnly || try.Path != "/" || try.SameSite != http.SameSiteLaxMode || try.MaxAge != 600 {
		t.Fatalf("%v", b.cookies)
	}
	if !strings.HasPrefix(address, "https://steward.firm.example/sign-in/callback?") {
		t.Errorf("the provider sends people to %s", address)
	}
	b.open(address)
	if s := b.cookies["__Host-steward_session"]; s == nil || !s.Secure {
		t.Errorf("%v", b.cookies)
	}
	if _, err := uuid.Parse(b.caller().must("GET", "/me", nil).str("id")); err != nil {
		t.Error(err)
	}
}
