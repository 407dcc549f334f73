package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// How long a receiver may take, and how much of what it answers is read and kept.
const (
	timeout = 10 * time.Second
	most    = 64 << 10
	kept    = 1000
)

// Client sends messages. It follows no redirect, uses no proxy, and looks at
// every address at the moment it connects to it, whatever its name stood for
// before.
type Client struct {
	open, clear *http.Client // by https, and not
	timeout     time.Duration
}

// NewClient makes one that reaches the open network by https, and the named
// networks also in the clear.
func NewClient(named []netip.Prefix) *Client {
	return &Client{open: sender(named, false), clear: sender(named, true), timeout: timeout}
}

func sender(named []netip.Prefix, clear bool) *http.Client {
	dialer := &net.Dialer{Timeout: timeout, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return reachable(named, to.Addr(), clear)
	}}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: timeout, MaxResponseHeaderBytes: most, ForceAttemptHTTP2: true,
			MaxIdleConns: 100, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Answer is what became of a message.
type Answer struct {
	Status int    // 0: there was no answer
	Text   string // how it began
	Err    error  // why the receiver has not taken it; nil: it has
}

// Gone tells whether the receiver wants no more messages.
func (a Answer) Gone() bool { return a.Status == http.StatusGone }

// Send sends a message to an address, signed with each of the secrets. Taken is
// what is answered with 2xx within ten seconds.
func (c *Client) Send(ctx context.Context, address string, m Message, secrets ...[]byte) Answer {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(m.Body))
	if err != nil {
		return Answer{Err: errors.New("the address cannot be read")}
	}
	req.Header = m.header(secrets)
	client := c.open
	if req.URL.Scheme != "https" {
		client = c.clear
	}
	res, err := client.Do(req)
	if err != nil {
		return Answer{Err: c.why(ctx, err)}
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, most)) // what it said is said, however it ends
	return Answer{Status: res.StatusCode, Text: excerpt(text), Err: taken(res.StatusCode)}
}

// why is what went wrong, without the address, which may hold a secret.
func (c *Client) why(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("there was no answer within %s", c.timeout)
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		var dial *net.OpError
		if err = inner; !errors.As(inner, &dial) {
			break
		}
	}
	return err
}

func taken(status int) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status >= 300 && status < 400:
		return fmt.Errorf("it redirects with %d, which is not followed", status)
	}
	return fmt.Errorf("it answered %d", status)
}

// excerpt is the beginning of an answer as text that can be kept.
func excerpt(b []byte) string {
	s := strings.ReplaceAll(strings.ToValidUTF8(string(b), "�"), "\x00", "�")
	if letters := []rune(s); len(letters) > kept {
		return string(letters[:kept-1]) + "…"
	}
	return s
}
