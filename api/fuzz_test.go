package api_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	fuzzFor     = flag.Duration("for", 0, "send made-up requests for so long, rather than a few")
	fuzzSeed    = flag.Uint64("seed", 0, "which ones; 0: the usual ones, or with -for others each time")
	fuzzStretch = flag.Uint64("stretch", 0, "send one stretch of the seed alone, as the findings name it")
)

// findings is where what broke is kept, to be sent again.
const findings = "../bin/fuzz-findings.txt"

// TestNoRequestBreaksTheServer makes requests up from the contract, spoils most
// of them, and sends them as anybody: nothing is answered with a mistake of
// ours, nothing but by the contract, and nobody is told what they must not know.
func TestNoRequestBreaksTheServer(t *testing.T) { // N.14, N.15, S2.16
	t.Parallel()
	seed, enough := *fuzzSeed, time.Now().Add(*fuzzFor)
	if seed == 0 && *fuzzFor > 0 {
		seed = uint64(time.Now().UnixNano())
	}
	f := newFuzzer(t, seed)
	t.Cleanup(f.report)
	if *fuzzStretch > 0 {
		f.stretch(*fuzzStretch)
		return
	}
	for n := uint64(1); n <= few || time.Now().Before(enough); n++ {
		f.stretch(n)
	}
	if *fuzzFor > 0 {
		t.Logf("seed %d: %d requests, %v", seed, f.sent, f.statuses)
	}
}

// few is how many stretches every run of the tests sends.
const few = 400

// mostFindings is when a run has seen enough.
const mostFindings = 50

// fuzzer makes requests up and looks at what comes back.
type fuzzer struct {
	*matrix
	t        *testing.T
	seed     uint64
	logged   *errorLog
	rnd      *rand.Rand // of the stretch
	names    []string
	sent     int
	statuses map[int]int
	found    map[string]string // by what is the same mistake
}

func newFuzzer(t *testing.T, seed uint64) *fuzzer {
	log := &errorLog{}
	f := &fuzzer{matrix: newMatrix(t, log), t: t, seed: seed, logged: log, statuses: map[int]int{}, found: map[string]string{}}
	for name := range f.contract.ops {
		if name != "POST /sessions" { // hashes passwords, slowly by design
			f.names = append(f.names, name)
		}
	}
	slices.Sort(f.names)
	return f
}

// stretch sends one request, or sometimes several that build on each other,
// and takes back what they did. It depends on nothing that was sent before.
func (f *fuzzer) stretch(n uint64) {
	if len(f.found) >= mostFindings {
		return
	}
	f.rnd = rand.New(rand.NewPCG(f.seed, n))
	count := 1
	if f.rnd.IntN(5) == 0 {
		count = 2 + f.rnd.IntN(7)
	}
	changed := false
	for range count {
		changed = f.send(n, changed) || changed
	}
	f.undo(f.t)
}

// send sends one request. What may be known is known only as long as nobody
// has changed anything. It tells whether the request may have done so.
func (f *fuzzer) send(n uint64, changed bool) bool {
	r := roles[f.rnd.IntN(len(roles))]
	name := f.names[f.rnd.IntN(len(f.names))]
	s := f.sketch(r, name)
	req, err := s.request(f.t.Context())
	if err != nil { // no client can send it
		return false
	}
	a := f.ask(req)
	f.sent++
	f.statuses[a.status]++
	how := f.contract.broken(name, a, r.outside())
	if a.status == http.StatusServiceUnavailable && !strings.HasSuffix(name, "/pdf") { // which may be on its way
		how = "unavailable, and nothing is away"
	}
	if s.strayed && (a.status == http.StatusMovedPermanently || a.status == http.StatusTemporaryRedirect || a.status == http.StatusPermanentRedirect) {
		how = "" // to the path as it should be
	}
	if s.strayed && (a.status < 300 || a.status == 404 || a.status == 405) && how != "a mistake of ours" {
		how = "" // by another operation
	}
	if logged := f.logged.take(); logged != "" {
		how = "and the log has: " + logged
	}
	if leak := told(r, name, a); how == "" && !changed && leak != "" && !s.strayed {
		how = "tells of " + leak
	}
	if how != "" {
		f.note(n, r, name, how, s, a)
	}
	return write(name) && a.status < 300
}

// note keeps a finding, each mistake once.
func (f *fuzzer) note(n uint64, r role, name, how string, s *sketch, a answer) {
	same := fmt.Sprintf("%s %d %.60s", name, a.status, anID.ReplaceAllString(how, "ID"))
	if f.found[same] != "" {
		return
	}
	f.found[same] = fmt.Sprintf("%s as %s: %s\n\tagain: go test ./api -run TestNoRequestBreaks -seed %d -stretch %d\n\t%s\n\t%d %.1500s\n", name, r.name, how, f.seed, n, s, a.status, a.text)
	f.t.Errorf("%s", f.found[same])
}

// report writes the findings where they can be read later.
func (f *fuzzer) report() {
	if len(f.found) == 0 {
		return
	}
	if err := os.WriteFile(findings, []byte(strings.Join(slices.Sorted(maps.Values(f.found)), "\n")), 0o600); err == nil {
		f.t.Logf("the findings are in %s", findings)
	}
}

// errorLog keeps what the server logs as its mistakes.
type errorLog struct {
	mu   sync.Mutex
	text strings.Builder
}

// Enabled is for mistakes alone.
func (*errorLog) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

// WithAttrs and WithGroup lose nothing that is looked at.
func (l *errorLog) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup is as WithAttrs.
func (l *errorLog) WithGroup(string) slog.Handler { return l }

// Handle keeps the message with its values.
func (l *errorLog) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.WriteString(r.Message)
	r.Attrs(func(a slog.Attr) bool { fmt.Fprintf(&l.text, " %.3000s", a.String()); return true })
	return nil
}

func (l *errorLog) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

// sketch is a request to be.
type sketch struct {
	method, path string
	query        string
	header       http.Header
	body         []byte
	strayed      bool // the path may be another operation's
}

func (s *sketch) request(ctx context.Context) (*http.Request, error) {
	body := http.NoBody
	target := "/api/v1" + s.path
	if s.query != "" {
		target += "?" + s.query
	}
	req, err := http.NewRequestWithContext(ctx, s.method, target, body)
	if err != nil {
		return nil, err
	}
	if s.body != nil {
		req, err = http.NewRequestWithContext(ctx, s.method, target, strings.NewReader(string(s.body)))
	}
	req.Header, req.RemoteAddr = s.header, "192.0.2.1:1234"
	return req, err
}

// String is the request as a person would send it, without the token.
func (s *sketch) String() string {
	h := s.header.Clone()
	h.Del("Authorization")
	head, _ := json.Marshal(h)
	return fmt.Sprintf("%s %s?%s %s %.1500q", s.method, s.path, s.query, head, s.body)
}
