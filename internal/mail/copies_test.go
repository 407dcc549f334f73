package mail

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"testing"

	smtpserver "github.com/emersion/go-smtp"
)

// copied is a message of which three others get copies.
func copied() Message {
	m := message()
	m.CC = []string{"bob@acme.example", "cy@acme.example", "dee@acme.example"}
	return m
}

// others are the addresses in a message's header Cc.
func others(t *testing.T, raw string) string {
	t.Helper()
	msg, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	list, _ := msg.Header.AddressList("Cc")
	var all []string
	for _, a := range list {
		all = append(all, a.Address)
	}
	return strings.Join(all, " ")
}

func TestCopiesGoInOneMessage(t *testing.T) { // S1.78, N.31
	t.Parallel()
	var named []string
	p := serve(t, &post{rcpt: func(to string) error { named = append(named, to); return nil }})
	if got, err := p.plain(t).Send(t.Context(), copied()); got != Sent || err != nil {
		t.Fatalf("got %s, %v", got, err)
	}
	if want := "ann@acme.example bob@acme.example cy@acme.example dee@acme.example"; strings.Join(named, " ") != want || len(p.taken) != 1 || others(t, p.taken[0]) != want[len("ann@acme.example "):] {
		t.Errorf("%d messages, to %v", len(p.taken), named)
	}
}

// Who gets a copy does not keep the message from whom it is for.
func TestARefusedCopyHoldsNothingUp(t *testing.T) { // S1.78, N.31
	t.Parallel()
	for _, code := range []int{451, 550} {
		p := serve(t, &post{rcpt: func(to string) error {
			if to == "cy@acme.example" {
				return &smtpserver.SMTPError{Code: code, EnhancedCode: smtpserver.EnhancedCode{code / 100, 1, 1}, Message: "not here"}
			}
			return nil
		}})
		got, err := p.plain(t).Send(t.Context(), copied())
		if got != Sent || err == nil || !strings.Contains(err.Error(), fmt.Sprintf("no copy to cy@acme.example: %d", code)) {
			t.Errorf("%d: got %s, %v", code, got, err)
		}
		if len(p.taken) != 1 || others(t, p.taken[0]) != "bob@acme.example dee@acme.example" {
			t.Errorf("%d: arrived %v", code, p.taken)
		}
	}
}

// Whom the message is for decides, whatever becomes of the copies.
func TestWithoutItsReaderNobodyGetsACopy(t *testing.T) { // S1.78, N.31
	t.Parallel()
	for code, want := range map[int]Outcome{451: Temporary, 550: Permanent} {
		asked := 0
		p := serve(t, &post{rcpt: func(to string) error {
			if asked++; to == "ann@acme.example" {
				return &smtpserver.SMTPError{Code: code, EnhancedCode: smtpserver.EnhancedCode{code / 100, 1, 1}, Message: "not now"}
			} else if to == "cy@acme.example" {
				return &smtpserver.SMTPError{Code: 1001 - code, EnhancedCode: smtpserver.EnhancedCode{5, 1, 1}, Message: "not here"}
			}
			return nil
		}})
		if got, err := p.plain(t).Send(t.Context(), copied()); got != want || err == nil || !strings.Contains(err.Error(), "not now") || len(p.taken) != 0 || asked != 4 {
			t.Errorf("%d: got %s, %v; %d asked for, %d arrived", code, got, err, asked, len(p.taken))
		}
	}
	// A server that hangs between the names was given nothing.
	s := script(t, "220 hello", "250 mail", "250 ok", "250 ok")
	if got, err := s.Send(t.Context(), copied()); got != Temporary || err == nil {
		t.Errorf("got %s, %v", got, err)
	}
}
