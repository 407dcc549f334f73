package secret

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
)

// cost is what a guess costs: OWASP's first choice of argon2id parameters.
type cost struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
}

const (
	version = argon2.Version
	saltLen = 16
	keyLen  = 32
)

// current is the cost of new passwords; older ones keep theirs.
func current() cost { return cost{memory: 19 * 1024, time: 2, threads: 1} }

// slots bounds how many passwords are hashed at once. It is shared by all
// callers because what it protects is: the machine's memory and cores.
var slots = make(chan struct{}, 2*runtime.GOMAXPROCS(0))

// phc is the text a password is kept as: "$argon2id$v=19$m=19456,t=2,p=1$salt$key".
const phc = "$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s"

var encoding = base64.RawStdEncoding

// HashPassword is how a password is kept, in the PHC string format. It waits
// for its turn and gives up when ctx ends.
func HashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt) // never fails: it ends the program instead
	c := current()
	key, err := derive(ctx, password, salt, c, keyLen)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(phc, version, c.memory, c.time, c.threads, encoding.EncodeToString(salt), encoding.EncodeToString(key)), nil
}

// CheckPassword tells whether a password is the one that is kept. With nothing
// kept it does the same work, so that time does not tell who exists. It waits
// for its turn and gives up when ctx ends.
func CheckPassword(ctx context.Context, password, kept string) (bool, error) {
	c, salt, want, err := parse(kept)
	if err != nil {
		_, err = derive(ctx, password, make([]byte, saltLen), current(), keyLen)
		return false, err
	}
	got, err := derive(ctx, password, salt, c, uint32(len(want)))
	return err == nil && subtle.ConstantTimeCompare(got, want) == 1, err
}

func derive(ctx context.Context, password string, salt []byte, c cost, length uint32) ([]byte, error) {
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, c.time, c.memory, c.threads, length), nil
}

// parse takes a kept password apart. What was not written by [HashPassword]
// matches no password.
func parse(kept string) (c cost, salt, key []byte, err error) {
	parts := strings.Split(kept, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", version) {
		return c, nil, nil, fmt.Errorf("not an argon2id password of version %d", version)
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.threads); err != nil {
		return c, nil, nil, fmt.Errorf("read the cost %q: %w", parts[3], err)
	}
	if c.time == 0 || c.threads == 0 { // argon2 would panic
		return c, nil, nil, fmt.Errorf("the cost %q is none", parts[3])
	}
	if salt, err = encoding.DecodeString(parts[4]); err != nil {
		return c, nil, nil, fmt.Errorf("read the salt: %w", err)
	}
	if key, err = encoding.DecodeString(parts[5]); err != nil || len(key) == 0 {
		return c, nil, nil, fmt.Errorf("read the key: %w", err)
	}
	return c, salt, key, nil
}
