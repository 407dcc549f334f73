package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Client brings requests to the APIs of an installation in turn, and remembers
// each write that was answered.
type Client struct {
	in    *Installation
	http  http.Client
	turn  atomic.Uint64
	later atomic.Int64 // writes that were answered with 202
	away  atomic.Int64 // requests that were answered with 503 and sent again

	comesBack bool // where it is answered with 503

	mu   sync.Mutex
	kept []string // keys of the writes that were answered
}

// NewClient makes one. A request that met an API going down is sent again, as
// its Idempotency-Key lets it.
func NewClient(in *Installation) *Client {
	return &Client{in: in, http: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}}
}

// ComeBack has requests that are answered with 503 sent again a second later, as
// people do who are told that too many wait; without it they have failed.
func (c *Client) ComeBack() { c.comesBack = true }

// errNoAPI is when none runs.
var errNoAPI = errors.New("there is no API")

// Read gets what a path says.
func (c Caller) Read(ctx context.Context, path string) error {
	_, err := c.to.send(ctx, sending{token: c.token, method: "GET", path: path})
	return err
}

// Write sends a command under a key of its own and returns the id of what it
// answers. Where it is answered later, that is waited for.
func (c Caller) Write(ctx context.Context, method, path string, body any) (string, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	s := sending{token: c.token, method: method, path: path, key: uuid.Must(uuid.NewV7()).String(), body: text}
	got, err := c.to.send(ctx, s)
	if err != nil {
		return "", err
	}
	c.to.keep(s.key)
	if got.status == http.StatusAccepted && got.location != "" {
		c.to.later.Add(1)
		if got.body, err = c.settled(ctx, got.location); err != nil {
			return "", err
		}
	}
	var made struct {
		ID string `json:"id"`
	}
	return made.ID, json.Unmarshal(got.body, &made)
}

// askAgain is how long to wait until a command that is answered later is asked
// for again, as Retry-After says: asked ten times as often, an installation with
// too much to do had nothing else to do.
const askAgain = time.Second

// settled waits for how a command comes out.
func (c Caller) settled(ctx context.Context, location string) ([]byte, error) {
	_, path, _ := strings.Cut(location, base)
	tick := time.NewTicker(askAgain)
	defer tick.Stop()
	for {
		got, err := c.to.send(ctx, sending{token: c.token, method: "GET", path: path})
		if err != nil {
			return nil, err
		}
		var outcome struct {
			State  string          `json:"state"`
			Answer json.RawMessage `json:"answer"`
		}
		if err := json.Unmarshal(got.body, &outcome); err != nil {
			return nil, err
		}
		switch outcome.State {
		case "done":
			return outcome.Answer, nil
		case "refused":
			return nil, fmt.Errorf("%s: refused: %s", path, outcome.Answer)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%s: %s: %w", path, outcome.State, ctx.Err())
		case <-tick.C:
		}
	}
}

func (c *Client) keep(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = append(c.kept, key)
}

// Later is how many writes were answered with 202, as taking long.
func (c *Client) Later() int64 { return c.later.Load() }

// TurnedAway is how many requests met an API that had too much to do, or was
// without Temporal or Postgres, and were sent again.
func (c *Client) TurnedAway() int64 { return c.away.Load() }

// sending is a request, and reply what was answered.
type (
	sending struct {
		token, method, path, key string
		body                     []byte
	}
	reply struct {
		status   int
		location string
		body     []byte
	}
)

// refusal is any answer but of success.
type refusal struct {
	method, path string
	status       int
	answer       []byte
}

// Error implements error.
func (r refusal) Error() string {
	return fmt.Sprintf("%s %s: %d %s", r.method, r.path, r.status, r.answer)
}

// refused tells whether an answer was a refusal of that status.
func refused(err error, status int) bool {
	var r refusal
	return errors.As(err, &r) && r.status == status
}

const base = "/api/v1"

// send asks the next API; where that has just gone, another one, as a balancer
// does.
func (c *Client) send(ctx context.Context, s sending) (reply, error) {
	const tries = 5
	for try := 1; ; {
		apis := c.in.APIs()
		if len(apis) == 0 {
			return reply{}, errNoAPI
		}
		got, err := c.try(ctx, apis[c.turn.Add(1)%uint64(len(apis))].URL, s)
		if c.comesBack && refused(err, http.StatusServiceUnavailable) && c.rests(ctx) {
			continue
		}
		if dial := (*net.OpError)(nil); errors.As(err, &dial) && dial.Op == "dial" && try < tries {
			try++
			continue
		}
		return got, err
	}
}

// rests waits until it is worth coming back, and tells whether there is time to.
func (c *Client) rests(ctx context.Context) bool {
	c.away.Add(1)
	select {
	case <-ctx.Done():
		return false
	case <-time.After(askAgain):
		return true
	}
}

// try asks one API.
func (c *Client) try(ctx context.Context, url string, s sending) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, s.method, url+base+s.path, bytes.NewReader(s.body))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	if s.key != "" {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", s.key)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode/100 != 2 {
		err = refusal{s.method, s.path, res.StatusCode, answer}
	}
	return reply{res.StatusCode, res.Header.Get("Location"), answer}, err
}
