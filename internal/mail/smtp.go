package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	netmail "net/mail"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// SMTP sends through one server. It opens a connection for each message and
// may be used by several at a time.
type SMTP struct {
	host    string
	from    *netmail.Address
	options []gomail.Option
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
	s := &SMTP{host: u.Hostname(), from: sender, options: options}
	_, err = gomail.NewClient(s.host, s.options...)
	return s, err
}

func optionsOf(u *url.URL) ([]gomail.Option, error) {
	options := []gomail.Option{gomail.WithTimeout(Patience), gomail.WithoutNoop(), gomail.WithoutRset()}
	port, secure := "25", u.Query().Get("tls")
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

// Send sends a message and says how that came out. The error is nil if it was
// sent; else it says why not, or why that is unknown.
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
	err = c.SendWithSMTPClient(conn, msg)
	if !msg.IsDelivered() { // nothing more is said: a QUIT would first end a message that was cut off
		return classify(err)
	}
	_ = conn.UpdateDeadline(parting)
	_ = conn.Quit()
	return Sent, nil
}

// authFirst is the server's code for: sign in first.
const authFirst = 530

// classify tells by the step that failed, and the server's answer to it, what
// became of the message.
func classify(err error) (Outcome, error) {
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return Unknown, err
	}
	code := failed.ErrorCode()
	reason := errors.New(strings.TrimSpace(said(failed)))
	switch {
	case failed.Reason == gomail.ErrSMTPDataClose && code == 0: // all of it is on its way, and there is no answer
		return Unknown, fmt.Errorf("the server was given all of it and did not answer: %w", reason)
	case failed.Reason == gomail.ErrAmbiguous:
		return Unknown, reason
	case code == authFirst:
		return Temporary, reason
	case code >= 500 || failed.Reason == gomail.ErrGetSender || failed.Reason == gomail.ErrGetRcpts:
		return Permanent, reason
	}
	return Temporary, reason
}

// said is the error without what go-mail adds of the message.
func said(err *gomail.SendError) string {
	text, _, _ := strings.Cut(err.Error(), ", affected")
	return oneLine(text)
}

// messageID is what stands in a header as it is.
var messageID = regexp.MustCompile(`^<[0-9A-Za-z.\-_+=/]+@[0-9A-Za-z.\-_:\[\]]+>$`)

// message makes the mail, or says why it can never be one.
func (s *SMTP) message(m Message) (*gomail.Msg, error) {
	to, err := netmail.ParseAddress(m.To)
	if err != nil || to.Address != m.To || oneLine(m.To) != m.To {
		return nil, fmt.Errorf("%q is not an address", m.To)
	}
	if !messageID.MatchString(m.ID) {
		return nil, fmt.Errorf("%q is not a Message-ID", m.ID)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from)
	msg.AddToMailAddress(&netmail.Address{Name: oneLine(m.Name), Address: m.To})
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
