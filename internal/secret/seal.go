package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Key is the secret of an installation: what is sealed and signed with it
// outlives the process and is good in all of them. The zero Key can do neither.
type Key struct {
	sealing cipher.AEAD
	signing []byte
}

// keyBytes is how many random bytes make a key.
const keyBytes = 32

// NewKey draws the text of a key, as it stands in the settings.
func NewKey() string {
	bits := make([]byte, keyBytes)
	_, _ = rand.Read(bits) // never fails: it ends the program instead
	return base64.StdEncoding.EncodeToString(bits)
}

// ParseKey reads a key from its text: 32 bytes in base64. No text is the zero
// Key.
func ParseKey(text string) (Key, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Key{}, nil
	}
	bits, err := KeyBits(text)
	if err != nil {
		return Key{}, fmt.Errorf("the secret key is no key: %w", err)
	}
	signing, err := Derived(bits, "signing")
	if err != nil {
		return Key{}, err
	}
	sealing, err := Cipher(bits, "sealing")
	return Key{sealing: sealing, signing: signing}, err
}

// KeyBits are the bytes of a key from its text.
func KeyBits(text string) ([]byte, error) {
	bits, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(bits) != keyBytes {
		return nil, errors.New("it is not 32 bytes in base64; `openssl rand -base64 32` makes one")
	}
	return bits, nil
}

// Derived is a key for one purpose, which says nothing of those for others.
func Derived(bits []byte, purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, bits, nil, "steward "+purpose, keyBytes)
}

// Cipher is AES-GCM for one purpose, which draws its own nonces.
func Cipher(bits []byte, purpose string) (cipher.AEAD, error) {
	key, err := Derived(bits, purpose)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Is tells whether there is a key.
func (k Key) Is() bool { return k.sealing != nil }

// Seal hides a text. It can be opened with the same key for the same owner
// only, so that what is kept of one is of no use in another's row.
func (k Key) Seal(text []byte, owner string) []byte {
	return k.sealing.Seal(nil, nil, text, []byte(owner))
}

// Open gives back what was sealed.
func (k Key) Open(sealed []byte, owner string) ([]byte, error) {
	if !k.Is() {
		return nil, errors.New("there is no secret key to open what was sealed")
	}
	text, err := k.sealing.Open(nil, nil, sealed, []byte(owner))
	if err != nil {
		return nil, fmt.Errorf("open what was sealed for %s, perhaps with another secret key: %w", owner, err)
	}
	return text, nil
}

// Sign makes a text that only who has the key can make: payload and signature.
func (k Key) Sign(payload []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(k.signature(payload), payload...))
}

// Signed gives back the payload of a text that was signed with the key.
func (k Key) Signed(text string) ([]byte, bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if !k.Is() || err != nil || len(b) < sha256.Size {
		return nil, false
	}
	signature, payload := b[:sha256.Size], b[sha256.Size:]
	return payload, hmac.Equal(signature, k.signature(payload))
}

func (k Key) signature(payload []byte) []byte {
	mac := hmac.New(sha256.New, k.signing)
	mac.Write(payload)
	return mac.Sum(nil)
}
