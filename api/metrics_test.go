package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"steward/api"
)

// Anybody can make up methods, as long as a head may be, and as fast as they are
// refused: a series for each would fill the memory of the API, and of whoever
// reads its metrics.
func TestMadeUpMethodsMakeNoSeries(t *testing.T) { // N.31
	t.Parallel()
	w := newWorldWith(t, func(o *api.Options) { o.Limits = api.Limits{Address: 0.2} })
	for i, method := range []string{"MADE" + strings.Repeat("A", 40_000), "MADEB", "MADEC"} { // one of them too often
		if got := status(t, method, w.url+"/api/v1/me"); got != []int{405, 405, 429}[i] {
			t.Errorf("%.10s is answered with %d", method, got)
		}
	}
	text := w.scraped(t)
	if n := strings.Count(text, "MADE"); n > 0 {
		t.Errorf("made-up methods stand in the metrics %d times, of %d bytes", n, len(text))
	}
	for _, want := range []string{`{method="_OTHER",route="none",status="405"} 2`, `{method="_OTHER",route="none",status="429"} 1`} {
		if !strings.Contains(text, "steward_http_request_seconds_count"+want+"\n") {
			t.Errorf("there is no %s", want)
		}
	}
}

// status is what a request without a body is answered with; redirects are not
// followed.
func status(t *testing.T, method, address string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil { // to its end, after which it is counted
		t.Fatal(err)
	}
	return res.StatusCode
}

// Gin's own redirect would answer around all that stands before the routes, and
// lead to wherever anybody's X-Forwarded-Prefix says.
func TestASlashTooMuchLeadsNowhere(t *testing.T) { // N.15
	t.Parallel()
	w := newWorldWith(t, func(o *api.Options) { o.Limits = api.Limits{Address: 0.2} })
	for i, path := range []string{"/api/v1/me/", "/password/", "/api/v1/plan.ics/?secret=x"} { // the last of them too often
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Forwarded-Prefix", "/elsewhere")
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if want := []int{404, 404, 429}[i]; res.StatusCode != want || res.Header.Get("Location") != "" || res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s is answered with %d, want %d, and %v", path, res.StatusCode, want, res.Header)
		}
	}
}

// scraped is what /metrics answers.
func (w *world) scraped(t *testing.T) string {
	t.Helper()
	res, err := http.Get(w.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
