package api_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"steward/api"
	"steward/internal/fixture"
	"steward/internal/secret"
)

// codeAt is what an authenticator shows.
func codeAt(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// withAuthenticator gives Ann a password and an authenticator, whose first code
// is used up.
func withAuthenticator(t *testing.T, w *world) (email, app string, recovery []any) {
	t.Helper()
	email = withPassword(t, w, goodPassword)
	ann := w.as(w.Ann)
	app = ann.must("POST", "/me/totp", object{"password": goodPassword}).str("secret")
	recovery = ann.must("POST", "/me/totp/confirm", object{"code": codeAt(t, app, noon)}).body["codes"].([]any)
	return email, app, recovery
}

func TestSignInAsksForACodeOnceItIsSetUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email := withPassword(t, w, goodPassword)
	ann := w.as(w.Ann)
	ann.refused(422, "invalid", "POST", "/me/totp", object{})
	ann.refused(403, "wrong_password", "POST", "/me/totp", object{"password": "somebody else's"}) // of a session that was left open
	made := ann.must("POST", "/me/totp", object{"password": goodPassword})
	if !strings.HasPrefix(made.str("uri"), "otpauth://totp/steward:Ann@firm.example?") {
		t.Errorf("the address is %s", made.str("uri"))
	}
	right := object{"email": email, "password": goodPassword}
	w.nobody().must("POST", "/sessions", right) // not confirmed yet
	ann.refused(422, "invalid", "POST", "/me/totp/confirm", object{"code": codeAt(t, made.str("secret"), noon.Add(-time.Hour))})
	codes := ann.must("POST", "/me/totp/confirm", object{"code": codeAt(t, made.str("secret"), noon)}).body["codes"].([]any)
	if len(codes) != 10 {
		t.Errorf("the recovery codes are %v", codes)
	}
	ann.refused(409, "second_factor_set", "POST", "/me/totp", object{"password": goodPassword})
	ann.refused(409, "second_factor_set", "POST", "/me/totp/confirm", object{"code": "123456"})
	has(t, ann.must("GET", "/me/totp", nil).body, object{"confirmed_at": noon, "recovery_codes_left": 10})
	w.nobody().refused(401, "second_factor_needed", "POST", "/sessions", right)
	w.nobody().refused(401, "unauthorized", "POST", "/sessions", object{"email": email, "password": "wrong", "code": codeAt(t, made.str("secret"), noon.Add(30*time.Second))})
	if a := w.nobody().refused(401, "second_factor_needed", "POST", "/sessions", object{"email": email, "password": goodPassword, "code": "000000"}); a.header.Get("Set-Cookie") != "" {
		t.Error("a wrong code sets a cookie")
	}
	w.at(noon.Add(time.Minute))
	w.nobody().must("POST", "/sessions", object{"email": email, "password": goodPassword, "code": codeAt(t, made.str("secret"), noon.Add(time.Minute))})
	kept := fixture.One[string](t, w.Pool, `SELECT encode(secret, 'escape') || (SELECT string_agg(changes::text || note, '') FROM audit_event) || (SELECT coalesce(string_agg(body::text || answer::text, ''), '') FROM command_log) FROM second_factor`)
	if strings.Contains(kept, made.str("secret")) {
		t.Error("the secret can be read in the database")
	}
}

func TestACodeSignsInOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email, app, _ := withAuthenticator(t, w)
	with := func(at time.Time) object {
		return object{"email": email, "password": goodPassword, "code": codeAt(t, app, at)}
	}
	w.nobody().refused(401, "second_factor_needed", "POST", "/sessions", with(noon)) // it confirmed already
	w.at(noon.Add(40 * time.Second))
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[int]int{}
	for range 4 { // the same code at the same time
		wg.Go(func() {
			a := w.nobody().send("POST", "/sessions", with(noon.Add(40*time.Second)))
			mu.Lock()
			defer mu.Unlock()
			seen[a.status]++
		})
	}
	wg.Wait()
	if seen[201] != 1 || seen[401] != 3 {
		t.Errorf("the answers are %v, want one that is let in", seen)
	}
	w.at(noon.Add(10 * time.Minute))
	w.nobody().refused(401, "second_factor_needed", "POST", "/sessions", with(noon.Add(9*time.Minute)))
	w.nobody().must("POST", "/sessions", with(noon.Add(10*time.Minute+30*time.Second))) // a clock that is fast
	w.nobody().refused(401, "second_factor_needed", "POST", "/sessions", with(noon.Add(10*time.Minute)))
}

func TestARecoveryCodeSignsInOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email, _, recovery := withAuthenticator(t, w)
	body := object{"email": email, "password": goodPassword, "code": strings.ToLower(recovery[3].(string))}
	w.nobody().must("POST", "/sessions", body)
	w.nobody().refused(401, "second_factor_needed", "POST", "/sessions", body)
	has(t, w.as(w.Ann).must("GET", "/me/totp", nil).body, object{"recovery_codes_left": 9})
}

func TestCodesAreNotGuessedFromManyAddresses(t *testing.T) {
	t.Parallel()
	w := behindProxy(t)
	email, app, _ := withAuthenticator(t, w)
	looked := 0
	for i := range 20 {
		a := w.from(string(rune('a'+i))+".invalid, 203.0.113."+string(rune('0'+i%10))).send("POST", "/sessions", object{"email": email, "password": goodPassword, "code": "000000"})
		if a.status == 401 {
			looked++
		}
	}
	if looked != 5 {
		t.Errorf("%d codes were looked at, want 5", looked)
	}
	w.at(noon.Add(time.Minute))
	w.from("198.51.100.7").must("POST", "/sessions", object{"email": email, "password": goodPassword, "code": codeAt(t, app, noon.Add(time.Minute))})
}

func TestASecondFactorIsRemovedByWhoKnowsThePassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email, _, _ := withAuthenticator(t, w)
	ann := w.as(w.Ann)
	ann.refused(403, "wrong_password", "DELETE", "/me/totp", object{"password": "wrong"})
	ann.must("DELETE", "/me/totp", object{"password": goodPassword})
	ann.refused(404, "not_found", "DELETE", "/me/totp", object{"password": goodPassword})
	w.nobody().must("POST", "/sessions", object{"email": email, "password": goodPassword})
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM recovery_code`); n != 0 {
		t.Errorf("%d recovery codes are left", n)
	}
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM mail WHERE to_address ILIKE $1 AND subject LIKE 'How you sign in%'`, email); n != 2 {
		t.Errorf("%d mails tell of it, want 2: set up and removed", n)
	}
	for range 4 {
		ann.refused(403, "wrong_password", "DELETE", "/me/totp", object{"password": "wrong"})
	}
	ann.refused(403, "wrong_password", "DELETE", "/me/totp", object{"password": "wrong"})
	ann.refused(429, "too_many_requests", "DELETE", "/me/totp", object{"password": goodPassword})
}

func TestAnAdminRemovesALostSecondFactor(t *testing.T) { // N.14
	t.Parallel()
	w := newWorld(t)
	email, _, _ := withAuthenticator(t, w)
	path := "/users/" + w.Ann.String() + "/totp"
	w.as(w.AM).refused(403, "forbidden", "DELETE", path, nil)
	w.as(w.Ann).refused(403, "forbidden", "DELETE", path, nil)
	w.as(w.admin, "people:write").refused(403, "limited_token", "DELETE", path, nil) // N.15
	w.as(w.admin).must("DELETE", path, nil)
	w.as(w.admin).refused(404, "not_found", "DELETE", path, nil)
	w.as(w.admin).refused(409, "conflict", "DELETE", "/users/"+w.admin.String()+"/totp", nil)
	w.nobody().must("POST", "/sessions", object{"email": email, "password": goodPassword})
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM audit_event WHERE verb = 'reset-second-factor' AND entity_id = $1 AND actor_id = $2`, w.Ann, w.admin); n != 1 {
		t.Errorf("the audit has it %d times", n)
	}
}

func TestWithoutASecretKeyThereIsNoSecondFactor(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, func(o *api.Options) { o.Key = secret.Key{} })
	email := withPassword(t, w, goodPassword)
	w.as(w.Ann).refused(422, "not_available", "POST", "/me/totp", object{"password": goodPassword})
	if in := w.nobody().must("POST", "/sessions", object{"email": email, "password": goodPassword}); device(in) != "" {
		t.Errorf("a device is known without a key: %s", device(in))
	}
}
