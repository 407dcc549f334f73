package dispatch_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"

	"steward/internal/dispatch"
)

const ui = "http://127.0.0.1:8233"

// The SDK's own client of the protocol stands for the UI and the command line.
func TestTheCodecShowsWhatTheKeysHide(t *testing.T) { // N.30
	k := keys(t, key(1))
	for _, token := range []string{"", "s3cret"} {
		s := httptest.NewServer(dispatch.Codec(k, []string{ui}, token))
		defer s.Close()
		hidden, err := k.Encode([]*common.Payload{payload("Acme")})
		if err != nil {
			t.Fatal(err)
		}
		bearer := func(r *http.Request) error {
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			return nil
		}
		for _, o := range []converter.RemotePayloadCodecOptions{{Endpoint: s.URL, ModifyRequest: bearer}, {Endpoint: strings.TrimSuffix(s.URL+"/"+token, "/")}} {
			remote := converter.NewRemotePayloadCodec(o)
			shown, err := remote.Decode(append(hidden, payload("plain")))
			if err != nil || string(shown[0].Data) != "Acme" || string(shown[1].Data) != "plain" {
				t.Errorf("decoded: %v, %v", shown, err)
			}
			again, err := remote.Encode([]*common.Payload{payload("Acme")})
			if err != nil || string(again[0].Metadata[converter.MetadataEncoding]) != "binary/encrypted" {
				t.Errorf("encoded: %v, %v", again, err)
			}
		}
	}
}

func TestTheCodecRefusesStrangers(t *testing.T) {
	k := keys(t, key(1))
	hidden, err := k.Encode([]*common.Payload{payload("Acme")})
	if err != nil {
		t.Fatal(err)
	}
	body, err := protojson.Marshal(&common.Payloads{Payloads: hidden})
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := keys(t, key(2)).Encode([]*common.Payload{payload("Acme")})
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := protojson.Marshal(&common.Payloads{Payloads: foreign})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, method, path, origin, auth, token string
		body                                    []byte
		status                                  int
	}{
		{what: "the UI", method: "POST", path: "/decode", origin: ui, body: body, status: 200},
		{what: "the UI with a token in its address", method: "POST", path: "/s3cret/decode", origin: ui, token: "s3cret", body: body, status: 200},
		{what: "a page of somebody else", method: "POST", path: "/decode", origin: "http://evil.example", body: body, status: 403},
		{what: "a page of somebody else, asking first", method: "OPTIONS", path: "/decode", origin: "http://evil.example", status: 403},
		{what: "the UI, asking first", method: "OPTIONS", path: "/decode", origin: ui, token: "s3cret", status: 204},
		{what: "no token", method: "POST", path: "/decode", token: "s3cret", body: body, status: 401},
		{what: "a wrong token", method: "POST", path: "/decode", auth: "Bearer s3creT", token: "s3cret", body: body, status: 401},
		{what: "a wrong token in the address", method: "POST", path: "/s3creT/decode", token: "s3cret", body: body, status: 401},
		{what: "an empty token", method: "POST", path: "//decode", auth: "Bearer ", token: "s3cret", body: body, status: 401},
		{what: "another path", method: "POST", path: "/x/decode", body: body, status: 404},
		{what: "another method", method: "GET", path: "/decode", status: 404},
		{what: "no payloads", method: "POST", path: "/decode", body: []byte("{"), status: 400},
		{what: "a key that is not there", method: "POST", path: "/decode", body: unknown, status: 400},
	} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(string(c.body)))
		r.Header.Set("Origin", c.origin)
		if c.origin == "" {
			r.Header.Del("Origin")
		}
		if c.auth != "" {
			r.Header.Set("Authorization", c.auth)
		}
		w := httptest.NewRecorder()
		dispatch.Codec(k, []string{ui}, c.token).ServeHTTP(w, r)
		allowed := w.Header().Get("Access-Control-Allow-Origin")
		if w.Code != c.status || allowed != "" && allowed != ui || c.status < 300 && c.origin == ui && allowed != ui {
			t.Errorf("%s: got %d %s, for pages of %q; want %d", c.what, w.Code, w.Body, allowed, c.status)
		}
		if c.status > 300 && strings.Contains(w.Body.String(), "Acme") {
			t.Errorf("%s: it shows %s", c.what, w.Body)
		}
	}
}
