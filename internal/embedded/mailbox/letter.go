package mailbox

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
)

// letter is a message, read for the page.
type letter struct {
	Number            int
	From, To, Subject string
	CC                string // may be empty
	ID                string
	Date              time.Time
	Text              string
	Files             []enclosure
}

type enclosure struct {
	Name, Type string
	Bytes      []byte
}

// deepest is how many parts within parts are looked into.
const deepest = 5

// open reads a message. One that cannot be read is shown as it came.
func open(n int, raw []byte) letter {
	l := letter{Number: n, Subject: "(cannot be read)"}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		l.Text = string(raw)
		return l
	}
	l.From, l.To, l.Subject, l.ID = people(m.Header, "From"), people(m.Header, "To"), words(m.Header.Get("Subject")), m.Header.Get("Message-Id")
	if m.Header.Get("Cc") != "" {
		l.CC = people(m.Header, "Cc")
	}
	l.Date, _ = m.Header.Date() // none: not shown
	l.read(textproto.MIMEHeader(m.Header), m.Body, 0)
	return l
}

// people are the addresses of a header, as one reads them.
func people(h mail.Header, field string) string {
	list, err := h.AddressList(field)
	if err != nil {
		return words(h.Get(field))
	}
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = strings.TrimSpace(a.Name + " <" + a.Address + ">")
	}
	return strings.Join(names, ", ")
}

func words(s string) string {
	var d mime.WordDecoder
	if text, err := d.DecodeHeader(s); err == nil {
		return text
	}
	return s
}

// read takes text and files out of a part and the parts in it.
func (l *letter) read(h textproto.MIMEHeader, body io.Reader, depth int) {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") && depth < deepest {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err != nil {
				return
			}
			l.read(p.Header, p, depth+1)
		}
	}
	b, err := io.ReadAll(decoded(h, body))
	if err != nil {
		b = append(b, "\n(the rest cannot be read)"...)
	}
	disposition, named, _ := mime.ParseMediaType(h.Get("Content-Disposition"))
	if kind == "text/plain" && disposition != "attachment" {
		l.Text += strings.ReplaceAll(string(b), "\r\n", "\n")
		return
	}
	l.Files = append(l.Files, enclosure{fileName(named["filename"]), kind, b})
}

func decoded(h textproto.MIMEHeader, body io.Reader) io.Reader {
	switch strings.ToLower(h.Get("Content-Transfer-Encoding")) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	}
	return body
}

func fileName(s string) string {
	if s = strings.TrimSpace(words(s)); s == "" {
		return "unnamed"
	}
	return s
}
