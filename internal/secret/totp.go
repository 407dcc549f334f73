package secret

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// step is how long a code of an authenticator is good (RFC 6238).
const step = 30 * time.Second

// drift is how many steps a clock may be wrong, either way.
const drift = 1

// Authenticator is a secret that an app makes codes from: 160 bits in base32.
type Authenticator string

// NewAuthenticator draws one, with the address that apps read from a picture.
func NewAuthenticator(account string) (Authenticator, string, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "steward", AccountName: account, SecretSize: 20})
	if err != nil {
		return "", "", err
	}
	return Authenticator(key.Secret()), key.URL(), nil
}

// Match finds the step that a code belongs to: around now, and later than the
// last that was taken, so that no code is good twice.
func (a Authenticator) Match(code string, now time.Time, last int64) (int64, bool) {
	code = strings.ReplaceAll(code, " ", "")
	at := now.Unix() / int64(step.Seconds())
	for s := at - drift; s <= at+drift; s++ {
		if s > last && hotp.Validate(code, uint64(s), string(a)) {
			return s, true
		}
	}
	return 0, false
}

// Recovery codes: how many, and of how many random bytes.
const (
	recoveryCodes = 10
	recoveryBytes = 10
)

// NewRecoveryCodes draws the codes that replace a lost authenticator, and what
// is kept of them: 80 bits are too many to guess, so that the hash is fast.
func NewRecoveryCodes() (codes []string, hashes [][]byte) {
	for range recoveryCodes {
		bits := make([]byte, recoveryBytes)
		_, _ = rand.Read(bits) // never fails: it ends the program instead
		c := base32.StdEncoding.EncodeToString(bits)
		codes = append(codes, strings.Join([]string{c[:4], c[4:8], c[8:12], c[12:]}, "-"))
		hashes = append(hashes, HashRecoveryCode(c))
	}
	return codes, hashes
}

// HashRecoveryCode is how a recovery code is kept, however it was typed.
func HashRecoveryCode(code string) []byte {
	return Hash("recovery " + strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code)))
}
