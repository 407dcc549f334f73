// Package mail gives messages to a mail server and says honestly how far each
// of them came. Which mail goes to whom, and that it goes once, is decided by
// whoever calls: see docs/decisions/0010-mail-goes-once.md.
package mail

import (
	"crypto/sha256"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// Message is a mail to one person, with copies to others, as plain text.
type Message struct {
	ID          string   // Message-ID with its angle brackets; see [MessageID]
	To          string   // the address alone
	Name        string   // of the person; may be empty
	CC          []string // addresses that get a copy
	Subject     string
	Body        string // UTF-8, lines ended by \n
	Date        time.Time
	Attachments []Attachment
}

// Attachment is a file that goes along.
type Attachment struct {
	Name  string // "INV-2026-00012.pdf"
	Type  string // "application/pdf"
	Bytes []byte
}

// Address is an e-mail address as it is kept, in small letters; false if it is
// none, a name stands with it, or a blank of any kind is in it, with which no mail
// could be made. Its domain may be a single name, as hosts have within a network
// of one's own (RFC 5321, 4.1.2): whether a mail gets there the mail server knows,
// and says.
func Address(s string) (string, bool) {
	a, err := netmail.ParseAddress(strings.TrimSpace(s))
	if err != nil || a.Name != "" || strings.ContainsAny(a.Address, "\" ") || oneLine(a.Address) != a.Address {
		return "", false
	}
	return strings.ToLower(a.Address), true
}

// Outcome is how an attempt to send came out.
type Outcome string

// The outcomes. Only after Temporary may the same message be sent again without
// asking anybody.
const (
	Sent      Outcome = "sent"      // the server has taken it
	Temporary Outcome = "temporary" // the server has not got it: it is away, busy or wants to be asked again
	Permanent Outcome = "permanent" // the server has refused it, and will again
	Unknown   Outcome = "unknown"   // the server was given all of it and did not answer
)

// MessageID is the same for the same key, so that a server that gets a mail
// twice can tell. Link is the address that people open: its host makes the id
// one of this installation.
func MessageID(key, link string) string {
	host := "steward.invalid"
	if u, err := url.Parse(link); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	if net.ParseIP(host) != nil {
		host = "[" + host + "]"
	}
	sum := sha256.Sum256([]byte(key))
	return fmt.Sprintf("<%x@%s>", sum[:16], host)
}

// oneLine is a text that cannot break out of its header.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "�"), func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
}
