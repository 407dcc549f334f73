package dispatch

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"

	"go.temporal.io/sdk/converter"
)

// codecLimit is the most that is read of one request, in bytes.
const codecLimit = 32 << 20

// Codec serves Temporal's remote codec protocol, POST /decode and /encode, so
// that its UI and command line show operators what the keys hide. Browsers may
// ask from the pages of the given origins alone. With a token, all have to
// bring it: as bearer, or, since the UI sends none, as the first part of the
// path.
func Codec(k Keys, origins []string, token string) http.Handler {
	c := codec{next: http.MaxBytesHandler(converter.NewPayloadCodecHTTPHandler(k), codecLimit), origins: origins, token: token}
	return http.HandlerFunc(c.serve)
}

type codec struct {
	next    http.Handler
	origins []string
	token   string
}

func (c codec) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Origin")
	if origin := r.Header.Get("Origin"); origin != "" {
		if !slices.Contains(c.origins, origin) {
			http.Error(w, "this page may not ask; see steward codec --ui", http.StatusForbidden)
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Methods", "POST")
		h.Set("Access-Control-Allow-Headers", "Content-Type, X-Namespace, Authorization")
	}
	if r.Method == http.MethodOptions { // browsers ask first, and bring no token then
		w.WriteHeader(http.StatusNoContent)
		return
	}
	path, ok := c.allowed(r)
	if !ok {
		http.Error(w, "the token is missing or wrong", http.StatusUnauthorized)
		return
	}
	if path != "/decode" && path != "/encode" {
		http.NotFound(w, r)
		return
	}
	c.next.ServeHTTP(w, r)
}

// allowed tells whether the token was brought, and what is left of the path.
func (c codec) allowed(r *http.Request) (path string, ok bool) {
	if c.token == "" {
		return r.URL.Path, true
	}
	if bearer, is := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); is && c.same(bearer) {
		return r.URL.Path, true
	}
	first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return "/" + rest, c.same(first)
}

// same compares with the token and takes as long whatever it was given.
func (c codec) same(given string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(c.token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
