package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/story"
	"steward/internal/webhook"
)

const webhookKind flow.Kind = "webhook"

// earlierSecret is how long messages are signed with the secret before, too.
const earlierSecret = 24 * time.Hour

func (s *Server) webhookRoutes() {
	write[Webhook](s, op(http.MethodPost, "/webhooks", "create-webhook", "Have a program elsewhere told what happens; the secret is answered only this once", http.StatusCreated), s.createWebhook)
	read(s, op(http.MethodGet, "/webhooks", "list-webhooks", "List webhooks, the oldest first; for admins", http.StatusOK), s.listWebhooks)
	read(s, op(http.MethodGet, "/webhooks/{id}", "get-webhook", "One webhook", http.StatusOK), s.getWebhook)
	write[Webhook](s, op(http.MethodPatch, "/webhooks/{id}", "edit-webhook", "Change a webhook, pause it or take it up again", http.StatusOK), s.editWebhook)
	write[Nothing](s, op(http.MethodDelete, "/webhooks/{id}", "delete-webhook", "End a webhook, with what it was to be told", http.StatusOK), s.deleteWebhook)
	write[Webhook](s, op(http.MethodPost, "/webhooks/{id}/rotate-secret", "rotate-webhook-secret", "Give a webhook a new secret; it is answered only this once, and the one before signs too for a day", http.StatusOK), s.rotateWebhook)
	s.deliveryRoutes()
}

// WebhookBody asks for a webhook (N.16).
type WebhookBody struct {
	URL         string     `json:"url" minLength:"8" maxLength:"2000" doc:"Where messages are posted, by https" example:"https://example.com/hooks/steward"`
	Events      []string   `json:"events" minItems:"1" maxItems:"100" doc:"What it is told: names of events, task.* for all of a kind, * for all" example:"[\"task.completed\", \"invoice.*\"]"`
	Description string     `json:"description,omitempty" maxLength:"500" doc:"What it is for"`
	ClientID    *uuid.UUID `json:"client_id,omitempty" doc:"What happens for this client alone; left out, for all"`
}

// WebhookEdit changes a webhook; what is left out stays.
type WebhookEdit struct {
	URL         *string   `json:"url,omitempty" minLength:"8" maxLength:"2000"`
	Events      *[]string `json:"events,omitempty" minItems:"1" maxItems:"100"`
	Description *string   `json:"description,omitempty" maxLength:"500"`
	State       *string   `json:"state,omitempty" enum:"active,paused" doc:"Paused, it is not told what happens meanwhile, and what was waiting waits on"`
}

// Webhook is a program elsewhere that is told what happens.
type Webhook struct {
	ID           uuid.UUID  `json:"id"`
	URL          string     `json:"url"`
	Events       []string   `json:"events"`
	Description  string     `json:"description"`
	ClientID     *uuid.UUID `json:"client_id"`
	State        string     `json:"state" enum:"active,paused,disabled" doc:"disabled: steward switched it off, because nothing had reached it for days or it wanted no more"`
	Failures     int32      `json:"failures" doc:"How often in a row it has not taken a message"`
	FailingSince *time.Time `json:"failing_since"`
	CreatedAt    time.Time  `json:"created_at"`
	Version      int32      `json:"version"`
	Secret       string     `json:"secret,omitempty" doc:"What messages are signed with. Only in the answer that made it, and not when the same Idempotency-Key comes again" example:"whsec_…"`
}

func webhookOf(r db.WebhookRow) Webhook {
	return Webhook{ID: r.ID, URL: r.Url, Events: r.Events, Description: r.Description, ClientID: r.ClientID, State: r.State, Failures: r.Failures, FailingSince: r.FailingSince, CreatedAt: r.CreatedAt, Version: r.Version}
}

// hooked is a webhook as the audit keeps it.
type hooked struct {
	URL         string     `json:"url"`
	Events      []string   `json:"events"`
	Description string     `json:"description"`
	ClientID    *uuid.UUID `json:"client_id"`
	State       string     `json:"state"`
}

func (w Webhook) audited() hooked {
	return hooked{w.URL, w.Events, w.Description, w.ClientID, w.State}
}

// checked refuses what could not be told.
func (s *Server) checked(w *Webhook) error {
	w.Events = distinct(w.Events)
	if i := slices.IndexFunc(w.Events, func(e string) bool { return !story.Wanted(e) }); i >= 0 {
		return fault.Wrong("events", "%q is no event; docs/api.md lists them, such as task.completed", w.Events[i])
	}
	if len(w.Events) == 0 {
		return fault.Wrong("events", "names nothing that could happen")
	}
	return webhook.Check(w.URL, s.receivers)
}

func (s *Server) createWebhook(ctx context.Context, in *newInput[WebhookBody]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, webhookKind, s.store.NewID(), "create", in.Body, access.ManageHooks)
	if err == nil {
		err = s.canSeal()
	}
	b := in.Body
	w := Webhook{ID: r.id, URL: b.URL, Events: b.Events, Description: b.Description, ClientID: b.ClientID, State: "active", CreatedAt: s.store.Now().UTC(), Version: 1}
	if err == nil {
		err = s.checked(&w)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	bits, text := webhook.NewSecret()
	d, err := s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if w.ClientID != nil {
			if _, err := q.Client(ctx, *w.ClientID); err != nil {
				return nil, notThere(err, "client_id", "there is no such client")
			}
		}
		err := q.InsertWebhook(ctx, db.InsertWebhookParams{ID: w.ID, Url: w.URL, Description: w.Description, Events: w.Events, ClientID: w.ClientID,
			Secret: s.key.Seal(bits, webhook.Owner(w.ID)), Now: w.CreatedAt, CreatedBy: r.actor.ID})
		if err != nil {
			return nil, err
		}
		return w, r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, w.audited()), "")
	})
	if err != nil {
		return nil, err
	}
	return s.secretOnce(d, func(made Webhook) bool { return made.ID == r.id }, text)
}

// canSeal refuses to make a secret that could not be kept.
func (s *Server) canSeal() error {
	if !s.key.Is() {
		return fault.New(fault.NotAvailable, "this installation has no secret key to keep the secrets of webhooks with")
	}
	return nil
}

// lockHook locks a webhook for a write that was meant for this version of it.
func lockHook(ctx context.Context, q *db.Queries, r request) (db.LockWebhookRow, error) {
	row, err := q.LockWebhook(ctx, r.id)
	if err == nil {
		err = r.fresh(row.Version)
	}
	return row, err
}

// secretOnce adds the secret to the answer of whoever made it. What is kept for
// the Idempotency-Key has none.
func (s *Server) secretOnce(d *Done, made func(Webhook) bool, secret string) (*Done, error) {
	var w Webhook
	if err := json.Unmarshal(d.Body, &w); err != nil {
		return nil, s.refuse(err)
	}
	if made(w) {
		w.Secret = secret
		d.Body = postgres.JSON(w)
	}
	return d, nil
}

// manageHooks is for admins; to people outside there are no webhooks.
func manageHooks(ctx context.Context) error {
	if err := see(ctx); err != nil {
		return err
	}
	return can(ctx, access.ManageHooks)
}

func (s *Server) listWebhooks(ctx context.Context, in *struct{ PageInput }) (*PageOutput[Webhook], error) {
	if err := manageHooks(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Webhooks(ctx, c.ID, in.Limit+1)
	return page(in.PageInput, rows, func(r db.WebhooksRow) cursor { return cursor{ID: r.ID} }, func(r db.WebhooksRow) Webhook { return webhookOf(db.WebhookRow(r)) }), err
}

func (s *Server) getWebhook(ctx context.Context, in *ByID) (*One[Webhook], error) {
	if err := manageHooks(ctx); err != nil {
		return nil, err
	}
	r, err := s.store.Webhook(ctx, in.ID)
	return one(webhookOf(r), r.Version), err
}

func (s *Server) editWebhook(ctx context.Context, in *patchInput[WebhookEdit]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, webhookKind, in.ID, "edit", in.Body, access.ManageHooks)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		row, err := lockHook(ctx, q, r)
		if err != nil {
			return nil, err
		}
		before := webhookOf(db.WebhookRow(row))
		after := before
		set(&after.URL, in.Body.URL)
		set(&after.Events, in.Body.Events)
		set(&after.Description, in.Body.Description)
		set(&after.State, in.Body.State)
		if err := s.checked(&after); err != nil {
			return nil, err
		}
		changes := postgres.Diff(before.audited(), after.audited())
		if len(changes) == 0 {
			return before, nil
		}
		err = q.WriteWebhook(ctx, db.WriteWebhookParams{ID: in.ID, Url: after.URL, Description: after.Description, Events: after.Events, ClientID: after.ClientID, State: after.State, Now: s.store.Now()})
		if err != nil {
			return nil, err
		}
		after.Failures, after.FailingSince = 0, nil
		after.Version++
		return after, r.audited(ctx, s, q, after.Version, changes, "")
	})
}

func (s *Server) deleteWebhook(ctx context.Context, in *noBody) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, webhookKind, in.ID, "delete", struct{}{}, access.ManageHooks)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		row, err := lockHook(ctx, q, r)
		if err == nil {
			_, err = q.DeleteWebhook(ctx, in.ID)
		}
		if err != nil {
			return nil, err
		}
		return struct{}{}, r.audited(ctx, s, q, row.Version+1, postgres.Diff(webhookOf(db.WebhookRow(row)).audited(), struct{}{}), "")
	})
}

func (s *Server) rotateWebhook(ctx context.Context, in *noBody) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, webhookKind, in.ID, "rotate-secret", struct{}{}, access.ManageHooks)
	if err == nil {
		err = s.canSeal()
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	bits, text := webhook.NewSecret()
	var version int32 // that this request made
	d, err := s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		row, err := lockHook(ctx, q, r)
		if err == nil {
			err = q.RotateWebhookSecret(ctx, db.RotateWebhookSecretParams{ID: in.ID, EarlierUntil: ptr(s.store.Now().Add(earlierSecret)), Secret: s.key.Seal(bits, webhook.Owner(in.ID))})
		}
		if err != nil {
			return nil, err
		}
		w := webhookOf(db.WebhookRow(row))
		w.Version++
		version = w.Version
		return w, r.audited(ctx, s, q, w.Version, nil, "")
	})
	if err != nil {
		return nil, err
	}
	return s.secretOnce(d, func(w Webhook) bool { return w.Version == version }, text)
}
