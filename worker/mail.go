package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/files"
	"steward/internal/mail"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// Mailer brings a message to a mail server; see [mail.SMTP].
type Mailer interface {
	Send(ctx context.Context, m mail.Message) (mail.Outcome, error)
}

// Postman sends the mail that waits in Postgres, each once. A row is claimed,
// and that is committed, before the server hears of it; so that whatever
// happens in between leaves a row in 'sending' and never a second mail.
// Several may run: each takes other rows.
type Postman struct {
	Store  *postgres.Store
	Files  *files.Store // of attachments
	Mailer Mailer       // nil: there is no mail server, and mail waits
	Log    *slog.Logger
	Every  time.Duration // how long it rests when nothing is due
	away   *outage
}

const (
	carriers = 4                  // mails that are brought at a time
	lost     = 2 * time.Minute    // a claim as old as this has lost its worker; longer than a mailer takes
	firstTry = time.Minute        // until a mail that could not be delivered is tried again
	lastTry  = time.Hour          // and at most, after doubling
	giveUp   = 3 * 24 * time.Hour // of trying until it has failed
)

// Run sends what is due until ctx ends. What is being sent then is finished.
func (p *Postman) Run(ctx context.Context) {
	if p.Mailer == nil {
		p.Log.Warn("no mail server is set: mail waits until STEWARD_SMTP_URL names one")
	}
	for ctx.Err() == nil {
		const later = "mail goes out later"
		if err := p.Once(ctx); ctx.Err() == nil && !p.away.round(later, err) {
			p.Log.Warn(later, "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(p.Every):
		}
	}
}

// Once sends all that is due now.
func (p *Postman) Once(ctx context.Context) error {
	if err := p.giveUpLost(ctx); err != nil || p.Mailer == nil {
		return err
	}
	errs := make([]error, carriers)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			more := true
			for more && errs[i] == nil && ctx.Err() == nil {
				more, errs[i] = p.one(ctx)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// giveUpLost leaves to an operator what a worker was sending when it died: the
// mail may have arrived or not.
func (p *Postman) giveUpLost(ctx context.Context) error {
	before := p.Store.Now().Add(-lost)
	ids, err := p.Store.GiveUpMail(ctx, "the worker that was sending it died; it may have arrived or not", &before)
	for _, id := range ids {
		p.tell(id, mail.Unknown)
	}
	return err
}

func (p *Postman) tell(id uuid.UUID, o mail.Outcome) {
	if o == mail.Unknown {
		p.Log.Warn("it is unknown whether a mail has arrived; GET /api/v1/mails?state=unknown", "mail", id)
	}
}

// one sends the next mail that is due, and tells whether there was one.
func (p *Postman) one(ctx context.Context) (bool, error) {
	now := p.Store.Now()
	m, err := p.Store.ClaimMail(ctx, &now)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	ctx = context.WithoutCancel(ctx) // claimed is claimed: see it through
	outcome, err := p.send(ctx, m, now)
	p.tell(m.ID, outcome)
	return true, p.settle(ctx, m, outcome, err)
}

// send gives a mail with what is attached to it to the server. One that makes it
// panic is left to an operator, and the others go out.
func (p *Postman) send(ctx context.Context, m db.ClaimMailRow, now time.Time) (outcome mail.Outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			p.Log.Error("a mail panicked", "mail", m.ID, "panic", r, "stack", string(debug.Stack()))
			outcome, err = mail.Unknown, fmt.Errorf("panic: %v", r)
		}
	}()
	attached, outcome, err := p.attachments(ctx, m.ID)
	if err != nil {
		return outcome, err
	}
	return p.Mailer.Send(ctx, mail.Message{ID: m.MessageID, To: m.ToAddress, Name: m.ToName, CC: m.CC, Subject: m.Subject, Body: m.Body, Date: now, Attachments: attached})
}

// settle writes how it came out; Postgres being away for a moment is no reason
// to leave that to an operator.
func (p *Postman) settle(ctx context.Context, m db.ClaimMailRow, o mail.Outcome, reason error) error {
	s := cameOut(m, o, reason, p.Store.Now())
	var err error
	for wait := 100 * time.Millisecond; wait < 4*time.Second; wait *= 2 {
		if _, err = p.Store.SettleMail(ctx, s); err == nil {
			return nil
		}
		<-time.After(wait)
	}
	return err
}

// cameOut is how an attempt came out, as it is written.
func cameOut(m db.ClaimMailRow, o mail.Outcome, reason error, now time.Time) db.SettleMailParams {
	s := db.SettleMailParams{ID: m.ID, ClaimedAt: m.ClaimedAt, NextAt: now}
	if reason != nil {
		s.Error = reason.Error()
	}
	switch o {
	case mail.Sent:
		s.State, s.SentAt = "sent", &now // the reason says whom the server refused a copy
	case mail.Permanent:
		s.State = "failed"
	case mail.Temporary:
		wait, tried := backoff(m.Attempts)
		s.State, s.NextAt = "pending", now.Add(wait)
		if tried >= giveUp {
			s.State = "failed"
		}
	default:
		s.State = "unknown"
	}
	return s
}

// backoff is how long to wait after so many attempts, and how long those have
// been waiting for each other. Time when no worker ran does not count: a mail
// is given as many chances after it.
func backoff(attempts int32) (wait, tried time.Duration) {
	wait = firstTry
	for range attempts - 1 {
		tried += wait
		wait = min(2*wait, lastTry)
	}
	return wait, tried
}
