// Package secret makes and checks what people and programs prove themselves
// with: tokens of 256 random bits, and passwords that people chose.
//
// It keeps nothing. A token is stored as [Hash], a password as [HashPassword];
// neither can be turned back. Rule: requirement N.15.
package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// prefix tells a token from other text, so that one that leaked can be found.
const prefix = "stw_"

// NewToken draws a secret for a program or a browser, and what is kept of it.
func NewToken() (token string, hash []byte) {
	bits := make([]byte, 32)
	_, _ = rand.Read(bits) // never fails: it ends the program instead
	token = prefix + base64.RawURLEncoding.EncodeToString(bits)
	return token, Hash(token)
}

// NewPassword draws a password of 130 random bits that can be typed.
func NewPassword() string { return rand.Text() }

// Hash is how secrets of 256 random bits are kept: nobody can guess them, so
// that a slow hash would only slow the owner.
func Hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
