package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func TestThePageOfAPasswordRunsItsOwnScriptAlone(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	get := func(path string) *httptest.ResponseRecorder {
		out := httptest.NewRecorder()
		w.server.ServeHTTP(out, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return out
	}
	if got := get("/"); got.Code != 302 || got.Header().Get("Location") != "/docs/" {
		t.Errorf("the address in mails answers %d to %s", got.Code, got.Header().Get("Location"))
	}
	page := get("/password")
	policy := page.Header().Get("Content-Security-Policy")
	if page.Code != 200 || !strings.HasPrefix(page.Header().Get("Content-Type"), "text/html") || !strings.HasPrefix(policy, "default-src 'none'") {
		t.Fatalf("%d %v", page.Code, page.Header())
	}
	for _, tag := range []string{"script", "style"} {
		found := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(page.Body.String(), -1)
		if len(found) != 1 {
			t.Fatalf("%d of %s", len(found), tag)
		}
		sum := sha256.Sum256([]byte(found[0][1]))
		if !strings.Contains(policy, tag+"-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
			t.Errorf("the policy does not let the %s run: %s", tag, policy)
		}
	}
	if !strings.Contains(page.Body.String(), "/api/v1/password-resets/redeem") {
		t.Error("it sets no password")
	}
}
