package e2e

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	hostileBytes = flag.Int64("bytes", 24<<20, "how many hostile bytes the API gets")
	hostileMost  = flag.Int64("most", 512<<20, "how much memory it may take meanwhile, in bytes")
)

// Whatever bytes come, the API refuses them as they deserve: no answer says that
// the server has failed, its memory stays within bounds, and whoever asks
// properly meanwhile is answered.
func TestHostileBytesAreRefused(t *testing.T) { // N.31
	t.Parallel()
	s := *seed
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("-seed %d", s)
	f := newFirm(t).cleared(t)
	e := &enemy{t: t, host: strings.TrimPrefix(f.url, "http://"), token: f.am.token, task: f.task(t, "Attacked", object{"user_id": f.ann.id}), left: *hostileBytes, statuses: map[string]int{}}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() { e.attack(rand.New(rand.NewPCG(s, uint64(i)))) })
	}
	calm := make(chan struct{})
	go func() { all.Wait(); close(calm) }()
	asked := 0
	for done := false; !done; asked++ { // somebody works meanwhile
		f.ann.must(t, "GET", "/tasks/"+e.task, nil)
		select {
		case <-calm:
			done = true
		case <-time.After(50 * time.Millisecond):
		}
	}
	if peak := memoryPeak(t, f.api.cmd.Process.Pid); peak > *hostileMost {
		t.Errorf("the API took %d MiB, more than %d", peak>>20, *hostileMost>>20)
	} else {
		t.Logf("%d bytes, %d proper requests, the API's memory at most %d MiB; answers: %v", *hostileBytes, asked, peak>>20, e.statuses)
	}
}

// memoryPeak is the most memory that a process has had, in bytes; 0 where the
// system does not say.
func memoryPeak(t *testing.T, pid int) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if errors.Is(err, os.ErrNotExist) {
		t.Log("this system does not say how much memory a process has had")
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	kb, err := strconv.ParseInt(strings.Fields(line)[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kb << 10
}

// enemy sends what no client would.
type enemy struct {
	t                 *testing.T
	host, token, task string
	left              int64

	mu       sync.Mutex
	statuses map[string]int
}

// attacks make the bytes of one connection.
var attacks = []func(*enemy, *rand.Rand) io.Reader{
	(*enemy).noise, (*enemy).headers, (*enemy).lies, (*enemy).path, (*enemy).json, (*enemy).json, (*enemy).deep, (*enemy).numbers,
	(*enemy).endlessForm, (*enemy).file, (*enemy).bomb, (*enemy).chunks, (*enemy).preface,
}

func (e *enemy) attack(r *rand.Rand) {
	for atomic.LoadInt64(&e.left) > 0 && !e.t.Failed() {
		n := r.IntN(len(attacks))
		if err := e.connect(attacks[n](e, r)); err != nil {
			e.t.Errorf("attack %d: %v", n, err)
		}
	}
}

// connect sends everything, or until the server hangs up, and reads its answers.
func (e *enemy) connect(bytes io.Reader) error {
	c, err := net.DialTimeout("tcp", e.host, 10*time.Second)
	if err != nil {
		return fmt.Errorf("the API takes no connections: %w", err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	go func() {
		n, _ := io.Copy(c, bytes) // the server may hang up at any byte
		atomic.AddInt64(&e.left, -n)
		if half, ok := c.(*net.TCPConn); ok {
			_ = half.CloseWrite()
		}
	}()
	answers := bufio.NewReader(c)
	for {
		res, err := http.ReadResponse(answers, nil)
		if err != nil {
			return nil // it hung up, or what it said is not for us to read
		}
		body, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		_ = res.Body.Close()
		e.count(res.Status)
		if failed(res.StatusCode) {
			return fmt.Errorf("the server says that it failed: %s %s", res.Status, body)
		}
	}
}

// failed tells whether a status blames the server. A transfer coding it does not
// have and a version of HTTP it does not speak have 5xx by RFC 9112 and 9110.
func failed(status int) bool {
	return status >= 500 && status != http.StatusNotImplemented && status != http.StatusHTTPVersionNotSupported
}

func (e *enemy) count(status string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.statuses[status[:3]]++
}

// random are so many bytes of nothing.
func random(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func (e *enemy) noise(r *rand.Rand) io.Reader { return bytes.NewReader(random(r, 1+r.IntN(256<<10))) }

func (e *enemy) headers(r *rand.Rand) io.Reader {
	var b bytes.Buffer
	b.WriteString("GET /api/v1/tasks HTTP/1.1\r\nHost: x\r\n")
	for range r.IntN(3_000) {
		fmt.Fprintf(&b, "%x: %x\r\n", random(r, 1+r.IntN(20)), random(r, r.IntN(200)))
	}
	if r.IntN(2) == 0 {
		b.Write(random(r, 1_000))
	}
	b.WriteString("\r\n\r\n")
	return &b
}

// head is a request that claims to come from staff.
func (e *enemy) head(method, path, more string) io.Reader {
	return strings.NewReader(fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n", method, path, e.token, more))
}

func (e *enemy) lies(r *rand.Rand) io.Reader {
	lie := []string{"Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
		"Transfer-Encoding: chunked, gzip\r\n", "Transfer-Encoding: nonsense\r\n", "Content-Length: 1000000\r\n", "Expect: everything\r\n", "Upgrade: h2c\r\nConnection: Upgrade\r\n"}[r.IntN(9)]
	return io.MultiReader(e.head("POST", "/api/v1/tasks", "Content-Type: application/json\r\n"+lie), bytes.NewReader(random(r, r.IntN(64<<10))))
}

func (e *enemy) path(r *rand.Rand) io.Reader {
	pieces := []string{"/api/v1/", "..", "%00", "%2e%2e/", "%ff", "//", "tasks", "?limit=-1", "?cursor=%00%ff", "?limit=99999999999999999999", "&q='; DROP TABLE task; --", "/files/", ";", "\\", "*", "é", strings.Repeat("a", r.IntN(9_000))}
	var b strings.Builder
	for range 1 + r.IntN(12) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return e.head([]string{"GET", "DELETE", "PATCH", "PUT", "POST", "BREW"}[r.IntN(6)], "/"+strings.ReplaceAll(b.String(), " ", "+"), "")
}

// body sends a body of so many bytes as JSON.
func (e *enemy) body(path string, body []byte) io.Reader {
	return io.MultiReader(e.head("POST", path, fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))), bytes.NewReader(body))
}

func (e *enemy) writePath(r *rand.Rand) string {
	paths := []string{"/tasks", "/clients", "/users", "/requests", "/invoices", "/payments", "/tasks/" + e.task + "/time", "/tasks/" + e.task + "/notes", "/tasks/" + e.task + "/assign", "/sessions", "/projects"}
	return "/api/v1" + paths[r.IntN(len(paths))]
}

func (e *enemy) json(r *rand.Rand) io.Reader {
	var b bytes.Buffer
	b.WriteString("{")
	names := []string{"title", "name", "description", "minutes", "work_date", "body", "client_id", "amount", "to", "\\u0000", "ti\\ud800tle", "__proto__", ""}
	values := []string{`null`, `"\u0000"`, `"\ud800"`, `[]`, `{}`, `1e999`, `-0`, `"` + strings.Repeat("x", r.IntN(200_000)) + `"`, `"` + string(random(r, r.IntN(200))) + `"`, `"9999-99-99"`, `"-0001-01-01T00:00:00Z"`, `true`, strings.Repeat("9", r.IntN(5_000)+1)}
	for i := range r.IntN(40) {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `"%s":%s`, names[r.IntN(len(names))], values[r.IntN(len(values))])
	}
	b.WriteString("}")
	return e.body(e.writePath(r), b.Bytes())
}

func (e *enemy) deep(r *rand.Rand) io.Reader {
	n := 1 + r.IntN(900_000)
	open := []string{"[", `{"a":`, `{"title":[`}[r.IntN(3)]
	return e.body(e.writePath(r), []byte(strings.Repeat(open, n/len(open))))
}

func (e *enemy) numbers(r *rand.Rand) io.Reader {
	n := strings.Repeat("9", 1+r.IntN(100_000))
	amount := []string{n, "0." + n, "1e" + n, "1e-" + n, "-" + n, "1e1000000000"}[r.IntN(6)]
	return e.body("/api/v1/payments", []byte(fmt.Sprintf(`{"client_id":%q,"amount":%q,"received_on":"2026-01-01"}`, e.task, amount)))
}

func (e *enemy) filePath() string { return "/api/v1/tasks/" + e.task + "/files" }

func (e *enemy) endlessForm(r *rand.Rand) io.Reader {
	var b bytes.Buffer
	for range 1 + r.IntN(300) {
		b.WriteString([]string{"--b\r\n", "Content-Disposition: form-data; name=\"file\"; filename=\"" + strings.Repeat("é/", r.IntN(500)) + "\"\r\n", "X: " + strings.Repeat("y", r.IntN(9_000)) + "\r\n", "\r\n", "--b--\r\n"}[r.IntN(5)])
	}
	b.Write(random(r, r.IntN(1<<20)))
	return io.MultiReader(e.head("POST", e.filePath(), fmt.Sprintf("Content-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n", b.Len()+r.IntN(2)*1_000)), &b)
}

// file is a form in order, of up to some megabytes, whose name tells lies.
func (e *enemy) file(r *rand.Rand) io.Reader {
	name := []string{"../../etc/passwd", "a\x00b", "<script>.html", strings.Repeat("a", 300), "x.exe"}[r.IntN(5)]
	body := random(r, r.IntN(4<<20))
	form := fmt.Sprintf("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=%q\r\nContent-Type: text/html\r\n\r\n%s\r\n--b--\r\n", name, body)
	return io.MultiReader(e.head("POST", e.filePath(), fmt.Sprintf("Content-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n", len(form))), strings.NewReader(form))
}

// bomb is little that would be much when unpacked.
func (e *enemy) bomb(r *rand.Rand) io.Reader {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.CopyN(w, zeros{}, int64(1+r.IntN(20))<<20) // to memory
	_ = w.Close()
	return io.MultiReader(e.head("POST", e.writePath(r), fmt.Sprintf("Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n", b.Len())), &b)
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func (e *enemy) chunks(r *rand.Rand) io.Reader {
	var b bytes.Buffer
	for range r.IntN(2_000) {
		n := r.IntN(300)
		fmt.Fprintf(&b, "%s\r\n%s\r\n", []string{fmt.Sprintf("%x", n), fmt.Sprintf("%x;%s", n, strings.Repeat("e", n)), "ffffffffffffffff", "-1", fmt.Sprintf("%064x", n)}[r.IntN(20)*r.IntN(2)%5], random(r, n))
	}
	b.WriteString("0\r\n\r\n")
	return io.MultiReader(e.head("POST", e.writePath(r), "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"), &b)
}

func (e *enemy) preface(r *rand.Rand) io.Reader {
	return io.MultiReader(strings.NewReader("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), bytes.NewReader(random(r, r.IntN(64<<10))))
}
