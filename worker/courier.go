package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
	"steward/internal/webhook"
	"steward/internal/work"
)

// Sender brings a message to its receiver; see [webhook.Client].
type Sender interface {
	Send(ctx context.Context, address string, m webhook.Message, secrets ...[]byte) webhook.Answer
}

// Courier tells receivers elsewhere what happened (N.16): each at least once,
// and in order as long as it answers. It gives every webhook its turn; one that
// cannot be reached rests ever longer, and is switched off after days. What is
// known of a delivery is its row: a worker that dies between an answer and its
// note has the message sent again, under the same id. Several may run.
type Courier struct {
	Store  *postgres.Store
	Key    secret.Key // opens the secrets of webhooks
	Sender Sender
	Log    *slog.Logger
	Every  time.Duration // how long it rests when nobody is to be told
	away   *outage
}

const (
	couriers = 16               // webhooks that are told at a time
	turn     = 30 * time.Second // after which another has its turn
	turnLost = 2 * time.Minute  // a turn as old as this has lost its worker
)

// Run tells until ctx ends.
func (c *Courier) Run(ctx context.Context) {
	for ctx.Err() == nil {
		const later = "webhooks are told later"
		if err := c.Once(ctx); ctx.Err() == nil && !c.away.round(later, err) {
			c.Log.Warn(later, "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(c.Every):
		}
	}
}

// Once tells every webhook whose turn it is all that it is to be told now.
func (c *Courier) Once(ctx context.Context) error {
	for more := true; more; {
		var err error
		if more, err = c.spread(ctx); err != nil {
			return err
		}
	}
	errs := make([]error, couriers)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			more := true
			for more && errs[i] == nil && ctx.Err() == nil {
				more, errs[i] = c.one(ctx)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// one gives the next webhook its turn, and tells whether there was one.
func (c *Courier) one(ctx context.Context) (bool, error) {
	now := c.Store.Now()
	w, err := c.Store.ClaimWebhook(ctx, &now, ptr(now.Add(-turnLost)))
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	v := visit{Courier: c, ClaimWebhookRow: w, until: time.Now().Add(turn)}
	err = v.run(ctx)
	return true, errors.Join(err, v.end(context.WithoutCancel(ctx)))
}

// visit is the turn of one webhook.
type visit struct {
	*Courier
	db.ClaimWebhookRow
	until  time.Time
	rest   time.Duration // until its next turn
	why    string        // it is to be switched off
	silent time.Time     // since when it has taken nothing, if it is for that
}

// run sends what is due, one after the other, until the receiver does not take one.
func (v *visit) run(ctx context.Context) error {
	secrets, err := v.secrets()
	if err != nil {
		v.rest = webhook.Pause(int(v.Failures) + 1) // an operator has to bring the key
		return err
	}
	for ctx.Err() == nil && v.rest == 0 && time.Now().Before(v.until) {
		d, err := v.Store.NextDelivery(ctx, db.NextDeliveryParams{ID: v.ID, ClaimedAt: v.ClaimedAt, Now: v.Store.Now(), Aside: webhook.Aside})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := v.send(context.WithoutCancel(ctx), d, secrets); err != nil {
			return err
		}
	}
	return nil
}

// secrets are what the messages are signed with: the one of now, and the one
// before for as long as it is good.
func (v *visit) secrets() ([][]byte, error) {
	now, err := v.Key.Open(v.Secret, webhook.Owner(v.ID))
	if err != nil || v.EarlierUntil == nil || !v.Store.Now().Before(*v.EarlierUntil) {
		return [][]byte{now}, err
	}
	before, err := v.Key.Open(v.EarlierSecret, webhook.Owner(v.ID))
	return [][]byte{now, before}, err
}

// send sends one message and writes what became of it.
func (v *visit) send(ctx context.Context, d db.NextDeliveryRow, secrets [][]byte) error {
	a := v.bring(ctx, webhook.Message{ID: d.ID.String(), Body: []byte(d.Body), At: v.Store.Now()}, secrets)
	now := v.Store.Now()
	v.judge(a, now)
	_, err := v.Store.SettleDelivery(ctx, attempted(d, a, now, v.ClaimedAt))
	return err
}

// bring sends a message. One that makes it panic was not taken, and stands in the
// way of its own receiver's alone.
func (v *visit) bring(ctx context.Context, m webhook.Message, secrets [][]byte) (a webhook.Answer) {
	defer func() {
		if r := recover(); r != nil {
			v.Log.Error("a message to a webhook panicked", "webhook", v.ID, "panic", r, "stack", string(debug.Stack()))
			a = webhook.Answer{Err: fmt.Errorf("panic: %v", r)}
		}
	}()
	return v.Sender.Send(ctx, v.Url, m, secrets...)
}

// judge is what an answer says of the receiver.
func (v *visit) judge(a webhook.Answer, now time.Time) {
	if a.Err == nil {
		v.Failures, v.FailingSince = 0, nil
		return
	}
	if v.Failures++; v.FailingSince == nil {
		v.FailingSince = &now
	}
	v.rest = webhook.Pause(int(v.Failures))
	switch {
	case a.Gone():
		v.why = "it answers that it wants no more"
	case now.Sub(*v.FailingSince) >= webhook.Patience:
		v.why, v.silent = a.Err.Error(), *v.FailingSince
	}
}

// because is why a webhook is switched off; at is since when it has taken nothing.
func (v *visit) because(at string) string {
	if v.silent.IsZero() {
		return v.why
	}
	return "it has taken nothing since " + at + ": " + v.why
}

// attempted is what became of an attempt, as it is written.
func attempted(d db.NextDeliveryRow, a webhook.Answer, now time.Time, claimed *time.Time) db.SettleDeliveryParams {
	s := db.SettleDeliveryParams{ID: d.ID, ClaimedAt: claimed, State: "delivered", NextAt: now, Now: &now, Answer: a.Text}
	if a.Status != 0 {
		s.Status = ptr(int32(a.Status))
	}
	if a.Err == nil {
		return s
	}
	attempts := int(d.Attempts) + 1
	s.State, s.Error, s.NextAt = "pending", a.Err.Error(), now.Add(webhook.Pause(attempts))
	if attempts >= webhook.Attempts {
		s.State = "failed"
	}
	return s
}

// end writes how the receiver stands, and gives the turn away.
func (v *visit) end(ctx context.Context) error {
	return v.Store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		if v.why != "" {
			if err := v.switchOff(ctx, q); err != nil {
				return err
			}
		}
		return q.EndWebhookTurn(ctx, db.EndWebhookTurnParams{ID: v.ID, ClaimedAt: v.ClaimedAt, NextAt: v.Store.Now().Add(v.rest), Failures: v.Failures, FailingSince: v.FailingSince})
	})
}

// switchOff ends a webhook whose receiver is not there, and tells every admin.
func (v *visit) switchOff(ctx context.Context, q *db.Queries) error {
	n, err := q.DisableWebhook(ctx, v.ID, v.ClaimedAt)
	if err != nil || n == 0 {
		return err
	}
	why := v.because(v.silent.UTC().Format("2006-01-02 15:04 MST"))
	v.Log.Warn("a webhook is switched off", "webhook", v.ID, "why", why)
	w, err := q.Webhook(ctx, v.ID)
	if err != nil {
		return err
	}
	admins, err := q.ActiveAdmins(ctx)
	if err != nil {
		return err
	}
	news, err := postgres.ByTheirClocks(ctx, q, v.silent, postgres.News{About: "webhook", ID: v.ID, Name: host(v.Url), Told: work.WebhookOff(admins)},
		func(n *postgres.News, at string) { n.Note = v.because(at) })
	if err == nil {
		err = v.Store.Tell(ctx, q, access.Actor{}, news...)
	}
	if err != nil {
		return err
	}
	return v.Store.Audit(ctx, q, postgres.Event{Kind: "webhook", ID: v.ID, Verb: "disable", Version: w.Version, Changes: map[string]postgres.Change{"state": {"active", "disabled"}}, Note: why, Source: "the worker"})
}

// host is what people call a webhook: the rest of its address may be a secret.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "a webhook"
	}
	return u.Host
}

func ptr[T any](v T) *T { return &v }
