package dispatch_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"steward/internal/dispatch"
)

// key is the text of a key made of one byte.
func key(b byte) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32)) }

func keys(t testing.TB, text string) dispatch.Keys {
	t.Helper()
	k, err := dispatch.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func payload(text string) *common.Payload {
	return &common.Payload{Metadata: map[string][]byte{converter.MetadataEncoding: []byte("json/plain"), "kind": []byte("note")}, Data: []byte(text)}
}

func TestWhatIsEncryptedComesBackWhole(t *testing.T) { // N.30
	k := keys(t, key(1))
	rapid.Check(t, func(r *rapid.T) {
		var all []*common.Payload
		for _, text := range rapid.SliceOf(rapid.String()).Draw(r, "payloads") {
			all = append(all, payload(text))
		}
		hidden, err := k.Encode(all)
		if err != nil {
			r.Fatal(err)
		}
		shown, err := k.Decode(hidden)
		if err != nil {
			r.Fatal(err)
		}
		if len(shown) != len(all) {
			r.Fatalf("%d came back of %d", len(shown), len(all))
		}
		for i := range all {
			if !proto.Equal(all[i], shown[i]) {
				r.Fatalf("got %v, want %v", shown[i], all[i])
			}
		}
	})
}

func TestNothingOfItCanBeReadAndNoTwoAreAlike(t *testing.T) {
	k := keys(t, key(1))
	hidden, err := k.Encode([]*common.Payload{payload("the client is Acme"), payload("the client is Acme")})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hidden {
		if text, _ := proto.Marshal(h); bytes.Contains(text, []byte("Acme")) || bytes.Contains(text, []byte("json")) || bytes.Contains(text, []byte("note")) {
			t.Errorf("it can be read: %q", text)
		}
	}
	if bytes.Equal(hidden[0].Data, hidden[1].Data) {
		t.Error("the same text is encrypted alike twice")
	}
}

func TestKeysAreRotated(t *testing.T) {
	before, err := keys(t, key(1)).Encode([]*common.Payload{payload("old")})
	if err != nil {
		t.Fatal(err)
	}
	rotated := keys(t, key(2)+","+key(1))
	after, err := rotated.Encode([]*common.Payload{payload("new")})
	if err != nil {
		t.Fatal(err)
	}
	shown, err := rotated.Decode([]*common.Payload{before[0], after[0], payload("plain")})
	if err != nil || string(shown[0].Data) != "old" || string(shown[1].Data) != "new" || string(shown[2].Data) != "plain" {
		t.Errorf("got %v, %v", shown, err)
	}
	if _, err := keys(t, key(1)).Decode(after); !errors.Is(err, dispatch.ErrKey) {
		t.Errorf("the old key alone reads what the new one encrypted: %v", err)
	}
	if _, err := keys(t, key(2)).Decode(after); err != nil {
		t.Errorf("the new key alone does not read its own: %v", err)
	}
	learning := keys(t, "plain "+key(2)) // before the others know the key
	if out, err := learning.Encode([]*common.Payload{payload("plain")}); err != nil || string(out[0].Data) != "plain" || learning.Encrypt() || learning.Empty() {
		t.Errorf("got %v, %v", out, err)
	}
	if _, err := learning.Decode(after); err != nil {
		t.Error(err)
	}
}

func TestWhatCannotBeDecryptedIsRefusedByName(t *testing.T) {
	hidden, err := keys(t, key(1)).Encode([]*common.Payload{payload("x")})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", key(2)} {
		_, err := keys(t, text).Decode(hidden)
		if !errors.Is(err, dispatch.ErrKey) || !strings.Contains(err.Error(), "STEWARD_PAYLOAD_KEYS") || !strings.Contains(err.Error(), string(hidden[0].Metadata["encryption-key-id"])) {
			t.Errorf("with the keys %q: %v", text, err)
		}
	}
	changed := proto.CloneOf(hidden[0])
	changed.Data[20] ^= 1
	other := proto.CloneOf(hidden[0]) // as if another key had encrypted it
	second, err := keys(t, key(2)).Encode([]*common.Payload{payload("x")})
	if err != nil {
		t.Fatal(err)
	}
	other.Metadata["encryption-key-id"] = second[0].Metadata["encryption-key-id"]
	short := proto.CloneOf(hidden[0])
	short.Data = short.Data[:5]
	for _, p := range []*common.Payload{changed, other, short} {
		if _, err := keys(t, key(1)+" "+key(2)).Decode([]*common.Payload{p}); !errors.Is(err, dispatch.ErrKey) {
			t.Errorf("got %v", err)
		}
	}
}

func TestKeysThatAreNoneAreRefused(t *testing.T) {
	for _, text := range []string{"short", key(1) + ",", "c2hvcnQ=", key(1) + "," + key(1), key(1) + ",plain"} {
		_, err := dispatch.ParseKeys(text)
		if text == key(1)+"," { // a comma too many is no key
			if err != nil {
				t.Error(err)
			}
			continue
		}
		if err == nil || strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if k := keys(t, " \n"); !k.Empty() || k.Encrypt() {
		t.Error("no text makes a key")
	}
}

func BenchmarkEncryptingWhatACommandCarries(b *testing.B) {
	k := keys(b, key(1))
	p := []*common.Payload{payload(`{"id":"019a0000-0000-7000-8000-000000000000"}`)}
	for b.Loop() {
		hidden, err := k.Encode(p)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := k.Decode(hidden); err != nil {
			b.Fatal(err)
		}
	}
}
