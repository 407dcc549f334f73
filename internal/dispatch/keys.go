package dispatch

import (
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"steward/internal/secret"
)

// Keys hide what Temporal keeps: the first encrypts, each decrypts. The zero
// Keys encrypt nothing. They are a [converter.PayloadCodec].
type Keys struct {
	first string // the id of the key that encrypts; none: nothing is encrypted
	all   map[string]cipher.AEAD
}

// What is encrypted says so, and with which key, beside its bytes.
const (
	encrypted = "binary/encrypted"
	keyID     = "encryption-key-id"
)

// plain stands where no key is to encrypt, although there are some to decrypt.
const plain = "plain"

// ErrKey is why something encrypted cannot be read: its key is not there, or
// its bytes were changed.
var ErrKey = errors.New("what Temporal keeps cannot be decrypted")

// ParseKeys reads keys from their text: each 32 bytes in base64, parted by
// commas or white space. The first may be the word plain, so that all processes
// learn a key before one encrypts with it. No text is the zero Keys.
func ParseKeys(text string) (Keys, error) {
	k := Keys{all: map[string]cipher.AEAD{}}
	for i, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }) {
		if i == 0 && word == plain {
			continue
		}
		id, aead, err := parseKey(word)
		if err != nil {
			return Keys{}, fmt.Errorf("payload key %d: %w", i+1, err)
		}
		if k.all[id] != nil {
			return Keys{}, fmt.Errorf("payload key %d is there twice", i+1)
		}
		if k.all[id] = aead; i == 0 {
			k.first = id
		}
	}
	return k, nil
}

// parseKey reads one key. Its id follows from it, so that nobody has to name
// keys and no two have the same name. What encrypts is derived from it: the
// installation's secret key may be the same text.
func parseKey(text string) (id string, aead cipher.AEAD, err error) {
	bits, err := secret.KeyBits(text)
	if err != nil {
		return "", nil, err
	}
	name, err := secret.Derived(bits, "payload key id")
	if err != nil {
		return "", nil, err
	}
	aead, err = secret.Cipher(bits, "payload")
	return hex.EncodeToString(name[:8]), aead, err
}

// Encrypt tells whether there is a key that encrypts.
func (k Keys) Encrypt() bool { return k.first != "" }

// Empty tells whether there is no key at all.
func (k Keys) Empty() bool { return len(k.all) == 0 }

// Encode encrypts payloads whole, with what says how they are written.
func (k Keys) Encode(payloads []*common.Payload) ([]*common.Payload, error) {
	if !k.Encrypt() {
		return payloads, nil
	}
	hidden := make([]*common.Payload, len(payloads))
	for i, p := range payloads {
		text, err := proto.Marshal(p)
		if err != nil {
			return nil, err
		}
		hidden[i] = &common.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encrypted), keyID: []byte(k.first)},
			Data:     k.all[k.first].Seal(nil, nil, text, []byte(k.first)),
		}
	}
	return hidden, nil
}

// Decode decrypts what is encrypted and leaves the rest as it is: what was
// written before there was a key can be read. It refuses with [ErrKey].
func (k Keys) Decode(payloads []*common.Payload) ([]*common.Payload, error) {
	shown := make([]*common.Payload, len(payloads))
	for i, p := range payloads {
		if string(p.GetMetadata()[converter.MetadataEncoding]) != encrypted {
			shown[i] = p
			continue
		}
		id := string(p.Metadata[keyID])
		aead := k.all[id]
		if aead == nil {
			return nil, fmt.Errorf("%w: STEWARD_PAYLOAD_KEYS has no key with the id %q", ErrKey, id)
		}
		text, err := aead.Open(nil, nil, p.Data, []byte(id))
		if err != nil {
			return nil, fmt.Errorf("%w with the key %q: %w", ErrKey, id, err)
		}
		shown[i] = &common.Payload{}
		if err := proto.Unmarshal(text, shown[i]); err != nil {
			return nil, err
		}
	}
	return shown, nil
}
