package secret_test

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"

	"steward/internal/secret"
)

func TestTokensAreLongAndDifferent(t *testing.T) { // N.15
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		token, hash := secret.NewToken()
		if !regexp.MustCompile(`^stw_[A-Za-z0-9_-]{43}$`).MatchString(token) {
			t.Fatalf("got %q, want stw_ and 32 bytes in base64url", token)
		}
		if seen[token] || len(hash) != 32 || !bytes.Equal(hash, secret.Hash(token)) {
			t.Fatalf("token %q: seen before %v, hash of %d bytes", token, seen[token], len(hash))
		}
		seen[token] = true
	}
}

func TestAPasswordIsKeptAsAStringThatSaysHow(t *testing.T) {
	t.Parallel()
	kept, err := secret.HashPassword(t.Context(), "correct horse battery")
	if err != nil || !regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`).MatchString(kept) {
		t.Fatalf("got %q, %v", kept, err)
	}
	again, err := secret.HashPassword(t.Context(), "correct horse battery")
	if err != nil || again == kept {
		t.Errorf("two hashes of one password are the same: no salt (%v)", err)
	}
}

func TestOnlyTheRightPasswordPasses(t *testing.T) {
	t.Parallel()
	kept, err := secret.HashPassword(t.Context(), "pässwörd with spaces")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		password, kept string
		want           bool
	}{
		{"pässwörd with spaces", kept, true},
		{"pässwörd with spaces ", kept, false},
		{"Pässwörd with spaces", kept, false},
		{"", kept, false},
		{"", "", false},
		{"anything", "", false},
		{"anything", "plain text", false},
		{"anything", "$argon2id$v=19$m=19456,t=0,p=0$c2FsdA$a2V5", false},
		{"anything", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$", false},
		{"anything", "$argon2id$v=19$m=19456,t=2,p=1$!$a2V5", false},
		{"anything", strings.Replace(kept, "argon2id", "argon2i", 1), false},
		{"pässwörd with spaces", strings.Replace(kept, "v=19", "v=16", 1), false},
	} {
		got, err := secret.CheckPassword(t.Context(), c.password, c.kept)
		if err != nil || got != c.want {
			t.Errorf("CheckPassword(%q, %q) = %v, %v; want %v", c.password, c.kept, got, err, c.want)
		}
	}
}

func TestAFloodOfPasswordsIsWaitedOutOrGivenUp(t *testing.T) {
	t.Parallel()
	kept, err := secret.HashPassword(t.Context(), "a good password")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			ok, err := secret.CheckPassword(ctx, "a good password", kept)
			if i == 0 {
				cancel()
			}
			if err == nil && !ok || err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, %v", ok, err)
			}
		})
	}
	wg.Wait()
}

func BenchmarkCheckPassword(b *testing.B) {
	kept, err := secret.HashPassword(b.Context(), "a good password")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := secret.CheckPassword(b.Context(), "a good password", kept); err != nil {
			b.Fatal(err)
		}
	}
}
