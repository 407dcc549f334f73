package mailbox

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/emersion/go-smtp"
)

// most is how many messages are kept; the oldest go first.
const most = 500

// box is the messages in a folder, each a file named by its number.
type box struct {
	dir string

	mu   sync.Mutex
	mail []letter // the oldest first
}

func openBox(dir string) (*box, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the mailbox: %w", err)
	}
	b := &box{dir: dir}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the mailbox: %w", err)
	}
	for _, e := range entries {
		n, err := strconv.Atoi(strings.TrimSuffix(e.Name(), ".eml"))
		if err != nil || e.Name() != name(n) {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read the mailbox: %w", err)
		}
		b.mail = append(b.mail, open(n, raw))
	}
	slices.SortFunc(b.mail, func(x, y letter) int { return x.Number - y.Number })
	return b, nil
}

func name(n int) string { return fmt.Sprintf("%06d.eml", n) }

// keep writes a message to the disk before it is said to be taken.
func (b *box) keep(raw []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 1
	if len(b.mail) > 0 {
		n = b.mail[len(b.mail)-1].Number + 1
	}
	if err := os.WriteFile(filepath.Join(b.dir, name(n)), raw, 0o600); err != nil {
		return err
	}
	b.mail = append(b.mail, open(n, raw))
	for len(b.mail) > most {
		_ = os.Remove(filepath.Join(b.dir, name(b.mail[0].Number)))
		b.mail = b.mail[1:]
	}
	return nil
}

// newest are the messages, the newest first.
func (b *box) newest() []letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := slices.Clone(b.mail)
	slices.Reverse(all)
	return all
}

// session is what a client of the mail server does.
type session struct {
	box *box
}

// Mail and the other methods make a [smtp.Session] that takes everything.
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt takes every recipient.
func (s *session) Rcpt(string, *smtp.RcptOptions) error { return nil }

// Data keeps the message.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return s.box.keep(raw)
}

// Reset forgets nothing: there is nothing to forget.
func (s *session) Reset() {}

// Logout ends the session.
func (s *session) Logout() error { return nil }
