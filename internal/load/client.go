package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
)

// Client brings requests to the APIs of an installation in turn, and remembers
// each write that was answered.
type Client struct {
	in    *Installation
	http  http.Client
	turn  atomic.Uint64
	later atomic.Int64 // writes that were answered with 202

	mu   sync.Mutex
	kept []string // keys of the writes that were answered
}

// NewClient makes one. A request that met an API going down is sent again, as
// its Idempotency-Key lets it.
func NewClient(in *Installation) *Client {
	return &Client{in: in, http: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}}
}

// errNoAPI is when none runs.
var errNoAPI = errors.New("there is no API")

// Read gets what a path says.
func (c Caller) Read(ctx context.Context, path string) error {
	_, err := c.to.send(ctx, c.token, "GET", path, "", nil)
	return err
}

// Write sends a command under a key of its own and returns the id of what it
// answers; none where it is answered later.
func (c Caller) Write(ctx context.Context, method, path string, body any) (string, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	key := uuid.Must(uuid.NewV7()).String()
	answer, err := c.to.send(ctx, c.token, method, path, key, text)
	if err != nil {
		return "", err
	}
	c.to.keep(key)
	var made struct {
		ID string `json:"id"`
	}
	return made.ID, json.Unmarshal(answer, &made)
}

func (c *Client) keep(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = append(c.kept, key)
}

func (c *Client) send(ctx context.Context, token, method, path, key string, body []byte) ([]byte, error) {
	apis := c.in.APIs()
	if len(apis) == 0 {
		return nil, errNoAPI
	}
	url := apis[c.turn.Add(1)%uint64(len(apis))].URL
	req, err := http.NewRequestWithContext(ctx, method, url+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if key != "" {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	switch {
	case err == nil && res.StatusCode/100 != 2:
		err = fmt.Errorf("%s %s: %d %s", method, path, res.StatusCode, answer)
	case res.StatusCode == http.StatusAccepted:
		c.later.Add(1)
	}
	return answer, err
}
