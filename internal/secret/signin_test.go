package secret_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"steward/internal/fault"
	"steward/internal/secret"
)

func key(t *testing.T) secret.Key {
	t.Helper()
	k, err := secret.ParseKey(secret.NewKey() + "\n")
	if err != nil || !k.Is() {
		t.Fatal(k, err)
	}
	return k
}

func TestWhatIsSealedOpensForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	k := key(t)
	sealed := k.Seal([]byte("text"), "ann")
	if got, err := k.Open(sealed, "ann"); string(got) != "text" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	changed := slices.Clone(sealed)
	changed[len(changed)-1]++
	for name, open := range map[string]func() ([]byte, error){
		"another owner": func() ([]byte, error) { return k.Open(sealed, "bob") },
		"another key":   func() ([]byte, error) { return key(t).Open(sealed, "ann") },
		"changed":       func() ([]byte, error) { return k.Open(changed, "ann") },
		"cut":           func() ([]byte, error) { return k.Open(sealed[:3], "ann") },
		"no key":        func() ([]byte, error) { return secret.Key{}.Open(sealed, "ann") },
	} {
		if got, err := open(); err == nil {
			t.Errorf("%s opens it: %q", name, got)
		}
	}
	if string(k.Seal([]byte("text"), "ann")) == string(sealed) {
		t.Error("one text is sealed the same twice")
	}
	for _, text := range []string{"short", "%%%", strings.Repeat("A", 43), strings.Repeat("A", 88)} {
		if _, err := secret.ParseKey(text); err == nil {
			t.Errorf("%q is taken for a key", text)
		}
	}
}

func TestASignatureIsTheKeys(t *testing.T) {
	t.Parallel()
	k := key(t)
	text := k.Sign([]byte("payload"))
	if got, ok := k.Signed(text); !ok || string(got) != "payload" {
		t.Errorf("got %q, %v", got, ok)
	}
	for _, wrong := range []string{"", "x", text + "AA", text[1:], strings.ToUpper(text), key(t).Sign([]byte("payload"))} {
		if _, ok := k.Signed(wrong); ok {
			t.Errorf("%q counts as signed", wrong)
		}
	}
	if _, ok := (secret.Key{}).Signed(text); ok {
		t.Error("without a key something counts as signed")
	}
}

func TestACodeIsGoodOnceAndAroundItsTime(t *testing.T) { // RFC 6238
	t.Parallel()
	app, uri, err := secret.NewAuthenticator("ann@firm.example")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Query().Get("secret") != string(app) || u.Query().Get("issuer") != "steward" || len(app) != 32 {
		t.Errorf("the address is %s (%v)", uri, err)
	}
	now := time.Date(2026, 3, 20, 12, 0, 10, 0, time.UTC)
	for offset, want := range map[time.Duration]bool{-60 * time.Second: false, -30 * time.Second: true, 0: true, 30 * time.Second: true, 60 * time.Second: false} {
		code, err := totp.GenerateCode(string(app), now.Add(offset))
		if err != nil {
			t.Fatal(err)
		}
		step, ok := app.Match(code[:3]+" "+code[3:], now, 0)
		if ok != want || ok && step != now.Add(offset).Unix()/30 {
			t.Errorf("a code of %v: step %d, %v, want %v", offset, step, ok, want)
		}
		if _, again := app.Match(code, now, step); ok && again {
			t.Errorf("the code of %v is good again", offset)
		}
	}
	for _, wrong := range []string{"", "12345", "abcdef", "1234567"} {
		if _, ok := app.Match(wrong, now, 0); ok {
			t.Errorf("%q is a code", wrong)
		}
	}
}

func TestRecoveryCodesCanBeTyped(t *testing.T) {
	t.Parallel()
	codes, hashes := secret.NewRecoveryCodes()
	if len(codes) != 10 || len(hashes) != 10 {
		t.Fatalf("%d codes, %d hashes", len(codes), len(hashes))
	}
	for i, c := range codes {
		typed := strings.ToLower(strings.ReplaceAll(c, "-", " "))
		if len(c) != 19 || string(secret.HashRecoveryCode(typed)) != string(hashes[i]) || slices.Index(codes, c) != i {
			t.Errorf("code %q", c)
		}
	}
}

func TestWeakPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	owner := []string{"ann.stone@firm.example", "Ann Stone-Hill"}
	for password, good := range map[string]bool{
		"ten signs.": true, "correct horse battery": true, strings.Repeat("aB1-", 50): true, "pässwörter": true, "annstoneishere": true,
		"nine sign": false, strings.Repeat("aB1-", 50) + "x": false, "": false, "aaaaaaaaaaaa": false, "abababababab": false,
		"Password123": false, "QWERTYUIOP": false, "12345 67890": false,
		"ann.stone@firm.example": false, "AnnStone2026": false, "ann stone-hill": false, "Ann.Stone!!!": false,
	} {
		err := secret.Good(password, owner...)
		if (err == nil) != good || err != nil && !fault.Is(err, secret.WeakPassword) {
			t.Errorf("%.30q: %v", password, err)
		}
	}
}
