// Package webhook brings messages to receivers elsewhere: signed as the
// specification Standard Webhooks has it, and never to addresses within the
// network that steward stands in, unless an operator has named them.
//
// It keeps nothing: what is sent when, and what became of it, is rows.
package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// secretPrefix begins the text of a secret, so that it is known for what it is.
const secretPrefix = "whsec_"

// secretBytes is how many random bytes make a secret.
const secretBytes = 32

// NewSecret draws what the messages to one receiver are signed with, and the
// text of it that its owner is given, once.
func NewSecret() (bits []byte, text string) {
	bits = make([]byte, secretBytes)
	_, _ = rand.Read(bits) // never fails: it ends the program instead
	return bits, secretPrefix + base64.StdEncoding.EncodeToString(bits)
}

// Message is one thing that happened, for one receiver. A message that is sent
// again has the same id and body.
type Message struct {
	ID   string
	Body []byte
	At   time.Time // of this attempt
}

// header is what proves to the receiver whose message it is: with a signature by
// each of the secrets, so that one can be replaced without a gap.
func (m Message) header(secrets [][]byte) http.Header {
	at := strconv.FormatInt(m.At.Unix(), 10)
	signatures := make([]string, len(secrets))
	for i, s := range secrets {
		mac := hmac.New(sha256.New, s)
		mac.Write([]byte(m.ID + "." + at + "."))
		mac.Write(m.Body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "steward")
	h.Set("Webhook-Id", m.ID)
	h.Set("Webhook-Timestamp", at)
	h.Set("Webhook-Signature", strings.Join(signatures, " "))
	return h
}

// pauses are how long a receiver rests after it could not be reached once,
// twice and so on; the last of them from then on.
var pauses = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 12 * time.Hour,
}

// Aside is after how many attempts a message no longer keeps later ones
// waiting: what is wrong may be the message and not the receiver.
const Aside = 4

// Attempts is how often a message is sent before it has failed: the last time
// three days after the first.
const Attempts = 15

// Patience is how long a receiver may not be reached before it is switched off.
const Patience = 5 * 24 * time.Hour

// Pause is how long to wait after so many attempts in vain, one at least.
func Pause(attempts int) time.Duration {
	return pauses[min(max(attempts, 1), len(pauses))-1]
}

// Event is what a message says: what happened, when, and what to ask for.
type Event[T any] struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      T         `json:"data"`
}

// Owner is what the secret of a webhook is sealed for.
func Owner(id fmt.Stringer) string { return "webhook/" + id.String() }
