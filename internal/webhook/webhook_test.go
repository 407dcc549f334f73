package webhook_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"steward/internal/webhook"
)

var here = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// receiver answers as it is told, and keeps what came.
func receiver(t *testing.T, answer http.HandlerFunc) (*httptest.Server, *http.Header, *[]byte) {
	t.Helper()
	header, body := &http.Header{}, &[]byte{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*header = r.Header.Clone()
		*body, _ = io.ReadAll(r.Body)
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s, header, body
}

func message() webhook.Message {
	return webhook.Message{ID: "0199-a", Body: []byte(`{"type":"task.completed"}`), At: time.Now()}
}

// The signature is looked at by the specification's own library.
func TestMessagesAreSignedAsTheStandardHasIt(t *testing.T) { // N.16
	t.Parallel()
	s, header, body := receiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	now, nowText := webhook.NewSecret()
	before, beforeText := webhook.NewSecret()
	_, otherText := webhook.NewSecret()
	if a := webhook.NewClient(here).Send(t.Context(), s.URL, message(), now, before); a.Err != nil || a.Status != http.StatusNoContent {
		t.Fatalf("got %+v", a)
	}
	for text, good := range map[string]bool{nowText: true, beforeText: true, otherText: false} {
		w, err := standard.NewWebhook(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Verify(*body, *header); (err == nil) != good {
			t.Errorf("with a secret that signed (%v): %v", good, err)
		}
		if err := w.Verify([]byte(`{"type":"task.deleted"}`), *header); err == nil {
			t.Error("another body has the same signature")
		}
	}
	if header.Get("Webhook-Id") != "0199-a" || header.Get("Content-Type") != "application/json" {
		t.Errorf("the headers are %v", *header)
	}
}

func TestOnlyWhatIsAnsweredWellIsTaken(t *testing.T) { // N.16
	t.Parallel()
	elsewhere := 0
	other, _, _ := receiver(t, func(http.ResponseWriter, *http.Request) { elsewhere++ })
	for _, c := range []struct {
		status int
		why    string
	}{{200, ""}, {202, ""}, {302, "it redirects with 302, which is not followed"}, {307, "it redirects with 307, which is not followed"}, {400, "it answered 400"}, {410, "it answered 410"}, {500, "it answered 500"}} {
		s, _, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", other.URL)
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, "because \x00 \xff "+strings.Repeat("x", 1<<20))
		})
		a := webhook.NewClient(here).Send(t.Context(), s.URL, message(), []byte("k"))
		why := ""
		if a.Err != nil {
			why = a.Err.Error()
		}
		if a.Status != c.status || why != c.why || a.Gone() != (c.status == 410) || !strings.HasPrefix(a.Text, "because � � xx") || len([]rune(a.Text)) != 1000 {
			t.Errorf("%d: got %d %q %.20q of %d", c.status, a.Status, why, a.Text, len(a.Text))
		}
	}
	if elsewhere != 0 {
		t.Errorf("%d messages went where they were redirected to", elsewhere)
	}
}

func TestAReceiverThatHangsOrIsNotThereIsNotWaitedFor(t *testing.T) { // N.16
	t.Parallel()
	over := make(chan struct{})
	s, _, _ := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	})
	defer close(over)
	a := webhook.Impatient(here, 50*time.Millisecond).Send(t.Context(), s.URL+"/secret-path", message(), []byte("k"))
	if a.Status != 0 || a.Err == nil || a.Err.Error() != "there was no answer within 50ms" {
		t.Errorf("got %+v", a)
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	address := gone.URL
	gone.Close()
	a = webhook.NewClient(here).Send(t.Context(), address+"/secret-path", message(), []byte("k"))
	if a.Status != 0 || a.Err == nil || strings.Contains(a.Err.Error(), "secret-path") || !strings.Contains(a.Err.Error(), "refused") {
		t.Errorf("got %+v", a)
	}
}

// What a name stands for is looked at when it is connected to.
func TestNothingWithinTheNetworkIsReached(t *testing.T) { // N.16
	t.Parallel()
	reached := 0
	s, _, _ := receiver(t, func(http.ResponseWriter, *http.Request) { reached++ })
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	secure := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	t.Cleanup(secure.Close)
	for _, address := range []string{
		"http://127.0.0.1" + port, "http://localhost" + port, secure.URL, strings.Replace(secure.URL, "127.0.0.1", "localhost", 1), "http://[::ffff:127.0.0.1]" + port, "http://0.0.0.0" + port,
	} {
		a := webhook.NewClient(nil).Send(t.Context(), address, message(), []byte("k"))
		want := "is not an address of the open network"
		if strings.HasPrefix(address, "http:") {
			want = "is reached by https only" // whatever is there
		}
		if a.Err == nil || !strings.HasSuffix(a.Err.Error(), want) {
			t.Errorf("%s: got %+v, want %q", address, a, want)
		}
	}
	if reached != 0 {
		t.Errorf("%d requests arrived", reached)
	}
}

func TestWhatCanBeAReceiver(t *testing.T) { // N.16
	t.Parallel()
	named := []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
	for address, want := range map[string][2]bool{ // without named networks, and with
		"https://example.com/hooks?a=b":       {true, true},
		"https://example.com:8443/":           {true, true},
		"https://93.184.216.34/":              {true, true},
		"https://[2606:2800:220:1::1]/":       {true, true},
		"http://example.com/":                 {false, true}, // looked at when it is connected to
		"http://10.1.2.3/":                    {false, true},
		"https://10.1.2.3/":                   {false, true},
		"https://10.2.2.3/":                   {false, false},
		"http://93.184.216.34/":               {false, false},
		"https://127.0.0.1/":                  {false, false},
		"https://[::1]/":                      {false, false},
		"https://169.254.169.254/latest/meta": {false, false},
		"https://192.168.1.1/":                {false, false},
		"https://100.64.0.1/":                 {false, false},
		"https://0.0.0.0/":                    {false, false},
		"https://224.0.0.1/":                  {false, false},
		"https://255.255.255.255/":            {false, false},
		"https://[fe80::1]/":                  {false, false},
		"https://[fe80::1%25eth0]/":           {false, false},
		"https://[fd00::1]/":                  {false, false},
		"https://[::ffff:192.168.1.1]/":       {false, false},
		"https://[::ffff:100.64.0.1]/":        {false, false},
		"https://[::ffff:10.1.2.3]/":          {false, true},
		"https://[2001:db8::1%25eth0]/":       {false, false},
		"https://[64:ff9b::a9fe:a9fe]/":       {false, false},
		"https://[2002:c0a8:0101::1]/":        {false, false},
		"https://ann:secret@example.com/":     {false, false},
		"https://example.com/#part":           {false, false},
		"ftp://example.com/":                  {false, false},
		"file:///etc/passwd":                  {false, false},
		"https:///hooks":                      {false, false},
		"https://:443/hooks":                  {false, false},
		"https:example.com":                   {false, false},
		"example.com":                         {false, false},
		"https://exa mple.com/":               {false, false},
		"gopher://127.0.0.1:6379/_FLUSHALL":   {false, false},
	} {
		for i, networks := range [][]netip.Prefix{nil, named} {
			if err := webhook.Check(address, networks); (err == nil) != want[i] {
				t.Errorf("%s with %v: %v", address, networks, err)
			}
		}
	}
}

func TestAMessageIsTriedForThreeDays(t *testing.T) { // N.16
	t.Parallel()
	var all time.Duration
	for n := 1; n < webhook.Attempts; n++ {
		if n > 1 && webhook.Pause(n) < webhook.Pause(n-1) {
			t.Errorf("after %d attempts it rests for less than before", n)
		}
		all += webhook.Pause(n)
	}
	if all < 3*24*time.Hour || all-webhook.Pause(webhook.Attempts-1) >= 3*24*time.Hour {
		t.Errorf("it is tried for %s, want three days and no attempt more", all)
	}
}
