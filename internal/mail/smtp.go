package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// SMTP sends through one server. It opens a connection for each message and
// may be used by several at a time.
type SMTP struct {
	host     string
	from     *netmail.Address
	patience time.Duration
	options  []gomail.Option
}

// Patience is how long a server may take for one step; a message has taken at
// most a little more than twice this time when its outcome is known.
const Patience = 45 * time.Second

// parting is how long a server may take to say goodbye after its answer.
const parting = time.Second

// Open makes a sender for an address such as smtp://user:password@host:587 or
// smtps://host:465. STARTTLS is required unless tls=opportunistic or tls=none
// is said; from is "Name <address>" or an address.
func Open(address, from string) (*SMTP, error) {
	sender, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("STEWARD_MAIL_FROM says whom mail is from, such as Acme <steward@acme.example>; it is %q", from)
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" { // the reason would show the password
		return nil, errors.New("STEWARD_SMTP_URL is not an address such as smtp://user:password@host:587")
	}
	options, err := optionsOf(u)
	if err != nil {
		return nil, err
	}
	s := &SMTP{host: u.Hostname(), from: sender, patience: Patience, options: options}
	_, err = gomail.NewClient(s.host, s.options...)
	return s, err
}

func optionsOf(u *url.URL) ([]gomail.Option, error) {
	options := []gomail.Option{gomail.WithTimeout(Patience), gomail.WithoutNoop(), gomail.WithoutRset()}
	port, secure := "25", u.Query().Get("tls")
	for name := range u.Query() {
		if name != "tls" {
			return nil, fmt.Errorf("STEWARD_SMTP_URL: there is no %q, only tls", name)
		}
	}
	switch u.Scheme {
	case "smtp":
		policy, ok := map[string]gomail.TLSPolicy{"": gomail.TLSMandatory, "required": gomail.TLSMandatory, "opportunistic": gomail.TLSOpportunistic, "none": gomail.NoTLS}[secure]
		if !ok {
			return nil, errors.New("STEWARD_SMTP_URL: tls is required, opportunistic or none")
		}
		options = append(options, gomail.WithTLSPolicy(policy))
	case "smtps":
		port = "465"
		options = append(options, gomail.WithSSL())
	default:
		return nil, errors.New("STEWARD_SMTP_URL begins with smtp:// or smtps://")
	}
	if u.Port() != "" {
		port = u.Port()
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, errors.New("STEWARD_SMTP_URL: the port is not a number")
	}
	options = append(options, gomail.WithPort(n))
	if password, ok := u.User.Password(); ok {
		if secure == "none" {
			return nil, errors.New("STEWARD_SMTP_URL: a password is not sent without TLS")
		}
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	return options, nil
}

// Send sends a message and says how that came out. The error says why it was not
// sent, or why that is unknown; of one that was sent, whom the server refused a
// copy, and it is nil if nobody.
func (s *SMTP) Send(ctx context.Context, m Message) (Outcome, error) {
	msg, err := s.message(m)
	if err != nil {
		return Permanent, err
	}
	c, err := gomail.NewClient(s.host, s.options...)
	if err != nil {
		return Temporary, err
	}
	// Whatever is wrong before the message is named, an expired password too, is
	// not wrong with the message: it waits until somebody has put it right.
	conn, err := c.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return Temporary, err
	}
	defer conn.Close()
	if err := conn.UpdateDeadline(s.patience); err != nil {
		return Temporary, err
	}
	refused, err := s.recipients(conn, m)
	if err != nil {
		return classify(err)
	}
	if len(refused) > 0 {
		if msg, err = s.message(m.without(refused)); err != nil {
			return Permanent, err
		}
	}
	if outcome, err := give(conn, msg); outcome != Sent { // nothing more is said: a QUIT would first end a message that was cut off
		return outcome, err
	}
	_ = conn.UpdateDeadline(parting)
	_ = conn.Quit()
	return Sent, errors.Join(refused...)
}

// recipients names to the server whom the message is from and for. Who is to get
// a copy and is refused, for good or for now, does not keep it from whom it is
// for; these are returned. All are named in any case, so that a server that wants
// to be asked twice is asked by the next attempt.
func (s *SMTP) recipients(conn *smtp.Client, m Message) (refused []error, err error) {
	if err := conn.Mail(bracketed(s.from.Address)); err != nil {
		return nil, fmt.Errorf("MAIL FROM: %w", err)
	}
	if err = conn.Rcpt(bracketed(m.To)); err != nil {
		err = fmt.Errorf("RCPT TO: %w", err)
	}
	for _, a := range m.CC {
		if no := conn.Rcpt(bracketed(a)); no != nil {
			refused = append(refused, &refusal{a, no})
		}
	}
	return refused, err
}

func bracketed(address string) string { return (&netmail.Address{Address: address}).String() }

// A refusal is an address that the server did not take, and what it said.
type refusal struct {
	address string
	said    error
}

// Error implements error.
func (r *refusal) Error() string {
	return fmt.Sprintf("no copy to %s: %s", r.address, oneLine(r.said.Error()))
}

// without is the message without copies to those who were refused.
func (m Message) without(refused []error) Message {
	m.CC = slices.DeleteFunc(slices.Clone(m.CC), func(a string) bool {
		return slices.ContainsFunc(refused, func(err error) bool { return err.(*refusal).address == a })
	})
	return m
}

// give hands the message itself to the server.
func give(conn *smtp.Client, msg *gomail.Msg) (Outcome, error) {
	w, err := conn.Data()
	if err != nil {
		return classify(fmt.Errorf("DATA: %w", err))
	}
	if _, err := msg.WriteTo(w); err != nil { // w is not closed: that would end the message
		return classify(fmt.Errorf("writing the message: %w", err))
	}
	err = w.Close()
	if err != nil && codeOf(err) == 0 { // all of it is on its way, and there is no answer
		return Unknown, fmt.Errorf("the server was given all of it and did not answer: %s", oneLine(err.Error()))
	}
	if err != nil {
		return classify(fmt.Errorf("ending the message: %w", err))
	}
	return Sent, nil
}

// authFirst is the server's code for: sign in first.
const authFirst = 530

// classify tells by the server's answer what became of a message that it has not
// got.
func classify(err error) (Outcome, error) {
	reason, code := errors.New(oneLine(err.Error())), codeOf(err)
	if code >= 500 && code != authFirst {
		return Permanent, reason
	}
	return Temporary, reason
}

// codeOf is the server's code for a refusal; 0 if it gave none, or an answer that
// is neither yes nor no.
func codeOf(err error) int {
	var said *textproto.Error
	if errors.As(err, &said) && said.Code >= 400 && said.Code < 600 {
		return said.Code
	}
	return 0
}

// messageID is what stands in a header as it is.
var messageID = regexp.MustCompile(`^<[0-9A-Za-z.\-_+=/]+@[0-9A-Za-z.\-_:\[\]]+>$`)

// message makes the mail, or says why it can never be one.
func (s *SMTP) message(m Message) (*gomail.Msg, error) {
	for _, a := range append([]string{m.To}, m.CC...) {
		if to, err := netmail.ParseAddress(a); err != nil || to.Address != a || oneLine(a) != a {
			return nil, fmt.Errorf("%q is not an address", a)
		}
	}
	if !messageID.MatchString(m.ID) {
		return nil, fmt.Errorf("%q is not a Message-ID", m.ID)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from)
	msg.AddToMailAddress(&netmail.Address{Name: oneLine(m.Name), Address: m.To})
	for _, a := range m.CC {
		msg.AddCcMailAddress(&netmail.Address{Address: a})
	}
	msg.Subject(oneLine(m.Subject))
	msg.SetMessageIDWithValue(strings.Trim(m.ID, "<>"))
	msg.SetDateWithValue(m.Date)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // so that nobody's absence is answered to us
	msg.SetBodyString(gomail.TypeTextPlain, strings.ToValidUTF8(m.Body, "�"))
	for _, a := range m.Attachments {
		if err := attach(msg, a); err != nil {
			return nil, err
		}
	}
	return msg, nil
}

func attach(msg *gomail.Msg, a Attachment) error {
	if _, _, err := mime.ParseMediaType(a.Type); err != nil || oneLine(a.Type) != a.Type {
		return fmt.Errorf("%q is not the type of an attachment", a.Type)
	}
	return msg.AttachReader(oneLine(a.Name), bytes.NewReader(a.Bytes), gomail.WithFileContentType(gomail.ContentType(a.Type)))
}
