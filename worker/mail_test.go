package worker_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/embedded/servers"
	"steward/internal/fixture"
	"steward/internal/mail"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/worker"
)

func TestMain(m *testing.M) { servers.Main(m) }

// eight is when these tests begin.
var eight = time.Date(2026, time.March, 20, 8, 0, 0, 0, time.UTC)

// office is a schema with mail in it, its clock, and what was sent.
type office struct {
	*postgres.Store
	mu   sync.Mutex
	now  time.Time
	sent []string
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{Store: fixture.Store(t), now: eight}
	o.Now = func() time.Time { o.mu.Lock(); defer o.mu.Unlock(); return o.now }
	return o
}

// write puts a mail into the table and returns its id.
func (o *office) write(t *testing.T, key string) uuid.UUID {
	t.Helper()
	id := o.NewID()
	n, err := o.InsertMail(t.Context(), db.InsertMailParams{ID: id, Key: key, MessageID: mail.MessageID(key, ""), ToAddress: "ann@acme.example", Subject: key, Body: "Hello", Now: o.Now()})
	if err != nil || n != 1 {
		t.Fatalf("%d, %v", n, err)
	}
	return id
}

// mailer answers as it is told, and remembers what it was given.
type mailer func(m mail.Message) (mail.Outcome, error)

func (f mailer) Send(_ context.Context, m mail.Message) (mail.Outcome, error) { return f(m) }

func (o *office) postman(f mailer) *worker.Postman {
	p := &worker.Postman{Store: o.Store, Log: slog.New(slog.DiscardHandler), Every: 10 * time.Millisecond}
	p.Mailer = mailer(func(m mail.Message) (mail.Outcome, error) {
		o.mu.Lock()
		o.sent = append(o.sent, m.Subject)
		o.mu.Unlock()
		return f(m)
	})
	return p
}

func accepts(mail.Message) (mail.Outcome, error) { return mail.Sent, nil }

func once(t *testing.T, p *worker.Postman) {
	t.Helper()
	if err := p.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// is checks what is written of a mail.
func (o *office) is(t *testing.T, id uuid.UUID, state string, attempts int32) db.MailRow {
	t.Helper()
	m, err := o.Mail(t.Context(), id)
	if err != nil || m.State != state || m.Attempts != attempts {
		t.Errorf("got %s after %d attempts (%s), %v; want %s after %d", m.State, m.Attempts, m.Error, err, state, attempts)
	}
	return m
}

func TestAMailGoesOnceHoweverManyCarryIt(t *testing.T) { // N.31
	t.Parallel()
	o := newOffice(t)
	const mails = 40
	for i := range mails {
		o.write(t, fmt.Sprint("m", i))
	}
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { once(t, o.postman(accepts)) })
	}
	all.Wait()
	seen := map[string]bool{}
	for _, s := range o.sent {
		seen[s] = true
	}
	if len(seen) != mails || len(o.sent) != mails {
		t.Errorf("%d mails were sent %d times", len(seen), len(o.sent))
	}
	if n := fixture.One[int](t, o.Pool, `SELECT count(*) FROM mail WHERE state = 'sent' AND sent_at = $1 AND error = ''`, eight); n != mails {
		t.Errorf("%d are written as sent", n)
	}
}

func TestAMailIsClaimedBeforeTheServerHearsOfIt(t *testing.T) { // N.31
	t.Parallel()
	o := newOffice(t)
	id := o.write(t, "claimed")
	once(t, o.postman(func(mail.Message) (mail.Outcome, error) {
		o.is(t, id, "sending", 1) // seen by another connection: it is committed
		return mail.Sent, nil
	}))
	o.is(t, id, "sent", 1)
}

func TestWhatCannotBeDeliveredIsTriedLessAndLessOftenForThreeDays(t *testing.T) { // N.31
	t.Parallel()
	o := newOffice(t)
	id := o.write(t, "greylisted")
	p := o.postman(func(mail.Message) (mail.Outcome, error) { return mail.Temporary, errors.New("451 later") })
	var waits []time.Duration
	for o.now.Before(eight.Add(5 * 24 * time.Hour)) {
		once(t, p)
		m, err := o.Mail(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if m.State != "pending" {
			break
		}
		waits = append(waits, m.NextAt.Sub(o.now))
		o.now = m.NextAt.Add(-time.Second)
		once(t, p) // it is not time yet
		o.now = m.NextAt
	}
	want := []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour}
	for i, w := range want {
		if waits[i] != w {
			t.Errorf("wait %d is %s, want %s", i, waits[i], w)
		}
	}
	m, _ := o.Mail(t.Context(), id)
	if m.State != "failed" || m.Error != "451 later" || o.now.Sub(eight).Round(24*time.Hour) != 3*24*time.Hour || len(o.sent) != int(m.Attempts) {
		t.Errorf("after %s and %d attempts it is %s (%s)", o.now.Sub(eight), len(o.sent), m.State, m.Error)
	}
}

func TestARefusedMailHasFailedAndAnUnansweredOneIsUnknown(t *testing.T) { // N.31
	t.Parallel()
	o := newOffice(t)
	refused, silent := o.write(t, "refused"), o.write(t, "silent")
	p := o.postman(func(m mail.Message) (mail.Outcome, error) {
		if m.Subject == "refused" {
			return mail.Permanent, errors.New("550 nobody here")
		}
		return mail.Unknown, errors.New("no answer")
	})
	for range 3 {
		once(t, p)
		o.now = o.now.Add(24 * time.Hour)
	}
	if m := o.is(t, refused, "failed", 1); m.Error != "550 nobody here" {
		t.Errorf("it says %q", m.Error)
	}
	o.is(t, silent, "unknown", 1)
}

func TestAMailThatPanicsKeepsNoOtherFromGoing(t *testing.T) { // N.31
	t.Parallel()
	o := newOffice(t)
	bad, good := o.write(t, "bad"), o.write(t, "good")
	once(t, o.postman(func(m mail.Message) (mail.Outcome, error) {
		if m.Subject == "bad" {
			panic("of nobody's making")
		}
		return mail.Sent, nil
	}))
	o.is(t, good, "sent", 1)
	if m := o.is(t, bad, "unknown", 1); !strings.Contains(m.Error, "of nobody's making") {
		t.Errorf("it says %q", m.Error)
	}
}

func TestWhatADeadWorkerWasSendingIsNotSentAgain(t *testing.T) { // N.31
	t.Parallel()
	o := newOffice(t)
	id := o.write(t, "in hand")
	claimed, err := o.ClaimMail(t.Context(), &o.now) // and the worker dies
	if err != nil || claimed.ID != id {
		t.Fatal(err)
	}
	p := o.postman(accepts)
	o.now = eight.Add(119 * time.Second)
	once(t, p)
	o.is(t, id, "sending", 1)
	o.now = eight.Add(121 * time.Second)
	once(t, p)
	o.is(t, id, "unknown", 1)
	o.now = eight.Add(24 * time.Hour)
	once(t, p)
	if len(o.sent) != 0 {
		t.Errorf("it was sent: %v", o.sent)
	}
	// It lived after all, and says late what it knows.
	if n, err := o.SettleMail(t.Context(), db.SettleMailParams{ID: id, ClaimedAt: claimed.ClaimedAt, State: "sent", SentAt: &o.now, NextAt: o.now}); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
}

func TestALateOutcomeDoesNotUndoAnOperator(t *testing.T) { // N.31
	t.Parallel()
	o := newOffice(t)
	id := o.write(t, "again")
	first, err := o.ClaimMail(t.Context(), &o.now)
	if err != nil {
		t.Fatal(err)
	}
	o.now = eight.Add(time.Hour)
	once(t, o.postman(accepts)) // unknown
	if n, err := o.ResendMail(t.Context(), o.now, id); err != nil || n != 1 {
		t.Fatalf("%d, %v", n, err)
	}
	late := db.SettleMailParams{ID: id, ClaimedAt: first.ClaimedAt, State: "failed", NextAt: o.now}
	if n, err := o.SettleMail(t.Context(), late); err != nil || n != 0 {
		t.Errorf("%d rows were written, %v", n, err)
	}
	once(t, o.postman(accepts))
	o.is(t, id, "sent", 1)
	if n, err := o.ResendMail(t.Context(), o.now, id); err != nil || n != 0 {
		t.Errorf("what was sent is sent again: %d, %v", n, err)
	}
}

func TestWithoutAMailServerMailWaits(t *testing.T) { // N.21
	t.Parallel()
	o := newOffice(t)
	id := o.write(t, "waits")
	p := o.postman(accepts)
	p.Mailer = nil
	once(t, p)
	o.is(t, id, "pending", 0)
}

func TestANewMailGoesOutWithoutBeingAskedFor(t *testing.T) { // N.21
	t.Parallel()
	o := newOffice(t)
	arrived := make(chan string, 1)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	p := o.postman(func(m mail.Message) (mail.Outcome, error) { arrived <- m.Subject; return mail.Sent, nil })
	go func() { defer close(done); p.Run(ctx) }()
	id := o.write(t, "news")
	select {
	case <-arrived:
	case <-time.After(10 * time.Second):
		t.Error("it did not go out")
	}
	stop()
	<-done
	o.is(t, id, "sent", 1)
}

func TestAMailForgetsItsSecretOnceItWasSent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write(t, "password-reset/1")
	plain := o.write(t, "digest/1")
	if _, err := o.Pool.Exec(t.Context(), `UPDATE mail SET secret = true WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	body := func(id uuid.UUID) string {
		return fixture.One[string](t, o.Pool, `SELECT body FROM mail WHERE id = $1`, id)
	}
	once(t, o.postman(func(mail.Message) (mail.Outcome, error) { return mail.Temporary, errors.New("busy") }))
	if body(id) != "Hello" {
		t.Error("a mail that is to be tried again has lost its text")
	}
	o.now = o.now.Add(time.Hour)
	once(t, o.postman(accepts))
	if body(id) != "" || body(plain) != "Hello" {
		t.Errorf("sent mails say %q and %q", body(id), body(plain))
	}
}

func TestASentMailSaysWhoGotNoCopy(t *testing.T) { // S1.78, N.31
	t.Parallel()
	o := newOffice(t)
	id := o.write(t, "copied")
	if _, err := o.Pool.Exec(t.Context(), `UPDATE mail SET cc = '{bob@acme.example,cy@acme.example}'`); err != nil {
		t.Fatal(err)
	}
	p := o.postman(func(m mail.Message) (mail.Outcome, error) {
		if got := fmt.Sprint(m.To, m.CC); got != "ann@acme.example[bob@acme.example cy@acme.example]" {
			t.Errorf("it goes to %s", got)
		}
		return mail.Sent, errors.New("no copy to cy@acme.example: 550 no such person")
	})
	once(t, p)
	once(t, p)
	if m := o.is(t, id, "sent", 1); m.Error != "no copy to cy@acme.example: 550 no such person" || len(m.CC) != 2 || len(o.sent) != 1 {
		t.Errorf("got %+v, sent %d times", m, len(o.sent))
	}
}
