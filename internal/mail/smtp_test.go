package mail

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	smtpserver "github.com/emersion/go-smtp"
	gomail "github.com/wneessen/go-mail"
)

const from = "Acme <steward@acme.example>"

// post is a mail server that does what a test asks.
type post struct {
	mu     sync.Mutex
	taken  []string // messages as they came
	signed []string // who signed in
	rcpt   func(to string) error
	data   func(c *smtpserver.Conn) error // after all of the message was read
	server *smtpserver.Server
	addr   string
}

func (p *post) NewSession(c *smtpserver.Conn) (smtpserver.Session, error) {
	return &session{p, c}, nil
}

type session struct {
	*post
	conn *smtpserver.Conn
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.signed = append(s.signed, user); password != "secret" {
			return smtpserver.ErrAuthFailed
		}
		return nil
	}), nil
}
func (s *session) Reset()                                     {}
func (s *session) Logout() error                              { return nil }
func (s *session) Mail(string, *smtpserver.MailOptions) error { return nil }
func (s *session) Rcpt(to string, _ *smtpserver.RcptOptions) error {
	if s.rcpt != nil {
		return s.rcpt(to)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.data != nil {
		if err := s.data(s.conn); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = append(s.taken, string(b))
	return nil
}

func serve(t *testing.T, p *post) *post {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.server = smtpserver.NewServer(p)
	p.server.AllowInsecureAuth = true
	p.server.EnableSMTPUTF8 = true
	p.server.ErrorLog = quiet{}
	p.server.TLSConfig = certificate(t)
	p.addr = l.Addr().String()
	go func() { _ = p.server.Serve(l) }()
	t.Cleanup(func() { _ = p.server.Close() })
	return p
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func certificate(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// sender is a client of the server; patience shortens what it waits for.
func sender(t *testing.T, address string, patience time.Duration) *SMTP {
	t.Helper()
	s, err := Open(address, from)
	if err != nil {
		t.Fatal(err)
	}
	s.patience, s.options = patience, append(s.options, gomail.WithTimeout(patience))
	return s
}

func (p *post) plain(t *testing.T) *SMTP { return sender(t, "smtp://"+p.addr+"?tls=none", time.Second) }

func message() Message {
	return Message{ID: MessageID("digest/1/2026-03-20", "https://steward.acme.example"), To: "ann@acme.example", Name: "Ann", Subject: "Hello", Body: "One\nTwo\n", Date: time.Date(2026, 3, 20, 8, 0, 0, 0, time.UTC)}
}

// attempt sends a message and checks how that came out.
func attempt(t *testing.T, s *SMTP, want Outcome) error {
	t.Helper()
	got, err := s.Send(t.Context(), message())
	if got != want || (err == nil) != (want == Sent) {
		t.Errorf("got %s (%v), want %s", got, err, want)
	}
	return err
}

func TestAMessageArrivesAsItWasWritten(t *testing.T) { // N.21
	t.Parallel()
	p := serve(t, &post{})
	m := message()
	m.Name, m.Subject, m.Body = "Ånn Ümlaut, \"Q\"", "Grüße 🎉 an alle, die lange Betreffzeilen mit vielen Wörtern wirklich sehr zu schätzen wissen", "Zeile — 1\n.\n..punkt\nFrom here\n"
	pdf := append([]byte("%PDF-1.4\r\n\x00\xff"), bytes.Repeat([]byte{0, 1, 2, 250}, 5000)...)
	m.Attachments = []Attachment{{Name: "Rechnung 12 – Söhne.pdf", Type: "application/pdf", Bytes: pdf}}
	if got, err := p.plain(t).Send(t.Context(), m); got != Sent || err != nil {
		t.Fatalf("got %s, %v", got, err)
	}
	msg, err := netmail.ReadMessage(strings.NewReader(p.taken[0]))
	if err != nil {
		t.Fatal(err)
	}
	var words mime.WordDecoder
	subject, _ := words.DecodeHeader(msg.Header.Get("Subject"))
	to, err := msg.Header.AddressList("To")
	if err != nil || subject != m.Subject || to[0].Name != m.Name || to[0].Address != m.To || msg.Header.Get("Message-Id") != m.ID {
		t.Errorf("the headers are %v; to %v, %v", msg.Header, to, err)
	}
	text, file, name := parts(t, msg)
	if strings.ReplaceAll(text, "\r\n", "\n") != m.Body || !bytes.Equal(file, pdf) || name != m.Attachments[0].Name {
		t.Errorf("got %q, %d bytes %q", text, len(file), name)
	}
}

func parts(t *testing.T, msg *netmail.Message) (text string, file []byte, name string) {
	t.Helper()
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(msg.Body, params["boundary"])
	body, err := r.NextRawPart()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(quotedprintable.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(decoded(second))
	if err != nil {
		t.Fatal(err)
	}
	_, p, err := mime.ParseMediaType(second.Header.Get("Content-Disposition"))
	if err != nil {
		t.Fatal(err)
	}
	var words mime.WordDecoder
	name, err = words.DecodeHeader(p["filename"])
	if err != nil {
		t.Fatal(err)
	}
	return string(b), raw, name
}

func TestNothingBreaksOutOfAHeader(t *testing.T) { // N.21
	t.Parallel()
	p := serve(t, &post{})
	evil := "x\r\nBcc: thief@evil.example\r\n\r\nEvil"
	m := message()
	m.Subject, m.Name = evil, evil
	m.Attachments = []Attachment{{Name: evil + `"; filename="x.exe`, Type: "text/plain", Bytes: []byte("x")}}
	if got, err := p.plain(t).Send(t.Context(), m); got != Sent {
		t.Fatalf("got %s, %v", got, err)
	}
	msg, err := netmail.ReadMessage(strings.NewReader(p.taken[0]))
	if err != nil || msg.Header.Get("Bcc") != "" || strings.Contains(p.taken[0], "\nBcc:") || strings.Contains(p.taken[0], "\nEvil") {
		t.Errorf("it broke out (%v):\n%s", err, p.taken[0])
	}
	for _, change := range []func(*Message){
		func(m *Message) { m.To = "ann@acme.example\r\nBcc: thief@evil.example" },
		func(m *Message) { m.To = "ann@acme.example, thief@evil.example" },
		func(m *Message) { m.To = "ann" },
		func(m *Message) { m.CC = []string{"bob@acme.example\r\nBcc: thief@evil.example"} },
		func(m *Message) { m.CC = []string{"bob@acme.example", ""} },
		func(m *Message) { m.ID = "<a@b>\r\nBcc: thief@evil.example" },
		func(m *Message) { m.Attachments = []Attachment{{Name: "a", Type: "text/plain\r\nX: y"}} },
	} {
		m := message()
		change(&m)
		if got, err := p.plain(t).Send(t.Context(), m); got != Permanent || err == nil {
			t.Errorf("%+v: got %s, %v", m, got, err)
		}
	}
	if len(p.taken) != 1 {
		t.Errorf("%d messages arrived, want 1", len(p.taken))
	}
}

func TestARefusalIsForGood(t *testing.T) { // N.31
	t.Parallel()
	refusal := &smtpserver.SMTPError{Code: 550, EnhancedCode: smtpserver.EnhancedCode{5, 1, 1}, Message: "no such person"}
	err := attempt(t, serve(t, &post{rcpt: func(string) error { return refusal }}).plain(t), Permanent)
	if err == nil || !strings.Contains(err.Error(), "no such person") {
		t.Errorf("it says %v", err)
	}
	attempt(t, serve(t, &post{data: func(*smtpserver.Conn) error { return refusal }}).plain(t), Permanent)
}

func TestADomainMayBeASingleName(t *testing.T) { // S1.78
	t.Parallel()
	for given, want := range map[string]string{"Ann@Acme.example": "ann@acme.example", " ann@mailhost ": "ann@mailhost", "ann@": "", "@acme.example": "", "ann": "", "ann@acme.example\r\nBcc: x@y.example": "", "ann@acme..example": "", "ann\u00a0b@acme.example": "", "ann@ac\u2028me.example": ""} {
		if got, ok := Address(given); got != want || ok != (want != "") {
			t.Errorf("%q is %q, %v", given, got, ok)
		}
	}
}

func TestAGreylistedMessageGoesOutLater(t *testing.T) { // N.31
	t.Parallel()
	asked := 0
	later := &smtpserver.SMTPError{Code: 451, EnhancedCode: smtpserver.EnhancedCode{4, 7, 1}, Message: "come back in a minute"}
	p := serve(t, &post{rcpt: func(string) error {
		if asked++; asked == 1 {
			return later
		}
		return nil
	}})
	attempt(t, p.plain(t), Temporary)
	attempt(t, p.plain(t), Sent)
	attempt(t, serve(t, &post{data: func(*smtpserver.Conn) error { return later }}).plain(t), Temporary)
}

func TestAServerThatIsAwayIsTriedLater(t *testing.T) { // N.31
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	attempt(t, sender(t, "smtp://"+address+"?tls=none", time.Second), Temporary)
	// Nothing was given to one that hangs before the message.
	attempt(t, script(t, ""), Temporary)
	attempt(t, script(t, "220 hello", "250 mail", "250 ok"), Temporary)
	attempt(t, script(t, "220 hello", "250 mail", "250 ok", "250 ok"), Temporary)
	attempt(t, script(t, "554 no service"), Temporary)
	attempt(t, script(t, "220 hello", "250 mail", "530 sign in first"), Temporary)
}

func TestWhatWasHandedOverWithoutAnAnswerIsUnknown(t *testing.T) { // N.31
	t.Parallel()
	died := serve(t, &post{data: func(c *smtpserver.Conn) error { _ = c.Conn().Close(); return errors.New("died") }})
	attempt(t, died.plain(t), Unknown)
	hangs := make(chan struct{})
	hung := serve(t, &post{data: func(*smtpserver.Conn) error { <-hangs; return nil }})
	attempt(t, hung.plain(t), Unknown)
	close(hangs)
	attempt(t, script(t, "220 hello", "250 mail", "250 ok", "250 ok", "354 go on", "\x00gibberish"), Unknown)
	for _, odd := range []string{"252 perhaps", "354 go on", "600 what"} {
		attempt(t, script(t, "220 hello", "250 mail", "250 ok", "250 ok", "354 go on", odd), Unknown)
	}
}

func TestWhatGoesWrongAfterTheAnswerDoesNotMatter(t *testing.T) { // N.31
	t.Parallel()
	attempt(t, script(t, "220 hello", "250 mail", "250 ok", "250 ok", "354 go on", "250 taken"), Sent) // and it is gone
	attempt(t, script(t, "220 hello", "250 mail", "250 ok", "250 ok", "354 go on", "250 taken", "421 bye"), Sent)
}

// script is a server that gives these answers, one for each command or message,
// and then says nothing more.
func script(t *testing.T, answers ...string) *SMTP {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		in := bufio.NewScanner(c)
		for i, a := range answers {
			if i > 0 && !heard(in, strings.HasPrefix(answers[i-1], "354")) {
				return
			}
			fmt.Fprintf(c, "%s\r\n", a)
		}
		_, _ = io.Copy(io.Discard, c)
	}()
	return sender(t, "smtp://"+l.Addr().String()+"?tls=none", 500*time.Millisecond)
}

// heard reads a command, or a message to its end.
func heard(in *bufio.Scanner, message bool) bool {
	for in.Scan() {
		if !message || in.Text() == "." {
			return true
		}
	}
	return false
}

func TestTLSIsRequiredUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	p := serve(t, &post{})
	trusted := gomail.WithTLSConfig(&tls.Config{InsecureSkipVerify: true})
	s := sender(t, "smtp://ann:secret@"+p.addr, time.Second)
	attempt(t, s, Temporary) // nobody vouches for the certificate
	s.options = append(s.options, trusted)
	attempt(t, s, Sent)
	wrong := sender(t, "smtp://ann:wrong@"+p.addr, time.Second)
	wrong.options = append(wrong.options, trusted)
	attempt(t, wrong, Temporary) // until somebody puts the password right
	if len(p.signed) != 2 || p.signed[0] != "ann" {
		t.Errorf("signed in: %v", p.signed)
	}
	bare := &post{}
	serve(t, bare).server.TLSConfig = nil
	attempt(t, sender(t, "smtp://"+bare.addr, time.Second), Temporary)
	attempt(t, sender(t, "smtp://"+bare.addr+"?tls=opportunistic", time.Second), Sent)
	attempt(t, sender(t, "smtp://ann:secret@"+bare.addr+"?tls=opportunistic", time.Second), Temporary) // not in clear text
}

func TestSMTPSIsSpokenFromTheBeginning(t *testing.T) {
	t.Parallel()
	p := &post{}
	p.server = smtpserver.NewServer(p)
	l, err := tls.Listen("tcp", "127.0.0.1:0", certificate(t))
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = p.server.Serve(l) }()
	t.Cleanup(func() { _ = p.server.Close() })
	s := sender(t, "smtps://"+l.Addr().String(), time.Second)
	s.options = append(s.options, gomail.WithTLSConfig(&tls.Config{InsecureSkipVerify: true}))
	attempt(t, s, Sent)
}

func TestSettingsThatCannotWorkAreRefusedWithoutTheirPassword(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "localhost:25", "http://ann:hush@host", "smtp://ann:hush@", "smtp://ann:hush@host?tls=maybe", "smtp://ann:hush@host?tl=required", "smtp://ann:hush@host?tls=none", "smtp://ann:hush@host:99999", "smtp://ann:hush@ho st", "smtp://ann:hush%zz@host"} {
		if _, err := Open(address, from); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, sender := range []string{"", "steward", "a@b\r\nBcc: c@d"} {
		if _, err := Open("smtp://host", sender); err == nil {
			t.Errorf("mail may come from %q", sender)
		}
	}
}

func TestTheMessageIDFollowsFromTheKey(t *testing.T) { // N.31
	a, b := MessageID("digest/1/2026-03-20", "https://steward.acme.example/x"), MessageID("digest/1/2026-03-21", "https://steward.acme.example/x")
	if a == b || a != MessageID("digest/1/2026-03-20", "https://steward.acme.example/x") || !strings.HasSuffix(a, "@steward.acme.example>") {
		t.Errorf("got %s and %s", a, b)
	}
	for _, link := range []string{"http://127.0.0.1:8080", "http://[::1]:8080", "", "nonsense"} {
		if id := MessageID("k", link); !messageID.MatchString(id) {
			t.Errorf("%q makes %s", link, id)
		}
	}
}

func decoded(p *multipart.Part) io.Reader {
	if p.Header.Get("Content-Transfer-Encoding") == "base64" {
		return base64.NewDecoder(base64.StdEncoding, p)
	}
	return p
}
