// Package mailbox catches the mail of `steward dev`: an SMTP server on this
// machine that delivers to nobody, keeps what it is given in a folder, and
// shows it on a page.
package mailbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/emersion/go-smtp"
)

// Options says where the mailbox is.
type Options struct {
	Dir  string // where mail is kept
	Port int    // of the page, on 127.0.0.1; 0, or one that is taken: any free one
}

// Mailbox is a running one.
type Mailbox struct {
	box  *box
	smtp *smtp.Server
	page *http.Server
	mail net.Listener
	web  net.Listener
}

// largest is how many bytes a message may have.
const largest = 32 << 20

// Start begins to listen.
func Start(o Options) (*Mailbox, error) {
	b, err := openBox(o.Dir)
	if err != nil {
		return nil, err
	}
	m := &Mailbox{box: b}
	if m.mail, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("listen for mail: %w", err)
	}
	if m.web, err = listen(o.Port); err != nil {
		_ = m.mail.Close()
		return nil, fmt.Errorf("listen for a look at mail: %w", err)
	}
	m.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{box: b}, nil }))
	m.smtp.Domain, m.smtp.MaxMessageBytes, m.smtp.EnableSMTPUTF8 = "localhost", largest, true
	m.smtp.ReadTimeout, m.smtp.WriteTimeout = time.Minute, time.Minute
	m.page = &http.Server{Handler: b.handler(), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: time.Minute}
	go func() { _ = m.smtp.Serve(m.mail) }()
	go func() { _ = m.page.Serve(m.web) }()
	return m, nil
}

// listen takes the port, or a free one where it is taken.
func listen(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return net.Listen("tcp", "127.0.0.1:0")
	}
	return l, err
}

// SMTP is the address to send to, as STEWARD_SMTP_URL takes it.
func (m *Mailbox) SMTP() string { return "smtp://" + m.mail.Addr().String() + "?tls=none" }

// URL is the address of the page.
func (m *Mailbox) URL() string { return "http://" + m.web.Addr().String() }

// Stop ends it; what it was given is kept.
func (m *Mailbox) Stop() {
	_ = m.smtp.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if m.page.Shutdown(ctx) != nil {
		_ = m.page.Close()
	}
}
