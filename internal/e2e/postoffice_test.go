package e2e

import (
	"io"
	"log"
	"net"
	netmail "net/mail"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// postOffice is a mail server that takes everything and counts it.
type postOffice struct {
	address string
	mu      sync.Mutex
	taken   map[string]int // by Message-ID
}

func openPostOffice(t *testing.T) *postOffice {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postOffice{address: "smtp://" + l.Addr().String() + "?tls=none", taken: map[string]int{}}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return counter{p}, nil }))
	s.Domain, s.EnableSMTPUTF8, s.ErrorLog = "localhost", true, log.New(io.Discard, "", 0) // killed workers hang up
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return p
}

// times is how often a mail has arrived.
func (p *postOffice) times(messageID string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken[messageID]
}

type counter struct{ *postOffice }

func (counter) Mail(string, *smtp.MailOptions) error { return nil }
func (counter) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (counter) Reset()                               {}
func (counter) Logout() error                        { return nil }

func (c counter) Data(r io.Reader) error {
	m, err := netmail.ReadMessage(r)
	if err == nil {
		_, err = io.Copy(io.Discard, m.Body)
	}
	if err != nil {
		return err // it was cut off: it has not arrived
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taken[m.Header.Get("Message-ID")]++
	return nil
}
