package worker

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/story"
	"steward/internal/webhook"
)

// spreading is how many entries of the audit are taken in one transaction.
const spreading = 500

// happening is what a receiver is told: what happened to what, and when. What
// it says is to be asked for, by somebody who may.
type happening = webhook.Event[concerned]

type concerned struct {
	ID        uuid.UUID  `json:"id"`
	Kind      string     `json:"kind"`
	Key       string     `json:"key,omitempty"`
	Version   int32      `json:"version,omitempty"`
	ClientID  uuid.UUID  `json:"client_id,omitzero"`
	ProjectID *uuid.UUID `json:"project_id,omitempty"`
}

// spread makes deliveries of what was written to the audit: for each webhook
// that wants it one, with which it stands in the same transaction. It tells
// whether there may be more.
func (c *Courier) spread(ctx context.Context) (more bool, err error) {
	err = c.Store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		more = false
		if alone, err := q.LockSpreading(ctx); err != nil || !alone {
			return err
		}
		events, err := q.TakeWebhookFeed(ctx, spreading)
		if err != nil || len(events) == 0 {
			return err
		}
		more = len(events) == spreading
		hooks, err := q.ListeningWebhooks(ctx)
		if err != nil {
			return err
		}
		told, err := happened(ctx, q, events)
		if err != nil {
			return err
		}
		if p := c.deliveries(told, hooks); len(p.Ids) > 0 {
			return q.InsertDeliveries(ctx, p)
		}
		return nil
	})
	return more, err
}

// entry is one of the audit that is an event.
type entry struct {
	audit uuid.UUID
	happening
}

// happened are the events among entries of the audit, with whose they are.
func happened(ctx context.Context, q *db.Queries, events []db.TakeWebhookFeedRow) ([]entry, error) {
	var told []entry
	var ids []uuid.UUID
	for _, e := range events {
		if name := story.Happened(e.EntityKind, e.Verb, e.Changes); name != "" {
			told = append(told, entry{e.ID, happening{Type: name, Timestamp: e.At.UTC(), Data: concerned{ID: e.EntityID, Kind: e.EntityKind, Version: e.Version}}})
			ids = append(ids, e.EntityID)
		}
	}
	if len(told) == 0 {
		return nil, nil
	}
	facts, err := q.WebhookFacts(ctx, ids)
	of := make(map[uuid.UUID]db.WebhookFactsRow, len(facts))
	for _, f := range facts {
		of[f.ID] = f
	}
	for i, e := range told {
		f := of[e.Data.ID]
		told[i].Data.Key, told[i].Data.ClientID, told[i].Data.ProjectID = f.Key, f.ClientID, f.ProjectID
	}
	return told, err
}

// deliveries are what each webhook is to be told, in the order in which it
// happened.
func (c *Courier) deliveries(told []entry, hooks []db.ListeningWebhooksRow) db.InsertDeliveriesParams {
	p := db.InsertDeliveriesParams{Now: c.Store.Now()}
	for _, e := range told {
		for _, w := range hooks {
			if !wants(w, e.happening) {
				continue
			}
			p.Ids, p.WebhookIds, p.AuditIds = append(p.Ids, c.Store.NewID()), append(p.WebhookIds, w.ID), append(p.AuditIds, e.audit)
			p.Types, p.Bodies = append(p.Types, e.Type), append(p.Bodies, string(postgres.JSON(e.happening)))
		}
	}
	return p
}

func wants(w db.ListeningWebhooksRow, h happening) bool {
	return story.Wants(w.Events, h.Type) && (w.ClientID == nil || *w.ClientID == h.Data.ClientID)
}
