package mailbox

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"os"
	"strconv"
	"strings"
	"testing"
)

const evil = `<script>alert(1)</script>`

// letterFrom is a message with text and a file, in what mailers write.
const letterFrom = "From: steward <steward@localhost>\r\nTo: =?utf-8?q?=C3=85nn?= <ann@acme.example>\r\nSubject: " + evil + "\r\nMessage-ID: <1@localhost>\r\nDate: Fri, 20 Mar 2026 08:00:00 +0000\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe " + evil + "\r\n" +
	"--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename=\"../x " + "<b>.html\"\r\nContent-Transfer-Encoding: base64\r\n\r\nPHNjcmlwdD4=\r\n--b--\r\n"

func started(t *testing.T, dir string) *Mailbox {
	t.Helper()
	m, err := Start(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Stop)
	return m
}

func (m *Mailbox) send(t *testing.T, text string) {
	t.Helper()
	if err := smtp.SendMail(m.mail.Addr().String(), nil, "steward@localhost", []string{"ann@acme.example"}, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, url, host string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

func TestCaughtMailIsShownAndCanDoNothing(t *testing.T) {
	t.Parallel()
	m := started(t, t.TempDir())
	if _, text := get(t, m.URL(), ""); !strings.Contains(text, "No mail yet") {
		t.Errorf("an empty one shows %s", text)
	}
	m.send(t, letterFrom)
	list, text := get(t, m.URL(), "")
	if strings.Contains(text, "<script") || !strings.Contains(text, "&lt;script&gt;") || !strings.Contains(text, "Ånn") {
		t.Errorf("the list is %s", text)
	}
	if csp := list.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || list.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the headers are %v", list.Header)
	}
	if _, text := get(t, m.URL()+"/1", ""); strings.Contains(text, "<script") || !strings.Contains(text, "Grüße &lt;script&gt;") || !strings.Contains(text, `href="/1/0"`) {
		t.Errorf("the message is %s", text)
	}
	file, text := get(t, m.URL()+"/1/0", "")
	if text != "<script>" || file.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment;") {
		t.Errorf("the file is %q, %v", text, file.Header)
	}
	for _, path := range []string{"/2", "/x", "/1/1", "/1/-1", "/1/x", "/000001.eml"} {
		if res, _ := get(t, m.URL()+path, ""); res.StatusCode != 404 {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
	if res, _ := get(t, m.URL(), "rebound.example"); res.StatusCode != 403 {
		t.Errorf("under another name: %s", res.Status)
	}
}

func TestMailIsKeptOverARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := started(t, dir)
	m.send(t, letterFrom)
	m.send(t, "not a message at all")
	m.Stop()
	m = started(t, dir)
	m.send(t, "Subject: Third\r\n\r\nHello\r\n")
	var got []string
	for _, l := range m.box.newest() {
		got = append(got, fmt.Sprint(l.Number, " ", l.Subject))
	}
	if s := strings.Join(got, "; "); s != "3 Third; 2 (cannot be read); 1 "+evil {
		t.Errorf("got %s", s)
	}
}

func TestTheOldestGoWhenThereAreTooMany(t *testing.T) {
	t.Parallel()
	b, err := openBox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for i := range most + 3 {
		if err := b.keep(fmt.Appendf(nil, "Subject: %d\r\n\r\n", i)); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(b.dir)
	if err != nil || len(files) != most || len(b.mail) != most || b.mail[0].Subject != "3" {
		t.Errorf("%d files, %d messages from %s on, %v", len(files), len(b.mail), b.mail[0].Subject, err)
	}
}

func TestATakenPortIsNoObstacle(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, taken, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(taken)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Start(Options{Dir: t.TempDir(), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Stop()
	if res, _ := get(t, m.URL(), ""); res.StatusCode != 200 || strings.HasSuffix(m.URL(), ":"+taken) {
		t.Errorf("%s: %s", m.URL(), res.Status)
	}
}
